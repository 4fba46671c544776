"""What the app owes the terminal and the process around it: signals, a terminal that goes away, memory. No drawing."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

#: Exit status after an interruption, as shells have it: 128 + the signal's number.
INTERRUPTED: Final = 128 + signal.SIGINT
#: The same for a terminal that went away; SIGHUP itself does not exist everywhere.
HUNG_UP: Final = 128 + 1


def end_with_signals(end: Callable[[int], None]) -> None:
    """Call ``end`` with the exit status when a signal asks the program to end, to leave the terminal in order."""
    if sys.platform == "win32":  # which has neither these signals nor handlers for them
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, end, 128 + number)


def terminal_is_gone() -> bool:
    """Whether the terminal was closed without a signal, as it is for a program in no session of its own."""
    try:
        os.get_terminal_size(sys.__stdin__.fileno() if sys.__stdin__ else 0)
    except OSError:
        return True
    return False


def collect_garbage_again() -> None:
    """Where the start ran without: what it has made stays till the end, so leave that out of every collection."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
