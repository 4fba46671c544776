"""Formulas as data, and how a textbook writes them. Imports nothing of the package.

A formula is a tuple of tokens; a :class:`Notation` turns it into Unicode. Formulas never hold a
textbook's letters, only the program's own names, so that another textbook is another table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping


class Symbol(Struct, frozen=True):
    """A quantity, with its time index and the entry that is meant, where it has them.

    ``Symbol("h", 3)`` is h₃; ``Symbol("h", 3, (2,))`` is its second entry, ``Symbol("W", None, ("i", "j"))`` any
    entry of W. Entries count from 1.
    """

    name: str
    t: int | str | None = None
    entry: tuple[int | str, ...] = ()


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


class Diagonal(Struct, frozen=True):
    """diag(v): the matrix with v on its diagonal."""

    vector: Formula


class MeanFactor(Struct, frozen=True):
    """The factor of a mean over ``count`` of ``T`` steps: 1/5, or 1/T where a textbook writes that."""

    count: int
    T: int


Token = Symbol | Transposed | Partial | Total | Gradient | ErrorTerm | Power | Diagonal | MeanFactor | str
Formula: TypeAlias = "tuple[Token, ...]"

_SUBSCRIPTS: Final = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
_SUPERSCRIPTS: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def subscript(number: int) -> str:
    """An integer as Unicode subscripts: 12 → ``₁₂``."""
    return str(number).translate(_SUBSCRIPTS)


def superscript(number: int) -> str:
    """An integer as Unicode superscripts: 2 → ``²``."""
    return str(number).translate(_SUPERSCRIPTS)


class Notation(Struct, frozen=True):
    """How one textbook writes the quantities.

    Attributes
    ----------
    letters
        The program's name → the textbook's letter, where they differ.
    """

    name: str
    letters: Mapping[str, str]

    def write(self, formula: Formula) -> str:
        """The formula in Unicode, tokens separated as they come; text tokens stand for themselves."""
        return "".join(self.token(token) for token in formula)

    def token(self, token: Token) -> str:
        """One token in Unicode."""
        match token:
            case str():
                return token
            case Symbol(name, t, entry):
                letter = self.letters.get(name, name)
                marks = f"[{','.join(map(str, entry))}]" if entry else ""
                return letter + ("" if t is None else subscript(t) if isinstance(t, int) else f"_{t}") + marks
            case Transposed(symbol):
                return self.token(symbol) + "ᵀ"
            case Partial(of, wrt, direct):
                return f"∂{'⁺' if direct else ''}{self.token(of)}/∂{self.token(wrt)}"
            case Total(of, wrt):
                return f"d{self.token(of)}/d{self.token(wrt)}"
            case Gradient(parameter):
                return "∇" + self.token(parameter)
            case ErrorTerm(pre_activation):
                return self.token(Symbol("delta", pre_activation.t, pre_activation.entry))
            case Power(base, exponent):
                return self.write(base) + superscript(exponent)
            case Diagonal(vector):
                return f"diag({self.write(vector)})"
            case MeanFactor(count):
                return f"1/{count}"


#: Goodfellow, Bengio & Courville, *Deep Learning* (2016), ch. 10: the canonical one.
GOODFELLOW: Final = Notation("goodfellow", {"y_hat": "ŷ", "delta": "δ"})
NOTATIONS: Final[Mapping[str, Notation]] = {notation.name: notation for notation in (GOODFELLOW,)}
