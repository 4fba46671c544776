"""What the app and the process that derives for it say to each other, and how it crosses a pipe. Imports ``window``.

Each message is pickled behind its length. Neither side ever imports sympy by importing this.
"""

from __future__ import annotations

import pickle
import sys
from struct import Struct as Layout
from typing import TYPE_CHECKING, Final

from msgspec import Struct

# Structures' fields are annotated with them; there is no other use at run time.
from bptt_viz.derivation.result import Term  # noqa: TC001
from bptt_viz.derivation.window import Window  # noqa: TC001

if TYPE_CHECKING:
    from typing import BinaryIO

#: Before each message: how many bytes it has.
_HEADER: Final = Layout(">Q")
#: A longer message is none of ours; a window of the largest network that can be typed is far smaller.
_LONGEST: Final = 1 << 32
#: The child imports from where its parent does, not from the folder that somebody happens to stand in.
_PROGRAM: Final = "import sys; sys.path[:] = sys.argv[1:]; from bptt_viz.derivation.worker import main; main()"


class Request(Struct, frozen=True, eq=False):
    """Derive the terms of a window."""

    number: int
    window: Window


class Cancel(Struct, frozen=True):
    """Leave off deriving."""


class Ready(Struct, frozen=True):
    """SymPy is loaded."""


class Found(Struct, frozen=True, eq=False):
    """One term of request ``number``."""

    number: int
    term: Term


class Ended(Struct, frozen=True):
    """Nothing more comes for request ``number``: all is derived, or it was cancelled, or ``failure`` says why not."""

    number: int
    failure: str = ""


Answer = Ready | Found | Ended


class WireError(Exception):
    """The other side has gone, or speaks of something else."""


def command() -> tuple[str, ...]:
    """How the process is started."""
    return (sys.executable, "-c", _PROGRAM, *sys.path)


def packed(message: Request | Cancel | Answer) -> bytes:
    """A message as it is sent."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return _HEADER.pack(len(body)) + body


HEADER_SIZE: Final = _HEADER.size


def body_size(header: bytes) -> int:
    """How many bytes follow.

    Raises
    ------
    WireError
        If the header is incomplete or absurd.
    """
    size: int = _HEADER.unpack(header)[0] if len(header) == HEADER_SIZE else _LONGEST
    if size >= _LONGEST:
        raise WireError
    return size


def unpacked(body: bytes) -> object:
    """The message.

    Raises
    ------
    WireError
        If it is none.
    """
    try:
        return pickle.loads(body)  # noqa: S301  # both ends are this program, and the pipe is theirs alone
    except Exception as error:  # pickle raises whatever the bytes make it call
        raise WireError from error


def receive(stream: BinaryIO) -> object:
    """The next message of a stream; waits for it.

    Raises
    ------
    WireError
        If there will be none.
    """
    return unpacked(stream.read(body_size(stream.read(HEADER_SIZE))))
