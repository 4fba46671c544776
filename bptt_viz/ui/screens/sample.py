"""Asks how symbols are to be sampled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.formatting import plain
from bptt_viz.generation import Sampling
from bptt_viz.ui.screens.typed import TypedDialog
from bptt_viz.views.generation_moves import sampling_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.views.scene import Scene


class SampleScreen(TypedDialog):
    """Hands the temperature and the seed that are typed to ``go_on``, at once: Enter takes those that stand there."""

    def __init__(self, scene: Scene, go_on: Callable[[Sampling], None]) -> None:
        now = scene.sampling or Sampling()
        typed = f"{plain(now.temperature)} {now.seed}"
        super().__init__(scene, scene.say("command.sample"), scene.say("sample.prompt"), typed)
        self._go_on = go_on

    def answered(self, text: str) -> str:
        """Go on, if it is a temperature and a seed."""
        sampling = sampling_of(text)
        if sampling is None:
            return self._scene.say("sample.wrong", found=text or "…")
        self._go_on(sampling)
        return ""
