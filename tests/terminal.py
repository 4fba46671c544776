"""A terminal for tests: runs a program in a pseudo-terminal, draws what it writes, and follows the modes it sets.

Queries are answered with silence, as a simple terminal does. Every wait has a deadline, and a program that
outlives its test is killed.
"""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from typing import TYPE_CHECKING, Self

import pyte
from wcwidth import wcwidth  # pyte's own

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

#: Seconds after which a wait is given up. A start on a busy machine takes some.
DEADLINE = 30.0

KEYS = {"right": "\x1b[C", "left": "\x1b[D", "escape": "\x1b", "enter": "\r", "ctrl+c": "\x03", "ctrl+z": "\x1a",
        "pagedown": "\x1b[6~", "end": "\x1b[F", "home": "\x1b[H", "f5": "\x1b[15~"}  # fmt: skip

_MODE = re.compile(r"\x1b\[\?([\d;]+)([hl])")
_KITTY = re.compile(r"\x1b\[([<>])\d*u")
#: Sequences with a private prefix or an intermediate byte, which pyte would print.
_FOREIGN = re.compile(r"\x1b\[[<>=][\d;:]*[@-~]|\x1b\[\??[\d;:]*[ -/]+[@-~]|\x1b[P\]X^_].*?(?:\x07|\x1b\\)", re.DOTALL)
#: The beginning of a sequence that goes on in the next chunk.
_OPEN = re.compile(r"\x1b(?:\[[<-?]?[\d;:]*[ -/]*|[P\]X^_][^\x07]*)?$")


def _take_control() -> None:
    """Make the terminal the controlling one of the new session, as a login does."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """A program in a terminal of its own."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path, size: tuple[int, int]
    ) -> None:
        self.written = ""
        self.modes: dict[int, bool] = {}
        self.kitty = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._pending = ""
        self.screen = pyte.Screen(*size)
        self._stream = pyte.Stream(self.screen)
        # The other end stays open here, so that its modes can be looked at when the program is gone.
        self._here, self._there = pty.openpty()
        self.resize(*size)
        self.attributes_before = termios.tcgetattr(self._there)
        self.process = subprocess.Popen(
            command, stdin=self._there, stdout=self._there, stderr=self._there, cwd=folder, env=dict(environment),
            start_new_session=True, preexec_fn=_take_control,  # noqa: PLW1509  (these tests have no threads)
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.hang_up()

    def hang_up(self) -> None:
        """Close the terminal's window."""
        for name in ("_there", "_here"):
            if getattr(self, name) >= 0:
                os.close(getattr(self, name))
                setattr(self, name, -1)

    def resize(self, columns: int, rows: int) -> None:
        """Another size; the kernel tells the program."""
        self.screen.resize(rows, columns)
        fcntl.ioctl(self._here, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, *keys: str) -> None:
        """Press keys by name, or type text, all in one go."""
        os.write(self._here, "".join(KEYS.get(key, key) for key in keys).encode())

    def read(self, seconds: float) -> bool:
        """Draw what comes within so many seconds; whether anything came."""
        if not select.select([self._here], [], [], seconds)[0]:
            return False
        try:
            chunk = os.read(self._here, 65536)
        except OSError:
            return False
        self._draw(self._decoder.decode(chunk))
        return bool(chunk)

    def _draw(self, text: str) -> None:
        self.written += text
        text = self._pending + text
        begun = _OPEN.search(text)
        self._pending = text[begun.start() :] if begun else ""
        text = text[: begun.start()] if begun else text
        for numbers, state in _MODE.findall(text):
            self.modes.update({int(number): state == "h" for number in numbers.split(";")})
        for direction in _KITTY.findall(text):
            self.kitty += 1 if direction == ">" else -1
        self._stream.feed(_FOREIGN.sub("", text))

    def lines(self) -> list[str]:
        """The screen as text; a wide character fills its two cells."""
        return [self._line(row).rstrip() for row in range(self.screen.lines)]

    def _line(self, row: int) -> str:
        """One line; of a wide character that was half overwritten, a blank is left."""
        cells = [self.screen.buffer[row][column].data for column in range(self.screen.columns)]
        drawn = ""
        for cell, before, after in zip(cells, ["x", *cells], [*cells[1:], "x"], strict=False):
            wide = wcwidth(cell[:1]) == 2
            if cell and not (wide and after):
                drawn += cell
            elif cell or wcwidth(before[:1]) != 2:
                drawn += " "
        return drawn

    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines())

    def until(self, condition: Callable[[], object]) -> None:
        """Read until a condition holds."""
        end = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < end, f"waited in vain; the screen:\n{self.text()}\n{self.written[-500:]!r}"
            self.read(0.05)

    def shows(self, wanted: str) -> None:
        """Wait for a text on the screen."""
        self.until(lambda: wanted in self.text())

    def ended(self) -> int:
        """Wait for the end of the program; its exit status, negative for a signal."""
        self.until(lambda: self.process.poll() is not None)
        while self._here >= 0 and self.read(0.05):
            pass
        return self.process.returncode

    def stopped(self) -> None:
        """Wait until the program is suspended, as Ctrl+Z does."""
        self.until(lambda: os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT))

    def left_behind(self) -> list[str]:
        """What the program has changed and not put back."""
        found = [name for mode, name in _TO_BE_OFF.items() if self.modes.get(mode)]
        if not self.modes.get(25, True):
            found.append("cursor hidden")
        if self.kitty > 0:
            found.append("keyboard protocol")
        if termios.tcgetattr(self._there) != self.attributes_before:
            found.append("terminal attributes")
        return found


_TO_BE_OFF = {1: "cursor keys", 47: "alternate screen", 1047: "alternate screen", 1049: "alternate screen",
              1000: "mouse", 1002: "mouse", 1003: "mouse", 1004: "focus", 1006: "mouse", 1015: "mouse",
              1016: "mouse", 2004: "paste", 2026: "synchronised output", 2048: "resize reports"}  # fmt: skip
