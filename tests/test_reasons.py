"""Why a number is what it is: every quantity of a trace has a reason, and its arithmetic gives its value."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from derivations import derive
from hypothesis import given, settings
from hypothesis import strategies as st
from lessons import LESSONS
from networks import KINDS, name_of, trace_of, truncated_networks
from test_arithmetic import contains, significant_number
from test_generic_cells import STACKS
from test_oracle import CASES, FOLDER
from test_working import unknown_to_the_program

import bptt_viz
from bptt_viz import engine
from bptt_viz.blocks import term_sum
from bptt_viz.notation import GOODFELLOW
from bptt_viz.operations import working
from bptt_viz.quantities import (
    Accumulated,
    Adjoint,
    Contribution,
    Derived,
    Given,
    Normaliser,
    Number,
    Quantity,
    Result,
    Row,
    Single,
    TermSum,
    Update,
)
from bptt_viz.reasons import Reasons
from bptt_viz.scenario import (
    CellKind,
    ClipTable,
    LossTable,
    NetworkTable,
    Reduction,
    Scenario,
    SequenceTable,
    UpdateTable,
)
from bptt_viz.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.activations import Array
    from bptt_viz.tracing import Trace


def over_time(trace: Trace) -> Iterator[tuple[Quantity, Array]]:
    """Every parameter's quantities with their values: contributions, sums, terms, the update."""
    T = trace.T
    taken = trace.gradients if trace.clipped_gradients is None else trace.clipped_gradients
    for name, value in trace.parameters.items():
        yield Given(name), value
        yield Accumulated(name, T + 1), np.zeros_like(value)
        for t in range(1, T + 1):
            yield Contribution(name, t), trace.contributions.at(name, t)
            yield Accumulated(name, t), trace.accumulated.at(name, t)
            for k in range(1, t + 1):
                yield TermSum(name, (t, t), (k, k)), term_sum(trace, name, (t, t), (k, k))
            yield TermSum(name, (t, t), (1, t)), term_sum(trace, name, (t, t), (1, t))
            yield TermSum(name, (t, T), (t, t)), trace.contributions.at(name, t)
        yield TermSum(name, (1, T), (1, T)), trace.gradients[name]
        yield Update("new", name), trace.updated_parameters[name]
        yield Update("step", name), trace.scenario.update.learning_rate * taken[name]
        if trace.clipped_gradients is not None:
            yield Update("clipped", name), taken[name]


def at_steps(trace: Trace) -> Iterator[tuple[Quantity, Array]]:
    """What the two passes compute at every step, with its values."""
    for t in range(1, trace.T + 1):
        yield Given("x", t), trace.x[t - 1]
        yield Given("y", t), trace.y[t - 1]
        yield Result("o", t), trace.o[t - 1]
        yield Result("y_hat", t), trace.y_hat[t - 1]
        yield Adjoint("o", t), trace.dL_do[t - 1]
        yield Adjoint("x", t, 0), trace.dL_dx[t - 1]
        for number, layer in enumerate(trace.layers):
            for name in layer.adjoints:
                yield Result(name, t, number), layer.values[name][t]
                yield Adjoint(name, t, number), layer.adjoints[name][t - 1]
    for loss in range(1, trace.T + 1):
        for number, layer in enumerate(engine.blame(trace, loss).layers):
            for name, adjoints in layer.adjoints.items():
                yield from ((Adjoint(name, t, number, loss), adjoints[t - 1]) for t in range(1, loss + 1))
    for number, (cell, layer) in enumerate(zip(trace.network.cells, trace.layers, strict=True)):
        for state in cell.states:
            yield Result(state, 0, number), layer.values[state][0]


def singles(trace: Trace) -> Iterator[tuple[Number, float]]:
    """Every number that is not an entry of anything."""
    yield Number(Single("L")), trace.loss
    yield Number(Single("rate")), trace.scenario.update.learning_rate
    yield Number(Single("norm")), trace.gradient_norm
    if trace.scenario.backward.strategy == "randomized":
        yield from ((Number(Given("xi", t)), trace.truncation.edge(t)) for t in range(2, trace.T + 1))
    for t in range(1, trace.T + 1):
        if trace.has_target[t - 1]:
            yield Number(Result("L", t)), float(trace.losses[t - 1])
        if trace.loss_kind.name == "cross_entropy" and np.abs(trace.o).max() < 30:
            yield Number(Normaliser(t)), float(np.exp(trace.o[t - 1]).sum())
    for name, triangle in trace.triangle.items():
        for t in range(1, trace.T + 1):
            for k in range(1, t + 1):
                yield Number(TermSum(name, (t, t), (k, k))), triangle[t - 1, k - 1]


