"""Workings: rows that join to their result, results that equal the trace, formulas as a lecture writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lessons import LESSONS
from networks import KINDS, name_of, trace_of, truncated_networks
from test_generic_cells import STACKS, D, H, K, network_of
from test_oracle import CASES, FOLDER

import bptt_viz
from bptt_viz import engine
from bptt_viz.activations import ACTIVATIONS
from bptt_viz.arithmetic import in_numbers
from bptt_viz.arrivals import adjoint
from bptt_viz.notation import GOODFELLOW
from bptt_viz.operations import working
from bptt_viz.scenario import NetworkTable, Scenario, SequenceTable
from bptt_viz.timeline import Phase, Step, Timeline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.activations import Array
    from bptt_viz.tracing import Trace
    from bptt_viz.working import Part, Working


def walk(trace: Trace) -> Iterator[tuple[Step, str, Working]]:
    """Every step that has a working, with every parameter where that matters."""
    timeline = Timeline.of(trace.network, trace.T)
    names = list(trace.parameters)
    for position in range(timeline.last + 1):
        step = timeline.step(position)
        by_parameter = step.phase is Phase.UPDATE or (step.operation and step.operation.kind == "contribution")
        for name in names if by_parameter else names[:1]:
            found = working(trace, step, name)
            assert (found is None) == (step.phase is Phase.START)
            if found is not None:
                yield step, name, found


def joined(parts: list[Part]) -> Array | None:
    """The rows put together by their operators, ⊙ before +; None where they do not stand in the formula as they are."""
    rows = [part for part in parts if part.operator is not None]
    if not rows:
        return None
    summands: list[Array] = []
    for part in rows:
        if part.operator in ("", "+", "−"):
            summands.append(-part.values if part.operator == "−" else part.values.copy())
        elif part.operator == "·":
            summands = [summand * part.values for summand in summands]
        else:
            assert part.operator == "⊙"
            summands[-1] = summands[-1] * part.values
    total: Array = np.sum(summands, axis=0)
    return total


def recorded(trace: Trace, step: Step, parameter: str) -> Any:
    """What the trace says the step's result is."""
    t, operation = step.t - 1, step.operation
    if operation is None:
        return [trace.loss]
    if operation.layer is not None:
        layer = trace.layers[operation.layer]
        return (layer.adjoints if operation.kind == "adjoint" else layer.values)[operation.name][
            t + (operation.kind == "equation")
        ]
    named = {"output": trace.o, "prediction": trace.y_hat, "loss_gradient": trace.dL_do, "loss": trace.losses[:, None]}
    return trace.contributions.at(parameter, step.t) if operation.kind == "contribution" else named[operation.kind][t]


def check_rows(trace: Trace) -> None:
    """Rows join to results, results equal the trace, products are products, every formula writes."""
    for step, parameter, found in walk(trace):
        at = GOODFELLOW.write(found.formula)
        assert all(part.operator != "=" for part in found.parts[:-1]), at
        assert all(GOODFELLOW.write(part.formula) for part in found.parts), at
        for part in found.parts:
            assert (part.quantity is None) == (part.worked is not None) or part.operator is None, at
        if step.phase is Phase.UPDATE or not found.parts:
            continue
        wanted = recorded(trace, step, parameter)
        if found.result.operator != "=":
            np.testing.assert_array_equal(np.outer(*(part.values for part in found.parts)), wanted, err_msg=at)
            continue
        assert at.startswith(f"{GOODFELLOW.write(found.result.formula)} = ")
        np.testing.assert_array_equal(found.result.values, wanted, err_msg=at)
        values = joined(list(found.parts[:-1]))
        if values is not None:
            names = {"σ": "sigmoid", "id": "identity"}
            if found.function:
                values = ACTIVATIONS[names.get(found.function, found.function)].value(values)
            np.testing.assert_allclose(values, wanted, rtol=1e-12, atol=1e-12, err_msg=at)


@pytest.fixture(params=LESSONS)
def bundled(request: pytest.FixtureRequest) -> Trace:
    return bptt_viz.trace(bptt_viz.load(request.param))


def test_bundled_scenarios(bundled: Trace) -> None:
    check_rows(bundled)


@settings(max_examples=40)
@given(scenario=st.from_type(Scenario))
def test_any_scenario(scenario: Scenario) -> None:
    check_rows(engine.trace(scenario))


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_every_kind_of_network(kind: tuple[str, int, int, str]) -> None:
    check_rows(trace_of(*kind))


