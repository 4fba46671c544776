"""One network and one forward pass under several truncations: gradients, costs, how far apart. Imports ``passes``."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from bptt_viz import gradients, multiply_adds, passes, truncation
from bptt_viz.ledger import lengths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bptt_viz.activations import Array
    from bptt_viz.scenario import BackwardTable
    from bptt_viz.tracing import Trace
    from bptt_viz.truncation import Truncation


class Compared(Struct, frozen=True, eq=False):
    """One truncation.

    Attributes
    ----------
    gradients
        Name → ∇θ, the sum of the terms that are kept, with their weights.
    cost
        Multiply-adds of the backward pass, as :mod:`bptt_viz.multiply_adds` counts them.
    """

    table: BackwardTable
    truncation: Truncation
    gradients: Mapping[str, Array]
    cost: int

    def cost_beside(self, other: Compared) -> float | None:
        """How many times as many multiply-adds as another's; None where that takes none."""
        return self.cost / other.cost if other.cost else None


class Apart(Struct, frozen=True):
    """A gradient beside the full one.

    Attributes
    ----------
    norm
        ‖g‖.
    angle
        Between g and the full gradient, in degrees, 0..180; None where one of them is 0 or not finite.
    distance
        ‖g − g_full‖.
    relative
        The distance, divided by ‖g_full‖; None where that is 0.
    rounded
        Whether what differed was within rounding, and so is told as 0.
    """

    norm: float
    angle: float | None
    distance: float
    relative: float | None
    rounded: bool = False


def compare(trace: Trace, table: BackwardTable) -> Compared:
    """The gradients of a trace's forward pass under ``table``, whatever the trace's own truncation."""
    kept = truncation.of(table, trace.T)
    values = [dict(layer.values) for layer in trace.layers]
    with np.errstate(all="ignore"):
        _, uses = passes.backward(trace.network, values, trace.dL_do, kept)
        totals = gradients.totals(uses)
    return Compared(table, kept, totals, multiply_adds.of_gradients(trace.network, trace.has_target, kept))


def rounding(trace: Trace) -> float:
    """How far apart rounding may bring two gradients of the same terms, as a share of the longer: n ε.

    That is the bound of a sum of products to first order (Higham 2002, §3.1), n being the additions on the longest
    way through the backward pass, T (H + 1) in each layer.
    """
    additions: int = trace.T * sum(len(layer.h[0]) + 1 for layer in trace.layers)
    return additions * sys.float_info.epsilon


@np.errstate(all="ignore")
def apart(gradient: Array, full: Array, within: float = 0.0) -> Apart:
    """How far a gradient is from the full one, of the same shape.

    Parameters
    ----------
    within
        The share of the longer one up to which a difference is rounding, and 0; see :func:`rounding`.
    """
    norm, full_norm, distance = (float(lengths(each.ravel())) for each in (gradient, full, gradient - full))
    angle = None
    if 0 < norm < math.inf and 0 < full_norm < math.inf:
        # Exact for small angles, where an arc cosine is not (Kahan).
        one, other = gradient.ravel() / norm, full.ravel() / full_norm
        angle = math.degrees(2 * math.atan2(float(np.linalg.norm(one - other)), float(np.linalg.norm(one + other))))
    rounded = 0 < distance <= within * max(norm, full_norm)
    if rounded:
        distance = 0.0
    if angle is not None and (rounded or angle <= math.degrees(within)):
        angle = 0.0
    return Apart(norm, angle, distance, distance / full_norm if full_norm else None, rounded)
