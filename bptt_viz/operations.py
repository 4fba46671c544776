"""A step of the timeline → its working, read off the equations and the trace. Imports the core; no screen.

Forward rows follow the primitives; backward ones are in ``arrivals``, losses and contributions in ``endings``.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bptt_viz.arrivals import adjoint
from bptt_viz.endings import contribution, loss_gradient, prediction, step_loss, total_loss, update
from bptt_viz.equations import Activation, Affine, Equation, Expression, Product, Sum, Variable
from bptt_viz.formulas import Symbol
from bptt_viz.leaves import row_of, variable_quantity, work_out
from bptt_viz.quantities import Given, Result
from bptt_viz.sweep import AtStep
from bptt_viz.timeline import Operation, Phase, Step
from bptt_viz.working import Axis, Part, Working
from bptt_viz.writing import affine_terms, function_name, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.activations import Array
    from bptt_viz.arithmetic import Worked
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
            return adjoint(trace, operation.name, operation.layer, t)
        case "contribution":
            return contribution(trace, parameter, t)


def _equation(trace: Trace, operation: Operation, t: int) -> Working:
    layer = operation.layer or 0
    values = trace.layers[layer].values
    (equation,) = (one for one in trace.network.cells[layer].equations if one.name == operation.name)
    quantity = Result(equation.name, t, layer)
    return _forward(equation, values[equation.name][t], quantity, layer, AtStep(values, trace.parameters, t))


def _output(trace: Trace, t: int) -> Working:
    top = len(trace.layers) - 1
    scope = AtStep(trace.layers[top].values, trace.parameters, t)
    return _forward(trace.network.output, trace.o[t - 1], Result("o", t), top, scope)


def _forward(equation: Equation, values: Array, quantity: Result, layer: int, scope: AtStep) -> Working:
    t, right = scope.t, equation.right
    axis: Axis = "hidden" if quantity.layer is not None else "output"
    result = Part("=", (Symbol(equation.name, t),), values, axis, quantity)
    function = function_name(right.function) if isinstance(right, Activation) else ""
    rows = tuple(_rows(right, axis, scope, layer))
    return Working((Symbol(equation.name, t), " = ", *written(right, t)), (*rows, result), function=function)


def _rows(expression: Expression, axis: Axis, scope: AtStep, layer: int, operator: str = "") -> Iterator[Part]:
    """One row per summand, factor or argument of the outermost primitive."""
    match expression:
        case Affine(terms, bias):
            formulas = affine_terms(expression, scope.t)
            for index, ((matrix, vector), formula) in enumerate(zip(terms, formulas, strict=False)):
                values = scope.parameters[matrix] @ vector.value(scope)
                worked = partial(_product_of, matrix, vector, scope, layer)
                yield Part("+" if index else operator, formula, values, axis, worked=worked)
            if bias is not None:
                yield Part("+", formulas[-1], scope.parameters[bias], axis, Given(bias))
        case Sum(left, right):
            yield from _rows(left, axis, scope, layer, operator)
            yield from _rows(right, axis, scope, layer, "+")
        case Product(left, right):
            yield _row(left, operator, axis, scope, layer, multiplied=True)
            yield _row(right, "⊙", axis, scope, layer, multiplied=True)
        case Activation(_, operand):
            yield _row(operand, operator, axis, scope, layer)
        case _:
            yield _row(expression, operator, axis, scope, layer)


def _row(
    expression: Expression, operator: str, axis: Axis, scope: AtStep, layer: int, *, multiplied: bool = False
) -> Part:
    """An expression as one row; a variable is the number that it names."""
    formula, values = written(expression, scope.t), expression.value(scope)
    if isinstance(expression, Variable):
        quantity = variable_quantity(expression.name, scope.t - expression.lag, layer)
        return Part(operator, formula, values, axis, quantity)

    def worked(index: int) -> Worked:
        arithmetic = work_out(expression, index, scope, layer)
        return ("(", *arithmetic, ")") if multiplied else arithmetic

    return Part(operator, formula, values, axis, worked=worked)


def _product_of(matrix: str, vector: Expression, scope: AtStep, layer: int, index: int) -> Worked:
    return (row_of(matrix, vector, index, scope, layer),)
