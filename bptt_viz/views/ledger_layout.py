"""How the ledger's triangle is laid out: how many groups of steps, which cells, what heads a column. No textual.

What the parts of the drawing share is here as well.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from bptt_viz.blocks import groups_of
from bptt_viz.formatting import BINS, NARROW
from bptt_viz.notation import Symbol
from bptt_viz.views.canvas import width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bptt_viz.blocks import Range
    from bptt_viz.views.filling import Filling
    from bptt_viz.views.scene import Scene

#: A block without room for a number, by level: less than any shade, then from a thousandth of the largest upwards.
RAMP: Final = "-░▒▓█"
UNFILLED: Final = "·"
#: A block of which some steps are done, but not all; and a column that has no room for its heading.
BEGUN: Final = "○"
#: A block of which truncation keeps no term.
LEFT_OUT: Final = "×"
_TICK: Final = "'"
#: Cells of a block and of a row's sum, with their blanks, of numbers and of shades: the widest first.
_NUMBER_CELLS: Final = ((8, 8), (7, 8), (7, 7), (NARROW + 1, 8), (NARROW + 1, 7), (NARROW + 1, NARROW + 1))
_SHADE_CELLS: Final = ((5, 8), (4, 8), (3, 8), (2, 8), (1, 8))
ROW_SUM: Final = "‖Σ_k‖"
COLUMN_SUM: Final = "‖Σ_t‖"


class Layout(NamedTuple):
    """How many groups of steps there are, and the cells that each thing gets.

    ``groups`` of losses and as many of uses, ``cell`` cells for a block, ``label`` for what a row is called; ``shades``
    says whether blocks are glyphs rather than numbers; ``sum`` cells for a row's sum.
    """

    groups: int
    cell: int
    label: int
    shades: bool
    sum: int

    @property
    def width(self) -> int:
        """Cells up to the end of the rows' sums."""
        return self.label + self.groups * self.cell + self.sum


class Picture(NamedTuple):
    """What all parts are drawn from; ``top`` is the power of ten of the largest norm."""

    scene: Scene
    plan: Layout
    filled: Filling
    top: int


def layout(scene: Scene, width: int, height: int) -> Layout:
    """The most groups of equal size that the room has, and the widest cells for them."""
    T = scene.trace.T
    most = max(min(T, height - 2), 1)
    while True:
        count = len(groups_of(T, most))
        widest = scene.write((Symbol("L", T),)) + (".." if count < T else "")
        # Numbers bring a blank before them, shades do not.
        label = max(width_of(widest), width_of(COLUMN_SUM)) + 1
        for shades, choices in ((False, _NUMBER_CELLS), (True, _SHADE_CELLS)):
            for cell, summed in choices:
                if label + shades + count * cell + summed <= width:
                    return Layout(count, cell, label + shades, shades, summed)
        if count == 1:
            return Layout(1, NARROW + 1, label, shades=False, sum=8)
        most = count - 1


def headings(plan: Layout, groups: Sequence[Range], lit: int | None) -> dict[int, tuple[int, str]]:
    """Where each column's heading begins, and what it says; they end where their columns do."""
    ends = [plan.label + (column + 1) * plan.cell for column in range(plan.groups)]
    ranged = [_steps_text(group) for group in groups]
    begins = [f"{first}.." if first < last else str(first) for first, last in groups]
    firsts = [str(first) for first, _ in groups]
    for texts in (ranged, begins, firsts):
        named = [f"k={texts[0]}", *texts[1:]]
        # The first may begin above the rows' labels.
        if width_of(named[0]) < ends[0] and all(width_of(text) < plan.cell for text in named[1:]):
            return {column: (end - width_of(named[column]), named[column]) for column, end in enumerate(ends)}
    named = [f"k={firsts[0]}", *firsts[1:]]
    placed: dict[int, tuple[int, str]] = {}
    for column in (*(() if lit is None else (lit,)), 0, plan.groups - 1, *range(plan.groups)):
        text = named[column]
        end = max(ends[column], width_of(text) + 1)
        start = end - width_of(text)
        if all(end < other or start > other + width_of(said) for other, said in placed.values()):
            placed[column] = (start, text)
    taken = {cell for start, text in placed.values() for cell in range(start, start + width_of(text))}
    ticks = {column: (end - 1, _TICK) for column, end in enumerate(ends) if end - 1 not in taken}
    return ticks | placed


def _steps_text(group: Range) -> str:
    first, last = group
    return str(first) if first == last else f"{first}..{last}"


def level(value: float, top: int) -> int:
    """How near a norm is to the largest: BINS within its power of ten, one less for each below, 0 for the rest."""
    if not 0 < value < math.inf:
        return 0
    return min(max(BINS + math.floor(math.log10(value)) - top, 0), BINS)
