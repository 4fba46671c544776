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
    from textual.events import Key, Paste

    from bptt_viz.activations import Array
    from bptt_viz.views.scene import Scene

#: Key → parameters further.
_PARAMETERS: Final = {"tab": 1, "shift+tab": -1}
#: Arrow → rows and columns further.
_ARROWS: Final = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}


class EditScreen(Dialog[None]):
    """Hands a parameter, an entry and its new value to ``put``, at once: keys typed after Enter find it there."""

    def __init__(
        self, scene: Scene, name: str, entry: tuple[int, ...], put: Callable[[str, tuple[int, ...], float], None]
    ) -> None:
        super().__init__(classes="dialog-screen -below")
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
        """What can be printed is typed; arrows go to other entries, Tab to other parameters, Enter gives the answer."""
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
        elif event.key in _PARAMETERS:
            self._other_parameter(_PARAMETERS[event.key])
        elif event.character and event.is_printable:
            self._typed += event.character
        self._show()

    def on_paste(self, event: Paste) -> None:
        """What is pasted is typed, as far as it can be printed."""
        event.stop()
        self._wrong = None
        self._typed += "".join(filter(str.isprintable, event.text))
        self._show()

    def _show(self) -> None:
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

    def _other_parameter(self, further: int) -> None:
        names = self._scene.lesson.parameter_names
        self._parameter = names[(names.index(self._parameter) + further) % len(names)]
        self._entry = (0,) * self._values.ndim

    def _answer(self) -> None:
        value = parsed(self._written, self._typed)
        if isinstance(value, Problem):
            self._wrong = value
            return
        self._put(self._parameter, self._entry, value)
        self.leave()

    def _place(self) -> Content:
        shape = "×".join(map(str, self._values.shape))
        now = self._scene.say("edit.now", value=full(float(self._values[self._entry])))
        return self._symbols(f"{self._written} · {shape} · {now}")

    @property
    def _written(self) -> str:
        return written(self._scene, self._parameter, self._entry)

    def _field(self) -> Content:
        return self._symbols(f"{self._typed}▏")

    def _symbols(self, text: str) -> Content:
        return Content(plain(text) if self._scene.plain else text)


def written(scene: Scene, name: str, entry: tuple[int, ...]) -> str:
    """An entry, from 0, of a parameter, as the scene's notation writes it."""
    return scene.write((Symbol(name, entry=tuple(at + 1 for at in entry)),))
