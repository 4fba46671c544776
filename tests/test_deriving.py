"""The process that derives and the app's end of it: what is asked for comes, and no process stays behind."""

from __future__ import annotations

import asyncio
import os
import pickle
import select
import signal
import struct
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from terminal import DEADLINE, Terminal

import bptt_viz
from bptt_viz import catalog, child, engine
from bptt_viz.derivation import wire
from bptt_viz.derivation.symbolic import terms
from bptt_viz.derivation.window import Window, window_of
from bptt_viz.ui.deriving import Deriver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from bptt_viz.derivation.result import Derivation, Term
    from bptt_viz.messages import Phrase

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="FIFOs and signals")

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
#: A worker that keeps a FIFO open for as long as it lives.
MARKED = """
import sys
from bptt_viz.derivation.worker import main
alive = open(sys.argv[1], "wb")
with open(sys.argv[1] + ".begun", "wb") as begun:
    begun.write(b".")
main()
"""
#: An app, as far as this goes: it has a window derived, and waits.
PARENT = """
import asyncio, sys, bptt_viz
from bptt_viz.derivation.window import window_of
from bptt_viz.ui.deriving import Deriver
async def main():
    deriver = Deriver(lambda *_: None, (sys.executable, "-c", sys.argv[1], sys.argv[2]))
    deriver.request(window_of(bptt_viz.trace(bptt_viz.load("wo-zuotian")), 3, 3, "W"))
    await asyncio.Event().wait()
asyncio.run(main())
"""
#: The real app, with a worker that is marked.
APP = """
import sys
from bptt_viz.derivation import wire
command = (sys.executable, "-c", sys.argv.pop(1), sys.argv.pop(1))
wire.command = lambda: command
from bptt_viz.cli import main
main()
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


@pytest.fixture
async def heard() -> AsyncIterator[Heard]:
    """A deriver with its real process."""
    found = Heard()
    yield found
    await closed(found)


async def closed(heard: Heard) -> None:
    """Close the deriver and wait for the end of its process."""
    process = heard.deriver._child
    heard.deriver.close()
    if process is not None:
        await asyncio.wait([process.task], timeout=DEADLINE)


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


# What is asked for.


@pytest.mark.parametrize(("name", "parameter"), [("wo-zuotian", "W"), ("wo-zuotian", "V"), ("scalar-t3", "U")])
async def test_the_terms_come_as_sympy_gives_them(heard: Heard, name: str, parameter: str) -> None:
    asked = window(name, 1, parameter)
    check_terms(await heard.whole(asked), asked)
    assert [progress.key for _, progress in heard.told[:1] if progress] == ["derivation.loading"]
    assert heard.progress is None
    counts = [len(derivation.terms) for derivation, _ in heard.told if derivation is not None]
    assert counts == sorted(counts)


async def test_another_window_and_other_weights_go_to_the_same_process(heard: Heard) -> None:
    first = await heard.whole(window())
    pid = heard.pid
    trace = engine.trace(bptt_viz.load("wo-zuotian"), 2)
    for asked in (window(first=1), window_of(trace, 3, 3, "W")):
        check_terms(await heard.whole(asked), asked)
    assert heard.pid == pid
    assert not np.array_equal(first.terms[0].value, heard.derivation.terms[0].value)


# Cancelled requests.


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


@pytest.fixture
async def slow(tmp_path: Path) -> AsyncIterator[Slow]:
    found = Slow(tmp_path)
    yield found
    await found.close()


async def test_terms_are_told_as_they_come(slow: Slow) -> None:
    slow.heard.deriver.request(window("scalar-t3", 1))
    for count in range(3):
        await slow.at(f"1 {count}")
        slow.open_gate(1)
        await slow.heard.until(partial(slow.heard.has_terms, count + 1))
    told = [progress.told("en") for _, progress in slow.heard.told if progress]
    assert "SymPy derives term 2 of 6" in told
    assert "SymPy derives term 3 of 6" in told


async def test_a_newer_request_cancels_between_terms_and_those_between_are_never_sent(slow: Slow) -> None:
    slow.heard.deriver.request(window(first=1))
    await slow.at("1 0")
    for _ in range(100):
        slow.heard.deriver.request(window(first=2))
    slow.heard.deriver.request(window(first=3))
    await slow.at("Cancel")
    slow.open_gate()
    await slow.at("3 2")
    assert slow.terms == ["1 0", "3 0", "3 1", "3 2"]
    # The thread that listens may note a request after the other one has begun with it.
    await slow.at("Request", 2)
    assert slow.heard_there == ["Request", "Cancel", "Request"]
    await slow.heard.until(lambda: len(slow.heard.derivation.terms) == 3)
    # None of the first window's.
    assert {float(term.value[0, 0]) for term in slow.heard.derivation.terms} == {3.0}
    assert all(not derivation.terms for derivation, _ in slow.heard.told if derivation and derivation.first < 3)


async def test_a_cancelled_request_ends_and_the_next_is_answered(slow: Slow) -> None:
    slow.heard.deriver.request(window(first=1))
    await slow.at("1 0")
    told = len(slow.heard.told)
    slow.heard.deriver.cancel()
    await slow.at("Cancel")
    slow.heard.deriver.request(window(first=2))
    slow.open_gate()
    await slow.at("2 2")
    assert slow.terms == ["1 0", "2 0", "2 1", "2 2"]
    # The thread that listens may note a request after the other one has begun with it.
    await slow.at("Request", 2)
    assert slow.heard_there == ["Request", "Cancel", "Request"]
    assert {derivation.first for derivation, _ in slow.heard.told[told:] if derivation} <= {2}


async def test_nothing_is_told_after_the_end(slow: Slow) -> None:
    slow.heard.deriver.request(window(first=1))
    await slow.at("1 0")
    told = len(slow.heard.told)
    slow.open_gate()
    await closed(slow.heard)
    assert len(slow.heard.told) == told


# What goes wrong.


async def test_a_process_that_dies_is_told_of_and_the_next_request_starts_another(slow: Slow) -> None:
    slow.heard.deriver.request(window(first=1))
    await slow.at("1 0")
    os.kill(slow.heard.pid, signal.SIGKILL)
    await slow.heard.until(lambda: slow.heard.progress == "derivation.ended")
    (_, said) = slow.heard.told[-1]
    assert said is not None
    assert "-9" in said.told("en")
    slow.heard.deriver.request(window(first=2))
    slow.open_gate()
    await slow.at("2 2")
    await slow.heard.until(lambda: len(slow.heard.derivation.terms) == 3)


async def test_a_process_that_dies_idle_is_replaced_in_silence(heard: Heard) -> None:
    await heard.whole(window())
    told, pid, process = len(heard.told), heard.pid, heard.deriver._child
    assert process is not None
    os.kill(pid, signal.SIGKILL)
    await asyncio.wait_for(process.task, DEADLINE)
    assert len(heard.told) == told
    asked = window(first=1)
    check_terms(await heard.whole(asked), asked)
    assert heard.pid != pid


async def test_a_process_that_dies_says_how() -> None:
    heard = Heard(sys.executable, "-c", "import sys; sys.exit(3)")
    said = (await heard.failed(window())).told("en")
    assert "status 3" in said
    assert heard.derivation.terms == ()


async def test_a_process_that_cannot_start() -> None:
    heard = Heard("/no/such/interpreter")
    assert "/no/such/interpreter" in (await heard.failed(window())).told("en")
    assert heard.progress == "derivation.no_process"


async def test_without_sympy_it_says_so_each_time() -> None:
    program = "import sys; sys.modules['sympy'] = None; from bptt_viz.derivation.worker import main; main()"
    heard = Heard(sys.executable, "-c", program)
    for first in (1, 2):
        assert "sympy" in (await heard.failed(window(first=first))).told("en")
        assert heard.progress == "derivation.failed"
    await closed(heard)


def framed(body: bytes) -> bytes:
    """A message of any content."""
    return struct.pack(">Q", len(body)) + body


GARBAGE = {
    "text": b"Traceback (most recent call last):\n",
    "an absurd length": struct.pack(">Q", 1 << 60),
    "no pickle": framed(b"\xff\xfe\xfd\xfc"),
    "something else": framed(pickle.dumps(42)),
    "a request": child.packed(wire.Cancel()),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
async def test_garbage_on_the_pipe_ends_the_process(garbage: bytes) -> None:
    program = f"import sys; sys.stdout.buffer.write({garbage!r}); sys.stdout.flush(); sys.stdin.read()"
    heard = Heard(sys.executable, "-c", program)
    said = await heard.failed(window())
    assert said.key == "derivation.ended"
    assert "cannot be read" in said.told("en")
    assert heard.deriver._child is None


@pytest.mark.parametrize(
    "garbage", [*list(GARBAGE.values())[:4], b"", b"\0\0\0"], ids=[*list(GARBAGE)[:4], "end", "half"]
)
def test_the_process_ends_itself_where_nobody_speaks_to_it(garbage: bytes) -> None:
    done = subprocess.run(wire.command(), input=garbage, capture_output=True, timeout=DEADLINE, check=False)
    assert done.returncode == 0
    assert done.stderr == b""


def test_what_libraries_print_is_no_answer() -> None:
    program = "import bptt_viz.derivation.worker as w, bptt_viz.derivation.symbolic as s\n"
    program += "def terms(window):\n    print('noise', flush=True)\n    return iter(())\ns.terms = terms\nw.main()"
    asked = child.packed(wire.Request(1, window()))
    process = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(asked)
    process.stdin.flush()
    assert isinstance(child.receive(process.stdout), wire.Ready)
    assert child.receive(process.stdout) == wire.Ended(1)
    process.stdin.close()
    assert process.wait(DEADLINE) == 0
    process.stdout.close()


def test_the_current_folder_is_no_place_to_import_from(tmp_path: Path) -> None:
    (tmp_path / "sympy.py").write_text("raise SystemExit('imported from the folder of somebody\\'s scenarios')")
    asked = child.packed(wire.Request(1, window("scalar-t3", 1)))
    process = subprocess.Popen(wire.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(asked)
    process.stdin.flush()
    assert isinstance(child.receive(process.stdout), wire.Ready)
    assert isinstance(child.receive(process.stdout), wire.Found)
    process.stdin.close()
    process.wait(DEADLINE)
    process.stdout.close()


# No process stays.


class Mark:
    """A FIFO that a process holds open: whether it lives can be seen without its being a child."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "alive")
        begun = self.path + ".begun"
        os.mkfifo(self.path)
        os.mkfifo(begun)
        self._alive = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
        # For both, so that it never ends.
        self._begun = os.open(begun, os.O_RDWR)

    def has_begun(self, seconds: float = 0.0) -> bool:
        """Whether the process is there, or comes within so many seconds."""
        return bool(select.select([self._begun], [], [], seconds)[0])

    def has_ended(self) -> bool:
        """Whether the process, once it was there, goes in time."""
        return bool(select.select([self._alive], [], [], DEADLINE)[0])

    def close(self) -> None:
        os.close(self._alive)
        os.close(self._begun)


