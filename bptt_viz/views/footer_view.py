"""The last line: the keys of the moment, or a notice that has no room beside the timeline. No textual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.commands import COMMANDS, cap
from bptt_viz.views.canvas import Line, Run, Span, fit, length
from bptt_viz.views.timeline_view import tells_notice

if TYPE_CHECKING:
    from bptt_viz.views.scene import Scene


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """One line: as many commands as fit, the help and the way out always among them."""
    if scene.notice and not tells_notice(scene, width):
        return [fit((Span(f" {scene.notice}"),), width)]
    shown = [command for command in COMMANDS if command.footer]
    while True:
        spans: list[Span] = []
        for command in shown:
            key = cap(scene.keys.get(command.id, command.keys)[0])
            run = Run(command.id)
            spans += [Span(f" {key} ", "key", run), Span(f"{scene.say(f'command.{command.id}.short')} ", "dim", run)]
        optional = [command for command in shown if command.id not in ("next", "back", "help", "quit")]
        if length(spans) <= width or not optional:
            return [fit(spans, width)]
        shown.remove(optional[-1])
