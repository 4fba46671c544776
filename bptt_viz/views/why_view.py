"""Why a number is what it is: name, value, formula, formula with numbers, sources. No textual, no quantity computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bptt_viz.formatting import full, significant
from bptt_viz.views.canvas import Ask, Line, Span, fit, length, shortened, width_of, wrap

if TYPE_CHECKING:
    from bptt_viz.arithmetic import Leaf
    from bptt_viz.views.scene import Scene

#: Sources that a digit can follow.
MOST_SOURCES: Final = 9
#: Lines of sources for which a long formula gives way.
_MOST_SOURCE_LINES: Final = 4
#: Cells before what is wrapped.
_INDENT: Final = 3


def title(scene: Scene) -> str:
    """The question."""
    return scene.say("why.title")


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """At most ``height`` lines of ``width`` cells; the sources give way to the formulas, and both say so."""
    reason = scene.reason
    if reason is None:
        return [fit((Span(" "), Span(scene.say("why.not_shown"), "dim")), width)]
    name = scene.write(reason.name)
    lines: list[Line] = [(Span(f" {name}", "formula"), Span(" = "), Span(full(reason.value), "now"))]
    if reason.worked:
        lines += _wrapped(scene.write(reason.formula), width)
        lines += _wrapped(scene.write(reason.substituted), width)
    if reason.origin is not None:
        lines += [(Span(" "), *line) for line in wrap(reason.origin.told(scene.language), width - 2, "dim")]
    sources = _sources(scene, reason.sources, width)
    hints: list[Line] = [(Span(" "), *line) for line in wrap(scene.say("why.keys"), width - 2, "dim")]
    room = max(height - len(hints), 1)
    if len(lines) + len(sources) > room:
        kept = max(room - min(len(sources), _MOST_SOURCE_LINES), 1)
        lines, sources = shortened(lines, width, kept), sources[: room - min(kept, len(lines))]
    return [fit(line, width) for line in [*lines, *sources, *hints][:height]]


def _wrapped(text: str, width: int) -> list[Line]:
    """``= …`` in as many lines as it takes."""
    lines = wrap(text, width - _INDENT - 1, "number")
    return [(Span(" " * _INDENT if index else " = ", "operator"), *line) for index, line in enumerate(lines)]


def _sources(scene: Scene, sources: tuple[Leaf, ...], width: int) -> list[Line]:
    """The numbers it came from, each with the digit that follows it, as many in a line as fit."""
    if not sources:
        return []
    lines: list[Line] = []
    current: list[Span] = [Span(f" {scene.say('why.sources')} ", "label")]
    for index, source in enumerate(sources[:MOST_SOURCES], start=1):
        subject = Ask(source.number) if source.number is not None else None
        spans = [
            Span(f" {index} ", "key", subject),
            Span(f"{scene.write(source.symbol)} = {significant(source.value)} ", "number", subject, source.number),
        ]
        if length(current) + length(spans) > width and len(current) > 1:
            lines.append(tuple(current))
            current = [Span(" " * _INDENT)]
        current += spans
    more = len(sources) - MOST_SOURCES
    if more > 0:
        told = scene.say("why.more", count=more)
        if length(current) + width_of(told) > width:
            lines.append(tuple(current))
            current = [Span(" " * _INDENT)]
        current.append(Span(told, "dim"))
    return [*lines, tuple(current)]
