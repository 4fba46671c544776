"""What is wrong with the file as it is now. No textual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.views.canvas import Line, Span, fit, wrap

if TYPE_CHECKING:
    from bptt_viz.views.scene import Scene


def title(scene: Scene) -> str:
    """That it cannot be used."""
    return scene.say("problems.title", file=scene.problems_in)


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """At most ``height`` lines of ``width`` cells: each problem, and what is shown meanwhile."""
    lines: list[Line] = []
    for problem in scene.problems:
        lines += [(Span(" "), *line) for line in wrap(problem.told(scene.language), width - 2, "error")]
    kept = (Span(" "), Span(scene.say("problems.kept"), "dim"))
    return [fit(line, width) for line in [*lines[: max(height - 1, 0)], kept]]
