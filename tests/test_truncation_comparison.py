"""Truncations beside each other: distances, multiply-adds counted as they happen, draws and their mean."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from test_generic_cells import STACKS
from test_ledger_blocks import generic_trace
from test_truncation import tables, truncated

from bptt_viz import engine, multiply_adds, truncation, truncation_draws
from bptt_viz.scenario import BackwardTable, LossTable, NetworkTable, Scenario, SequenceTable
from bptt_viz.truncation import Truncation
from bptt_viz.truncation_choice import STRATEGIES, Choices
from bptt_viz.truncation_comparison import apart, compare, rounding

if TYPE_CHECKING:
    from bptt_viz.tracing import Trace

vectors = arrays(np.float64, 4, elements=st.floats(-5, 5, width=32))
#: The networks whose mean is compared with the full gradient.
NETWORKS: dict[str, dict[str, Any]] = {
    "rnn": {"cell": "rnn"}, "lstm": {"cell": "lstm"}, "gru": {"cell": "gru"},
    "gru after": {"cell": "gru", "reset": "after"}, "stack": {"cell": "rnn", "layers": 2},
    "lstm stack": {"cell": "lstm", "layers": 2},
}  # fmt: skip


def trace_of(network: dict[str, Any], steps: int = 8, seed: int = 1, **backward: Any) -> Trace:
    """A trace with a loss at most of its steps."""
    rng = np.random.default_rng(seed)
    inputs = tuple(map(tuple, rng.normal(size=(steps, 2)).tolist()))
    targets = [tuple(row) for row in rng.normal(size=(steps, 2)).tolist()]
    if steps > 3:
        targets[2] = ()
    table = NetworkTable(3, **network)
    sequence = SequenceTable(inputs=inputs, targets=tuple(targets))
    return engine.trace(Scenario(sequence, table, loss=LossTable("squared_error"), backward=BackwardTable(**backward)))


# How far apart.


@given(one=vectors, other=vectors)
def test_angle_and_distance(one: np.ndarray, other: np.ndarray) -> None:
    assume(min(np.linalg.norm(one), np.linalg.norm(other)) > 1e-3)
    found = apart(one, other)
    assert found.norm == pytest.approx(np.linalg.norm(one))
    assert found.distance == pytest.approx(np.linalg.norm(one - other), abs=1e-12)
    assert found.relative == pytest.approx(np.linalg.norm(one - other) / np.linalg.norm(other), abs=1e-12)
    cosine = float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))
    assert found.angle is not None
    assert math.cos(math.radians(found.angle)) == pytest.approx(cosine, abs=1e-9)
    assert apart(3.0 * one, other).angle == pytest.approx(found.angle, abs=1e-5)
    assert apart(-other, other).angle == pytest.approx(180.0)
    assert apart(other, other).angle == 0.0


def test_a_small_angle_is_exact() -> None:
    found = apart(np.array([1.0, 1e-9]), np.array([1.0, 0.0]))
    assert found.angle == pytest.approx(math.degrees(1e-9), rel=1e-9)


@pytest.mark.parametrize("steps", [3, 8, 20])
def test_what_only_rounding_makes_differ_is_nothing(steps: int) -> None:
    """With h₀ = 0 the terms (T, 1) of W are 0: a window of T − 1 steps leaves nothing out, but sums otherwise."""
    rounded = False
    for seed in range(20):
        trace = trace_of({"cell": "rnn"}, steps, seed)
        full, same = (compare(trace, table) for table in (BackwardTable(), BackwardTable("window", length=steps - 1)))
        found = apart(same.gradients["W"], full.gradients["W"], rounding(trace))
        assert found.distance == 0
        assert found.angle == 0
        rounded |= found.rounded
    assert rounded


def test_what_is_more_than_rounding_is_told() -> None:
    full = np.array([3.0, 4.0])
    within = apart(full + np.array([0.0, 4e-13]), full, 1e-13)
    assert (within.distance, within.relative, within.angle, within.rounded) == (0.0, 0.0, 0.0, True)
    beyond = apart(full + 6e-13 * np.array([-0.8, 0.6]), full, 1e-13)
    assert beyond.distance == pytest.approx(6e-13, rel=1e-2)
    assert beyond.angle
    assert not beyond.rounded


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_there_is_no_angle_where_a_gradient_is_nothing_or_no_number(bad: float) -> None:
    good, wrong = np.array([1.0, 2.0]), np.full(2, bad)
    assert apart(wrong, good).angle is None
    assert apart(good, wrong).angle is None
    assert apart(good, np.zeros(2)).relative is None


@settings(max_examples=60)
@given(trace=truncated(), data=st.data())
def test_a_comparison_is_what_the_scenario_with_that_table_has(trace: Trace, data: st.DataObject) -> None:
    found = compare(trace, trace.scenario.backward)
    for name, gradient in trace.gradients.items():
        np.testing.assert_array_equal(found.gradients[name], gradient)
    table = data.draw(tables(trace.T))
    other = compare(trace, table)
    assert other.table is table
    assert other.cost == multiply_adds.of_gradients(trace.network, trace.has_target, truncation.of(table, trace.T))


# Multiply-adds.


class Counting:
    """Products with matrices, each counted as it is made."""

    def __init__(self) -> None:
        self.count = 0
        self.gradients: dict[str, np.ndarray] = {}

    def pulled(self, matrix: np.ndarray, adjoint: np.ndarray) -> np.ndarray:
        """Mᵀ adjoint."""
        self.count += matrix.shape[0] * matrix.shape[1]
        return np.asarray(matrix.T @ adjoint)

    def used(self, name: str, adjoint: np.ndarray, operand: np.ndarray | None = None) -> None:
        """Add adjoint ⊗ operand to a gradient; a bias's is the adjoint itself."""
        if operand is not None:
            self.count += len(adjoint) * len(operand)
        each = adjoint if operand is None else np.outer(adjoint, operand)
        self.gradients[name] = self.gradients.get(name, np.zeros_like(each)) + each


