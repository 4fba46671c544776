"""The axes of a plot: values are in the rows and steps in the columns of their labels, which people would write."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plots import SCALES, inside, plot_of, text, value

from bptt_viz.views.plot import Curve, Mark, Plot, Scale, draw_plot
from bptt_viz.views.plot_axes import horizontal_axis, linear_axis, log_axis


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("height", [8, 11, 16, 30])
def test_a_value_is_in_the_row_of_its_label(scale: Scale, height: int) -> None:
    curve = Curve("", np.arange(9.0), np.array([-3.0, -2, -7, -1, 0, -4, -5, -1, 0.5]))
    curve = Curve("", curve.xs, 10**curve.ys) if scale == "log" else curve
    labels = [
        row.split("┤")[0].strip() for row in text(draw_plot(Plot((curve,), scale=scale), 60, height)) if "┤" in row
    ]
    assert len(labels) >= 2
    for label in labels:
        at = math.log10(value(label)) if scale == "exponents" else value(label)
        marked = text(draw_plot(Plot((curve,), scale=scale, marks=(Mark("y", at),)), 60, height))
        assert ["┈" in row for row in marked] == [row.split("┤")[0].strip() == label for row in marked]


@given(st.integers(0, 50), st.integers(1, 300), st.integers(20, 120))
def test_a_step_is_in_the_column_of_its_label(first: int, steps: int, width: int) -> None:
    curve = Curve("", np.arange(first, first + steps + 1.0), np.full(steps + 1, 1.0))
    lines = text(draw_plot(Plot((curve,)), width, 12))
    gutter = lines[-2].index("└") + 1
    ticks = [x for x, glyph in enumerate(lines[-2]) if glyph == "┬"]
    labels = lines[-1].split()
    assert len(labels) == len(ticks) >= 1
    for x, label in zip(ticks, labels, strict=True):
        marked = text(draw_plot(Plot((curve,), marks=(Mark("x", int(label)),)), width, 12))
        assert {row.index("┊") for row in marked if "┊" in row} == {x}
        begins = lines[-1].index(label, max(x - len(label), 0))
        assert begins <= x < begins + len(label) or x < gutter


MODERATE = st.floats(-1e9, 1e9)


@given(MODERATE, MODERATE, st.integers(3, 12))
def test_linear_ticks_are_even_and_say_where_they_are(a: float, b: float, most: int) -> None:
    low, high = min(a, b), max(a, b)
    axis = linear_axis(low, high, most)
    values = np.array([value(tick.label) for tick in axis.ticks])
    assert 2 <= len(values) <= most
    assert np.allclose(axis.places(values), [tick.at for tick in axis.ticks], atol=1e-6)
    steps = np.diff(values)
    assert np.allclose(steps, steps[0], rtol=1e-6)
    mantissa = steps[0] / 10.0 ** math.floor(math.log10(steps[0]) + 1e-9)
    assert np.isclose([1, 2, 5], mantissa, rtol=1e-5).any()
    assert all(len(tick.label) <= 13 for tick in axis.ticks)
    ends = axis.places(np.array([low, high]))
    assert -1e-6 <= ends[0] <= ends[1] <= 1 + 1e-6


@given(st.floats(-5000, 300), st.floats(0, 5000), st.integers(3, 12))
def test_logarithmic_ticks_are_powers_of_ten(low: float, span: float, most: int) -> None:
    axis = log_axis(low, low + span, most)
    labels = [tick.label for tick in axis.ticks]
    assert 2 <= len(labels) <= most
    if span >= 1:
        assert all(label == "1" or label.startswith("1e") for label in labels)
        powers = np.array([0 if label == "1" else int(value(label[2:])) for label in labels], dtype=float)
        assert np.allclose(axis.places(powers), [tick.at for tick in axis.ticks], atol=1e-9)
        assert len(set(np.diff(powers))) == 1
    assert (axis.places(np.array([low, low + span])) >= 0).all()


def test_within_a_decade_the_ticks_are_at_1_2_5() -> None:
    axis = log_axis(math.log10(0.3), math.log10(0.9), 9)
    assert [tick.label for tick in axis.ticks] == ["0.2", "0.5", "1"]
    assert np.allclose(axis.places(np.log10([0.2, 0.5, 1])), [tick.at for tick in axis.ticks])


@pytest.mark.parametrize(
    ("low", "high", "most", "labels"),
    [
        (0, 1, 6, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0.31, 0.38, 3, ["0.30", "0.35"]),
        (0, 3e-8, 5, ["0", "1e−8", "2e−8", "3e−8"]),
        (-1, 1, 3, ["−1", "0", "1"]),
        (0, 4.2e7, 5, ["0", "1e7", "2e7", "3e7", "4e7"]),
    ],
)
def test_labels_as_people_write_them(low: float, high: float, most: int, labels: list[str]) -> None:
    assert [tick.label for tick in linear_axis(low, high, most).ticks] == labels


def test_steps_are_whole() -> None:
    assert [tick.label for tick in horizontal_axis(1, 3, 100, whole=True).ticks] == ["1", "2", "3"]
    assert [tick.label for tick in horizontal_axis(7, 7, 100, whole=True).ticks] == ["7"]


def test_axes_stay_while_a_curve_grows() -> None:
    ys = np.linspace(0, 3, 20)
    frames = [text(draw_plot(plot_of(ys[:n], x_covers=(0.0, 19.0), y_covers=(0.0, 3.0)), 60, 12)) for n in range(1, 21)]
    assert len({tuple(row.split("│")[0].split("┤")[0] for row in frame[:-2]) for frame in frames}) == 1
    assert len({tuple(frame[-2:]) for frame in frames}) == 1


def test_a_mark_is_measured_by_its_own_axis_alone() -> None:
    curve = Curve("", np.array([0.0, 1e300]), np.array([0.0, 1e-200]))
    rows = inside(draw_plot(Plot((curve,), marks=(Mark("x", 5e299),)), 60, 12))
    assert {row.count("┊") for row in rows[:3]} == {1}
