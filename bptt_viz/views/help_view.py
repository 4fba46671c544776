"""Every command with its keys. No textual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.commands import COMMANDS, cap
from bptt_viz.views.canvas import Line, Run, Span, fit, left

if TYPE_CHECKING:
    from bptt_viz.views.scene import Scene

_KEYS = 22


def title(scene: Scene) -> str:
    """Keys."""
    return scene.say("help.title")


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """The commands group by group."""
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
    closing = (Span(f" {scene.say('help.close')}", "dim"),)
    return [fit(line, width) for line in [*lines[: height - 1], closing]]
