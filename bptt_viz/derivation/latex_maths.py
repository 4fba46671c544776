"""Displays and running text as LaTeX mathematics, for whole documents and for Markdown. Imports ``latex_width``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from bptt_viz.derivation.document import Dots, Matrix, Numeral, Words
from bptt_viz.derivation.layout import EQUALS, INDENT, numeral
from bptt_viz.notation import Partial, Total

if TYPE_CHECKING:
    from bptt_viz.derivation.document import Cell, Display, Part
    from bptt_viz.derivation.latex_width import PageLayout
    from bptt_viz.derivation.layout import Placed
    from bptt_viz.notation import Formula, Token

#: Digits that go on a line of A4 with margins of 2 cm, less what widths are estimated too small by.
ROOM: Final = 94
_DOTS: Final = {"across": r"\cdots", "down": r"\vdots", "diagonal": r"\ddots"}
_TEXT: Final = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    **{character: f"\\{character}" for character in "#$%&_{}"},
}
_SPECIAL: Final = re.compile("|".join(map(re.escape, _TEXT)))


def escaped(text: str) -> str:
    r"""``text`` with everything that LaTeX would act on written so that it is printed.

    >>> print(escaped("50% of {x_1} ^ A&B"))
    50\% of \{x\_1\} \textasciicircum{} A\&B
    """
    return _SPECIAL.sub(lambda match: _TEXT[match.group()], text)


class LatexMaths(Struct, frozen=True):
    """Writes displays row by row; what stands around the rows is the caller's."""

    layout: PageLayout

    def inline(self, piece: Formula | Numeral) -> str:
        """A formula or a number, without the signs of mathematics around it."""
        return self.layout.notation.latex((numeral(piece),) if isinstance(piece, Numeral) else piece)

    def sentence(self, piece: Formula | Numeral) -> str:
        """The same among words or in a matrix: a derivative is slashed there, where a fraction would be too tall."""
        if isinstance(piece, Numeral):
            return self.inline(piece)
        return "".join(map(self._slashed, piece)) if any(map(self._is_ratio, piece)) else self.inline(piece)

    def _is_ratio(self, token: Token) -> bool:
        """Whether a token is a derivative that the textbook has no letter for."""
        return isinstance(token, Partial | Total) and self.layout.notation.lettering.meant(token) == token

    def _slashed(self, token: Token) -> str:
        match token:
            case Partial(of, wrt, direct) if self._is_ratio(token):
                above, below = r"\partial^{+}" if direct else r"\partial", r"\partial"
            case Total(of, wrt):
                above = below = r"\mathrm{d}"
            case _:
                return self.inline((token,))
        return f"{above} {self.inline((of,))} / {below} {self.inline((wrt,))}"

    def rows(self, display: Display) -> list[str]:
        """The rows of an ``aligned`` environment, with one ``&`` each; or a single row without."""
        chains = [self.layout.placed(chain) for chain in display.chains]
        if all(len(lines) == 1 for lines in chains):
            widths = [sum(self.layout.width(item.part) + 3 for item in line) for (line,) in chains]
            if len(chains) == 1 or (display.beside and sum(widths) <= self.layout.room):
                return [r" \qquad ".join("".join(map(self._item, line)) for (line,) in chains)]
        return [
            self._aligned(line, number, several=len(lines) > 1)
            for lines in self._hung(chains)
            for number, line in enumerate(lines)
        ]

    def _hung(self, chains: list[list[list[Placed]]]) -> list[list[list[Placed]]]:
        """What everything else is equal to, on a line of its own where the others are too wide to stand beside it."""
        before = max((self._width(line[:1]) for line, *_ in chains if len(line) > 1), default=0)
        after = max(
            self._width(line[1:] if number == 0 and len(line) > 1 else line)
            for lines in chains
            for number, line in enumerate(lines)
        )
        if before + after <= self.layout.room:
            return chains
        return [[line[:1], line[1:], *below] if len(line) > 1 else [line, *below] for line, *below in chains]

    def _width(self, line: list[Placed]) -> float:
        signs = {"first": 0, "equal": len(EQUALS), "further": INDENT}
        return sum(self.layout.width(item.part) + signs[item.place] for item in line)

    def _aligned(self, line: list[Placed], number: int, *, several: bool) -> str:
        if number:
            further = line[0].place == "further" and isinstance(line[0].part, tuple)
            return ("&\\qquad " if further else "& ") + "".join(map(self._item, line))
        if several and len(line) == 1:
            return "& " + self._item(line[0])
        return self._item(line[0]) + " &" + "".join(map(self._item, line[1:]))

    def _item(self, item: Placed) -> str:
        written = self._part(item.part)
        if item.place == "equal":
            return f" = {written}"
        # A line that begins with a sign: with nothing before it, + would stand for the sign of a number.
        return "{}" + written if item.place == "further" else written

    def _part(self, part: Part) -> str:
        match part:
            case Words(text):
                return rf"\text{{{escaped(text)}}}"
            case Numeral():
                return self.inline(part)
            case Matrix(rows):
                return self._matrix(rows)
            case _:
                return self.inline(part).strip()

    def _matrix(self, rows: tuple[tuple[Cell, ...], ...]) -> str:
        body = r" \\ ".join(" & ".join(self._cell(cell) for cell in row) for row in rows)
        return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"

    def _cell(self, cell: Cell) -> str:
        # Fractions would touch those of the row below.
        return _DOTS[cell.way] if isinstance(cell, Dots) else self.sentence(cell)
