"""How much work a program did beside answering keys: its child processes', its other threads'. Linux's ``/proc``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_PROC: Final = Path("/proc")
_NANOSECOND: Final = 1e-9
#: Why rows that need to know it are left out elsewhere.
UNKNOWN: Final = "needs Linux: whether a process works is read in /proc"


def known() -> bool:
    """Whether the system tells what processes do."""
    return (_PROC / "self" / "schedstat").exists() and bool(list(_PROC.glob("self/task/*/children")))


def of_children(pid: int) -> float:
    """Seconds of processor time that the children of a process have used so far."""
    listed = (_read(file) for file in _PROC.glob(f"{pid}/task/*/children"))
    children = [child for line in listed for child in line.split()]
    return sum(_seconds(_PROC.glob(f"{child}/task/*/schedstat")) for child in children)


def of_other_threads(pid: int) -> float:
    """Seconds of processor time that the threads of a process besides its first have used so far."""
    return _seconds(file for file in _PROC.glob(f"{pid}/task/*/schedstat") if file.parent.name != str(pid))


def _seconds(files: Iterable[Path]) -> float:
    return sum(int(line.split()[0]) * _NANOSECOND for file in files if (line := _read(file)))


def _read(file: Path) -> str:
    """What a file says; nothing if what it tells of has ended."""
    try:
        return file.read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return ""
