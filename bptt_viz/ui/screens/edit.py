"""Asks for an entry of a parameter and its new value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bptt_viz.errors import Problem
from bptt_viz.formatting import full
from bptt_viz.notation import Symbol
from bptt_viz.training.editing import parsed
from bptt_viz.ui.screens.typed import TypedDialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.activations import Array
    from bptt_viz.views.scene import Scene

#: Key → parameters further.
_PARAMETERS: Final = {"tab": 1, "shift+tab": -1}
#: Arrow → rows and columns further.
_ARROWS: Final = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}


class EditScreen(TypedDialog):
    """Hands a parameter, an entry and its new value to ``put``, at once: keys typed after Enter find it there."""

    def __init__(
        self, scene: Scene, name: str, entry: tuple[int, ...], put: Callable[[str, tuple[int, ...], float], None]
    ) -> None:
        super().__init__(scene, scene.say("command.edit"), scene.say("edit.help"))
        self.add_class("-below")
        self._parameter, self._entry = name, entry
        self._put = put

    def about(self) -> str:
        """The entry, the parameter's shape, and the value that it has now."""
        shape = "×".join(map(str, self._values.shape))
        now = self._scene.say("edit.now", value=full(float(self._values[self._entry])))
        return f"{self._written} · {shape} · {now}"

    def answered(self, text: str) -> str:
        """Put the value there, if it is one."""
        value = parsed(self._written, text)
        if isinstance(value, Problem):
            return value.told(self._scene.language)
        self._put(self._parameter, self._entry, value)
        return ""

    def moved(self, key: str) -> bool:
        """Arrows go to other entries, Tab to other parameters."""
        if key in _ARROWS:
            self._move(*_ARROWS[key])
        elif key in _PARAMETERS:
            self._other_parameter(_PARAMETERS[key])
        return key in _ARROWS or key in _PARAMETERS

    @property
    def _values(self) -> Array:
        return self._scene.trace.parameters[self._parameter]

    @property
    def _written(self) -> str:
        return written(self._scene, self._parameter, self._entry)

    def _move(self, down: int, right: int) -> None:
        """To the entry next to this one, round the edge; all arrows lead along a vector."""
        steps = (down, right) if self._values.ndim == 2 else (down + right,)
        shape = self._values.shape
        self._entry = tuple((at + step) % size for at, step, size in zip(self._entry, steps, shape, strict=True))

    def _other_parameter(self, further: int) -> None:
        names = self._scene.lesson.parameter_names
        self._parameter = names[(names.index(self._parameter) + further) % len(names)]
        self._entry = (0,) * self._values.ndim


def written(scene: Scene, name: str, entry: tuple[int, ...]) -> str:
    """An entry, from 0, of a parameter, as the scene's notation writes it."""
    return scene.write((Symbol(name, entry=tuple(at + 1 for at in entry)),))
