"""What updates, edits and undoing make of a scene: scene → scene. No textual."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bptt_viz import engine
from bptt_viz.endings import SINGLES
from bptt_viz.formatting import told
from bptt_viz.quantities import Given, Number
from bptt_viz.training.editing import edited
from bptt_viz.training.moment import expected_seconds, further

if TYPE_CHECKING:
    from bptt_viz.messages import Phrase
    from bptt_viz.network import Network
    from bptt_viz.tracing import Trace
    from bptt_viz.training.course import Course
    from bptt_viz.training.moment import Moment
    from bptt_viz.views.scene import Scene

#: Updates that are expected to take no more seconds than this are done before the next key is looked at.
BRIEF: Final = 0.02


def train(scene: Scene, updates: int | None) -> Scene:
    """The scene so many updates later, or with them to be done where they take long; None: until told to stop.

    Training that runs goes on, but for the command that started it without an end: that stops it.
    """
    course = scene.course
    if course.running:
        return stop(scene) if updates is None else replace(scene, notice=scene.say("training.runs"))
    if course.moment.divergence is not None:
        return replace(scene, notice=scene.say("training.no_further"))
    trace = scene.trace
    course = course.to_be(updates)
    if updates is None or expected_seconds(trace.network, trace.T, updates) > BRIEF:
        return replace(scene, training=course, notice="")
    return trained(replace(scene, training=course), *further(course.moment, trace, updates))


def trained(scene: Scene, moment: Moment, trace: Trace) -> Scene:
    """The scene with training at a later moment, with the trace of its parameters."""
    course = scene.course.come_to(moment)
    loss = scene.write(SINGLES["L"])
    said = scene.say("training.at", updates=moment.updates, loss=loss, value=told(trace.loss))
    return replace(_with(scene, trace, course), notice="" if course.running else said)


def stop(scene: Scene, failure: Phrase | None = None) -> Scene:
    """The scene with training as far as it is; ``failure`` is why it is no further."""
    said = "" if failure is None else failure.told(scene.language)
    return replace(scene, training=scene.course.stopped(failure), notice=said)


def entry_to_edit(scene: Scene) -> tuple[str, tuple[int, ...]]:
    """The parameter's entry that is asked about, or else the chosen entry of the parameter that is shown."""
    match scene.picked:
        case Number(Given(name), entry) if name in scene.trace.parameters:
            return name, entry
    shape = scene.trace.parameters[scene.parameter].shape
    first = min(scene.entry or 0, shape[0] - 1)
    return scene.parameter, (first, *(0 for _ in shape[1:]))


def edit(scene: Scene, name: str, entry: tuple[int, ...], value: float) -> Scene:
    """The scene with another value at an entry, from 0, of a parameter; numbers that follow from it are marked.

    Raises
    ------
    KeyError, IndexError, ValueError
        As :func:`bptt_viz.training.editing.edited`.
    """
    trace = _traced(scene, edited(scene.trace.network, name, entry, value))
    changed = _with(scene, trace, scene.course.edited(trace))
    return replace(changed, before=scene.lesson, parameter=name)


def undo(scene: Scene) -> Scene:
    """The scene as before the latest edit, updates or reload; what an edit had changed is marked."""
    undone = scene.course.undo.latest
    if undone is None:
        return replace(scene, notice=scene.say("training.nothing_to_undo"))
    course = scene.course.back()
    after = _with(scene, _traced(scene, course.moment.network), course)
    said = scene.say(f"training.undone.{undone}", updates=course.moment.updates)
    return replace(after, before=scene.lesson if undone == "edit" else None, notice=said)


def _traced(scene: Scene, network: Network) -> Trace:
    trace = scene.trace
    return engine.run(trace.scenario, network, (trace.inputs, trace.targets))


def _with(scene: Scene, trace: Trace, course: Course) -> Scene:
    """The scene with other parameters: everything stays where it is, but what was derived is derived anew."""
    return replace(
        scene,
        lesson=scene.lesson.with_trace(trace),
        training=course,
        derivation=None,
        comparison=None,
        deriving=None,
        before=None,
        notice="",
    )
