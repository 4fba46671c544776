"""The engine's own Jacobians: its pullbacks, given one unit adjoint per result. Imports ``sweep``; never sympy.

They come as the blocks of a :class:`bptt_viz.derivation.result.Jacobian` do, of networks of one layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bptt_viz.equations import pull_to_variables, reads
from bptt_viz.jacobians import pull_units
from bptt_viz.sweep import AtStep, uses

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.derivation.result import Jacobian
    from bptt_viz.sweep import Use
    from bptt_viz.tracing import Trace


def blocks(jacobian: Jacobian, trace: Trace, parameter: str, t: int) -> list[Array]:
    """The engine's blocks of a factor at step ``t``; after those of a sparse one what lies outside them."""
    match jacobian.kind:
        case "loss":
            now = slice(t - 1, t)
            return [trace.loss_kind.gradient(trace.o[now], trace.y_hat[now], trace.y[now])]
        case "output":
            return _output(trace, t)
        case "step":
            return _step(trace, t)
        case _:
            found = [_sparse(use) if jacobian.sparse else _by_unit(use) for use in _direct(trace, parameter, t)]
            return [sum(same, start=np.zeros(1)) for same in zip(*found, strict=True)]


def _output(trace: Trace, t: int) -> list[Array]:
    """∂o_t by all states."""
    states = trace.network.cells[-1].states
    found = {state: np.zeros((trace.o.shape[1], trace.layers[-1].h.shape[1])) for state in states}
    unit = np.eye(trace.o.shape[1])
    for variable, share in pull_to_variables(trace.network.output.right, unit, None, _scope(trace, t)):
        found[variable.name] = found[variable.name] + share
    return list(found.values())


def _pulled_back(trace: Trace, t: int) -> tuple[dict[str, Array], dict[str, Array]]:
    """The adjoints of a step's variables and of the states before it, one row per entry of each state."""
    (cell,), (layer,) = trace.network.cells, trace.layers
    outputs = {equation.name: layer.values[equation.name][t] for equation in cell.equations}
    return pull_units(cell, outputs, _scope(trace, t))


def _step(trace: Trace, t: int) -> list[Array]:
    """All states by all states before, row by row."""
    _, carried = _pulled_back(trace, t)
    states = trace.network.cells[-1].states
    size = trace.layers[-1].h.shape[1]
    rows = {state: np.split(carried.get(state, np.zeros((len(states) * size, size))), len(states)) for state in states}
    return [rows[before][index] for index in range(len(states)) for before in states]


def _direct(trace: Trace, parameter: str, t: int) -> list[Use]:
    """Every use of a parameter at a step, with one row of adjoints per entry of the states, or of the output."""
    network, scope = trace.network, _scope(trace, t)
    if reads(network.output.right, parameter):
        found = uses(network.output.right, np.eye(trace.o.shape[1]), None, scope)
        return [use for name, use in found if name == parameter]
    incoming, _ = _pulled_back(trace, t)
    return [
        use
        for equation in network.cells[-1].equations
        for name, use in uses(equation.right, incoming[equation.name], trace.layers[-1].values[equation.name][t], scope)
        if name == parameter
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


def _scope(trace: Trace, t: int) -> AtStep:
    return AtStep(trace.layers[-1].values, trace.parameters, t)
