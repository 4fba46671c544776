"""The measurements of the screen: start, keys, long sequences, held keys, and what is imported."""

from __future__ import annotations

import re
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Final

from benchmarks.programs import BACK, ENTER, NEXT, floor, program, program_listing_modules, written
from benchmarks.report import Pairs, Row, at_most, p95
from benchmarks.terminal import PATIENCE, SETTLED, Terminal, TerminalError, first_paint, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

#: Sizes of the bundled sentence.
_HIDDEN, _SYMBOLS = 3, 8
#: Steps walked at each place of the short and the long sequence; the short one has no more behind its middle.
_WALK: Final = 8
#: Most steps walked forward, and back, with each kind of cell.
_CELL_WALK: Final = 60
#: What the timeline says while training runs, and how many updates there are to be before keys are pressed.
_UPDATE: Final = re.compile(r"▶ update (\d+)")
_TRAINED: Final = 1_000
#: Jumps to the middle per round.
_JUMPS: Final = 6
#: A held key: presses per second, and for how many seconds.
_RATE, _SECONDS = 30, 3


def start(around: Mapping[str, str], rounds: int) -> Iterator[Row]:
    """From the start of the process to the first frame with text, and to the last byte before 300 ms of silence."""
    painted: list[tuple[float, float]] = []
    complete: list[tuple[float, float]] = []
    for _ in range(rounds):
        runs = []
        for make in (program, floor):
            with make(around).start() as terminal:
                begin = terminal.started
                runs.append((first_paint(terminal.chunks) - begin, terminal.chunks[-1].at - begin))
        (ours_painted, ours_complete), (floor_painted, floor_complete) = runs
        painted.append((ours_painted, floor_painted))
        complete.append((ours_complete, floor_complete))
    yield at_most("start: first paint, against the floor", _pairs(painted), 1.3)
    yield at_most("start: complete screen, against the floor", _pairs(complete), 1.6)


def keys(around: Mapping[str, str], rounds: int) -> Iterator[Row]:
    """Every step of the default scenario's timeline forward and back, each next to a key of the floor."""
    yield from _against_floor(around, rounds, "key → finished repaint")


def _against_floor(
    around: Mapping[str, str], rounds: int, what: str, *arguments: str, opening: bytes = b"", most: int | None = None
) -> Iterator[Row]:
    """All of the timeline forward and back, but at ``most`` so many keys.

    ``opening`` is pressed before, and starts training; as this paints by itself, a key is answered then once the place
    is shown that it leads to.
    """
    medians: list[tuple[float, float]] = []
    tails: list[tuple[float, float]] = []
    for _ in range(rounds):
        with program(around, *arguments) as ours, floor(around) as least:
            ours.start()
            least.start()
            last = _last_position(ours)
            count = min(last, most or last)
            walk = [(NEXT, at + 1) for at in range(count)] + [(BACK, at) for at in reversed(range(count))]
            if opening:
                ours.press(opening)
                _read_until_trained(ours)
                pressed = [(ours.press_until(key, f"{at}/{last}"), least.press(key)) for key, at in walk]
            else:
                pressed = [(ours.press(key), least.press(key)) for key, _ in walk]
        mine, theirs = zip(*pressed, strict=True)
        medians.append((median(mine), median(theirs)))
        tails.append((p95(mine), p95(theirs)))
    yield at_most(f"{what}, median, against the floor", _pairs(medians), 6)
    yield at_most(f"{what}, 95th percentile, against the floor", _pairs(tails), 8)


def cells(around: Mapping[str, str], folder: Path, rounds: int) -> Iterator[Row]:
    """The same for gated cells and stacks, and while training runs: ``p`` starts it, and it goes on to the end."""
    for what, network, opening in (
        ("lstm", 'cell = "lstm"', b""),
        ("gru", 'cell = "gru"', b""),
        ("lstm, 2 layers", 'cell = "lstm"\nlayers = 2', b""),
        ("rnn, while training runs", 'cell = "rnn"', b"p"),
        ("lstm, while training runs", 'cell = "lstm"', b"p"),
    ):
        file = written(folder, 5, _HIDDEN, _SYMBOLS, network)
        told = f"key → finished repaint, {what}"
        yield from _against_floor(around, rounds, told, file, opening=opening, most=_CELL_WALK)


