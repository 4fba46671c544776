"""Which letters a textbook uses, and what its δ is: the program's name → a letter. Imports ``formulas`` only."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from bptt_viz.formulas import ErrorTerm, Partial, Symbol, superscript

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bptt_viz.formulas import Token

#: The parameters' names, before any suffix for a gate, a layer or a group.
PARAMETERS: Final = ("U", "W", "V", "b", "c")
#: The other quantities: those of the plain cell, and the gates and states of the others.
QUANTITIES: Final = ("x", "a", "h", "o", "y", "y_hat", "L", "L_t", "delta", "i", "f", "g", "q", "s", "r", "z", "n")
#: What the names of another group of parameters end in → as a superscript, and as what stands before a dot.
_GROUPS: Final[Mapping[str, tuple[str, str]]] = {"dec": ("ᵈᵉᶜ", "dec.")}


class Letter(Struct, frozen=True, forbid_unknown_fields=True):
    """One letter as a terminal shows it and as LaTeX sets it (the source of mathematics, no dollar signs)."""

    unicode: str
    latex: str

    def with_suffix(self, suffix: str) -> Letter:
        """The letter of what has a suffix too: W, ``f_2`` → W_f_2."""
        marks = (part if len(part) < 3 else rf"\mathrm{{{part}}}" for part in suffix.split("_"))
        return Letter(f"{self.unicode}_{suffix}", subscripted(self.latex, ",".join(marks)))


class Placed(Struct, frozen=True):
    """A letter with the marks at its upper right: the layer and the group, empty where there are none."""

    letter: Letter
    above: Letter = Letter("", "")


_ESCAPED: Final = re.compile(r"\\[^A-Za-z]")
_OWN_SUBSCRIPT: Final = re.compile(r"(?<!\\)_")
_PARAMETER: Final = re.compile(
    rf"(?P<name>(?:{'|'.join(PARAMETERS)})(?:_(?!(?:{'|'.join(_GROUPS)})$)[A-Za-z]+)?)"
    rf"(?:_(?P<layer>\d+))?(?:_(?P<group>{'|'.join(_GROUPS)}))?"
)

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
    layers
        ``(l)``: h⁽²⁾, counted from 1. ``l0``: h_l1, counted from 0; a letter with l0 in it has its place for it.
    """

    letters: Mapping[str, Letter]
    delta_is: Literal["a", "h"] = "a"
    mean: Literal["1/count", "1/T"] = "1/count"
    layers: Literal["(l)", "l0"] = "(l)"

    def of(self, name: str) -> Letter:
        """The letter of a quantity or a parameter; a suffix is kept where only the name without it has a letter."""
        if name in self.letters:
            return self.letters[name]
        if name in _CANONICAL:
            return _CANONICAL[name]
        if name.startswith("("):
            # Several states together: (s, h).
            parts = [self.of(part) for part in name[1:-1].split(", ")]
            unicode, latex = (", ".join(getattr(part, kind) for part in parts) for kind in ("unicode", "latex"))
            return Letter(f"({unicode})", f"({latex})")
        base, _, suffix = name.partition("_")
        if suffix:
            return self.of(base).with_suffix(suffix)
        return Letter(name, name if len(name) < 2 else rf"\mathrm{{{name}}}")

    def of_symbol(self, symbol: Symbol) -> Placed:
        """The letter of a symbol with its layer and group: a step's loss has one of its own."""
        if symbol.name == "L" and symbol.t is not None:
            return Placed(self.letters.get("L_t") or self.of("L"))
        name, layer, group = (symbol.name, 0, "") if symbol.name in self.letters else parsed(symbol.name)
        layer = symbol.layer or layer
        if self.layers == "l0":
            return Placed(_in_group(_counted_from_zero(self.of(name), layer), group))
        marks = [(f"⁽{superscript(layer)}⁾", f"({layer})")] if layer else []
        marks += [(_GROUPS[group][0], rf"\mathrm{{{group}}}")] if group else []
        return Placed(self.of(name), Letter("".join(mark for mark, _ in marks), ",".join(mark for _, mark in marks)))

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
    """δ with the gate, the time, the entry and the layer of the quantity that it belongs to."""
    gate = of.name.partition("_")[2]
    return Symbol(f"delta_{gate}" if gate else "delta", of.t, of.entry, of.layer)


def parsed(name: str) -> tuple[str, int, str]:
    """A parameter's name → it without layer and group (``W_f``), the layer or 0, the group or nothing."""
    found = _PARAMETER.fullmatch(name)
    return (found["name"], int(found["layer"] or 0), found["group"] or "") if found else (name, 0, "")


def _counted_from_zero(letter: Letter, layer: int) -> Letter:
    """weight_ih_l0 → weight_ih_l1 in layer 2; h → h_l1."""
    if not layer:
        return letter
    mark = f"l{layer - 1}"
    if "l0" in letter.unicode:
        return Letter(letter.unicode.replace("l0", mark), letter.latex.replace("l0", mark))
    return Letter(f"{letter.unicode}_{mark}", subscripted(letter.latex, rf"\mathrm{{{mark}}}"))


def _in_group(letter: Letter, group: str) -> Letter:
    """weight_ih_l0 → dec.weight_ih_l0."""
    before = _GROUPS[group][1] if group else ""
    return Letter(before + letter.unicode, rf"\texttt{{{before}}}{letter.latex}") if group else letter


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
