"""The command: measure, print the table, and where asked write the page or fail for a missed target."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import derivation, memory, report, screen
from benchmarks.programs import ROOT, environment, floor, program
from benchmarks.terminal import TerminalError
from benchmarks.trace import TraceRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.report import Row

PAGE: Final = ROOT / "docs" / "benchmarks.md"
#: Exit statuses besides 0.
MISSED, FAILED = 1, 2
GROUPS: Final = (
    *("start", "keys", "cells", "length", "held", "deriving", "complete", "summing", "imports", "memory", "trace"),
)


def main() -> int:
    """Measure; gives the exit status."""
    options = _options()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        around = environment(folder)
        trace = TraceRows(options.torch_python, around)
        rounds: int = options.rounds
        groups: dict[str, Callable[[], Iterator[Row]]] = {
            "start": lambda: screen.start(around, 3 * rounds),
            "keys": lambda: screen.keys(around, rounds),
            "cells": lambda: screen.cells(around, folder, rounds),
            "length": lambda: screen.length(around, folder, rounds),
            "held": lambda: screen.held(around, folder, rounds),
            "deriving": lambda: derivation.deriving(around, rounds),
            "complete": lambda: derivation.complete(around, folder, rounds),
            "summing": lambda: derivation.summing(around, folder, rounds),
            "imports": lambda: screen.imports(around, folder),
            "memory": lambda: memory.rows(around),
            "trace": lambda: trace.rows(3 * rounds),
        }
        try:
            for warm_up in (program, floor):  # compiles every module once
                with warm_up(around) as terminal:
                    terminal.start()
            derivation.warm_up(around)
            print(*report.table(()), sep="\n", flush=True)
            for group in options.only or GROUPS:
                for row in groups[group]():
                    rows.append(row)
                    print(report.table([row])[-1], flush=True)
        except (TerminalError, OSError, subprocess.CalledProcessError) as error:
            print(f"could not measure: {error}", file=sys.stderr)
            return FAILED
        if options.write:
            PAGE.parent.mkdir(exist_ok=True)
            PAGE.write_text(report.page(rows, rounds, trace.torch_version), encoding="utf-8")
    return MISSED if options.check and any(row.verdict == "missed" for row in rows) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="pairs per row; start and trace take three times as many")
    parser.add_argument("--only", choices=GROUPS, action="append", help="this group of rows; may be repeated")
    parser.add_argument("--write", action="store_true", help=f"save the table as {PAGE.relative_to(ROOT)}")
    parser.add_argument("--check", action="store_true", help="exit with status 1 if a target is missed")
    parser.add_argument(
        "--torch-python", default=sys.executable, metavar="PATH", help="an interpreter with torch, numpy and msgspec"
    )
    options = parser.parse_args()
    if options.write and options.only:
        parser.error("--write needs all rows, --only leaves some out")
    return options


sys.exit(main())
