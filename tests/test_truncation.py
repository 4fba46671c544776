"""Weights of chain-rule terms: their shapes, and that every pass sums the terms with just these weights."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from test_generic_cells import STACKS, T
from test_ledger_blocks import generic_trace, terms

from bptt_viz import blocks, engine, passes, sensitivity, truncation
from bptt_viz.network import DECODER_SUFFIX, layers_of
from bptt_viz.scenario import BackwardTable, NetworkTable, Scenario, SequenceTable
from bptt_viz.truncation import Truncation
from bptt_viz.truncation_choice import STRATEGIES

if TYPE_CHECKING:
    from bptt_viz.tracing import Trace

#: One table of every strategy, at lengths that cut the five steps of the generic traces.
TABLES = (
    BackwardTable("full"),
    *(BackwardTable("window", length=length) for length in (1, 2, 3, 9)),
    *(BackwardTable("segments", length=length) for length in (1, 2, 3, 9)),
    BackwardTable("randomized", probability=0.6, seed=4),
    BackwardTable("randomized", xi=(1.0, 2.0, 0.0, 0.5, 1.25)),
)
KINDS = ["full", "window 1", "window 2", "window 3", "window 9", "segments 1", "segments 2", "segments 3",
         "segments 9", "drawn", "listed"]  # fmt: skip
#: Any kinds of cells, one upon the other, and the plain cell.
CELLS: list[dict[str, Any]] = [
    {"cell": "rnn"}, {"cell": "rnn", "activation": "relu"}, {"cell": "rnn", "layers": 2}, {"cell": "lstm"},
    {"cell": "gru"}, {"cell": "gru", "reset": "after", "layers": 2}, {"cell": "lstm", "layers": 3, "bias": False},
]  # fmt: skip


@st.composite
def tables(draw: st.DrawFn, steps: int) -> BackwardTable:
    """Any ``[backward]`` for a number of steps."""
    strategy = draw(st.sampled_from(STRATEGIES))
    if strategy in ("window", "segments"):
        return BackwardTable(strategy, length=draw(st.integers(1, steps + 2)))
    if strategy == "full":
        return BackwardTable()
    if draw(st.booleans()):
        xi = draw(st.lists(st.sampled_from((0.0, 0.5, 1.0, 1.25, 2.0, -1.5)), min_size=steps, max_size=steps))
        return BackwardTable(strategy, xi=tuple(xi))
    return BackwardTable(strategy, probability=draw(st.floats(0.1, 1.0)), seed=draw(st.integers(0, 99)))


@st.composite
def truncated(draw: st.DrawFn) -> Trace:
    """A trace of any cell, stack, decoder and sequence, under any truncation."""
    scenario = draw(st.from_type(Scenario))
    cell = draw(st.sampled_from(CELLS))
    sequence: SequenceTable = structs.replace(scenario.sequence, initial_state=None)
    steps = len(sequence.inputs) if sequence.inputs is not None else len(sequence.tokens or ()) - 1
    if steps > 1 and draw(st.booleans()):
        sequence = structs.replace(sequence, decoder_from=draw(st.integers(2, steps)))
    network = NetworkTable(scenario.network.hidden_size, **cell)
    table = draw(tables(steps))
    return engine.trace(structs.replace(scenario, sequence=sequence, network=network, backward=table))


def full_terms(trace: Trace) -> dict[str, np.ndarray]:
    """Every term as it is, whatever the trace's truncation: name → [T, T, shape]."""
    whole = structs.replace(trace.scenario, backward=BackwardTable())
    return terms(engine.run(whole, trace.network, (trace.inputs, trace.targets)))


def close(ours: Any, theirs: Any) -> None:
    """As near as rounding allows."""
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12 * max(1.0, float(np.abs(theirs).max(initial=0.0))))


# The weights.


def test_every_kind_has_a_name() -> None:
    assert len(KINDS) == len(TABLES)


@given(steps=st.integers(1, 9), length=st.integers(1, 11))
def test_a_window_is_a_band(steps: int, length: int) -> None:
    t, k = np.indices((steps, steps)) + 1
    made = truncation.of(BackwardTable("window", length=length), steps)
    np.testing.assert_array_equal(made.weights, (t >= k) & (t - k < length))
    assert made.longest == min(length, steps)
    assert made.is_full == (length >= steps)


