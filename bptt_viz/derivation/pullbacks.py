"""The engine's own Jacobians: its pullbacks, given one unit adjoint per result. Imports ``jacobians``; never sympy.

They come as the blocks of a :class:`bptt_viz.derivation.result.Jacobian` do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bptt_viz.cells import X
from bptt_viz.derivation.naming import layer_of, of_output
from bptt_viz.equations import pull_to_variables
from bptt_viz.jacobians import pull_units, step_jacobians
from bptt_viz.sweep import AtStep, pull_back, uses

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.derivation.result import Jacobian
    from bptt_viz.derivation.window import Shape
    from bptt_viz.sweep import Use
    from bptt_viz.tracing import Trace


def blocks(jacobian: Jacobian, trace: Trace, shape: Shape, t: int) -> list[Array]:
    """The engine's blocks of a factor at step ``t``; after those of a sparse one what lies outside them.

    ``shape`` says what was derived: its parameter's layer.
    """
    size = trace.layers[-1].h.shape[1]
    match jacobian.kind:
        case "loss":
            now = slice(t - 1, t)
            return [trace.loss_kind.gradient(trace.o[now], trace.y_hat[now], trace.y[now])]
        case "output":
            return _output(trace, t)
        case "step":
            (whole,) = step_jacobians(trace, None, t, t)
            return _blocks(whole, size)
        case "upward":
            return _blocks(_upward(trace, t, layer_of(shape)), size)
        case _:
            found = [_sparse(use) if jacobian.sparse else _by_unit(use) for use in _direct(trace, shape, t)]
            return [sum(same, start=np.zeros(1)) for same in zip(*found, strict=True)]


def _blocks(whole: Array, size: int) -> list[Array]:
    """Squares of a matrix, row by row."""
    rows, columns = (length // size for length in whole.shape)
    return [block for row in np.split(whole, rows) for block in np.split(row, columns, axis=1)]


def _output(trace: Trace, t: int) -> list[Array]:
    """∂o_t by all states: all but the last are not read."""
    size = trace.layers[-1].h.shape[1]
    total = np.zeros((trace.o.shape[1], size))
    scope = AtStep(trace.layers[-1].values, trace.parameters, t)
    for _, share in pull_to_variables(trace.network.output.right, np.eye(len(total)), None, scope):
        total = total + share
    others = sum(len(cell.states) for cell in trace.network.cells) - 1
    return [*[np.zeros_like(total)] * others, total]


def _upward(trace: Trace, t: int, layer: int) -> Array:
    """All states by those of one layer, what came before held fixed: unit adjoints, pulled down through the step."""
    cells = trace.network.cells_at(t)
    size = trace.layers[layer].h.shape[1]
    rows = sum(len(cell.states) for cell in cells) * size
    end, reached = rows, np.zeros((rows, size))
    incoming: dict[str, Array] = {}
    for index in range(len(cells) - 1, layer - 1, -1):
        states = cells[index].states
        end -= len(states) * size
        incoming = {state: np.eye(rows, size, -end - place * size) for place, state in enumerate(states)}
        incoming["h"] = incoming["h"] + reached
        if index > layer:
            outputs = _outputs(trace, t, index)
            pull_back(cells[index].equations, incoming, outputs, _scope(trace, t, index))
            reached = incoming[X.name]
    return np.hstack([incoming[state] for state in cells[layer].states])


def _direct(trace: Trace, shape: Shape, t: int) -> list[Use]:
    """Every use of a parameter at a step, with a row of adjoints per entry of the layer's states, or of the output."""
    network, layer = trace.network, layer_of(shape)
    scope = _scope(trace, t, layer)
    if of_output(shape):
        found = uses(network.output.right, np.eye(trace.o.shape[1]), None, scope)
        return [use for name, use in found if name == shape.parameter]
    cell, outputs = network.cells_at(t)[layer], _outputs(trace, t, layer)
    incoming, _ = pull_units(cell, outputs, scope)
    return [
        use
        for equation in cell.equations
        for name, use in uses(equation.right, incoming[equation.name], outputs[equation.name], scope)
        if name == shape.parameter
    ]


def _sparse(use: Use) -> list[Array]:
    """Entry [i, j] by entry i of each state and row i of the parameter; then the size of what lies outside."""
    size = use.adjoint.shape[1]
    operand = np.ones(1) if use.operand is None else use.operand
    squares = np.split(use.adjoint, len(use.adjoint) // size)
    inside = [np.diagonal(square)[:, np.newaxis] * operand for square in squares]
    outside = [(square - np.diag(np.diagonal(square))) * np.abs(operand).max() for square in squares]
    return [*inside, *outside]


def _by_unit(use: Use) -> list[Array]:
    """One matrix for each entry of the states."""
    operand = np.ones(1) if use.operand is None else use.operand
    return list(use.adjoint[:, :, np.newaxis] * operand)


def _outputs(trace: Trace, t: int, layer: int) -> dict[str, Array]:
    """The value of each of a layer's equations."""
    cell = trace.network.cells_at(t)[layer]
    return {equation.name: trace.layers[layer].values[equation.name][t] for equation in cell.equations}


def _scope(trace: Trace, t: int, layer: int) -> AtStep:
    return AtStep(trace.layers[layer].values, trace.parameters, t)
