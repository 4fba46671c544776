"""What W and φ alone prove of ‖∂h_t/∂h_k‖ as t − k grows. Imports ``bounds`` and ``spectra``.

With n = t − k, ∂h_t/∂h_k is a product of n Jacobians diag(φ′(a_j)) W. Its norm is at most (σ_max(W)·max φ′)^n. Where φ
is the identity it is ‖Wⁿ‖, which lies within σ_min(W)^n..σ_max(W)^n and is at least ρ(W)^n, and of which the n-th root
tends to ρ(W).

Sources: Pascanu, Mikolov & Bengio, *On the difficulty of training recurrent neural networks* (2013), §2.1 and its
supplement on the linear model; Gelfand's formula for the limit of ‖Wⁿ‖^(1/n).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from msgspec import Struct

from bptt_viz.flow.bounds import recurrences

if TYPE_CHECKING:
    from bptt_viz.tracing import Trace

#: Factors that are this near to 1 are 1 but for rounding; eigenvalues of matrices that are not normal are less exact.
_ROUNDING: Final = 1e-12
_ROUNDED_RADIUS: Final = 1e-6

Proof = Literal["must_vanish", "must_grow", "kept", "cannot_explode", "limit_vanishes", "limit_explodes", "may_explode"]


class Outlook(Struct, frozen=True):
    """What is proved, and the number that proves it.

    Attributes
    ----------
    proof
        ``must_vanish``: the bound's factor is below 1; ``must_grow``: φ is the identity and σ_min(W) above 1; ``kept``:
        φ is the identity and ρ(W) = σ_max(W) = 1; ``cannot_explode``: the factor is 1; ``limit_vanishes``,
        ``limit_explodes``: φ is the identity and ρ(W) below, above 1; ``may_explode``: nothing is, as the factor is
        above 1.
    matrix
        The name of the W that decides.
    factor
        σ_max(W)·max φ′; σ_min(W) for ``must_grow``; ρ(W) for the limits.
    """

    proof: Proof
    matrix: str
    factor: float


def outlook(trace: Trace, t: int, layer: int = -1) -> Outlook | None:
    """What the matrices of steps 1..t prove; None for cells of gates, and where some matrix is not finite.

    Where an encoder and a decoder have matrices of their own, what is said is true of products of both.
    """
    found = recurrences(trace, t, layer)
    if found is None or not all(np.isfinite(trace.parameters[name]).all() for name, _ in found):
        return None
    values = {name: np.linalg.svd(trace.parameters[name], compute_uv=False) for name, _ in found}
    factor, matrix = max((float(values[name][0]) * steepest, name) for name, steepest in found)
    linear = trace.scenario.network.activation == "identity"
    if factor < 1 - _ROUNDING:
        return Outlook("must_vanish", matrix, factor)
    least, smallest = min((float(values[name][-1]), name) for name, _ in found)
    if linear and least > 1 + _ROUNDING:
        return Outlook("must_grow", smallest, least)
    radius = float(np.abs(np.linalg.eigvals(trace.parameters[matrix])).max()) if linear and len(found) == 1 else np.nan
    if factor <= 1 + _ROUNDING:
        return Outlook("kept" if radius >= 1 - _ROUNDED_RADIUS else "cannot_explode", matrix, 1.0)
    if radius < 1 - _ROUNDED_RADIUS:
        return Outlook("limit_vanishes", matrix, radius)
    if radius > 1 + _ROUNDED_RADIUS:
        return Outlook("limit_explodes", matrix, radius)
    return Outlook("may_explode", matrix, factor)
