"""Plots are read back: dots, ticks, legend and marks as text, compared with the data."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bptt_viz.ui.themes import THEMES, role_style
from bptt_viz.views.canvas import GoTo, length, span_at, width_of
from bptt_viz.views.plain import plain as in_plain
from bptt_viz.views.plot import CURVE_ROLES, MARKERS, Band, Curve, Mark, Plot, Scale, draw_plot
from bptt_viz.views.plot_axes import horizontal_axis, linear_axis, log_axis
from bptt_viz.views.plot_canvas import trail
from bptt_viz.views.plot_legend import distinct

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.views.canvas import Line

BITS = {0x01: (0, 0), 0x02: (0, 1), 0x04: (0, 2), 0x40: (0, 3), 0x08: (1, 0), 0x10: (1, 1), 0x20: (1, 2), 0x80: (1, 3)}
SCALES: tuple[Scale, ...] = ("linear", "log", "exponents")


def text(lines: list[Line]) -> list[str]:
    return ["".join(span.text for span in line) for line in lines]


def inside(lines: list[Line]) -> list[str]:
    """The rows right of the vertical axis."""
    return [row[max(row.find("│"), row.find("┤")) + 1 :] for row in text(lines) if "│" in row or "┤" in row]


def dots(rows: list[str]) -> set[tuple[int, int]]:
    """(column, row) of each dot of braille, from the upper left."""
    return {
        (2 * x + across, 4 * y + down)
        for y, row in enumerate(rows)
        for x, glyph in enumerate(row)
        if 0x2800 <= ord(glyph) < 0x2900
        for bit, (across, down) in BITS.items()
        if ord(glyph) - 0x2800 & bit
    }


def markers(rows: list[str], glyph: str) -> set[tuple[int, int]]:
    return {(x, y) for y, row in enumerate(rows) for x, found in enumerate(row) if found == glyph}


def value(label: str) -> float:
    return float(label.replace("−", "-"))


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
    rows = inside(draw_plot(Plot((Curve("", np.arange(len(ys), dtype=float), ys),)), width, height))
    drawn, marked = dots(rows), markers(rows, MARKERS[0])
    across, down = 2 * len(rows[0]) - 1, 4 * len(rows) - 1
    axis = linear_axis(ys.min(), ys.max(), min(len(rows) // 2 + 1, 9))
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
    rows = inside(draw_plot(Plot((Curve("", np.arange(len(ys), dtype=float), ys),)), width, height))
    across, down = 2 * len(rows[0]) - 1, 4 * len(rows) - 1
    axis = linear_axis(ys.min(), ys.max(), min(len(rows) // 2 + 1, 9))
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
    rows = inside(draw_plot(Plot((Curve("", np.arange(37.0), ys),), scale=scale), 70, 18))
    found = dots(rows)
    columns = {x: [b for a, b in found if a == x] for x in {a for a, _ in found}}
    assert all(min(columns[a]) >= max(columns[b]) for a, b in pairwise(sorted(columns)))
    hidden = {2 * x + d for x, _ in markers(rows, MARKERS[0]) for d in (0, 1)}
    assert columns.keys() | hidden == set(range(2 * len(rows[0])))


def test_a_logarithmic_axis_makes_a_line_of_a_power_law() -> None:
    rows = inside(draw_plot(Plot((Curve("", np.arange(9.0), 10.0 ** -np.arange(9.0)),), scale="log"), 70, 18))
    across, down = 2 * len(rows[0]) - 1, 4 * len(rows) - 1
    assert dots(rows)
    assert all(abs(x / across * down - y) <= 1.01 for x, y in dots(rows))


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


def test_ten_thousand_points_keep_their_extremes() -> None:
    ys = np.sin(np.arange(10_000) / 700)
    ys[5003], ys[7001] = 9, -9
    rows = inside(draw_plot(Plot((Curve("", np.arange(10_000.0), ys),)), 80, 16))
    found, across, down = dots(rows), 2 * len(rows[0]) - 1, 4 * len(rows) - 1
    axis = linear_axis(-9, 9, min(len(rows) // 2 + 1, 9))
    for i in (5003, 7001):
        row = round((1 - axis.places(ys[i : i + 1])[0]) * down)
        assert (round(i / 9999 * across), row) in found


def test_a_gap_is_left_open() -> None:
    ys = np.full(40, 0.5)
    ys[10:20] = np.nan
    rows = inside(draw_plot(Plot((Curve("", np.arange(40.0), ys),)), 60, 10))
    across = 2 * len(rows[0]) - 1
    columns = {x for x, _ in dots(rows)} | {2 * x + d for x, _ in markers(rows, MARKERS[0]) for d in (0, 1)}
    first, last = 9 / 39 * across, 20 / 39 * across
    assert {x for x in range(across + 1) if first + 2 < x < last - 2}.isdisjoint(columns)
    assert {x for x in range(across + 1) if not first - 1 < x < last + 1} <= columns


def test_infinity_is_at_the_top_and_0_without_a_logarithm_at_the_bottom() -> None:
    ys = np.array([1e-3, 1e-2, np.inf, np.inf, 1e-2, 0.0, 0.0, -1.0, 1e-3])
    for scale, given_ys in (("log", ys), ("exponents", np.where(ys < 0, np.nan, np.log10(np.abs(ys) + (ys == 0))))):
        shown = np.where(ys == 0, -np.inf, given_ys) if scale == "exponents" else given_ys
        rows = inside(draw_plot(Plot((Curve("", np.arange(9.0), shown),), scale=scale), 45, 10))  # type: ignore[arg-type]  # the loop's str
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
    rows = inside(draw_plot(Plot((Curve("", np.arange(4.0), np.array([0, np.inf, -np.inf, 1.0])),)), 40, 10))
    assert ["∞" in row for row in rows] == [True, *[False] * (len(rows) - 2), True]


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("count", range(1, 7))
def test_curves_are_told_apart_without_colour(count: int, *, plain: bool) -> None:
    together = np.linspace(0, 1, 80)
    curves = tuple(Curve(f"曲线 {i}", np.arange(80.0), together) for i in range(count))
    lines = draw_plot(Plot(curves, y_label="y"), 90, 16, plain=plain)
    legend, rows = text(lines)[0], "\n".join(text(lines)[1:-2])
    for i in range(count):
        assert f"{MARKERS[i]}{MARKERS[i] if plain else '⠒'} 曲线 {i}" in legend
        assert MARKERS[i] in rows
        drawn = [span for line in lines[1:-2] for span in line if span.role == CURVE_ROLES[i]]
        assert plain or MARKERS[i] in "".join(span.text for span in drawn)


def test_a_single_point_is_its_marker() -> None:
    rows = inside(draw_plot(Plot((Curve("one", np.array([3.0]), np.array([0.7])),)), 40, 10))
    assert sum(row.count(MARKERS[0]) for row in rows) == 1


@pytest.mark.parametrize(("width", "expected"), [(60, "隐藏状态的范数"), (22, "…")])
def test_the_legend_is_shortened_before_it_goes(width: int, expected: str) -> None:
    curves = tuple(Curve("隐藏状态的范数", np.arange(3.0), np.arange(3.0) * i) for i in range(2))
    head = text(draw_plot(Plot(curves), width, 6))[0]
    assert head.count(expected) == 2
    assert MARKERS[0] in head
    assert MARKERS[1] in head


def test_a_legend_takes_a_line_more_before_its_ends_go() -> None:
    curves = tuple(Curve(f"the norm of network {name}", np.arange(3.0), np.arange(3.0)) for name in "AB")
    for height, lines in ((8, 1), (9, 2)):
        drawn = text(draw_plot(Plot(curves), 40, height))
        assert len([row for row in drawn if "the norm" in row]) == lines
        assert ("network B" in "".join(drawn)) == (lines == 2)
        assert len(drawn) == height


@given(
    first=st.sampled_from(["", "Copy: ", "记住：", "one two "]),
    last=st.sampled_from(["", " cell", "，网络"]),
    own=st.lists(st.text("abW=关", min_size=1, max_size=4), min_size=2, max_size=5, unique=True),
)
def test_labels_lose_what_all_share_and_nothing_else(first: str, last: str, own: list[str]) -> None:
    assert distinct([f"{first}{one}{last}" for one in own]) == own


@given(labels=st.lists(st.text("ab ：", max_size=8), min_size=1, max_size=4))
def test_labels_are_never_emptied(labels: list[str]) -> None:
    found = distinct(labels)
    assert all(found) or not all(labels)
    assert all(short in label for short, label in zip(found, labels, strict=True))
    assert len(set(found)) == len(set(labels))


def test_at_30_by_6_it_still_reads() -> None:
    curves = (
        Curve("tanh", np.arange(41.0), -0.3 * np.arange(41.0)),
        Curve("identity", np.arange(41.0), np.zeros(41)),
    )
    lines = text(draw_plot(Plot(curves, scale="exponents", x_label="t − k"), 30, 6))
    assert "tanh" in lines[0]
    assert "identity" in lines[0]
    assert sum("┤" in row for row in lines) >= 2
    assert lines[-1].split()[0] == "0"
    assert lines[-1].endswith("t − k")


def test_the_first_room_to_go_is_that_of_words() -> None:
    rows = text(draw_plot(Plot((Curve("tanh", np.arange(41.0), np.arange(41.0)),)), 12, 3))
    assert "tanh" not in "".join(rows)
    assert dots(rows)


def test_plain_symbols_are_narrow_everywhere() -> None:
    curves = tuple(Curve(f"h{i}", np.arange(9.0), np.r_[np.linspace(0.0, 7.0 * i, 8), np.inf]) for i in range(3))
    band = Band("se", np.arange(9.0), np.arange(9.0), np.arange(9.0) + 2)
    plot = Plot(curves, marks=(Mark("x", 4, "k"), Mark("y", 5, "m")), bands=(band,), y_label="y")
    drawn = "".join(text(draw_plot(plot, 70, 14, plain=True)))
    assert not dots([drawn])
    assert "?" not in in_plain(drawn)
    assert "." in drawn


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
    axis, down, across = linear_axis(0, 6, min(len(bare) // 2 + 1, 9)), 4 * len(bare) - 1, 2 * len(bare[0]) - 1
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


def test_axes_stay_while_a_curve_grows() -> None:
    ys = np.linspace(0, 3, 20)
    frames = [
        text(
            draw_plot(
                Plot((Curve("", np.arange(float(n)), ys[:n]),), x_covers=(0.0, 19.0), y_covers=(0.0, 3.0)), 60, 12
            )
        )
        for n in range(1, 21)
    ]
    assert len({tuple(row.split("│")[0].split("┤")[0] for row in frame[:-2]) for frame in frames}) == 1
    assert len({tuple(frame[-2:]) for frame in frames}) == 1


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
def test_six_colours_of_curves(theme: str) -> None:
    assert len(CURVE_ROLES) == 6
    assert len({role_style(theme, role).color for role in CURVE_ROLES}) == 6


def test_a_mark_is_measured_by_its_own_axis_alone() -> None:
    curve = Curve("", np.array([0.0, 1e300]), np.array([0.0, 1e-200]))
    rows = inside(draw_plot(Plot((curve,), marks=(Mark("x", 5e299),)), 60, 12))
    assert {row.count("┊") for row in rows[:3]} == {1}