def numbers(trace: Trace) -> Iterator[tuple[Number, float]]:
    """Every number of a trace that has a reason."""
    for quantity, values in (*over_time(trace), *at_steps(trace)):
        for entry in np.ndindex(values.shape):
            yield Number(quantity, entry), float(values[entry])
    yield from singles(trace)
    timeline = Timeline.of(trace.network, trace.T)
    name = trace.network.parameter_names[0]
    for position in range(1, timeline.last + 1):
        found = working(trace, timeline.step(position), name)
        for index, part in enumerate(found.parts if found else ()):
            for index_in_row, value in enumerate(part.values if part.worked is not None else ()):
                yield Number(Row(position, name, index), (index_in_row,)), float(value)


@pytest.fixture(autouse=True)
def _computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trace is a record; what is summed of it, and what one loss sends back, is the same for every entry."""
    monkeypatch.setattr("bptt_viz.reasons.terms.term_sum", cache(term_sum))
    monkeypatch.setattr(engine, "blame", cache(engine.blame))


def check_reasons(trace: Trace, most: int = 100_000) -> int:
    """Values agree, the shown formula with its shown numbers gives the value, sources are reasons in turn.

    Of more than ``most`` numbers only as many are asked about, from all of them alike.
    """
    reasons, count = Reasons(trace), 0
    reason_of = cache(reasons.of)
    every = list(numbers(trace))
    for number, value in every[:: len(every) // most + 1]:
        reason = reason_of(number)
        what = f"{number} {GOODFELLOW.write(reason.name)} = {GOODFELLOW.write(reason.formula)}"
        np.testing.assert_allclose(reason.value, value, rtol=1e-9, atol=1e-300, err_msg=what)
        assert GOODFELLOW.write(reason.name), what
        assert bool(reason.worked) or reason.origin is not None, what
        text = GOODFELLOW.write(reason.substituted)
        if text and "…" not in text and "min(" not in text:
            contains(text, value, significant_number)
        for source in reason.sources:
            assert source.number is not None
            inner = reason_of(source.number)
            np.testing.assert_allclose(inner.value, source.value, rtol=1e-9, atol=1e-300, err_msg=what)
            assert GOODFELLOW.write(inner.name) == GOODFELLOW.write(source.symbol), what
        count += 1
    return count


@pytest.mark.parametrize("name", LESSONS)
def test_bundled_scenarios(name: str) -> None:
    assert check_reasons(bptt_viz.trace(bptt_viz.load(name))) > 60


@settings(max_examples=12)
@given(scenario=st.from_type(Scenario))
def test_any_scenario(scenario: Scenario) -> None:
    assert check_reasons(engine.trace(scenario)) > 10


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_every_kind_of_network(kind: tuple[str, int, int, str]) -> None:
    assert check_reasons(trace_of(*kind), most=400) > 150


@settings(max_examples=12)
@given(scenario=truncated_networks())
def test_any_network_under_any_truncation(scenario: Scenario) -> None:
    assert check_reasons(engine.trace(scenario), most=300) > 10


@pytest.mark.parametrize("case", CASES)
def test_oracle_cases(case: str) -> None:
    assert check_reasons(bptt_viz.trace(bptt_viz.load(FOLDER / f"{case}.toml")), most=300) > 60


@pytest.mark.parametrize("stack", STACKS[:3], ids=" + ".join)
def test_cells_that_the_program_does_not_know(stack: tuple[str, ...]) -> None:
    assert check_reasons(unknown_to_the_program(stack)) > 100


@pytest.mark.parametrize("clip", [ClipTable("norm", 0.01), ClipTable("norm", 100.0), ClipTable("value", 0.05)], ids=str)
def test_clipping(clip: ClipTable) -> None:
    scenario = bptt_viz.load("length-three")
    clipped = Scenario(scenario.sequence, scenario.network, loss=scenario.loss, update=UpdateTable(0.1, clip))
    assert check_reasons(engine.trace(clipped)) > 60


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_derived_term_is_the_product_that_is_written_out(cell: CellKind, size: int, reduction: Reduction) -> None:
    """Whatever carries the state: an LSTM's two states both reach the term."""
    rng = np.random.default_rng(size)
    rows = [tuple(map(tuple, rng.normal(size=(2, size)).tolist())) for _ in range(2)]
    network = NetworkTable(size, cell=cell)
    loss = LossTable("squared_error", reduction)
    trace = engine.trace(Scenario(SequenceTable(inputs=rows[0], targets=rows[1]), network, loss=loss))
    reasons = Reasons(trace)
    for name in trace.network.parameter_names:
        derivation = derive(trace, name, steps=2)
        for term in derivation.terms:
            for entry in np.ndindex(term.value.shape):
                reason = reasons.of(Number(Derived(name, term.t, term.k), entry), derivation)
                contains(GOODFELLOW.write(reason.substituted), float(term.value[entry]), significant_number)
