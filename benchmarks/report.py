"""Ratios of pairs, the rows they make, and the page they are written to."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import median, quantiles
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Verdict = Literal["met", "missed", "—", "skipped"]
_LIBRARIES: Final = ("textual", "rich", "numpy", "sympy", "msgspec", "click")


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    target: str
    measured: str
    seen: str
    verdict: Verdict


@dataclass(frozen=True)
class Pairs:
    """Two programs measured in turn, in seconds; ``ours`` is the one whose speed is in question."""

    ours: Sequence[float]
    other: Sequence[float]

    @property
    def ratios(self) -> list[float]:
        """Ours as a multiple of the other, pair by pair."""
        return [mine / theirs for mine, theirs in zip(self.ours, self.other, strict=True)]

    @property
    def seen(self) -> str:
        """The two medians, in milliseconds."""
        return f"{1e3 * median(self.ours):.1f} : {1e3 * median(self.other):.1f} ms"


def p95(values: Sequence[float]) -> float:
    """The 95th percentile."""
    return quantiles(values, n=20, method="inclusive")[-1]


def at_most(what: str, pairs: Pairs, limit: float | None) -> Row:
    """A row whose target is an upper bound; None if it has no target."""
    verdict: Verdict = "—" if limit is None else "met" if median(pairs.ratios) <= limit else "missed"
    return Row(what, "—" if limit is None else f"≤ {limit:g}", _spread(pairs.ratios), pairs.seen, verdict)


def within(what: str, pairs: Pairs, seconds: float) -> Row:
    """A row whose target is a time; what it is compared with tells of the machine."""
    verdict: Verdict = "met" if median(pairs.ours) <= seconds else "missed"
    return Row(what, f"≤ {seconds:g} s", _spread(pairs.ratios), pairs.seen, verdict)


def times_faster(what: str, pairs: Pairs, limit: float) -> Row:
    """A row whose target is a lower bound of how many times faster ours is."""
    ratios = [1.0 / ratio for ratio in pairs.ratios]
    return Row(what, f"≥ {limit:g}", _spread(ratios), pairs.seen, "met" if median(ratios) >= limit else "missed")


def skipped(what: str, target: str, reason: str) -> Row:
    """A row that could not be measured here."""
    return Row(what, target, "not measured", reason, "skipped")


def page(rows: Iterable[Row], rounds: int, torch_version: str | None) -> str:
    """The whole page, in Markdown."""
    versions = [f"{name} {version(name)}" for name in _LIBRARIES]
    if torch_version:
        versions.append(f"torch {torch_version}")
    today = datetime.now(tz=UTC).date().isoformat()
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return "\n".join(
        (
            "# Benchmarks",
            "",
            "Made by `python -m benchmarks --write`. Both sides of a ratio are measured in turn within one run",
            f"({rounds} rounds, and three times as many of the start and the trace); the median of the pairs' ratios",
            "is given with the smallest and the largest: a wide range tells of a machine that had other things to do.",
            "The terminal is 120×40. The floor is a Textual app of one line that imports numpy: less cannot be had.",
            "A key counts as pressed while SymPy derives, or while a ledger is summed, if the process that derives, or",
            "the thread that sums, used at least 2 ms of a processor before the key was answered.",
            "",
            f"{today} · {machine} · {', '.join(versions)}",
            "",
            *table(rows),
            "",
        )
    )


def table(rows: Iterable[Row]) -> list[str]:
    """The rows as a Markdown table."""
    head = ["| what | target | ratio (smallest..largest) | medians | verdict |", "| --- | --- | --- | --- | --- |"]
    return head + [f"| {row.what} | {row.target} | {row.measured} | {row.seen} | {row.verdict} |" for row in rows]


def _spread(ratios: Sequence[float]) -> str:
    return f"{median(ratios):.2f} ({min(ratios):.2f}..{max(ratios):.2f})"
