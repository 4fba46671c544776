"""The words above a plot: what its vertical axis is of, and the legend. Imports ``canvas``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from bptt_viz.views.canvas import Line, Role, Span, crop, length, width_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BETWEEN: Final = (Span("  "),)
#: What words of a label end at.
_WORD_END: Final = re.compile(r"[\s:,;：，；、]+")


class Entry(Struct, frozen=True):
    """A curve of the legend: a sample of it, or with less room its marker, and its label."""

    sample: str
    marker: str
    label: str
    role: Role


def heading(y_label: str, entries: Sequence[Entry], width: int, most: int, more: int = 0) -> list[Line]:
    """At most ``most`` lines of at most ``width`` cells: the axis' label at the left, the legend at the right.

    With less room the axis' label goes, then the samples, then up to ``more`` lines are taken, then the ends of the
    labels go; none at all if that is not enough.
    """
    if not entries:
        return [(Span(crop(y_label, width), "label"),)] if y_label else []
    whole = max(width_of(entry.label) for entry in entries)
    marked = [_marked(entries, room) for room in range(whole, 0, -1)] or [_marked(entries, 0)]
    choices = [*((lead, parts, most) for lead, parts in _samples(y_label, entries)), ((), marked[0], most)]
    choices += [((), parts, most + more) for parts in marked]
    for lead, parts, allowed in choices:
        lines = _lines(lead, parts, width)
        if len(lines) <= allowed and all(length(line) <= width for line in lines):
            return lines
    return []


def distinct(labels: Sequence[str]) -> list[str]:
    """Labels without the words that all begin with and that all end with; as they are where nothing would be left.

    >>> distinct(["Copy: tanh cell", "Copy: relu cell"]), distinct(["relu", "relu from W = I"])
    (['tanh', 'relu'], ['relu', 'relu from W = I'])
    """
    first = max((end.end() for end in _WORD_END.finditer(_common(labels))), default=0)
    shorter = [label[first:] for label in labels]
    if not all(shorter):
        return list(labels)
    ends = _WORD_END.finditer(_common([label[::-1] for label in shorter]))
    last = max((end.end() for end in ends), default=0)
    shortest = [label[: len(label) - last] for label in shorter]
    return shortest if all(shortest) else shorter


def _common(texts: Sequence[str]) -> str:
    """What all begin with."""
    alike = 0
    for characters in zip(*texts, strict=False):
        if len(set(characters)) > 1:
            break
        alike += 1
    return texts[0][:alike]


def _samples(y_label: str, entries: Sequence[Entry]) -> Iterator[tuple[Line, list[Line]]]:
    whole: list[Line] = [(Span(f"{entry.sample} {entry.label}", entry.role),) for entry in entries]
    if y_label:
        yield (Span(y_label, "label"),), whole
    yield (), whole


def _marked(entries: Sequence[Entry], room: int) -> list[Line]:
    return [(Span(f"{entry.marker} {crop(entry.label, room)}", entry.role),) for entry in entries]


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
