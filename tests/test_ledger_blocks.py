"""The ledger in blocks: sums of the terms of the triangle, exactly, at any length and at a fraction of its work."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_generic_cells import STACKS, D, H, K, T, network_of

from bptt_viz import blocks, engine, ledger, sweep
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


def norm(array: np.ndarray) -> float:
    """The Frobenius norm."""
    return float(np.linalg.norm(array))


def close(ours: Any, theirs: Any) -> None:
    """As near as rounding allows."""
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def generic_trace(stack: tuple[str, ...], seed: int) -> Trace:
    """A trace of cells that are no plain ones, one upon the other."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(T, D)), rng.normal(size=(T, K))
    sequence = SequenceTable(inputs=tuple(map(tuple, x.tolist())), targets=tuple(map(tuple, y.tolist())))
    scenario = Scenario(sequence, NetworkTable(H), loss=LossTable("squared_error"))
    return engine.run(scenario, network_of(stack, rng))


def long_trace(steps: int, hidden: int, **network: Any) -> Trace:
    """A trace of any length, with a loss at every step; inputs and targets repeat themselves irregularly."""
    rng = np.random.default_rng(7)
    inputs, targets = (tuple((float(value),) for value in rng.normal(size=steps)) for _ in range(2))
    return engine.trace(Scenario(SequenceTable(inputs=inputs, targets=targets), NetworkTable(hidden, **network)))


def check_grid(trace: Trace, name: str, all_terms: np.ndarray, count: int) -> None:
    """Every number of a grid against the terms of the triangle, added up one by one."""
    grid = blocks.grid(trace, name, count)
    assert grid is not None
    assert [t for first, last in grid.groups for t in range(first, last + 1)] == list(range(1, trace.T + 1))
    parts = [slice(first - 1, last) for first, last in grid.groups]
    for g, rows in enumerate(parts):
        for c, columns in enumerate(parts):
            later, earlier = slice(columns.start, None), slice(None, rows.stop)
            close(grid.blocks[g, c], norm(all_terms[rows, columns].sum(axis=(0, 1))))
            close(grid.row_sums[g, c], norm(all_terms[rows, later].sum(axis=(0, 1))))
            close(grid.column_sums[g, c], norm(all_terms[earlier, columns].sum(axis=(0, 1))))
        close(grid.after_column[g], norm(trace.accumulated[name][rows.start]))
        close(grid.after_row[g], norm(all_terms[: rows.stop].sum(axis=(0, 1))))
    close(grid.after_column[0], norm(trace.gradients[name]))
    close(grid.after_row[-1], norm(trace.gradients[name]))
    close(grid.largest, grid.blocks.max())
    for t in range(1, trace.T + 1):
        first, last = grid.groups[grid.group_of(t)]
        assert first <= t <= last


@lessons
@given(scenario=st.from_type(Scenario), data=st.data())
def test_every_number_of_a_grid(scenario: Scenario, data: st.DataObject) -> None:
    trace = engine.trace(scenario)
    count = data.draw(st.integers(1, trace.T))
    for name, all_terms in terms(trace).items():
        check_grid(trace, name, all_terms, count)


@pytest.mark.parametrize("stack", STACKS, ids=" + ".join)
def test_every_number_of_a_grid_of_any_cells(stack: tuple[str, ...]) -> None:
    trace = generic_trace(stack, 11)
    for name, all_terms in terms(trace).items():
        for count in (1, 3, T):
            check_grid(trace, name, all_terms, count)


@lessons
@given(scenario=st.from_type(Scenario))
def test_as_many_blocks_as_steps_are_the_triangle(scenario: Scenario) -> None:
    trace = engine.trace(scenario)
    for name in trace.parameters:
        grid = blocks.grid(trace, name, trace.T)
        assert grid is not None
        np.testing.assert_allclose(grid.blocks, trace.triangle[name], rtol=1e-11, atol=1e-300)
        # Row sums are gradients of single losses, column sums the contributions.
        close(grid.column_sums[-1], [norm(one) for one in trace.contributions[name]])


def check_sums(trace: Trace, data: st.DataObject) -> None:
    """Any range of rows and columns against the terms added up one by one."""
    for name, all_terms in terms(trace).items():
        rows, columns = (sorted(data.draw(st.tuples(*[st.integers(1, trace.T)] * 2))) for _ in range(2))
        found = blocks.term_sum(trace, name, (rows[0], rows[1]), (columns[0], columns[1]))
        close(found, all_terms[rows[0] - 1 : rows[1], columns[0] - 1 : columns[1]].sum(axis=(0, 1)))
        t, k = rows[1], columns[0]
        close(blocks.term_sum(trace, name, (t, t), (k, k)), all_terms[t - 1, k - 1])
        close(blocks.term_sum(trace, name, (1, trace.T), (1, trace.T)), trace.gradients[name])


@lessons
@given(scenario=st.from_type(Scenario), data=st.data())
def test_any_sum_of_terms(scenario: Scenario, data: st.DataObject) -> None:
    check_sums(engine.trace(scenario), data)


@settings(max_examples=20)
@given(stack=st.sampled_from(STACKS), data=st.data())
def test_any_sum_of_terms_of_any_cells(stack: tuple[str, ...], data: st.DataObject) -> None:
    check_sums(generic_trace(stack, 12), data)


