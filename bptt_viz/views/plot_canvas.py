"""The inside of a plot: cells with braille dots, marks and words, each with a role. Imports ``canvas`` and numpy.

A cell has 2×4 dots. Dots are counted from the left and from the top.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from bptt_viz.views.canvas import ROLES, Line, Role, Span, width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bptt_viz.activations import Array
    from bptt_viz.views.canvas import Subject

Dots = NDArray[np.bool_]
Indices = NDArray[np.intp]

#: Dots of a cell across and down.
ACROSS: Final = 2
DOWN: Final = 4
_BRAILLE: Final = 0x2800
_WEIGHTS: Final = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
#: Stands for a curve where there are words, as nothing may cut a wide character in two.
_WORDS: Final = 1_000_000
_ROLE_NUMBERS: Final = {role: number for number, role in enumerate(ROLES)}


class Trail(Struct, frozen=True, eq=False):
    """What a line covers in each column of dots: rows ``top`` to ``bottom``, both −1 where it has none.

    ``last`` is the row of the column's last point.
    """

    top: Indices
    bottom: Indices
    last: Indices

    def dots(self, rows: int) -> Dots:
        """Whether each dot is set, [rows × columns]."""
        row = np.arange(rows)[:, None]
        return (row >= self.top) & (row <= self.bottom) & (self.bottom >= 0)


def trail(columns: Indices, rows: Array, width: int) -> Trail:
    """A line through points, by column of dots; where there are more points than columns their extremes stay.

    Parameters
    ----------
    columns
        Ascending, 0..width − 1, [N].
    rows
        NaN where the line has a gap, [N].
    """
    if not len(columns):
        none = np.full(width, -1)
        return Trail(none, none, none)
    known = np.isfinite(rows)
    whole = np.rint(np.where(known, rows, -1)).astype(np.intp)
    at, value = columns[known], whole[known]
    bottom = np.full(width, -1)
    np.maximum.at(bottom, at, value)
    top = np.full(width, np.iinfo(np.intp).max)
    np.minimum.at(top, at, value)
    top[bottom < 0] = -1
    first, last = bottom.copy(), bottom.copy()
    first[at[::-1]] = value[::-1]
    last[at] = value
    column = np.arange(width - 1)
    # The segment over the edge between a column and the next: from this point to the one after it.
    before = np.searchsorted(columns, column, side="right") - 1
    linked = (before >= 0) & (before + 1 < len(columns))
    before[~linked] = 0
    after = np.minimum(before + 1, len(columns) - 1)
    linked &= known[before] & known[after]
    between = column[linked & (columns[before] < column)]
    if len(between):
        a, b = before[between], after[between]
        share = (between - columns[a]) / (columns[b] - columns[a])
        level = np.rint(rows[a] + share * (rows[b] - rows[a])).astype(np.intp)
        for rows_of in (top, bottom, first, last):
            rows_of[between] = level
    _join(top, bottom, first, last, column[linked])
    return Trail(top, bottom, last)


def _join(top: Indices, bottom: Indices, first: Indices, last: Indices, column: Indices) -> None:
    """Half of a jump to the next column is filled in either column."""
    start, end = last[column], first[column + 1]
    middle = (start + end) // 2
    down, up = column[end > start], column[end < start]
    halfway = middle[end > start]
    bottom[down] = np.maximum(bottom[down], halfway)
    top[down + 1] = np.minimum(top[down + 1], halfway + 1)
    halfway = middle[end < start]
    top[up] = np.minimum(top[up], halfway + 1)
    bottom[up + 1] = np.maximum(bottom[up + 1], halfway)


class Canvas:
    """Cells that are drawn on one layer after another; ``curve`` says which curve's ink a cell has, else −1."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.curve = np.full((height, width), -1)
        self._glyphs = np.full((height, width), " ", dtype="<U1")
        self._roles = np.full((height, width), _ROLE_NUMBERS["text"])
        self._bits = np.zeros((height, width), dtype=np.uint32)

    def ink(self, dots: Dots, role: Role, curve: int = -1) -> None:
        """Add braille dots; a cell keeps the role of the curve that came first."""
        bits = self._bits_of(dots)
        cells = bits > 0
        new = cells & (self.curve < 0)
        self._bits[new] = 0
        self._bits |= bits
        self._glyphs[cells] = (self._bits[cells] + _BRAILLE).view("<U1")
        self._roles[new] = _ROLE_NUMBERS[role]
        self.curve[new] = curve

    def fill(self, dots: Dots, glyph: str, role: Role, curve: int = -1, of: int = 1) -> None:
        """Put a glyph wherever there are dots; where ``of`` curves meet, they take turns from column to column."""
        cells = self._bits_of(dots) > 0
        turn = np.arange(self.width) % of == curve % of
        new = cells & ((self.curve < 0) | turn)
        self._glyphs[new] = glyph
        self._roles[new] = _ROLE_NUMBERS[role]
        self.curve[new] = curve

    def rule(self, row: int | slice, column: int | slice, glyph: str, role: Role) -> None:
        """A straight line along a row or a column, to be drawn before the curves."""
        self._glyphs[row, column] = glyph
        self._roles[row, column] = _ROLE_NUMBERS[role]

    def put(self, row: int, column: int, glyph: str, role: Role, curve: int) -> None:
        """One glyph of a curve, over whatever is there."""
        self.rule(row, column, glyph, role)
        self.curve[row, column] = curve

    def write(self, row: int, column: int, text: str, role: Role) -> bool:
        """A text, if it has room and hides no curve; after all else. Whether it was written."""
        end = column + width_of(text)
        if not (text and column >= 0 and end <= self.width and (self.curve[row, column:end] < 0).all()):
            return False
        self.curve[row, column:end] = _WORDS
        for character in text:
            wide = width_of(character)
            self._glyphs[row, column : column + wide] = ""
            self._roles[row, column : column + wide] = _ROLE_NUMBERS[role]
            if wide:
                self._glyphs[row, column] = character
            column += wide
        return True

    def lines(self, subjects: Sequence[Subject | None]) -> list[Line]:
        """Each row as spans; ``subjects`` are those of the columns."""
        new = np.array([True, *(a != b for a, b in pairwise(subjects))])
        return [self._line(row, subjects, new) for row in range(self.height)]

    def _line(self, row: int, subjects: Sequence[Subject | None], new: Dots) -> Line:
        glyphs, roles = self._glyphs[row].tolist(), self._roles[row]
        starts = np.flatnonzero(new | np.diff(roles, prepend=-1).astype(bool)).tolist()
        return tuple(
            Span("".join(glyphs[start:end]), ROLES[roles[start]], subjects[start])
            for start, end in pairwise([*starts, self.width])
            if glyphs[start] or end > start + 1
        )

    def _bits_of(self, dots: Dots) -> NDArray[np.uint32]:
        cells = dots.reshape(self.height, DOWN, self.width, ACROSS)
        bits: NDArray[np.uint32] = np.tensordot(cells, _WEIGHTS, axes=((1, 3), (0, 1))).astype(np.uint32)
        return bits
