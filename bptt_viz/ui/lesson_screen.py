"""The one screen of the app: its panels, and which of them there is room for. Moves nothing and reads no file."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Container
from textual.screen import Screen

from bptt_viz.commands import COMMANDS
from bptt_viz.timeline import Phase
from bptt_viz.ui.panel import Panel
from bptt_viz.views import (
    footer_view,
    gradient_view,
    network_view,
    numbers_view,
    operation_view,
    problems_view,
    small_view,
    timeline_view,
    title_view,
)

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Resize

    from bptt_viz.views.scene import Scene

#: What Tab goes through where there is room for one panel under the network; None lets the step choose.
_CHOICES = (None, "operation", "gradient", "numbers")


class LessonScreen(Screen[None]):
    """Shows scenes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(command.keys), f"app.do('{command.id}')", id=command.id, show=False) for command in COMMANDS
    ]
    # Textual declares these two as instance variables, so ClassVar cannot be said.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (160, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-medium"), (44, "-tall")]  # noqa: RUF012

    def __init__(self, scene: Scene) -> None:
        super().__init__(id="lesson")
        self._scene = scene
        self._choice: str | None = None

    def compose(self) -> ComposeResult:
        """The panels, from the top."""
        yield Panel(title_view, id="title", classes="lesson-part")
        yield Panel(network_view, id="network", classes="lesson-part framed")
        with Container(id="middle", classes="lesson-part"):
            yield Panel(operation_view, id="operation", classes="framed")
            yield Panel(gradient_view, id="gradient", classes="framed")
        yield Panel(numbers_view, id="numbers", classes="lesson-part framed")
        yield Panel(problems_view, id="problems", classes="lesson-part")
        yield Panel(timeline_view, id="timeline", classes="lesson-part")
        yield Panel(footer_view, id="footer", classes="lesson-part")
        yield Panel(small_view, id="small")

    def on_mount(self) -> None:
        """Draw the first scene as soon as there is a size."""
        self.show(self._scene)

    def on_resize(self, event: Resize) -> None:
        """Below a certain size nothing but that is said."""
        self.set_class(event.size.width < small_view.COLUMNS or event.size.height < small_view.ROWS, "-too-small")

    def show(self, scene: Scene) -> None:
        """Draw a scene on every panel that is seen."""
        self._scene = scene
        self._share_room()
        for panel in self.query(Panel):
            panel.show(scene)

    def next_choice(self) -> None:
        """Another panel, where there is room for one."""
        self._choice = _CHOICES[(_CHOICES.index(self._choice) + 1) % len(_CHOICES)]
        self.show(self._scene)

    def _share_room(self) -> None:
        adding = self._scene.step.operation is not None and self._scene.step.operation.kind == "contribution"
        by_step = "gradient" if adding or self._scene.step.phase is Phase.UPDATE else "operation"
        chosen = self._choice or by_step
        for name in ("operation", "gradient", "numbers"):
            self.set_class(name == chosen, f"-show-{name}")
        self.set_class(bool(self._scene.problems), "-problems")
