"""Asks for an entry of a parameter and its new value. It takes the keys itself: no key is lost, no hand leaves them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from bptt_viz.errors import Problem
from bptt_viz.formatting import full
from bptt_viz.notation import Symbol
from bptt_viz.training.editing import parsed
from bptt_viz.ui.screens.dialog import Dialog
from bptt_viz.views.plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.events import Key

    from bptt_viz.activations import Array
    from bptt_viz.views.scene import Scene

#: Characters that numbers consist of, and how many are taken at most.
_OF_NUMBERS: Final = "0123456789+-−.eE"
_LONGEST: Final = 25
#: Arrow → rows and columns further.
_ARROWS: Final = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}


class EditScreen(Dialog[None]):
    """Hands a parameter, an entry and its new value to ``put``, at once: keys typed after Enter find it there."""

    def __init__(
        self, scene: Scene, name: str, entry: tuple[int, ...], put: Callable[[str, tuple[int, ...], float], None]
    ) -> None:
        super().__init__(classes="dialog-screen")
        self._scene = scene
        self._parameter, self._entry = name, entry
        self._put = put
        self._typed = ""
        self._wrong: Problem | None = None

    def compose(self) -> ComposeResult:
        """Which entry it is, a line for the answer, what is asked, and what was wrong with it."""
        with Vertical(classes="dialog") as box:
            box.border_title = self._scene.say("command.edit")
            yield Static(self._place(), id="edit-place")
            yield Static(self._field(), id="edit-value")
            yield Static(Content(self._scene.say("edit.help")), classes="dialog-note")
            yield Static("", id="edit-error", classes="dialog-error")

    def on_key(self, event: Key) -> None:
        """Numbers are typed; arrows go to other entries, Enter gives the answer, Escape goes back."""
        if self.passed_on(event):
            return
        self._wrong = None
        if event.key == "escape":
            self.leave()
        elif event.key == "enter":
            self._answer()
        elif event.key == "backspace":
            self._typed = self._typed[:-1]
        elif event.key in _ARROWS:
            self._move(*_ARROWS[event.key])
        elif event.key == "w":
            self._next_parameter()
        elif event.character and event.character in _OF_NUMBERS and len(self._typed) < _LONGEST:
            self._typed += event.character
        told = "" if self._wrong is None else self._wrong.told(self._scene.language)
        for name, content in (("place", self._place()), ("value", self._field()), ("error", self._symbols(told))):
            self.query_one(f"#edit-{name}", Static).update(content)

    @property
    def _values(self) -> Array:
        return self._scene.trace.parameters[self._parameter]

    def _move(self, down: int, right: int) -> None:
        """To the entry next to this one, round the edge; all arrows lead along a vector."""
        steps = (down, right) if self._values.ndim == 2 else (down + right,)
        shape = self._values.shape
        self._entry = tuple((at + step) % size for at, step, size in zip(self._entry, steps, shape, strict=True))

    def _next_parameter(self) -> None:
        names = self._scene.lesson.parameter_names
        self._parameter = names[(names.index(self._parameter) + 1) % len(names)]
        self._entry = (0,) * self._values.ndim

    def _answer(self) -> None:
        value = parsed(self._parameter, self._entry, self._typed)
        if isinstance(value, Problem):
            self._wrong = value
            return
        self._put(self._parameter, self._entry, value)
        self.leave()

    def _place(self) -> Content:
        entry = tuple(at + 1 for at in self._entry)
        shape = "×".join(map(str, self._values.shape))
        now = self._scene.say("edit.now", value=full(float(self._values[self._entry])))
        return self._symbols(f"{self._scene.write((Symbol(self._parameter, entry=entry),))} · {shape} · {now}")

    def _field(self) -> Content:
        return self._symbols(f"{self._typed}▏")

    def _symbols(self, text: str) -> Content:
        return Content(plain(text) if self._scene.plain else text)
