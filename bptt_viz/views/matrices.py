"""A matrix as a box: its symbols beside its numbers, as far as the room allows. No textual, no quantity computed.

Numbers are never cut off; where columns have no room beside each other, they stand below each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct, structs

from bptt_viz.derivation.document import MOST_ROWS
from bptt_viz.derivation.layout import padded
from bptt_viz.formatting import WIDE, fixed
from bptt_viz.messages import say
from bptt_viz.quantities import Number
from bptt_viz.views.boxes import GAP, Box, above, beside, box, bracketed
from bptt_viz.views.canvas import Line, Span, crop, fit, heat, width_of
from bptt_viz.views.digits import aligned, precise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bptt_viz.activations import Array
    from bptt_viz.derivation.layout import Layout
    from bptt_viz.notation import Formula
    from bptt_viz.quantities import Quantity

#: Columns up to which a single row is left lying.
_LYING: Final = 4
#: What is shown of a matrix that has more than :data:`MOST_ROWS` rows or columns.
_FIRST_ROWS: Final = 6
_FIRST_COLUMNS: Final = 8
#: Columns up to which there may be room for six digits of each number.
_FEW: Final = 5
#: The more of them, the better.
_DIGITS: Final = (6, 5, 4)
#: Half of what the smallest screen has for a matrix.
_BESIDE: Final = 36
_EQUALS: Final = " = "


class Shown(Struct, frozen=True, eq=False):
    """A matrix to be drawn.

    Attributes
    ----------
    entries
        Its symbols; None for numbers alone.
    value
        [rows, columns].
    quantity
        Which number its entries are; None where they have no name.
    vector
        Whether the single row stands for a vector, whose entries have one index.
    first
        The column, from 0, that comes first here.
    """

    entries: tuple[tuple[Formula, ...], ...] | None
    value: Array
    quantity: Quantity | None
    vector: bool = False
    first: int = 0

    @classmethod
    def of(cls, value: Array, quantity: Quantity | None) -> Shown:
        """A parameter's gradient or a part of it."""
        return cls(None, np.atleast_2d(value), quantity, vector=value.ndim == 1)

    def cut(self, rows: int, columns: slice) -> Shown:
        """A part of it."""
        entries = None if self.entries is None else tuple(row[columns] for row in self.entries[:rows])
        first = self.first + (columns.start or 0)
        return Shown(entries, self.value[:rows, columns], self.quantity, self.vector, first)

    def number(self, row: int, column: int) -> Number | None:
        """Which number stands at a row and a column."""
        if self.quantity is None:
            return None
        column += self.first
        return Number(self.quantity, (column,) if self.vector else (row, column))


def draw(label: str, shown: Shown, layout: Layout) -> Box:
    """A matrix below its label, no wider than the layout's room; a single number behind it."""
    if shown.value.size == 1:
        return _single(label, shown, layout)
    rows, columns = shown.value.shape
    seen = shown if max(rows, columns) <= MOST_ROWS else shown.cut(_FIRST_ROWS, slice(0, _FIRST_COLUMNS))
    heading: Line = (Span(crop(label, layout.room), "label"),)
    parts = [box([heading]), _body(seen, layout)]
    if seen is not shown:
        seen_shape, of = ("×".join(map(str, one.value.shape)) for one in (seen, shown))
        parts.append(box([(Span(say("derivation.cut", layout.language, seen=seen_shape, of=of), "dim"),)]))
    whole = above(parts)
    return Box(whole.lines, whole.width, fit(heading, whole.width))


def draw_symbols(label: str, entries: tuple[tuple[Formula, ...], ...], layout: Layout) -> Box:
    """A matrix of formulas below its label; in as many lines as it takes where it is too wide."""
    heading = box([(Span(crop(label, layout.room), "label"),)])
    matrix = bracketed(_symbols(entries, layout))
    if matrix.width > layout.room:
        texts = [crop(layout.notation.write(entry), layout.room) for row in entries for entry in row]
        matrix = box([(Span(text),) for text in texts])
    return above([heading, matrix])


def _single(label: str, shown: Shown, layout: Layout) -> Box:
    """∂h₂/∂h₁ = (1 − h₂²) · W = +0.42, in one line or in three."""
    symbols = [] if shown.entries is None else [layout.notation.write(shown.entries[0][0])]
    parts = [Span(crop(text, layout.room - len(_EQUALS)), "label") for text in (label, *symbols)]
    value = float(shown.value.item())
    parts.append(Span(precise(value), heat(value, abs(value)), number=shown.number(0, 0)))
    equals = Span(_EQUALS, "operator")
    together = (parts[0], *(span for part in parts[1:] for span in (equals, part)))
    if sum(width_of(span.text) for span in together) <= layout.room:
        return box([together])
    return box([(parts[0],), *((equals, part) for part in parts[1:])])


