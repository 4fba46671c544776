"""What an adjoint becomes on a route: values, arithmetic and rows of its factors. Imports the core; no screen.

A route's sign is its own; where it is put is said by who writes the route.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from bptt_viz.equations import Activation, Product, Variable
from bptt_viz.formulas import Formula, PieceT, joined
from bptt_viz.leaves import Site, as_factor, column_of, derivative, leaf, work_out
from bptt_viz.working import Part
from bptt_viz.writing import Route, derivative_written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bptt_viz.activations import Array
    from bptt_viz.arithmetic import Worked
    from bptt_viz.quantities import Adjoint
    from bptt_viz.writing import Factor


class Sent(Struct, frozen=True, eq=False):
    """What an equation sends back: the adjoint of its result, as a whole and entry by entry."""

    formula: Formula
    values: Array
    worked: Callable[[int], Worked]


def as_it_is(formula: Formula, values: Array, quantity: Adjoint) -> Sent:
    """An adjoint that has a name, sent back whole."""
    return Sent(formula, values, lambda index: (leaf(formula, values, (index,), quantity),))


def passed(factors: tuple[Factor, ...], adjoint: Array, site: Site) -> Array:
    """An adjoint after the first factors of a route."""
    for factor in factors:
        if factor.matrix is not None:
            adjoint = adjoint @ site.scope.parameters[factor.matrix]
        else:
            adjoint = factor.value(adjoint.shape, site.scope) * adjoint
    return adjoint


def share_worked(way: Route, site: Site, arriving: Sent, index: int) -> Worked:
    """Entry ``index`` of what arrives on one route: its factors, innermost last, times what was sent."""

    def entry(position: int, factors: tuple[Factor, ...]) -> Worked:
        if not factors:
            return arriving.worked(position)
        *inner, last = factors
        if last.matrix is not None:
            m = site.scope.parameters[last.matrix]
            reached = passed(tuple(inner), arriving.values, site)
            return (column_of(last.matrix, m, position, reached, lambda j: entry(j, tuple(inner))),)
        return (*_factor_worked(last, way, site, position), "·", *entry(position, tuple(inner)))

    return entry(index, way.factors)


def _factor_worked(factor: Factor, way: Route, site: Site, index: int) -> Worked:
    """One entry of an entry-by-entry factor."""
    node = factor.node
    match node:
        case Activation():
            whole, name = node is way.equation.right, way.equation.name
            # The result of the equation is a number that is known; any other is written out.
            output = work_out(Variable(name) if whole else node, index, site)
            return ("(", *derivative(node, index, output if whole else ("(", *output, ")"), site), ")")
        case Product(left, right):
            return as_factor(right if factor.operand == 0 else left, index, site)
    raise TypeError(f"expected an entry-by-entry primitive, found {type(node).__name__}")


def has_matrix(way: Route) -> bool:
    """Whether a matrix acts on a route, so that entries mix."""
    return any(factor.matrix for factor in way.factors)


def factor_rows(ways: Sequence[Route], site: Site, size: int) -> list[Part]:
    """What entry-by-entry routes multiply the same adjoint, [H] of ``size`` H, by.

    Of a single route, which must not be subtracted, that is a row for each factor; of several it is one row: h₁ − n₂.
    """
    if len(ways) > 1:
        return [_sum_of_factors(ways, site, size)]
    (way,) = ways
    rows: list[Part] = []
    for factor in reversed(way.factors):
        meaning: Formula = ()
        if isinstance(factor.node, Activation) and factor.node is way.equation.right:
            meaning = derivative_written(factor.node, (site.symbol(way.equation.name),), site.t, site.number)
        values = factor.value((size,), site.scope)
        worked = partial(_factor_worked, factor, way, site)
        rows.append(Part("⊙" if rows else "", factor.formula, values, "hidden", worked=worked, meaning=meaning))
    return rows


def _sum_of_factors(ways: Sequence[Route], site: Site, size: int) -> Part:
    """What is added first, what is subtracted after it."""
    ways = sorted(ways, key=lambda way: way.negative)
    formulas = [joined(" ⊙ ", [factor.formula for factor in reversed(way.factors)]) or ("1",) for way in ways]
    shares = [passed(way.factors, np.ones(size), site) for way in ways]
    values = np.sum([-share if way.negative else share for way, share in zip(ways, shares, strict=True)], axis=0)

    def worked(index: int) -> Worked:
        every = [[_factor_worked(factor, way, site, index) for factor in reversed(way.factors)] for way in ways]
        return _with_signs(ways, [joined("·", one) or ("1",) for one in every])

    return Part("", _with_signs(ways, formulas), values, "hidden", worked=worked)


def _with_signs(ways: Sequence[Route], shares: list[tuple[PieceT, ...]]) -> tuple[PieceT | str, ...]:
    """One share for each route, added or subtracted, in brackets."""
    pieces: list[PieceT | str] = []
    for way, share in zip(ways, shares, strict=True):
        join = " − " if way.negative else " + "
        pieces += [*([join] if pieces else [join.strip()] if way.negative else []), *share]
    return ("(", *pieces, ")")
