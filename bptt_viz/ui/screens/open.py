"""Asks for a scenario: one from the list, or a path."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.text import Text
from textual.containers import Vertical
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from bptt_viz.catalog import find, listing, title
from bptt_viz.errors import ScenarioError
from bptt_viz.ui.screens.dialog import Dialog, path_typed, shown
from bptt_viz.ui.source import Found, Source
from bptt_viz.views.canvas import left, width_of
from bptt_viz.views.plain import plain

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Key

    from bptt_viz.views.scene import Scene

#: Lines for the problems with a file, one each, the last for how many more there are; there is a list below them.
_MOST_PROBLEMS: Final = 5


class OpenScreen(Dialog["Found | None"]):
    """Gives a scenario file that can be used, and its lesson, or None. What is wrong with another is told here."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(classes="dialog-screen")
        self._scene = scene

    def compose(self) -> ComposeResult:
        """A field for a path, the list of names, and what was wrong with an answer."""
        scenarios = listing()
        with Vertical(classes="dialog") as box:
            box.border_title = self._scene.say("open.title")
            yield Input(
                placeholder=self._scene.say("open.path"),
                suggester=SuggestFromList([*scenarios, *map(str, sorted(Path().glob("*.toml")))]),
                id="path",
                compact=True,
            )
            yield Label("", id="open-error", classes="dialog-error")
            width = max(map(width_of, scenarios), default=0)
            options = [Option(self._row(left(name, width), path), id=name) for name, path in scenarios.items()]
            yield OptionList(*options, id="scenarios", compact=True)
            yield Label(self._scene.say("open.help"), classes="dialog-note")

    def _row(self, name: str, path: Path) -> Text:
        """A name and the title of its scenario, on one line."""
        row = f"{name}  {title(path, self._scene.language)}"
        return Text(plain(row) if self._scene.plain else row, no_wrap=True, overflow="ellipsis")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """A path or a name."""
        self._answer(event.value.strip())

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A name."""
        self._answer(event.option.id or "")

    def on_key(self, event: Key) -> None:
        """Escape goes back; the arrow down goes from the field to the list."""
        if event.key == "escape":
            event.stop()
            self.leave(None)
        elif event.key == "down" and self.query_one("#path", Input).has_focus:
            event.stop()
            self.query_one("#scenarios", OptionList).focus()

    def _answer(self, text: str) -> None:
        if text:
            self.run_worker(self._read(text), exclusive=True)

    async def _read(self, text: str) -> None:
        """Go with the lesson of a file, or say what is wrong with it; keys are answered meanwhile."""
        try:
            source = Source(find(path_typed(text) if text.startswith("~") else text))
            self.leave(Found(source, await asyncio.to_thread(source.lesson)))
        except ScenarioError as error:
            message = "\n".join(self._told(error))
            self.query_one("#open-error", Label).update(Text(plain(message) if self._scene.plain else message))

    def _told(self, error: ScenarioError) -> list[str]:
        """The file, once, and under it what is wrong with it."""
        lines = [problem.told(self._scene.language) for problem in error.problems]
        if len(lines) > _MOST_PROBLEMS:
            kept = _MOST_PROBLEMS - 1
            lines = [*lines[:kept], self._scene.say("open.more", count=len(lines) - kept)]
        return [shown(Path(error.source)), *lines]
