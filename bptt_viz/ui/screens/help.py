"""The help: every key. Any key closes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.ui.panel import Panel
from bptt_viz.ui.screens.dialog import Dialog
from bptt_viz.views import help_view

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Key

    from bptt_viz.views.scene import Scene


class HelpScreen(Dialog[None]):
    """Lists the commands."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(classes="dialog-screen")
        self._scene = scene

    def compose(self) -> ComposeResult:
        """One panel."""
        yield Panel(help_view, id="help-panel", classes="dialog")

    def on_mount(self) -> None:
        """Draw it."""
        self.query_one(Panel).show(self._scene)

    def on_key(self, event: Key) -> None:
        """Close."""
        if not self.passed_on(event):
            self.leave()
