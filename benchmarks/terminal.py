"""A terminal to measure programs in: a pseudo-terminal that answers queries and stamps every byte. Emulates nothing."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType

COLUMNS: Final = 120
ROWS: Final = 40
#: Seconds of silence after which a repaint, and the start, are over.
REPAINTED: Final = 0.03
SETTLED: Final = 0.3
#: Seconds after which a program that says nothing counts as stuck.
PATIENCE: Final = 30.0

_QUERY: Final = re.compile(rb"\x1b\[(?:0?c|6n|\?u|\?(\d+)\$p)")
_LONGEST_QUERY: Final = 16
#: What is told of a program that ended at once, in characters.
_LAST_WORDS: Final = 500
#: The modes that this terminal has: 2026 is synchronized output, as current terminals have it.
_MODES: Final = frozenset({b"2026"})
_FRAME_END: Final = b"\x1b[?2026l"
_FRAME: Final = re.compile(rb"\x1b\[\?2026h(.*?)\x1b\[\?2026l", re.DOTALL)
_CONTROL: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]")
_INVISIBLE: Final = re.compile(r"[\s\x00-\x1f\x7f\u2500-\u257f]+")


class TerminalError(Exception):
    """The program did not do what it was started for."""


@dataclass(frozen=True)
class Chunk:
    """Output and when it arrived."""

    at: float
    data: bytes


class Terminal:
    """A program that runs in a pseudo-terminal of 120×40."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.chunks: list[Chunk] = []
        self._unanswered = b""
        self._name = command[-1]
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.started = perf_counter()
        self._process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=dict(environment), start_new_session=True
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The number of the program's process."""
        return self._process.pid

    def start(self) -> Self:
        """Wait until the first screen stands."""
        while not visible(self.output()):
            if not self.read(PATIENCE):
                raise TerminalError(f"{self._name}: painted nothing")
        self.until_silent(SETTLED)
        if self._process.poll() is not None:
            raise TerminalError(f"{self._name}: ended at once:\n{visible(self.output())[-_LAST_WORDS:]}")
        return self

    def send(self, keys: bytes) -> float:
        """Press keys; gives the moment."""
        at = perf_counter()
        os.write(self._master, keys)
        return at

    def press(self, keys: bytes) -> float:
        """Press keys and give the seconds until the last byte of the repaint."""
        while self.read(0.0):  # what came late belongs to the key before
            pass
        pressed = self.send(keys)
        if not self.read(1.0):
            raise TerminalError(f"{self._name}: no answer to {keys!r}")
        return self.until_silent(REPAINTED) - pressed

    def press_until(self, keys: bytes, text: str) -> float:
        """Press keys and give the seconds until the last byte of the frame that shows a text.

        For a program that paints without being asked as well, which is never silent for its keys alone.
        """
        while self.read(0.0):
            pass
        first, pressed = len(self.chunks), self.send(keys)
        while self.read(1.0):
            since = b"".join(chunk.data for chunk in self.chunks[first:])
            if since.endswith(_FRAME_END) and text in visible(since):
                return self.chunks[-1].at - pressed
        raise TerminalError(f"{self._name}: {text!r} is not shown after {keys!r}")

    def until_silent(self, silence: float) -> float:
        """Read until nothing came for ``silence`` seconds; gives the moment of the last byte."""
        while self.read(silence):
            if perf_counter() - self.chunks[0].at > 10 * PATIENCE:
                raise TerminalError(f"{self._name}: never silent")
        return self.chunks[-1].at

    def read(self, timeout: float) -> bool:
        """Take what comes within ``timeout`` seconds; whether anything came."""
        ready, _, _ = select.select([self._master], [], [], max(timeout, 0.0))
        at = perf_counter()
        if not ready:
            return False
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:  # Linux's way to say that the other end is closed
            return False
        if data:
            self.chunks.append(Chunk(at, data))
            self._answer(data)
        return bool(data)

    def output(self) -> bytes:
        """All that came so far."""
        return b"".join(chunk.data for chunk in self.chunks)

    def close(self) -> None:
        """Press q; if that does not end the program, kill it."""
        if self._process.poll() is None:
            self.send(b"q")
            limit = perf_counter() + 5.0
            while self._process.poll() is None and perf_counter() < limit:
                self.read(0.02)
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._master)

    def _answer(self, data: bytes) -> None:
        self._unanswered += data
        end = 0
        for query in _QUERY.finditer(self._unanswered):
            end = query.end()
            os.write(self._master, _reply(query))
        self._unanswered = self._unanswered[end:][-_LONGEST_QUERY:]


def _reply(query: re.Match[bytes]) -> bytes:
    mode: bytes | None = query[1]
    if mode is not None:  # DECRQM: 2 is "reset", 0 is "no such mode"
        return b"\x1b[?%s;%d$y" % (mode, 2 if mode in _MODES else 0)
    if query[0].endswith(b"c"):  # DA1: a VT220 with colours
        return b"\x1b[?62;22c"
    return b"\x1b[1;1R" if query[0].endswith(b"n") else b"\x1b[?0u"


def visible(data: bytes) -> str:
    """What output shows besides blanks and frames of boxes."""
    return _INVISIBLE.sub(" ", _CONTROL.sub("", data.decode(errors="replace"))).strip()


def first_paint(chunks: Sequence[Chunk]) -> float:
    """The moment at which the first frame with text in it is complete.

    A frame is what stands between the marks of synchronized output; outside of such marks, what
    comes before 30 ms of silence.
    """
    for at, data in _frames(chunks):
        if visible(data):
            return at
    raise TerminalError("nothing was painted")


def _frames(chunks: Sequence[Chunk]) -> Iterator[tuple[float, bytes]]:
    stream = b"".join(chunk.data for chunk in chunks)
    done = 0
    for frame in _FRAME.finditer(stream):
        yield from _bursts(chunks, done, frame.start())
        done = frame.end()
        yield _arrival(chunks, done), frame[1]
    yield from _bursts(chunks, done, len(stream))


def _bursts(chunks: Sequence[Chunk], start: int, end: int) -> Iterator[tuple[float, bytes]]:
    """The bytes from ``start`` to ``end`` of the stream, cut at silences."""
    offset, burst, last = 0, b"", 0.0
    for chunk in chunks:
        part = chunk.data[max(start - offset, 0) : max(end - offset, 0)]
        offset += len(chunk.data)
        if part:
            if burst and chunk.at - last > REPAINTED:
                yield last, burst
                burst = b""
            burst, last = burst + part, chunk.at
    if burst:
        yield last, burst


def _arrival(chunks: Sequence[Chunk], end: int) -> float:
    """When the byte before ``end`` arrived."""
    for chunk in chunks:
        end -= len(chunk.data)
        if end <= 0:
            return chunk.at
    return chunks[-1].at