def pre_activations(trace: Trace, k: int, dh: np.ndarray, ds: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The adjoints of the pre-activations by gate, and of s before: a plain cell's or an LSTM's, by hand."""
    v = {name: rows[k] for name, rows in trace.layers[0].values.items()}
    if "s" not in v:
        return {"": (1 - v["h"] ** 2) * dh}, ds
    before = trace.layers[0].values["s"][k - 1]
    ds = ds + dh * v["q"] * (1 - np.tanh(v["s"]) ** 2)
    gates = {
        "_i": ds * v["g"] * v["i"] * (1 - v["i"]),
        "_f": ds * before * v["f"] * (1 - v["f"]),
        "_g": ds * v["i"] * (1 - v["g"] ** 2),
        "_o": dh * np.tanh(v["s"]) * v["q"] * (1 - v["q"]),
    }
    return gates, ds * v["f"]


def by_hand(trace: Trace, kept: Truncation) -> Counting:
    """BPTT of one layer as a lecture writes it, with nothing done that need not be."""
    counting, p = Counting(), trace.parameters
    x, h = trace.x, trace.layers[0].values["h"]
    flows: list[tuple[int, np.ndarray, np.ndarray]] = []
    for k in range(trace.T, 0, -1):
        if trace.has_target[k - 1]:
            error = trace.dL_do[k - 1]
            counting.used("V", error, h[k])
            counting.used("c", error)
            flows.append((k, counting.pulled(p["V"], error), np.zeros_like(h[k])))
        if not kept.window and flows:
            flows = [(0, np.sum([dh for _, dh, _ in flows], axis=0), np.sum([ds for *_, ds in flows], axis=0))]
        sums: dict[str, np.ndarray] = {}
        later = []
        for t, dh, ds in flows:
            gates, ds_before = pre_activations(trace, k, dh, ds)
            for gate, adjoint in gates.items():
                sums[gate] = sums.get(gate, 0.0) + adjoint
            if k > 1 and kept.edge(k) and (not kept.window or t - (k - 1) < kept.window):
                before = np.sum([counting.pulled(p[f"W{gate}"], adjoint) for gate, adjoint in gates.items()], axis=0)
                later.append((t, before * kept.edge(k), ds_before * kept.edge(k)))
        flows = later
        for gate, adjoint in sums.items():
            counting.used(f"U{gate}", adjoint, x[k - 1])
            counting.used(f"W{gate}", adjoint, h[k - 1])
            counting.used(f"b{gate}", adjoint)
    return counting


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
@settings(max_examples=40)
@given(data=st.data())
def test_the_count_is_that_of_the_products_that_give_these_gradients(cell: str, data: st.DataObject) -> None:
    trace = trace_of({"cell": cell}, steps=data.draw(st.integers(1, 8)), seed=data.draw(st.integers(0, 99)))
    table = data.draw(tables(trace.T))
    found, counting = compare(trace, table), by_hand(trace, truncation.of(table, trace.T))
    assert found.cost == counting.count
    for name, gradient in counting.gradients.items():
        np.testing.assert_allclose(found.gradients[name], gradient, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("network", "step", "edge"),
    [
        # Of a step: V twice, U once and W once for the contributions; of an edge: W.
        ({"cell": "rnn"}, 2 * 6 + 6 + 9, 9),
        # All four gates.
        ({"cell": "lstm"}, 2 * 6 + 4 * (6 + 9), 4 * 9),
        # W_n acts on r ⊙ h: r needs its adjoint at every step.
        ({"cell": "gru"}, 2 * 6 + 3 * (6 + 9) + 9, 2 * 9),
        ({"cell": "gru", "reset": "after"}, 2 * 6 + 3 * (6 + 9), 3 * 9),
        # Layer 2 sends its error down to layer 1 through U_2.
        ({"cell": "rnn", "layers": 2}, 2 * 6 + (6 + 9) + (9 + 9) + 9, 2 * 9),
    ],
)
def test_what_a_step_and_an_edge_cost(network: dict[str, Any], step: int, edge: int) -> None:
    trace = trace_of(network, steps=3)
    assert trace.has_target.all()
    for length, cuts in ((3, 0), (2, 1), (1, 2)):
        segments = compare(trace, BackwardTable("segments", length=length))
        assert segments.cost == 3 * step + (2 - cuts) * edge


def test_many_to_one_costs_nothing_after_the_cut() -> None:
    """No loss reaches the steps before a cut: they cost nothing, and neither does a loss that is not there."""
    rng = np.random.default_rng(0)
    inputs = tuple(map(tuple, rng.normal(size=(6, 2)).tolist()))
    sequence = SequenceTable(inputs=inputs, targets=((),) * 5 + ((1.0, 2.0),))
    trace = engine.trace(Scenario(sequence, NetworkTable(3)))
    full, half = compare(trace, BackwardTable()), compare(trace, BackwardTable("segments", length=3))
    assert full.cost == 2 * 6 + 6 * (6 + 9) + 5 * 9
    assert half.cost == 2 * 6 + 3 * (6 + 9) + 2 * 9
    assert half.cost_beside(full) == half.cost / full.cost
    window = compare(trace, BackwardTable("window", length=3))
    assert window.cost == half.cost, "one loss has nothing to be kept apart from"
    none = engine.trace(Scenario(SequenceTable(inputs=inputs, targets=((),) * 5 + ((1.0, 2.0),)), NetworkTable(3)))
    assert multiply_adds.of_gradients(none.network, np.zeros(6, dtype=bool), Truncation(6)) == 0
    there, on = multiply_adds.adjoints(trace.has_target, Truncation(6))
    assert list(there) == [1] * 6
    assert list(on) == [0] + [1] * 5


# Draws.


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_the_mean_of_two_thousand_draws_is_within_four_standard_errors(network: dict[str, Any]) -> None:
    trace = trace_of(network)
    for name, full in trace.gradients.items():
        made = truncation_draws.draws(trace, name, 0.6, 0, 2000)
        assert made is not None
        np.testing.assert_allclose(made.full, full, rtol=1e-9, atol=1e-12)
        errors = made.gradients.std(axis=0, ddof=1) / math.sqrt(2000)
        assert (np.abs(made.gradients.mean(axis=0) - full) <= 4 * errors + 1e-12).all(), name
        # It is not that nothing is drawn: what goes through time varies.
        assert name in ("V", "c") or errors.max() > 0
        assert abs(made.xi_means[-1] - 1) < 4 * math.sqrt((1 / 0.6 - 1) / (2000 * 7))


@pytest.mark.parametrize("stack", STACKS, ids=" + ".join)
def test_the_draws_are_those_that_one_comes_by_one_after_the_other(stack: tuple[str, ...]) -> None:
    trace = generic_trace(stack, 2)
    choices = Choices.of(BackwardTable("randomized", probability=0.7, seed=3), trace.T)
    numbers = []
    for _ in range(4):
        numbers.append((choices.drawn, choices.table))
        choices = choices.chosen(choices.another_draw())
    assert [number for number, _ in numbers] == [1, 2, 3, 4]
    for name in trace.parameters:
        made = truncation_draws.draws(trace, name, choices.probability, choices.first_seed, 4)
        assert made is not None
        for number, table in numbers:
            alone = compare(trace, table).gradients[name]
            np.testing.assert_allclose(made.gradients[number - 1], alone, rtol=1e-9, atol=1e-12)


def test_draws_in_several_sweeps_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = trace_of({"cell": "lstm"})
    whole = truncation_draws.draws(trace, "W_f", 0.5, 7, 50)
    monkeypatch.setattr(truncation_draws, "_TOGETHER", 60)
    told: list[int] = []
    parts = truncation_draws.draws(trace, "W_f", 0.5, 7, 50, told.append)
    assert whole is not None
    assert parts is not None
    np.testing.assert_allclose(parts.gradients, whole.gradients, rtol=1e-12)
    np.testing.assert_allclose(parts.xi_means, whole.xi_means, rtol=1e-12)
    assert told[-1] == 50
    assert len(told) > 5
    assert truncation_draws.draws(trace, "W_f", 0.5, 7, 50, cancelled=lambda: True) is None


@pytest.mark.parametrize("count", [1, 2, 7, 900])
def test_what_is_plotted_is_mean_and_standard_error(count: int) -> None:
    trace = trace_of({"cell": "rnn"})
    made = truncation_draws.draws(trace, "W", 0.5, 1, count)
    assert made is not None
    path = made.convergence((1, 2))
    together = made.convergence(None)
    assert list(path.counts[:2]) == list(range(1, min(count, 2) + 1))
    assert path.counts[-1] == count
    assert (np.diff(path.counts) > 0).all()
    for index, drawn in enumerate(map(int, path.counts)):
        some = made.gradients[:drawn]
        assert path.values[index] == pytest.approx(some[:, 1, 2].mean(), abs=1e-12)
        away = np.linalg.norm(some.mean(axis=0) - trace.gradients["W"])
        assert together.values[index] == pytest.approx(away, abs=1e-12)
        assert np.isnan(path.errors[index]) == (drawn == 1)
        if drawn > 1:
            errors = some.std(axis=0, ddof=1) / math.sqrt(drawn)
            assert path.errors[index] == pytest.approx(errors[1, 2], abs=1e-9)
            assert together.errors[index] == pytest.approx(np.linalg.norm(errors), abs=1e-9)
    assert path.exact == pytest.approx(trace.gradients["W"][1, 2])
    np.testing.assert_allclose(10**path.logarithms, path.counts)
    assert made.after(count, (1, 2)) == pytest.approx((path.values[-1], path.errors[-1]), nan_ok=True)
    np.testing.assert_allclose(made.mean(count), made.gradients.mean(axis=0))


def test_long_sequences_and_large_parameters_get_fewer_draws() -> None:
    assert truncation_draws.how_many(trace_of({"cell": "rnn"}), "W") == truncation_draws.DRAWS
    wide = engine.trace(Scenario(SequenceTable(inputs=((1.0,),), targets=((1.0,),)), NetworkTable(200)))
    assert truncation_draws.how_many(wide, "W") == 100
    assert truncation_draws.how_many(wide, "b") == truncation_draws.DRAWS


# What is chosen.


@given(data=st.data(), steps=st.integers(1, 9))
def test_every_choice_is_one_that_a_file_may_make(data: st.DataObject, steps: int) -> None:
    stated = data.draw(tables(steps))
    choices = Choices.of(stated, steps)
    assert choices.table == stated
    assert choices.tables[stated.strategy] == stated
    for _ in range(data.draw(st.integers(1, 12))):
        before = choices
        move = data.draw(st.sampled_from(("next", "more", "less", "draw")))
        if move == "next":
            choices = choices.chosen(choices.next_strategy())
            following = (STRATEGIES.index(before.table.strategy) + 1) % len(STRATEGIES)
            assert choices.table.strategy == STRATEGIES[following]
        elif move == "draw":
            choices = choices.chosen(choices.another_draw())
            assert choices.table.strategy == "randomized"
        else:
            choices = choices.chosen(choices.kept_more(1 if move == "more" else -1))
            assert choices.table.strategy == before.table.strategy
        # The others stay what they were.
        others = [kind for kind in STRATEGIES if kind != choices.table.strategy]
        assert [choices.tables[kind] for kind in others] == [before.tables[kind] for kind in others]
        assert choices.first_seed == stated.seed
        valid(choices.table, steps)


def valid(table: BackwardTable, steps: int) -> None:
    """A file may have this table."""
    keys = {"window": "length", "segments": "length", "randomized": "probability"}
    assert (table.length is not None) == (keys.get(table.strategy) == "length")
    assert (table.probability is not None or table.xi is not None) == (table.strategy == "randomized")
    assert table.probability is None or 0 < table.probability <= 1
    assert truncation.of(table, steps).steps == steps


def test_a_length_grows_and_shrinks_within_the_sequence() -> None:
    choices = Choices.of(BackwardTable("window", length=3), 4)
    assert choices.kept_more(1).length == 4
    assert choices.chosen(choices.kept_more(1)).kept_more(1).length == 4
    assert Choices.of(BackwardTable("segments", length=1), 4).kept_more(-1).length == 1
    assert Choices.of(BackwardTable("full"), 4).kept_more(1) == BackwardTable("full")
    randomized = Choices.of(BackwardTable("randomized", probability=0.95), 4)
    assert randomized.kept_more(1).probability == 1.0
    assert Choices.of(BackwardTable("randomized", probability=0.1), 4).kept_more(-1).probability == 0.1


def test_listed_xi_are_no_draw_until_one_is_made() -> None:
    choices = Choices.of(BackwardTable("randomized", xi=(1.0, 2.0)), 2)
    assert choices.drawn == 0
    drawn = choices.chosen(choices.another_draw())
    assert drawn.drawn == 1
    assert drawn.table.xi is None
