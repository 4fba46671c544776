"""The derivation as a panel: whole at every size, and what it says around its terms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from derivation_scenes import (
    COMPACT,
    LARGE,
    at_step,
    derivation_of,
    drawn,
    long_scene,
    rows,
    spans,
    with_derivation,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from test_views import BUNDLED, check_size, lesson, scene_of, text_of

from bptt_viz import engine, notation
from bptt_viz.derivation.comparison import compare
from bptt_viz.messages import LANGUAGES, phrase
from bptt_viz.scenario import Scenario
from bptt_viz.views import derivation_view, jacobians, terms
from bptt_viz.views.scene import Lesson

# Sizes.


@pytest.mark.parametrize("name", BUNDLED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_at_every_size(name: str, language: Any) -> None:
    taught = lesson(name)
    for position in range(taught.timeline.last + 1):
        scene = with_derivation(scene_of(taught, position, language))
        for width, height in COMPACT:
            check_size(derivation_view, scene, width, height)
        for width, height in LARGE:
            check_size(derivation_view, replace(scene, page="derivation"), width, height)


@pytest.mark.parametrize("name", notation.names())
def test_every_part_of_every_term_in_every_notation(name: str) -> None:
    for parameter in lesson("wo-zuotian").parameter_names:
        scene = replace(at_step("wo-zuotian", 4, parameter=parameter, page="derivation"), notation=notation.load(name))
        for index in range(len(derivation_of(scene).terms)):
            for width, height in LARGE:
                for page in range(4):
                    check_size(derivation_view, replace(scene, term=index, scroll=page), width, height)


@settings(max_examples=60)
@given(scenario=st.from_type(Scenario), data=st.data())
def test_any_lesson_at_any_size(scenario: Scenario, data: st.DataObject) -> None:
    taught = Lesson(engine.trace(scenario), "lesson.toml")
    position = data.draw(st.integers(0, taught.timeline.last))
    parameter = data.draw(st.sampled_from(taught.parameter_names))
    scene = with_derivation(scene_of(taught, position, data.draw(st.sampled_from(LANGUAGES)), parameter=parameter))
    width, height = data.draw(st.integers(40, 200)), data.draw(st.integers(1, 40))
    check_size(derivation_view, scene, width, height)
    term, scroll = data.draw(st.integers(0, 9)), data.draw(st.integers(0, 9))
    check_size(derivation_view, replace(scene, page="derivation", term=term, scroll=scroll), width, height)


# What is said around it.


def test_a_window_inside_a_sequence_says_what_it_holds_fixed() -> None:
    assert derivation_view.title(at_step("wo-zuotian", 4)).endswith("steps 3–5 of 5; h₂ held fixed")
    assert derivation_view.title(at_step("wo-zuotian", 1)).endswith("steps 1–3 of 5")
    assert derivation_view.title(at_step("scalar-t3", 1)).endswith("steps 1–3 of 3")


@pytest.mark.parametrize("name", BUNDLED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_cut(name: str, language: Any) -> None:
    for parameter in lesson(name).parameter_names:
        scene = with_derivation(scene_of(lesson(name), 1, language, parameter=parameter))
        if not scene.derivation or not scene.derivation.expected:
            continue
        for width, height in COMPACT:
            last = text_of(derivation_view.draw(scene, width, height)[-1]).rstrip()
            assert last.endswith((".", "。")) or "(" in last[:4] or "∂⁺" not in last[:7], f"{width}×{height}: {last}"


@pytest.mark.parametrize("size", [*COMPACT[2:], *LARGE])
def test_the_rule_is_whole(size: tuple[int, int]) -> None:
    for name in notation.names():
        for page in ("", "derivation"):
            scene = replace(at_step("wo-zuotian", 4, page=page), notation=notation.load(name))
            rule = scene.write(derivation_of(scene).rule).partition(" = ")[2]
            if size[0] >= 78 or name == "goodfellow":
                shown = " ".join(" ".join(line.strip() for line in drawn(scene, *size)[:3]).split())
                assert rule in shown or size[0] < 74, (name, size)


def test_what_is_waited_for_stands_with_the_rule() -> None:
    scene = at_step("wo-zuotian", 5)
    nothing = structs.replace(derivation_of(scene), terms=())
    for page in ("", "derivation"):
        waiting = replace(
            scene,
            derivation=nothing,
            comparison=None,
            deriving=phrase("derivation.loading"),
            page=page,
        )
        text = "\n".join(drawn(waiting, 118, 12))
        assert "loading SymPy" in text
        assert "∂L/∂W = Σₜ" in text
    assert any("a_t = U x_t + W h_{t−1} + b" in line for line in drawn(waiting, 118, 12))


def test_terms_stand_there_while_more_are_derived() -> None:
    scene = at_step("wo-zuotian", 5)
    some = structs.replace(derivation_of(scene), terms=derivation_of(scene).terms[:2])
    said = phrase("derivation.term", count=3, expected=6)
    for page in ("", "derivation"):
        waiting = replace(
            scene,
            derivation=some,
            comparison=compare(some, scene.trace),
            deriving=said,
            page=page,
        )
        lines = derivation_view.draw(waiting, 118, 21)
        assert [pair for pair, _ in rows(lines)] == ["5,5", "4,4"]
        assert any("SymPy derives term 3 of 6" in text_of(line) for line in lines)
        assert not any(span.role == "error" for span in spans(lines))
        check_size(derivation_view, waiting, 74, 7)


def test_a_comparison_of_something_else_is_not_shown() -> None:
    """For a moment the two can be of different windows."""
    scene = at_step("wo-zuotian", 5)
    other = at_step("wo-zuotian", 2)
    for page in ("", "derivation"):
        mixed = replace(scene, comparison=other.comparison, page=page, term=5)
        text = "\n".join(drawn(mixed, 118, 30))
        assert "SymPy − NumPy" not in text
        assert "by the backward pass" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_failure_is_told_with_its_reason(language: Any) -> None:
    failure = phrase("derivation.ended", reason=phrase("process.status", status=-9))
    scene = replace(at_step("wo-zuotian", 5, language=language), deriving=failure, comparison=None)
    for shown in (
        replace(scene, derivation=None),
        replace(scene, derivation=structs.replace(derivation_of(scene), terms=())),
    ):
        lines = derivation_view.draw(shown, 118, 9)
        assert "-9" in "".join(span.text for span in spans(lines) if span.role == "error")
    idle = derivation_view.draw(replace(scene, derivation=None, deriving=None), 60, 5)
    assert scene.say("derivation.idle") in text_of(idle[0])


def test_later_losses_are_said_to_be_left_out() -> None:
    assert derivation_view.title(long_scene(page="derivation")).endswith("h₃ held fixed; L₇ … L₁₂ left out")
    assert "L₇ … L₁₂ left out" in "".join(drawn(long_scene(), 118, 12))
    assert "left out" not in derivation_view.title(at_step("wo-zuotian", 4, page="derivation"))


# What a key costs.


def test_a_key_writes_no_formula_anew() -> None:
    scene = at_step("wo-zuotian", 5, page="derivation", term=5)
    for shown in (scene, replace(scene, page="")):
        derivation_view.draw(shown, 118, 21)
    caches = (jacobians.boxes, terms.rows_of)
    before = [one.cache_info().misses for one in caches]
    for position in range(scene.position, scene.position + 8):
        for page in ("", "derivation"):
            moved = replace(scene.at(position), page=page, term=5)
            derivation_view.draw(moved, 118, 21)
    assert [one.cache_info().misses for one in caches] == before
