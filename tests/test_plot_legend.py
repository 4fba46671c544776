"""The words and signs of a plot: curves are told apart in every theme and without colour, and legends fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plots import dots, inside, text

from bptt_viz.ui.themes import THEMES, role_style
from bptt_viz.views.plain import plain as in_plain
from bptt_viz.views.plot import CURVE_ROLES, MARKERS, Band, Curve, Mark, Plot, draw_plot
from bptt_viz.views.plot_legend import distinct


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


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
def test_six_colours_of_curves(theme: str) -> None:
    assert len(CURVE_ROLES) == 6
    assert len({role_style(theme, role).color for role in CURVE_ROLES}) == 6
