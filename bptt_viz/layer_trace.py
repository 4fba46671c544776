"""What one layer leaves behind of a run: its results and their adjoints at every step. Imports no other module."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bptt_viz.activations import Array


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """One layer's share of a trace.

    Attributes
    ----------
    values
        Each equation's name → [T + 1, H]; row 0 is what was given before t = 1.
    adjoints
        Each equation's name → ∂L/∂it, [T, H].
    from_above
        The part of ∂L/∂h_t that comes from the output (or the layer above), [T, H].
    dropped
        Under a window, each equation's name → the part of its adjoint at t that goes no further, as it comes from the
        loss that is too far from t − 1, [T, H]; empty otherwise.
    """

    values: Mapping[str, Array]
    adjoints: Mapping[str, Array]
    from_above: Array
    dropped: Mapping[str, Array] = field(default_factory=dict)

    @property
    def h(self) -> Array:
        """Hidden states h_t, [T, H]."""
        return self.values["h"][1:]

    @property
    def a(self) -> Array:
        """Pre-activations a_t of the plain cell, [T, H]."""
        return self.values["a"][1:]

    @property
    def dL_dh(self) -> Array:
        """Hidden gradients ∂L/∂h_t, [T, H]."""
        return self.adjoints["h"]

    @property
    def delta(self) -> Array:
        """Error terms δ_t = ∂L/∂a_t of the plain cell, [T, H]."""
        return self.adjoints["a"]

    @property
    def cell(self) -> Array:
        """Cell states s_t of the LSTM, [T, H]."""
        return self.values["s"][1:]

    @property
    def dL_dcell(self) -> Array:
        """∂L/∂s_t of the LSTM, [T, H]."""
        return self.adjoints["s"]

    def freeze(self) -> None:
        """Make every array read-only."""
        for rows in (*self.values.values(), *self.adjoints.values(), *self.dropped.values(), self.from_above):
            rows.setflags(write=False)
