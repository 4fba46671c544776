"""Formulas as data, and how a textbook writes them. Imports nothing of the package.

A formula is a tuple of tokens; a :class:`Notation` turns it into Unicode. Formulas never hold a
textbook's letters, only the program's own names, so that another textbook is another table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping


class Symbol(Struct, frozen=True):
    """A quantity, with its time index where it has one: ``Symbol("h", 3)`` is h₃."""

    name: str
    t: int | None = None


class Transposed(Struct, frozen=True):
    """Mᵀ or vᵀ."""

    symbol: Symbol


class Partial(Struct, frozen=True):
    """∂of/∂wrt; ``direct`` is the immediate derivative ∂⁺, earlier states held fixed."""

    of: Symbol
    wrt: Symbol
    direct: bool = False


class Gradient(Struct, frozen=True):
    """∇θ: what is accumulated for a parameter."""

    parameter: Symbol


class ErrorTerm(Struct, frozen=True):
    """δ_t: the gradient with respect to a pre-activation."""

    pre_activation: Symbol


Token = Symbol | Transposed | Partial | Gradient | ErrorTerm | str
Formula = tuple[Token, ...]

_SUBSCRIPTS: Final = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")


def subscript(number: int) -> str:
    """An integer as Unicode subscripts: 12 → ``₁₂``."""
    return str(number).translate(_SUBSCRIPTS)


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
            case Symbol(name, t):
                letter = self.letters.get(name, name)
                return letter if t is None else letter + subscript(t)
            case Transposed(symbol):
                return self.token(symbol) + "ᵀ"
            case Partial(of, wrt, direct):
                return f"∂{'⁺' if direct else ''}{self.token(of)}/∂{self.token(wrt)}"
            case Gradient(parameter):
                return "∇" + self.token(parameter)
            case ErrorTerm(pre_activation):
                return self.token(Symbol("delta", pre_activation.t))


#: Goodfellow, Bengio & Courville, *Deep Learning* (2016), ch. 10: the canonical one.
GOODFELLOW: Final = Notation("goodfellow", {"y_hat": "ŷ", "delta": "δ"})
NOTATIONS: Final[Mapping[str, Notation]] = {notation.name: notation for notation in (GOODFELLOW,)}
