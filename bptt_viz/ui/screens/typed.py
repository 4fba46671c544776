"""A dialog for a line that is typed. It takes the keys itself, so that none is lost however fast they come.

Characters are kept, and what cannot be used is refused at Enter: a key that did nothing might change the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from bptt_viz.ui.screens.dialog import Dialog
from bptt_viz.views.plain import plain

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Key, Paste

    from bptt_viz.views.scene import Scene


class TypedDialog(Dialog[None]):
    """What all such dialogs have in common; each says what is asked and what it makes of an answer."""

    def __init__(self, scene: Scene, title: str, prompt: str, typed: str = "") -> None:
        super().__init__(classes="dialog-screen")
        self._scene = scene
        self._title, self._prompt = title, prompt
        self._typed = typed
        self._wrong = ""

    def compose(self) -> ComposeResult:
        """What it is about, a line for the answer, what is asked, and what was wrong with it."""
        with Vertical(classes="dialog") as box:
            box.border_title = self._symbols(self._title)
            about = Static(Content(self._symbols(self.about())), id="typed-about")
            about.display = bool(self.about())
            yield about
            yield Static(self._field(), id="typed-answer")
            yield Static(Content(self._symbols(self._prompt)), classes="dialog-note")
            yield Static("", id="typed-error", classes="dialog-error")

    def about(self) -> str:
        """What the answer is about, if that has to be said."""
        return ""

    def answered(self, text: str) -> str:
        """Do what was asked for and give nothing; or give what is wrong with the answer."""
        raise NotImplementedError

    def moved(self, key: str) -> bool:  # noqa: ARG002  (for those that have such keys)
        """Whether a key chose what the answer is about."""
        return False

    def takes(self, character: str) -> bool:
        """Whether a character is kept."""
        return character.isprintable()

    def on_key(self, event: Key) -> None:
        """What can be printed is typed, Enter gives the answer, Escape goes back."""
        if self.passed_on(event):
            return
        self._wrong = ""
        if event.key == "escape":
            self.leave()
        elif event.key == "enter":
            self._wrong = self.answered(self._typed)
            if not self._wrong:
                self.leave()
        elif event.key == "backspace":
            self._typed = self._typed[:-1]
        elif not self.moved(event.key) and event.character and self.takes(event.character):
            self._typed += event.character
        self._show()

    def on_paste(self, event: Paste) -> None:
        """What is pasted is typed, as far as it can be printed."""
        event.stop()
        self._wrong = ""
        self._typed += "".join(filter(self.takes, event.text))
        self._show()

    def _show(self) -> None:
        for name, text in (("about", self.about()), ("error", self._wrong)):
            self.query_one(f"#typed-{name}", Static).update(Content(self._symbols(text)))
        self.query_one("#typed-answer", Static).update(self._field())

    def _field(self) -> Content:
        return Content(self._symbols(f"{self._typed}▏"))

    def _symbols(self, text: str) -> str:
        return plain(text) if self._scene.plain else text
