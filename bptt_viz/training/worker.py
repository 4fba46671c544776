"""The process that trains: a request in, progress out several times a second until all is done. Imports ``wire``."""

from __future__ import annotations

import time
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final, TypeAlias

from bptt_viz import child, engine
from bptt_viz.network import build
from bptt_viz.training.moment import Curves, Seen, descent, seen_in
from bptt_viz.training.wire import Ended, Progress, Stop, Train, Until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bptt_viz.tracing import Trace

#: Seconds of updates that are told of in one go.
SLICE: Final = 0.08

#: What the process is told.
_Order: TypeAlias = Train | Until | Stop


def main() -> None:
    """Answer requests from standard input on standard output until the input ends."""
    waiting: SimpleQueue[_Order] = SimpleQueue()
    say = child.begin(waiting, (Train, Until, Stop))
    while True:
        order: _Order | None = waiting.get()
        while isinstance(order, Train):
            leave = _Leave(order, waiting)
            say(Ended(order.number, _trained(order, leave, say)))
            order = leave.other


class _Leave:
    """How far a request may go.

    Attributes
    ----------
    updates
        As many updates.
    other
        What was asked for in its place; None while nothing was.
    """

    def __init__(self, request: Train, waiting: SimpleQueue[_Order]) -> None:
        self.updates = request.updates
        self.other: Train | Stop | None = None
        self._all = request.all
        self._waiting = waiting

    def beyond(self, updates: int) -> bool:
        """Whether there may be more than so many; waits until that is known."""
        while self.other is None and (not self._waiting.empty() or (updates >= self.updates and not self._all)):
            order = self._waiting.get()
            if isinstance(order, Until):
                self.updates = order.updates
            else:
                self.other = order
        return self.other is None and updates < self.updates


def _trained(request: Train, leave: _Leave, say: Callable[[object], None]) -> str:
    """Train until all is done or something else is asked for; gives what went wrong."""
    try:
        network = build(request.scenario).with_parameters(request.parameters)
        _tell(request.number, descent(engine.run(request.scenario, network)), leave, say)
    except Exception as error:  # noqa: BLE001  # whatever it is, the person at the screen is told it
        return f"{type(error).__name__}: {error}"
    return ""


def _tell(number: int, traces: Iterator[Trace], leave: _Leave, say: Callable[[object], None]) -> None:
    """Tell of traces as they come, a slice at a time, and of those since the last slice where they end or have to."""
    seen: list[Seen] = []
    begun, updates = time.monotonic(), 0
    while leave.beyond(updates) and (trace := next(traces, None)) is not None:
        seen.append(seen_in(trace))
        updates += 1
        parameters = dict(trace.parameters)
        if updates == leave.updates or time.monotonic() - begun >= SLICE:
            say(Progress(number, Curves.of(seen), parameters))
            seen, begun = [], time.monotonic()
    if seen:
        say(Progress(number, Curves.of(seen), parameters))
