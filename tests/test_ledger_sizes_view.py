"""The ledger at every size and of every length: its groups, headings and shades, ∞ and NaN."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_scenes import RAMP, at_end, blocks_shown, lesson_of_length, sum_of
from screens import agrees
from test_views import check_size, lesson, scene_of, text_of, wild_lesson

from bptt_viz.formatting import norm, plain
from bptt_viz.messages import LANGUAGES, Language
from bptt_viz.notation import NOTATIONS
from bptt_viz.quantities import TermSum
from bptt_viz.timeline import Phase
from bptt_viz.views import ledger_layout, ledger_view
from bptt_viz.views.ledgers import Wanted
from bptt_viz.views.plain import plain as narrow
from bptt_viz.views.scene import Scene


@settings(max_examples=300)
@given(
    steps=st.integers(1, 80),
    place=st.floats(0, 1),
    width=st.integers(20, 220),
    height=st.integers(1, 60),
    choices=st.fixed_dictionaries(
        {"rtrl": st.booleans(), "parameter": st.sampled_from(["U", "W", "b", "V", "c"]), "plain": st.booleans()}
    ),
    notation=st.sampled_from(sorted(NOTATIONS)),
    language=st.sampled_from(LANGUAGES),
)
def test_any_length_at_any_size(
    steps: int, place: float, width: int, height: int, choices: dict[str, Any], notation: str, language: Language
) -> None:
    taught = lesson_of_length(steps)
    position = round(place * taught.timeline.last)
    scene = Scene(taught, position, language, NOTATIONS[notation], **choices)
    check_size(ledger_view, scene, width, height)
    for line in ledger_view.draw(scene, width, height):
        assert "…" not in text_of(line), "nothing is cut off"


@pytest.mark.parametrize(("width", "height"), [(45, 7), (80, 9), (70, 15), (110, 30)])
def test_the_panel_has_the_most_groups_it_has_room_for(width: int, height: int) -> None:
    for steps in (1, 3, height - 2, height - 1, 500):
        scene = scene_of(lesson_of_length(steps))
        lines = ledger_view.draw(scene, width, height)
        each = -(-steps // min(steps, height - 2))
        assert ledger_layout.layout(scene, width, height).groups == -(-steps // each)
        assert len(lines) <= height


def test_five_steps_have_numbers_in_the_narrow_panel() -> None:
    taught = lesson("wo-zuotian")
    lines = ledger_view.draw(at_end(taught), 45, 7)
    shown = blocks_shown(lines)
    assert len(shown) == 15
    for ((t, _), (k, _)), span in shown.items():
        assert agrees(
            f"+{span.text.strip()}" if span.text.strip() != "0" else "0", taught.trace.triangle["W"][t - 1, k - 1]
        )


def test_a_vanishing_term_is_seen_to_vanish() -> None:
    """Each step back multiplies by W φ′, here 0.1: a shade less each, and then less than any."""
    table = {"W": ((0.1,),), "U": ((0.0,),), "V": ((1.0,),)}
    taught = lesson_of_length(12, activation="identity", parameters=table)
    lines = ledger_view.draw(at_end(taught, parameter="b"), 50, 15)
    last = [span.text for (rows, _), span in blocks_shown(lines).items() if rows == (12, 12)]
    levels = [RAMP.index(text[0]) for text in last]
    assert levels[-1] >= 2
    assert levels == [max(levels[-1] - far, 0) for far in range(11, -1, -1)]


def test_the_heading_of_the_cursors_column_is_always_there() -> None:
    taught = lesson_of_length(200, 2)
    for t in range(1, 201):
        scene = scene_of(taught, taught.timeline.end_of(Phase.BACKWARD, t))
        lines = ledger_view.draw(scene, 45, 7)
        first = 1 + (t - 1) // 40 * 40
        lit = [span.text for span in lines[0] if span.role == "current"]
        assert lit == [f"{'k=' if first == 1 else ''}{first}.."]


@pytest.mark.parametrize("steps", [5, 12, 60, 700])
def test_every_column_has_a_heading_or_a_tick_above_its_end(steps: int) -> None:
    taught = lesson_of_length(steps)
    for width, height in ((42, 7), (42, 30), (80, 12), (160, 40)):
        scene = at_end(taught)
        plan = ledger_layout.layout(scene, width, height)
        taught.ledgers.compute(Wanted(scene.parameter, plan.groups))
        heading = text_of(ledger_view.draw(scene, width, height)[0])
        assert heading.strip().startswith("k=")
        grid = taught.ledgers.grid(scene.parameter, plan.groups)
        assert grid is not None
        for column, (first, last) in enumerate(grid.groups):
            end = plan.label + (column + 1) * plan.cell
            upto = heading[:end].split()[-1].removeprefix("k=")
            if plan.cell >= 4:
                assert upto in (str(first), f"{first}..", f"{first}..{last}")
            else:
                assert not heading[end - 1].isspace()


@given(value=st.floats(1e-12, 1e12), width=st.integers(5, 7))
def test_a_norm_has_three_digits_where_they_fit_and_an_exponent_only_outside(value: float, width: int) -> None:
    text = norm(value, width)
    assert len(text) <= width
    assert agrees(f"+{text}", value)
    assert ("e" in text) == (not 1e-3 <= value < 1e4)
    if width == 7 and "e" not in text:
        assert len(text.replace(".", "").lstrip("0")) >= 3


def test_infinity_and_nan_have_glyphs() -> None:
    taught = wild_lesson()
    for width, height, nan in ((45, 7, "NaN"), (20, 7, "?")):
        for rtrl in (False, True):
            for parameter in taught.parameter_names:
                scene = at_end(taught, parameter=parameter, rtrl=rtrl)
                check_size(ledger_view, scene, width, height)
                shown = blocks_shown(ledger_view.draw(scene, width, height))
                for (rows, columns), span in shown.items():
                    value = sum_of(scene, TermSum(parameter, rows, columns))
                    if math.isnan(value):
                        assert set(span.text.split()) == {nan}, (rows, columns, span.text)
                        assert span.role == "error"
    assert narrow(RAMP + "∞?0·") not in ("", RAMP)
    assert len(set(narrow(RAMP + "∞?0·"))) == len(RAMP) + 4


def test_no_room_for_a_triangle_leaves_the_total() -> None:
    taught = lesson("wo-zuotian")
    for at, told in ((0, "·"), (taught.timeline.last, plain(float(np.linalg.norm(taught.trace.gradients["W"]))))):
        (line,) = ledger_view.draw(scene_of(taught, at), 45, 1)
        assert text_of(line).split()[-1] == told


@pytest.mark.parametrize("language", LANGUAGES)
def test_with_a_line_to_spare_nothing_that_explains_stands_between_the_numbers(language: Language) -> None:
    taught = lesson("gru-before")
    scene = at_end(taught, language)
    lines = [text_of(line) for line in ledger_view.draw(scene, 42, 9)]
    sums = next(index for index, line in enumerate(lines) if line.startswith(" ‖Σ_t‖"))
    below = "\n".join(lines[sums + 1 :])
    assert "‖Σ_t Σ_k‖ = ‖∇W_r‖" in text_of(ledger_view.subtitle(scene, 42, 9)) + below
    assert {"en": "Margins: norm of the sum", "zh": "各项之和的范数"}[language] in below
    assert not lines[sums + 1].strip()
    assert not any("∇" in line for line in lines[: sums + 1])
