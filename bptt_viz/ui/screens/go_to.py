"""Asks for a time step. It takes the keys itself, so that none is lost however fast they are typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from bptt_viz.ui.screens.dialog import Dialog
from bptt_viz.views.moves import go_to
from bptt_viz.views.plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.events import Key

    from bptt_viz.views.scene import Scene

#: Digits that are taken at most.
LONGEST = 9


class GoToScreen(Dialog[None]):
    """Hands the scene at the time step that is typed to ``go``, at once: keys typed after Enter start from there."""

    def __init__(self, scene: Scene, go: Callable[[Scene], None]) -> None:
        super().__init__(classes="dialog-screen")
        self._scene = scene
        self._go = go
        self._typed = ""

    def compose(self) -> ComposeResult:
        """A line for the answer and, below it, what is asked and what was wrong with one."""
        with Vertical(classes="dialog") as box:
            box.border_title = self._scene.say("command.go_to")
            yield Static(self._field(), id="time-step")
            prompt = self._scene.say("goto.prompt", T=self._scene.trace.T)
            yield Static(Content(prompt), classes="dialog-note")
            yield Static("", id="goto-error", classes="dialog-error")

    def on_key(self, event: Key) -> None:
        """Digits, f and b make the answer; Enter gives it, Escape goes back."""
        if self.passed_on(event):
            return
        if event.key == "escape":
            self.leave()
        elif event.key == "enter":
            self._answer()
        elif event.key == "backspace":
            self._typed = self._typed[:-1]
        elif event.character and event.character in "0123456789fb" and len(self._typed) < LONGEST:
            self._typed += event.character
        self.query_one("#time-step", Static).update(self._field())

    def _field(self) -> Content:
        caret = "▏"
        return Content(self._typed + (plain(caret) if self._scene.plain else caret))

    def _answer(self) -> None:
        there = go_to(self._scene, self._typed)
        if there is not None:
            self._go(there)
            self.leave()
            return
        told = self._scene.say("goto.wrong", T=self._scene.trace.T, found=self._typed or "…")
        self.query_one("#goto-error", Static).update(Content(told))
