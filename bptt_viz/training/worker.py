"""The process that trains: a request in, progress out several times a second until all is done. Imports ``wire``."""

from __future__ import annotations

import time
from itertools import islice
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

from bptt_viz import child, engine
from bptt_viz.network import build
from bptt_viz.training.moment import Curves, Seen, descent, seen_in
from bptt_viz.training.wire import Ended, Progress, Stop, Train

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bptt_viz.tracing import Trace

#: Seconds of updates that are told of in one go.
SLICE: Final = 0.08


def main() -> None:
    """Answer requests from standard input on standard output until the input ends."""
    waiting: SimpleQueue[Train | Stop] = SimpleQueue()
    say = child.begin(waiting, (Train, Stop))
    while True:
        message = waiting.get()
        if isinstance(message, Train):
            say(Ended(message.number, _trained(message, waiting, say)))


def _trained(request: Train, waiting: SimpleQueue[Train | Stop], say: Callable[[object], None]) -> str:
    """Train until all is done or something else is asked for; gives what went wrong."""
    try:
        network = build(request.scenario).with_parameters(request.parameters)
        traces = descent(engine.run(request.scenario, network))
        _tell(request.number, islice(traces, request.updates), waiting, say)
    except Exception as error:  # noqa: BLE001  # whatever it is, the person at the screen is told it
        return f"{type(error).__name__}: {error}"
    return ""


def _tell(
    number: int, traces: Iterator[Trace], waiting: SimpleQueue[Train | Stop], say: Callable[[object], None]
) -> None:
    """Tell of traces as they come, a slice at a time, and of those since the last slice where they end."""
    seen: list[Seen] = []
    begun = time.monotonic()
    while waiting.empty() and (trace := next(traces, None)) is not None:
        seen.append(seen_in(trace))
        parameters = dict(trace.parameters)
        if time.monotonic() - begun >= SLICE:
            say(Progress(number, Curves.of(seen), parameters))
            seen, begun = [], time.monotonic()
    if seen:
        say(Progress(number, Curves.of(seen), parameters))
