"""SymPy's expressions as formulas, in the order in which one writes them: 1 − h², not −h² + 1. Imports ``entries``.

Steps are relative, as in the symbols; entries count from 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp
from msgspec import Struct, structs

from bptt_viz.derivation.stack import symbol, told
from bptt_viz.derivation.symbolic.entries import LOGITS, Entry, meaning
from bptt_viz.formulas import joined
from bptt_viz.notation import Formula, Power, Quotient, Symbol, Token
from bptt_viz.writing import function_name, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PLUS, _MINUS = " + ", " − "
#: Where a factor stands in a product: after what this step computed the parameters, then what it was given.
_MATRIX, _COMPUTED, _PARAMETER, _GIVEN = range(4)
_INPUTS = ("x", "y")


class Speller(Struct, frozen=True):
    """Spells expressions.

    Attributes
    ----------
    index
        The letter of symbols that stand for any entry of a vector.
    times
        Between factors.
    definition
        Gives for a result and its step, counted from 1, what it is replaced by: what it is computed from, or None.
    position
        What the steps of symbols are counted from.
    matrices_first
        Whether products are those of a forward equation, W · h.
    """

    index: tuple[str, ...] = ()
    times: str = " · "
    definition: Callable[[str, int], sp.Expr | None] = lambda _name, _position: None
    position: int = 0
    matrices_first: bool = False

    def spelled(self, expression: sp.Expr) -> Formula:
        """The expression as a formula."""
        speller, meant = self.meant(expression)
        if speller is not self:
            return speller.spelled(meant)
        if meant.is_Add:
            return self._sum(meant)
        return self._product(meant) if meant.is_Mul else self._simple(meant)

    def factor(self, expression: sp.Expr) -> Formula:
        """The expression as a factor: a sum in brackets."""
        speller, meant = self.meant(expression)
        formula = speller.spelled(meant)
        return ("(", *formula, ")") if meant.is_Add else formula

    def meant(self, expression: sp.Expr) -> tuple[Speller, sp.Expr]:
        """What a result is computed from, and how that is spelled; anything else as it is."""
        if expression.is_Symbol:
            entry = meaning(expression)
            after = 0 if entry.t is None else self.position + entry.t
            meant = self.definition(entry.of, after) if after > 0 and isinstance(entry.of, str) else None
            if meant is not None:
                return structs.replace(self, position=after, matrices_first=True).meant(meant)
        return self, expression

    def _sum(self, total: sp.Expr) -> Formula:
        tokens: list[Token] = []
        for negative, term in sorted(map(_sign, total.args), key=lambda one: (one[0], self._place(one[1]))):
            sign = _MINUS if negative else _PLUS
            first = ("−",) if negative else ()
            tokens += [*((sign,) if tokens else first), *self.spelled(term)]
        return tuple(tokens)

    def _product(self, product: sp.Expr) -> Formula:
        negative, positive = _sign(product)
        if negative:
            return ("−", *self.factor(positive))
        above: list[sp.Expr] = []
        below: list[sp.Expr] = []
        for one in sorted(sp.Mul.make_args(positive), key=self._place):
            (below if one.is_Pow and one.exp.is_negative else above).append(one)
        tokens = self._factors(above)
        if not below:
            return tokens
        return (Quotient(tokens or ("1",), self._factors([1 / one for one in below])),)

    def _factors(self, factors: list[sp.Expr]) -> Formula:
        return joined(self.times, map(self.factor, factors))

    def _simple(self, expression: sp.Expr) -> Formula:
        if expression.is_Symbol:
            return self._symbol(meaning(expression))
        if expression.is_Rational:
            return _number(expression)
        if expression.is_Pow:
            if expression.exp.is_negative:
                return (Quotient(("1",), self.factor(1 / expression)),)
            return (Power(self.factor(expression.base), int(expression.exp)),)
        if expression.is_Piecewise:
            # Only relu′ is one: 1 where its argument is positive, else 0.
            condition = expression.args[0].cond
            sides = (self.spelled(condition.lhs), self.spelled(condition.rhs))
            return ("[", *sides[0], f" {condition.rel_op} ", *sides[1], "]")
        name = expression.func.__name__
        return (function_name(name), "(", *self.spelled(expression.args[0]), ")")

    def _symbol(self, entry: Entry) -> Formula:
        if not isinstance(entry.of, str):
            assert entry.t is not None
            inner = told(written(entry.of, entry.t))
            return ("(", *inner, ")", f"[{','.join(self.index)}]") if self.index else ("(", *inner, ")")
        counted = tuple(i + 1 for i in entry.index)
        if entry.t is None:
            return (Symbol(entry.of, None, counted),)
        return (of_name(entry.of, self.position + entry.t, counted or self.index),)

    def _place(self, part: sp.Expr) -> tuple[object, ...]:
        """Where a part stands among the others of a sum or a product."""
        if part.is_number:
            return (-1,)
        entries = sorted(self._entries(part))
        return (entries[0], part.is_Add, len(entries), entries)

    def _entries(self, part: sp.Expr) -> Iterator[tuple[object, ...]]:
        for one in part.free_symbols:
            entry = meaning(one)
            name = entry.of if isinstance(entry.of, str) else ""
            if entry.t is None:
                kind = _MATRIX if self.matrices_first else _PARAMETER
            else:
                kind = _GIVEN if entry.t < 0 or name in _INPUTS else _COMPUTED
            yield (kind, name, -(entry.t or 0), entry.index)


def of_name(name: str, t: int, entry: tuple[int | str, ...] = ()) -> Symbol:
    """The symbol of a quantity by its name in here."""
    return symbol("o" if name == LOGITS else name, t, entry)


def _number(number: sp.Rational) -> Formula:
    if number.is_negative:
        return ("−", *_number(-number))
    if number.is_Integer:
        return (str(number),)
    return ("½",) if number == sp.Rational(1, 2) else (Quotient((str(number.p),), (str(number.q),)),)


def _sign(term: sp.Expr) -> tuple[bool, sp.Expr]:
    """Whether a summand or a product is written with a minus, and what comes after it."""
    coefficient, rest = term.as_coeff_Mul()
    factors = [one for one in sp.Mul.make_args(rest) if one.is_Add and one.as_coeff_Add()[0].is_negative]
    for one in factors:
        rest, coefficient = rest.xreplace({one: -one}), -coefficient
    return bool(coefficient.is_negative), abs(coefficient) * rest