def length(around: Mapping[str, str], folder: Path, rounds: int) -> Iterator[Row]:
    """The same keys in sequences of 5 and of 10,000 steps; and, to compare, in a large network."""
    files = {
        5: written(folder, 5, _HIDDEN, _SYMBOLS),
        10_000: written(folder, 10_000, _HIDDEN, _SYMBOLS),
        1_000: written(folder, 1_000, 128, 128),
    }
    walks: dict[int, list[float]] = {steps: [] for steps in files}
    jumps: dict[int, list[float]] = {steps: [] for steps in files}
    for _ in range(rounds):
        terminals = {steps: program(around, name) for steps, name in files.items()}
        try:
            for terminal in terminals.values():
                terminal.start()
            walked, jumped = _tour(terminals)
        finally:
            for terminal in terminals.values():
                terminal.close()
        for steps in files:
            walks[steps].append(median(walked[steps]))
            jumps[steps].append(median(jumped[steps]))
    yield at_most("key, T = 10,000 against T = 5", Pairs(walks[10_000], walks[5]), 1.2)
    yield at_most("jump to the middle (`g` … Enter), T = 10,000 against T = 5", Pairs(jumps[10_000], jumps[5]), 1.2)
    yield at_most("key, T = 1,000 and H = D = K = 128 against T = 5", Pairs(walks[1_000], walks[5]), None)


def held(around: Mapping[str, str], folder: Path, rounds: int) -> Iterator[Row]:
    """A key held for three seconds: how long after the last press the screen is done.

    Allowed are one period of the key and one repaint, as it was measured just before.
    """
    file = written(folder, 10_000, _HIDDEN, _SYMBOLS)
    lags: list[tuple[float, float]] = []
    for _ in range(rounds):
        with program(around, file).start() as terminal:
            repaint = median(terminal.press(NEXT) for _ in range(20))
            begin = perf_counter()
            pressed = begin
            for press in range(_RATE * _SECONDS):
                while (wait := begin + press / _RATE - perf_counter()) > 0:
                    terminal.read(wait)
                pressed = terminal.send(NEXT)
            terminal.read(PATIENCE)  # on a busy machine the answer to the last may come after a silence
            lags.append((terminal.until_silent(SETTLED) - pressed, 1 / _RATE + repaint))
    what = f"key held at {_RATE}/s for {_SECONDS} s, T = 10,000: lag after the last, against a period and a repaint"
    yield at_most(what, _pairs(lags), 1)


def imports(around: Mapping[str, str], folder: Path) -> Iterator[Row]:
    """Whether a session on the screen has imported sympy."""
    file = folder / "modules.txt"
    with program_listing_modules(around, file).start() as terminal:
        terminal.press(NEXT)
    modules = set(file.read_text(encoding="utf-8").split())
    there = "sympy" in modules
    seen = f"{len(modules)} modules"
    yield Row("sympy imported by the screen", "no", "yes" if there else "no", seen, "missed" if there else "met")


def _tour(terminals: Mapping[int, Terminal]) -> tuple[dict[int, list[float]], dict[int, list[float]]]:
    """Walks at the beginning, in the middle forward and in the middle backward, and jumps between them."""
    walked: dict[int, list[float]] = {steps: [] for steps in terminals}
    jumped: dict[int, list[float]] = {steps: [] for steps in terminals}

    def walk(key: bytes) -> None:
        for _ in range(_WALK):
            for steps, terminal in terminals.items():
                walked[steps].append(terminal.press(key))

    def jump(phase: str) -> None:
        for steps, terminal in terminals.items():
            for key in f"g{phase}{(steps + 1) // 2}":
                terminal.press(key.encode())
            jumped[steps].append(terminal.press(ENTER))

    walk(NEXT)
    for _ in range(_JUMPS // 2):
        jump("f")
        jump("b")
    jump("f")
    walk(NEXT)
    jump("b")
    walk(NEXT)
    walk(BACK)
    return walked, jumped


def _read_until_trained(terminal: Terminal) -> None:
    """Wait until training, which begins slowly, has so many updates behind it that it goes on at full speed."""
    while terminal.read(PATIENCE):
        told = _UPDATE.findall(visible(terminal.chunks[-1].data))
        if told and int(told[-1]) >= _TRAINED:
            return
    raise TerminalError("training is not seen to go on")


def _last_position(terminal: Terminal) -> int:
    """The last position of the timeline, read off the status ``0/47`` of the screen."""
    for word in visible(terminal.output()).split():
        if word.startswith("0/") and word[2:].isdigit():
            return int(word[2:])
    raise TerminalError("no status like 0/47 on the screen")


def _pairs(pairs: list[tuple[float, float]]) -> Pairs:
    ours, other = zip(*pairs, strict=True)
    return Pairs(ours, other)
