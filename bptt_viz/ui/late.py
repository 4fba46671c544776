"""What is imported late: views when they are first drawn, and what the first key needs while nobody does anything."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from bptt_viz.ui.panel import View
    from bptt_viz.views.canvas import Line
    from bptt_viz.views.scene import Scene


#: What the first key needs that the first paint does not.
_FIRST_KEY: Final = ("derivation.comparison", "ui.deriving", "views.derived_terms")


def import_for_first_key() -> None:
    """Import it while nobody waits."""
    for name in _FIRST_KEY:
        import_module(f"bptt_viz.{name}")


class Late:
    """Stands for the module of that name in ``views``."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def _view(self) -> View:
        return cast("View", import_module(f"bptt_viz.views.{self._name}"))

    def title(self, scene: Scene) -> str:
        """The view's title."""
        return str(self._view.title(scene))  # type: ignore[attr-defined]  # not every view has one; those that wait do

    def subtitle(self, scene: Scene, width: int, height: int) -> Line:
        """The view's subtitle, if it has one."""
        own = getattr(self._view, "subtitle", None)
        line: Line = () if own is None else own(scene, width, height)
        return line

    def draw(self, scene: Scene, width: int, height: int) -> list[Line]:
        """The view's lines."""
        return self._view.draw(scene, width, height)
