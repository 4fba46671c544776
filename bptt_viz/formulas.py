"""Formulas as data: tuples of tokens, which hold the program's names and no textbook's letters. Imports nothing.

How a formula is written is for a :class:`bptt_viz.notation.Notation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable


class Symbol(Struct, frozen=True):
    """A quantity, with its time index and the entry that is meant, where it has them.

    ``Symbol("h", 3)`` is h₃, ``Symbol("h", "t")`` that of any step, ``Symbol("h", "j−1")`` of the one before step j;
    ``Symbol("h", 3, (2,))`` is the second entry of h₃, ``Symbol("W", None, ("i", "j"))`` any entry of W. Entries count
    from 1. ``Symbol("L")`` is the whole loss, ``Symbol("L", 3)`` the third step's. Layers count from 1; 0 where there
    is only one, or none is meant. A parameter's layer is in its name: ``Symbol("W_f_2")``.
    """

    name: str
    t: int | str | None = None
    entry: tuple[int | str, ...] = ()
    layer: int = 0


class Transposed(Struct, frozen=True):
    """Mᵀ or vᵀ."""

    symbol: Symbol


class Partial(Struct, frozen=True):
    """∂of/∂wrt; ``direct`` is the immediate derivative ∂⁺, earlier states held fixed."""

    of: Symbol
    wrt: Symbol
    direct: bool = False


class Total(Struct, frozen=True):
    """dof/dwrt: the total derivative, through every earlier state as well."""

    of: Symbol
    wrt: Symbol


class Gradient(Struct, frozen=True):
    """∇θ: what is accumulated for a parameter."""

    parameter: Symbol


class ErrorTerm(Struct, frozen=True):
    """∂L/∂(a pre-activation): δ_t in the net-input convention."""

    pre_activation: Symbol


class Power(Struct, frozen=True):
    """A power of a formula that needs no brackets of its own: h₃², (W₁₁)²."""

    base: Formula
    exponent: int


class Quotient(Struct, frozen=True):
    """A fraction; on one line a denominator of several tokens is bracketed, and so is such a numerator."""

    numerator: Formula
    denominator: Formula


class Diagonal(Struct, frozen=True):
    """diag(v): the matrix with v on its diagonal."""

    vector: Formula


class MeanFactor(Struct, frozen=True):
    """The factor of a mean over ``count`` of ``T`` steps: 1/5, or 1/T where a textbook writes that."""

    count: int
    T: int


class Over(Struct, frozen=True):
    """Σ or ∏ over an index, the summand not included: Σₜ, Σ_{k≤t} (only ``last``), ∏_{j=k+1..t} (both bounds)."""

    operator: Literal["Σ", "∏"]
    index: str
    first: str = ""
    last: str = ""


#: Text stands for itself: ``" + "``, ``"tanh("``, ``" (t = 3)"``, a number.
Token = (
    Symbol | Transposed | Partial | Total | Gradient | ErrorTerm | Power | Quotient | Diagonal | MeanFactor | Over | str
)
Formula: TypeAlias = "tuple[Token, ...]"

#: A token, or what stands in a token's place where a formula knows its numbers.
PieceT = TypeVar("PieceT")

_SUBSCRIPTS: Final = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
_SUPERSCRIPTS: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def joined(separator: str, formulas: Iterable[tuple[PieceT, ...]]) -> tuple[PieceT | str, ...]:
    """Formulas with a separator between them; none before the first that is not empty."""
    pieces: list[PieceT | str] = []
    for formula in formulas:
        if pieces:
            pieces.append(separator)
        pieces.extend(formula)
    return tuple(pieces)


def subscript(number: int) -> str:
    """An integer as Unicode subscripts: 12 → ``₁₂``."""
    return str(number).translate(_SUBSCRIPTS)


def superscript(number: int) -> str:
    """An integer as Unicode superscripts: 2 → ``²``."""
    return str(number).translate(_SUPERSCRIPTS)
