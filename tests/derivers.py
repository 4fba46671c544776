"""Derivers with processes of their own, real ones and slow ones, that write down what they tell."""

from __future__ import annotations

import asyncio
import os
import select
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from terminal import DEADLINE

import bptt_viz
from bptt_viz.derivation.symbolic import terms
from bptt_viz.derivation.window import Window, window_of
from bptt_viz.ui.deriving import Deriver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bptt_viz.derivation.result import Derivation, Term
    from bptt_viz.messages import Phrase

#: A worker whose terms are slow: before each it says where it is, and waits for a byte. It says what it hears.
SLOW = """
import sys, types
from bptt_viz.derivation import result, worker
import numpy as np
symbolic = types.ModuleType("bptt_viz.derivation.symbolic")
log, gate = open(sys.argv[1], "wb", buffering=0), open(sys.argv[2], "rb", buffering=0)
def terms(window):
    for k in range(3):
        log.write(f"{window.first} {k}\\n".encode())
        gate.read(1)
        yield result.Term(k, k, (), np.full((1, 1), float(window.first)))
class Queue(worker.SimpleQueue):
    def put(self, message):
        super().put(message)
        log.write(f"{type(message).__name__}\\n".encode())
worker.SimpleQueue = Queue
symbolic.terms = terms
sys.modules["bptt_viz.derivation.symbolic"] = symbolic
worker.main()
"""


class Heard:
    """What a deriver told, and a deriver."""

    def __init__(self, *command: str) -> None:
        self.told: list[tuple[Derivation | None, Phrase | None]] = []
        self._news = asyncio.Event()
        self.deriver = Deriver(self._hear, command or None)

    def _hear(self, derivation: Derivation | None, progress: Phrase | None) -> None:
        self.told.append((derivation, progress))
        self._news.set()

    @property
    def derivation(self) -> Derivation:
        derivation = self.told[-1][0]
        assert derivation is not None
        return derivation

    @property
    def progress(self) -> str | None:
        progress = self.told[-1][1]
        return None if progress is None else progress.key

    def has_terms(self, count: int) -> bool:
        return len(self.derivation.terms) == count

    @property
    def pid(self) -> int:
        assert self.deriver._child is not None
        assert self.deriver._child.pid is not None
        return self.deriver._child.pid

    async def until(self, condition: Callable[[], object]) -> None:
        async def wait() -> None:
            while not condition():
                self._news.clear()
                await self._news.wait()

        await asyncio.wait_for(wait(), DEADLINE)

    async def whole(self, window: Window) -> Derivation:
        """Ask for a window and wait for all of its terms."""
        self.deriver.request(window)
        await self.until(lambda: self.told and self.derivation.first == window.first and self.derivation.complete)
        return self.derivation

    async def failed(self, window: Window) -> Phrase:
        """Ask for a window and wait until it is said why it does not come."""
        self.deriver.request(window)
        await self.until(lambda: self.progress not in ("derivation.loading", "derivation.term"))
        progress = self.told[-1][1]
        assert progress is not None
        return progress


async def closed(heard: Heard) -> None:
    """Close the deriver and wait for the end of its process."""
    process = heard.deriver._child
    heard.deriver.close()
    if process is not None:
        await asyncio.wait([process.task], timeout=DEADLINE)


@asynccontextmanager
async def hearing(*command: str) -> AsyncIterator[Heard]:
    """A deriver with its real process, or with that of a command; at the end it is closed."""
    found = Heard(*command)
    try:
        yield found
    finally:
        await closed(found)


def window(name: str = "wo-zuotian", first: int = 3, parameter: str = "W") -> Window:
    """A window of a bundled scenario."""
    return window_of(bptt_viz.trace(bptt_viz.load(name)), first, 3, parameter)


def contents(term: Term) -> list[object]:
    """All that a term consists of, arrays as lists."""
    factors = [
        (one.kind, one.written, one.form, one.sparse, [(b.label, b.entries, b.value.tolist()) for b in one.blocks])
        for one in term.factors
    ]
    return [term.t, term.k, factors, term.value.tolist(), term.expanded]


def check_terms(derivation: Derivation, asked: Window) -> None:
    """All terms of the window, as SymPy gives them in this process."""
    assert [contents(term) for term in derivation.terms] == [contents(term) for term in terms(asked)]


class Slow:
    """A deriver whose process tells what it is at, and waits for a byte before each term."""

    def __init__(self, folder: Path) -> None:
        paths = [str(folder / name) for name in ("log", "gate")]
        for path in paths:
            os.mkfifo(path)
        # Opened for both, which does not wait for the other side.
        self._log, self._gate = (os.open(path, os.O_RDWR) for path in paths)
        self.heard = Heard(sys.executable, "-c", SLOW, *paths)
        self.begun: list[str] = []

    async def at(self, line: str, count: int = 1) -> None:
        """Wait until the process is at a term, given as its window and its number, or has heard ``count`` messages."""
        while self.begun.count(line) < count:
            self.begun += (await asyncio.to_thread(self._read)).decode().splitlines()

    def _read(self) -> bytes:
        assert select.select([self._log], [], [], DEADLINE)[0], self.begun
        return os.read(self._log, 4096)

    @property
    def terms(self) -> list[str]:
        """The terms it was at, as windows and numbers."""
        return [line for line in self.begun if line[0].isdigit()]

    @property
    def heard_there(self) -> list[str]:
        """What was sent to it."""
        return [line for line in self.begun if line[0].isalpha()]

    def open_gate(self, count: int = 100) -> None:
        """Let so many terms through."""
        os.write(self._gate, b"." * count)

    async def close(self) -> None:
        await closed(self.heard)
        os.close(self._log)
        os.close(self._gate)


@asynccontextmanager
async def slowly(folder: Path) -> AsyncIterator[Slow]:
    """A deriver whose process waits before each term; at the end it is closed."""
    found = Slow(folder)
    try:
        yield found
    finally:
        await found.close()
