"""Arithmetic that a reader can check: what is written out (``tanh(0.6·0.5 + (−0.2))``) is parsed and evaluated.

Each number stands for all that would be written so: interval arithmetic gives what the line can mean,
and the value in the trace has to lie in it.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lessons import LESSONS
from networks import KINDS, name_of, trace_of, truncated_networks
from test_generic_cells import STACKS
from test_oracle import CASES, FOLDER
from test_working import recorded, unknown_to_the_program, walk

import bptt_viz
from bptt_viz import engine
from bptt_viz.arithmetic import in_numbers
from bptt_viz.notation import GOODFELLOW
from bptt_viz.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.tracing import Trace


class Interval(NamedTuple):
    """All numbers between two; arithmetic on ends."""

    low: float
    high: float

    @classmethod
    def around(cls, ends: list[float]) -> Interval:
        return cls(min(ends), max(ends))

    def plus(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def minus(self, other: Interval) -> Interval:
        return Interval(self.low - other.high, self.high - other.low)

    def times(self, other: Interval) -> Interval:
        return Interval.around([a * b for a in self for b in other])

    def over(self, other: Interval) -> Interval:
        assert other.low > 0
        return Interval.around([a / b for a in self for b in other])

    def squared(self) -> Interval:
        ends = [self.low**2, self.high**2]
        return Interval(0.0 if self.low < 0 < self.high else min(ends), max(ends))

    def through(self, function: Callable[[float], float]) -> Interval:
        """The image under a function that never decreases."""
        return Interval(function(self.low), function(self.high))


FUNCTIONS: dict[str, Callable[[float], float]] = {
    "tanh": math.tanh,
    "σ": lambda a: 1 / (1 + math.exp(-a)),
    "relu": lambda a: max(a, 0.0),
    "id": lambda a: a,
    "exp": math.exp,
    "√": lambda a: math.sqrt(max(a, 0.0)),
    "log": lambda p: math.log(p) if p > 0 else -math.inf,
}
TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?(?:e−?\d+)?|tanh|relu|exp|log|id|σ|√|[-+−·/|()\[\]>²½])")


class Reader:
    """A recursive descent through one line of arithmetic; juxtaposition multiplies, as on a board."""

    def __init__(self, text: str, read: Callable[[str], Interval] | None = None) -> None:
        self._read = read or number
        self._tokens: list[str] = []
        place = 0
        while place < len(text):
            found = TOKEN.match(text, place)
            assert found, f"cannot read {text!r} at {text[place:]!r}"
            self._tokens.append(found[1])
            place = found.end()
        self._tokens.append("")
        self._text = text

    def whole(self) -> Interval:
        value = self._sum()
        assert self._tokens == [""], f"{self._tokens} left of {self._text!r}"
        return value

    def _take(self, *wanted: str) -> str:
        return self._tokens.pop(0) if self._tokens[0] in wanted else ""

    def _sum(self) -> Interval:
        value = Interval(0.0, 0.0).minus(self._product()) if self._take("−") else self._product()
        while sign := self._take("+", "−"):
            value = value.plus(self._product()) if sign == "+" else value.minus(self._product())
        return value

    def _product(self) -> Interval:
        value = self._factor()
        while self._tokens[0] not in ("", "+", "−", ")", "]", ">", "|"):
            value = value.over(self._factor()) if self._take("/") else self._times(value)
        return value

    def _times(self, value: Interval) -> Interval:
        self._take("·")
        return value.times(self._factor())

    def _factor(self) -> Interval:
        word = self._tokens.pop(0)
        if word in FUNCTIONS:
            return self._factor().through(FUNCTIONS[word])
        if word == "|":
            value = self._sum().squared().through(FUNCTIONS["√"])
            assert self._take("|")
        elif word in ("(", "["):
            value = self._sum()
            if self._take(">"):
                value = Interval(*sorted((float(value.low > 0), float(value.high > self._sum().low))))
            assert self._tokens.pop(0) == {"(": ")", "[": "]"}[word]
        else:
            value = Interval(0.5, 0.5) if word == "½" else self._read(word)
        return value.squared() if self._take("²") else value


def number(word: str) -> Interval:
    """What may be written so: half a unit of the last digit to either side; trailing zeros are not written."""
    digits, _, power = word.replace("−", "-").partition("e")
    value = float(f"{digits}e{power or 0}")
    decimals = len(digits.partition(".")[2]) if power else 4
    half = 0.5 * 10.0 ** (int(power or 0) - decimals) * (1 + 1e-9)
    return Interval(value - half, value + half) if value else Interval(0.0, 0.0)


def significant_number(word: str) -> Interval:
    """The same where six significant digits are written, trailing zeros left out."""
    value = float(word.replace("−", "-"))
    half = 0.5 * 10.0 ** (math.floor(math.log10(abs(value))) - 5) * (1 + 1e-9) if value else 0.0
    return Interval(value - half, value + half)


def contains(text: str, value: float, read: Callable[[str], Interval] = number) -> None:
    """The written arithmetic gives the value, as exactly as its digits tell."""
    interval = Reader(text, read).whole()
    slack = 1e-9 * (1 + abs(value))
    assert interval.low - slack <= value <= interval.high + slack, (text, interval, value)


def check_arithmetic(trace: Trace) -> int:
    """What is written out evaluates to the trace's values; gives how many such lines there were."""
    lines = 0
    for step, parameter, found in walk(trace):
        kind = step.operation.kind if step.operation else ""
        for index in range(len(found.counted.values) if found.parts else 0):
            text = GOODFELLOW.write(in_numbers(found.entry(index)))
            if "…" in text:
                continue
            wanted = np.atleast_1d(recorded(trace, step, parameter))
            if kind == "contribution" and wanted.ndim == 2:
                front, row = text.removesuffix(")").split(" · (")
                for entry, value in zip(row.split(", "), wanted[index], strict=True):
                    contains(f"({front})·({entry})", float(value))
            elif kind == "loss":
                # The screen writes "= L_t" beside the entry the step is about, and nothing beside another one.
                contains(text, float(wanted[0] if index == found.focus else found.parts[-2].values[index]))
            else:
                contains(text, float(wanted[index if len(wanted) > 1 else 0]))
            lines += 1
    return lines


