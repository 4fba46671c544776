"""Asks how symbols are to be sampled. It takes the keys itself, so that none is lost however fast they are typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from bptt_viz.formatting import plain as plain_number
from bptt_viz.generation import Sampling
from bptt_viz.ui.screens.dialog import Dialog
from bptt_viz.views.generation_moves import sampling_of
from bptt_viz.views.plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.events import Key

    from bptt_viz.views.scene import Scene

#: Characters that an answer consists of, and how many are taken at most.
_OF_ANSWERS: Final = "0123456789.eE-+ "
_LONGEST: Final = 30


class SampleScreen(Dialog[None]):
    """Hands the temperature and the seed that are typed to ``go_on``, at once: Enter takes those that stand there."""

    def __init__(self, scene: Scene, go_on: Callable[[Sampling], None]) -> None:
        super().__init__(classes="dialog-screen")
        self._scene = scene
        self._go_on = go_on
        now = scene.sampling or Sampling()
        self._typed = f"{plain_number(now.temperature)} {now.seed}"

    def compose(self) -> ComposeResult:
        """A line for the answer and, below it, what is asked and what was wrong with one."""
        with Vertical(classes="dialog") as box:
            box.border_title = self._symbols(self._scene.say("command.sample"))
            yield Static(self._field(), id="sample-answer")
            yield Static(Content(self._symbols(self._scene.say("sample.prompt"))), classes="dialog-note")
            yield Static("", id="sample-error", classes="dialog-error")

    def on_key(self, event: Key) -> None:
        """Numbers are typed, Enter gives the answer, Escape goes back."""
        if self.passed_on(event):
            return
        if event.key == "escape":
            self.leave()
        elif event.key == "enter":
            self._answer()
        elif event.key == "backspace":
            self._typed = self._typed[:-1]
        elif event.character and event.character in _OF_ANSWERS and len(self._typed) < _LONGEST:
            self._typed += event.character
        self.query_one("#sample-answer", Static).update(self._field())

    def _answer(self) -> None:
        sampling = sampling_of(self._typed)
        if sampling is not None:
            self._go_on(sampling)
            self.leave()
            return
        told = self._scene.say("sample.wrong", found=self._typed or "…")
        self.query_one("#sample-error", Static).update(Content(self._symbols(told)))

    def _field(self) -> Content:
        return Content(self._symbols(f"{self._typed}▏"))

    def _symbols(self, text: str) -> str:
        return plain(text) if self._scene.plain else text
