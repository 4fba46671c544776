"""The derivation as a panel: whole at every size, its numbers the comparison's, its lit terms the cursor's."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from screens import agrees
from test_views import BUNDLED, check_size, lesson, long_lesson, scene_of, text_of

from bptt_viz import engine, notation
from bptt_viz.derivation.comparison import Comparison, compare
from bptt_viz.derivation.layout import Layout
from bptt_viz.derivation.outline import outline
from bptt_viz.derivation.products import product
from bptt_viz.derivation.symbolic import terms as derive
from bptt_viz.derivation.window import STEPS, window_at, window_of
from bptt_viz.messages import LANGUAGES, phrase
from bptt_viz.quantities import SUM, Derived, Number, TermSum
from bptt_viz.scenario import NetworkTable, Scenario, SequenceTable
from bptt_viz.timeline import Phase
from bptt_viz.views import derivation_view, derived_terms, jacobians, matrices, terms
from bptt_viz.views.canvas import GoTo, Run
from bptt_viz.views.scene import Lesson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.activations import Array
    from bptt_viz.derivation.result import Derivation
    from bptt_viz.views.canvas import Line, Span
    from bptt_viz.views.scene import Scene

#: As small as it gets, beside the ledger, alone under the network, on a wall; and with all the room.
COMPACT = [(58, 1), (58, 4), (74, 7), (78, 9), (118, 8), (130, 15)]
LARGE = [(58, 8), (78, 12), (118, 21), (198, 36)]
GLYPHS = {"●": "known", "◉": "now", "○": "future"}
PARTS = {"en": r"part (\d+) of (\d+)", "zh": r"第 (\d+) 部分，共 (\d+) 部分"}


@cache
def compared(taught: Lesson, first: int, parameter: str) -> Comparison:
    """A derivation of a lesson, beside the engine."""
    window = window_of(taught.trace, first, STEPS, parameter)
    return compare(structs.replace(outline(window), terms=tuple(derive(window))), taught.trace)


def with_derivation(scene: Scene) -> Scene:
    """The scene with the derivation that belongs to its cursor."""
    T = scene.trace.T
    comparison = compared(scene.lesson, window_at(T, scene.t), scene.parameter)
    return replace(scene, derivation=comparison.derivation, comparison=comparison)


def at_step(name: str, t: int, **choices: Any) -> Scene:
    """The end of backward step ``t`` of a bundled scenario."""
    taught = lesson(name)
    return with_derivation(scene_of(taught, taught.timeline.end_of(Phase.BACKWARD, t), **choices))


def derivation_of(scene: Scene) -> Derivation:
    assert scene.derivation is not None
    return scene.derivation


def comparison_of(scene: Scene) -> Comparison:
    assert scene.comparison is not None
    return scene.comparison


def drawn(scene: Scene, width: int, height: int) -> list[str]:
    return [text_of(line) for line in derivation_view.draw(scene, width, height)]


def pages(scene: Scene, width: int, height: int) -> Iterator[list[Line]]:
    """All parts of the chosen term."""
    lines = derivation_view.draw(scene, width, height)
    found = re.search(PARTS[scene.language], "\n".join(map(text_of, lines)))
    for page in range(int(found[2]) if found else 1):
        yield derivation_view.draw(replace(scene, scroll=page), width, height)


def rows(lines: list[Line]) -> Iterator[tuple[str, Line]]:
    """The rows of the list: their terms, ``5,4``, and themselves."""
    for line in lines:
        found = re.match(r"[ ↑↓][●◉○]\((\d+,\d+)\)", text_of(line))
        if found:
            yield found[1], line


def spans(lines: list[Line]) -> Iterator[Span]:
    for line in lines:
        yield from line


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
@given(scenario=..., data=st.data())
def test_any_lesson_at_any_size(scenario: Scenario, data: st.DataObject) -> None:
    taught = Lesson(engine.trace(scenario), "lesson.toml")
    position = data.draw(st.integers(0, taught.timeline.last))
    parameter = data.draw(st.sampled_from(taught.parameter_names))
    scene = with_derivation(scene_of(taught, position, data.draw(st.sampled_from(LANGUAGES)), parameter=parameter))
    width, height = data.draw(st.integers(40, 200)), data.draw(st.integers(1, 40))
    check_size(derivation_view, scene, width, height)
    term, scroll = data.draw(st.integers(0, 9)), data.draw(st.integers(0, 9))
    check_size(derivation_view, replace(scene, page="derivation", term=term, scroll=scroll), width, height)


# The list.


@pytest.mark.parametrize("name", BUNDLED)
def test_terms_light_up_with_the_cursor(name: str) -> None:
    taught = lesson(name)
    for position in range(taught.timeline.last + 1):
        scene = with_derivation(scene_of(taught, position))
        step, seen = scene.step, dict(rows(derivation_view.draw(scene, 118, 12)))
        assert list(seen) == [f"{one.t},{one.k}" for one in derivation_of(scene).terms]
        for term in derivation_of(scene).terms:
            added = position > taught.timeline.end_of(Phase.BACKWARD, term.k)
            now = step.phase is Phase.BACKWARD and step.t == term.k
            role = "now" if now else "known" if added else "future"
            line = seen[f"{term.t},{term.k}"]
            assert GLYPHS[text_of(line)[1]] == role, position
            assert {span.role for span in line[1:] if span.role != "dim" and span.text.strip()} == {role}
            assert line[1].subject == GoTo(taught.timeline.end_of(Phase.BACKWARD, term.k))


def test_those_at_the_cursor_are_seen_where_not_all_have_room() -> None:
    for t in (5, 4, 3, 2, 1):
        scene = at_step("wo-zuotian", t)
        wanted = {f"{one.t},{one.k}" for one in derivation_of(scene).terms if one.k == t}
        for height in range(len(wanted) + 2, 12):
            lines = derivation_view.draw(scene, 74, height)
            seen = dict(rows(lines))
            assert wanted <= set(seen)
            names = [f"{one.t},{one.k}" for one in derivation_of(scene).terms]
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
            assert pair == f"{term.t},{term.k}"
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


# What is said around it.


def test_a_window_inside_a_sequence_says_what_it_holds_fixed() -> None:
    assert derivation_view.title(at_step("wo-zuotian", 4)).endswith("steps 3–5 of 5; h₂ held fixed")
    assert derivation_view.title(at_step("wo-zuotian", 1)).endswith("steps 1–3 of 5")
    assert derivation_view.title(at_step("scalar-t3", 1)).endswith("steps 1–3 of 3")


@pytest.mark.parametrize("size", [*COMPACT[2:], *LARGE])
def test_the_rule_is_whole(size: tuple[int, int]) -> None:
    for name in notation.names():
        for large in (False, True):
            scene = replace(at_step("wo-zuotian", 4, page="derivation" if large else ""), notation=notation.load(name))
            rule = scene.write(derivation_of(scene).rule).partition(" = ")[2]
            if size[0] >= 78 or name == "goodfellow":
                shown = " ".join(" ".join(line.strip() for line in drawn(scene, *size)[:3]).split())
                assert rule in shown or size[0] < 74, (name, size)


def test_what_is_waited_for_stands_with_the_rule() -> None:
    scene = at_step("wo-zuotian", 5)
    nothing = structs.replace(derivation_of(scene), terms=())
    for large in (False, True):
        waiting = replace(
            scene,
            derivation=nothing,
            comparison=None,
            deriving=phrase("derivation.loading"),
            page="derivation" if large else "",
        )
        text = "\n".join(drawn(waiting, 118, 12))
        assert "loading SymPy" in text
        assert "∂L/∂W = Σₜ" in text
    assert any("a_t = U x_t + W h_{t−1} + b" in line for line in drawn(waiting, 118, 12))


def test_terms_stand_there_while_more_are_derived() -> None:
    scene = at_step("wo-zuotian", 5)
    some = structs.replace(derivation_of(scene), terms=derivation_of(scene).terms[:2])
    said = phrase("derivation.term", count=3, expected=6)
    for large in (False, True):
        waiting = replace(
            scene,
            derivation=some,
            comparison=compare(some, scene.trace),
            deriving=said,
            page="derivation" if large else "",
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
    for large in (False, True):
        mixed = replace(scene, comparison=other.comparison, page="derivation" if large else "", term=5)
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


# One term in full.


def numbers_of(term_index: int, comparison: Comparison) -> dict[Number, float]:
    """All that belongs to a term: entries of factors, its value twice, the sums."""
    parameter, one = comparison.derivation.parameter, comparison.terms[term_index]
    t, k = one.term.t, one.term.k
    last = comparison.terms[-1]
    blocks: list[tuple[Any, Array]] = [
        (Derived(parameter, t, k, place, number), block.value)
        for place, factor in enumerate(one.term.factors)
        for number, block in enumerate(factor.blocks)
    ]
    blocks += [
        (Derived(parameter, t, k), one.value),
        (TermSum(parameter, (t, t), (k, k)), one.engine),
        (Derived(parameter, t, k, SUM), one.sum),
        (Derived(parameter, last.term.t, last.term.k, SUM), last.sum),
    ]
    return {
        Number(quantity, index): float(value[index]) for quantity, value in blocks for index in np.ndindex(value.shape)
    }


@pytest.mark.parametrize("name", BUNDLED)
@pytest.mark.parametrize(("width", "height"), LARGE)
def test_every_number_of_every_term_is_on_one_of_its_parts(name: str, width: int, height: int) -> None:
    for parameter in lesson(name).parameter_names:
        scene = at_step(name, 2, parameter=parameter, page="derivation")
        for index in range(len(derivation_of(scene).terms)):
            wanted = numbers_of(index, comparison_of(scene))
            seen: dict[Number, str] = {}
            for lines in pages(replace(scene, term=index), width, height):
                begun = next(row for row, line in enumerate(lines) if text_of(line).startswith("──"))
                seen |= {span.number: span.text for span in spans(lines[begun:]) if span.number is not None}
            assert seen.keys() == wanted.keys()
            assert all(agrees(text, wanted[number]) for number, text in seen.items())


def test_the_symbols_stand_beside_the_numbers() -> None:
    scene = at_step("wo-zuotian", 3, page="derivation", term=5)
    text = "\n".join(text_of(line) for lines in pages(scene, 118, 30) for line in lines)
    step = comparison_of(scene).terms[5].term.factors[2].blocks[0]
    assert "∂h₅/∂h₄ = diag(1 − h₅²) W" in text
    row = "(1 − h₅[2]²) · W₂₁  (1 − h₅[2]²) · W₂₂  (1 − h₅[2]²) · W₂₃⎥ = ⎢"
    shown = text.split(row)[1].split("⎥")[0].split()
    assert all(agrees(one, value) for one, value in zip(shown, step.value[1], strict=True))
    assert "∂⁺h₃/∂W: ∂⁺h₃[i]/∂Wᵢⱼ = (1 − h₃[i]²) h₂[j]" in text


def test_a_single_number_is_expanded() -> None:
    scene = at_step("scalar-t3", 1, page="derivation", term=2)
    text = "\n".join(drawn(scene, 118, 21))
    term = derivation_of(scene).terms[2]
    assert term.expanded
    shown = re.sub(r"\s+", " ", text)
    assert f"({term.t},{term.k}) = {scene.write(term.expanded)}" in shown
    step = term.factors[2].blocks[0].value.item()
    (said,) = re.findall(r"∂h₃/∂h₂ = \(1 − h₃²\) · W = (\S+)", shown)
    assert agrees(said, step)
    assert "= ∂L/∂W" in shown


def test_the_chosen_term_is_the_cursors_unless_another_is_chosen() -> None:
    scene = at_step("wo-zuotian", 4, page="derivation")
    assert derived_terms.chosen_term(scene) == 1
    assert derived_terms.chosen_term(replace(scene, term=5)) == 5
    assert derived_terms.chosen_term(replace(scene, term=99)) == 5
    assert derived_terms.chosen_term(replace(scene, derivation=None, term=3)) == 0
    for term in range(6):
        lines = derivation_view.draw(replace(scene, term=term), 118, 21)
        one = derivation_of(scene).terms[term]
        assert [text for span in spans(lines) if span.role == "current" for text in [span.text.strip()]] == [
            f"({one.t},{one.k})"
        ]
        assert any(text_of(line).startswith(f"── ({one.t},{one.k})") for line in lines)


def test_parts_come_round_again() -> None:
    scene = at_step("wo-zuotian", 4, page="derivation", term=5)
    parts = ["\n".join(map(text_of, lines)) for lines in pages(scene, 118, 21)]
    assert len(parts) > 1
    assert len(set(parts)) == len(parts)
    assert drawn(replace(scene, scroll=len(parts)), 118, 21) == drawn(scene, 118, 21)
    for keys, cap in (({}, "Tab"), ({"panel": ("f6",)}, "f6")):
        lines = derivation_view.draw(replace(scene, keys=keys), 118, 21)
        *others, key = [span for span in spans(lines) if span.role == "key"]
        assert [(one.text.strip(), one.subject) for one in others] == [("↑", Run("entry_up")), ("↓", Run("entry_down"))]
        assert (key.text.strip(), key.subject) == (cap, Run("panel"))


def test_a_matrix_is_on_one_part_where_it_has_room() -> None:
    """No part begins or ends within brackets, at sizes that have room for the highest of them."""
    for parameter in ("W", "V", "b"):
        for index in range(3):
            scene = at_step("wo-zuotian", 4, page="derivation", term=index, parameter=parameter)
            for size in ((118, 21), (118, 30), (198, 36)):
                for lines in pages(scene, *size):
                    text = "\n".join(map(text_of, lines))
                    assert text.count("⎡") == text.count("⎣") == text.count("⎤") == text.count("⎦")


def test_a_large_network_has_matrix_forms_and_the_first_numbers() -> None:
    sequence = SequenceTable(inputs=((1.0,) * 20,) * 3, targets=((0.5,) * 12,) * 3)
    taught = Lesson(engine.trace(Scenario(sequence, NetworkTable(16))), "large.toml")
    for parameter in taught.parameter_names:
        scene = with_derivation(scene_of(taught, taught.timeline.last, parameter=parameter, page="derivation"))
        text = "\n".join(text_of(line) for lines in pages(scene, 118, 21) for line in lines)
        assert "∂L₃/∂o₃ = (o₃ − y₃)ᵀ" in text
        for lines in pages(scene, 118, 21):
            for span in spans(lines):
                if span.number is not None and isinstance(span.number.quantity, Derived) and span.number.entry:
                    wanted = numbers_of(0, comparison_of(scene))
                    assert agrees(span.text, wanted[span.number])
    assert "the first 6×8 of 16×16" in "\n".join(
        text_of(line)
        for lines in pages(replace(with_derivation(replace(scene, parameter="W"))), 118, 21)
        for line in lines
    )


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
        (line,) = [line for pair, line in rows(derivation_view.draw(scene, 118, 9)) if pair == f"{term.t},{term.k}"]
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
            if pair == f"{term.t},{term.k}":
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


def long_scene(**choices: Any) -> Scene:
    taught = long_lesson(12)
    return with_derivation(scene_of(taught, taught.timeline.end_of(Phase.BACKWARD, 4), **choices))


@pytest.mark.parametrize(
    ("language", "steps", "everything"), [("en", "of steps 4–6:", "all"), ("zh", "第 4–6 步：", "全部")]
)
def test_a_part_is_not_called_all(language: Any, steps: str, everything: str) -> None:
    last = drawn(long_scene(language=language), 118, 9)[-1]
    assert steps in last
    assert everything not in last
    assert everything in drawn(at_step("scalar-t3", 1, language=language), 118, 9)[-1]


def test_later_losses_are_said_to_be_left_out() -> None:
    assert derivation_view.title(long_scene(page="derivation")).endswith("h₃ held fixed; L₇ … L₁₂ left out")
    assert "L₇ … L₁₂ left out" in "".join(drawn(long_scene(), 118, 12))
    assert "left out" not in derivation_view.title(at_step("wo-zuotian", 4, page="derivation"))


def test_columns_that_no_row_explains_have_headings() -> None:
    lines = drawn(long_scene(), 74, 9)
    heading = next(line for line in lines if "apart" in line)
    row = lines[lines.index(heading) + 1]
    assert heading.index("apart") + len("apart") == len(row.rstrip())


def test_a_broken_matrix_keeps_its_title() -> None:
    scene = at_step("wo-zuotian", 4, page="derivation", term=5)
    for lines in pages(scene, 78, 9):
        begun = next(row for row, line in enumerate(lines) if text_of(line).startswith("──"))
        first = text_of(lines[begun + 1])
        assert re.match(r" (∂|\(5,3\)|\||sum|relative)", first), first


def test_values_that_are_compared_have_their_digits() -> None:
    scene = at_step("wo-zuotian", 4, page="derivation", term=5)
    seen = {span.number: span.text for lines in pages(scene, 78, 13) for span in spans(lines) if span.number}
    for (i, j), value in np.ndenumerate(derivation_of(scene).terms[5].value):
        digits = seen[Number(Derived("W", 5, 3), (i, j))].strip(" +−").partition("e")[0].replace(".", "").lstrip("0")
        assert len(digits) >= 3, (i, j, value)


# What a key costs.


def test_a_key_writes_no_formula_anew() -> None:
    scene = at_step("wo-zuotian", 5, page="derivation", term=5)
    for shown in (scene, replace(scene, page="")):
        derivation_view.draw(shown, 118, 21)
    caches = (jacobians.boxes, terms.rows_of)
    before = [one.cache_info().misses for one in caches]
    for position in range(scene.position, scene.position + 8):
        for large in (False, True):
            moved = replace(scene.at(position), page="derivation" if large else "", term=5)
            derivation_view.draw(moved, 118, 21)
    assert [one.cache_info().misses for one in caches] == before


def test_a_matrix_of_what_is_not_finite() -> None:
    shown = matrices.Shown.of(np.array([[np.inf, np.nan], [-np.inf, 0.0]]), None)
    lines = matrices.draw("x", shown, Layout(notation.GOODFELLOW, "en", 40)).lines
    assert [text_of(line).strip("⎡⎣⎤⎦").split() for line in lines[1:]] == [["+∞", "NaN"], ["−∞", "0"]]
