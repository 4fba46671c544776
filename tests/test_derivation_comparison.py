"""SymPy beside the engine: what is wrong is found, what is rounding is not, what is not finite is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from derivations import derive, derive_and_compare, random_trace
from msgspec.structs import replace

import bptt_viz
from bptt_viz import engine, ledger, losses
from bptt_viz.derivation.comparison import TOLERANCE, compare, differences
from bptt_viz.derivation.outline import outline
from bptt_viz.derivation.window import window_of
from bptt_viz.equations import Activation, Affine
from bptt_viz.losses import LOSSES

if TYPE_CHECKING:
    from bptt_viz.tracing import Trace

WRONG = 1.0005


def plant(monkeypatch: pytest.MonkeyPatch, primitive: type) -> None:
    """A pullback that is wrong by 0.05 %."""
    right = primitive.pullback  # type: ignore[attr-defined]

    def wrong(self: Any, adjoint: np.ndarray, output: np.ndarray | None, scope: Any) -> Any:
        return ((operand, share * WRONG) for operand, share in right(self, adjoint, output, scope))

    monkeypatch.setattr(primitive, "pullback", wrong)


@pytest.mark.parametrize("primitive", [Activation, Affine])
def test_a_wrong_pullback_is_found(primitive: type, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = bptt_viz.load("wo-zuotian")
    sound = derive_and_compare(engine.trace(scenario), first=3)
    assert sound.ok
    assert sound.largest < 1e-12
    plant(monkeypatch, primitive)
    comparison = derive_and_compare(engine.trace(scenario), first=3)
    assert not comparison.ok
    assert not comparison.total.ok
    assert not any(one.ok for one in comparison.terms)
    wrong = {one.factor.kind for one in comparison.factors if not one.ok}
    assert wrong == ({"step", "direct"} if primitive is Activation else {"output", "step"})


def test_a_wrong_gradient_of_the_loss_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = LOSSES["cross_entropy"]
    wrong = replace(right, gradient=lambda o, p, y: right.gradient(o, p, y) * WRONG)
    monkeypatch.setitem(losses.LOSSES, "cross_entropy", wrong)
    comparison = derive_and_compare(engine.trace(bptt_viz.load("wo-zuotian")), first=3)
    assert {one.factor.kind for one in comparison.factors if not one.ok} == {"loss"}
    assert not any(one.ok for one in comparison.terms)


def test_a_wrong_gradient_of_the_sequence_is_found() -> None:
    """The terms may be right and their sum be wrong."""
    trace = bptt_viz.trace(bptt_viz.load("scalar-t3"))
    derivation = derive(trace)
    assert compare(derivation, trace).whole
    trace.__dict__["gradients"] = {name: value * WRONG for name, value in trace.gradients.items()}
    comparison = compare(derivation, trace)
    assert not comparison.ok
    assert not comparison.total.ok
    assert all(one.ok for one in comparison.terms)


def test_a_derivative_where_there_is_none_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine in which unit 1 read row 2 of W would differ outside the block that is shown."""
    trace = random_trace(2, 2, 2)
    derivation = derive(trace)
    right = Activation.pullback

    def mixed(self: Any, adjoint: np.ndarray, output: np.ndarray | None, scope: Any) -> Any:
        return ((one, share + 1e-3 * share[..., ::-1]) for one, share in right(self, adjoint, output, scope))

    monkeypatch.setattr(Activation, "pullback", mixed)
    wrong = [one for one in compare(derivation, trace).factors if one.factor.kind == "direct"]
    inside = trace.parameters["W"].size
    assert all(np.abs(one.value[inside:] - one.engine[inside:]).max() > 0 for one in wrong)
    assert not any(one.ok for one in wrong)


def test_sums_run_term_by_term() -> None:
    trace = random_trace(3, 2, 2, T=5)
    comparison = derive_and_compare(trace, first=2)
    assert not comparison.whole
    total = np.zeros((3, 3))
    for one in comparison.terms:
        total = total + one.term.value
        np.testing.assert_array_equal(one.sum, total)
        assert one.value is one.term.value
    np.testing.assert_array_equal(comparison.total.value, total)
    own = ledger.window_terms(trace.network, [layer.values for layer in trace.layers], trace.dL_do, "W", 2, 4)
    np.testing.assert_allclose(comparison.total.engine, sum(own.values()), rtol=1e-14)
    assert np.abs(comparison.total.engine - trace.gradients["W"]).max() > 1e-6


