"""Where long formulas and wide matrices are broken, whatever they are written in. Imports ``document``.

Widths are cells of the Unicode writing; ``latex_width`` has those of LaTeX.
"""

from __future__ import annotations

import math
import re
from itertools import accumulate
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct
from rich.cells import cell_len

from bptt_viz.derivation.document import Dots, Matrix, Numeral, Words
from bptt_viz.messages import say
from bptt_viz.notation import Formula, Power, superscript

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bptt_viz.derivation.document import Cell, Chain, Part
    from bptt_viz.messages import Language
    from bptt_viz.notation import Notation, Token

#: Between the columns of a matrix; the sign between parts that are equal; what further lines of a formula get.
GAP: Final = 2
EQUALS: Final = " = "
INDENT: Final = 4

#: Before these a formula may be broken.
_OPERATOR: Final = re.compile(r"(?<!^)(?= [+−·⊙] )|(?<=, )")
_BEGINS: Final = re.compile(r" [+−·⊙] ")
_BRACKETS: Final = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_IN_A_PRODUCT: Final = 0.5
_DOTS: Final = {"across": "⋯", "down": "⋮", "diagonal": "⋱"}


class Piece(Struct, frozen=True):
    """A part of a formula that stays on one line, and how deep inside it is where it begins: a sum is the outermost."""

    formula: Formula
    depth: float


class Placed(Struct, frozen=True):
    """A part, or a piece of one, in its place: after a sign of equality, further in than that, or neither."""

    part: Part
    place: Literal["first", "equal", "further"]


def numeral(number: Numeral) -> str:
    """A number in its significant digits, with a true minus: ``−0.1125``, ``3.1e−7``.

    >>> numeral(Numeral(-0.1125)), numeral(Numeral(3.14159265e-7, 3)), numeral(Numeral(0.0))
    ('−0.1125', '3.14e−7', '0')
    """
    if not math.isfinite(number.value):
        return "NaN" if math.isnan(number.value) else ("−∞" if number.value < 0 else "∞")
    if number.value == 0:
        return "0"
    text = f"{number.value:.{number.digits}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}e{int(exponent)}"
    return text.replace("-", "−")


