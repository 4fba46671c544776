"""The process that derives: requests in, terms out as they are found, the latest request first. Imports ``wire``.

It lives as long as the pipe that it reads from; what was derived for a shape stays in its memory.
"""

from __future__ import annotations

from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING

from bptt_viz import child
from bptt_viz.derivation.wire import Cancel, Ended, Found, Ready, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bptt_viz.derivation.result import Term
    from bptt_viz.derivation.window import Window


def main() -> None:
    """Answer requests from standard input on standard output until the input ends."""
    waiting: SimpleQueue[Request | Cancel] = SimpleQueue()
    say = child.begin(waiting, (Request, Cancel))
    with suppress(ImportError):
        import bptt_viz.derivation.symbolic  # noqa: F401, PLC0415  # the slow part, while nothing may be asked yet
    say(Ready())
    while True:
        message = waiting.get()
        if isinstance(message, Request):
            say(Ended(message.number, _answered(message, waiting, say)))


def _terms(window: Window) -> Iterator[Term]:
    """SymPy's part; without SymPy it says so each time it is asked."""
    from bptt_viz.derivation.symbolic import terms  # noqa: PLC0415  # not before somebody listens for the end

    yield from terms(window)


def _answered(request: Request, waiting: SimpleQueue[Request | Cancel], say: Callable[[object], None]) -> str:
    """Derive until all is found or something else is asked for; gives what went wrong."""
    terms = _terms(request.window)
    while waiting.empty():
        try:
            term = next(terms, None)
        except Exception as error:  # noqa: BLE001  # whatever it is, the person at the screen is told it
            return f"{type(error).__name__}: {error}"
        if term is None:
            break
        say(Found(request.number, term))
    return ""