@pytest.fixture
def mark(tmp_path: Path) -> Iterator[Mark]:
    made = Mark(tmp_path)
    yield made
    made.close()


async def test_the_end_of_the_deriver_is_the_end_of_the_process(mark: Mark) -> None:
    heard = Heard(sys.executable, "-c", MARKED, mark.path)
    heard.deriver.request(window())
    assert await asyncio.to_thread(mark.has_begun, DEADLINE)
    await closed(heard)
    assert mark.has_ended()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_program_that_is_killed_leaves_no_process(mark: Mark, number: int) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, MARKED, mark.path], stderr=subprocess.DEVNULL) as parent:
        try:
            assert mark.has_begun(DEADLINE)
            parent.send_signal(number)
            assert mark.has_ended()
        finally:
            parent.kill()


@pytest.mark.parametrize("number", [0, signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_the_app_leaves_no_process(tmp_path: Path, mark: Mark, number: int) -> None:
    command = [sys.executable, "-c", APP, MARKED, mark.path, str(catalog.find("wo-zuotian"))]
    # A size that is in the environment would count for more than the terminal's.
    environment = {name: text for name, text in os.environ.items() if name not in ("COLUMNS", "LINES")}
    with Terminal(command, environment | {"TERM": "xterm-256color"}, tmp_path, (120, 36)) as terminal:
        terminal.shows("昨天")
        terminal.press("right")
        terminal.until(mark.has_begun)
        # It is in no group that the terminal would signal.
        if number:
            os.kill(terminal.process.pid, number)
        else:
            terminal.press("q")
        terminal.ended()
        assert mark.has_ended()
