"""The first line: the sequence, the network, the direction, t and L. No textual, no quantity computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bptt_viz.formatting import told
from bptt_viz.notation import Symbol
from bptt_viz.quantities import Number, Single
from bptt_viz.timeline import Phase
from bptt_viz.truncation_choice import said
from bptt_viz.views.canvas import GoTo, Line, Role, Span, crop, fit, length, width_of
from bptt_viz.views.network_lanes import has_several_routes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.views.scene import Scene


#: Cells of one word of the sequence.
_LONGEST_WORD: Final = 16


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """One line."""
    status = _status(scene)
    room = width - length(status) - 2
    start: tuple[Span, ...] = _sequence(scene, room)
    fitting = (text for text in _network(scene) if length(start) + width_of(text) + 4 <= room)
    network = next(fitting, "")
    if network:
        start = (*start, Span("    "), Span(network, "dim"))
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


def _network(scene: Scene) -> Iterator[str]:
    """What the network is: cell, layers, sizes, loss, truncation; where that has no room, less and less of it."""
    trace, backward = scene.trace, scene.trace.scenario.backward
    table = trace.scenario.network
    cell = scene.say(f"title.cell.{table.cell}", activation=scene.say(f"activation.{table.activation}"))
    if table.layers > 1:
        cell = scene.say("title.layers", cell=cell, layers=table.layers)
    sizes = f"D {trace.x.shape[1]} · H {table.hidden_size} · K {trace.o.shape[1]}"
    loss = scene.say(f"loss.{trace.loss_kind.name}")
    kept = () if trace.truncation.is_full else (said(backward, "shortly").told(scene.language),)
    yield " · ".join((cell, sizes, loss, *kept))
    # A plain cell with all its terms is what every lesson begins with.
    if kept or has_several_routes(trace.network):
        yield " · ".join((cell, sizes, *kept))
        yield " · ".join((cell, *kept))
        yield cell


def _status(scene: Scene) -> Line:
    phase, T = scene.step.phase, scene.trace.T
    role: Role = "backward" if scene.backwards else "forward"
    spans = [Span(scene.say(f"phase.{phase.value}"), role)]
    if scene.step.t:
        spans.append(Span(scene.say("title.step", t=scene.step.t, T=T), "text"))
    known = scene.position >= scene.timeline.loss_position
    loss = f"{scene.write((Symbol('L'),))} = {told(scene.trace.loss) if known else '·'}"
    spans.append(Span(f"   {loss}", "text" if known else "dim", None, Number(Single("L")) if known else None))
    return tuple(spans)
