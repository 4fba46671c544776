"""Asks for a time step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import ModalScreen
from textual.widgets import Input, Label

from bptt_viz.views.moves import go_to

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Key

    from bptt_viz.views.scene import Scene


class GoToScreen(ModalScreen["Scene | None"]):
    """Gives the scene at the time step that is typed, or None."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(classes="dialog-screen")
        self._scene = scene

    def compose(self) -> ComposeResult:
        """A prompt and, below it, what was wrong with an answer."""
        prompt = self._scene.say("goto.prompt", T=self._scene.trace.T)
        field = Input(id="time-step", compact=True, classes="dialog")
        field.border_title = prompt
        yield field
        yield Label("", id="goto-error", classes="dialog-error")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go, or say what was expected."""
        there = go_to(self._scene, event.value)
        if there is not None:
            self.dismiss(there)
            return
        told = self._scene.say("goto.wrong", T=self._scene.trace.T, found=event.value or "…")
        self.query_one("#goto-error", Label).update(told)

    def on_key(self, event: Key) -> None:
        """Escape goes back."""
        if event.key == "escape":
            event.stop()
            self.dismiss(None)
