"""How gradients flow through time: they vanish, explode, or neither: scene → lines. No textual."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bptt_viz.views.canvas import Line
    from bptt_viz.views.scene import Scene


def title(scene: Scene) -> str:
    """What the panel is called."""
    return scene.say("flow.title")


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """At most ``height`` lines of ``width`` cells."""
    return []