@given(steps=st.integers(1, 9), length=st.integers(1, 11))
def test_segments_are_blocks(steps: int, length: int) -> None:
    t, k = np.indices((steps, steps))
    made = truncation.of(BackwardTable("segments", length=length), steps)
    np.testing.assert_array_equal(made.weights, (t >= k) & (t // length == k // length))
    assert made.longest == min(length, steps)
    assert made.is_full == (length >= steps)


@given(steps=st.integers(1, 9), probability=st.floats(0.1, 1.0), seed=st.integers(0, 2**40))
def test_randomized_weights_are_products_of_what_the_edges_let_pass(steps: int, probability: float, seed: int) -> None:
    table = BackwardTable("randomized", probability=probability, seed=seed)
    made, again = truncation.of(table, steps), truncation.of(table, steps)
    xi = [made.edge(j) for j in range(2, steps + 1)]
    assert all(one in (0.0, 1.0 / probability) for one in xi)
    assert xi == [again.edge(j) for j in range(2, steps + 1)], "a seed draws the same"
    for t in range(1, steps + 1):
        for k in range(1, t + 1):
            assert made.weights[t - 1, k - 1] == pytest.approx(np.prod(xi[k - 1 : t - 1]), rel=1e-12)


@given(data=st.data(), steps=st.integers(1, 8))
def test_one_weight_all_weights_and_what_is_read_off_them(data: st.DataObject, steps: int) -> None:
    made = truncation.of(data.draw(tables(steps)), steps)
    weights = made.weights
    singly = [[made.weight(t, k) if k <= t else 0.0 for k in range(1, steps + 1)] for t in range(1, steps + 1)]
    np.testing.assert_allclose(weights, singly, rtol=1e-12)
    assert made.is_full == bool((weights == np.tri(steps)).all())
    spans = [t - k + 1 for t, k in zip(*np.nonzero(weights), strict=True)]
    assert made.longest == max(spans)
    rows, columns = (sorted(data.draw(st.tuples(*[st.integers(1, steps)] * 2))) for _ in range(2))
    block = weights[rows[0] - 1 : rows[1], columns[0] - 1 : columns[1]]
    below = rows[1] >= columns[0]
    assert not below or made.keeps((rows[0], rows[1]), (columns[0], columns[1])) == bool(block.any())
    t = data.draw(st.integers(1, steps))
    np.testing.assert_allclose(made.of_loss(t).weights[-1], weights[t - 1, :t], rtol=1e-12)
    first, last = sorted(data.draw(st.tuples(*[st.integers(1, steps)] * 2)))
    part = made.starting_at(first, last).weights
    np.testing.assert_allclose(part, weights[first - 1 : last, first - 1 : last], rtol=1e-12)


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.8, 1.0])
def test_xi_that_are_drawn_are_one_on_average(probability: float) -> None:
    drawn = truncation.draw(probability, 40_000, np.random.default_rng(1))[2:]
    # Four standard errors of ξ, whose variance is 1/π − 1.
    assert abs(drawn.mean() - 1.0) <= 4 * np.sqrt((1 / probability - 1) / len(drawn)) + 1e-12


# The expectation, exactly: every ξ there is, with its probability.


def every_xi(steps: int, probability: float) -> list[tuple[float, Truncation]]:
    """All 2^(T−1) draws with their probabilities."""
    found = []
    for kept in product((False, True), repeat=steps - 1):
        chance = float(np.prod([probability if one else 1 - probability for one in kept]))
        found.append((chance, Truncation(steps, np.array([1.0, 1.0, *(one / probability for one in kept)]))))
    return found


@pytest.mark.parametrize("probability", [0.3, 0.7])
def test_the_expected_weight_of_every_term_is_one(probability: float) -> None:
    for steps in (1, 2, 5, 7):
        draws = every_xi(steps, probability)
        assert sum(chance for chance, _ in draws) == pytest.approx(1.0, abs=1e-14)
        expected = sum(chance * one.weights for chance, one in draws)
        np.testing.assert_allclose(expected, np.tri(steps), atol=1e-12)


@pytest.mark.parametrize("stack", STACKS, ids=" + ".join)
def test_the_expected_gradient_is_the_full_one(stack: tuple[str, ...]) -> None:
    trace = generic_trace(stack, 3)
    values = [dict(layer.values) for layer in trace.layers]
    expected = {name: np.zeros_like(gradient) for name, gradient in trace.gradients.items()}
    for chance, one in every_xi(T, 0.4):
        _, uses = passes.backward(trace.network, values, trace.dL_do, one)
        for name, gradient in passes_totals(uses).items():
            expected[name] += chance * gradient
    for name, gradient in trace.gradients.items():
        np.testing.assert_allclose(expected[name], gradient, rtol=0, atol=1e-12 * np.abs(gradient).max() + 1e-15)


def passes_totals(uses: Any) -> dict[str, np.ndarray]:
    """Σ_t adjoint ⊗ operand of each parameter, by hand."""
    return {
        name: use.adjoint.sum(axis=0) if use.operand is None else np.einsum("to,ti->oi", use.adjoint, use.operand)
        for name, use in uses.items()
    }


