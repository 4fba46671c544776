"""A step of the timeline → its working, read off the equations and the trace. Imports the core; no screen.

Forward rows follow the primitives, backward rows the routes of the pullback: one row for each way
on which a gradient arrives. Losses and contributions are in ``endings``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from bptt_viz.activations import ACTIVATIONS
from bptt_viz.cells import X
from bptt_viz.endings import contribution, loss_gradient, prediction, step_loss, total_loss, update
from bptt_viz.equations import Activation, Affine, Equation, Expression, Product, Sum, Variable, pull_to_variables
from bptt_viz.notation import Formula, Symbol
from bptt_viz.sweep import AtStep
from bptt_viz.timeline import Operation, Phase, Step
from bptt_viz.working import Axis, Part, Working, bracketed
from bptt_viz.writing import (
    Factor,
    Route,
    adjoint_symbol,
    affine_terms,
    derivative_written,
    function_name,
    route_written,
    routes,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bptt_viz.activations import Array
    from bptt_viz.cells import Cell
    from bptt_viz.tracing import Trace


def working(trace: Trace, step: Step, parameter: str) -> Working | None:
    """The working of a step; None at the start, where nothing is computed.

    ``parameter`` is the one whose gradient is being looked at.
    """
    if step.operation is not None:
        return _of_operation(trace, step.operation, step.t, parameter)
    if step.phase is Phase.LOSS:
        return total_loss(trace)
    return update(trace, parameter) if step.phase is Phase.UPDATE else None


def _of_operation(trace: Trace, operation: Operation, t: int, parameter: str) -> Working:
    match operation.kind:
        case "equation":
            return _equation(trace, operation, t)
        case "output":
            return _output(trace, t)
        case "prediction":
            return prediction(trace, t)
        case "loss":
            return step_loss(trace, t)
        case "loss_gradient":
            return loss_gradient(trace, t)
        case "adjoint":
            return _adjoint(trace, operation, t)
        case "contribution":
            return contribution(trace, parameter, t)


def _equation(trace: Trace, operation: Operation, t: int) -> Working:
    layer = operation.layer or 0
    values = trace.layers[layer].values
    (equation,) = (one for one in trace.network.cells[layer].equations if one.name == operation.name)
    return _forward(equation, values[equation.name][t], "hidden", AtStep(values, trace.parameters, t))


def _output(trace: Trace, t: int) -> Working:
    values = trace.layers[-1].values
    return _forward(trace.network.output, trace.o[t - 1], "output", AtStep(values, trace.parameters, t))


def _forward(equation: Equation, values: Array, axis: Axis, scope: AtStep) -> Working:
    t, right = scope.t, equation.right
    result = Part("=", (Symbol(equation.name, t),), values, axis)
    function = function_name(right.function) if isinstance(right, Activation) else ""
    rows = tuple(_rows(right, axis, scope))
    return Working((Symbol(equation.name, t), " = ", *written(right, t)), (*rows, result), function=function)


def _rows(expression: Expression, axis: Axis, scope: AtStep, operator: str = "") -> Iterator[Part]:
    """One row per summand, factor or argument of the outermost primitive."""
    t = scope.t
    match expression:
        case Affine(terms, bias):
            formulas = affine_terms(expression, t)
            for index, ((matrix, vector), formula) in enumerate(zip(terms, formulas, strict=False)):
                m, v = scope.parameters[matrix], vector.value(scope)
                yield Part("+" if index else operator, formula, m @ v, axis, m, v)
            if bias is not None:
                yield Part("+", formulas[-1], scope.parameters[bias], axis)
        case Sum(left, right):
            yield from _rows(left, axis, scope, operator)
            yield from _rows(right, axis, scope, "+")
        case Product(left, right):
            yield Part(operator, written(left, t), left.value(scope), axis)
            yield Part("⊙", written(right, t), right.value(scope), axis)
        case Activation(_, operand):
            yield Part(operator, written(operand, t), operand.value(scope), axis)
        case _:
            yield Part(operator, written(expression, t), expression.value(scope), axis)


def _adjoint(trace: Trace, operation: Operation, t: int) -> Working:
    layer, name = operation.layer or 0, operation.name
    arrivals = list(_arrivals(trace, layer, name, t))
    cell = trace.network.cells[layer]
    left = adjoint_symbol(cell, name, t)
    if len(arrivals) == 1 and not any(factor.matrix for factor in arrivals[0][0].factors):
        rows = _factor_rows(trace, layer, arrivals[0][0], t)
    else:
        rows = [part for _, part in arrivals]
    right: Formula = ()
    for part in rows:
        right += (f" {part.operator} ", *part.formula) if part.operator else part.formula
    result = Part("=", left, trace.layers[layer].adjoints[name][t - 1], "hidden")
    remark = "remark.no_future" if t == trace.T and any(route.lag for route, _ in arrivals) else ""
    return Working((*left, " = ", *right), (*rows, result), remark=remark)


class _Consumer(Struct, frozen=True, eq=False):
    """An equation that reads a variable, and what it calls it."""

    equation: Equation
    cell: Cell | None
    values: Mapping[str, Array]
    adjoints: Mapping[str, Array]
    reads: str
    lag: int
    note: str


def _consumers(trace: Trace, layer: int, name: str) -> Iterator[_Consumer]:
    """All that read the variable: above it at the same step, in its own step, in the next one."""
    own, cell = trace.layers[layer], trace.network.cells[layer]
    if name == "h" and layer == len(trace.layers) - 1:
        yield _Consumer(trace.network.output, None, own.values, {"o": trace.dL_do}, name, 0, "part.from_output")
    elif name == "h":
        above, cell_above = trace.layers[layer + 1], trace.network.cells[layer + 1]
        for equation in cell_above.equations:
            yield _Consumer(equation, cell_above, above.values, above.adjoints, X.name, 0, "part.from_above")
    for lag, note in ((0, ""), (1, "part.from_future")):
        for equation in cell.equations:
            yield _Consumer(equation, cell, own.values, own.adjoints, name, lag, note)


def _arrivals(trace: Trace, layer: int, name: str, t: int) -> Iterator[tuple[Route, Part]]:
    """Every route on which a gradient arrives at the variable at ``t``, with its row."""
    operator = ""
    for consumer in _consumers(trace, layer, name):
        at = t + consumer.lag
        ways = [way for way in routes(consumer.equation, consumer.reads, at) if way.lag == consumer.lag]
        if not ways:
            continue
        scope = AtStep(consumer.values, trace.parameters, at)
        adjoint, shares = _shares(trace, consumer, scope, len(trace.layers[layer].adjoints[name][t - 1]))
        formula = adjoint_symbol(consumer.cell, consumer.equation.name, at)
        for way, share in zip(ways, shares, strict=False):
            matrix, vector = _product(trace, way, adjoint, scope)
            yield way, Part(operator, route_written(way, formula), share, "hidden", matrix, vector, consumer.note)
            operator = "+"


def _shares(trace: Trace, consumer: _Consumer, scope: AtStep, size: int) -> tuple[Array, list[Array]]:
    """The consumer's own adjoint, and what it passes on; zeros beyond the last step."""
    equation = consumer.equation
    rows = consumer.adjoints[equation.name]
    if scope.t > trace.T:
        return np.zeros(rows.shape[1]), [np.zeros(size)] * len(equation.right.operands)
    adjoint = rows[scope.t - 1]
    pulled = pull_to_variables(equation.right, adjoint, None, scope)
    wanted = Variable(consumer.reads, consumer.lag)
    return adjoint, [share for variable, share in pulled if variable == wanted]


