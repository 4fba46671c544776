"""Scales of a plot's axes and the labels of their ticks. Imports nothing of the package.

A step between ticks is an integer times a power of ten, kept as the two integers, so that a label is written from
them and not from a float that nearly is that number.
"""

from __future__ import annotations

import math
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bptt_viz.activations import Array

    _Values = TypeVar("_Values", float, Array)

#: Below this share of their size, differences are too small for labels to tell apart: the values count as equal.
_EQUAL: Final = 1e-6
#: Sizes below this count as 0; above 10 to this power there is no float to take a step with.
_NOTHING: Final = 1e-300
_LEAST_POWER: Final = -300
_LARGEST_POWER: Final = 308
#: Powers of ten that a label writes out.
_WRITTEN_OUT: Final = range(-3, 6)
#: Logarithms beyond this are taken a decade at a time, however close they are.
_FINE: Final = 400

#: An axis is prolonged to a tick that is nearer than this, in steps.
_NEAR: Final = 0.3
#: Blanks that keep two labels apart.
_BETWEEN: Final = 3

Step = tuple[int, int]


class Tick(Struct, frozen=True):
    """A labelled place of an axis; ``at`` from 0, its low end, to 1."""

    at: float
    label: str


class Axis(Struct, frozen=True):
    """A linear map of values to 0..1.

    Attributes
    ----------
    low, high
        The ends, in steps.
    step
        (m, e): the step is m·10ᵉ.
    ticks
        From low to high.
    """

    low: float
    high: float
    step: Step
    ticks: tuple[Tick, ...]

    def places(self, values: Array) -> Array:
        """Finite values → 0..1, same shape; what is beyond an end is put there."""
        clipped: Array = ((_in_steps(values, self.step) - self.low) / (self.high - self.low)).clip(0.0, 1.0)
        return clipped


#: The axis of a plot that has no values.
UNMARKED: Final = Axis(0.0, 1.0, (1, 0), ())


def linear_axis(low: float, high: float, most: int) -> Axis:
    """An axis over ``low`` to ``high`` with 2 to ``most`` ticks, ``most`` being at least 3."""
    low, high = _apart(low, high)
    return _with_ticks(low, high, most, _one_two_five(low, high), _labels)


def log_axis(low: float, high: float, most: int) -> Axis:
    """The same for logarithms to base 10, over whole decades; within one decade there are ticks at 1, 2, 5."""
    if high - low < 1 and max(abs(low), abs(high)) < _FINE:
        return _within_decade(low, high, most)
    low, high = _apart(low, high)
    ends = float(math.floor(low)), float(math.ceil(high))
    return _with_ticks(*ends, most, _decades(*ends), _powers)


def horizontal_axis(low: float, high: float, width: int, *, whole: bool) -> Axis:
    """An axis from ``low`` to ``high`` with as many ticks as have room in ``width`` cells.

    Parameters
    ----------
    whole
        That there are no values between the integers, hence no ticks there.
    """
    low, high = (low - 0.5, high + 0.5) if low == high and abs(low) < 1 / _EQUAL and whole else _apart(low, high)
    for step in _one_two_five(low, high):
        start, end = _in_steps(low, step), _in_steps(high, step)
        numbers = range(_ceil(start), _floor(end) + 1)
        if not numbers:
            break
        if (whole and step[1] < 0) or 4 * len(numbers) > width + 4:
            continue
        ticks = _ticks(numbers, start, end, _labels([number * step[0] for number in numbers], step[1]))
        if spread(ticks, width) is not None:
            return Axis(start, end, step, ticks)
    return Axis(start, end, step, ())


def spread(ticks: tuple[Tick, ...], width: int) -> list[tuple[int, str]] | None:
    """Where each label begins, in its place's middle as far as the ends allow; None if two come too close."""
    placed: list[tuple[int, str]] = []
    free = 0
    for tick in ticks:
        start = column(tick, width) - (len(tick.label) - 1) // 2
        start = min(max(start, 0), width - len(tick.label))
        if start < free:
            return None
        placed.append((start, tick.label))
        free = start + len(tick.label) + _BETWEEN
    return placed


def column(tick: Tick, width: int) -> int:
    """The cell of a tick: that of its dot, of which a cell has two."""
    return round(tick.at * (2 * width - 1)) // 2


