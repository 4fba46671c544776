"""The app's end of the process that derives: windows in, derivations out, on the app's event loop. Draws nothing.

SymPy never runs in the app's own process: imported in a thread, it holds up keys by 36 ms (95 %).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Literal

from msgspec.structs import replace

from bptt_viz import child
from bptt_viz.derivation import wire
from bptt_viz.derivation.outline import outline
from bptt_viz.messages import Phrase, phrase
from bptt_viz.ui.child import Child

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bptt_viz.derivation.result import Derivation
    from bptt_viz.derivation.window import Window

#: Seconds for which something new waits, so that what comes in one go is told in one go, and while keys are pressed
#: anew after each, as keys go first; but no longer than the latter.
_PATIENCE: Final = 0.05
_MOST_WAITING: Final = 0.5
#: What is waited for, or why nothing comes; None when all is there or nothing is asked for.
Progress = Phrase | None


class Deriver:
    """Has one window derived at a time: the one that was asked for last.

    Only one request is ever with the process. A newer one cancels it, waits for its end, and takes the
    place of any other that waits, so that a held key queues nothing.

    Parameters
    ----------
    on_update
        Told what is derived so far and what is waited for, as terms come. A window that was derived before is told
        when all of its terms are there; until then, what was told last may stay where it is.
    command
        How the process is started.
    """

    def __init__(
        self, on_update: Callable[[Derivation | None, Progress], None], command: Sequence[str] | None = None
    ) -> None:
        self._on_update = on_update
        self._command = wire.command() if command is None else command
        self._child: Child | None = None
        self._begun = False
        self._ready = False
        self._timer: asyncio.TimerHandle | None = None
        self._news_since = 0.0
        self._doing: Literal["nothing", "request", "cancelled"] = "nothing"
        # Of the latest request: its number, what is known, and its window until it is sent.
        self._number = 0
        self._derivation: Derivation | None = None
        self._waiting: Window | None = None

    def request(self, window: Window) -> None:
        """Derive a window, and no other any more; starts the process if there is none."""
        self._set(window, outline(window))
        if self._child is None:
            self._child = Child(self._command, self._has_begun, self._hear, self._has_ended)
            self._tell(self._progress())
        else:
            self._tell_soon()
            self._attend()

    def hold(self) -> None:
        """A key was pressed: what is to be told waits a little longer."""
        loop = asyncio.get_running_loop()
        if self._timer is not None and loop.time() + _PATIENCE < self._news_since + _MOST_WAITING:
            self._timer.cancel()
            self._start_timer()

    def cancel(self) -> None:
        """Derive nothing any more; the process stays, with what it has derived."""
        self._set(None, None)
        self._forget_timer()
        self._attend()

    def close(self) -> None:
        """End the process; nothing is told any more. A later request starts another."""
        self._set(None, None)
        self._forget_timer()
        if self._child is not None:
            self._child.close()
        self._hang_up()

    def _set(self, window: Window | None, derivation: Derivation | None) -> None:
        self._number += 1
        self._waiting, self._derivation = window, derivation

    def _hang_up(self) -> None:
        self._child, self._begun = None, False
        self._ready, self._doing = False, "nothing"

    def _attend(self) -> None:
        """Send what is to be sent, as soon as the process can take it."""
        if self._child is None or not self._begun:
            return
        if self._doing == "request":
            self._child.send(wire.Cancel())
            self._doing = "cancelled"
        elif self._doing == "nothing" and self._waiting is not None:
            self._child.send(wire.Request(self._number, self._waiting))
            self._doing, self._waiting = "request", None

    def _progress(self) -> Progress:
        if self._derivation is None or self._derivation.complete:
            return None
        if not self._ready:
            return phrase("derivation.loading")
        return phrase("derivation.term", count=len(self._derivation.terms) + 1, expected=self._derivation.expected)

    def _tell_soon(self) -> None:
        if self._timer is None:
            self._news_since = asyncio.get_running_loop().time()
            self._start_timer()

    def _start_timer(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_PATIENCE, lambda: self._tell(self._progress()))

    def _tell(self, progress: Progress) -> None:
        self._forget_timer()
        self._on_update(self._derivation, progress)

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _has_begun(self) -> None:
        self._begun = True
        self._attend()

    def _has_ended(self, started: bool, reason: object) -> None:  # noqa: FBT001  # how a child tells it
        self._fail(phrase("derivation.ended" if started else "derivation.no_process", reason=reason))

    def _fail(self, reason: Phrase) -> None:
        self._hang_up()
        if self._derivation is not None and not self._derivation.complete:
            self._waiting = None
            self._tell(reason)

    def _hear(self, message: object) -> None:
        match message:
            case wire.Ready():
                self._ready = True
                self._tell_soon()
            case wire.Found(number, term):
                if number == self._number and self._derivation is not None:
                    self._derivation = replace(self._derivation, terms=(*self._derivation.terms, term))
                    self._tell_soon()
            case wire.Ended(number, failure):
                self._doing = "nothing"
                if number == self._number and failure:
                    self._tell(phrase("derivation.failed", reason=failure))
                elif number == self._number:
                    # Not at once: the key that asked for it has its own repaint first.
                    self._tell_soon()
                self._attend()
            case _:
                raise child.WireError