def _product(trace: Trace, way: Route, adjoint: Array, scope: AtStep) -> tuple[Array, Array] | tuple[None, None]:
    """The transposed matrix at the end of a route and what it acts on, where the route is such a product."""
    *passed, last = way.factors
    if last.matrix is None or any(factor.matrix for factor in passed):
        return None, None
    if scope.t <= trace.T:
        for factor in passed:
            adjoint = factor.value(adjoint.shape, scope) * adjoint
    return trace.parameters[last.matrix].T, adjoint


def _factor_rows(trace: Trace, layer: int, way: Route, t: int) -> list[Part]:
    """The rows of a single route of entry-by-entry factors: each factor, then the adjoint it multiplies."""
    own, cell = trace.layers[layer], trace.network.cells[layer]
    scope = AtStep(own.values, trace.parameters, t)
    adjoint = own.adjoints[way.equation.name][t - 1]
    rows: list[Part] = []
    for factor in reversed(way.factors):
        node, operator = factor.node, "⊙" if rows else ""
        values = factor.value(adjoint.shape, scope)
        if isinstance(node, Activation) and node is way.equation.right:
            rows.append(_derivative_row(operator, factor, values, own.values[way.equation.name][t], way, scope))
        else:
            rows.append(Part(operator, factor.formula, values, "hidden"))
    formula = adjoint_symbol(cell, way.equation.name, t)
    return [*rows, Part("⊙", formula, adjoint, "hidden")]


def _derivative_row(operator: str, factor: Factor, values: Array, output: Array, way: Route, scope: AtStep) -> Part:
    """φ′ with its meaning in the output, in symbols and, entry by entry, in numbers."""
    node = way.equation.right
    assert isinstance(node, Activation)
    meaning = derivative_written(node, (Symbol(way.equation.name, scope.t),), scope.t)
    # Between single numbers the product is the ordinary one.
    template, argument = ACTIVATIONS[node.function].written.replace("⊙", "·"), node.operand.value(scope)

    def entry(index: int) -> str:
        return f"({template.format(h=bracketed(output[index]), a=bracketed(argument[index]))})"

    return Part(operator, factor.formula, values, "hidden", meaning=meaning, entry=entry)
