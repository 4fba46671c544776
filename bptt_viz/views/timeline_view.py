"""The timeline with the cursor, what needs attention, what is told once. No textual, no quantity computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bptt_viz.timeline import Phase
from bptt_viz.views.canvas import GoTo, Line, Role, Run, Span, fit, length, width_of

if TYPE_CHECKING:
    from bptt_viz.views.scene import Scene


#: What stands between two things that are told.
_GAP: Final = Span("  ")
#: Up to so many time steps each have a mark of their own.
_FEW: Final = 8


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """One line: the marks, what needs attention, the notice if it has room, the counter."""
    marks, widest = _row(scene, width), _counter_width(scene)
    told = _attention(scene, reached=True)
    if scene.notice and tells_notice(scene, width):
        told = (*told, _GAP, Span(scene.notice))
    # The last cell stays blank, if that can be.
    edge = min(width - length(marks) - widest, 1)
    counter = f"{scene.position}/{scene.timeline.last}{' ' * edge}"
    room = width - length(marks) - widest - edge
    told = fit(told, min(max(room - length((_GAP,)), 0), length(told)))
    before = max(room - length((*told, _GAP)), 0)
    after = room - before - length(told) + widest + edge - width_of(counter)
    return [fit((*marks, Span(" " * before), *told, Span(" " * after), Span(counter, "dim")), width)]


def tells_notice(scene: Scene, width: int) -> bool:
    """Whether a notice stands in this line: all of it has room. Else it stands in the footer's, instead of the keys."""
    told = (*_attention(scene, reached=True), _GAP, Span(scene.notice), _GAP)
    return length((*_row(scene, width), *told)) + _counter_width(scene) < width


def _row(scene: Scene, width: int) -> Line:
    """The phases with their marks: the same ones whatever notice there is, and wherever the cursor is."""
    labels = {phase: scene.say(f"timeline.{phase.value}") for phase in Phase if phase is not Phase.START}
    # Beside the marks: each label with three blanks, and the two single marks.
    free = width - sum(width_of(label) + 3 for label in labels.values()) - 2 - _counter_width(scene)
    # A short sequence has all its marks, whatever else there is to say.
    least = min(scene.trace.T, _FEW, free // 2)
    room = max((free - length((*_attention(scene, reached=False), _GAP, _GAP))) // 2, least)
    spans: list[Span] = []
    for phase, label in labels.items():
        marks = _marks(scene, phase, room) if phase in (Phase.FORWARD, Phase.BACKWARD) else _single(scene, phase)
        spans += [Span(f" {label} ", "label" if scene.step.phase is not phase else "text"), *marks, Span(" ")]
    return tuple(spans)


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


def _attention(scene: Scene, *, reached: bool) -> Line:
    """What needs attention; with ``reached`` only what the cursor has come to, else also what it will."""
    spans: list[Span] = []
    if scene.problems:
        spans += [_GAP, Span(scene.say("status.problems", count=len(scene.problems)), "error")]
    from_there = scene.lesson.overflows_at
    if from_there is not None and not (reached and scene.position < from_there):
        spans += [_GAP, Span(_overflow(scene), "error")]
    if scene.trains and scene.page != "training":
        updates = scene.course.moment.updates
        spans += [_GAP, Span(scene.say("status.training", updates=updates), "now", Run("train"))]
    return tuple(spans)


def _counter_width(scene: Scene) -> int:
    """The cells of ``47/47``, the counter at the last position."""
    return 2 * len(str(scene.timeline.last)) + 1


def _overflow(scene: Scene) -> str:
    """Which number is the first that is not finite; a sum over time bears no step of its own."""
    first = scene.trace.overflow
    assert first is not None
    quantity = scene.quantity(first.quantity, first.step)
    summed = first.variable.removeprefix("dL_d") in scene.trace.parameters
    return scene.say("status.overflow.sum" if summed else "status.overflow", quantity=quantity, t=first.step)
