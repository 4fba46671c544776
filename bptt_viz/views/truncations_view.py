"""Full, regular and randomized truncation side by side: scene → lines. No textual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.notation import Gradient, Symbol

if TYPE_CHECKING:
    from bptt_viz.views.canvas import Line
    from bptt_viz.views.scene import Scene


def title(scene: Scene) -> str:
    """What the panel is called."""
    return scene.say("truncations.title", gradient=scene.write((Gradient(Symbol(scene.parameter)),)))


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """At most ``height`` lines of ``width`` cells."""
    return []
