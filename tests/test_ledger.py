"""The ledger of terms (t, k): its sums, its shape, its norms; and what it costs."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bptt_viz import engine, ledger, passes
from bptt_viz.scenario import LossTable, NetworkTable, Scenario, SequenceTable

if TYPE_CHECKING:
    from bptt_viz.tracing import Trace

lessons = settings(max_examples=60)


def terms(trace: Trace) -> dict[str, np.ndarray]:
    """Name → [T, T, shape]: term (t, k) at row t, column k, each made explicitly."""
    found = {name: np.zeros((trace.T, trace.T, *value.shape)) for name, value in trace.parameters.items()}
    for column in ledger.columns(trace.network, [layer.values for layer in trace.layers], trace.dL_do):
        for t in range(column.k, trace.T + 1):
            found[column.parameter][t - 1, column.k - 1] = column.term(t)
    return found


@lessons
@given(scenario=st.from_type(Scenario))
def test_sums(scenario: Scenario) -> None:
    trace = engine.trace(scenario)
    for name, all_terms in terms(trace).items():
        np.testing.assert_allclose(all_terms.sum(axis=(0, 1)), trace.gradients[name], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(all_terms.sum(axis=0), trace.contributions[name], rtol=1e-10, atol=1e-12)


@lessons
@given(scenario=st.from_type(Scenario))
def test_a_row_is_the_gradient_of_its_loss_alone(scenario: Scenario) -> None:
    trace = engine.trace(scenario)
    all_terms = terms(trace)
    for t in range(1, trace.T + 1):
        alone = np.zeros_like(trace.dL_do)
        alone[t - 1] = trace.dL_do[t - 1]
        _, uses = passes.backward(trace.network, [dict(layer.values) for layer in trace.layers], alone)
        for name, rows in all_terms.items():
            adjoint, operand = uses[name].adjoint, uses[name].operand
            wanted = adjoint.sum(axis=0) if operand is None else adjoint.T @ operand
            np.testing.assert_allclose(rows[t - 1].sum(axis=0), wanted, rtol=1e-10, atol=1e-12)


@lessons
@given(scenario=st.from_type(Scenario))
def test_the_triangle_holds_the_norms_of_the_terms(scenario: Scenario) -> None:
    trace = engine.trace(scenario)
    for name, all_terms in terms(trace).items():
        norms = np.array([[np.linalg.norm(term) for term in row] for row in all_terms])
        np.testing.assert_allclose(trace.triangle[name], norms, rtol=1e-12, atol=1e-300)
        assert not np.triu(trace.triangle[name], 1).any(), "a loss never reaches a later step"
        if name in ("V", "c"):
            assert not np.tril(trace.triangle[name], -1).any(), "the output layer is read by its own step's loss only"
        without_target = ~trace.has_target
        assert not trace.triangle[name][without_target].any(), "no target, no loss, no term"


@lessons
@given(scenario=st.from_type(Scenario))
def test_accumulated_is_the_sum_of_the_contributions_from_t_on(scenario: Scenario) -> None:
    trace = engine.trace(scenario)
    assert set(trace.contributions) == set(trace.accumulated) == set(trace.parameters)
    assert len(trace.contributions) == len(trace.accumulated) == len(trace.parameters)
    for name, contributions in trace.contributions.items():
        accumulated = trace.accumulated[name]
        for t in range(1, trace.T + 1):
            np.testing.assert_allclose(accumulated[t - 1], contributions[t - 1 :].sum(axis=0), rtol=1e-11, atol=1e-13)
        np.testing.assert_allclose(accumulated[0], trace.gradients[name], rtol=1e-11, atol=1e-13)


@lessons
@given(scenario=st.from_type(Scenario), data=st.data())
def test_one_step_or_one_block_is_as_in_the_whole(scenario: Scenario, data: st.DataObject) -> None:
    trace = engine.trace(scenario)
    for name, value in trace.parameters.items():
        shape = (*value.shape, 1)
        rows, columns = (slice(data.draw(st.integers(0, n)), data.draw(st.integers(0, n))) for n in shape[:2])
        block = (rows, columns) if value.ndim == 2 else (rows,)
        whole, summed = trace.contributions[name], trace.accumulated[name]
        for t in range(1, trace.T + 1):
            np.testing.assert_array_equal(trace.contributions.at(name, t), whole[t - 1])
            np.testing.assert_array_equal(trace.contributions.at(name, t, rows, columns), whole[t - 1][block])
            np.testing.assert_allclose(trace.accumulated.at(name, t), summed[t - 1], rtol=1e-11, atol=1e-13)
            seen = trace.accumulated.at(name, t, rows, columns)
            np.testing.assert_allclose(seen, summed[t - 1][block], rtol=1e-11, atol=1e-13)
        before_the_sweep = trace.accumulated.at(name, trace.T + 1, rows, columns)
        np.testing.assert_array_equal(before_the_sweep, np.zeros_like(value[block]))


def test_what_is_handed_out_can_be_changed_without_changing_the_trace() -> None:
    table = NetworkTable(2, parameters={"b": (0.5, -0.5)})
    sequence = SequenceTable(inputs=((1.0,), (2.0,)), targets=((), (0.3,)))
    trace = engine.trace(Scenario(sequence, table))
    before = {name: gradient.copy() for name, gradient in trace.gradients.items()}
    for name in trace.parameters:
        trace.contributions[name][:] = 7.0
        trace.accumulated[name][:] = 7.0
    again = engine.trace(Scenario(sequence, table))
    for name, gradient in before.items():
        np.testing.assert_array_equal(trace.contributions[name], again.contributions[name])
        np.testing.assert_array_equal(trace.gradients[name], gradient)


def large(steps: int, hidden: int) -> Scenario:
    """A long sequence through a wide network, with one loss at its end."""
    inputs = tuple((float(t % 5),) for t in range(steps))
    targets = (*((),) * (steps - 1), (1.0,))
    return Scenario(
        SequenceTable(inputs=inputs, targets=targets), NetworkTable(hidden), loss=LossTable("squared_error")
    )


def test_a_large_trace_never_holds_a_matrix_per_step() -> None:
    steps, hidden = 1000, 128
    scenario = large(steps, hidden)
    tracemalloc.start()
    try:
        trace = engine.trace(scenario)
        total = trace.gradients["W"]
        seen = trace.accumulated.at("W", steps // 2, slice(8), slice(8))
        trace.contributions.at("W", steps)
        assert trace.overflow is None
        assert trace.updated_parameters
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (total.shape, seen.shape) == ((hidden, hidden), (8, 8))
    matrix_per_step = steps * hidden * hidden * 8
    assert peak < matrix_per_step / 6


def test_the_triangle_of_a_large_trace_never_holds_a_matrix_per_term() -> None:
    steps, hidden = 200, 64
    trace = engine.trace(large(steps, hidden))
    tracemalloc.start()
    try:
        triangle = trace.triangle
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert triangle["W"].shape == (steps, steps)
    assert peak < steps * hidden * hidden * 8
