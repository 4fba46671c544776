"""The one screen of the app: its panels, and which of them there is room for. Moves nothing and reads no file."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Final

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
    from textual.widget import Widget

    from bptt_viz.views.scene import Scene

#: Columns and rows below which not all panels have room.
NARROW: Final = 100
SHORT: Final = 36
#: Rows below which the network gives up its arrows, and the most rows for what is wrong with a file.
TINY: Final = 28
MOST_PROBLEM_ROWS: Final = 10
#: What Tab goes through where there is room for one panel under the network; None lets the step choose.
_CHOICES = (None, "operation", "gradient", "numbers")


class LessonScreen(Screen[None]):
    """Shows scenes."""

    # Priority: a command is carried out before the next key is looked at, so that of keys typed in
    # one go those after the one that opens a dialog reach the dialog.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(command.keys), f"app.do('{command.id}')", id=command.id, show=False, priority=True)
        for command in COMMANDS
    ]
    # Textual declares these two as instance variables, so ClassVar cannot be said.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (NARROW, "-normal"), (160, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (TINY, "-short"), (SHORT, "-medium"), (44, "-tall")]  # noqa: RUF012

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

    def on_resize(self) -> None:
        """Below a certain size nothing but that is said; otherwise share out the room anew."""
        self.set_class(self._too_small, "-too-small")
        self.show(self._scene)

    def show(self, scene: Scene) -> None:
        """Draw a scene on every panel that is seen."""
        self._scene = scene
        alone = len(self._share_room()) == 1
        if scene.alone != alone:
            scene = replace(scene, alone=alone)
        for panel in self._panels:
            panel.show(scene)

    def next_choice(self) -> None:
        """Another panel, where there is not room for all."""
        self._choice = _CHOICES[(_CHOICES.index(self._choice) + 1) % len(_CHOICES)]
        self.show(self._scene)

    @cached_property
    def _panels(self) -> list[Panel]:
        return list(self.query(Panel))

    def _share_room(self) -> set[str]:
        """Show the panels under the network that there is room for, and give their names.

        Only those that change are touched: each change lays out again.
        """
        seen = self._seen()
        for name in ("operation", "gradient", "numbers"):
            _display(self.query_one(f"#{name}"), shown=name in seen)
        _display(self.query_one("#middle"), shown=bool(seen & {"operation", "gradient"}))
        problems = self.query_one("#problems")
        _display(problems, shown=bool(self._scene.problems) and not self._too_small)
        if problems.display:
            lines = len(problems_view.draw(self._scene, self.size.width - 2, MOST_PROBLEM_ROWS - 2))
            problems.styles.height = lines + 2
        return seen

    @property
    def _too_small(self) -> bool:
        return self.size.width < small_view.COLUMNS or self.size.height < small_view.ROWS

    def _seen(self) -> set[str]:
        if self._too_small:
            return set()
        narrow, short = self.size.width < NARROW, self.size.height < SHORT
        if not narrow and not short:
            return {"operation", "gradient", "numbers"}
        if not (narrow and short) and self._choice != "numbers":
            return {"operation", "gradient"}
        adding = self._scene.step.operation is not None and self._scene.step.operation.kind == "contribution"
        by_step = "gradient" if adding or self._scene.step.phase is Phase.UPDATE else "operation"
        return {self._choice or by_step}


def _display(widget: Widget, *, shown: bool) -> None:
    if widget.display != shown:
        widget.display = shown
