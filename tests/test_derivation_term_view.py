"""One term of the derivation in full: every number on one of its parts, symbols beside them, matrices unbroken."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from derivation_scenes import (
    LARGE,
    all_text,
    at_step,
    comparison_of,
    derivation_of,
    drawn,
    in_full,
    pages,
    spans,
    with_derivation,
)
from screens import agrees
from test_views import BUNDLED, lesson, scene_of, text_of

from bptt_viz import engine, notation
from bptt_viz.derivation.layout import Layout
from bptt_viz.quantities import SUM, Derived, Number, TermSum
from bptt_viz.scenario import NetworkTable, Scenario, SequenceTable
from bptt_viz.views import derivation_view, derived_terms, matrices
from bptt_viz.views.canvas import Run
from bptt_viz.views.plain import plain
from bptt_viz.views.scene import Lesson

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.derivation.comparison import Comparison


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
                seen |= {span.number: span.text for span in spans(in_full(lines)) if span.number is not None}
            assert seen.keys() == wanted.keys()
            assert all(agrees(text, wanted[number]) for number, text in seen.items())


def test_the_symbols_stand_beside_the_numbers() -> None:
    scene = at_step("wo-zuotian", 3, page="derivation", term=5)
    text = all_text(scene, 118, 30)
    step = comparison_of(scene).terms[5].term.factors[2].blocks[0]
    assert "∂h₅/∂h₄ = diag(1 − h₅²) W" in text
    row = "(1 − h₅[2]²) · W₂₁  (1 − h₅[2]²) · W₂₂  (1 − h₅[2]²) · W₂₃⎥ = ⎢"
    shown = text.split(row)[1].split("⎥")[0].split()
    assert all(agrees(one, value) for one, value in zip(shown, step.value[1], strict=True))
    assert "∂⁺h₃/∂W: ∂⁺h₃[i]/∂Wᵢⱼ = (1 − h₃[i]²) h₂[j]" in text


@pytest.mark.parametrize("name", notation.names())
def test_with_plain_symbols_a_layer_is_told_from_the_step_after_it(name: str) -> None:
    for parameter in ("W_1", "U_2", "V"):
        scene = at_step("stack-2", 1, parameter=parameter, plain=True, page="derivation")
        scene = replace(scene, notation=notation.load(name))
        for index in range(len(derivation_of(scene).terms)):
            for width, height in LARGE:
                text = plain(all_text(replace(scene, term=index), width, height))
                assert not re.search(r"\w\(\d+\)\d", text), text


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
        text = all_text(scene, 118, 21)
        assert "∂L₃/∂o₃ = (o₃ − y₃)ᵀ" in text
        for lines in pages(scene, 118, 21):
            for span in spans(lines):
                if span.number is not None and isinstance(span.number.quantity, Derived) and span.number.entry:
                    wanted = numbers_of(0, comparison_of(scene))
                    assert agrees(span.text, wanted[span.number])
    assert "the first 6×8 of 16×16" in all_text(replace(with_derivation(replace(scene, parameter="W"))), 118, 21)


def test_a_broken_matrix_keeps_its_title() -> None:
    scene = at_step("wo-zuotian", 4, page="derivation", term=5)
    for lines in pages(scene, 78, 9):
        first = text_of(in_full(lines)[1])
        assert re.match(r" (∂|\(5,3\)|\||sum|relative)", first), first


def test_values_that_are_compared_have_their_digits() -> None:
    scene = at_step("wo-zuotian", 4, page="derivation", term=5)
    seen = {span.number: span.text for lines in pages(scene, 78, 13) for span in spans(lines) if span.number}
    for (i, j), value in np.ndenumerate(derivation_of(scene).terms[5].value):
        digits = seen[Number(Derived("W", 5, 3), (i, j))].strip(" +−").partition("e")[0].replace(".", "").lstrip("0")
        assert len(digits) >= 3, (i, j, value)


def test_a_matrix_of_what_is_not_finite() -> None:
    shown = matrices.Shown.of(np.array([[np.inf, np.nan], [-np.inf, 0.0]]), None)
    lines = matrices.draw("x", shown, Layout(notation.GOODFELLOW, "en", 40)).lines
    assert [text_of(line).strip("⎡⎣⎤⎦").split() for line in lines[1:]] == [["+∞", "NaN"], ["−∞", "0"]]
