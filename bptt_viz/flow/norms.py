"""‖∂h_t/∂h_k‖: how much of a state's derivative reaches another step. Imports ``jacobians``.

∂h_t/∂h_k = ∏_{j=k+1..t} ∂h_j/∂h_{j−1}; norms are spectral, the largest singular values, and given as log₁₀, so that
they go on where the numbers themselves are no floats any more. The states of a layer at step k other than the one that
is meant are held fixed: beside h_k the LSTM's s_k. The layers below are not affected, those above do not feed back.

Sources: Bengio, Simard & Frasconi, *Learning long-term dependencies with gradient descent is difficult* (1994), §III;
Pascanu, Mikolov & Bengio, *On the difficulty of training recurrent neural networks* (2013), eq. 5; for the routes of
the LSTM, Hochreiter & Schmidhuber, *Long short-term memory* (1997), §3.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from bptt_viz.flow.scaled import Scaled
from bptt_viz.jacobians import pieces, place, state_size, step_jacobians

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bptt_viz.activations import Array
    from bptt_viz.tracing import Trace


class Routes(Struct, frozen=True, eq=False):
    """‖∂c_t/∂c_k‖ of a carried state c, the LSTM's s, by the way the derivative goes; log₁₀ by t − k, [t + 1].

    ∂s_t/∂s_k is the sum of two matrices: that of the path that never leaves s, ∏ diag(f_j), and that of all paths that
    pass through some h in between. Their norms need not add up to that of the sum.

    Attributes
    ----------
    state
        The name of c.
    total
        Over all routes, h_k held fixed.
    direct
        From c to c alone, the hidden states held fixed: the constant error carousel.
    through_hidden
        All the rest.
    """

    state: str
    total: Array
    direct: Array
    through_hidden: Array


def curve(trace: Trace, t: int, layer: int = -1, of: str = "h", by: str = "h") -> Array:
    """log₁₀ ‖∂of_t/∂by_k‖ for k = t..0, indexed by t − k: [t + 1].

    Parameters
    ----------
    of, by
        States of the layer, ``h`` or another that its cell carries.

    Raises
    ------
    IndexError
        If there is no step ``t`` in 1..T.
    KeyError
        If there is no such state.
    """
    rows, columns = place(trace, layer, of), place(trace, layer, by)
    start = np.eye(state_size(trace, layer))[rows]
    return np.concatenate([one.log_norms(columns=columns) for one in _backward(trace, t, layer, start)])


def curve_of_states(trace: Trace, t: int, layer: int = -1) -> Array:
    """log₁₀ ‖∂(states at t)/∂(states at k)‖ of all that a cell carries, s and h together: by t − k, [t + 1].

    Of a cell that carries h alone it is :func:`curve`. It is never below any block's norm.

    Raises
    ------
    IndexError
        If there is no step ``t`` in 1..T.
    """
    start = np.eye(state_size(trace, layer))
    return np.concatenate([one.log_norms() for one in _backward(trace, t, layer, start)])


def derivative(trace: Trace, t: int, k: int, layer: int = -1) -> Array:
    """∂h_t/∂h_k of a layer itself, [H, H]; entries beyond the range of floats are 0 or ∞.

    Raises
    ------
    IndexError
        If not 0 ≤ k ≤ t ≤ T.
    """
    if not 0 <= k <= t <= trace.T:
        raise IndexError(f"t, k: expected 0 <= k <= t <= {trace.T}, found {t}, {k}")
    hidden = place(trace, layer, "h")
    product = Scaled.of(np.eye(state_size(trace, layer))[None, hidden])
    for first, last in reversed(list(pieces(trace, layer, k + 1, t))):
        steps = Scaled.of(step_jacobians(trace, layer, first, last))
        for index in range(last - first, -1, -1):
            product = product @ steps[index : index + 1]
    with np.errstate(over="ignore"):
        whole: Array = np.ldexp(product.matrices[0][:, hidden], product.exponents[0])
    return whole


def routes(trace: Trace, t: int, layer: int = -1) -> Routes | None:
    """The routes of the state that a cell carries beside h; None where there is none."""
    carried, *others = trace.network.cells[layer].states
    if not others:
        return None
    own = place(trace, layer, carried)
    hidden, size = own.stop - own.start, state_size(trace, layer)
    start = np.eye(hidden, hidden + size)
    left = slice(hidden + own.start, hidden + own.stop)
    rest = [one.log_norms(columns=left) for one in _backward(trace, t, layer, start, leaving=own)]
    direct = [one.log_norms() for one in _backward(trace, t, layer, np.eye(hidden), within=own)]
    return Routes(carried, curve(trace, t, layer, carried, carried), np.concatenate(direct), np.concatenate(rest))


def triangle(trace: Trace, layer: int = -1, steps: Sequence[int] | None = None) -> Array:
    """log₁₀ ‖∂h_t/∂h_k‖, t by row and k by column; −∞ above the diagonal, as h_t knows nothing of later states.

    Parameters
    ----------
    steps
        The t and the k that are wanted, ascending within 0..T; all of 1..T by default. The norms are exact however
        far apart the steps are.

    Returns
    -------
    Array
        [G, G] for G steps.

    Raises
    ------
    IndexError
        If the steps are not ascending within 0..T.
    """
    wanted = list(range(1, trace.T + 1)) if steps is None else list(steps)
    if not wanted or wanted[0] < 0 or wanted[-1] > trace.T or wanted != sorted(set(wanted)):
        raise IndexError(f"steps: expected ascending steps within 0..{trace.T}, found {wanted}")
    hidden = place(trace, layer, "h")
    norms = np.full((len(wanted), len(wanted)), -np.inf)
    columns: Scaled | None = None
    unit = Scaled.of(np.eye(state_size(trace, layer))[None, :, hidden])
    for row, between in enumerate((None, *_between(trace, layer, wanted))):
        if columns is None or between is None:
            columns = unit
        else:
            reached = between @ columns
            columns = Scaled(
                np.concatenate([reached.matrices, unit.matrices]), np.concatenate([reached.exponents, unit.exponents])
            )
        norms[row, : row + 1] = columns.log_norms(rows=hidden)
    return norms


def _backward(
    trace: Trace,
    t: int,
    layer: int,
    start: Array,
    within: slice | None = None,
    leaving: slice | None = None,
) -> Iterator[Scaled]:
    """``start`` times ∂(states at t)/∂(states at k), k = t..0, in pieces of several k each.

    ``within`` cuts every Jacobian to one state's own block. ``leaving`` puts that block before the whole Jacobian, so
    that the product keeps the path within the state apart from all paths that have left it.
    """
    if not 1 <= t <= trace.T:
        raise IndexError(f"t: expected 1..{trace.T}, found {t}")
    row = Scaled.of(start[None])
    yield row
    for first, last in reversed(list(pieces(trace, layer, 1, t))):
        jacobians = step_jacobians(trace, layer, first, last)
        if within is not None:
            jacobians = jacobians[:, within, within]
        elif leaving is not None:
            jacobians = _apart(jacobians, leaving)
        steps = Scaled.of(jacobians)
        rows = []
        for index in range(len(jacobians) - 1, -1, -1):
            row = row @ steps[index : index + 1]
            rows.append(row)
        yield Scaled(np.concatenate([one.matrices for one in rows]), np.concatenate([one.exponents for one in rows]))


def _apart(jacobians: Array, own: slice) -> Array:
    """[[J_cc, 0, J_ch], [0, J]]: what stays within a state c, and what has left it."""
    steps, size, _ = jacobians.shape
    hidden = own.stop - own.start
    apart = np.zeros((steps, hidden + size, hidden + size))
    apart[:, :hidden, hidden:] = jacobians[:, own]
    apart[:, :hidden, hidden + own.start : hidden + own.stop] = 0.0
    apart[:, :hidden, :hidden] = jacobians[:, own, own]
    apart[:, hidden:, hidden:] = jacobians
    return apart


def _between(trace: Trace, layer: int, wanted: Sequence[int]) -> Iterator[Scaled]:
    """∂(states at a step)/∂(states at the step before it in ``wanted``), each [1, n, n]."""
    size = state_size(trace, layer)
    for before, after in pairwise(wanted):
        product = Scaled.of(np.eye(size)[None])
        for first, last in pieces(trace, layer, before + 1, after):
            steps = Scaled.of(step_jacobians(trace, layer, first, last))
            for index in range(last - first + 1):
                product = steps[index : index + 1] @ product
        yield product
