"""What goes wrong with the process that derives: it dies, cannot start, prints or reads what is no message."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import struct
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from derivers import Heard, check_terms, hearing, slowly, window
from terminal import DEADLINE

from bptt_viz import child
from bptt_viz.derivation import wire

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="FIFOs and signals")


async def test_a_process_that_dies_is_told_of_and_the_next_request_starts_another(tmp_path: Path) -> None:
    async with slowly(tmp_path) as slow:
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


async def test_a_process_that_dies_idle_is_replaced_in_silence() -> None:
    async with hearing() as heard:
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
    async with hearing(sys.executable, "-c", program) as heard:
        for first in (1, 2):
            assert "sympy" in (await heard.failed(window(first=first))).told("en")
            assert heard.progress == "derivation.failed"


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


def answers(command: Sequence[str], request: wire.Request, count: int, folder: Path | None = None) -> list[object]:
    """The first messages of a process that is asked for a window, and ends in peace when nobody speaks to it."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(child.packed(request))
    process.stdin.flush()
    found = [child.receive(process.stdout) for _ in range(count)]
    process.stdin.close()
    assert process.wait(DEADLINE) == 0
    process.stdout.close()
    return found


def test_what_libraries_print_is_no_answer() -> None:
    program = "import bptt_viz.derivation.worker as w, bptt_viz.derivation.symbolic as s\n"
    program += "def terms(window):\n    print('noise', flush=True)\n    return iter(())\ns.terms = terms\nw.main()"
    ready, ended = answers([sys.executable, "-c", program], wire.Request(1, window()), 2)
    assert isinstance(ready, wire.Ready)
    assert ended == wire.Ended(1)


def test_the_current_folder_is_no_place_to_import_from(tmp_path: Path) -> None:
    (tmp_path / "sympy.py").write_text("raise SystemExit('imported from the folder of somebody\\'s scenarios')")
    ready, found = answers(wire.command(), wire.Request(1, window("scalar-t3", 1)), 2, tmp_path)
    assert isinstance(ready, wire.Ready)
    assert isinstance(found, wire.Found)
