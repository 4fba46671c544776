"""What the screens that lie over the lesson have in common."""

from __future__ import annotations

from textual.screen import ModalScreen, ScreenResultType


class Dialog(ModalScreen[ScreenResultType]):
    """A screen that somebody leaves with a key."""

    def leave(self, result: ScreenResultType | None = None) -> None:
        """Give the result, once: further keys may have come in before the screen was gone."""
        if self.is_current:
            self.dismiss(result)