@pytest.mark.parametrize("name", LESSONS)
def test_bundled_scenarios(name: str) -> None:
    assert check_arithmetic(bptt_viz.trace(bptt_viz.load(name))) > 30


@settings(max_examples=80)
@given(scenario=st.from_type(Scenario))
def test_any_scenario(scenario: Scenario) -> None:
    assert check_arithmetic(engine.trace(scenario)) > 5


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_every_kind_of_network(kind: tuple[str, int, int, str]) -> None:
    assert check_arithmetic(trace_of(*kind)) > 100


@settings(max_examples=40)
@given(scenario=truncated_networks())
def test_any_network_under_any_truncation(scenario: Scenario) -> None:
    assert check_arithmetic(engine.trace(scenario)) > 5


@pytest.mark.parametrize("case", CASES)
def test_oracle_cases(case: str) -> None:
    assert check_arithmetic(bptt_viz.trace(bptt_viz.load(FOLDER / f"{case}.toml"))) > 20


@pytest.mark.parametrize("stack", STACKS, ids=" + ".join)
def test_cells_that_the_program_does_not_know(stack: tuple[str, ...]) -> None:
    assert check_arithmetic(unknown_to_the_program(stack)) > 100


def test_the_arithmetic_on_the_board_is_exact_enough_to_check() -> None:
    """Intervals of whole numbers would hold anything; those of a bundled scenario are narrow."""
    trace = bptt_viz.trace(bptt_viz.load("length-three"))
    for step, _, found in walk(trace):
        if step.operation is not None and step.operation.kind != "contribution":
            interval = Reader(GOODFELLOW.write(in_numbers(found.entry(0)))).whole()
            assert interval.high - interval.low < 1e-3, GOODFELLOW.write(in_numbers(found.entry(0)))


@pytest.mark.parametrize(
    ("text", "value"),
    [("2.5·(−2) + 1", -4.0), ("−½ (3 − 1)²", -2.0), ("1/4 (1 + 1)", 0.5), ("[(−1) > 0] · 3", 0.0),
     ("−0.5 log 1", 0.0), ("1.00e−3 · 2", 0.002), ("−[1 log 1 + 2]", -2.0)],
)  # fmt: skip
def test_the_reader_itself(text: str, value: float) -> None:
    contains(text, value)
    for wrong in (value + 1e-2, value - 1e-2):
        with pytest.raises(AssertionError):
            contains(text, wrong)
