"""Asks where to save the state of the moment as a scenario file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Vertical
from textual.widgets import Input, Label

from bptt_viz.errors import Problem, ScenarioError
from bptt_viz.messages import phrase
from bptt_viz.saving import save, scenario_toml
from bptt_viz.ui.screens.dialog import Dialog, path_typed, shown
from bptt_viz.views.plain import plain

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Key

    from bptt_viz.views.scene import Scene


class SaveScreen(Dialog["Path | None"]):
    """Gives the path of the file that was written, or None. A file that exists goes only if its name is given twice."""

    def __init__(self, scene: Scene, folder: Path) -> None:
        super().__init__(classes="dialog-screen")
        self._scene = scene
        self._folder = folder
        self._exists: Path | None = None

    def compose(self) -> ComposeResult:
        """A field for a path, what was wrong with it, and what is saved."""
        with Vertical(classes="dialog") as box:
            box.border_title = self._scene.say("command.save")
            yield Input(shown(self._folder / _suggested(self._scene.lesson.source)), id="path", compact=True)
            yield Label("", id="save-error", classes="dialog-error")
            yield Label(self._symbols(self._scene.say("save.help")), classes="dialog-note")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Write the file, and go; or tell what is in the way."""
        text = event.value.strip()
        if not text:
            self._tell(Problem("", phrase("expected.path"), phrase("found.no_text")).told(self._scene.language))
            return
        path = self._folder / path_typed(text)
        path = path if path.suffix else path.with_suffix(".toml")
        if not path.parent.is_dir():
            self._tell(self._scene.say("save.no_folder", path=shown(path), folder=shown(path.parent)))
            return
        trace = self._scene.trace
        try:
            save(path, scenario_toml(trace.scenario, trace.network, str(path)), overwrite=path == self._exists)
        except ScenarioError as error:
            told = error.lines(self._scene.language)
            if path.exists():
                self._exists = path
                told.append(self._scene.say("save.again"))
            self._tell("\n".join(told))
        else:
            self.leave(path)

    def on_key(self, event: Key) -> None:
        """Escape goes back."""
        if event.key == "escape":
            event.stop()
            self.leave(None)

    def _tell(self, wrong: str) -> None:
        self.query_one("#save-error", Label).update(self._symbols(wrong))

    def _symbols(self, text: str) -> Text:
        return Text(plain(text) if self._scene.plain else text)


def _suggested(source: str) -> str:
    """A name beside that of the file that was opened."""
    return f"{Path(source).stem}-now.toml"
