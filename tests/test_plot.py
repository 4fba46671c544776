"""Curves and bands are read back from a plot and compared with the data: every dot, gap and infinity."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from plots import SCALES, axis_beside, dots, ends_in_dots, inside, markers, plot_of, text, value

from bptt_viz.views.canvas import GoTo, length, span_at, width_of
from bptt_viz.views.plain import plain as in_plain
from bptt_viz.views.plot import MARKERS, Band, Curve, Mark, Plot, Scale, draw_plot
from bptt_viz.views.plot_canvas import trail

if TYPE_CHECKING:
    from bptt_viz.activations import Array


def series(size: int) -> st.SearchStrategy[Array]:
    return arrays(np.float64, size, elements=st.floats())


@st.composite
def plots(draw: st.DrawFn) -> Plot:
    def xs(size: int) -> Array:
        return draw(st.one_of(st.just(np.arange(float(size))), series(size)))

    sizes = draw(st.lists(st.integers(0, 30), max_size=7))
    label = st.sampled_from(["", "h", "隐藏状态", "‖∂h_t/∂h_k‖"])
    mark = st.builds(Mark, st.sampled_from(["x", "y"]), st.floats(), label)
    size = draw(st.integers(0, 5))
    return Plot(
        tuple(Curve(draw(label), xs(size), draw(series(size))) for size in sizes),
        scale=draw(st.sampled_from(SCALES)),
        x_label=draw(label),
        y_label=draw(label),
        marks=tuple(draw(st.lists(mark, max_size=2))),
        bands=tuple(Band(draw(label), xs(size), draw(series(size)), draw(series(size))) for _ in range(size % 2)),
        y_covers=tuple(draw(st.lists(st.floats(), max_size=1))),
        subject=draw(st.sampled_from([None, lambda x: GoTo(hash(x) % 5)])),
    )


@settings(max_examples=300, deadline=None)
@given(plot=plots(), width=st.integers(1, 100), height=st.integers(1, 30), plain=st.booleans())
def test_fills_its_room_exactly_whatever_the_data(plot: Plot, width: int, height: int, *, plain: bool) -> None:
    lines = draw_plot(plot, width, height, plain=plain)
    assert [length(line) for line in lines] == [width] * height
    if plain:
        assert [width_of(in_plain(row)) for row in text(lines)] == [width] * height


@pytest.mark.parametrize(("width", "height"), [(0, 3), (3, 0), (0, 0)])
def test_no_room_is_no_error(width: int, height: int) -> None:
    assert draw_plot(Plot((Curve("h", np.arange(3.0), np.arange(3.0)),)), width, height) == [()] * height


@settings(deadline=None)
@given(
    arrays(np.float64, st.integers(2, 200), elements=st.floats(-1e6, 1e6)),
    st.integers(20, 120),
    st.integers(8, 30),
)
def test_every_point_is_drawn_where_the_axes_say_within_one_dot(ys: Array, width: int, height: int) -> None:
    rows = inside(draw_plot(plot_of(ys), width, height))
    drawn, marked = dots(rows), markers(rows, MARKERS[0])
    across, down = ends_in_dots(rows)
    axis = axis_beside(rows, ys.min(), ys.max())
    ends = [value(tick.label) for tick in (axis.ticks[0], axis.ticks[-1])]
    at = [tick.at for tick in (axis.ticks[0], axis.ticks[-1])]
    share = at[0] + (ys - ends[0]) / (ends[1] - ends[0]) * (at[1] - at[0])
    for i, y in enumerate((1 - share) * down):
        x = i / (len(ys) - 1) * across
        near = {(a, b) for a, b in drawn if abs(a - x) <= 1.01 and abs(b - y) <= 1.01}
        assert near or any(abs(2 * a + 0.5 - x) <= 1.6 and abs(4 * b + 1.5 - y) <= 2.6 for a, b in marked), (i, x, y)


@settings(deadline=None)
@given(arrays(np.float64, st.integers(2, 60), elements=st.floats(-10, 10)), st.integers(20, 100), st.integers(8, 24))
def test_no_dot_is_far_from_the_line(ys: Array, width: int, height: int) -> None:
    rows = inside(draw_plot(plot_of(ys), width, height))
    across, down = ends_in_dots(rows)
    axis = axis_beside(rows, ys.min(), ys.max())
    for x, y in dots(rows):
        reached = np.linspace(max(x - 1, 0), min(x + 1, across), 50) / across * (len(ys) - 1)
        knots = np.arange(math.ceil(reached[0]), math.floor(reached[-1]) + 1)
        levels = (1 - axis.places(np.interp([*reached, *knots], np.arange(len(ys)), ys))) * down
        assert levels.min() - 1.01 <= y <= levels.max() + 1.01, (x, y)


@given(arrays(np.float64, st.integers(2, 60), elements=st.floats(0, 79)), st.integers(2, 100))
def test_a_line_has_no_holes(rows: Array, width: int) -> None:
    columns = np.rint(np.linspace(0, width - 1, len(rows))).astype(np.intp)
    line = trail(columns, rows, width)
    assert (line.bottom >= line.top).all()
    assert (line.top[1:] <= line.bottom[:-1] + 1).all()
    assert (line.top[:-1] <= line.bottom[1:] + 1).all()


@pytest.mark.parametrize("scale", SCALES)
def test_a_monotone_curve_is_drawn_monotone_and_whole(scale: Scale) -> None:
    ys = np.logspace(-9, 1, 37)
    ys = np.log10(ys) if scale == "exponents" else ys
    rows = inside(draw_plot(plot_of(ys, scale=scale), 70, 18))
    found = dots(rows)
    columns = {x: [b for a, b in found if a == x] for x in {a for a, _ in found}}
    assert all(min(columns[a]) >= max(columns[b]) for a, b in pairwise(sorted(columns)))
    hidden = {2 * x + d for x, _ in markers(rows, MARKERS[0]) for d in (0, 1)}
    assert columns.keys() | hidden == set(range(2 * len(rows[0])))


def test_a_logarithmic_axis_makes_a_line_of_a_power_law() -> None:
    rows = inside(draw_plot(plot_of(10.0 ** -np.arange(9.0), scale="log"), 70, 18))
    across, down = ends_in_dots(rows)
    assert dots(rows)
    assert all(abs(x / across * down - y) <= 1.01 for x, y in dots(rows))


def test_ten_thousand_points_keep_their_extremes() -> None:
    ys = np.sin(np.arange(10_000) / 700)
    ys[5003], ys[7001] = 9, -9
    rows = inside(draw_plot(plot_of(ys), 80, 16))
    found, (across, down) = dots(rows), ends_in_dots(rows)
    axis = axis_beside(rows, -9, 9)
    for i in (5003, 7001):
        row = round((1 - axis.places(ys[i : i + 1])[0]) * down)
        assert (round(i / 9999 * across), row) in found


def test_a_gap_is_left_open() -> None:
    ys = np.full(40, 0.5)
    ys[10:20] = np.nan
    rows = inside(draw_plot(plot_of(ys), 60, 10))
    across, _ = ends_in_dots(rows)
    columns = {x for x, _ in dots(rows)} | {2 * x + d for x, _ in markers(rows, MARKERS[0]) for d in (0, 1)}
    first, last = 9 / 39 * across, 20 / 39 * across
    assert {x for x in range(across + 1) if first + 2 < x < last - 2}.isdisjoint(columns)
    assert {x for x in range(across + 1) if not first - 1 < x < last + 1} <= columns


def test_infinity_is_at_the_top_and_0_without_a_logarithm_at_the_bottom() -> None:
    ys = np.array([1e-3, 1e-2, np.inf, np.inf, 1e-2, 0.0, 0.0, -1.0, 1e-3])
    for scale, given_ys in (("log", ys), ("exponents", np.where(ys < 0, np.nan, np.log10(np.abs(ys) + (ys == 0))))):
        shown = np.where(ys == 0, -np.inf, given_ys) if scale == "exponents" else given_ys
        rows = inside(draw_plot(plot_of(shown, scale=scale), 45, 10))  # type: ignore[arg-type]  # the loop's str
        columns = [round(i / 8 * (2 * len(rows[0]) - 1)) // 2 for i in range(9)]
        beside = {MARKERS[0]}
        assert all(rows[0][columns[i]] in {"∞", *beside} for i in (2, 3))
        assert all(rows[-1][columns[i]] in {"0", *beside} for i in (5, 6))
        assert "∞" in rows[0]
        assert "0" in rows[-1]
        assert all("∞" not in row and "0" not in row for row in rows[1:-1])
        # Nothing leads there: neither ∞ nor 0 is a value of this axis.
        assert {x // 2 for x, _ in dots(rows)}.isdisjoint(range(columns[2], columns[3] + 1))


def test_what_is_infinite_on_a_linear_axis_is_at_its_edge() -> None:
    rows = inside(draw_plot(plot_of(np.array([0, np.inf, -np.inf, 1.0])), 40, 10))
    assert ["∞" in row for row in rows] == [True, *[False] * (len(rows) - 2), True]


@given(st.integers(1, 300), st.integers(20, 120))
def test_a_click_goes_to_the_step_of_its_column(steps: int, width: int) -> None:
    curve = Curve("", np.arange(1.0, steps + 1), np.linspace(0, 1, steps))
    lines = draw_plot(Plot((curve,), subject=lambda x: GoTo(round(x))), width, 10)
    gutter = text(lines)[-2].index("└") + 1
    for line in lines[:-2]:
        hits = [span_at(line, x) for x in range(gutter, width)]
        if not any(span and span.subject for span in hits):
            continue
        found = [span.subject.position for span in hits if span and isinstance(span.subject, GoTo)]
        assert len(found) == width - gutter
        assert found == sorted(found)
        assert (found[0], found[-1]) == (1, steps) or steps > len(found)
        for x, step in enumerate(found):
            here = 0.5 if steps == 1 else (step - 1) / (steps - 1)
            others = [0.5] if steps == 1 else [(other - 1) / (steps - 1) for other in (step - 1, step + 1)]
            centre = (x + 0.5) / len(found)
            assert steps == 1 or all(abs(here - centre) <= abs(other - centre) + 1e-9 for other in others)
    assert not any(span.subject for span in lines[-1])


def test_a_band_lies_between_its_series_and_hides_no_curve() -> None:
    xs = np.arange(30.0)
    low, high = 2 + np.sin(xs / 4), 4 + np.sin(xs / 4)
    bare = inside(draw_plot(Plot((), bands=(Band("", xs, low, high),), y_covers=(0.0, 6.0)), 60, 14))
    axis, (across, down) = axis_beside(bare, 0, 6), ends_in_dots(bare)
    assert dots(bare)
    for x, y in dots(bare):
        edges = (1 - axis.places(np.array([np.interp(x / across * 29, xs, edge) for edge in (low, high)]))) * down
        assert edges[1] - 1.6 <= y <= edges[0] + 1.6
    curve = Curve("", xs, (low + high) / 2)
    alone = draw_plot(Plot((curve,), y_covers=(0.0, 6.0)), 60, 14)
    both = draw_plot(Plot((curve,), bands=(Band("", xs, low, high),), y_covers=(0.0, 6.0)), 60, 14)
    inked = [
        [glyph for line in lines for span in line if span.role == "curve-1" for glyph in span.text]
        for lines in (alone, both)
    ]
    assert inked[0] == inked[1]
