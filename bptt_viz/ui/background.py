"""The work behind the panels that no key waits for: SymPy's process, sums over long sequences. Draws nothing."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from bptt_viz.derivation.result import Derivation
    from bptt_viz.messages import Phrase
    from bptt_viz.ui.deriving import Deriver
    from bptt_viz.views.scene import Lesson, Scene

#: Seconds between two reports of how far a long sum is.
_REPORT: Final = 0.1
#: Seconds for which a long sum steps aside now and then: Python would let a key wait for 5 ms, and several times.
_ASIDE: Final = 0.0002


class Sums(Protocol):
    """What somebody computes for the views: they ask, and what takes too long is told as ``wanted``."""

    @property
    def wanted(self) -> Any:  # noqa: ANN401  # each names its parts in its own way
        """What a view asked for and did not get; None for nothing."""
        ...

    def compute(self, wanted: Any, progress: Callable[[int], None], cancelled: Callable[[], bool]) -> object:  # noqa: ANN401
        """Compute it and keep it."""
        ...


class Background:
    """Sees to it that what the panels wait for is worked on, and nothing else any more.

    Parameters
    ----------
    change
        Puts another scene in the place of the current one, given as a function of it.
    """

    def __init__(self, change: Callable[[Callable[[Scene], Scene]], None]) -> None:
        self._change = change
        self._deriver: Deriver | None = None
        self._derived: tuple[Lesson, int, str] | None = None
        self._sum: tuple[Sums, object] | None = None
        self._reported = 0.0

    def attend(self, scene: Scene, seen: Collection[str]) -> None:
        """Look at what is on the screen: the panels ``seen`` of a scene."""
        # Before the first key there is nothing to be derived, and the start waits for no process.
        if scene.trains:
            self._derive_no_more()
        elif "derivation" in seen and (scene.position > 0 or self._derived is not None):
            self._derive(scene)
        lesson = scene.lesson
        if "truncations" in seen:
            self._add_up(lesson.truncations)
        else:
            self._add_up(lesson.flows if "flow" in seen else lesson.ledgers)

    def close(self) -> None:
        """Leave no process behind."""
        self._sum = None
        if self._deriver is not None:
            self._deriver.close()

    def _derive(self, scene: Scene) -> None:
        from bptt_viz.derivation.window import STEPS, window_at, window_of  # noqa: PLC0415  (start-up time)

        first = window_at(scene.trace.T, scene.t)
        wanted = (scene.lesson, first, scene.parameter)
        if self._derived == wanted:
            if self._deriver is not None:
                self._deriver.hold()
            return
        self._derived = wanted
        if self._deriver is None:
            from bptt_viz.ui.deriving import Deriver  # noqa: PLC0415  (start-up time: the first screen needs none)

            self._deriver = Deriver(self._tell)
        self._deriver.request(window_of(scene.trace, first, STEPS, scene.parameter))

    def _derive_no_more(self) -> None:
        """Leave SymPy in peace while parameters are others four times a second; what stood there is derived anew."""
        if self._derived is not None and self._deriver is not None:
            self._deriver.cancel()
        self._derived = None

    def _tell(self, derivation: Derivation | None, progress: Phrase | None) -> None:
        from bptt_viz.derivation.comparison import compare  # noqa: PLC0415  (start-up time)

        def told(scene: Scene) -> Scene:
            comparison = compare(derivation, scene.trace) if derivation is not None and derivation.terms else None
            return replace(scene, derivation=derivation, comparison=comparison, deriving=progress)

        self._change(told)

    def _add_up(self, sums: Sums) -> None:
        wanted = sums.wanted
        if wanted is None or self._sum == (sums, wanted):
            return
        self._sum = (sums, wanted)
        loop = asyncio.get_running_loop()
        task = loop.run_in_executor(None, self._sum_up, sums, wanted, loop)
        task.add_done_callback(lambda _: self._added_up(sums, wanted))

    def _sum_up(self, sums: Sums, wanted: object, loop: asyncio.AbstractEventLoop) -> None:
        """Runs in a thread of its own."""

        def report(_: int) -> None:
            time.sleep(_ASIDE)
            if time.monotonic() - self._reported > _REPORT:
                self._reported = time.monotonic()
                loop.call_soon_threadsafe(self._change, replace)

        sums.compute(wanted, report, lambda: self._sum != (sums, wanted))

    def _added_up(self, sums: Sums, wanted: object) -> None:
        if self._sum == (sums, wanted):
            self._sum = None
            self._change(replace)
