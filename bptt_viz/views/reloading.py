"""What another state of the file makes of a scene, and of what was trained there: scene → scene. No textual."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bptt_viz.views.moves import reloaded

if TYPE_CHECKING:
    from bptt_viz.views.scene import Lesson, Scene


def reloaded_in_training(scene: Scene, lesson: Lesson) -> Scene:
    """The scene with another state of the file; what was trained and edited can be gone back to, if it fits.

    Where it does not fit, because parameters have other names or shapes now, the notice says what is dropped.
    """
    course, after = scene.course, reloaded(scene, lesson)
    if course.untouched:
        return replace(after, notice=scene.say("status.reloaded"))
    anew = course.begun_anew(lesson.trace)
    if anew is None:
        dropped = {"updates": course.moment.updates, "count": len(course.undo)}
        return replace(after, notice=scene.say("status.reloaded.dropped", **dropped))
    return replace(after, training=anew, notice=scene.say("status.reloaded.undo"))
