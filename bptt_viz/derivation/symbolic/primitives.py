"""What SymPy is told: the forward value of each primitive and of each loss, in symbols. Imports ``entries`` and sympy.

There is no derivative in here and none of the pullbacks: SymPy finds the derivatives from these definitions alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sympy as sp

from bptt_viz.cells import X
from bptt_viz.derivation import stack
from bptt_viz.derivation.symbolic.entries import LOGITS, Entry, bias, matrix, symbol, vector
from bptt_viz.equations import Activation, Affine, Equation, OneMinus, Product, Sum, Variable, affines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bptt_viz.derivation.window import Shape
    from bptt_viz.equations import Expression

#: φ as INTERFACE's section on cells defines it.
ACTIVATIONS: Final[Mapping[str, Callable[[sp.Expr], sp.Expr]]] = {
    "tanh": sp.tanh,
    "sigmoid": lambda a: 1 / (1 + sp.exp(-a)),
    "relu": lambda a: sp.Piecewise((a, a > 0), (0, True)),
    "identity": lambda a: a,
}


def elementwise(node: Expression, operands: Sequence[sp.Expr]) -> sp.Expr:
    """One entry of a primitive that works entry by entry, from the same entry of its operands."""
    match node:
        case Activation(function, _):
            return ACTIVATIONS[function](operands[0])
        case Product():
            return operands[0] * operands[1]
        case Sum():
            return operands[0] + operands[1]
        case OneMinus():
            return 1 - operands[0]
    raise TypeError(f"expected a primitive, found {type(node).__name__}")


def written_out(expression: Expression, shape: Shape, rows: int) -> tuple[sp.Expr, ...]:
    """Every entry of an expression with ``rows`` of them; matrices as explicit sums."""
    match expression:
        case Variable(name, lag):
            return vector(name, -lag, shape.D if expression == X else rows)
        case Affine(terms, constant):
            totals = list(bias(constant, rows)) if constant else [sp.Integer(0)] * rows
            for name, operand in terms:
                column = written_out(operand, shape, shape.H)
                for i, row in enumerate(matrix(name, rows, len(column))):
                    totals[i] = sp.Add(totals[i], *map(sp.Mul, row, column))
            return tuple(totals)
    operands = [written_out(operand, shape, rows) for operand in expression.operands]
    return tuple(elementwise(expression, entry) for entry in zip(*operands, strict=True))


def any_entry(expression: Expression) -> sp.Expr:
    """Any one entry of an expression, the same of all vectors; an affine expression is a symbol by itself."""
    match expression:
        case Variable(name, lag):
            return symbol(Entry(name, -lag))
        case Affine():
            return symbol(Entry(expression, 0))
    return elementwise(expression, [any_entry(operand) for operand in expression.operands])


def output_equation(shape: Shape) -> Equation:
    """o = V h + c, by a name that no cell has."""
    return stack.output(shape.output, shape.cells, LOGITS)


def cross_entropy(y: Sequence[sp.Symbol], y_hat: Sequence[sp.Symbol]) -> sp.Expr:
    """−Σ y_k log ŷ_k."""
    return -sp.Add(*(target * sp.log(guess) for target, guess in zip(y, y_hat, strict=True)))


def squared_error(y: Sequence[sp.Symbol], o: Sequence[sp.Symbol]) -> sp.Expr:
    """½ ‖o − y‖²."""
    return sp.Add(*((guess - target) ** 2 / 2 for target, guess in zip(y, o, strict=True)))


def binary_cross_entropy(y: Sequence[sp.Symbol], y_hat: Sequence[sp.Symbol]) -> sp.Expr:
    """−Σ [y_k log ŷ_k + (1 − y_k) log(1 − ŷ_k)]."""
    return -sp.Add(
        *(target * sp.log(guess) + (1 - target) * sp.log(1 - guess) for target, guess in zip(y, y_hat, strict=True))
    )


def layer_equations(shape: Shape, layer: int) -> tuple[Equation, ...]:
    """The equations of a layer, from 0, by names that no other layer has."""
    return stack.equations(shape.cells, layer)


def parameter_size(shape: Shape) -> tuple[int, int | None]:
    """Rows and columns of the shape's parameter; no columns for a bias."""
    equations = [(equation, shape.H) for layer in range(len(shape.cells)) for equation in layer_equations(shape, layer)]
    for equation, rows in (*equations, (output_equation(shape), shape.K)):
        for affine in affines(equation.right):
            if affine.bias == shape.parameter:
                return rows, None
            for name, operand in affine.terms:
                if name == shape.parameter:
                    return rows, shape.D if operand == X else shape.H
    raise KeyError(shape.parameter)


def parameter_entries(shape: Shape) -> tuple[tuple[sp.Symbol, ...], ...]:
    """The entries of the shape's parameter, row by row; a bias has one column."""
    rows, columns = parameter_size(shape)
    if columns is None:
        return tuple((one,) for one in bias(shape.parameter, rows))
    return matrix(shape.parameter, rows, columns)
