"""Asks for a time step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.ui.screens.typed import TypedDialog
from bptt_viz.views.moves import go_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.views.scene import Scene


class GoToScreen(TypedDialog):
    """Hands the scene at the time step that is typed to ``go``, at once: keys typed after Enter start from there."""

    def __init__(self, scene: Scene, go: Callable[[Scene], None]) -> None:
        super().__init__(scene, scene.say("command.go_to"), scene.say("goto.prompt", T=scene.trace.T))
        self._go = go

    def takes(self, character: str) -> bool:
        """Digits, f and b: no other key means anything here, and none of a command's is to spoil a number."""
        return character in "0123456789fb"

    def answered(self, text: str) -> str:
        """Go there, if it is a step."""
        there = go_to(self._scene, text)
        if there is None:
            return self._scene.say("goto.wrong", T=self._scene.trace.T, found=text or "…")
        self._go(there)
        return ""
