"""Jacobians of one time step, of any cell: its pullback, given one unit adjoint per entry of the states.

Imports ``sweep``. A layer's state is all that its cell carries to the next step: h for the plain cell and the GRU, s
and h for the LSTM, in the order of ``cell.states``; S states of H entries are n = S·H numbers.

What lies below a layer in the same step is no function of that layer's states. So the product of a layer's own
Jacobians is the total effect of its state at k on its state at t, over every route there is; nothing is left out.

Source: Pascanu, Mikolov & Bengio, *On the difficulty of training recurrent neural networks* (2013), eq. 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from bptt_viz.cells import X
from bptt_viz.sweep import AtAllSteps, pull_back

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bptt_viz.activations import Array
    from bptt_viz.cells import Cell
    from bptt_viz.equations import Scope
    from bptt_viz.tracing import Trace

#: How many numbers the Jacobians that are made together may have: 16 MB.
TOGETHER: Final = 2_000_000


def pull_units(cell: Cell, outputs: Mapping[str, Array], scope: Scope) -> tuple[dict[str, Array], dict[str, Array]]:
    """The derivatives of every entry of the states, pulled back through one step.

    Parameters
    ----------
    outputs
        Each equation's value, [H] at one step, [T, H] at all of them.

    Returns
    -------
    tuple
        By the step's own variables, the input x among them, and by the states before: name → [n, H] or [n, T, H].
    """
    *steps, hidden = outputs[cell.states[0]].shape
    rows = len(cell.states) * hidden
    units = np.eye(rows).reshape(rows, *(1 for _ in steps), rows)
    units = np.broadcast_to(units, (rows, *steps, rows))
    incoming = dict(zip(cell.states, np.split(units, len(cell.states), axis=-1), strict=True))
    carried = pull_back(cell.equations, incoming, outputs, scope)
    return incoming, carried


def state_size(trace: Trace, layer: int | None) -> int:
    """The number n of entries of a layer's states; of all layers' for None."""
    return sum(len(values) for _, _, values in _states(trace, layer))


def place(trace: Trace, layer: int | None, state: str, of_layer: int = -1) -> slice:
    """Where a state stands among the rows and columns of the Jacobians of ``layer``.

    ``of_layer`` tells which layer's state is meant where ``layer`` is None, the whole network's.

    Raises
    ------
    KeyError
        If there is no such state.
    """
    wanted = (of_layer if layer is None else layer) % len(trace.layers)
    start = 0
    for index, name, values in _states(trace, layer):
        if (index, name) == (wanted, state):
            return slice(start, start + len(values))
        start += len(values)
    raise KeyError(state)


def pieces(trace: Trace, layer: int | None, first: int, last: int) -> Iterator[tuple[int, int]]:
    """The steps first..last in runs whose Jacobians fit in memory together, each run's ends included."""
    at_once = max(1, TOGETHER // state_size(trace, layer) ** 2)
    yield from ((start, min(start + at_once - 1, last)) for start in range(first, last + 1, at_once))


def step_jacobians(trace: Trace, layer: int | None = -1, first: int = 1, last: int | None = None) -> Array:
    """∂(states at t)/∂(states at t − 1) for t = first..last.

    Parameters
    ----------
    layer
        The layer, the top one by default. None: the states of all layers together, from the lowest upwards; the
        Jacobian is then block lower triangular, as a layer hears of the ones below it in the same step.

    Returns
    -------
    Array
        [last − first + 1, n, n].

    Raises
    ------
    IndexError
        If the steps are not within 1..T.
    """
    last = trace.T if last is None else last
    if not 1 <= first <= last <= trace.T:
        raise IndexError(f"steps: expected first <= last within 1..{trace.T}, found {first}..{last}")
    size = state_size(trace, layer)
    jacobians = np.zeros((last - first + 1, size, size))
    with np.errstate(all="ignore"):
        for stage in trace.network.stages(trace.T):
            begin, end = max(first, stage.first), min(last, stage.last)
            if begin <= end:
                _fill(jacobians[begin - first : end - first + 1], trace, stage.cells, layer, begin)
    return jacobians


def _fill(jacobians: Array, trace: Trace, cells: tuple[Cell, ...], layer: int | None, first: int) -> None:
    """The Jacobians of a run of steps with the same parameters, [steps, n, n], in place."""
    layers = range(len(cells)) if layer is None else (layer,)
    widest = max(values.shape[1] for index in layers for values in trace.layers[index].values.values())
    at_once = max(1, TOGETHER // (jacobians.shape[1] * widest))
    for start in range(0, len(jacobians), at_once):
        some = jacobians[start : start + at_once]
        from_ = first + start - 1
        below: Array | None = None
        for index in layers:
            cell = cells[index]
            seen = {name: rows[from_ : from_ + len(some) + 1] for name, rows in trace.layers[index].values.items()}
            outputs = {equation.name: seen[equation.name][1:] for equation in cell.equations}
            within, carried = pull_units(cell, outputs, AtAllSteps(seen, trace.parameters))
            rows = slice(place(trace, layer, cell.states[0], index).start, place(trace, layer, "h", index).stop)
            for state, share in carried.items():
                some[:, rows, place(trace, layer, state, index)] = share.swapaxes(0, 1)
            if below is not None:
                some[:, rows] += within[X.name].swapaxes(0, 1) @ below
            if layer is None:
                below = some[:, place(trace, layer, "h", index)].copy()


def _states(trace: Trace, layer: int | None) -> Iterator[tuple[int, str, Array]]:
    """Layer, name and first value of every state, in the order of the Jacobians' rows."""
    for index, cell in enumerate(trace.network.cells):
        if layer is None or index == layer % len(trace.network.cells):
            for state in cell.states:
                yield index, state, trace.layers[index].values[state][0]
