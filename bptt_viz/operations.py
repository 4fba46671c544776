"""A step of the timeline → its working, read off the equations and the trace. Imports the core; no screen.

Forward rows follow the primitives; backward ones are in ``arrivals`` and ``contributions``, losses in ``endings``.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from bptt_viz.arrivals import adjoint, gates_over
from bptt_viz.cells import OUTPUT_GATE
from bptt_viz.contributions import contribution
from bptt_viz.endings import loss_gradient, prediction, step_loss, total_loss, update
from bptt_viz.equations import Activation, Affine, Equation, Expression, Product, Sum, Variable
from bptt_viz.formulas import Symbol
from bptt_viz.leaves import Site, as_factor, row_of, variable_quantity, work_out
from bptt_viz.quantities import Given, Result
from bptt_viz.timeline import Operation, Phase, Step
from bptt_viz.working import Axis, Part, Working
from bptt_viz.writing import affine_terms, function_name, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.arithmetic import Worked
    from bptt_viz.tracing import Trace


def working(trace: Trace, step: Step, parameter: str) -> Working | None:
    """The working of a step; None at the start, where nothing is computed.

    ``parameter`` is the one whose gradient is being looked at.
    """
    if step.operation is not None:
        found = _of_operation(trace, step.operation, step.t, parameter)
        return replace(found, letters=tuple(_explained(trace, step.operation, step.t, found)))
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
            return adjoint(trace, operation.name, operation.layer, t)
        case "contribution":
            return contribution(trace, parameter, t)


def _equation(trace: Trace, operation: Operation, t: int) -> Working:
    layer = operation.layer or 0
    equations = trace.network.cells_at(t)[layer].equations
    (equation,) = (one for one in equations if one.name == operation.name)
    site = Site.of(trace, layer, t)
    left = site.symbol(equation.name)
    result = Part("=", (left,), trace.layers[layer].values[equation.name][t], "hidden", Result(equation.name, t, layer))
    return _forward(equation, result, site)


def _explained(trace: Trace, operation: Operation, t: int, found: Working) -> Iterator[tuple[str, str]]:
    """The letters that are met first here, on the way forward or back: the output gate's, and a gate's on an arrow."""
    forward = operation.kind == "equation" and t == 1
    if not forward and not (operation.kind == "adjoint" and t == trace.T):
        return
    if any(isinstance(token, Symbol) and token.name == OUTPUT_GATE for token in found.formula):
        yield "remark.output_gate", OUTPUT_GATE
    if forward:
        cell = trace.network.cells_at(t)[operation.layer or 0]
        equations = [equation for equation in cell.equations if equation.name == operation.name]
        for state in cell.states:
            yield from (("remark.arrow", gate) for gate in gates_over(equations, state))


def _output(trace: Trace, t: int) -> Working:
    output = trace.network.output
    result = Part("=", (Symbol(output.name, t),), trace.o[t - 1], "output", Result(output.name, t))
    return _forward(output, result, Site.of(trace, len(trace.layers) - 1, t))


def _forward(equation: Equation, result: Part, site: Site) -> Working:
    right = equation.right
    function = function_name(right.function) if isinstance(right, Activation) else ""
    rows = tuple(_rows(right, result.axis, site))
    formula = (*result.formula, " = ", *written(right, site.t, site.number))
    return Working(formula, (*rows, result), function=function)


def _rows(expression: Expression, axis: Axis, site: Site, operator: str = "") -> Iterator[Part]:
    """One row per summand, factor or argument of the outermost primitive."""
    match expression:
        case Affine(terms, bias):
            formulas = affine_terms(expression, site.t, site.number)
            for index, ((matrix, vector), formula) in enumerate(zip(terms, formulas, strict=False)):
                values = site.scope.parameters[matrix] @ vector.value(site.scope)
                worked = partial(_product_of, matrix, vector, site)
                yield Part("+" if index else operator, formula, values, axis, worked=worked)
            if bias is not None:
                yield Part("+", formulas[-1], site.scope.parameters[bias], axis, Given(bias))
        case Sum(left, right):
            yield from _rows(left, axis, site, operator)
            yield from _rows(right, axis, site, "+")
        case Product(left, right):
            yield _row(left, operator, axis, site, multiplied=True)
            yield _row(right, "⊙", axis, site, multiplied=True)
        case Activation(_, operand):
            yield _row(operand, operator, axis, site)
        case _:
            yield _row(expression, operator, axis, site)


def _row(expression: Expression, operator: str, axis: Axis, site: Site, *, multiplied: bool = False) -> Part:
    """An expression as one row; a variable is the number that it names."""
    formula, values = written(expression, site.t, site.number), expression.value(site.scope)
    if isinstance(expression, Variable):
        quantity = variable_quantity(expression.name, site.t - expression.lag, site.layer)
        return Part(operator, formula, values, axis, quantity)
    worked = partial(as_factor if multiplied else work_out, expression, site=site)
    return Part(operator, formula, values, axis, worked=worked)


def _product_of(matrix: str, vector: Expression, site: Site, index: int) -> Worked:
    return (row_of(matrix, vector, index, site),)
