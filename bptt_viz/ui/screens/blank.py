"""A black screen, for when the room should look at the person. Any key ends it."""

from __future__ import annotations

from bptt_viz.ui.screens.dialog import Dialog


class BlankScreen(Dialog[None]):
    """Nothing at all."""

    def __init__(self) -> None:
        super().__init__(id="blank")

    def on_key(self) -> None:
        """Back to the lesson."""
        self.leave()

    def on_click(self) -> None:
        """Back to the lesson."""
        self.leave()
