"""Processes that work for the app: how one starts, and how messages cross its pipes. Imports nothing of the package.

Each message is pickled behind its length. A child lives as long as the pipe that it reads from.
"""

from __future__ import annotations

import os
import pickle
import sys
from struct import Struct as Layout
from threading import Thread
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from queue import SimpleQueue
    from typing import IO

Message = TypeVar("Message")

#: Before each message: how many bytes it has.
_HEADER: Final = Layout(">Q")
HEADER_SIZE: Final = _HEADER.size
#: A longer message is none of ours; whatever network can be typed is far smaller.
_LONGEST: Final = 1 << 32
#: The child imports from where its parent does, not from the folder that somebody happens to stand in.
_PROGRAM: Final = "import sys; sys.path[:] = sys.argv[1:]; from {module} import main; main()"
#: How far a child stands back behind the process that answers keys.
_NICENESS: Final = 10


class WireError(Exception):
    """The other side has gone, or speaks of something else."""


def command(module: str) -> tuple[str, ...]:
    """How a process is started that runs ``main`` of a module."""
    return (sys.executable, "-c", _PROGRAM.format(module=module), *sys.path)


def packed(message: object) -> bytes:
    """A message as it is sent."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return _HEADER.pack(len(body)) + body


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


def receive(stream: IO[bytes]) -> object:
    """The next message of a stream; waits for it.

    Raises
    ------
    WireError
        If there will be none.
    """
    return unpacked(stream.read(body_size(stream.read(HEADER_SIZE))))


def begin(waiting: SimpleQueue[Message], kinds: tuple[type[Message], ...]) -> Callable[[object], None]:
    """Begin to work, in the child: messages of those kinds come into the queue; gives what sends one back.

    Where the input ends or brings anything else, the process ends, whatever it is doing.
    """
    stream, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # What a library might print is not an answer.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if sys.platform != "win32":
        os.nice(_NICENESS)
    Thread(target=_listen, args=(stream, waiting, kinds), daemon=True).start()

    def say(message: object) -> None:
        answers.write(packed(message))
        answers.flush()

    return say


def _listen(stream: IO[bytes], waiting: SimpleQueue[Message], kinds: tuple[type[Message], ...]) -> None:
    try:
        while isinstance(message := receive(stream), kinds):
            waiting.put(message)
    except (WireError, OSError):
        pass
    finally:
        # Not sys.exit, which would end this thread only, and wait for the work.
        os._exit(0)
