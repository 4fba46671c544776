"""Equations as formulas: primitives and pullbacks written out at a step, in a layer. Imports ``cells``; no trace.

Layers count as in formulas: from 1, and 0 where a network has only one.
"""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from bptt_viz.activations import ACTIVATIONS, Array
from bptt_viz.cells import X
from bptt_viz.equations import Activation, Affine, Equation, Expression, OneMinus, Product, Scope, Sum, Variable
from bptt_viz.formulas import ErrorTerm, Formula, MeanFactor, Partial, PieceT, Symbol, Transposed, joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.cells import Cell

#: How a function is written in front of its argument.
_FUNCTIONS = {"sigmoid": "σ", "identity": "id"}


class Factor(Struct, frozen=True):
    """One local derivative on the way of a pullback.

    Attributes
    ----------
    node, operand
        The primitive, and which of its operands the derivative is towards.
    matrix
        The parameter whose transpose acts, or None where the factor is entry by entry.
    """

    formula: Formula
    node: Expression
    operand: int
    matrix: str | None = None

    def value(self, adjoint_shape: tuple[int, ...], scope: Scope) -> Array:
        """The factor's entries, [H], by the primitive's own pullback of ones; entry-by-entry factors only."""
        shares = [share for _, share in self.node.pullback(np.ones(adjoint_shape), None, scope)]
        return shares[self.operand]


class Route(Struct, frozen=True):
    """One way on which an adjoint goes back: from the result of an equation, through factors.

    Attributes
    ----------
    factors
        From the result inwards; written from right to left.
    lag
        0 within a time step, 1 when the result belongs to the next one.
    negative
        Whether what comes through the factors is subtracted: an odd number of ``1 − v`` are on the way.
    """

    equation: Equation
    factors: tuple[Factor, ...]
    lag: int
    negative: bool = False

    @classmethod
    def of(cls, equation: Equation, factors: tuple[Factor, ...], lag: int) -> Route:
        """The route through ``factors``, those of −1 taken together as its sign."""
        left = tuple(factor for factor in factors if not isinstance(factor.node, OneMinus))
        return cls(equation, left, lag, negative=(len(factors) - len(left)) % 2 == 1)


def function_name(function: str) -> str:
    """How an activation is written: ``tanh``, ``σ``, ``relu``, ``id``."""
    return _FUNCTIONS.get(function, function)


def variable_symbol(name: str, t: int, layer: int = 0) -> Symbol:
    """A variable of a layer's equations: what they call x is the state of the layer below, if there is one."""
    if name != X.name:
        return Symbol(name, t, layer=layer)
    return Symbol("h", t, layer=layer - 1) if layer > 1 else Symbol(name, t)


def written(expression: Expression, t: int, layer: int = 0) -> Formula:
    """The expression at time step ``t``."""
    match expression:
        case Variable(name, lag):
            return (variable_symbol(name, t - lag, layer),)
        case Affine():
            return joined(" + ", affine_terms(expression, t, layer))
        case Activation(function, operand):
            return (function_name(function), "(", *written(operand, t, layer), ")")
        case Product(left, right):
            return (*_bracketed(left, t, layer), " ⊙ ", *_bracketed(right, t, layer))
        case Sum(left, right):
            return (*written(left, t, layer), " + ", *written(right, t, layer))
        case OneMinus(operand):
            return ("1 − ", *_bracketed(operand, t, layer))
    raise TypeError(f"expected a primitive, found {type(expression).__name__}")


def affine_terms(affine: Affine, t: int, layer: int = 0) -> list[Formula]:
    """``U x₂``, ``W h₁``, ``b``: the summands of an affine expression."""
    terms: list[Formula] = [(Symbol(matrix), " ", *_bracketed(vector, t, layer)) for matrix, vector in affine.terms]
    return terms if affine.bias is None else [*terms, (Symbol(affine.bias),)]


def derivative_written(activation: Activation, result: Formula, t: int, layer: int = 0) -> Formula:
    """φ′ in the output: ``1 − h₂²``, with ``result`` as the output's formula."""
    return fill(ACTIVATIONS[activation.function].written, h=result, a=written(activation.operand, t, layer))


