"""Rectangles of lines, and how they share a panel: side by side on shelves, the shelves on pages. No textual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from bptt_viz.views.canvas import Line, Span, fit, length

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: Cells between two boxes on a shelf.
GAP: Final = 4


class Box(Struct, frozen=True):
    """Lines of one width; what is in a box is seen at once where it has room at all.

    Attributes
    ----------
    heading
        Its first line, where further parts of the box have to repeat it.
    """

    lines: tuple[Line, ...]
    width: int
    heading: Line = ()

    @property
    def height(self) -> int:
        """How many lines."""
        return len(self.lines)


def box(lines: Sequence[Line]) -> Box:
    """The lines in the least room that they need."""
    width = max(map(length, lines), default=0)
    return Box(tuple(fit(line, width) for line in lines), width)


def bracketed(lines: Sequence[Line], transposed: str = "") -> Box:
    """Rows of equal width as a matrix; ``transposed`` stands at the upper right."""
    last = len(lines) - 1
    marks = [("[", "]")] if not last else [("⎡", "⎤"), *[("⎢", "⎥")] * (last - 1), ("⎣", "⎦")]
    after = [transposed, *[" " * len(transposed)] * last]
    return box(
        [
            (Span(opening, "operator"), *line, Span(closing + mark, "operator"))
            for line, (opening, closing), mark in zip(lines, marks, after, strict=True)
        ]
    )


def beside(boxes: Sequence[Box], between: str = "") -> Box:
    """Boxes in a row, tops level; ``between`` them at half height of the first."""
    height, middle = max(one.height for one in boxes), (boxes[0].height - 1) // 2
    lines: list[Line] = []
    for row in range(height):
        spans: list[Span] = []
        for index, one in enumerate(boxes):
            if index and between:
                spans.append(Span(between if row == middle else " " * len(between), "operator"))
            spans += one.lines[row] if row < one.height else (Span(" " * one.width),)
        lines.append(tuple(spans))
    whole = box(lines)
    if not any(one.heading for one in boxes):
        return whole
    headings = [one.heading or (Span(" " * one.width),) for one in boxes]
    heading = tuple(span for line in headings for span in (Span(" " * len(between)), *line))[1:]
    return Box(whole.lines, whole.width, fit(heading, whole.width))


def above(boxes: Iterable[Box]) -> Box:
    """Boxes below each other."""
    return box([line for one in boxes for line in one.lines])


def shelved(boxes: Iterable[Box], width: int) -> list[Box]:
    """Boxes in their order, as many side by side as fit into ``width``."""
    shelves: list[list[Box]] = []
    room = 0
    for one in boxes:
        if not shelves or one.width + GAP > room:
            shelves.append([])
            room = width + GAP
        shelves[-1].append(one)
        room -= one.width + GAP
    return [beside(shelf, " " * GAP) for shelf in shelves]


def paged(shelves: Iterable[Box], height: int) -> list[list[Line]]:
    """Shelves on pages of ``height`` lines, whole where one has room; an empty line between two if there is room."""
    pages: list[list[Line]] = [[]]
    for shelf in shelves:
        for lines in _parts(shelf, height):
            if pages[-1] and len(pages[-1]) + len(lines) > height:
                pages.append([])
            pages[-1] += lines
    return pages


def _parts(shelf: Box, height: int) -> Iterator[tuple[Line, ...]]:
    """The lines in parts of nearly equal height, none above ``height``; further parts repeat the heading."""
    heading = (shelf.heading,) if shelf.heading and height > 1 else ()
    if shelf.height <= height:
        yield shelf.lines
        return
    body = shelf.lines[len(heading) :]
    room = height - len(heading)
    count = -(-len(body) // room)
    for part in range(count):
        first, end = (len(body) * index // count for index in (part, part + 1))
        before = heading if part else shelf.lines[: len(heading)]
        yield (*before, *body[first:end])
