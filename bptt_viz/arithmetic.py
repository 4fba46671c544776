"""One entry's arithmetic: a formula whose symbols know their numbers and where those came from. Imports ``formulas``.

What is written once here is read three ways: in symbols, with the numbers put in, and as the list of numbers used.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from bptt_viz.formatting import plain
from bptt_viz.formulas import ErrorTerm, Gradient, Partial, Symbol, Transposed, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bptt_viz.formulas import Formula, Token
    from bptt_viz.quantities import Number

#: More summands than this end in an ellipsis when a number is written out.
MOST_SUMMANDS: Final = 8


class Leaf(Struct, frozen=True):
    """A number that is used: its symbol, its value, and which number it is; None where it has no name of its own."""

    symbol: Formula
    value: float
    number: Number | None = None


class Summands(Struct, frozen=True):
    """Several summands, in brackets unless they are ``bare``.

    Attributes
    ----------
    kept
        Those that are written when numbers are put in: products with the zeros of a one-hot vector are folded.
    most
        How many are written before an ellipsis.
    """

    terms: tuple[Worked, ...]
    kept: tuple[int, ...]
    bare: bool = False
    most: int = MOST_SUMMANDS


Worked: TypeAlias = "tuple[Token | Leaf | Summands, ...]"


def summands(terms: Sequence[Worked], factors: Sequence[float]) -> Summands:
    """The sum of products, one for each of ``factors``; of a one-hot vector's only the one that is not 0 is kept.

    A zero among other numbers is one of them and stays.
    """
    used = tuple(index for index, factor in enumerate(factors) if factor != 0)
    return Summands(tuple(terms), used if len(used) <= 1 else tuple(range(len(factors))))


def total(terms: Sequence[Worked], *, bare: bool = False, most: int = MOST_SUMMANDS) -> Summands:
    """The sum of ``terms``, all of which are kept."""
    return Summands(tuple(terms), tuple(range(len(terms))), bare, most)


def in_symbols(worked: Worked) -> Formula:
    """The formula in symbols."""
    tokens: list[Token] = []
    for piece in worked:
        match piece:
            case Leaf(symbol):
                tokens.extend(symbol)
            case Summands(terms, _, bare, most):
                tokens.extend(_added([in_symbols(term) for term in terms], most, bare=bare))
            case _:
                tokens.append(piece)
    return tuple(tokens)


def in_numbers(worked: Worked, written: Callable[[float], str] = plain, *, opens: bool = True) -> Formula:
    """The formula with the numbers put in: tokens of text where all its symbols have values.

    ``written`` says how a number is written, ``opens`` whether nothing stands before the formula, so that a negative
    number that begins it needs no brackets.
    """
    tokens: list[Token] = []
    for index, piece in enumerate(worked):
        match piece:
            case Leaf(_, value):
                following = worked[index + 1 : index + 2]
                text = written(value)
                alone = value >= 0 or _stands_alone(tokens, following, opens=opens)
                tokens.append(text if alone else f"({text})")
            case Summands(terms, kept, bare, most):
                tokens.extend(
                    _added([in_numbers(terms[one], written, opens=one == kept[0]) for one in kept], most, bare=bare)
                    or ("0",)
                )
            case _:
                tokens.append(piece)
    return tuple(tokens)


def leaves(worked: Worked) -> Iterator[Leaf]:
    """The numbers that are used, in writing order; folded ones are not used."""
    for piece in worked:
        match piece:
            case Leaf():
                yield piece
            case Summands(terms, kept):
                for one in kept:
                    yield from leaves(terms[one])


def bracketed(value: float) -> str:
    """A number as a factor or a summand: in brackets where it is negative."""
    return f"({plain(value)})" if value < 0 else plain(value)


def entry_of(formula: Formula, *entry: int) -> Formula:
    """Entry ``entry``, from 1, of what a formula stands for: h₃ → h₃[2], ∂L/∂h₃ → ∂L/∂h₃[2], W h₂ → (W h₂)[2].

    What is said after a token in brackets stays behind it: ∂⁺L/∂W (t = 3) → ∂⁺L/∂W₁₂ (t = 3).
    """
    if not entry:
        return formula
    first, rest = formula[0], formula[1:]
    alone = not rest or (len(rest) == 1 and isinstance(rest[0], str) and rest[0].startswith(" ("))
    marked = _marked(first, entry) if alone else None
    if marked is not None:
        return (marked, *rest)
    inner = formula[1:-1] if first == "(" and rest[-1:] == (")",) and _is_closed(formula[1:-1]) else formula
    return ("(", *inner, f")[{','.join(map(str, entry))}]")


def _is_closed(formula: Formula) -> bool:
    """Whether every bracket that closes in the formula was opened in it."""
    depths = accumulate(token.count("(") - token.count(")") for token in formula if isinstance(token, str))
    return min(depths, default=0) >= 0


def _marked(token: Token, entry: tuple[int, ...]) -> Token | None:
    match token:
        case Symbol(entry=()):
            return replace(token, entry=entry)
        case Partial(of, wrt, direct):
            return Partial(of, replace(wrt, entry=entry), direct)
        case ErrorTerm(a):
            return ErrorTerm(replace(a, entry=entry))
        case Gradient(parameter):
            return Gradient(replace(parameter, entry=entry))
        case Transposed(symbol):
            return replace(symbol, entry=entry[::-1]) if len(entry) > 1 else None
        case _:
            return None


def _added(terms: list[Formula], most: int, *, bare: bool) -> Formula:
    tokens: Formula = joined(" + ", terms[:most])
    if len(terms) > most:
        tokens = (*tokens, " + …")
    return tokens if bare or len(terms) <= 1 else ("(", *tokens, ")")


def _stands_alone(before: list[Token], following: Worked, *, opens: bool) -> bool:
    """Whether a negative number needs no brackets: it opens a sum or is all that stands between brackets."""
    opens = opens if not before else isinstance(before[-1], str) and before[-1].endswith("(")
    text = following[0] if following else ""
    return opens and isinstance(text, str) and not text.startswith(("·", "²", " ·"))
