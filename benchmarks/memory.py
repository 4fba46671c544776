"""How the memory of the triangle of term norms grows: ``python -m benchmarks.memory`` prints two peaks as JSON.

The peaks are those of one whole trace with all its norms, as ``tracemalloc`` counts them, in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from benchmarks.programs import scenario
from benchmarks.report import Pairs, Row, at_most
from bptt_viz import engine, loading
from bptt_viz.network import build

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STEPS: Final = 1000
SIZE: Final = 128
#: Bytes of a number, and of the unit that is printed.
_NUMBER: Final = 8
_MEGABYTE: Final = 1e6


def rows(around: Mapping[str, str]) -> Iterator[Row]:
    """The peak, in units of (T² + T·H) numbers a parameter, and against the T·H² of keeping every step's matrix."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory"], env=dict(around), stdout=subprocess.PIPE, text=True, check=True
    )
    measured = json.loads(done.stdout)
    unit = measured["parameters"] * (STEPS**2 + STEPS * SIZE) * _NUMBER
    every_step = measured["matrices"] * STEPS * SIZE**2 * _NUMBER
    what = f"memory of the triangle, T = {STEPS:,}, H = {SIZE}"
    for against, limit, size in (
        ("T² + T·H numbers a parameter", 2.0, unit),
        ("T·H² numbers a matrix", 0.5, every_step),
    ):
        row = at_most(f"{what}, against {against}", Pairs([measured["peak"]], [size]), limit)
        yield replace(row, seen=f"{measured['peak'] / _MEGABYTE:.1f} : {size / _MEGABYTE:.1f} MB")


def measure() -> dict[str, int]:
    """The peak in bytes, and how many parameters and matrices there are."""
    parsed = loading.parse(scenario(STEPS, SIZE, SIZE).encode(), "generated")
    network = build(parsed)
    tracemalloc.start()
    norms = engine.run(parsed, network).triangle
    _, peak = tracemalloc.get_traced_memory()
    matrices = sum(parameter.ndim > 1 for parameter in network.parameters.values())
    return {"peak": peak, "parameters": len(norms), "matrices": matrices}


if __name__ == "__main__":
    print(json.dumps(measure()))
