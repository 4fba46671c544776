"""Asks where to save the state of the moment as a scenario file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Vertical
from textual.widgets import Input, Label

from bptt_viz.errors import ScenarioError
from bptt_viz.saving import save, scenario_toml
from bptt_viz.ui.screens.dialog import Dialog
from bptt_viz.views.plain import plain

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Key

    from bptt_viz.views.scene import Scene


class SaveScreen(Dialog["Path | None"]):
    """Gives the path of the file that was written, or None. A file that exists goes only if its name is given twice."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(classes="dialog-screen")
        self._scene = scene
        self._exists: Path | None = None

    def compose(self) -> ComposeResult:
        """A field for a path, what was wrong with it, and what is saved."""
        with Vertical(classes="dialog") as box:
            box.border_title = self._scene.say("command.save")
            yield Input(_suggested(self._scene.lesson.source), id="path", compact=True)
            yield Label("", id="save-error", classes="dialog-error")
            yield Label(self._symbols(self._scene.say("save.help")), classes="dialog-note")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Write the file, and go; or tell what is in the way."""
        text = event.value.strip()
        if not text:
            return
        path = Path(text).expanduser() if text.startswith("~") else Path(text)
        path = path if path.suffix else path.with_suffix(".toml")
        trace = self._scene.trace
        try:
            save(path, scenario_toml(trace.scenario, trace.network, str(path)), overwrite=path == self._exists)
        except ScenarioError as error:
            told = error.lines(self._scene.language)
            if path.exists():
                self._exists = path
                told.append(self._scene.say("save.again"))
            self.query_one("#save-error", Label).update(self._symbols("\n".join(told)))
        else:
            self.leave(path)

    def on_key(self, event: Key) -> None:
        """Escape goes back."""
        if event.key == "escape":
            event.stop()
            self.leave(None)

    def _symbols(self, text: str) -> Text:
        return Text(plain(text) if self._scene.plain else text)


def _suggested(source: str) -> str:
    """A name beside that of the file that was opened, in the folder that the program was started in."""
    return f"{Path(source).stem}-now.toml"
