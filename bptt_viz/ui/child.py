"""The app's end of a process that works for it, on the app's event loop. Imports ``child``; draws nothing."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from typing import TYPE_CHECKING

from bptt_viz import child
from bptt_viz.messages import Phrase, phrase

if TYPE_CHECKING:
    from asyncio import StreamReader
    from asyncio.subprocess import Process
    from collections.abc import Callable, Sequence


class Child:
    """One process, started when it is made.

    Parameters
    ----------
    command
        How it is started.
    begun
        Called as soon as something can be sent.
    hear
        Called with each message; raises ``child.WireError`` for one that is none of its own.
    ended
        Called with the reason where the process ends by itself or speaks nonsense; the first value tells whether it
        was started at all. Not called after :meth:`close`.
    """

    def __init__(
        self,
        command: Sequence[str],
        begun: Callable[[], None],
        hear: Callable[[object], None],
        ended: Callable[[bool, object], None],
    ) -> None:
        self._command, self._begun, self._hear, self._ended = command, begun, hear, ended
        self._process: Process | None = None
        self.task = asyncio.create_task(self._converse())

    @property
    def pid(self) -> int | None:
        """The process's number; None before it is there."""
        return None if self._process is None else self._process.pid

    def send(self, message: object) -> None:
        """Say something to a process that has begun."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(child.packed(message))

    def close(self) -> None:
        """End the process; nothing is heard of it any more."""
        # What ends the process is the end of the task, also where the event loop ends it.
        self.task.cancel()

    async def _converse(self) -> None:
        """Start the process, hear it to its end, and see to it that it is gone."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True
            )
        except OSError as error:
            self._ended(False, error)
            return
        reason: Phrase | None = None
        try:
            self._process = process
            assert process.stdout is not None
            self._begun()
            await self._listen(process.stdout)
        except child.WireError:
            reason = phrase("process.garbled")
        except asyncio.IncompleteReadError:
            reason = phrase("process.status", status=await process.wait())
        finally:
            await _end(process)
        self._ended(True, reason)

    async def _listen(self, stream: StreamReader) -> None:
        while True:
            size = child.body_size(await stream.readexactly(child.HEADER_SIZE))
            self._hear(child.unpacked(await stream.readexactly(size)))


async def _end(process: Process) -> None:
    """Kill the process and wait until it is gone, its pipes closed: the event loop itself may be about to end."""
    assert process.stdin is not None
    process.stdin.close()
    while process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        # An app that ends cancels its tasks, this one perhaps for the second time; what is killed ends soon.
        with suppress(asyncio.CancelledError):
            await process.communicate()
