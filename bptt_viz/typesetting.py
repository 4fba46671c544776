"""Writing a formula token by token, and doing so in one line of Unicode. Imports ``formulas`` and ``lettering``.

Another form of writing is another :class:`Writer`; LaTeX is in ``latex``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bptt_viz.formulas import (
    Diagonal,
    ErrorTerm,
    Gradient,
    MeanFactor,
    Over,
    Partial,
    Power,
    Quotient,
    Symbol,
    Total,
    Transposed,
    subscript,
    superscript,
)
from bptt_viz.lettering import is_parameter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bptt_viz.formulas import Formula, Token
    from bptt_viz.lettering import Lettering

#: Tokens whose writing is kept.
_MOST_KEPT: Final = 4096
#: The letters that Unicode has as subscripts.
_LETTERS: Final = dict(zip("aehijklmnoprstuvx", "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))


class Writer(ABC):
    """Writes formulas in the letters of one textbook."""

    def __init__(self, lettering: Lettering) -> None:
        self._lettering = lettering
        # A screen is the same few hundred tokens again and again.
        self._kept = lru_cache(maxsize=_MOST_KEPT)(self._written)

    def write(self, formula: Formula) -> str:
        """The formula, tokens in their order."""
        return self.joined(self.token(token) for token in formula)

    def token(self, token: Token) -> str:
        """One token, δ as the textbook means it."""
        return self._kept(token)

    def _written(self, token: Token) -> str:
        return self.as_it_is(self._lettering.meant(token))

    def as_it_is(self, token: Token) -> str:
        """One token, ∂L/∂… written out even where the textbook has δ for it."""
        match token:
            case str():
                return self.text(token)
            case Symbol():
                return self.symbol(token)
            case Partial() | Total() | Gradient() | ErrorTerm():
                return self._derivative(token)
            case MeanFactor(count, T):
                return self.share("T" if count == T and self._lettering.mean == "1/T" else str(count))
            case Over():
                return self.over(token)
            case _:
                return self._compound(token)

    def _derivative(self, token: Partial | Total | Gradient | ErrorTerm) -> str:
        match token:
            case Partial(of, wrt, direct):
                return self.ratio("∂⁺" if direct else "∂", of, "∂", wrt)
            case Total(of, wrt):
                return self.ratio("d", of, "d", wrt)
            case Gradient(parameter):
                return self.gradient(parameter)
            case ErrorTerm(a):
                return self.ratio("∂", Symbol("L"), "∂", a)

    def _compound(self, token: Transposed | Power | Quotient | Diagonal) -> str:
        match token:
            case Transposed(symbol):
                return self.transposed(symbol)
            case Power(base, exponent):
                return self.power(base, exponent)
            case Quotient(numerator, denominator):
                return self.quotient(numerator, denominator)
            case Diagonal(vector):
                return self.write(("diag(", *vector, ")"))

    @abstractmethod
    def joined(self, pieces: Iterable[str]) -> str:
        """Written tokens, one after the other."""

    @abstractmethod
    def text(self, text: str) -> str:
        """What stands for itself."""

    @abstractmethod
    def symbol(self, symbol: Symbol) -> str:
        """A letter with its indices."""

    @abstractmethod
    def transposed(self, symbol: Symbol) -> str:
        """The transpose."""

    @abstractmethod
    def ratio(self, above: str, of: Symbol, below: str, wrt: Symbol) -> str:
        """A derivative, ``above`` and ``below`` being ∂, ∂⁺ or d."""

    @abstractmethod
    def gradient(self, parameter: Symbol) -> str:
        """∇ of a parameter."""

    @abstractmethod
    def power(self, base: Formula, exponent: int) -> str:
        """A power."""

    @abstractmethod
    def quotient(self, numerator: Formula, denominator: Formula) -> str:
        """A fraction."""

    @abstractmethod
    def share(self, of: str) -> str:
        """One in so many."""

    @abstractmethod
    def over(self, over: Over) -> str:
        """The sign of a sum or a product, with its index and bounds."""


class UnicodeWriter(Writer):
    """One line of Unicode; text stands for itself."""

    def joined(self, pieces: Iterable[str]) -> str:
        """Without anything between them: the blanks of a formula are its own."""
        return "".join(pieces)

    def text(self, text: str) -> str:
        """As it is."""
        return text

    def symbol(self, symbol: Symbol) -> str:
        """h₃, h_t, h_{j−1}, h₃[2], h⁽²⁾₃; W₁₂ for an entry of a parameter, W_hh[1,2] where that could not be read."""
        placed = self._lettering.of_symbol(symbol)
        letter = placed.letter.unicode + placed.above.unicode
        if symbol.t is None and symbol.entry and is_parameter(symbol.name):
            entry = _entry(symbol.entry) if len(placed.letter.unicode) == 1 else None
            if entry is not None:
                return letter + entry
        marks = f"[{','.join(map(str, symbol.entry))}]" if symbol.entry else ""
        return letter + _time(symbol.t) + marks

    def transposed(self, symbol: Symbol) -> str:
        """Wᵀ."""
        return self.symbol(symbol) + "ᵀ"

    def ratio(self, above: str, of: Symbol, below: str, wrt: Symbol) -> str:
        """∂h₃/∂W."""
        return f"{above}{self.symbol(of)}/{below}{self.symbol(wrt)}"

    def gradient(self, parameter: Symbol) -> str:
        """∇W."""
        return "∇" + self.symbol(parameter)

    def power(self, base: Formula, exponent: int) -> str:
        """h₃²."""
        return self.write(base) + superscript(exponent)

    def quotient(self, numerator: Formula, denominator: Formula) -> str:
        """1/h₃, (h₃ + 1)/(h₂ + 1)."""
        above, below = (self.write(one) if len(one) < 2 else f"({self.write(one)})" for one in (numerator, denominator))
        return f"{above}/{below}"

    def share(self, of: str) -> str:
        """1/5."""
        return f"1/{of}"

    def over(self, over: Over) -> str:
        """Σₜ, Σ_{k≤t}, Σ_{t≥k}, ∏_{j=k+1..t}."""
        if over.first and over.last:
            return f"{over.operator}_{{{over.index}={over.first}..{over.last}}}"
        if over.first or over.last:
            bound = f"≥{over.first}" if over.first else f"≤{over.last}"
            return f"{over.operator}_{{{over.index}{bound}}}"
        return over.operator + (_subscripts(over.index) or f"_{over.index}")


def _time(t: int | str | None) -> str:
    if isinstance(t, str):
        return f"_{t}" if len(t) == 1 else f"_{{{t}}}"
    return "" if t is None else subscript(t)


def _entry(entry: tuple[int | str, ...]) -> str | None:
    """Indices as subscripts, with a comma where 1, 12 could be read as 11, 2; None where there are none."""
    marks = [subscript(one) if isinstance(one, int) else _subscripts(one) for one in entry]
    if not all(marks):
        return None
    return ("," if any(len(str(one)) > 1 for one in entry) else "").join(marks)


def _subscripts(text: str) -> str:
    """Letters as subscripts; empty where Unicode lacks one of them."""
    return "".join(_LETTERS[one] for one in text) if all(one in _LETTERS for one in text) else ""
