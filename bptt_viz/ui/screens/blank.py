"""A black screen, for when the room should look at the person. Any key ends it."""

from __future__ import annotations

from textual.screen import ModalScreen


class BlankScreen(ModalScreen[None]):
    """Nothing at all."""

    def __init__(self) -> None:
        super().__init__(id="blank")

    def on_key(self) -> None:
        """Back to the lesson."""
        self.dismiss()

    def on_click(self) -> None:
        """Back to the lesson."""
        self.dismiss()
