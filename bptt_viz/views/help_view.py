"""Every command with its keys, a page at a time where not all have room. No textual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bptt_viz.commands import COMMANDS, cap
from bptt_viz.views.canvas import Line, Run, Span, fit, left, width_of, wrap

if TYPE_CHECKING:
    from bptt_viz.views.scene import Scene

#: Cells before the keys, between them and what they do, and of the keys at most.
_INDENT: Final = 3
_GAP: Final = 2
_MOST_KEYS: Final = 22


class Page:
    """The help from some page on; the panel paints it as it paints any view."""

    def __init__(self, number: int = 0) -> None:
        self.number = number

    def title(self, scene: Scene) -> str:
        """Keys."""
        return scene.say("help.title")

    def draw(self, scene: Scene, width: int, height: int) -> list[Line]:
        """The commands of the page, group by group, and what any key does."""
        pages = _pages(scene, width, height - 1)
        closing = scene.say("help.close" if self.number + 1 >= len(pages) else "help.more_keys")
        lines = pages[self.number] if self.number < len(pages) else []
        return [fit(line, width) for line in [*lines, (Span(f" {closing}", "dim"),)][-height:]]

    def is_last(self, scene: Scene, width: int, height: int) -> bool:
        """Whether nothing comes after it."""
        return self.number + 1 >= len(_pages(scene, width, height - 1))

    def rows(self, scene: Scene, width: int) -> int:
        """How many lines all of it takes on one page."""
        return sum(map(len, _pieces(scene, width))) + 1


def _pages(scene: Scene, width: int, height: int) -> list[list[Line]]:
    """What belongs together stands on one page, if one has room for it."""
    room = max(height, 1)
    pages: list[list[Line]] = [[]]
    for piece in _pieces(scene, width):
        if pages[-1] and len(pages[-1]) + len(piece) > room:
            pages.append([])
        for line in piece:
            if len(pages[-1]) == room:
                pages.append([])
            pages[-1].append(line)
    return pages


def _pieces(scene: Scene, width: int) -> list[list[Line]]:
    """A command's lines, the first of a group with the group's heading."""
    keys = {command.id: " ".join(map(cap, scene.keys.get(command.id, command.keys))) for command in COMMANDS}
    column = min(max(map(width_of, keys.values())), _MOST_KEYS) + _GAP
    pieces: list[list[Line]] = []
    group = ""
    for command in COMMANDS:
        piece: list[Line] = []
        if command.group != group:
            group = command.group
            piece.append((Span(f" {scene.say(f'help.{group}')}", "label"),))
        run, room = Run(command.id), max(width - _INDENT - column, 1)
        for row, line in enumerate(wrap(scene.say(f"command.{command.id}"), room)):
            text = "" if row else left(keys[command.id], column - _GAP)
            said = (Span(one.text, one.role, run) for one in line)
            piece.append((Span(" " * _INDENT), Span(left(text, column), "key", run), *said))
        pieces.append(piece)
    return pieces