def fill(template: str, **formulas: tuple[PieceT, ...]) -> tuple[PieceT | str, ...]:
    """A formula from a template such as ``1 − {h}²``, with formulas for its fields."""
    tokens: list[PieceT | str] = []
    for text, name, _, _ in Formatter().parse(template):
        if text:
            tokens.append(text)
        if name:
            tokens.extend(formulas[name])
    return tuple(tokens)


def adjoint_symbol(cell: Cell | None, name: str, t: int, loss: int = 0, layer: int = 0) -> Formula:
    """δ_t for a pre-activation of ``cell``, ∂L/∂v_t for anything else; with a ``loss`` always ∂L_loss/∂v_t."""
    symbol = variable_symbol(name, t, layer)
    if cell is not None and name in cell.pre_activations and not loss:
        return (ErrorTerm(symbol),)
    return (Partial(Symbol("L", loss or None), symbol),)


def mean_factor(factor: float, T: int) -> Formula:
    """The factor of a loss over ``T`` steps: one over their count for a mean, nothing where it is 1."""
    return () if factor == 1.0 else (MeanFactor(round(1 / factor), T),)


def routes(equation: Equation, name: str, t: int, layer: int = 0) -> Iterator[Route]:
    """The ways from the equation's result at time step ``t`` to the variable ``name``, in pullback order."""
    for end, factors in _reach(equation.right, t, layer):
        if isinstance(end, Variable) and end.name == name:
            yield Route.of(equation, factors, end.lag)


def route_to_affine(equation: Equation, affine: Affine, t: int, layer: int = 0) -> Route:
    """The way from the equation's result at time step ``t`` to one of its affine parts."""
    ways = [(equation.right, ()), *_reach(equation.right, t, layer)]
    return next(Route.of(equation, factors, 0) for end, factors in ways if end is affine)


def route_written(route: Route, adjoint: Formula) -> Formula:
    """``Wᵀ δ₃``, ``φ′(a₃) ⊙ ∂L/∂h₃`` or ``Wᵀ (r₃ ⊙ δ₃)``: the factors, innermost first, before the result's adjoint.

    The route's sign is left to where it is put.
    """
    formula, is_product = adjoint, False
    for factor in route.factors:
        if factor.matrix is None:
            formula, is_product = (*factor.formula, " ⊙ ", *formula), True
        else:
            formula = (*factor.formula, " (", *formula, ")") if is_product else (*factor.formula, " ", *formula)
            is_product = False
    return formula


def _reach(
    expression: Expression, t: int, layer: int, passed: tuple[Factor, ...] = ()
) -> Iterator[tuple[Expression, tuple[Factor, ...]]]:
    """Every expression inside another, with the factors on the way to it."""
    for operand, factor in _local(expression, t, layer):
        factors = passed if factor is None else (*passed, factor)
        yield operand, factors
        yield from _reach(operand, t, layer, factors)


def _local(expression: Expression, t: int, layer: int) -> Iterator[tuple[Expression, Factor | None]]:
    """Each operand with the local derivative towards it, in the order of the primitive's pullback."""
    match expression:
        case Affine(terms):
            for index, (matrix, vector) in enumerate(terms):
                yield vector, Factor((Transposed(Symbol(matrix)),), expression, index, matrix)
        case Activation(function, operand):
            yield operand, Factor((function_name(function), "′(", *written(operand, t, layer), ")"), expression, 0)
        case Product(left, right):
            yield left, Factor(_bracketed(right, t, layer), expression, 0)
            yield right, Factor(_bracketed(left, t, layer), expression, 1)
        case Sum(left, right):
            yield left, None
            yield right, None
        case OneMinus(operand):
            yield operand, Factor(("−1",), expression, 0)


def _bracketed(expression: Expression, t: int, layer: int) -> Formula:
    formula = written(expression, t, layer)
    simple = isinstance(expression, Variable | Activation)
    return formula if simple else ("(", *formula, ")")
