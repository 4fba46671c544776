"""The words above a plot: what its vertical axis is of, and the legend. Imports ``canvas``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from bptt_viz.views.canvas import Line, Role, Span, crop, length, width_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BETWEEN: Final = (Span("  "),)


class Entry(Struct, frozen=True):
    """A curve of the legend: a sample of it, or with less room its marker, and its label."""

    sample: str
    marker: str
    label: str
    role: Role


def heading(y_label: str, entries: Sequence[Entry], width: int, most: int) -> list[Line]:
    """At most ``most`` lines of at most ``width`` cells: the axis' label at the left, the legend at the right.

    With less room the axis' label goes, then the samples and the ends of the labels; none at all if that is not enough.
    """
    if not entries:
        return [(Span(crop(y_label, width), "label"),)] if y_label else []
    for lead, parts in _choices(y_label, entries):
        lines = _lines(lead, parts, width)
        if len(lines) <= most and all(length(line) <= width for line in lines):
            return lines
    return []


def _choices(y_label: str, entries: Sequence[Entry]) -> Iterator[tuple[Line, list[Line]]]:
    whole: list[Line] = [(Span(f"{entry.sample} {entry.label}", entry.role),) for entry in entries]
    if y_label:
        yield (Span(y_label, "label"),), whole
    yield (), whole
    for room in range(max(width_of(entry.label) for entry in entries), 0, -1):
        yield (), [(Span(f"{entry.marker} {crop(entry.label, room)}", entry.role),) for entry in entries]


def _lines(lead: Line, parts: list[Line], width: int) -> list[Line]:
    lines = [lead]
    for part in parts:
        if lines[-1] and length((*lines[-1], *_BETWEEN, *part)) > width:
            lines.append(part)
        else:
            lines[-1] = (*lines[-1], *_BETWEEN, *part) if lines[-1] else part
    heads = [lead, *(() for _ in lines[1:])]
    return [
        (*head, Span(" " * (width - length(line))), *line[len(head) :]) for head, line in zip(heads, lines, strict=True)
    ]
