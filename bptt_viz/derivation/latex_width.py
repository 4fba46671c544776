r"""How wide LaTeX's mathematics is on a page, estimated in Computer Modern. Imports ``layout``.

Exact widths need TeX's tables of glyphs; these are good to a few per cent, and rather too wide than too narrow.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from rich.cells import cell_len

from bptt_viz.derivation.document import Dots, Numeral
from bptt_viz.derivation.layout import Layout, numeral

if TYPE_CHECKING:
    from bptt_viz.derivation.document import Cell, Matrix
    from bptt_viz.notation import Formula

#: Widths are in digits, half an em each.
_OPERATORS: Final = {"+": 1.6, "-": 1.6, "- ": 1.6, r"\odot": 1.6, r"\times": 1.6, r"\cdot": 0.6, r"\wedge": 1.4}
_RELATIONS: Final = {
    "=",
    "<",
    ">",
    r"\le",
    r"\ge",
    r"\ne",
    r"\in",
    r"\approx",
    r"\sim",
    r"\to",
    r"\leftarrow",
    r"\rightarrow",
}
_BESIDE_OPERATORS, _BESIDE_RELATIONS = 0.9, 1.2
_GLYPHS: Final = {
    **dict.fromkeys("()[]", 0.8),
    "/": 1.0,
    **dict.fromkeys(".,;:'|", 0.6),
    **dict.fromkeys("ijltr", 0.85),
    **dict.fromkeys("MW", 2.2),
    r"\,": 0.4,
    r"\quad": 2.0,
    r"\qquad": 4.0,
    r"\partial": 1.2,
    r"\sum": 3.0,
    r"\prod": 2.7,
    r"\surd": 1.7,
    r"\nabla": 1.9,
    r"\top": 1.6,
    r"\|": 1.0,
    r"\infty": 2.0,
    r"\ldots": 2.8,
    r"\cdots": 2.8,
    r"\left": 0.0,
    r"\right": 0.0,
    r"\displaystyle": 0.0,
    **dict.fromkeys("0123456789", 1.0),
}
_SMALL, _LARGE = 1.2, 1.7
_LIMITS: Final = {r"\sum", r"\prod"}
_ACCENTS: Final = {r"\hat", r"\tilde", r"\bar"}
_TEXTS: Final = {r"\text", r"\mathrm", r"\operatorname", r"\mathbf", r"\texttt"}
_FUNCTIONS: Final = {r"\tanh", r"\log", r"\exp", r"\max", r"\min"}
_TYPEWRITER: Final = 1.1
#: Letters of a script, against those on the line.
_SCRIPT: Final = 0.75
_AFTER_SCRIPT: Final = 0.1
#: Around a fraction, a function's name and a sum, after a comma.
_ASIDE: Final = 0.5
#: Formulas whose widths are kept: lines are filled by the same pieces again and again.
_MOST_KEPT: Final = 4096
#: A minus between two numbers has a blank after it, one before a number has none.
_MARK: Final = re.compile(r"\\[A-Za-z]+|\\.|- |\S", re.DOTALL)
_OPENING: Final = {"(", "[", ",", ""} | _RELATIONS | set(_OPERATORS)


@lru_cache(maxsize=_MOST_KEPT)
def digits_of(latex: str) -> float:
    r"""About how many digits are as wide as a formula; no environments.

    >>> digits_of("12.5"), digits_of("h_{3,1}^{(2)}") == digits_of("h_{3,1}") < digits_of("h_{3,1} + x")
    (3.6, True)
    """
    return _Measure(_MARK.findall(latex)).whole()


class PageLayout(Layout, frozen=True):
    """A layout for LaTeX: ``room`` is in digits."""

    def measured(self, formula: Formula) -> float:
        """The digits that a formula is as wide as."""
        return digits_of(self.notation.latex(formula))

    def widths(self, matrix: Matrix) -> list[int]:
        """Of the columns."""
        return [math.ceil(max(map(self._cell_width, column))) for column in zip(*matrix.rows, strict=True)]

    def _cell_width(self, cell: Cell) -> float:
        match cell:
            case Dots():
                return _GLYPHS[r"\cdots"]
            case Numeral():
                return self.measured((numeral(cell),))
            case _:
                return self.measured(cell)


class _Measure(Struct):
    """Reads a formula mark by mark."""

    marks: list[str]
    place: int = 0
    script: bool = False

    def whole(self, until: str = "") -> float:
        """The width up to a closing brace or the end."""
        width, before = 0.0, ""
        while self.place < len(self.marks) and self.marks[self.place] != until:
            mark = self.marks[self.place]
            if mark in "^_":
                width += self._scripts()
            else:
                self.place += 1
                nucleus = self._nucleus(mark, before)
                width += max(nucleus, self._scripts()) + _ASIDE if mark in _LIMITS else nucleus
            before = mark
        self.place += 1
        return width

    def _scripts(self) -> float:
        """What stands above and below at one place: as wide as the wider of the two."""
        widest = 0.0
        outer, self.script = self.script, True
        while self.place < len(self.marks) and self.marks[self.place] in "^_":
            self.place += 1
            widest = max(widest, self._argument())
        self.script = outer
        return widest * _SCRIPT + _AFTER_SCRIPT

    def _argument(self) -> float:
        if self.place >= len(self.marks):
            return 0.0
        self.place += 1
        return self._nucleus(self.marks[self.place - 1], "")

    def _nucleus(self, mark: str, before: str) -> float:
        if mark == "{":
            return self.whole("}")
        if mark in {r"\frac", r"\tfrac"}:
            size = _SCRIPT if self.script or mark == r"\tfrac" else 1.0
            return size * max(self._argument(), self._argument()) + _ASIDE
        if mark in _ACCENTS:
            return self._argument()
        if mark in _TEXTS:
            return self._text(mark)
        if mark in _FUNCTIONS:
            return len(mark) - 1 + _ASIDE
        if mark in _OPERATORS:
            spaced = not self.script and (mark != "-" or before not in _OPENING)
            return _OPERATORS[mark] + (_BESIDE_OPERATORS if spaced else 0)
        return self._glyph(mark)

    def _glyph(self, mark: str) -> float:
        if mark == ",":
            return _GLYPHS[mark] + (0 if self.script else _ASIDE)
        if mark in _RELATIONS:
            return _OPERATORS["+"] + (0 if self.script else _BESIDE_RELATIONS)
        if mark in _GLYPHS:
            return _GLYPHS[mark]
        # A command in small letters is a small letter of Greek, as far as formulas here go.
        return _SMALL if mark.removeprefix("\\").islower() else _LARGE

    def _text(self, command: str) -> float:
        """Upright letters, each about a digit."""
        if self.marks[self.place : self.place + 1] != ["{"]:
            return self._argument()
        depth, letters = 0, ""
        for mark in self.marks[self.place :]:
            self.place += 1
            depth += {"{": 1, "}": -1}.get(mark, 0)
            if not depth:
                break
            letters += mark.removeprefix("\\") if mark not in "{}" else ""
        width = _TYPEWRITER if command == r"\texttt" else 1.0
        return width * cell_len(letters) + (_ASIDE if command == r"\operatorname" else 0.0)