@settings(max_examples=60)
@given(scenario=truncated_networks())
def test_any_network_under_any_truncation(scenario: Scenario) -> None:
    check_rows(engine.trace(scenario))


@pytest.mark.parametrize("case", CASES)
def test_oracle_cases(case: str) -> None:
    check_rows(bptt_viz.trace(bptt_viz.load(FOLDER / f"{case}.toml")))


def unknown_to_the_program(stack: tuple[str, ...]) -> Trace:
    """A trace of cells that are declared in a test only; the second step has no target."""
    rng = np.random.default_rng(7)
    inputs = tuple(tuple(map(float, row)) for row in rng.normal(size=(3, D)))
    targets = ((0.5,) * K, (), (1.0, -1.0))
    scenario = Scenario(SequenceTable(inputs=inputs, targets=targets), NetworkTable(H))
    return engine.run(scenario, network_of(stack, rng))


@pytest.mark.parametrize("stack", STACKS, ids=" + ".join)
def test_cells_that_the_program_does_not_know(stack: tuple[str, ...]) -> None:
    check_rows(unknown_to_the_program(stack))


def told(trace: Trace) -> dict[tuple[str, int], tuple[str, list[tuple[str | None, str, str, str]]]]:
    """(operation, t) → the formula, and each row's operator, formula, note and meaning."""
    lines = {}
    for step, _, found in walk(trace):
        if step.operation is not None:
            rows = [
                (part.operator, GOODFELLOW.write(part.formula), part.note, GOODFELLOW.write(part.meaning))
                for part in found.parts
            ]
            lines[f"{step.operation.kind} {step.operation.name}", step.t] = (GOODFELLOW.write(found.formula), rows)
    return lines


def test_what_the_plain_cell_says() -> None:
    lines = told(bptt_viz.trace(bptt_viz.load("length-three")))
    formula, rows = lines["equation a", 2]
    assert formula == "a₂ = U x₂ + W h₁ + b"
    assert [row[:2] for row in rows] == [("", "U x₂"), ("+", "W h₁"), ("+", "b"), ("=", "a₂")]
    assert lines["equation h", 2][0] == "h₂ = tanh(a₂)"
    assert lines["output o", 3][0] == "o₃ = V h₃ + c"
    formula, rows = lines["adjoint a", 2]
    assert formula == "δ₂ = tanh′(a₂) ⊙ ∂L/∂h₂"
    assert rows == [("", "tanh′(a₂)", "", "1 − h₂²"), ("⊙", "∂L/∂h₂", "", ""), ("=", "δ₂", "", "")]
    formula, rows = lines["adjoint h", 2]
    assert formula == "∂L/∂h₂ = Vᵀ ∂L/∂o₂ + Wᵀ δ₃"
    assert rows == [
        ("", "Vᵀ ∂L/∂o₂", "part.from_output", ""),
        ("+", "Wᵀ δ₃", "part.from_future", ""),
        ("=", "∂L/∂h₂", "", ""),
    ]
    assert lines["loss_gradient o", 1][0] == "∂L/∂o₁ = o₁ − y₁"
    # The direct derivative, never the total one.
    assert lines["contribution contribution", 1][0].startswith("∂⁺L/∂")
    assert {(kind, t) for kind, t in lines if kind.startswith("adjoint")} == {
        (f"adjoint {name}", t) for name in "ah" for t in (1, 2, 3)
    }
    assert lines.keys() == {(kind, t) for kind, _ in lines for t in (1, 2, 3)}


def test_a_gate_inside_a_product_is_bracketed() -> None:
    formulas = {GOODFELLOW.write(found.formula) for _, _, found in walk(unknown_to_the_program(("gru after",)))}
    assert any("W_n⁽¹⁾ᵀ (r₃ ⊙ δ_n₃)" in formula for formula in formulas)
    formulas = {GOODFELLOW.write(found.formula) for _, _, found in walk(unknown_to_the_program(("gru before",)))}
    assert any("r₃ ⊙ W_n⁽¹⁾ᵀ δ_n₃" in formula for formula in formulas)


def remarks(trace: Trace) -> dict[str, set[int]]:
    """Remark → the time steps at which it is made."""
    found: dict[str, set[int]] = {}
    for step, _, one in walk(trace):
        found.setdefault(one.remark, set()).add(step.t)
    return found


