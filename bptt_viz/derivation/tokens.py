"""Formulas with other symbols in the place of theirs. Imports ``notation`` only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.notation import Diagonal, Partial, Power, Quotient, Symbol, Total, Transposed

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.notation import Formula, Token


def with_symbols(formula: Formula, change: Callable[[Symbol], Symbol]) -> Formula:
    """The formula with every symbol changed, those inside of other tokens too."""
    return tuple(_changed(token, change) for token in formula)


def _changed(token: Token, change: Callable[[Symbol], Symbol]) -> Token:
    match token:
        case Symbol():
            return change(token)
        case Transposed(symbol):
            return Transposed(change(symbol))
        case Partial(of, wrt, direct):
            return Partial(change(of), change(wrt), direct)
        case Total(of, wrt):
            return Total(change(of), change(wrt))
        case Power(base, exponent):
            return Power(with_symbols(base, change), exponent)
        case Quotient(numerator, denominator):
            return Quotient(with_symbols(numerator, change), with_symbols(denominator, change))
        case Diagonal(vector):
            return Diagonal(with_symbols(vector, change))
        case _:
            return token
