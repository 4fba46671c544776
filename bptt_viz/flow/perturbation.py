"""The butterfly effect: h₀ moved a little, the sequence run again, and the distance over time. Imports ``passes``.

Beside it stands what the first derivative predicts, ‖∂h_t/∂h₀ · εv‖: they part where the distance is no longer small.

Source: Pascanu, Mikolov & Bengio (2013), §2.2, on recurrent networks as dynamical systems.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from bptt_viz import passes
from bptt_viz.flow.scaled import LOG10_OF_2, Scaled
from bptt_viz.jacobians import pieces, place, state_size, step_jacobians
from bptt_viz.ledger import lengths

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.tracing import Trace

#: The sizes of a perturbation to choose from.
SIZES: Final = (1e-3, 1e-6, 1e-9)


class Perturbation(Struct, frozen=True, eq=False):
    """A perturbed h₀ and what becomes of it.

    Attributes
    ----------
    size
        ε.
    layer
        Whose h₀ was moved, from 0.
    direction
        v, of length 1, [H].
    distances
        ‖h̃_t − h_t‖ of that layer for t = 0..T, [T + 1]. Rounding limits them to about 1e-16 of ‖h_t‖.
    predicted
        log₁₀ ‖∂h_t/∂h₀ · εv‖, [T + 1].
    """

    size: float
    layer: int
    direction: Array
    distances: Array
    predicted: Array

    @property
    def log_distances(self) -> Array:
        """log₁₀ of the distances, [T + 1]; −∞ where nothing is left of the perturbation."""
        with np.errstate(divide="ignore"):
            logs: Array = np.log10(self.distances)
        return logs


def perturb(trace: Trace, size: float = 1e-6, direction: Array | None = None, layer: int = -1) -> Perturbation:
    """Move a layer's h₀ by ε along a direction and run the sequence again.

    Parameters
    ----------
    direction
        [H], of any length but 0; by default the one that grows most up to T.

    Raises
    ------
    ValueError
        If the size is not positive or the direction has no length.
    """
    if not 0 < size < np.inf:
        raise ValueError(f"size: expected a positive number, found {size}")
    layer %= len(trace.layers)
    v = growing_direction(trace, layer) if direction is None else np.asarray(direction, dtype=np.float64)
    length = float(lengths(v))
    if not 0 < length < np.inf:
        raise ValueError(f"direction: expected a vector of some finite length, found {length}")
    v = v / length
    starts = list(trace.network.initial_states)
    starts[layer] = starts[layer] + size * v
    with np.errstate(all="ignore"):
        values, _ = passes.forward(replace(trace.network, initial_states=tuple(starts)), trace.x)
        distances = lengths(values[layer]["h"] - trace.layers[layer].values["h"])
    return Perturbation(size, layer, v, distances, _predicted(trace, layer, size * v))


def growing_direction(trace: Trace, layer: int = -1) -> Array:
    """The direction of a layer's h₀ that its h_T is most sensitive to, [H].

    It is the right singular vector of ∂h_T/∂h₀ for the largest singular value, its largest entry positive; e₁ where
    that Jacobian is 0 or not finite.
    """
    hidden = place(trace, layer, "h")
    product = Scaled.of(np.eye(state_size(trace, layer))[None, hidden])
    for first, last in reversed(list(pieces(trace, layer, 1, trace.T))):
        steps = Scaled.of(step_jacobians(trace, layer, first, last))
        for index in range(last - first, -1, -1):
            product = product @ steps[index : index + 1]
    reached = product.matrices[0][:, hidden]
    if not np.isfinite(reached).all() or not reached.any():
        return np.eye(reached.shape[1])[:, 0]
    v: Array = np.linalg.svd(reached).Vh[0]
    largest = v[np.argmax(np.abs(v))]
    return v if largest > 0 else -v


def _predicted(trace: Trace, layer: int, moved: Array) -> Array:
    """log₁₀ of the length of the perturbation carried on by the Jacobians, [T + 1]."""
    hidden = place(trace, layer, "h")
    column = np.zeros((1, state_size(trace, layer), 1))
    column[0, hidden, 0] = moved
    reached = Scaled.of(column)
    logs = [_log_length(reached, hidden)]
    for first, last in pieces(trace, layer, 1, trace.T):
        steps = Scaled.of(step_jacobians(trace, layer, first, last))
        for index in range(last - first + 1):
            reached = steps[index : index + 1] @ reached
            logs.append(_log_length(reached, hidden))
    return np.array(logs)


def _log_length(column: Scaled, rows: slice) -> float:
    with np.errstate(divide="ignore"):
        return float(np.log10(np.linalg.norm(column.matrices[0, rows])) + column.exponents[0] * LOG10_OF_2)
