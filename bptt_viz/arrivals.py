"""How gradients arrive: an adjoint's working, one row for each route of the pullback. Imports the core; no screen.

Every function works on the trace of the whole loss, and as well on that of one step's loss alone (``blame``).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from bptt_viz.cells import X
from bptt_viz.equations import Activation, Equation, OneMinus, Product, Variable, pull_to_variables
from bptt_viz.formulas import Formula, Symbol
from bptt_viz.leaves import column_of, derivative, leaf, work_out
from bptt_viz.quantities import Adjoint, Result
from bptt_viz.sweep import AtStep
from bptt_viz.working import Part, Working
from bptt_viz.writing import Factor, Route, adjoint_symbol, derivative_written, route_written, routes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bptt_viz.activations import Array
    from bptt_viz.arithmetic import Worked
    from bptt_viz.cells import Cell
    from bptt_viz.tracing import Trace


def adjoint(trace: Trace, name: str, layer: int | None, t: int, loss: int = 0) -> Working:
    """∂L/∂v_t of a layer's variable, or with a ``loss`` ∂L_loss/∂v_t; ``trace`` is then that of this loss alone."""
    layer = layer or 0
    arrivals = list(_arrivals(trace, layer, name, t, loss))
    cell = trace.network.cells[layer]
    left = adjoint_symbol(cell, name, t, loss)
    if len(arrivals) == 1 and not any(factor.matrix for factor in arrivals[0][0].factors):
        rows = _factor_rows(trace, layer, arrivals[0][0], t, loss)
    else:
        rows = [part for _, part in arrivals]
    right: Formula = ()
    for part in rows:
        right += (f" {part.operator} ", *part.formula) if part.operator else part.formula
    quantity = Adjoint(name, t, layer, loss)
    result = Part("=", left, trace.layers[layer].adjoints[name][t - 1], "hidden", quantity)
    remark = "remark.no_future" if t == trace.T and not loss and any(route.lag for route, _ in arrivals) else ""
    return Working((*left, " = ", *right), (*rows, result), remark=remark)


class _Consumer(Struct, frozen=True, eq=False):
    """An equation that reads a variable, what it calls it, and the layer that it belongs to (None: the output)."""

    equation: Equation
    cell: Cell | None
    layer: int | None
    values: Mapping[str, Array]
    adjoints: Mapping[str, Array]
    reads: str
    lag: int
    note: str


def _consumers(trace: Trace, layer: int, name: str) -> Iterator[_Consumer]:
    """All that read the variable: above it at the same step, in its own step, in the next one."""
    own, cell = trace.layers[layer], trace.network.cells[layer]
    if name == "h" and layer == len(trace.layers) - 1:
        output = trace.network.output
        yield _Consumer(output, None, None, own.values, {"o": trace.dL_do}, name, 0, "part.from_output")
    elif name == "h":
        above, cell_above = trace.layers[layer + 1], trace.network.cells[layer + 1]
        for equation in cell_above.equations:
            note = "part.from_above"
            yield _Consumer(equation, cell_above, layer + 1, above.values, above.adjoints, X.name, 0, note)
    for lag, note in ((0, ""), (1, "part.from_future")):
        for equation in cell.equations:
            yield _Consumer(equation, cell, layer, own.values, own.adjoints, name, lag, note)


def _arrivals(trace: Trace, layer: int, name: str, t: int, loss: int) -> Iterator[tuple[Route, Part]]:
    """Every route on which a gradient arrives at the variable at ``t``, with its row."""
    operator = ""
    for consumer in _consumers(trace, layer, name):
        at = t + consumer.lag
        ways = [way for way in routes(consumer.equation, consumer.reads, at) if way.lag == consumer.lag]
        if not ways or (loss and not _reached(consumer, at, loss)):
            continue
        scope = AtStep(consumer.values, trace.parameters, at)
        shares = _shares(trace, consumer, scope, len(trace.layers[layer].adjoints[name][t - 1]))
        formula = adjoint_symbol(consumer.cell, consumer.equation.name, at, loss)
        for way, share in zip(ways, shares, strict=False):
            worked = partial(_share_worked, trace, consumer, way, scope, loss)
            row = Part(operator, route_written(way, formula), share, "hidden", worked=worked, note=consumer.note)
            yield way, row
            operator = "+"


