"""The one screen of the app: its panels, and which of them there is room for. Moves nothing and reads no file."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding
from textual.containers import Container
from textual.screen import Screen

from bptt_viz.commands import COMMANDS
from bptt_viz.quantities import Contribution, Derived, Number, TermSum
from bptt_viz.timeline import Phase
from bptt_viz.ui.asking import Spot, beside, place_of
from bptt_viz.ui.late import Late
from bptt_viz.ui.panel import Panel
from bptt_viz.views import (
    derivation_view,
    footer_view,
    gradient_view,
    ledger_view,
    network_view,
    operation_view,
    problems_view,
    small_view,
    timeline_view,
    title_view,
    why_view,
)
from bptt_viz.views.operation_view import chosen_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget

    from bptt_viz.views.scene import Scene

#: Columns and rows below which not all panels have room.
NARROW: Final = 100
SHORT: Final = 36
#: Rows from which almost every page leaves the operation and the gradient where they are.
HIGH: Final = 50
#: Rows below which the network gives up its arrows, and the most rows for what is wrong with a file.
TINY: Final = 28
MOST_PROBLEM_ROWS: Final = 10
#: Rows of the answer to "why?", its frame included.
MOST_WHY_ROWS: Final = 12
#: Rows that are left for the operation, and under it, where a deep network wants more than others; frames included.
LEAST_OPERATION_ROWS: Final = 10
LEAST_DESK_ROWS: Final = 8
#: What Tab goes through where there is room for one panel under the network; None lets the step choose.
_CHOICES: Final = (None, "operation", "gradient", "numbers", "ledger", "derivation")
#: The same where all of the first two and one below them have room; the ledger gets all rows, for a cell of each term.
_ROOMY_CHOICES: Final = (None, "numbers", "ledger")
#: The panels under the network, by the container that holds them.
_PANELS: Final = {
    "middle": ("operation", "gradient"),
    "desk": ("derivation", "ledger"),
    "": ("numbers", "sides", "flow", "truncations", "training"),
}
#: The pages that never leave the first of these rows, however high.
_WHOLE_PAGES: Final = ("flow",)
#: The pages that stand for themselves: where rows are few, the network leaves them its own.
_LONE_PAGES: Final = ("flow", "truncations")


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
        self._here: Spot | None = None
        self._network_rows: int | None = None

    def compose(self) -> ComposeResult:
        """The panels, from the top."""
        yield Panel(title_view, id="title", classes="lesson-part")
        yield Panel(network_view, id="network", classes="lesson-part framed")
        with Container(id="middle", classes="lesson-part"):
            yield Panel(operation_view, id="operation", classes="framed")
            yield Panel(gradient_view, id="gradient", classes="framed")
        with Container(id="desk", classes="lesson-part"):
            yield Panel(derivation_view, id="derivation", classes="framed")
            yield Panel(ledger_view, id="ledger", classes="framed")
        yield Panel(Late("numbers_view"), id="numbers", classes="lesson-part framed")
        yield Panel(Late("two_sides_view"), id="sides", classes="lesson-part framed")
        yield Panel(Late("flow_view"), id="flow", classes="lesson-part framed")
        yield Panel(Late("truncations_view"), id="truncations", classes="lesson-part framed")
        yield Panel(Late("training_view"), id="training", classes="lesson-part framed")
        yield Panel(why_view, id="why", classes="lesson-part")
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

    def show(self, scene: Scene) -> set[str]:
        """Draw a scene on every panel that is seen, and give the names of those under the network."""
        self._scene = scene
        seen = self._share_room()
        alone = len(seen) == 1
        if scene.alone != alone:
            scene = replace(scene, alone=alone)
        for panel in self._panels:
            panel.show(scene)
        return seen

    def next_choice(self) -> None:
        """Another panel from now on, where there is not room for all."""
        choices = _ROOMY_CHOICES if self._roomy else _CHOICES
        place = choices.index(self._choice) if self._choice in choices else 0
        self._choice = choices[(place + 1) % len(choices)]

    def first_number(self) -> Number | None:
        """The number to be asked about first: the chosen entry of what is computed now, or the first that is seen."""
        scene, spots = self._scene, self._spots()
        working = scene.working
        if scene.page == "derivation" and scene.derivation is not None and scene.derivation.terms:
            from bptt_viz.views.derived_terms import chosen_term  # noqa: PLC0415  (start-up time)

            term = scene.derivation.terms[chosen_term(scene)]
            own = (
                Derived(scene.parameter, term.t, term.k),
                TermSum(scene.parameter, (term.t, term.t), (term.k, term.k)),
            )
            for spot in spots:
                if spot.number.quantity in own:
                    return spot.number
        elif working is not None and working.parts:
            entry = chosen_entry(scene, working)
            result = working.result
            number = result.number(entry if len(result.values) > 1 else 0)
            if working.row is not None:
                number = Number(Contribution(scene.parameter, scene.t), (entry, 0))
            if any(spot.number == number for spot in spots):
                return number
        above = {"title", "network"}
        below = [spot for panel in self._panels if panel.id not in above for spot in self._spots_of(panel)]
        return next((spot.number for spot in (*below, *spots)), None)

    def number_beside(self, arrow: str) -> Number | None:
        """The number that an arrow leads to from the one that is asked about."""
        spots = self._spots()
        self._here = beside(spots, place_of(spots, self._scene.picked, self._here) or self._here, arrow)
        return self._here.number if self._here is not None else None

    def _spots(self) -> list[Spot]:
        return [spot for panel in self._panels for spot in self._spots_of(panel)]

    @staticmethod
    def _spots_of(panel: Panel) -> Iterator[Spot]:
        return panel.spots() if panel.id != "why" and panel.region.area else iter(())

    def _make_room_for_why(self) -> None:
        """Show the answer away from the number that is asked about."""
        why, scene = self.query_one("#why"), self._scene
        _display(why, shown=scene.picked is not None and not self._too_small)
        if not why.display:
            return
        lines = len(why_view.draw(scene, self.size.width - 2, MOST_WHY_ROWS - 2))
        why.styles.height = lines + 2
        place = place_of(self._spots(), scene.picked, self._here)
        self._here = place or self._here
        why.set_class(place is not None and place.y >= self.size.height - lines - 4, "-above")

    def _make_room_for_network(self) -> None:
        """Give a network of several lanes the rows that it wants, as far as the panels under it can spare them."""
        height, narrow = self.size.height, self.size.width < NARROW
        operations = 2 if narrow and height >= SHORT else 1
        # Beside the panels there are the title, the timeline and the footer.
        most = height - 3 - operations * LEAST_OPERATION_ROWS - (LEAST_DESK_ROWS if self._roomy else 0)
        wanted = network_view.lines_wanted(self._scene, most - 2) if height >= TINY else 0
        rows = wanted + 2 if wanted else None
        if rows != self._network_rows:
            self._network_rows = rows
            self.query_one("#network").styles.height = rows
            self.set_class(rows is not None, "-deep")

    @cached_property
    def _panels(self) -> list[Panel]:
        return list(self.query(Panel))

    def _share_room(self) -> set[str]:
        """Show the panels under the network that there is room for, and give their names.

        Only those that change are touched: each change lays out again.
        """
        seen = self._seen()
        for container, panels in _PANELS.items():
            for name in panels:
                _display(self.query_one(f"#{name}"), shown=name in seen)
            if container:
                _display(self.query_one(f"#{container}"), shown=bool(seen & set(panels)))
        self.set_class(seen == {"ledger"}, "-lone-ledger")
        lone = self.size.height < SHORT and self._scene.page in _LONE_PAGES
        _display(self.query_one("#network"), shown=not self._too_small and not lone)
        self._make_room_for_network()
        self._make_room_for_why()
        problems = self.query_one("#problems")
        _display(problems, shown=bool(self._scene.problems) and not self._too_small)
        if problems.display:
            lines = len(problems_view.draw(self._scene, self.size.width - 2, MOST_PROBLEM_ROWS - 2))
            problems.styles.height = lines + 2
        return seen

    def _below(self) -> set[str]:
        if self._scene.page:
            return {self._scene.page}
        return {"numbers"} if self._choice == "numbers" else set(_PANELS["desk"])

    @property
    def _roomy(self) -> bool:
        """Whether there is room for three rows of panels."""
        return self.size.width >= NARROW and self.size.height >= SHORT

    @property
    def _too_small(self) -> bool:
        return self.size.width < small_view.COLUMNS or self.size.height < small_view.ROWS

    def _seen(self) -> set[str]:
        if self._too_small:
            return set()
        page = self._scene.page
        high = self.size.height >= HIGH and page not in _WHOLE_PAGES
        if page and not (self._roomy and high):
            return {page}
        narrow, short = self.size.width < NARROW, self.size.height < SHORT
        if self._roomy:
            whole = self._choice == "ledger" and not page
            return {"ledger"} if whole else set(_PANELS["middle"]) | self._below()
        if not (narrow and short) and self._choice in (None, "operation", "gradient"):
            return {"operation", "gradient"}
        adding = self._scene.step.operation is not None and self._scene.step.operation.kind == "contribution"
        by_step = "gradient" if adding or self._scene.step.phase is Phase.UPDATE else "operation"
        return {self._choice or by_step}


def _display(widget: Widget, *, shown: bool) -> None:
    if widget.display != shown:
        widget.display = shown
