"""A document as Unicode text for a terminal or a pipe. Imports ``document`` and ``layout``.

Nothing is wider than :data:`WIDTH` cells, CJK counting two, but what cannot be broken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from msgspec import Struct
from rich.cells import cell_len

from bptt_viz.derivation.document import Display, Heading, Matrix, Numeral, Paragraph, Table, Words
from bptt_viz.derivation.layout import EQUALS, GAP, INDENT, Layout, numeral, padded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bptt_viz.derivation.document import Chain, Document, Part, Prose
    from bptt_viz.derivation.layout import Placed
    from bptt_viz.notation import Formula, Notation

#: Cells that a line may take.
WIDTH: Final = 100
#: Between the columns of a table.
_BETWEEN: Final = " " * 3
_UNDERLINES: Final = {1: "═", 2: "─"}
#: A line of Chinese never begins with these.
_CLOSING: Final = frozenset("，。；：、！？）」』”’》")


class Box(Struct, frozen=True):
    """Lines of equal width, one of which is level with the text beside them."""

    lines: tuple[str, ...]
    level: int = 0


def text(document: Document, notation: Notation) -> Iterator[str]:
    """The document as Unicode text, line by line without line ends."""
    writer = _Writer(Layout(notation, document.language, WIDTH - INDENT))
    for index, block in enumerate(document.blocks):
        if index:
            yield ""
        match block:
            case Heading(level, words):
                lines = list(wrapped(writer.prose(words), WIDTH))
                yield from lines
                if level in _UNDERLINES:
                    yield _UNDERLINES[level] * max(map(cell_len, lines))
            case Paragraph(words):
                yield from wrapped(writer.prose(words), WIDTH)
            case Display():
                yield from _indented(writer.display(block))
            case Table():
                yield from _indented(writer.table(block))
            case _:
                assert_never(block)


def wrapped(words: str, width: int) -> Iterator[str]:
    """Words in lines of at most ``width`` cells, broken at spaces and between Chinese characters."""
    line = ""
    for word in _words(words):
        if line and cell_len(line + word) > width:
            yield line.rstrip()
            line = word.lstrip()
        else:
            line += word
    if line:
        yield line.rstrip()


class _Writer(Struct, frozen=True):
    layout: Layout

    def prose(self, words: Prose) -> str:
        return "".join(self._piece(piece) for piece in words)

    def _piece(self, piece: str | Formula | Numeral) -> str:
        match piece:
            case str():
                return piece
            case Numeral():
                return numeral(piece)
            case _:
                return self.layout.notation.write(piece)

    def table(self, table: Table) -> Iterator[str]:
        rows = [[[self.prose(cell)] for cell in row] for row in (table.header, *table.rows)]
        widths = [max(cell_len(line) for (line,) in column) for column in zip(*rows, strict=True)]
        over = sum(widths) + len(_BETWEEN) * (len(widths) - 1) - self.layout.room
        if over > 0:
            # The widest column is broken: what a row has there stands on several lines.
            widest = widths.index(max(widths))
            widths[widest] -= over
            for row, cells in zip(rows[1:], table.rows, strict=True):
                row[widest] = [line for piece in cells[widest] for line in self._lines(piece, widths[widest])]
        rule = [["─" * width] for width in widths]
        for row in (rows[0], rule, *rows[1:]):
            for line in range(max(map(len, row))):
                cells_seen = (cell[line] if line < len(cell) else "" for cell in row)
                yield _BETWEEN.join(padded(cell, width) for cell, width in zip(cells_seen, widths, strict=True))

    def _lines(self, piece: str | Formula | Numeral, room: int) -> list[str]:
        """A piece of a sentence in lines of so many cells, if it is a formula."""
        if not isinstance(piece, tuple):
            return [self._piece(piece)]
        first, *others = (self.layout.notation.write(part).strip() for part in self.layout.broken(piece, room - GAP))
        return [first, *(" " * GAP + other for other in others)]

    def display(self, display: Display) -> Iterator[str]:
        chains = [self._chain(chain) for chain in display.chains]
        if display.beside and all(len(lines) == 1 for lines in chains):
            gap = Box((" " * INDENT,))
            row = _beside([box for (line,) in chains for box in (gap, line)][1:])
            if cell_len(row.lines[0]) <= self.layout.room:
                yield from row.lines
                return
        before = 1
        for box in (box for lines in chains for box in lines):
            if before > 1 and len(box.lines) > 1:
                yield ""
            yield from box.lines
            before = len(box.lines)

    def _chain(self, chain: Chain) -> list[Box]:
        return [
            _beside([box for item in line for box in self._item(item, starts=item is line[0] and number > 0)])
            for number, line in enumerate(self.layout.placed(chain))
        ]

    def _item(self, item: Placed, *, starts: bool) -> Iterator[Box]:
        if item.place == "equal":
            yield Box((EQUALS,))
        elif starts:
            yield Box((" " * (len(EQUALS) + (INDENT if isinstance(item.part, tuple) else 0)),))
        yield self._box(item.part)

    def _box(self, part: Part) -> Box:
        match part:
            case Words(words):
                return Box((words,))
            case Numeral():
                return Box((numeral(part),))
            case Matrix():
                return self._matrix(part)
            case _:
                return Box((self.layout.notation.write(part).strip(),))

    def _matrix(self, matrix: Matrix) -> Box:
        rows = [(" " * GAP).join(row) for row in zip(*self.layout.columns(matrix), strict=True)]
        last = len(rows) - 1
        if not last:
            return Box((f"[{rows[0]}]",))
        brackets = [("⎡", "⎤"), *[("⎢", "⎥")] * (last - 1), ("⎣", "⎦")]
        lines = [f"{opening}{row}{closing}" for row, (opening, closing) in zip(rows, brackets, strict=True)]
        return Box(tuple(lines), last // 2)


def _words(words: str) -> Iterator[str]:
    """What stays on a line: words with the space before them, single Chinese characters with what closes them."""
    word = ""
    for character in words:
        parts = character == " " or cell_len(character) == 2 or (bool(word) and cell_len(word[-1]) == 2)
        if word and parts and character not in _CLOSING:
            yield word
            word = ""
        word += character
    if word:
        yield word


def _beside(boxes: Sequence[Box]) -> Box:
    level = max(box.level for box in boxes)
    below = max(len(box.lines) - box.level for box in boxes)
    columns = []
    for box in boxes:
        empty = " " * cell_len(box.lines[0])
        columns.append([empty] * (level - box.level) + list(box.lines))
        columns[-1] += [empty] * (level + below - len(columns[-1]))
    return Box(tuple("".join(row) for row in zip(*columns, strict=True)), level)


def _indented(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield f"{' ' * INDENT}{line}".rstrip()
