"""The first line: the sequence, the network, the direction, t and L. No textual, no quantity computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bptt_viz.formatting import plain
from bptt_viz.notation import Symbol
from bptt_viz.quantities import Number, Single
from bptt_viz.timeline import Phase
from bptt_viz.views.canvas import GoTo, Line, Role, Span, crop, fit, length

if TYPE_CHECKING:
    from bptt_viz.views.scene import Scene


#: Cells of one word of the sequence.
_LONGEST_WORD: Final = 16


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """One line."""
    status = _status(scene)
    network = _network(scene)
    room = width - length(status) - 2
    start: tuple[Span, ...] = _sequence(scene, room)
    if length(start) + length(network) + 4 <= room:
        start = (*start, Span("    "), *network)
    gap = Span(" " * max(width - length(start) - length(status) - 1, 1))
    return [fit((*start, gap, *status, Span(" ")), width)]


def _sequence(scene: Scene, room: int) -> Line:
    """The words around the current one, or the scenario's title where there are no words."""
    trace = scene.trace
    if not trace.inputs.symbolic:
        name = scene.text(trace.scenario.title) or scene.lesson.source
        return (Span(f" {crop(name, room - 1)}", "label"),)
    spans: list[Span] = [Span(" ")]
    first = max(1, scene.t - 4)
    if first > 1:
        spans.append(Span("… ", "dim"))
    for t in range(first, min(trace.T, first + 9) + 1):
        current = t == scene.t and scene.step.phase is not Phase.START
        subject = GoTo(scene.timeline.end_of(Phase.BACKWARD if scene.backwards else Phase.FORWARD, t))
        guessed = 0 < scene.lesson.generated_from <= t
        word = ("⇢" if guessed else "") + (trace.inputs.word(t) or "·")
        spans += [Span(f" {crop(word, _LONGEST_WORD)} ", "current" if current else "label", subject)]
    last = trace.targets.word(trace.T)
    if first + 9 < trace.T:
        spans.append(Span("… ", "dim"))
    elif last and trace.scenario.sequence.tokens:
        spans.append(Span(f" {last} ", "dim"))
    while len(spans) > 2 and length(spans) > room:
        spans.pop()
    return tuple(spans)


def _network(scene: Scene) -> Line:
    table, trace = scene.trace.scenario.network, scene.trace
    sizes = f"D {trace.x.shape[1]} · H {table.hidden_size} · K {trace.o.shape[1]}"
    return (Span(f"{table.activation} · {sizes} · {scene.say(f'loss.{trace.loss_kind.name}')}", "dim"),)


def _status(scene: Scene) -> Line:
    phase, T = scene.step.phase, scene.trace.T
    role: Role = "backward" if scene.backwards else "forward"
    spans = [Span(scene.say(f"phase.{phase.value}"), role)]
    if scene.step.t:
        spans.append(Span(scene.say("title.step", t=scene.step.t, T=T), "text"))
    known = scene.position >= scene.timeline.loss_position
    loss = f"{scene.write((Symbol('L'),))} = {plain(scene.trace.loss) if known else '·'}"
    spans.append(Span(f"   {loss}", "text" if known else "dim", None, Number(Single("L")) if known else None))
    return tuple(spans)
