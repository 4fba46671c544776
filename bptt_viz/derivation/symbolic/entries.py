"""The symbols that SymPy calculates with, and which entry of which quantity each stands for. Imports sympy.

Time is relative: a symbol is an entry at the step itself, at the one before, or of a parameter.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import sympy as sp
from msgspec import Struct

if TYPE_CHECKING:
    from bptt_viz.equations import Expression

#: The output's o: an LSTM has a gate of the same letter.
LOGITS: Final = "logits"


class Entry(Struct, frozen=True):
    """What one symbol stands for.

    Attributes
    ----------
    of
        The name of a quantity or a parameter; or an affine expression, whose value has no name.
    t
        0 at the step, −1 at the step before; None for a parameter.
    index
        From 0; empty for the only entry of a quantity, and for any one of a vector.
    """

    of: str | Expression
    t: int | None
    index: tuple[int, ...] = ()


_MEANING: Final[dict[sp.Symbol, Entry]] = {}


@cache
def symbol(entry: Entry) -> sp.Symbol:
    """The symbol of an entry; equal entries have the same."""
    # The name makes the order of SymPy's own sums repeatable.
    name = entry.of if isinstance(entry.of, str) else f"({len(_MEANING)})"
    made = sp.Symbol(" ".join(map(str, (name, entry.t, *entry.index))))
    _MEANING[made] = entry
    return made


def meaning(one: sp.Symbol) -> Entry:
    """What a symbol stands for."""
    return _MEANING[one]


def vector(name: str, t: int, size: int) -> tuple[sp.Symbol, ...]:
    """The entries of a quantity at a step."""
    return tuple(symbol(Entry(name, t, (i,) if size > 1 else ())) for i in range(size))


def matrix(name: str, rows: int, columns: int) -> tuple[tuple[sp.Symbol, ...], ...]:
    """The entries of a parameter, row by row."""
    single = rows == columns == 1
    return tuple(
        tuple(symbol(Entry(name, None, () if single else (i, j))) for j in range(columns)) for i in range(rows)
    )


def bias(name: str, rows: int) -> tuple[sp.Symbol, ...]:
    """The entries of a bias."""
    return tuple(symbol(Entry(name, None, (i,) if rows > 1 else ())) for i in range(rows))


def moved(expression: sp.Expr, by: int) -> sp.Expr:
    """The expression ``by`` steps later."""
    moves = {}
    for one in expression.free_symbols:
        entry = meaning(one)
        if entry.t is not None:
            moves[one] = symbol(Entry(entry.of, entry.t + by, entry.index))
    return expression.xreplace(moves)
