"""What is said where there is no room for anything else. No textual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bptt_viz.views.canvas import Line, fit, wrap

if TYPE_CHECKING:
    from bptt_viz.views.scene import Scene

#: The smallest terminal in which no number is cut off.
COLUMNS: Final = 60
ROWS: Final = 18


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """The size there is and the size that is needed."""
    told = scene.say("size.small", width=width, height=height, columns=COLUMNS, rows=ROWS)
    return [fit(line, width) for line in wrap(told, width)][:height]