class Layout(Struct, frozen=True):
    """How the parts of a chain are laid in lines of ``room`` cells.

    Attributes
    ----------
    notation
        How formulas are written, and so how wide they are.
    language
        Of the captions above the pieces of a matrix.
    """

    notation: Notation
    language: Language
    room: int

    def width(self, part: Part) -> float:
        """The cells that a part takes on one line."""
        match part:
            case Words(text):
                return cell_len(text)
            case Numeral():
                return self.measured((numeral(part),))
            case Matrix():
                widths = self.widths(part)
                return sum(widths) + GAP * (len(widths) - 1) + 2
            case _:
                return self.measured(part)

    def measured(self, formula: Formula) -> float:
        """The cells that a formula takes on one line."""
        return cell_len(self.notation.write(formula))

    def widths(self, matrix: Matrix) -> list[int]:
        """The cells that each column of a matrix takes."""
        return [cell_len(column[0]) for column in self.columns(matrix)]

    def columns(self, matrix: Matrix) -> list[list[str]]:
        """The cells in Unicode, column by column, all of a column equally wide and numbers at their points."""
        return [self._column(cells) for cells in zip(*matrix.rows, strict=True)]

    def placed(self, chain: Chain) -> list[list[Placed]]:
        """The parts of a chain in as few lines as fit; what is too wide for a line is broken."""
        lines: list[list[Placed]] = []
        used = 0.0
        for index, part in enumerate(chain):
            place: Literal["first", "equal"] = "equal" if index else "first"
            width = self.width(part) + (len(EQUALS) if index else 0)
            if lines and used + width <= self.room:
                lines[-1].append(Placed(part, place))
                used += width
                continue
            pieces = list(self._split(part, self.room - len(EQUALS))) if width > self.room else [part]
            lines += [[Placed(piece, "further" if number else place)] for number, piece in enumerate(pieces)]
            # After something that took several lines, a new one.
            used = width if len(pieces) == 1 else self.room
        return lines

    def broken(self, formula: Formula, room: int) -> Iterator[Formula]:
        """The formula in lines of ``room`` cells, where its parts allow; breaks where few brackets are open."""
        remaining = list(_pieces(formula))
        while remaining:
            count = self._pieces_of_a_line(remaining, room)
            yield tuple(token for piece in remaining[:count] for token in piece.formula)
            remaining = remaining[count:]

    def _pieces_of_a_line(self, remaining: Sequence[Piece], room: int) -> int:
        ends = list(accumulate(self.measured(piece.formula) for piece in remaining))
        fitting = max(sum(end <= room for end in ends), 1)
        if fitting == len(remaining):
            return fitting
        # A break in the first third of a line would leave it too empty, however good the place.
        good = [count for count in range(1, fitting + 1) if ends[count - 1] > room // 3] or [fitting]
        return min(reversed(good), key=lambda count: remaining[count].depth)

    def _split(self, part: Part, room: int) -> Iterator[Part]:
        """The pieces of a part that is too wide for a line."""
        match part:
            case Matrix():
                widths = [width + GAP for width in self.widths(part)]
                if max(widths) > room - GAP:
                    yield from self._entries(part, room)
                else:
                    groups = _groups(widths, room - GAP)
                    for group in groups:
                        if len(groups) > 1:
                            yield Words(self._caption(group))
                        yield Matrix(tuple(tuple(row[column] for column in group) for row in part.rows))
            case tuple():
                yield from self.broken(part, room - INDENT)
            case _:
                yield part

    def _caption(self, group: range) -> str:
        first, last = group[0] + 1, group[-1] + 1
        if first == last:
            return say("derive.column", self.language, column=first)
        return say("derive.columns", self.language, first=first, last=last)

    def _entries(self, matrix: Matrix, room: int) -> Iterator[Part]:
        for i, row in enumerate(matrix.rows, 1):
            for j, cell in enumerate(row, 1):
                yield Words(f"[{i},{j}]")
                if isinstance(cell, tuple):
                    yield from self.broken(cell, room - INDENT)
                elif isinstance(cell, Numeral):
                    yield cell

    def _column(self, cells: Sequence[Cell]) -> list[str]:
        texts = [self._cell(cell) for cell in cells]
        if not any(isinstance(cell, tuple) for cell in cells):
            before = [len(text.partition("e")[0].partition(".")[0]) for text in texts]
            texts = [" " * (max(before) - width) + text for text, width in zip(texts, before, strict=True)]
        width = max(map(cell_len, texts))
        return [padded(text, width) for text in texts]

    def _cell(self, cell: Cell) -> str:
        match cell:
            case Numeral():
                return numeral(cell)
            case Dots(way):
                return _DOTS[way]
            case _:
                return self.notation.write(cell)


def padded(text: str, width: int) -> str:
    """``text`` with spaces after it up to ``width`` cells."""
    return text + " " * (width - cell_len(text))


def _pieces(formula: Formula) -> Iterator[Piece]:
    current: list[Token] = []
    depth, begun = 0, 0.0
    for token in _flat(formula):
        for index, text in enumerate(_OPERATOR.split(token) if isinstance(token, str) else (token,)):
            if current and (index or (isinstance(text, str) and _BEGINS.match(text))):
                yield Piece(tuple(current), begun)
                current, begun = [], depth + _IN_A_PRODUCT * (isinstance(text, str) and text.startswith((" ·", " ⊙")))
            current.append(text)
            if isinstance(text, str):
                depth += sum(_BRACKETS.get(character, 0) for character in text)
    if current:
        yield Piece(tuple(current), begun)


def _flat(formula: Formula) -> Iterator[Token]:
    """The tokens, long bases of powers too, so that they can be broken as well."""
    for token in formula:
        if isinstance(token, Power) and len(token.base) > 1:
            yield from _flat(token.base)
            yield superscript(token.exponent)
        else:
            yield token


def _groups(widths: Sequence[int], room: int) -> list[range]:
    """Neighbouring columns that fit into ``room`` together: as few groups as there can be, about equally wide."""
    fewest = len(_filled(widths, room))
    return next(groups for less in range(max(widths), room + 1) if len(groups := _filled(widths, less)) == fewest)


def _filled(widths: Sequence[int], room: int) -> list[range]:
    groups: list[range] = []
    start = used = 0
    for column, width in enumerate(widths):
        if used and used + width > room:
            groups.append(range(start, column))
            start, used = column, 0
        used += width
    return [*groups, range(start, len(widths))]
