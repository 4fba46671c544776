"""Updates of the parameters, and the curves of training: scene → lines. No textual."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bptt_viz.views.canvas import Line
    from bptt_viz.views.scene import Scene


def title(scene: Scene) -> str:
    """What the panel is called."""
    return scene.say("training.title")


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """At most ``height`` lines of ``width`` cells."""
    return []
