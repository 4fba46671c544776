"""Every command with its keys, a page at a time where not all have room. No textual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.commands import COMMANDS, cap
from bptt_viz.views.canvas import Line, Run, Span, fit, left

if TYPE_CHECKING:
    from bptt_viz.views.scene import Scene

_KEYS = 22


class Page:
    """The help from some page on; the panel paints it as it paints any view."""

    def __init__(self, number: int = 0) -> None:
        self.number = number

    def title(self, scene: Scene) -> str:
        """Keys."""
        return scene.say("help.title")

    def draw(self, scene: Scene, width: int, height: int) -> list[Line]:
        """The commands of the page, group by group, and what any key does."""
        room = max(height - 1, 1)
        lines = _lines(scene)
        first = self.number * room
        closing = scene.say("help.close" if first + room >= len(lines) else "help.more_keys")
        return [fit(line, width) for line in [*lines[first : first + room], (Span(f" {closing}", "dim"),)][-height:]]

    def is_last(self, scene: Scene, height: int) -> bool:
        """Whether nothing comes after it."""
        return (self.number + 1) * max(height - 1, 1) >= len(_lines(scene))


def rows(scene: Scene) -> int:
    """How many lines all of it takes."""
    return len(_lines(scene)) + 1


def _lines(scene: Scene) -> list[Line]:
    lines: list[Line] = []
    group = ""
    for command in COMMANDS:
        if command.group != group:
            group = command.group
            lines.append((Span(f" {scene.say(f'help.{group}')}", "label"),))
        keys = " ".join(cap(key) for key in scene.keys.get(command.id, command.keys))
        run = Run(command.id)
        lines.append(
            (Span("   "), Span(left(keys, _KEYS), "key", run), Span(scene.say(f"command.{command.id}"), "text", run))
        )
    return lines
