"""The floor: the least that a Textual app with numpy does. Everything is measured as a multiple of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual.app import App
from textual.binding import Binding
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


class Floor(App[None]):
    """One line of text; the arrow keys change it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "count(1)"),
        Binding("left", "count(-1)"),
        Binding("q", "quit"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._count = np.zeros(1)

    def compose(self) -> ComposeResult:
        """The line."""
        yield Static("step 0", id="line")

    def action_count(self, by: int) -> None:
        """Repaint the line, without a new layout: the cheapest answer to a key."""
        self._count += by
        self.query_one("#line", Static).update(f"step {self._count[0]:.0f}", layout=False)


def main() -> None:
    """Run it."""
    Floor().run()
