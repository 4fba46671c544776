"""Full, regular and randomized truncation side by side, and the mean of many draws: scene → lines. No textual."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from bptt_viz.notation import Gradient, Symbol
from bptt_viz.views import truncations_columns, truncations_drawn
from bptt_viz.views.canvas import Span, fit

if TYPE_CHECKING:
    from bptt_viz.views.canvas import Line
    from bptt_viz.views.scene import Scene

#: Cells from which both parts stand side by side, and the left one's share; else Tab turns from one to the next.
_BOTH: Final = 150
_LEFT: Final = 0.52
_BETWEEN: Final = " │ "


def title(scene: Scene) -> str:
    """What the panel is called."""
    return scene.say("truncations.title", gradient=scene.write((Gradient(Symbol(scene.parameter)),)))


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """At most ``height`` lines of ``width`` cells."""
    if width < _BOTH:
        parts = ["columns", "gradients"] if truncations_columns.hides_gradients(scene, width, height) else ["columns"]
        part = [*parts, "draws"][scene.scroll % (len(parts) + 1)]
        if part == "draws":
            return truncations_drawn.draw(scene, width, height)
        return truncations_columns.draw(scene, width, height, gradients=part == "gradients")
    share = round(_LEFT * width)
    left = truncations_columns.draw(scene, share, height, alone=False)
    right = truncations_drawn.draw(scene, width - len(_BETWEEN) - share, height, alone=False)
    rows = zip_longest(left, right, fillvalue=())
    return [fit((*fit(one, share), Span(_BETWEEN, "dim"), *other), width) for one, other in rows]
