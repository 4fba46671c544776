"""Reasons of what the two passes compute at a step: results, adjoints, and rows of a working. Imports the core."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.arrivals import adjoint
from bptt_viz.endings import loss_gradient, normaliser, normaliser_written_out
from bptt_viz.formulas import Symbol
from bptt_viz.leaves import leaf
from bptt_viz.messages import phrase
from bptt_viz.operations import working
from bptt_viz.reasons.reason import Ground, Reason
from bptt_viz.timeline import Operation, OperationKind, Phase, Step

if TYPE_CHECKING:
    from bptt_viz.quantities import Adjoint, Normaliser, Result, Row
    from bptt_viz.working import Working

#: What the output layer and what follows it are called as operations.
_AFTER_THE_CELLS: dict[str, OperationKind] = {"o": "output", "y_hat": "prediction", "L": "loss"}


def result(ground: Ground, quantity: Result, entry: tuple[int, ...]) -> Reason:
    """What the forward pass computes."""
    name, t, layer = quantity.name, quantity.t, quantity.layer
    if t == 0:
        return _before_the_first_step(ground, quantity, entry)
    kind = "equation" if layer is not None else _AFTER_THE_CELLS[name]
    operation = Operation(kind, name, layer)
    at = ground.timeline.position(Phase.FORWARD, t, operation)
    found = working(ground.trace, Step(at, Phase.FORWARD, t, operation), "")
    assert found is not None
    # A step without a target has no loss, and so no number to be asked for.
    return of_working(found, entry or (found.focus,) if name == "L" else entry)


def _before_the_first_step(ground: Ground, quantity: Result, entry: tuple[int, ...]) -> Reason:
    assert quantity.layer is not None
    values = ground.trace.layers[quantity.layer].values[quantity.name][0]
    symbol = Symbol(quantity.name, 0, layer=ground.trace.network.number_of(quantity.layer))
    one = leaf((symbol,), values, entry)
    given = ground.trace.scenario.sequence.initial_state is not None and quantity.name == "h"
    return Reason(one.symbol, one.value, origin=phrase("origin.initial_state" if given else "origin.zero_state"))


def of_adjoint(ground: Ground, quantity: Adjoint, entry: tuple[int, ...]) -> Reason:
    """∂L/∂ what the forward pass computed, of the whole loss or of one step's."""
    name, t, layer, loss = quantity.name, quantity.t, quantity.layer, quantity.loss
    trace = ground.blame(loss)
    if layer is None:
        return of_working(loss_gradient(trace, t, loss), entry)
    return of_working(adjoint(trace, name, layer, t, loss), entry)


def of_normaliser(ground: Ground, quantity: Normaliser, _entry: tuple[int, ...]) -> Reason:
    """What softmax divides by."""
    one = normaliser(ground.trace, quantity.t)
    return Reason(one.symbol, one.value, normaliser_written_out(ground.trace, quantity.t))


def row(ground: Ground, quantity: Row, entry: tuple[int, ...]) -> Reason:
    """A row of a working that has no name of its own."""
    found = working(ground.trace, ground.timeline.step(quantity.position), quantity.parameter)
    if found is None:
        raise IndexError(f"position: expected a step with a working, found {quantity.position}")
    part = found.parts[quantity.index]
    one = part.leaf(*entry)
    return Reason(one.symbol, one.value, part.worked(*entry) if part.worked is not None else (one,))


def of_working(found: Working, entry: tuple[int, ...]) -> Reason:
    """The reason of an entry of a working's result."""
    (index,) = entry or (0,)
    part = found.result
    one = part.leaf(index if len(part.values) > 1 else 0)
    return Reason(one.symbol, one.value, found.entry(index))
