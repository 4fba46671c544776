"""A term of a network of single numbers in parameters, inputs and targets alone. Imports ``spelling``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sympy as sp
from msgspec import structs

from bptt_viz.derivation.naming import at
from bptt_viz.derivation.symbolic.entries import LOGITS, Entry, symbol
from bptt_viz.derivation.symbolic.primitives import elementwise, layer_equations, output_equation
from bptt_viz.derivation.symbolic.spelling import Speller
from bptt_viz.derivation.symbolic.system import function
from bptt_viz.equations import Activation, Affine, Variable
from bptt_viz.formulas import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bptt_viz.derivation.symbolic.patterns import Factor
    from bptt_viz.derivation.window import Shape
    from bptt_viz.equations import Expression
    from bptt_viz.notation import Formula

#: The most symbols, functions and operations that a term is written out with; gates go beyond that soon.
LONGEST: Final = 2000


class Expansion:
    """Writes terms out by putting the forward equations into each other."""

    def __init__(self, shape: Shape) -> None:
        single = shape.D == shape.H == shape.K == 1
        self._possible = single and len(shape.cells) == len(shape.cells[0].states) == 1
        definitions = {position: _definitions(shape.at(position)) for position in range(1, shape.steps + 1)}
        self._speller = Speller(definition=lambda name, position: definitions[position].get(name))
        self._lengths: dict[tuple[sp.Expr, int], int] = {}

    def written(self, chain: Sequence[tuple[Factor, int]], before: int) -> Formula:
        """The product of factors at their positions; empty where the network has vectors or it would be too long.

        ``before`` is the step of the sequence that the window follows.
        """
        if not self._possible:
            return ()
        factors = [(factor.patterns[0].shown[0][0], position) for factor, position in chain]
        if sum(self._length(factor, self._at(position)) for factor, position in factors) > LONGEST:
            return ()
        spelled = [self._at(position).factor(factor) for factor, position in factors if factor != 1]
        return at(joined(" · ", spelled), before) or ("1",)

    def _at(self, position: int) -> Speller:
        return structs.replace(self._speller, position=position)

    def _length(self, expression: sp.Expr, speller: Speller) -> int:
        """How many symbols, functions and operations are written; what is repeated counts each time."""
        key = (expression, speller.position)
        if key not in self._lengths:
            inner, meant = speller.meant(expression)
            self._lengths[key] = 1 + sum(self._length(part, inner) for part in meant.args)
        return self._lengths[key]


def _definitions(shape: Shape) -> dict[str, sp.Expr]:
    """What each result of a step is computed from."""
    if len(shape.cells) > 1:
        return {}
    equations = (*layer_equations(shape, 0), output_equation(shape))
    definitions = {equation.name: _number(equation.right) for equation in equations}
    o = symbol(Entry(LOGITS, 0))
    if shape.loss == "binary_cross_entropy":
        definitions["y_hat"] = function("sigmoid", o)
    elif shape.loss == "cross_entropy":
        definitions["y_hat"] = sp.exp(o) / sp.exp(o)
    return definitions


def _number(expression: Expression) -> sp.Expr:
    """The value of an expression of single numbers, φ not written out."""
    match expression:
        case Variable(name, lag):
            return symbol(Entry(name, -lag))
        case Affine(terms, bias):
            products = [symbol(Entry(matrix, None)) * _number(vector) for matrix, vector in terms]
            return sp.Add(*products, *([symbol(Entry(bias, None))] if bias else []))
        case Activation(name, operand):
            return function(name, _number(operand))
    return elementwise(expression, [_number(operand) for operand in expression.operands])