# Every pass sums the terms with these weights.


@settings(max_examples=150)
@given(trace=truncated())
def test_a_gradient_is_the_sum_of_the_weighed_terms(trace: Trace) -> None:
    weights = trace.truncation.weights
    for name, all_terms in full_terms(trace).items():
        kept = weights.reshape(*weights.shape, *(1 for _ in all_terms.shape[2:])) * all_terms
        close(trace.gradients[name], kept.sum(axis=(0, 1)))
        close(trace.contributions[name], kept.sum(axis=0))
        close(trace.triangle[name], np.sqrt((kept**2).reshape(trace.T, trace.T, -1).sum(axis=-1)))


@settings(max_examples=60)
@given(trace=truncated(), data=st.data())
def test_sums_of_terms_and_grids_are_of_the_weighed_terms(trace: Trace, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(trace.network.parameter_names))
    rows, columns = (sorted(data.draw(st.tuples(*[st.integers(1, trace.T)] * 2))) for _ in range(2))
    weights, all_terms = trace.truncation.weights, full_terms(trace)[name]
    kept = weights.reshape(*weights.shape, *(1 for _ in all_terms.shape[2:])) * all_terms
    block = kept[rows[0] - 1 : rows[1], columns[0] - 1 : columns[1]].sum(axis=(0, 1))
    close(blocks.term_sum(trace, name, (rows[0], rows[1]), (columns[0], columns[1])), block)
    count = data.draw(st.integers(1, trace.T))
    grid = blocks.grid(trace, name, count)
    assert grid is not None
    for g, (first, last) in enumerate(grid.groups):
        for c, (begin, end) in enumerate(grid.groups[: g + 1]):
            own = kept[first - 1 : last, begin - 1 : end].sum(axis=(0, 1))
            close(grid.blocks[g, c], np.linalg.norm(own))
            assert trace.truncation.keeps((first, last), (begin, end)) or grid.blocks[g, c] == 0.0
    close(grid.after_column[0], np.linalg.norm(kept.sum(axis=(0, 1))))


@settings(max_examples=60)
@given(trace=truncated(), data=st.data())
def test_both_sides_agree_on_what_is_kept(trace: Trace, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(trace.network.parameter_names))
    sides = sensitivity.two_sides(trace, name)
    assert sides is not None
    weights, all_terms = trace.truncation.weights, full_terms(trace)[name]
    kept = weights.reshape(*weights.shape, *(1 for _ in all_terms.shape[2:])) * all_terms
    close(sides.by_use, kept.sum(axis=0))
    close(sides.by_loss, kept.sum(axis=1))
    assert sides.totals_agree


@settings(max_examples=60)
@given(trace=truncated(), data=st.data())
def test_the_blame_of_one_loss_is_its_row_of_weighed_terms(trace: Trace, data: st.DataObject) -> None:
    t = data.draw(st.integers(1, trace.T))
    blamed = engine.blame(trace, t)
    for name, all_terms in full_terms(trace).items():
        for k in range(1, t + 1):
            close(blamed.contributions[name][k - 1], trace.truncation.weight(t, k) * all_terms[t - 1, k - 1])


@settings(max_examples=60)
@given(trace=truncated())
def test_the_forward_pass_is_never_changed(trace: Trace) -> None:
    whole = structs.replace(trace.scenario, backward=BackwardTable())
    other = engine.run(whole, trace.network, (trace.inputs, trace.targets))
    np.testing.assert_array_equal(trace.o, other.o)
    for ours, theirs in zip(trace.layers, other.layers, strict=True):
        np.testing.assert_array_equal(ours.h, theirs.h)


@pytest.mark.parametrize("table", TABLES, ids=KINDS)
@pytest.mark.parametrize("stack", STACKS, ids=" + ".join)
def test_stacks_of_different_cells(stack: tuple[str, ...], table: BackwardTable) -> None:
    trace = generic_trace(stack, 5)
    made = truncation.of(table, T)
    values = [dict(layer.values) for layer in trace.layers]
    _, uses = passes.backward(trace.network, values, trace.dL_do, made)
    for name, all_terms in terms(trace).items():
        weights = made.weights.reshape(T, T, *(1 for _ in all_terms.shape[2:]))
        close(passes_totals(uses)[name], (weights * all_terms).sum(axis=(0, 1)))


def test_a_decoder_is_among_what_is_tested() -> None:
    """So that a change of names does not silently leave it out."""
    (cell,) = layers_of(NetworkTable(2), DECODER_SUFFIX)
    assert DECODER_SUFFIX in str(cell.equations)
