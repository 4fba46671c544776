"""The app's end of the process that trains: what a scene wants done in, scenes further on out. Draws nothing.

Small runs never come here: ``views.training_moves`` does them at once.
"""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from bptt_viz import child, engine
from bptt_viz.messages import Phrase, phrase
from bptt_viz.training import pace, wire
from bptt_viz.training.moment import expected_seconds
from bptt_viz.ui.child import Child
from bptt_viz.views.training_moves import BRIEF, stop, trained

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bptt_viz.tracing import Trace
    from bptt_viz.training.moment import Moment
    from bptt_viz.views.scene import Scene

#: What the process is told.
_Order: TypeAlias = wire.Train | wire.Until | wire.Stop

#: Seconds between two states that are shown, and how many times as long as its trace takes to compute at least.
_PAUSE: Final = 0.25
_TIMES_AS_LONG: Final = 4.0
#: Seconds without a key after which a state is shown, and how long it waits for them at most: keys go first.
_QUIET: Final = 0.1
_MOST_WAITING: Final = 1.0


@dataclass(eq=False)
class _Job:
    """What the process was asked for.

    Attributes
    ----------
    trace
        Of the parameters that it began with.
    since
        How many updates there were before it, where it has no end and is done at a pace; None where all is to be done.
    shown, latest
        The moment on the screen, and the one that the process has come to.
    failure
        Why nothing more comes, if it is not that all is done.
    touched
        Somebody has changed something else while ``shown`` was there.
    """

    number: int
    trace: Trace
    since: int | None
    shown: Moment
    latest: Moment
    failure: Phrase | None = None
    touched: asyncio.Event = field(default_factory=asyncio.Event)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def quiet(self) -> None:
        """Wait until nobody is pressing keys, but not for ever: a held key shall not hide that training goes on."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_MOST_WAITING):
                while self.touched.is_set():
                    self.touched.clear()
                    # Not `wait_for`: before Python 3.12 it may swallow that the outer time is up.
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_QUIET):
                            await self.touched.wait()

    def end(self, failure: Phrase | None) -> None:
        """Nothing more comes."""
        self.failure = failure
        self.news.set()
        self.over.set()


class Trainer:
    """Sees to it that the updates which a scene wants are done, and none any more once it wants none.

    The process may be some updates ahead of what is shown, where they have no end by those that may be shown next
    (``pace``); they are dropped where training is stopped, so that what somebody sees is where training is.

    Parameters
    ----------
    change
        Puts another scene in the place of the current one, given as a function of it.
    command
        How the process is started.
    """

    def __init__(
        self, change: Callable[[Callable[[Scene], Scene]], None], command: Sequence[str] | None = None
    ) -> None:
        self._change = change
        self._command = wire.command() if command is None else command
        self._child: Child | None = None
        self._begun = False
        self._unsent: _Order | None = None
        self._number = 0
        self._job: _Job | None = None
        self._telling: asyncio.Task[None] | None = None
        self._showing = False

    def attend(self, scene: Scene) -> None:
        """Look at a scene that is shown now: begin, begin anew where its parameters are not ours, or stop."""
        course = scene.training
        if course is None or course.target is None:
            if self._job is not None:
                self._forget()
                self._send(wire.Stop())
            return
        if self._job is not None and self._job.shown is course.moment:
            if not self._showing:
                self._job.touched.set()
            return
        self._forget()
        self._number += 1
        done, endless = course.moment.updates, course.target == math.inf
        self._job = _Job(self._number, scene.trace, done if endless else None, course.moment, course.moment)
        self._telling = asyncio.create_task(self._tell(self._job))
        updates, parameters = pace.until(0) if endless else int(course.target) - done, dict(scene.trace.parameters)
        self._send(wire.Train(self._number, scene.trace.scenario, parameters, updates, all=not endless))

    def close(self) -> None:
        """End the process; nothing is told any more."""
        self._forget()
        if self._child is not None:
            self._child.close()
        self._hang_up()

    def _forget(self) -> None:
        """Tell nothing more of what was asked for."""
        if self._telling is not None:
            self._telling.cancel()
        self._job = self._telling = None

    def _hang_up(self) -> None:
        self._child, self._begun, self._unsent = None, False, None

    def _send(self, message: _Order) -> None:
        """Send a message as soon as there is a process; a later one takes the place of one that waits."""
        if self._child is not None and self._begun:
            self._child.send(message)
            return
        self._unsent = message
        if self._child is None:
            self._child = Child(self._command, self._has_begun, self._hear, self._has_ended)

    def _has_begun(self) -> None:
        self._begun = True
        if self._child is not None and self._unsent is not None:
            self._child.send(self._unsent)
            self._unsent = None

    def _has_ended(self, started: bool, reason: object) -> None:  # noqa: FBT001  # how a child tells it
        self._hang_up()
        if self._job is not None:
            self._job.end(phrase("training.ended" if started else "training.no_process", reason=reason))

    def _hear(self, message: object) -> None:
        match message:
            case wire.Progress(number, curves, parameters):
                if self._job is not None and self._job.number == number:
                    network = self._job.latest.network.with_parameters(parameters)
                    self._job.latest = self._job.latest.after(curves, network)
                    self._job.news.set()
            case wire.Ended(number, failure):
                if self._job is not None and self._job.number == number:
                    self._job.end(phrase("training.failed", reason=failure) if failure else None)
            case _:
                raise child.WireError

    async def _tell(self, job: _Job) -> None:
        """Show where training is, again and again until it is over."""
        while True:
            await job.news.wait()
            await job.quiet()
            job.news.clear()
            begun, moment, is_over = time.monotonic(), job.latest, job.over.is_set()
            trace = await self._traced(job, moment)
            job.shown = moment
            self._show(partial(trained, moment=moment, trace=trace))
            if is_over:
                break
            self._let_go_on(job)
            with suppress(TimeoutError):
                pause = max(_PAUSE, _TIMES_AS_LONG * (time.monotonic() - begun))
                await asyncio.wait_for(job.over.wait(), pause)
        if job is self._job:
            self._job = self._telling = None
            self._change(partial(stop, failure=job.failure))

    def _let_go_on(self, job: _Job) -> None:
        """Let the process do what may be shown next, where it waits to be told."""
        if job is self._job and job.since is not None and not job.over.is_set():
            self._send(wire.Until(pace.until(job.shown.updates - job.since)))

    def _show(self, change: Callable[[Scene], Scene]) -> None:
        self._showing = True
        try:
            self._change(change)
        finally:
            self._showing = False

    @staticmethod
    async def _traced(job: _Job, moment: Moment) -> Trace:
        """The trace of a moment; keys are answered while a long one is computed."""
        trace = job.trace
        arguments = (trace.scenario, moment.network, (trace.inputs, trace.targets))
        if expected_seconds(moment.network, trace.T, 1) <= BRIEF:
            return engine.run(*arguments)
        return await asyncio.to_thread(engine.run, *arguments)
