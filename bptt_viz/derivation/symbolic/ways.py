"""Derivatives in matrix form: every way from a result to what it was computed from. Imports ``system``.

Each primitive that works entry by entry has a diagonal derivative, of which SymPy finds any one entry; a
matrix is its own. A way is their product, a derivative the sum of all ways.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp
from msgspec import Struct

from bptt_viz.derivation.symbolic.entries import Entry, symbol
from bptt_viz.derivation.symbolic.numeric import compiled
from bptt_viz.derivation.symbolic.primitives import any_entry, elementwise
from bptt_viz.derivation.symbolic.spelling import Speller
from bptt_viz.derivation.symbolic.system import named, names_of
from bptt_viz.equations import Affine, Expression, Variable
from bptt_viz.formulas import joined
from bptt_viz.notation import Diagonal, Formula, Over, Symbol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from bptt_viz.activations import Array
    from bptt_viz.derivation.symbolic.numeric import Values
    from bptt_viz.equations import Equation

_ONE = sp.Integer(1)


class Way(Struct, frozen=True):
    """A product diag(d₀) M₁ diag(d₁) M₂ … diag(d_n).

    Attributes
    ----------
    diagonals
        d₀ .. d_n, any entry of each.
    matrices
        The names of M₁ .. M_n.
    """

    diagonals: tuple[sp.Expr, ...] = (_ONE,)
    matrices: tuple[str, ...] = ()

    def through(self, derivative: sp.Expr) -> Way:
        """The way on through a primitive that works entry by entry."""
        return Way((*self.diagonals[:-1], self.diagonals[-1] * derivative), self.matrices)

    def times(self, matrix: str) -> Way:
        """The way on through a matrix."""
        return Way((*self.diagonals, _ONE), (*self.matrices, matrix))

    def written(self) -> Formula:
        """The product as matrices: diag(1 − h₂²) W."""
        factors: list[Formula] = []
        for diagonal, matrix in zip(self.diagonals, (*self.matrices, None), strict=True):
            if diagonal != _ONE:
                factors.append((Diagonal(Speller(times=" ⊙ ").spelled(diagonal)),))
            if matrix is not None:
                factors.append((Symbol(matrix),))
        return joined(" ", factors) or ("I",)

    def written_by_letters(self, letters: Sequence[str], times: str = " ") -> Formula:
        """The entry of the product in the row of the first letter and the column of the last: (1 − h₂[i]²) W[i,l].

        An empty letter is that of a vector with a single entry; over letters in between there is a sum.
        """
        factors: list[Formula] = [(Over("Σ", letter),) for letter in letters[1:-1] if letter]
        for index, (diagonal, letter) in enumerate(zip(self.diagonals, letters, strict=True)):
            if index:
                ends = letters[index - 1 : index + 1]
                factors.append((Symbol(self.matrices[index - 1], None, tuple(ends) if all(ends) else ()),))
            if diagonal != _ONE:
                factors.append(Speller((letter,) if letter else (), times).factor(diagonal))
        return joined(times, factors)

    def value(self, values: Values, t: int, size: int) -> Array:
        """The product at a step; ``size`` is the result's."""
        scale, product = _entries(self.diagonals[0], values, t, size), None
        for name, diagonal in zip(self.matrices, self.diagonals[1:], strict=True):
            matrix = values.parameters[name]
            product = scale[:, np.newaxis] * matrix if product is None else (product * scale) @ matrix
            scale = _entries(diagonal, values, t, matrix.shape[1])
        whole: Array = np.diag(scale) if product is None else product * scale
        return whole

    def diagonal(self, values: Values, t: int, size: int) -> Array:
        """The diagonal of a product without matrices."""
        return _entries(self.diagonals[0], values, t, size)


class Use(Struct, frozen=True):
    """A way to where a parameter is used: ``way`` · parameter · ``operand``, or with no operand to a bias."""

    way: Way
    operand: Expression | None = None


