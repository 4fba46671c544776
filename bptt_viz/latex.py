r"""Writing a formula as LaTeX, the source of mathematics without dollar signs. Imports ``typesetting``.

Needs the package ``amsmath`` (``\operatorname``, ``\tfrac``, ``\text``); MathJax and KaTeX have it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bptt_viz.formulas import Symbol
from bptt_viz.lettering import is_parameter, subscripted
from bptt_viz.typesetting import Writer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bptt_viz.formulas import Formula, Over

#: Functions that LaTeX has a command for; any other is an operator by its name.
_FUNCTIONS: Final = ("tanh", "log", "exp", "max", "min")
#: Signs and letters of text → commands.
_SIGNS: Final = {
    "⊙": r"\odot",
    "·": r"\cdot",
    "×": r"\times",
    "−": "-",
    "′": "'",
    "½": r"\tfrac{1}{2}",
    "Σ": r"\sum",
    "∏": r"\prod",
    "←": r"\leftarrow",
    "→": r"\rightarrow",
    "…": r"\ldots",
    "≤": r"\le",
    "≥": r"\ge",
    "≠": r"\ne",
    "≈": r"\approx",
    "∈": r"\in",
    "∞": r"\infty",
    "‖": r"\|",
    "√": r"\surd",
    "∇": r"\nabla",
    "∂": r"\partial",
    "α": r"\alpha",
    "γ": r"\gamma",
    "δ": r"\delta",
    "ε": r"\varepsilon",
    "η": r"\eta",
    "θ": r"\theta",
    "λ": r"\lambda",
    "ξ": r"\xi",
    "π": r"\pi",
    "σ": r"\sigma",
    "τ": r"\tau",
    "φ": r"\varphi",
    "ŷ": r"\hat{y}",
    "ᵀ": r"^{\top}",
    **{one: rf"\{one}" for one in "{}%#&$_"},
    "\\": r"\backslash",
    "~": r"\sim",
    "^": r"\wedge",
}
_SCRIPTS: Final = {
    "_": str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-=()aehijklmnoprstuvx"),
    "^": str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", "0123456789+-=()ni"),
}
_SUBSCRIPTS, _SUPERSCRIPTS = ("".join(map(chr, table)) for table in _SCRIPTS.values())
_TEXT: Final = re.compile(
    rf"""
    (?P<number> \d+(?:\.\d+)? e −?\d+ )
  | (?P<function> (?:{"|".join(_FUNCTIONS)})\b | [A-Za-z]{{2,}} (?=[(′]) )
  | (?P<words> [A-Za-z]{{2,}} (?:\ [A-Za-z]{{2,}})* )
  | (?P<below> [{_SUBSCRIPTS}]+ )
  | (?P<above> [{_SUPERSCRIPTS}]+ )
  | (?P<sign> [{re.escape("".join(_SIGNS))}] )
  | (?P<foreign> [^\x00-\x7f]+ )
    """,
    re.VERBOSE,
)
_RAISED: Final = re.compile(r"\^\{[^{}]*(?:\{[^{}]*\})?[^{}]*\}$")
_COMMAND: Final = re.compile(r"\\[A-Za-z]+$")
_POWER_OF_TEN: Final = re.compile(r"\d[\d.]* \\times 10\^\{-?\d+\}$")
#: What stands above and below the line of a fraction.
_DIFFERENTIALS: Final = {"∂": r"\partial", "∂⁺": r"\partial^{+}", "d": r"\mathrm{d}"}


class LatexWriter(Writer):
    """LaTeX, without the dollar signs around it."""

    def joined(self, pieces: Iterable[str]) -> str:
        """With a blank where a command would run into a letter; brackets where what has an exponent gets another."""
        whole, before = "", ""
        for piece in pieces:
            if piece.startswith("^") and _POWER_OF_TEN.search(whole):
                whole = _POWER_OF_TEN.sub(r"(\g<0>)", whole)
            elif piece.startswith("^") and _RAISED.search(before):
                whole = f"{whole.removesuffix(before)}({before})"
            before = piece
            whole += f" {piece}" if piece[:1].isalpha() and _COMMAND.search(whole) else piece
        return whole

    def text(self, text: str) -> str:
        """Signs as commands, words as words; a blank between two factors as a thin space."""
        if text == " ":
            return r"\,"
        pieces, end = [], 0
        for match in _TEXT.finditer(text):
            pieces += [text[end : match.start()], _piece(match)]
            end = match.end()
        return self.joined([*pieces, text[end:]])

    def symbol(self, symbol: Symbol) -> str:
        """h_{3}, h_{3,2}, h_{3}^{(2)}; W_{12} for an entry of a parameter, [W_{f}]_{12} where its letter has marks."""
        return self._symbol(symbol, "")

    def _symbol(self, symbol: Symbol, exponent: str) -> str:
        """A symbol whose superscript, after the layer and the group, ends in an exponent."""
        placed = self._lettering.of_symbol(symbol)
        letter, above = placed.letter.latex, placed.above.latex
        entry = [self.text(str(one)) for one in symbol.entry]
        if symbol.t is not None:
            return _raised(subscripted(letter, ",".join([self.text(str(symbol.t)), *entry])), above + exponent)
        if not entry:
            return _raised(letter, above + exponent)
        marks = ("," if any(len(one) > 1 for one in entry) else "").join(entry)
        if is_parameter(symbol.name) and "_" not in letter:
            return _raised(f"{letter}_{{{marks}}}", above + exponent)
        return _raised(f"[{_raised(letter, above)}]_{{{marks}}}", exponent)

    def transposed(self, symbol: Symbol) -> str:
        r"""W^{\top}, W^{(2)\top}."""
        return self._symbol(symbol, r"\top")

    def ratio(self, above: str, of: Symbol, below: str, wrt: Symbol) -> str:
        """A fraction of differentials."""
        parts = (self.joined((_DIFFERENTIALS[d], " ", self.symbol(one))) for d, one in ((above, of), (below, wrt)))
        return rf"\frac{{{next(parts)}}}{{{next(parts)}}}"

    def gradient(self, parameter: Symbol) -> str:
        r"""\nabla W."""
        return self.joined((r"\nabla", self.symbol(parameter)))

    def power(self, base: Formula, exponent: int) -> str:
        """h_{3}^{2}."""
        written = self.write(base)
        if isinstance(base[0], Symbol) and self._lettering.of_symbol(base[0]).above.latex:
            return f"({written})^{{{exponent}}}"
        return _raised(written, str(exponent)) if len(base) < 2 else f"{written}^{{{exponent}}}"

    def quotient(self, numerator: Formula, denominator: Formula) -> str:
        """A fraction."""
        return rf"\frac{{{self.write(numerator)}}}{{{self.write(denominator)}}}"

    def share(self, of: str) -> str:
        """A small fraction."""
        return rf"\tfrac{{1}}{{{of}}}"

    def over(self, over: Over) -> str:
        """The sign with its index below and, where there are both bounds, the last above."""
        index, first, last = (self.text(one) for one in (over.index, over.first, over.last))
        sign = _SIGNS[over.operator]
        if first and last:
            return f"{sign}_{{{index}={first}}}^{{{last}}}"
        bound = rf" \ge {first}" if first else rf" \le {last}" if last else ""
        return f"{sign}_{{{index}{bound}}}"


def _piece(match: re.Match[str]) -> str:
    found = match[0]
    match match.lastgroup:
        case "number":
            mantissa, _, exponent = found.partition("e")
            return rf"{mantissa} \times 10^{{{exponent.replace('−', '-')}}}"
        case "function":
            return rf"\{found}" if found in _FUNCTIONS else rf"\operatorname{{{found}}}"
        case "words":
            return rf"\text{{{found}}}"
        case "below":
            return f"_{{{found.translate(_SCRIPTS['_'])}}}"
        case "above":
            return f"^{{{found.translate(_SCRIPTS['^'])}}}"
        case "sign":
            return _SIGNS[found]
        case _:
            return rf"\text{{{found}}}"


def _raised(written: str, exponent: str) -> str:
    """With a superscript, where there is one: another one is put in braces before it, a power of ten in brackets."""
    if not exponent:
        return written
    if _POWER_OF_TEN.fullmatch(written):
        return f"({written})^{{{exponent}}}"
    return f"{{{written}}}^{{{exponent}}}" if "^" in written else f"{written}^{{{exponent}}}"