def test_two_thousand_steps_against_the_products_written_out() -> None:
    """For single numbers every one of the 2,000,000 terms is a product that NumPy can be told in one line."""
    trace = long_trace(2000, 1, parameters={"W": ((1.05,),), "V": ((0.7,),)})
    layer = trace.layers[0]
    slope = 1 - layer.h[:, 0] ** 2
    from_loss = trace.dL_do[:, 0] * 0.7
    # Row t, column k: ∂L_t/∂h_t, then φ′ at t and W φ′ at each step down to k, then h before k.
    whole = np.zeros((2000, 2000))
    for k in range(2000):
        factors = np.cumprod(np.concatenate([[slope[k]], 1.05 * slope[k + 1 :]]))
        whole[k:, k] = from_loss[k:] * factors * layer.values["h"][k, 0]
    grid = blocks.grid(trace, "W", 23)
    assert grid is not None
    parts = [slice(first - 1, last) for first, last in grid.groups]
    for g, rows in enumerate(parts):
        for c, columns in enumerate(parts):
            np.testing.assert_allclose(grid.blocks[g, c], abs(whole[rows, columns].sum()), rtol=1e-8, atol=1e-14)
    close(grid.after_column[0], abs(whole.sum()))
    for t, k in ((2000, 1990), (700, 700), (1500, 1489)):
        np.testing.assert_allclose(blocks.term_sum(trace, "W", (t, t), (k, k)), [[whole[t - 1, k - 1]]], rtol=1e-9)
    found = blocks.term_sum(trace, "W", (900, 1100), (850, 1000))
    np.testing.assert_allclose(found, [[whole[899:1100, 849:1000].sum()]], rtol=1e-9)


@pytest.mark.parametrize("name", ["U", "W", "b", "V", "c"])
def test_blocks_of_a_long_sequence_are_their_sums_by_themselves(name: str) -> None:
    """Longer than what is multiplied out together, and by another way: one sweep for each block."""
    trace = long_trace(500, 3)
    grid = blocks.grid(trace, name, 4)
    assert grid is not None
    for g, rows in enumerate(grid.groups):
        for c, columns in enumerate(grid.groups):
            close(grid.blocks[g, c], norm(blocks.term_sum(trace, name, rows, columns)))
    close(grid.after_column[0], norm(trace.gradients[name]))


def test_a_sum_costs_what_lies_between_its_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = long_trace(300, 2)
    walked: list[int] = []
    pull_back = sweep.pull_back

    def counted(*given: Any) -> Any:
        walked.append(given[-1].t)
        return pull_back(*given)

    monkeypatch.setattr("bptt_viz.ledger.pull_back", counted)
    blocks.term_sum(trace, "W", (100, 120), (90, 95))
    assert walked == list(range(120, 89, -1))
    walked.clear()
    assert not blocks.term_sum(trace, "W", (10, 20), (30, 40)).any(), "a loss never reaches a later step"
    assert not walked


def test_a_grid_never_holds_a_matrix_per_step() -> None:
    steps, hidden, count = 600, 48, 10
    trace = long_trace(steps, hidden)
    tracemalloc.start()
    try:
        blocks.grid(trace, "W", count)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < steps * hidden * hidden * 8 / 4
    assert peak < 10 * count * (hidden * hidden + steps / count * hidden) * 8


def test_progress_is_told_and_a_sum_can_be_given_up() -> None:
    trace = long_trace(400, 2)
    done: list[int] = []
    assert blocks.grid(trace, "W", 3, done.append) is not None
    assert done == sorted(set(done))
    assert len(done) > 5
    assert done[-1] == 400
    done.clear()
    assert blocks.grid(trace, "W", 3, done.append, lambda: len(done) > 1) is None
    assert 0 < done[-1] < 400


def test_what_is_no_block() -> None:
    trace = long_trace(5, 2)
    for count in (0, 6):
        with pytest.raises(ValueError, match=r"count: expected 1\.\.5"):
            blocks.grid(trace, "W", count)
    for rows, columns in (((0, 1), (1, 1)), ((1, 6), (1, 1)), ((3, 2), (1, 1)), ((1, 1), (2, 1))):
        with pytest.raises(IndexError, match="range"):
            blocks.term_sum(trace, "W", rows, columns)
    with pytest.raises(KeyError):
        blocks.grid(trace, "Q", 2)
    with pytest.raises(KeyError):
        blocks.term_sum(trace, "Q", (1, 1), (1, 1))


def test_numbers_that_are_not_finite_stay_so_in_silence() -> None:
    parameters = {"U": ((1.0,), (1.0,)), "W": ((1e200, -1e200), (1e200, 1e200)), "V": ((1.0, 0.0),)}
    trace = long_trace(6, 2, activation="identity", bias=False, parameters=parameters)
    for name in trace.parameters:
        for count in (2, 6):
            grid = blocks.grid(trace, name, count)
            assert grid is not None
            assert not np.isfinite(grid.after_column[0])
            assert np.isfinite(grid.largest)
        assert not np.isfinite(blocks.term_sum(trace, name, (1, 6), (1, 6))).all()


def test_norms_neither_overflow_nor_vanish_in_their_squares() -> None:
    trace = long_trace(2, 2, activation="identity", parameters={"W": ((1e-200, 0.0), (0.0, 1e-200))})
    grid = blocks.grid(trace, "b", 2)
    assert grid is not None
    assert 0 < grid.blocks[1, 0] < 1e-199
