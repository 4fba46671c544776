"""What bounds ‖∂h_t/∂h_k‖: powers of σ_max(W)·max φ′, or the Jacobians' own largest singular values.

Imports ``jacobians``. It is the singular values that bound a product of Jacobians, not the eigenvalues.

Source: Pascanu, Mikolov & Bengio, *On the difficulty of training recurrent neural networks* (2013), §2.1:
σ_max(W)·max φ′ < 1 suffices for vanishing; > 1 is necessary for exploding, and does not suffice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bptt_viz.activations import ACTIVATIONS
from bptt_viz.cells import H_PREVIOUS
from bptt_viz.equations import Activation, Affine, Variable
from bptt_viz.flow.scaled import Scaled
from bptt_viz.jacobians import pieces, step_jacobians

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.activations import Array
    from bptt_viz.cells import Cell
    from bptt_viz.tracing import Trace


def bound(trace: Trace, t: int, layer: int = -1) -> Array | None:
    """log₁₀ of (σ_max(W)·max φ′)^(t−k), indexed by t − k: [t + 1]; None for cells of gates, where it does not hold.

    Where an encoder and a decoder have matrices of their own, the factor of each step is that of its own W.
    """
    found = [plain_recurrence(cell) for cell in _cells(trace, t, layer)]
    factors: list[float] = []
    norms: dict[str, float] = {}
    for one in found:
        if one is None:
            return None
        matrix, steepest = one
        if matrix not in norms:
            norms[matrix] = float(Scaled.of(trace.parameters[matrix]).log_norms())
        factors.append(norms[matrix] + float(np.log10(steepest)))
    return _summed_back(np.array(factors))


def measured_bound(trace: Trace, t: int, layer: int = -1) -> Array:
    """log₁₀ of ∏ σ_max(∂(states at j)/∂(states at j − 1)), j = k+1..t, indexed by t − k: [t + 1]; for any cell."""
    logs = [
        Scaled.of(step_jacobians(trace, layer, first, last)).log_norms() for first, last in pieces(trace, layer, 1, t)
    ]
    return _summed_back(np.concatenate(logs))


def recurrences(trace: Trace, t: int, layer: int = -1) -> tuple[tuple[str, float], ...] | None:
    """Each W that steps 1..t use, by name, with max φ′; None for cells of gates."""
    found = [plain_recurrence(stage.cells[layer]) for stage in trace.network.stages(t)]
    return tuple(dict.fromkeys(one for one in found if one is not None)) if None not in found else None


def plain_recurrence(cell: Cell) -> tuple[str, float] | None:
    """The name of W and max φ′, where the cell is h = φ(… + W h⁻ + …); None for any other."""
    by_name = {equation.name: equation.right for equation in cell.equations}
    match by_name.get("h"):
        case Activation(function, Variable(name, 0)) if cell.states == ("h",) and isinstance(by_name[name], Affine):
            affine = by_name[name]
            assert isinstance(affine, Affine)
            matrices = [matrix for matrix, vector in affine.terms if vector == H_PREVIOUS]
            return (matrices[0], ACTIVATIONS[function].steepest) if len(matrices) == 1 else None
        case _:
            return None


def _cells(trace: Trace, t: int, layer: int) -> Iterator[Cell]:
    """The layer's cell at steps 1..t."""
    return (trace.network.cells_at(step)[layer] for step in range(1, t + 1))


def _summed_back(factors: Array) -> Array:
    """Sums of the last 0, 1, 2, … factors."""
    return np.concatenate([[0.0], np.cumsum(factors[::-1])])
