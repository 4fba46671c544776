"""A black screen, for when the room should look at the person. Any key ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.ui.screens.dialog import Dialog

if TYPE_CHECKING:
    from textual.events import Key


class BlankScreen(Dialog[None]):
    """Nothing at all."""

    def __init__(self) -> None:
        # A class: with the key held down, one blank screen may come before the last is gone.
        super().__init__(classes="blank")

    def on_key(self, event: Key) -> None:
        """Back to the lesson."""
        if not self.passed_on(event):
            self.leave()

    def on_click(self) -> None:
        """Back to the lesson."""
        self.leave()