def _body(shown: Shown, layout: Layout) -> Box:
    fitting = next((one for one in _arrangements(shown, layout, _numbers(shown)) if one.width <= layout.room), None)
    if fitting is None:
        return _columns_apart(shown, layout)
    if shown.value.shape[1] <= _FEW or len(shown.value) == 1:
        half = (layout.room - GAP) // 2
        # Not so wide that what was beside another no longer is, but where only a large screen has it so.
        rooms = (half,) if fitting.width <= min(half, _BESIDE) else (half, layout.room)
        wide = (
            one
            for digits in _DIGITS
            for room in rooms
            for one in _arrangements(shown, layout, _precise_numbers(shown, digits))
            if one.width <= room and one.height == fitting.height
        )
        return next(wide, fitting)
    return fitting


def _arrangements(shown: Shown, layout: Layout, entries: list[Line]) -> Iterator[Box]:
    """Ways to write all of it with these numbers, the best first."""
    numbers = bracketed(_rows_of(entries))
    row = len(shown.value) == 1
    if row and shown.value.shape[1] > _LYING:
        yield _standing(shown, layout, entries)
    if shown.entries is None:
        yield numbers
    else:
        symbols = bracketed(_symbols(shown.entries, layout))
        yield beside([symbols, numbers], _EQUALS)
        if row:
            yield _standing(shown, layout, entries)
        yield above([symbols, beside([box([(Span("=", "operator"),)]), numbers], " ")])


def _standing(shown: Shown, layout: Layout, entries: list[Line]) -> Box:
    """A single row as a column."""
    transposed = "" if shown.vector else "ᵀ"
    values = bracketed([(span,) for span in entries[0]], transposed)
    if shown.entries is None:
        return values
    symbols = bracketed(_symbols([(entry,) for entry in shown.entries[0]], layout), transposed)
    return beside([symbols, values], _EQUALS)


def _columns_apart(shown: Shown, layout: Layout) -> Box:
    """The left half above the right one; a column that is too wide by itself keeps its numbers whole."""
    rows, columns = shown.value.shape
    if columns == 1:
        numbers = bracketed(_rows_of(_precise_numbers(shown, _DIGITS[0])))
        return above([_broken(shown, layout), beside([box([(Span("=", "operator"),)]), numbers], " ")])
    half = (columns + 1) // 2
    parts: list[Box] = []
    for columns_seen in (slice(0, half), slice(half, columns)):
        part = shown.cut(rows, columns_seen)
        first, last = part.first + 1, part.first + part.value.shape[1]
        said = say("derive.columns", layout.language, first=first, last=last)
        if first == last:
            said = say("derive.column", layout.language, column=first)
        parts.append(box([(Span(said, "dim"),)]))
        parts.append(_body(part, layout))
    return above(parts)


def _broken(shown: Shown, layout: Layout) -> Box:
    """A column of symbols that is too wide, each in as many lines as it takes, with its place before it."""
    assert shown.entries is not None
    lines: list[Line] = []
    for row, (entry,) in enumerate(shown.entries, 1):
        place = f"[{row},{shown.first + 1}] "
        for number, piece in enumerate(layout.broken(entry, layout.room - len(place))):
            text = crop(layout.notation.write(piece).strip(), layout.room - len(place))
            lines.append((Span(" " * len(place) if number else place, "dim"), Span(text)))
    return box(lines)


def _symbols(entries: Sequence[Sequence[Formula]], layout: Layout) -> list[Line]:
    texts = [[layout.notation.write(entry) for entry in row] for row in entries]
    widths = [max(map(width_of, column)) for column in zip(*texts, strict=True)]
    rows = (zip(row, widths, strict=True) for row in texts)
    return [(Span("  ".join(padded(text, width) for text, width in row)),) for row in rows]


def _numbers(shown: Shown) -> list[Line]:
    """The numbers row by row, all in the same cells."""
    scale = float(np.abs(shown.value[np.isfinite(shown.value)]).max(initial=0.0))
    return [
        tuple(
            Span(fixed(value, WIDE), heat(value, scale), number=shown.number(i, j))
            for j, value in enumerate(map(float, row))
        )
        for i, row in enumerate(shown.value)
    ]


def _precise_numbers(shown: Shown, digits: int) -> list[Line]:
    """The numbers in so many significant digits, so that they can be compared and multiplied."""
    texts = [aligned([precise(value, digits) for value in map(float, column)]) for column in shown.value.T]
    if len(shown.value) == 1:
        # As a column they would have one width too.
        texts = [[text] for text in aligned([text for (text,) in texts])]
    return [
        tuple(structs.replace(span, text=column[i]) for span, column in zip(row, texts, strict=True))
        for i, row in enumerate(_numbers(shown))
    ]


def _rows_of(numbers: list[Line]) -> list[Line]:
    """A blank between each two."""
    return [tuple(span for number in row for span in (Span(" "), number))[1:] for row in numbers]