class Ways:
    """All ways from one result of some equations, as far as to the results of ``stops``, and no further."""

    def __init__(self, equations: Sequence[Equation], result: str, stops: Collection[str] = ()) -> None:
        self._equations = {equation.name: equation for equation in equations}
        self._stops = stops
        self._to_variables: dict[Variable, list[Use]] = {}
        self._to_parameters: dict[str, list[Use]] = {}
        self._from_result(result, Way())

    def to_variable(self, variable: Variable) -> list[Way]:
        """The ways to a variable that none of the equations computes, or at which they stop."""
        return [use.way for use in _merged(self._to_variables.get(variable, []))]

    def to_parameter(self, parameter: str) -> list[Use]:
        """Every use of a parameter on the way."""
        return _merged(self._to_parameters.get(parameter, []))

    def _from_result(self, result: str, way: Way) -> None:
        equation = self._equations[result]
        value = symbol(Entry(result, 0))
        names = names_of(equation, lambda operand: [any_entry(operand)], [value])
        self._follow(equation.right, way, names)

    def _follow(self, node: Expression, way: Way, names: Mapping[sp.Expr, sp.Expr]) -> None:
        match node:
            case Variable(name, lag):
                if not lag and name in self._equations and name not in self._stops:
                    self._from_result(name, way)
                else:
                    self._to_variables.setdefault(node, []).append(Use(way))
            case Affine(terms, bias):
                for matrix, vector in terms:
                    self._to_parameters.setdefault(matrix, []).append(Use(way, vector))
                    self._follow(vector, way.times(matrix), names)
                if bias is not None:
                    self._to_parameters.setdefault(bias, []).append(Use(way))
            case _:
                for operand, derivative in zip(node.operands, _derivatives(node), strict=True):
                    self._follow(operand, way.through(named(derivative, names)), names)


def _merged(uses: Sequence[Use]) -> list[Use]:
    """Ways that differ in their first diagonal alone are one way: diag(h − n) W for diag(h) W + diag(−n) W."""
    firsts: dict[Use, list[sp.Expr]] = {}
    for use in uses:
        (first, *rest), matrices = use.way.diagonals, use.way.matrices
        firsts.setdefault(Use(Way((_ONE, *rest), matrices), use.operand), []).append(first)
    return [
        Use(
            Way((sp.factor(sp.Add(*same)) if len(same) > 1 else same[0], *key.way.diagonals[1:]), key.way.matrices),
            key.operand,
        )
        for key, same in firsts.items()
    ]


def _derivatives(node: Expression) -> Iterator[sp.Expr]:
    """The derivatives of any entry of a primitive by the same entry of each operand."""
    stand_ins = [sp.Dummy() for _ in node.operands]
    meant = {one: any_entry(operand) for one, operand in zip(stand_ins, node.operands, strict=True)}
    value = elementwise(node, stand_ins)
    for one in stand_ins:
        yield sp.diff(value, one).xreplace(meant)


@lru_cache(64)
def ways_from(equations: tuple[Equation, ...], result: str, stops: tuple[str, ...] = ()) -> Ways:
    """All ways from a result, found once."""
    return Ways(equations, result, stops)


def sum_written(ways: Sequence[Way]) -> Formula:
    """The sum of ways as matrices."""
    return joined(" + ", [way.written() for way in ways])


def sum_value(ways: Sequence[Way], size: tuple[int, int]) -> Callable[[Values, int], Array]:
    """How to compute the sum of ways at a step, [rows, columns]."""

    def value(values: Values, t: int) -> Array:
        return sum((way.value(values, t, size[0]) for way in ways), start=np.zeros(size))

    return value


def _entries(diagonal: sp.Expr, values: Values, t: int, size: int) -> Array:
    (entries,) = compiled(diagonal).at(values.vectors(t))
    return np.broadcast_to(np.asarray(entries, dtype=np.float64), (size,))
