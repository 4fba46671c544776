"""Labelled rows of numbers, and the line of names above them. No textual, no quantity computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bptt_viz.formatting import NARROW, WIDE, fixed
from bptt_viz.views.canvas import Choose, Line, Role, Span, left, right, width_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bptt_viz.activations import Array
    from bptt_viz.quantities import Number
    from bptt_viz.tracing import Mask


class Columns(Struct, frozen=True):
    """Where the numbers stand: after ``label`` cells, ``room`` entries of ``cell`` cells, from entry ``first``."""

    label: int
    cell: int
    room: int
    first: int = 0

    @classmethod
    def within(cls, width: int, label: int, longest: int, entry: int = 0) -> Columns:
        """As wide as fits: wide numbers if all entries have room, else narrow ones, else those around ``entry``."""
        cell = WIDE + 1 if longest * (WIDE + 1) <= width - label else NARROW + 1
        # One cell is kept for the ellipsis that says there are more.
        room = longest if longest * cell <= width - label else max((width - label - 1) // cell, 1)
        return cls(label, cell, room, max(0, min(entry - room // 2, longest - room)))

    @property
    def end(self) -> int:
        """The cell after the last number."""
        return self.label + self.room * self.cell

    def start_of(self, count: int) -> int:
        """The first entry that is seen of ``count``."""
        return 0 if count <= self.room else min(self.first, count - self.room)


def names_row(names: Sequence[str], columns: Columns, count: int) -> Line:
    """The names of the entries, above their numbers."""
    first = columns.start_of(count)
    seen = list(enumerate(names))[first : first + columns.room]
    marks = [Span(right(name, columns.cell), "dim", Choose(index)) for index, name in seen]
    return (Span(" " * columns.label), *marks)


def value_row(
    operator: str,
    label: str,
    values: Array | None,
    columns: Columns,
    role: Role = "text",
    lit: int | None = None,
    present: Mask | None = None,
    numbers: Callable[[int], Number | None] = lambda _: None,
) -> Line:
    """One row; ``values`` None is a row that is not known yet, ``lit`` an entry to be marked.

    ``numbers`` says which number an entry is.
    """
    spans = [
        Span(f" {operator:<2}", "operator"),
        Span(left(label, columns.label - 3), role if role == "now" else "label"),
    ]
    if values is None:
        return (*spans, Span(right("·", columns.cell), "future"))
    first = columns.start_of(len(values))
    for index, value in enumerate(values[first : first + columns.room], start=first):
        there = present is None or present[index]
        text = fixed(float(value), columns.cell - 1) if there else right("–", columns.cell - 1)
        # What stands before the first entry that is seen is not left out in silence either.
        gap = Span("…", "dim") if index == first > 0 else Span(" ")
        spans += [gap, Span(text, "entry" if index == lit else role, Choose(index), numbers(index) if there else None)]
    if first + columns.room < len(values):
        spans.append(Span("…", "dim"))
    return tuple(spans)


def label_width(labels: Sequence[str]) -> int:
    """Cells for the operator and the longest label, with a blank after it."""
    return max(map(width_of, labels), default=0) + 4
