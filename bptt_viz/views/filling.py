"""How far the cursor has filled the ledger, and the sums of what is filled. No textual, no quantity computed.

Backward, a column is filled once its backward steps have ended; in the forward recursion, a row once its
losses are known. Sums are of what is filled so far: backward the rows' sums grow and a column's is final, in the
forward recursion the other way round; the total after the last is the gradient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bptt_viz.quantities import Number, TermSum
from bptt_viz.timeline import Phase

if TYPE_CHECKING:
    from bptt_viz.blocks import Grid, Range
    from bptt_viz.truncation import Truncation
    from bptt_viz.views.scene import Scene

#: A norm and which number it is.
Summed = tuple[float, Number]


class Filling(Struct, frozen=True, eq=False):
    """What of a grid is filled; groups of steps count from 0.

    Attributes
    ----------
    rtrl
        Whether rows are filled, by the forward recursion, rather than columns.
    edge
        The first filled column, or the last filled row; None while nothing is.
    lit
        The column, or the row, that the cursor is at.
    begun
        Whether some steps of that column, or row, are done, but not all: its blocks are not known yet.
    ends
        The positions at which the columns, or the rows, are filled: where the cursor ends with their last step.
    truncation
        Which terms are kept.
    """

    grid: Grid
    rtrl: bool
    edge: int | None
    lit: int | None
    begun: bool
    ends: tuple[int, ...]
    truncation: Truncation

    @property
    def complete(self) -> bool:
        """Whether all is filled."""
        return self.edge == (len(self.grid.groups) - 1 if self.rtrl else 0)

    def reaches(self, group: int) -> bool:
        """Whether a group's column, or row, is filled."""
        return self.edge is not None and (group <= self.edge if self.rtrl else group >= self.edge)

    def has(self, row: int, column: int) -> bool:
        """Whether a block is filled."""
        return self.reaches(row if self.rtrl else column)

    def lights(self, row: int, column: int) -> bool:
        """Whether a block is at the cursor."""
        return self.lit is not None and self.lit == (row if self.rtrl else column)

    def starts(self, group: int) -> bool:
        """Whether a group's column, or row, has begun to be filled."""
        return self.begun and group == self.lit

    @property
    def reached(self) -> int | None:
        """The first use k, or in the forward recursion the last loss t, that the sums have; None before."""
        if self.edge is None:
            return None
        first, last = self.grid.groups[self.edge]
        return last if self.rtrl else first

    def block(self, row: int, column: int) -> Summed | None:
        """A block, if it is filled."""
        if not self.has(row, column):
            return None
        return self._summed(float(self.grid.blocks[row, column]), self._steps(row, row), self._steps(column, column))

    def keeps(self, row: int, column: int) -> bool:
        """Whether truncation keeps any term of a block."""
        return self.truncation.keeps(self._steps(row, row), self._steps(column, column))

    def row_sum(self, row: int) -> Summed | None:
        """The sum of a row as far as it is filled."""
        if self.edge is None or not self.reaches(row):
            return None
        first = 0 if self.rtrl else self.edge
        return self._summed(float(self.grid.row_sums[row, first]), self._steps(row, row), self._steps(first, row))

    def column_sum(self, column: int) -> Summed | None:
        """The sum of a column as far as it is filled."""
        if self.edge is None or not self.reaches(column):
            return None
        last = self.edge if self.rtrl else len(self.grid.groups) - 1
        norm = float(self.grid.column_sums[last, column])
        return self._summed(norm, self._steps(column, last), self._steps(column, column))

    def total(self) -> Summed | None:
        """The sum of all that is filled."""
        if self.edge is None:
            return None
        first, last = (0, self.edge) if self.rtrl else (self.edge, len(self.grid.groups) - 1)
        norm = self.grid.after_row[last] if self.rtrl else self.grid.after_column[first]
        return self._summed(float(norm), self._steps(first, last), self._steps(first, last))

    def _steps(self, first: int, last: int) -> Range:
        return self.grid.groups[first][0], self.grid.groups[last][1]

    def _summed(self, norm: float, rows: Range, columns: Range) -> Summed:
        return norm, Number(TermSum(self.grid.parameter, rows, columns))


def filling(scene: Scene, grid: Grid) -> Filling:
    """What the cursor of a scene has filled."""
    step, timeline = scene.step, scene.timeline
    phase = Phase.FORWARD if scene.rtrl else Phase.BACKWARD
    lit = grid.group_of(step.t) if step.phase is phase else None
    ends = tuple(timeline.end_of(phase, last if scene.rtrl else first) for first, last in grid.groups)
    full = [group for group, end in enumerate(ends) if scene.position >= end]
    edge = None if not full else full[-1] if scene.rtrl else full[0]
    begun = False
    if lit is not None and lit not in full:
        first, last = grid.groups[lit]
        begun = scene.position >= timeline.end_of(phase, first if scene.rtrl else last)
    return Filling(grid, scene.rtrl, edge, lit, begun, ends, scene.trace.truncation)
