"""The derivation's list of terms: lit as far as the cursor, its numbers the comparison's, its products whole."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from derivation_scenes import (
    at_step,
    comparison_of,
    derivation_of,
    drawn,
    long_scene,
    pages,
    pair_of,
    rows,
    with_derivation,
)
from msgspec import structs
from test_views import BUNDLED, lesson, scene_of, text_of

from bptt_viz import engine, notation
from bptt_viz.derivation.products import product
from bptt_viz.messages import LANGUAGES, phrase
from bptt_viz.quantities import Derived, Number, TermSum
from bptt_viz.timeline import Phase
from bptt_viz.views import derivation_view, terms
from bptt_viz.views.canvas import GoTo
from bptt_viz.views.scene import Lesson

GLYPHS = {"●": "known", "◉": "now", "○": "future"}


@pytest.mark.parametrize("name", BUNDLED)
def test_terms_light_up_with_the_cursor(name: str) -> None:
    taught = lesson(name)
    for position in range(taught.timeline.last + 1):
        scene = with_derivation(scene_of(taught, position))
        step, seen = scene.step, dict(rows(derivation_view.draw(scene, 118, 12)))
        assert list(seen) == [pair_of(one) for one in derivation_of(scene).terms]
        for term in derivation_of(scene).terms:
            added = position > taught.timeline.end_of(Phase.BACKWARD, term.k)
            now = step.phase is Phase.BACKWARD and step.t == term.k
            role = "now" if now else "known" if added else "future"
            line = seen[pair_of(term)]
            assert GLYPHS[text_of(line)[1]] == role, position
            assert {span.role for span in line[1:] if span.role != "dim" and span.text.strip()} == {role}
            assert line[1].subject == GoTo(taught.timeline.end_of(Phase.BACKWARD, term.k))


def test_those_at_the_cursor_are_seen_where_not_all_have_room() -> None:
    for t in (5, 4, 3, 2, 1):
        scene = at_step("wo-zuotian", t)
        wanted = {pair_of(one) for one in derivation_of(scene).terms if one.k == t}
        for height in range(len(wanted) + 2, 12):
            lines = derivation_view.draw(scene, 74, height)
            seen = dict(rows(lines))
            assert wanted <= set(seen)
            names = [pair_of(one) for one in derivation_of(scene).terms]
            first, last = (names.index(list(seen)[end]) for end in (0, -1))
            marks = [text_of(line)[0] for line in seen.values()]
            assert (marks[0] == "↑") == (first > 0)
            assert ("↓" in marks) == (last < len(names) - 1)


@pytest.mark.parametrize("width", [60, 74, 100, 130])
@pytest.mark.parametrize("name", BUNDLED)
def test_the_lists_numbers_are_the_comparisons(name: str, width: int) -> None:
    for t in range(1, lesson(name).trace.T + 1):
        scene = at_step(name, t)
        for (pair, line), one in zip(
            rows(derivation_view.draw(scene, width, 20)), comparison_of(scene).terms, strict=True
        ):
            term = one.term
            assert pair == pair_of(term)
            product = " · ".join(scene.write(factor.written) for factor in term.factors)
            assert product in text_of(line) or "…" in text_of(line)
            (shown,) = [span for span in line if span.number is not None]
            value = float(term.value.item()) if term.value.size == 1 else float(np.linalg.norm(term.value))
            assert rounds(shown.text, value)
            if term.value.size == 1:
                assert shown.number == Number(Derived("W", term.t, term.k), (0,) * term.value.ndim)
            else:
                assert shown.number == Number(TermSum("W", (term.t, term.t), (term.k, term.k)))
            if "…" not in text_of(line) and text_of(line).split()[-1] != shown.text.strip():
                assert rounds(text_of(line).split()[-1], one.absolute)


def rounds(shown: str, value: float) -> bool:
    """Whether a number in a few significant digits is the value."""
    return float(shown.replace("−", "-")) == pytest.approx(value, rel=5.1e-2 if "e" in shown else 5.1e-3, abs=0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sum_is_of_the_terms_that_are_lit(language: Any) -> None:
    for t in (5, 4, 3):
        scene = at_step("wo-zuotian", t, language=language)
        count = {5: 1, 4: 3, 3: 6}[t]
        last = derivation_view.draw(scene, 118, 9)[-1]
        assert f"{count}/6" in text_of(last)
        so_far, total = (span for span in last if span.number is not None)
        for span, upto, use in ((so_far, count, t), (total, 6, 3)):
            assert rounds(span.text.split()[-1], float(np.linalg.norm(comparison_of(scene).terms[upto - 1].sum)))
            assert span.number == Number(TermSum("W", (use, 5), (use, 5)))
        apart = max(one.absolute for one in comparison_of(scene).terms)
        assert rounds(text_of(last).split("≤")[1], apart)


def test_nothing_is_summed_before_the_backward_step_has_ended() -> None:
    scene = at_step("wo-zuotian", 5)
    before = drawn(scene.at(scene.position - 1), 118, 9)[-1]
    # What ∂⁺ is stands there instead.
    assert "∂⁺h_k/∂W" in before
    assert "dh_k/dW" in before
    assert "1/6" in drawn(scene, 118, 9)[-1]


# What the loss's factor does.


def with_mean(name: str) -> Lesson:
    scenario = lesson(name).trace.scenario
    mean = structs.replace(scenario, loss=structs.replace(scenario.loss, reduction="mean"))
    return Lesson(engine.trace(mean), f"{name}-mean.toml")


@pytest.mark.parametrize("name", ["scalar-t3", "wo-zuotian"])
def test_what_is_written_of_a_mean_loss_multiplies_to_the_value(name: str) -> None:
    taught = with_mean(name)
    scene = with_derivation(scene_of(taught, taught.timeline.end_of(Phase.BACKWARD, taught.trace.T - 1)))
    count = int(taught.trace.has_target.sum())
    for index, term in enumerate(derivation_of(scene).terms):
        row = term.factors[0].blocks[0].value[0] / count
        value = product(row, term.factors[1:], term.value.shape)
        np.testing.assert_allclose(value, term.value, rtol=1e-9)
        written = " · ".join([f"1/{count}", *(scene.write(factor.written) for factor in term.factors)])
        (line,) = [line for pair, line in rows(derivation_view.draw(scene, 118, 9)) if pair == pair_of(term)]
        assert written in text_of(line)
        large = replace(scene, page="derivation", term=index)
        shown = [text_of(line) for lines in pages(large, 118, 21) for line in lines]
        assert any(line.startswith(f" ({term.t},{term.k}) = {written}") for line in shown)


@pytest.mark.parametrize("name", notation.names())
@pytest.mark.parametrize("width", [44, 58, 66, 74])
def test_products_and_the_rule_end_with_whole_factors(name: str, width: int) -> None:
    taught = with_mean("wo-zuotian")
    scene = with_derivation(scene_of(taught, taught.timeline.end_of(Phase.BACKWARD, 3)))
    scene = replace(scene, notation=notation.load(name))
    for term in derivation_of(scene).terms:
        for pair, line in rows(derivation_view.draw(scene, width, 9)):
            if pair == pair_of(term):
                (shown,) = [span.text for span in line if "·" in span.text or "…" in span.text][:1]
                factors = {scene.write(one) for one in terms.product_of(derivation_of(scene), term)}
                assert set(shown.strip().split(" · ")) <= {*factors, "…"}
                assert shown.endswith(" ")
    for height in (4, 9):
        lines = drawn(scene, width, height)
        rule = " ".join(" ".join(line.split()) for line in lines if not re.match(r"[ ↑↓][●◉○]", line))
        whole = scene.write(derivation_of(scene).rule).partition(" = ")[2].split(" · ")
        kept = rule.partition(" = ")[2] if " = " in rule else rule
        first = kept.partition(" …")[0].split(" · ") if " …" in kept else []
        assert first == whole[: len(first)], (height, rule)


def test_the_rule_does_not_move_when_its_terms_come() -> None:
    scene = with_derivation(scene_of(with_mean("wo-zuotian"), 0))
    for count in range(7):
        some = structs.replace(derivation_of(scene), terms=derivation_of(scene).terms[:count])
        waiting = replace(scene, derivation=some, comparison=None, deriving=phrase("derivation.loading"))
        assert drawn(waiting, 58, 7)[:2] == drawn(scene, 58, 7)[:2]


@pytest.mark.parametrize(
    ("language", "steps", "everything"), [("en", "of steps 4–6:", "all"), ("zh", "第 4–6 步：", "全部")]
)
def test_a_part_is_not_called_all(language: Any, steps: str, everything: str) -> None:
    last = drawn(long_scene(language=language), 118, 9)[-1]
    assert steps in last
    assert everything not in last
    assert everything in drawn(at_step("scalar-t3", 1, language=language), 118, 9)[-1]


def test_columns_that_no_row_explains_have_headings() -> None:
    lines = drawn(long_scene(), 74, 9)
    heading = next(line for line in lines if "apart" in line)
    row = lines[lines.index(heading) + 1]
    assert heading.index("apart") + len("apart") == len(row.rstrip())
