"""The help: every key. Any key goes on to its next page, and closes the last one; Escape any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.ui.panel import Panel
from bptt_viz.ui.screens.dialog import Dialog
from bptt_viz.views.help_view import Page

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Key

    from bptt_viz.views.scene import Scene


class HelpScreen(Dialog[None]):
    """Lists the commands."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(classes="dialog-screen")
        self._scene = scene
        self._page = Page()

    def compose(self) -> ComposeResult:
        """One panel."""
        yield Panel(self._page, id="help-panel", classes="dialog")

    def on_mount(self) -> None:
        """Draw it."""
        self.query_one(Panel).show(self._scene)

    def on_key(self, event: Key) -> None:
        """Go on, or close; Escape closes it anywhere."""
        if self.passed_on(event):
            return
        panel = self.query_one(Panel)
        if event.key == "escape" or self._page.is_last(self._scene, *panel.size):
            self.leave()
        else:
            self._page = Page(self._page.number + 1)
            panel.look_at(self._page)