def _reached(consumer: _Consumer, at: int, loss: int) -> bool:
    """Whether L_loss reaches a consumer at ``at``: the output only at its own step, nothing after it."""
    return at == loss if consumer.layer is None else at <= loss


def _shares(trace: Trace, consumer: _Consumer, scope: AtStep, size: int) -> list[Array]:
    """What a consumer passes on; zeros beyond the last step."""
    equation = consumer.equation
    if scope.t > trace.T:
        return [np.zeros(size)] * len(equation.right.operands)
    pulled = pull_to_variables(equation.right, consumer.adjoints[equation.name][scope.t - 1], None, scope)
    wanted = Variable(consumer.reads, consumer.lag)
    return [share for variable, share in pulled if variable == wanted]


def _share_worked(trace: Trace, consumer: _Consumer, way: Route, scope: AtStep, loss: int, index: int) -> Worked:
    """Entry ``index`` of what arrives on one route: its factors, innermost last, times the consumer's adjoint."""
    if scope.t > trace.T:
        return ("0",)
    name = consumer.equation.name
    rows = consumer.adjoints[name][scope.t - 1]
    formula = adjoint_symbol(consumer.cell, name, scope.t, loss)
    quantity = Adjoint(name, scope.t, consumer.layer, loss)

    def entry(position: int, factors: tuple[Factor, ...]) -> Worked:
        if not factors:
            return (leaf(formula, rows, (position,), quantity),)
        *inner, last = factors
        if last.matrix is not None:
            m = trace.parameters[last.matrix]
            reached = rows if not inner else _passed(tuple(inner), rows, scope)
            return (column_of(last.matrix, m, position, reached, lambda j: entry(j, tuple(inner))),)
        return (*_factor_worked(last, way, consumer, scope, position), "·", *entry(position, tuple(inner)))

    return entry(index, way.factors)


def _passed(factors: tuple[Factor, ...], adjoint: Array, scope: AtStep) -> Array:
    """The adjoint after the first factors of a route."""
    for factor in factors:
        if factor.matrix is not None:
            adjoint = adjoint @ scope.parameters[factor.matrix]
        else:
            adjoint = factor.value(adjoint.shape, scope) * adjoint
    return adjoint


def _factor_worked(factor: Factor, way: Route, consumer: _Consumer, scope: AtStep, index: int) -> Worked:
    """One entry of an entry-by-entry factor."""
    node, layer = factor.node, consumer.layer or 0
    match node:
        case Activation():
            output = consumer.values[way.equation.name][scope.t] if node is way.equation.right else node.value(scope)
            quantity = Result(way.equation.name, scope.t, layer) if node is way.equation.right else None
            formula: Formula = (Symbol(way.equation.name, scope.t),) if quantity else factor.formula
            return ("(", *derivative(node, index, (leaf(formula, output, (index,), quantity),), scope, layer), ")")
        case Product(left, right):
            other = right if factor.operand == 0 else left
            worked = work_out(other, index, scope, layer)
            return worked if isinstance(other, Variable) else ("(", *worked, ")")
        case OneMinus():
            return ("(−1)",)
    raise TypeError(f"expected an entry-by-entry primitive, found {type(node).__name__}")


def _factor_rows(trace: Trace, layer: int, way: Route, t: int, loss: int) -> list[Part]:
    """The rows of a single route of entry-by-entry factors: each factor, then the adjoint it multiplies."""
    own, cell = trace.layers[layer], trace.network.cells[layer]
    scope = AtStep(own.values, trace.parameters, t)
    name = way.equation.name
    adjoint = own.adjoints[name][t - 1]
    consumer = _Consumer(way.equation, cell, layer, own.values, own.adjoints, name, 0, "")
    rows: list[Part] = []
    for factor in reversed(way.factors):
        values = factor.value(adjoint.shape, scope)
        operator = "⊙" if rows else ""
        meaning: Formula = ()
        if isinstance(factor.node, Activation) and factor.node is way.equation.right:
            meaning = derivative_written(factor.node, (Symbol(name, t),), t)
        worked = partial(_factor_worked, factor, way, consumer, scope)
        rows.append(Part(operator, factor.formula, values, "hidden", worked=worked, meaning=meaning))
    return [*rows, Part("⊙", adjoint_symbol(cell, name, t, loss), adjoint, "hidden", Adjoint(name, t, layer, loss))]
