"""The timeline with the cursor, and what needs attention. No textual, no quantity computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.timeline import Phase
from bptt_viz.views.canvas import GoTo, Line, Role, Run, Span, fit, length, width_of

if TYPE_CHECKING:
    from bptt_viz.views.scene import Scene


#: Up to so many time steps each have a mark of their own.
_FEW = 8


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """One line."""
    status = _status(scene)
    labels = {phase: scene.say(f"timeline.{phase.value}") for phase in Phase if phase is not Phase.START}
    # Beside the marks: each label with three blanks, the two single marks, and a blank before the status.
    beside = sum(width_of(label) + 3 for label in labels.values()) + 3
    # A short sequence has all its marks, whatever else there is to say.
    room = max((width - beside - length(status)) // 2, min(scene.trace.T, _FEW))
    spans: list[Span] = []
    for phase, label in labels.items():
        marks = _marks(scene, phase, room) if phase in (Phase.FORWARD, Phase.BACKWARD) else _single(scene, phase)
        spans += [Span(f" {label} ", "label" if scene.step.phase is not phase else "text"), *marks, Span(" ")]
    while length(spans) + length(status) > width and len(status) > 2:
        status = status[:-2]
    gap = max(width - length(spans) - length(status), 0)
    return [fit((*spans, Span(" " * gap), *status), width)]


def _single(scene: Scene, phase: Phase) -> list[Span]:
    return [_mark(scene, phase, scene.timeline.end_of(phase, 0), scene.timeline.end_of(phase, 0))]


def _marks(scene: Scene, phase: Phase, room: int) -> list[Span]:
    """A dot per time step; where they do not fit, each mark stands for several."""
    T = scene.trace.T
    count = min(T, room)
    marks = []
    for index in range(count):
        first, last = 1 + index * T // count, (index + 1) * T // count
        if phase is Phase.BACKWARD:
            first, last = T + 1 - first, T + 1 - last
        operations = scene.timeline.forward if phase is Phase.FORWARD else scene.timeline.backward
        start = scene.timeline.position(phase, first, operations[0])
        marks.append(_mark(scene, phase, start, scene.timeline.end_of(phase, last)))
    return marks


def _mark(scene: Scene, phase: Phase, start: int, end: int) -> Span:
    role: Role = "backward" if phase in (Phase.BACKWARD, Phase.UPDATE) else "forward"
    if scene.position < start:
        return Span("○", "dim", GoTo(end))
    return Span("◉", "current", GoTo(end)) if scene.position <= end else Span("●", role, GoTo(end))


def _status(scene: Scene) -> Line:
    spans: list[Span] = []
    if scene.problems:
        spans.append(Span(scene.say("status.problems", count=len(scene.problems)), "error"))
    if scene.lesson.overflows_at is not None and scene.position >= scene.lesson.overflows_at:
        spans.append(Span(_overflow(scene), "error"))
    if scene.trains and scene.page != "training":
        updates = scene.course.moment.updates
        spans.append(Span(scene.say("status.training", updates=updates), "now", Run("train")))
    if scene.notice:
        spans.append(Span(scene.notice, "text"))
    spans.append(Span(f"{scene.position}/{scene.timeline.last} ", "dim"))
    line: list[Span] = []
    for span in spans:
        line += [Span("  "), span]
    return tuple(line)


def _overflow(scene: Scene) -> str:
    """Which number is the first that is not finite; a sum over time bears no step of its own."""
    first = scene.trace.overflow
    assert first is not None
    quantity = scene.quantity(first.quantity, first.step)
    summed = first.variable.removeprefix("dL_d") in scene.trace.parameters
    return scene.say("status.overflow.sum" if summed else "status.overflow", quantity=quantity, t=first.step)
