"""How far gradients and disturbances reach: products of Jacobians, their bounds, spectra. Imports the core; no text."""
