"""Which letters a textbook uses, and what its δ is: the program's name → a letter. Imports ``formulas`` only."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from bptt_viz.formulas import ErrorTerm, Partial, Symbol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bptt_viz.formulas import Token

#: The parameters' names, before any suffix for a gate, a layer or a group.
PARAMETERS: Final = ("U", "W", "V", "b", "c")
#: The other quantities: those of the plain cell, and the gates and states of the others.
QUANTITIES: Final = ("x", "a", "h", "o", "y", "y_hat", "L", "L_t", "delta", "i", "f", "g", "r", "z", "n", "s")


class Letter(Struct, frozen=True, forbid_unknown_fields=True):
    """One letter as a terminal shows it and as LaTeX sets it (the source of mathematics, no dollar signs)."""

    unicode: str
    latex: str

    def with_suffix(self, suffix: str) -> Letter:
        """The letter of what has a suffix too: W, ``f_2`` → W_f_2."""
        marks = (part if len(part) < 3 else rf"\mathrm{{{part}}}" for part in suffix.split("_"))
        return Letter(f"{self.unicode}_{suffix}", subscripted(self.latex, ",".join(marks)))


_ESCAPED: Final = re.compile(r"\\[^A-Za-z]")
_OWN_SUBSCRIPT: Final = re.compile(r"(?<!\\)_")

#: What is written where a textbook has no letter of its own: the program's names are the canonical letters.
_CANONICAL: Final[Mapping[str, Letter]] = {
    "y_hat": Letter("ŷ", r"\hat{y}"),
    "delta": Letter("δ", r"\delta"),
    "eta": Letter("η", r"\eta"),
    "xi": Letter("ξ", r"\xi"),
}


class Lettering(Struct, frozen=True):
    """The letters of one textbook and what it means by δ.

    Attributes
    ----------
    letters
        The program's name → the textbook's letter, where they differ. ``L`` is the whole loss, ``L_t`` a step's.
    delta_is
        Whether δ_t is ∂L/∂a_t (the net-input convention) or ∂L/∂h_t.
    mean
        How the factor of a mean over all T steps is written; with fewer targets it is always 1/count.
    """

    letters: Mapping[str, Letter]
    delta_is: Literal["a", "h"] = "a"
    mean: Literal["1/count", "1/T"] = "1/count"

    def of(self, name: str) -> Letter:
        """The letter of a quantity or a parameter; a suffix is kept where only the name without it has a letter."""
        if name in self.letters:
            return self.letters[name]
        if name in _CANONICAL:
            return _CANONICAL[name]
        base, _, suffix = name.partition("_")
        if suffix:
            return self.of(base).with_suffix(suffix)
        return Letter(name, name if len(name) < 2 else rf"\mathrm{{{name}}}")

    def of_symbol(self, symbol: Symbol) -> Letter:
        """The letter of a symbol: a step's loss has one of its own."""
        if symbol.name != "L" or symbol.t is None:
            return self.of(symbol.name)
        return self.letters.get("L_t") or self.of("L")

    def meant(self, token: Token) -> Token:
        """The token as this textbook means it: δ_t for what it calls so, ∂L/∂… for the other of the two."""
        match token:
            case ErrorTerm(a):
                return delta(a) if self.delta_is == "a" else Partial(Symbol("L"), a)
            case Partial(of, wrt, direct=False) if of == Symbol("L") and wrt.name == "h" and self.delta_is == "h":
                return delta(wrt)
            case _:
                return token


def delta(of: Symbol) -> Symbol:
    """δ with the time and the entry of the quantity that it belongs to."""
    return Symbol("delta", of.t, of.entry)


def is_parameter(name: str) -> bool:
    """Whether a name is a parameter's."""
    return name.partition("_")[0] in PARAMETERS


def subscripted(latex: str, marks: str) -> str:
    r"""A letter of LaTeX with a subscript; one that it has already is continued: ``a_{f}``, 3 → ``a_{f,3}``."""
    own = _OWN_SUBSCRIPT.search(latex)
    if own is None:
        return f"{latex}_{{{marks}}}"
    before, inside = latex[: own.start()], latex[own.end() :]
    if inside.startswith("{") and depths(inside)[:-1].count(0) == 0:
        return f"{before}_{{{inside[1:-1]},{marks}}}"
    return f"{{{latex}}}_{{{marks}}}"


def depths(latex: str) -> list[int]:
    """How many braces are open after each character; never below 0 and 0 at the end where they are balanced."""
    bare = _ESCAPED.sub("  ", latex)
    return list(accumulate((one == "{") - (one == "}") for one in bare))