def test_what_is_there_so_far_is_compared() -> None:
    trace = random_trace(2, 2, 2)
    complete = derive(trace)
    for count in range(len(complete.terms) + 1):
        comparison = compare(replace(complete, terms=complete.terms[:count]), trace)
        assert comparison.ok
        assert comparison.whole == (count == 6)
        assert len(comparison.terms) == count


def test_each_factor_is_compared_once() -> None:
    comparison = derive_and_compare(random_trace(2, 2, 2))
    assert sorted((one.factor.kind, one.t) for one in comparison.factors) == [
        *(("direct", t) for t in (1, 2, 3)),
        *(("loss", t) for t in (1, 2, 3)),
        *(("output", t) for t in (1, 2, 3)),
        *(("step", t) for t in (2, 3)),
    ]


def test_steps_without_targets_have_no_terms() -> None:
    scenario = bptt_viz.load("scalar-t3")
    silent = replace(scenario, sequence=replace(scenario.sequence, targets=((0.5,), (), ())))
    trace = engine.trace(silent)
    comparison = derive_and_compare(trace)
    assert [(one.term.t, one.term.k) for one in comparison.terms] == [(1, 1)]
    assert comparison.ok
    assert comparison.whole
    nothing = derive_and_compare(trace, first=2)
    assert (nothing.terms, nothing.derivation.expected, nothing.ok) == ((), 0, True)
    assert nothing.total.value.item() == 0.0
    assert outline(window_of(trace, 2, 2, "V")).expected == 0


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("weight", [1e160, 1e308])
def test_numbers_that_overflow_do_not_agree(weight: float) -> None:
    trace = random_trace(2, 2, 2, "identity", W=[[weight, -weight], [weight, weight]])
    comparison = derive_and_compare(trace)
    finite = [bool(np.isfinite(one.engine).all() and np.isfinite(one.value).all()) for one in comparison.terms]
    assert not all(finite)
    assert not comparison.ok
    for one, sound in zip(comparison.terms, finite, strict=True):
        wild = ~np.isfinite(one.value)
        same = np.array_equal(one.value[wild], one.engine[wild]) and np.isfinite(one.engine[~wild]).all()
        assert one.ok == (sound or same)
        assert one.absolute == np.inf or one.ok


@pytest.mark.parametrize(
    ("value", "engine_value", "expected"),
    [
        ([1.0, 2.0], [1.0, 2.0 + 4e-9], (4e-9, 2e-9)),
        ([0.0], [0.0], (0.0, 0.0)),
        ([np.inf], [np.inf], (0.0, 0.0)),
        ([np.inf], [-np.inf], (np.inf, np.inf)),
        ([np.nan], [np.nan], (np.inf, np.inf)),
        ([1.0], [np.nan], (np.inf, np.inf)),
        ([1e-100], [2e-100], (1e-100, 0.5)),
        ([np.inf, 1.0], [np.inf, 1.1], (0.1, 0.1 / 1.1)),
    ],
)
def test_differences(value: list[float], engine_value: list[float], expected: tuple[float, float]) -> None:
    found = differences(np.array(value), np.array(engine_value), np.zeros(len(value)))
    assert found == pytest.approx(expected, rel=1e-6)


def test_digits_that_denormal_numbers_lack_are_no_difference() -> None:
    _, relative = differences(np.array([5e-324]), np.array([1.5e-323]), np.zeros(1))
    assert relative <= TOLERANCE


@pytest.mark.parametrize("loss", ["squared_error", "cross_entropy"])
def test_digits_that_cancellation_takes_are_no_difference(loss: str) -> None:
    """A prediction that is as good as right: ŷ − y is all rounding, and both sides round on their own."""
    for seed in range(5):
        trace = random_trace(3, 2, 3, "tanh", loss, seed=seed)
        targets = tuple(tuple(float(one) + 1e-12 for one in row) for row in trace.y_hat)
        right = replace(trace.scenario, sequence=replace(trace.scenario.sequence, targets=targets))
        comparison = derive_and_compare(engine.trace(right))
        assert comparison.ok, seed
        assert max(np.abs(one.value).max() for one in comparison.terms) < 1e-11


def test_a_wrong_pullback_is_found_where_predictions_are_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, Activation)
    trace: Trace = random_trace(2, 2, 3, "tanh", "cross_entropy", c=[8.0, 0.0, 0.0])
    assert not derive_and_compare(trace).ok
