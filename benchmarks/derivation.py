"""The measurements of what goes on behind the keys: the derivation in its process, the ledger's sum in its thread."""

from __future__ import annotations

import subprocess
import sys
from itertools import cycle, islice
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Final

from benchmarks import processes
from benchmarks.programs import BACK, NEXT, NEXT_TIME_STEP, PARAMETER, TAB, program, written
from benchmarks.report import Pairs, Row, at_most, skipped, within
from benchmarks.terminal import SETTLED, TerminalError, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from benchmarks.terminal import Terminal

#: Sizes of the bundled sentence.
_HIDDEN, _SYMBOLS = 3, 8
#: U, W, V, b and c: each has terms of its own to be derived and summed.
_PARAMETERS: Final = 5
#: Steps that are derived at a time.
_WINDOW: Final = 3
#: Seconds of processor time during one key, from which on a process or a thread counts as at work.
_AT_WORK: Final = 0.002
#: Keys walked forward, and then one less back, over and over; from the start this stays within five steps.
_FORWARD: Final = 20
#: The most keys for one parameter: nothing takes as long.
_MOST_KEYS: Final = 200
#: Seconds without a repaint after which the derivation must be complete: SymPy's import is silent for less.
_COMPLETE: Final = 3.0
#: The least that any derivation needs: a process that stands back as far as the one that derives.
_ONLY_SYMPY: Final = "import os; os.nice(10); import sympy"


def warm_up(around: Mapping[str, str]) -> None:
    """Have SymPy's modules compiled, which takes longer than all that is measured here."""
    with program(around).start() as terminal:
        _complete_after(terminal, NEXT, 10 * _COMPLETE)


def deriving(around: Mapping[str, str], rounds: int) -> Iterator[Row]:
    """Keys pressed while SymPy derives, and the same keys where Tab has put the numbers in the panel's place.

    Both are fresh. The first key starts the process; when it rests, the next parameter is asked for. Only those keys
    count during which it worked. The other program answers them right after, so that it is not held up by it too.
    """
    for what, opening, limit in (
        ("key while SymPy derives, its panel open, against the numbers in its place", b"", 1.5),
        ("key while SymPy derives, its panel large (`d`), against the numbers", b"d", None),
    ):
        if not processes.known():
            yield skipped(what, "—" if limit is None else f"≤ {limit:g}", processes.UNKNOWN)
            continue
        pairs, count = [], 0
        for _ in range(rounds):
            with program(around) as opened, program(around) as closed:
                opened.start()
                closed.start().press(TAB)
                if opening:
                    opened.press(opening)
                pressed = _compared(_while_working(opened, processes.of_children), closed)
            pairs.append(_medians(pressed))
            count += len(pressed)
        yield at_most(f"{what}; {count} keys", _pairs(pairs), limit)


def complete(around: Mapping[str, str], folder: Path, rounds: int) -> Iterator[Row]:
    """From the first key, which starts the process, to the last repaint of the panel; then for other numbers."""
    first: list[tuple[float, float]] = []
    other: list[tuple[float, float]] = []
    one, two = (written(folder, steps, _HIDDEN, _SYMBOLS) for steps in (_WINDOW, 2 * _WINDOW))
    for _ in range(rounds):
        with program(around, one).start() as terminal:
            ours = _complete_after(terminal, NEXT, _COMPLETE, "(1,1)")
        begin = perf_counter()
        subprocess.run([sys.executable, "-c", _ONLY_SYMPY], env=dict(around), check=True)
        first.append((ours, perf_counter() - begin))
        with program(around, two).start() as terminal:
            before = _complete_after(terminal, NEXT, _COMPLETE, "(1,1)")
            for _ in range(_WINDOW):
                _complete_after(terminal, NEXT_TIME_STEP, SETTLED)
            other.append((_complete_after(terminal, NEXT_TIME_STEP, SETTLED, "(4,4)"), before))
    what = "derivation for W, T = 3, H = 3, from the first key to complete, against `import sympy` in a process"
    yield within(what, _pairs(first), 2.0)
    what = "the same for the next three steps: other numbers in the symbols that are kept, against the first"
    yield at_most(what, _pairs(other), None)


def summing(around: Mapping[str, str], folder: Path, rounds: int) -> Iterator[Row]:
    """Keys pressed while the ledger of 10,000 steps is summed for one parameter after the other, and those of 5."""
    what = "key while the ledger of T = 10,000 is summed, against T = 5"
    if not processes.known():
        yield skipped(what, "—", processes.UNKNOWN)
        return
    long, short = (written(folder, steps, _HIDDEN, _SYMBOLS) for steps in (10_000, 5))
    pairs, count = [], 0
    for _ in range(rounds):
        with program(around, long) as ours, program(around, short) as other:
            ours.start()
            other.start()
            for terminal in (ours, other):
                # SymPy's import is over, and so is the sum for the first parameter.
                _complete_after(terminal, NEXT, _COMPLETE)
            pressed = _compared(_while_working(ours, processes.of_other_threads, asked=True), other)
        pairs.append(_medians(pressed))
        count += len(pressed)
    yield at_most(f"{what}; {count} keys", _pairs(pairs), None)


def _while_working(
    terminal: Terminal, work: Callable[[int], float], *, asked: bool = False
) -> list[tuple[bytes, float | None]]:
    """Keys pressed for each parameter as long as ``work`` goes on, and their seconds; None where it did not.

    The first parameter is left out where it was ``asked`` for before.
    """
    keys = cycle((NEXT,) * _FORWARD + (BACK,) * (_FORWARD - 1))
    pressed: list[tuple[bytes, float | None]] = []
    for parameter in range(asked, _PARAMETERS):
        if parameter:
            terminal.press(PARAMETER)
            pressed.append((PARAMETER, None))
        for key in islice(keys, _MOST_KEYS):
            before = work(terminal.pid)
            seconds = terminal.press(key)
            worked = work(terminal.pid) - before >= _AT_WORK
            pressed.append((key, seconds if worked else None))
            if not worked:
                break
    return pressed


def _compared(pressed: list[tuple[bytes, float | None]], other: Terminal) -> list[tuple[float, float]]:
    """The seconds of the keys that count, and those of the same keys in another program."""
    again = [(mine, other.press(key)) for key, mine in pressed]
    return [(mine, theirs) for mine, theirs in again if mine is not None]


def _complete_after(terminal: Terminal, key: bytes, silence: float, last: str = "") -> float:
    """Press a key; gives the seconds until the last byte before ``silence`` seconds without any.

    Raises
    ------
    TerminalError
        If there is no answer, or ``last``, which the derivation shows when it is complete, is not in it.
    """
    while terminal.read(0.0):
        pass
    before = len(terminal.output())
    pressed = terminal.send(key)
    if not terminal.read(silence):
        raise TerminalError(f"no answer to {key!r}")
    seconds = terminal.until_silent(silence) - pressed
    if last not in visible(terminal.output()[before:]):
        raise TerminalError(f"no term {last} after {seconds:.1f} seconds")
    return seconds


def _medians(pressed: list[tuple[float, float]]) -> tuple[float, float]:
    if not pressed:
        raise TerminalError("nothing went on behind any key")
    mine, theirs = zip(*pressed, strict=True)
    return median(mine), median(theirs)


def _pairs(pairs: list[tuple[float, float]]) -> Pairs:
    ours, other = zip(*pairs, strict=True)
    return Pairs(ours, other)
