"""No process that derives outlives the program: not the deriver's end, nor a signal's, nor the app's."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from derivers import Heard, closed, window
from terminal import DEADLINE, Terminal

from bptt_viz import catalog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="FIFOs and signals")

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
