"""The derivation's panel and page for gated cells, stacks, decoders, truncation: whole at every size, nothing false."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from derivation_scenes import pages, with_derivation
from derivations import networks
from hypothesis import given, settings
from hypothesis import strategies as st
from test_derivation_networks import run
from test_views import check_size, scene_of, text_of

from bptt_viz import engine
from bptt_viz.messages import LANGUAGES
from bptt_viz.notation import NOTATIONS
from bptt_viz.timeline import Phase
from bptt_viz.views import derivation_view
from bptt_viz.views.scene import Lesson

if TYPE_CHECKING:
    from pathlib import Path

    from bptt_viz.scenario import Scenario
    from bptt_viz.views.scene import Scene

RANDOMIZED = '[backward]\nstrategy = "randomized"\nxi = [1.0, 1.25, 0.0]\n'


def read(text: str) -> float | None:
    """The number that ends a span, if it is one."""
    found = re.search(r"[+−]?(\d+\.?\d*(e−?\d+)?|∞)$", text.strip())
    return float(found[0].replace("−", "-").replace("∞", "inf")) if found else None


@settings(max_examples=30)
@given(scenario=networks(most_units=2), data=st.data())
def test_numbers_are_those_of_their_reasons(scenario: Scenario, data: st.DataObject) -> None:
    taught = Lesson(engine.trace(scenario), "lesson.toml")
    position = data.draw(st.integers(1, taught.timeline.last))
    parameter = data.draw(st.sampled_from(taught.parameter_names))
    language = data.draw(st.sampled_from(LANGUAGES))
    scene = with_derivation(scene_of(taught, position, language, parameter=parameter, page="derivation"))
    notation = NOTATIONS[data.draw(st.sampled_from(list(NOTATIONS)))]
    scene = replace(scene, term=data.draw(st.integers(0, 9)), notation=notation)
    width, height = data.draw(st.integers(58, 200)), data.draw(st.integers(8, 40))
    check_size(derivation_view, scene, width, height)
    check_size(derivation_view, replace(scene, page=""), width, height)
    for lines in pages(scene, 118, 24):
        for span, number in ((span, span.number) for line in lines for span in line):
            if number is None:
                continue
            shown, meant = read(span.text), taught.reasons.of(number, scene.derivation).value
            assert shown is not None, span
            # Three digits at the least; small numbers have fewer in a narrow matrix.
            assert math.isclose(shown, meant, rel_tol=6e-2, abs_tol=6e-4), (span, meant)


def shown(trace: Any, parameter: str, term: int, **choices: Any) -> str:
    """All that is on the page of a term."""
    taught = Lesson(trace, "lesson.toml")
    scene: Scene = scene_of(taught, taught.timeline.end_of(Phase.BACKWARD, 1), parameter=parameter, page="derivation")
    scene = replace(with_derivation(scene), term=term, **choices)
    return "\n".join(text_of(line) for lines in pages(scene, 118, 24) for line in lines)


def test_terms_say_their_weights(folder_of: Path) -> None:
    trace = run(folder_of, layers=2, more=RANDOMIZED)
    page = shown(trace, "W_1", 4)
    found = dict(re.findall(r"\((\d,\d)\) ×(\S+)", page))
    assert found == {"3,3": "1", "2,2": "1", "3,2": "0", "1,1": "1", "2,1": "1.25", "3,1": "0"}
    assert "each term enters ∇W⁽¹⁾ with the weight after ×; ×0 is left out" in " ".join(page.split())
    assert "(2,1) enters ∇W⁽¹⁾ with the weight 1.25" in page
    assert "weighted sum of all 6 = ∇W⁽¹⁾" in page
    assert "= ∂L/∂W⁽¹⁾ =" not in page
    assert "weight 0: (3,1) is left out of ∇W⁽¹⁾" in shown(trace, "W_1", 5)
    full = shown(run(folder_of, layers=2), "W_1", 4)
    assert "×" not in full
    assert "sum of all 6 = ∂L/∂W⁽¹⁾" in full


def test_blocks_and_routes_stand_apart(folder_of: Path) -> None:
    page = shown(run(folder_of, "lstm", 2), "W_f", 5)
    assert "⎡∂s₃/∂s₂  ∂s₃/∂h₂⎤" in page
    assert "∂s₃/∂s₂ = diag(f₃)" in page
    assert "[0  ∂o₃/∂h₃]" in page
    routes = re.findall(r"of it by ∂L₃/∂o₃ · ∂o₃/∂h₃ · ∂h₃/∂(.)₂ · ∂.₂/∂(.)₁ · ∂⁺", page)
    assert routes == [("s", "s"), ("s", "h"), ("h", "s"), ("h", "h")]
    # Symbols that have no room beside each other are broken, none is cut off.
    assert "…" not in page.partition("──")[2]
    stack = shown(run(folder_of, layers=2), "W_1", 5)
    assert "⎡∂h⁽¹⁾₃/∂h⁽¹⁾₂  0            ⎤" in stack
    assert stack.count("of it by") == 3


@pytest.fixture
def folder_of(tmp_path: Path) -> Path:
    """Where lessons are written."""
    return tmp_path