def test_remarks() -> None:
    table = NetworkTable(1, parameters={"U": ((1.0,),), "W": ((1.0,),), "V": ((1.0,),)}, bias=False)
    sequence = SequenceTable(inputs=((1.0,),) * 3, targets=((1.0,), (), (1.0,)))
    found = remarks(engine.trace(Scenario(sequence, table)))
    assert found["remark.no_target"] == {2}
    assert found["remark.no_future"] == {3}
    assert set(found) == {"", "remark.no_target", "remark.no_future"}


def numbers_of(found: Working) -> str:
    """The first entry with its numbers put in."""
    return GOODFELLOW.write(in_numbers(found.entry(0)))


def test_long_rows_end_in_an_ellipsis_and_zeros_of_one_hot_vectors_are_folded() -> None:
    words = tuple("abcdefghijklm")
    table = NetworkTable(12, parameters={"b": (0.25,) * 12})
    trace = engine.trace(Scenario(SequenceTable(tokens=words, vocabulary=words), table))
    timeline = Timeline.of(trace.network, trace.T)
    first = working(trace, timeline.step(1), "W")
    assert first is not None
    u = trace.parameters["U"][0, 0]
    assert numbers_of(first) == f"{u:.4f}·1 + 0 + 0.25" if u > 0 else f"(−{-u:.4f})·1 + 0 + 0.25"
    second = working(trace, timeline.step(1 + len(timeline.forward)), "W")
    assert second is not None
    assert "…" in numbers_of(second)
    assert numbers_of(second).count("·") == 1 + 8


def rows_of(kind: tuple[str, int, int, str], layer: int, name: str, t: int) -> tuple[str, list[tuple[int, str, str]]]:
    """An adjoint's formula, and of each row but the result its route, formula and note."""
    found = adjoint(trace_of(*kind), name, layer, t)
    return GOODFELLOW.write(found.formula), [
        (part.route, GOODFELLOW.write(part.formula), part.note) for part in found.parts[:-1]
    ]


def test_the_two_routes_of_an_lstm_stand_apart() -> None:
    formula, rows = rows_of(("lstm", 1, 0, "full"), 0, "h", 2)
    assert formula == "∂L/∂h₂ = Vᵀ ∂L/∂o₂ + W_iᵀ δ_i₃ + W_fᵀ δ_f₃ + W_gᵀ δ_g₃ + W_oᵀ δ_o₃"
    assert rows[0] == (1, "Vᵀ ∂L/∂o₂", "part.from_output")
    assert {(route, note) for route, _, note in rows[1:]} == {(2, "part.through_hidden")}
    assert rows_of(("lstm", 1, 0, "full"), 0, "s", 2)[1] == [
        (3, "tanh′(s₂) ⊙ q₂ ⊙ ∂L/∂h₂", "part.through_hidden"),
        (4, "f₃ ⊙ ∂L/∂s₃", "part.through_cell"),
    ]
    assert rows_of(("lstm", 1, 0, "full"), 0, "f", 2)[0] == "∂L/∂f₂ = s₁ ⊙ ∂L/∂s₂"


@pytest.mark.parametrize("cell", ["gru before", "gru after"])
def test_what_a_gate_carries_over_stands_apart_from_what_comes_through_matrices(cell: str) -> None:
    _, rows = rows_of((cell, 1, 0, "full"), 0, "h", 2)
    assert [row for row in rows if "ᵀ" not in row[1]] == [(3, "z₃ ⊙ ∂L/∂h₃", "part.carried")]
    assert [(route, note) for route, formula, note in rows if "ᵀ" in formula] == [
        (1, "part.from_output"),
        *[(2, "part.from_future")] * 3,
    ]
    (carried,) = [part for part in adjoint(trace_of(cell), "h", 0, 2).parts if part.route == 3]
    assert GOODFELLOW.write(carried.meaning) == "z₃"
    _, cut = rows_of((cell, 1, 0, "segments"), 0, "h", 2)
    assert [note for route, _, note in cut if route > 1] == ["part.cut"] * 4


