"""What is run in the terminal: the program, the floor, and scenarios made for the measurements."""

from __future__ import annotations

import os
import random
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT: Final = Path(__file__).resolve().parent.parent

#: What the installed ``bptt-viz`` does, and the same for the floor.
_PROGRAM: Final = "from bptt_viz.cli import main; main()"
_FLOOR: Final = "from benchmarks.floor import main; main()"
#: Writes the names of all imported modules to a file when the program ends.
_LISTING: Final = "import atexit, sys; atexit.register(lambda: open({file!r}, 'w').write(' '.join(sys.modules))); "
#: Variables that would make this terminal or this Python another than a person's.
_FOREIGN: Final = ("PYTHON", "TEXTUAL", "BPTT_VIZ", "NO_COLOR", "FORCE_COLOR", "TERM_PROGRAM")

NEXT: Final = b"\x1b[C"
BACK: Final = b"\x1b[D"
ENTER: Final = b"\r"
TAB: Final = b"\t"
NEXT_TIME_STEP: Final = b"L"
PARAMETER: Final = b"w"


def environment(folder: Path) -> dict[str, str]:
    """A usual terminal; bytecode is kept, as after an installation, but in ``folder``, not beside the sources."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return kept | {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
    }


def program(around: Mapping[str, str], *arguments: str) -> Terminal:
    """The program, started."""
    return Terminal([sys.executable, "-c", _PROGRAM, *arguments], around)


def program_listing_modules(around: Mapping[str, str], file: Path) -> Terminal:
    """The program, started; when it ends it leaves the names of its modules in ``file``."""
    return Terminal([sys.executable, "-c", _LISTING.format(file=str(file)) + _PROGRAM], around)


def floor(around: Mapping[str, str]) -> Terminal:
    """The floor, started."""
    return Terminal([sys.executable, "-c", _FLOOR], around)


def scenario(steps: int, hidden: int, symbols: int, network: str = 'cell = "rnn"') -> str:
    """A scenario file of ``steps`` time steps; the weights are orthogonal, so that nothing overflows."""
    draw = random.Random(steps)  # noqa: S311  (no secret)
    vocabulary = [f"w{k}" for k in range(symbols)]
    tokens = draw.choices(vocabulary, k=steps + 1)
    return "\n".join(
        (
            'title = "generated"',
            "[sequence]",
            f"tokens = {_strings(tokens)}",
            f"vocabulary = {_strings(vocabulary)}",
            "[network]",
            network,
            f"hidden_size = {hidden}",
            "bias = true",
            "[network.initial]",
            'method = "orthogonal"',
            "[loss]",
            'kind = "cross_entropy"',
            "",
        )
    )


def written(folder: Path, steps: int, hidden: int, symbols: int, network: str = 'cell = "rnn"') -> str:
    """A scenario as a file in ``folder``; gives its path."""
    file = folder / f"t{steps}-h{hidden}-{zlib.crc32(network.encode())}.toml"
    file.write_text(scenario(steps, hidden, symbols, network), encoding="utf-8")
    return str(file)


def _strings(words: list[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"
