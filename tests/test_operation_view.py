"""The operation's panel: long formulas keep their end, notes name the gate, and nothing is worked out of nothing."""

from __future__ import annotations

import pytest
from test_views import lesson, scene_of, text_of

from bptt_viz.formatting import signed
from bptt_viz.messages import LANGUAGES, Language
from bptt_viz.notation import GOODFELLOW
from bptt_viz.timeline import Operation, Phase
from bptt_viz.views import operation_view


def drawn(name: str, operation: Operation, t: int, size: tuple[int, int], language: Language = "en") -> list[str]:
    """The panel's lines at a backward operation."""
    taught = lesson(name)
    position = taught.timeline.position(Phase.BACKWARD, t, operation)
    return [text_of(line).strip() for line in operation_view.draw(scene_of(taught, position, language), *size)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["lstm-gates", "gru-before", "gru-after"])
def test_a_long_formula_gives_way_to_its_rows_and_to_an_entry_with_its_result(name: str, language: Language) -> None:
    taught, operation = lesson(name), Operation("adjoint", "h", 0)
    working = scene_of(taught, taught.timeline.position(Phase.BACKWARD, 1, operation)).working
    assert working is not None
    formula, value = GOODFELLOW.write(working.formula), signed(float(working.result.values[working.focus]))
    roomy, tight = drawn(name, operation, 1, (67, 12), language), drawn(name, operation, 1, (67, 8), language)
    assert " ".join(roomy[:2]) == formula
    assert formula.startswith(tight[0].rstrip("… "))
    for lines in roomy, tight:
        for part in working.parts:
            assert any(GOODFELLOW.write(part.formula) in line for line in lines[1:])
        assert any(line.startswith("[1]") for line in lines)
        assert lines[-1].rstrip("… ").endswith(f"= {value}")


@pytest.mark.parametrize(("language", "told"), [("en", "carried over by z₂"), ("zh", "经 z₂ 直接传来")])
def test_what_a_gate_carries_over_says_so(language: Language, told: str) -> None:
    lines = drawn("gru-before", Operation("adjoint", "h", 0), 1, (78, 12), language)
    (row,) = [line for line in lines if "(3) z₂ ⊙ ∂L/∂h₂" in line]
    assert row.endswith(told)


def test_where_nothing_is_computed_no_entry_is_worked_out() -> None:
    lines = drawn("lstm-gates", Operation("loss_gradient", "o"), 1, (78, 12))
    assert any("∂L/∂o₁ = 0" in line for line in lines)
    assert not any(line.startswith("[1]") for line in lines)
    lines = drawn("lstm-gates", Operation("loss_gradient", "o"), 2, (78, 12))
    assert any("=" in line and "−" in line for line in lines)
