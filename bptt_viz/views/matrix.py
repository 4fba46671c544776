"""A matrix as lines: numbers where they fit, coloured signs where they do not. No textual, no quantity computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bptt_viz.formatting import NARROW, WIDE, fixed, sign_glyph
from bptt_viz.views.canvas import Line, Span, fit, heat, left, right, width_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bptt_viz.activations import Array
    from bptt_viz.quantities import Number


class Window(Struct, frozen=True):
    """The block of a matrix that is seen, and how its entries are drawn.

    Attributes
    ----------
    rows, columns
        How many are seen, from the first.
    cell
        Cells of one entry with its blank; 1 means a coloured sign instead of a number, and one blank before them all.
    """

    rows: int
    columns: int
    cell: int

    @property
    def width(self) -> int:
        """Cells of one line."""
        return self.columns * self.cell + (self.cell == 1)


def window(shape: tuple[int, int], width: int, height: int, forms: tuple[int, ...] = (WIDE, NARROW)) -> Window:
    """The largest window on a matrix of ``shape`` in the room: numbers in the first form that fits, or signs.

    A form is how many cells a number has.
    """
    rows, columns = shape
    for number in forms:
        if columns * (number + 1) <= width and rows <= height:
            return Window(rows, columns, number + 1)
    return Window(max(min(rows, height), 1), max(min(columns, width - 1), 1), 1)


def draw(
    block: Array | None,
    seen: Window,
    scale: float,
    names: Sequence[str] = (),
    numbers: Callable[[int, int], Number | None] = lambda _row, _column: None,
) -> list[Line]:
    """The lines of one block; None is a block that is not known yet.

    ``names`` head the columns, ``numbers`` says which number stands at a row and a column.
    """
    lines: list[Line] = [names_line(names, seen)] if names and seen.cell > 1 else []
    for row in range(seen.rows):
        if block is None:
            text = " " + "·" * seen.columns if seen.cell == 1 else right("·", seen.cell) * seen.columns
            lines.append((Span(text, "future"),))
        else:
            values = [float(value) for value in block[row, : seen.columns]]
            lines.append(_row(values, seen, scale, [numbers(row, column) for column in range(len(values))]))
    return lines


def names_line(names: Sequence[str], seen: Window) -> Line:
    """The names of the columns, above their numbers."""
    return tuple(Span(right(name, seen.cell), "dim") for name in names[: seen.columns])


def _row(values: list[float], seen: Window, scale: float, numbers: Sequence[Number | None]) -> Line:
    # A sign is no operator: a blank parts it from one.
    spans: list[Span] = [Span(" ")] if seen.cell == 1 else []
    for value, number in zip(values, numbers, strict=True):
        if seen.cell == 1:
            spans.append(Span(sign_glyph(value), heat(value, scale), None, number))
        else:
            spans += [Span(" "), Span(fixed(value, seen.cell - 1), heat(value, scale), None, number)]
    return tuple(spans)


def side_by_side(blocks: list[list[Line]], operators: list[str], headings: list[str], width: int) -> list[Line]:
    """Blocks of equal height in a row, ``width`` cells each, with operators between them at half their height."""
    height = len(blocks[0])
    head = tuple(
        Span(" " * width_of(operator) + left(" " + heading, width), "label")
        for operator, heading in zip(operators, headings, strict=True)
    )
    lines: list[Line] = [head]
    for row in range(height):
        spans: list[Span] = []
        for operator, block in zip(operators, blocks, strict=True):
            spans.append(Span(operator if row == height // 2 else " " * width_of(operator), "operator"))
            spans += fit(block[row], width)
        lines.append(tuple(spans))
    return lines


def stacked(blocks: list[list[Line]], operators: list[str], headings: list[str], label: int) -> list[Line]:
    """Blocks of equal size one below the other, each with its heading at the left."""
    lines: list[Line] = []
    for operator, heading, block in zip(operators, headings, blocks, strict=True):
        middle = (len(block) - 1) // 2
        for row, line in enumerate(block):
            text = left(f"{operator.strip():<2}{heading}", label) if row == middle else " " * label
            lines.append((Span(text, "label"), *line))
    return lines