def test_in_a_stack_gradients_come_from_above_and_from_the_future() -> None:
    assert rows_of(("rnn", 2, 0, "full"), 1, "h", 2)[1] == [
        (1, "Vᵀ ∂L/∂o₂", "part.from_output"),
        (2, "W⁽²⁾ᵀ δ⁽²⁾₃", "part.from_future"),
    ]
    assert rows_of(("rnn", 2, 0, "full"), 0, "h", 2)[1] == [
        (1, "U⁽²⁾ᵀ δ⁽²⁾₂", "part.from_above"),
        (2, "W⁽¹⁾ᵀ δ⁽¹⁾₃", "part.from_future"),
    ]
    assert rows_of(("rnn", 2, 0, "full"), 0, "x", 2)[0] == "∂L/∂x₂ = U⁽¹⁾ᵀ δ⁽¹⁾₂"
    lines = told(trace_of("rnn", 2))
    assert lines["equation a", 2][0] == "a⁽²⁾₂ = U⁽²⁾ h⁽¹⁾₂ + W⁽²⁾ h⁽²⁾₁ + b⁽²⁾"
    assert lines["output o", 2][0] == "o₂ = V h⁽²⁾₂ + c"


def test_a_gru_of_either_kind() -> None:
    after = {GOODFELLOW.write(found.formula) for _, _, found in walk(trace_of("gru after"))}
    before = {GOODFELLOW.write(found.formula) for _, _, found in walk(trace_of("gru before"))}
    assert "∂⁺L/∂W_n (t = 2) = (r₂ ⊙ δ_n₂) h₁ᵀ" in after
    assert "∂⁺L/∂W_n (t = 2) = δ_n₂ (r₂ ⊙ h₁)ᵀ" in before
    assert "∂⁺L/∂b_hn (t = 2) = r₂ ⊙ δ_n₂" in after
    assert "∂L/∂r₂ = W_nᵀ δ_n₂ ⊙ h₁" in before or "∂L/∂r₂ = h₁ ⊙ W_nᵀ δ_n₂" in before


def test_across_the_border_the_decoder_s_own_parameters_are_read() -> None:
    lines = told(trace_of("rnn", 1, 3))
    assert lines["equation a", 2][0] == "a₂ = U x₂ + W h₁ + b"
    assert lines["equation a", 3][0] == "a₃ = Uᵈᵉᶜ x₃ + Wᵈᵉᶜ h₂ + bᵈᵉᶜ"
    assert rows_of(("rnn", 1, 3, "full"), 0, "h", 2)[1][1] == (2, "Wᵈᵉᶜᵀ δ₃", "part.from_future")
    assert rows_of(("rnn", 1, 3, "full"), 0, "h", 1)[1][1] == (2, "Wᵀ δ₂", "part.from_future")
    assert remarks(trace_of("rnn", 1, 3))["remark.not_used"] == {1, 2, 3, 4, 5}


@pytest.mark.parametrize(("truncation", "t", "formula", "note"), [
    ("segments", 1, "Wᵀ δ₂", "part.from_future"),
    ("segments", 2, "0 · Wᵀ δ₃", "part.cut"),
    ("given ξ", 2, "ξ₃ · Wᵀ δ₃", "part.from_future"),
    ("given ξ", 3, "ξ₄ · Wᵀ δ₄", "part.cut"),
    ("window 1", 2, "Wᵀ (δ₃ − ∂L₃/∂a₃)", "part.from_future"),
    ("window 2", 1, "Wᵀ (δ₂ − ∂L₃/∂a₂)", "part.from_future"),
    # L₄ there is not, and there is no L₆.
    ("window 2", 2, "Wᵀ δ₃", "part.from_future"),
    ("window 2", 4, "Wᵀ δ₅", "part.from_future"),
])  # fmt: skip
def test_what_truncation_lets_through_from_the_future(truncation: str, t: int, formula: str, note: str) -> None:
    assert rows_of(("rnn", 1, 0, truncation), 0, "h", t)[1][-1] == (2, formula, note)


def letters(trace: Trace) -> list[tuple[str, int, str, str]]:
    """Which operation at which step explains which letter."""
    return [
        (f"{step.operation.kind} {step.operation.name}", step.t, *one)
        for step, _, found in walk(trace)
        if step.operation is not None
        for one in found.letters
    ]


def test_letters_are_explained_where_they_are_met_first_on_the_way_forward_and_back() -> None:
    assert letters(trace_of("lstm")) == [
        ("equation q", 1, "remark.output_gate", "q"),
        ("equation s", 1, "remark.arrow", "f"),
        ("equation h", 1, "remark.output_gate", "q"),
        ("adjoint s", 5, "remark.output_gate", "q"),
    ]
    for cell in ("gru before", "gru after"):
        assert letters(trace_of(cell)) == [("equation h", 1, "remark.arrow", "z")]
    assert letters(trace_of("rnn")) == []
