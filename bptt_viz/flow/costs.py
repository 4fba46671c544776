"""How much work the parts of this package are, in multiply-adds. Imports ``jacobians`` and ``spectra``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bptt_viz.flow.spectra import MOST_POWERS, recurrent_matrices
from bptt_viz.jacobians import state_size

if TYPE_CHECKING:
    from bptt_viz.tracing import Trace

#: What takes about a hundredth of a second.
CHEAP: Final = 100_000_000

#: What the singular values of an n×n matrix are worth, per n³; what handling one product of a sequence, one norm of
#: many and one equation of one step are worth besides: measured.
_SINGULAR_VALUES: Final = 20
_HANDLING: Final = 200_000
_NORM: Final = 20_000
_EQUATION: Final = 100_000


def of_triangle(trace: Trace, layer: int, count: int) -> int:
    """The norms of a triangle of ``count`` steps."""
    size, hidden = state_size(trace, layer), _hidden(trace)
    each = size * size * hidden + _SINGULAR_VALUES * hidden**3 + _NORM
    return trace.T * (size**3 + _HANDLING) + count * (count + 1) // 2 * each


def of_curves(trace: Trace, t: int, layer: int) -> int:
    """All curves of one step."""
    size, hidden = state_size(trace, layer), _hidden(trace)
    products = 1 if size == hidden else 4
    each = products * (size * size * hidden + _SINGULAR_VALUES * hidden**3 + _HANDLING)
    together = 0 if size == hidden else size**3 + _SINGULAR_VALUES * size**3 + _HANDLING
    return t * (each + together + _SINGULAR_VALUES * size**3 + size * size * hidden)


def of_spectra(trace: Trace, layer: int) -> int:
    """The spectra of a layer's recurrent matrices."""
    matrices = len(recurrent_matrices(trace.network.cells[layer]))
    return matrices * min(trace.T, MOST_POWERS) * (_SINGULAR_VALUES * _hidden(trace) ** 3 + _HANDLING)


def of_perturbation(trace: Trace, layer: int) -> int:
    """One run of the sequence from another h₀, and the two products of Jacobians beside it."""
    size = state_size(trace, layer)
    equations = sum(len(cell.equations) for cell in trace.network.cells)
    return trace.T * (size * size * _hidden(trace) + 2 * _HANDLING + equations * _EQUATION)


def _hidden(trace: Trace) -> int:
    return len(trace.network.initial_states[0])