def _with_ticks(
    low: float, high: float, most: int, steps: Iterator[Step], labels: Callable[[list[int], int], list[str]]
) -> Axis:
    """An axis with the finest steps that give at most so many ticks, widened where there were fewer than two."""
    for step in steps:
        start, end = _in_steps(low, step), _in_steps(high, step)
        numbers = range(_ceil(start - _NEAR), _floor(end + _NEAR) + 1)
        if len(numbers) < 2:
            numbers = range(_floor(start), _ceil(end) + 1)
        start, end = min(start, numbers[0]), max(end, numbers[-1])
        if len(numbers) <= max(most, 3):
            break
    return Axis(
        start, end, step, _ticks(numbers, start, end, labels([number * step[0] for number in numbers], step[1]))
    )


def _ticks(numbers: range, start: float, end: float, labels: list[str]) -> tuple[Tick, ...]:
    return tuple(Tick((number - start) / (end - start), label) for number, label in zip(numbers, labels, strict=True))


def _within_decade(low: float, high: float, most: int) -> Axis:
    places = [
        (power + math.log10(digit), (digit, power))
        for power in range(math.floor(low) - 1, math.ceil(high) + 2)
        for digit in (1, 2, 5)
    ]
    first = max(i for i, (at, _) in enumerate(places) if at <= low + 1e-9)
    last = min(i for i, (at, _) in enumerate(places) if at >= high - 1e-9)
    if first == last:
        first, last = first - 1, last + 1
    start, end = places[first][0], places[last][0]
    marked = places[first : last + 1]
    if len(marked) > max(most, 3):
        marked = [marked[0], marked[-1]]
    ticks = tuple(Tick((at - start) / (end - start), _labels([digit], power)[0]) for at, (digit, power) in marked)
    return Axis(start, end, (1, 0), ticks)


def _apart(low: float, high: float) -> tuple[float, float]:
    """The range, or one around it where its ends are the same for all that can be seen."""
    size = max(abs(low), abs(high))
    if size < _NOTHING:
        return -1.0, 1.0
    if high - low > _EQUAL * size:
        return low, high
    largest = sys.float_info.max
    return max(low - size / 2, -largest), min(high + size / 2, largest)


def _one_two_five(low: float, high: float) -> Iterator[Step]:
    """Steps from too fine on, as far as there are floats."""
    start = max(math.floor(math.log10(max(high / 2 - low / 2, _NOTHING))) - 3, _LEAST_POWER)
    return ((digit, power) for power in range(start, _LARGEST_POWER + 1) for digit in (1, 2, 5))


def _decades(low: float, high: float) -> Iterator[Step]:
    """Numbers of decades, whole; closer to each other than 1, 2, 5, as an axis widened to them loses room."""
    start = max(math.floor(math.log10(high / 2 - low / 2)) - 3, 0)
    if start == 0:
        yield from ((digit, 0) for digit in (1, 2, 3, 4, 5, 6, 8))
    for power in range(start, _LARGEST_POWER):
        yield from ((digits, power) for digits in (10, 12, 15, 20, 25, 30, 40, 50, 60, 80))


def _in_steps(values: _Values, step: Step) -> _Values:
    return values / 10.0 ** step[1] / step[0]


def _floor(value: float) -> int:
    return math.floor(value + 1e-9)


def _ceil(value: float) -> int:
    return math.ceil(value - 1e-9)


def _labels(numbers: list[int], power: int) -> list[str]:
    """The numbers times 10 to the power: all written out to as many decimals, or all with exponents; 0 is ``0``."""
    largest = max(len(str(abs(number))) for number in numbers) - 1 + power
    write = _written if largest in _WRITTEN_OUT else _scientific
    return [write(number, power) if number else "0" for number in numbers]


def _written(number: int, power: int) -> str:
    return f"{Decimal(number).scaleb(power):f}".replace("-", "−")


def _scientific(number: int, power: int) -> str:
    digits = str(abs(number))
    rest = digits[1:].rstrip("0")
    exponent = _exponent(power + len(digits) - 1)
    return ("−" if number < 0 else "") + digits[0] + (f".{rest}" if rest else "") + exponent


def _powers(numbers: list[int], power: int) -> list[str]:
    """10 to the numbers times 10 to the power."""
    return ["1" + _exponent(number * 10**power) if number else "1" for number in numbers]


def _exponent(value: int) -> str:
    return f"e{value}".replace("-", "−")
