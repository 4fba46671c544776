"""Traces whose flow is known: plain cells by their W, and the Jacobians of any cells, differentiated by autograd."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import autograd.numpy as anp
import numpy as np
from autograd import jacobian
from test_generic_cells import CELLS, H

from bptt_viz import engine
from bptt_viz.scenario import NetworkTable, Scenario, SequenceTable

if TYPE_CHECKING:
    from bptt_viz.tracing import Trace


def close(ours: Any, theirs: Any) -> None:
    """As near as rounding allows."""
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-10)


def plain(W: Any, steps: int, activation: str = "identity", x: float = 0.0, start: float = 0.0) -> Trace:
    """A plain cell whose Jacobians are diag(φ′) W; all entries of x_t and of h₀ the same."""
    hidden = len(W)
    targets = ((),) * (steps - 1) + ((0.0,),)
    sequence = SequenceTable(inputs=((x,),) * steps, targets=targets, initial_state=(start,) * hidden)
    parameters = {"U": ((1.0,),) * hidden, "W": tuple(map(tuple, np.asarray(W).tolist())), "V": ((1.0,) * hidden,)}
    table = NetworkTable(hidden, activation=activation, bias=False, parameters=parameters)  # type: ignore[arg-type]
    return engine.trace(Scenario(sequence, table))


def with_decoder(W: list[list[float]], W_dec: list[list[float]], activation: str) -> Trace:
    """A plain cell over five steps, from the third on with a matrix of its own."""
    sequence = SequenceTable(inputs=((0.3,),) * 5, targets=((0.1,),) * 5, decoder_from=3)
    parameters = {"W": tuple(map(tuple, W)), "W_dec": tuple(map(tuple, W_dec))}
    table = NetworkTable(len(W), activation=activation, parameters=parameters)  # type: ignore[arg-type]
    return engine.trace(Scenario(sequence, table))


def rotation(angle: float) -> list[list[float]]:
    """A rotation of the plane."""
    return [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]


def stack_state(trace: Trace, t: int) -> list[tuple[Any, Any]]:
    """h and s of every layer at t."""
    zeros = np.zeros(H)
    return [(layer.values["h"][t], layer.values["s"][t] if "s" in layer.values else zeros) for layer in trace.layers]


def advance(trace: Trace, stack: tuple[str, ...], states: list[tuple[Any, Any]], t: int) -> list[tuple[Any, Any]]:
    """The states of every layer after step t, by the interface's own formulas."""
    below, after = trace.x[t - 1], []
    for layer, cell in enumerate(stack):
        ending = f"_{layer + 1}"
        own = {name.removesuffix(ending): one for name, one in trace.parameters.items() if name.endswith(ending)}
        after.append(CELLS[cell][1](own, below, *states[layer]))
        below = after[-1][0]
    return after


def joined(trace: Trace, states: list[tuple[Any, Any]], layer: int | None) -> Any:
    """The states as the rows of a Jacobian have them."""
    chosen = range(len(states)) if layer is None else [layer % len(states)]
    rows = [
        states[index][1] if name == "s" else states[index][0]
        for index in chosen
        for name in trace.network.cells[index].states
    ]
    return anp.concatenate(rows)


def parted(trace: Trace, vector: Any, states: list[tuple[Any, Any]], layer: int | None) -> list[tuple[Any, Any]]:
    """The states with those of a layer, or of all, taken from a vector."""
    found, start = list(states), 0
    for index in range(len(states)) if layer is None else [layer % len(states)]:
        h, s = states[index]
        for name in trace.network.cells[index].states:
            part = vector[start : start + H]
            h, s = (h, part) if name == "s" else (part, s)
            start += H
        found[index] = (h, s)
    return found


def exact_jacobian(trace: Trace, stack: tuple[str, ...], layer: int | None, k: int, t: int) -> Any:
    """∂(states at t)/∂(states at k), differentiated from end to end."""
    start = stack_state(trace, k)

    def run(vector: Any) -> Any:
        states = parted(trace, vector, start, layer)
        for step in range(k + 1, t + 1):
            states = advance(trace, stack, states, step)
        return joined(trace, states, layer)

    return jacobian(run)(joined(trace, start, layer))
