"""Gradients against two oracles: HIPS autograd through formulas written here anew, and finite differences.

Every step reads a copy of each parameter of its own, so that one Jacobian of (L_1, …, L_T) holds all
there is to compare: contributions are its columns, chain-rule terms (t, k) its entries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import jacobian
from autograd.misc.flatten import flatten
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bptt_viz import engine, gradients, ledger
from bptt_viz.network import build
from bptt_viz.scenario import ActivationName, LossKind, LossTable, Scenario

if TYPE_CHECKING:
    from bptt_viz.tracing import Trace

ACTIVATIONS = get_args(ActivationName)
KINDS = get_args(LossKind)
#: ``phi(a)`` and ``loss(o, y)`` as the interface states them, not as the program computes them.
PHI = {
    "tanh": anp.tanh,
    "sigmoid": lambda a: 1 / (1 + anp.exp(-a)),
    "relu": lambda a: a * (a > 0),
    "identity": lambda a: a,
}
LOSS = {
    "cross_entropy": lambda o, y: -anp.sum(y * (o - anp.log(anp.sum(anp.exp(o))))),
    "squared_error": lambda o, y: 0.5 * anp.sum((o - y) ** 2),
    "binary_cross_entropy": lambda o, y: anp.sum(y * anp.log(1 + anp.exp(-o)) + (1 - y) * anp.log(1 + anp.exp(o))),
}


def vectors(scenario: Scenario) -> tuple[np.ndarray, list[np.ndarray | None]]:
    """x [T, D] and each step's target, or None."""
    table = scenario.sequence
    if table.tokens is not None:
        one_hot = dict(zip(table.vocabulary or (), np.eye(len(table.vocabulary or ())), strict=True))
        rows = [one_hot[token] for token in table.tokens]
        return np.array(rows[:-1]), list(rows[1:])
    size = max(len(item) for item in table.inputs or ())
    x = [np.array(item) if item else np.zeros(size) for item in table.inputs or ()]
    return np.array(x), [np.array(item) if item else None for item in table.targets or ()]


def step_losses(scenario: Scenario, v: dict[str, Any]) -> Any:
    """L_1..L_T, each with the reduction's factor, from the interface's formulas.

    ``v`` holds for each parameter T copies, x, and for a, h and o what is added to them at each step (zeros).
    """
    _, targets = vectors(scenario)
    known = sum(y is not None for y in targets)
    factor = 1 / known if scenario.loss.reduction == "mean" else 1.0
    h = np.array(scenario.sequence.initial_state or np.zeros(scenario.network.hidden_size))
    losses = []
    for t, y in enumerate(targets):
        a = v["U"][t] @ v["x"][t] + v["W"][t] @ h + (v["b"][t] if "b" in v else 0.0) + v["a"][t]
        h = PHI[scenario.network.activation](a) + v["h"][t]
        o = v["V"][t] @ h + (v["c"][t] if "c" in v else 0.0) + v["o"][t]
        losses.append(0.0 if y is None else factor * LOSS[scenario.loss.kind or ""](o, y))
    return anp.array(losses)


def variables(scenario: Scenario) -> dict[str, np.ndarray]:
    """What :func:`step_losses` is differentiated by."""
    x, targets = vectors(scenario)
    T, H, K = len(x), scenario.network.hidden_size, max(len(y) for y in targets if y is not None)
    copies = {name: np.array([value] * T) for name, value in scenario.network.parameters.items()}
    return copies | {"x": x, "a": np.zeros((T, H)), "h": np.zeros((T, H)), "o": np.zeros((T, K))}


def oracle(scenario: Scenario) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """L_1..L_T, and name → ∂L_t/∂(its copy at k), [T, T, …]."""
    flat, unflatten = flatten(variables(scenario))
    losses = step_losses(scenario, unflatten(flat))
    rows = jacobian(lambda values: step_losses(scenario, unflatten(values)))(flat)
    by_loss = [unflatten(row) for row in rows]
    return losses, {name: np.array([row[name] for row in by_loss]) for name in by_loss[0]}


def close(ours: Any, theirs: Any) -> bool:
    """The check, as strict as rounding allows."""
    return np.allclose(ours, theirs, rtol=1e-8, atol=1e-10)


def compare(trace: Trace, losses: np.ndarray, exact: dict[str, np.ndarray]) -> None:
    """Everything the trace derives, against the Jacobian."""
    kept = np.where(trace.has_target, trace.losses, 0.0) * trace.reduction_factor
    assert close(kept, losses)
    assert close(trace.loss, losses.sum())
    (layer,) = trace.layers
    for ours, name in ((layer.dL_dh, "h"), (layer.delta, "a"), (trace.dL_do, "o"), (trace.dL_dx, "x")):
        assert close(ours, exact[name].sum(axis=0)), name
    for name in trace.parameters:
        terms = exact[name]
        contributions = terms.sum(axis=0)
        assert close(trace.contributions[name], contributions), name
        assert close(trace.accumulated[name], np.cumsum(contributions[::-1], axis=0)[::-1]), name
        assert close(trace.gradients[name], contributions.sum(axis=0)), name
        norms = np.sqrt((terms.reshape(trace.T, trace.T, -1) ** 2).sum(axis=-1))
        assert close(trace.triangle[name], norms), name
    for column in ledger.columns(trace.network, [layer.values], trace.dL_do):
        for t in range(column.k, trace.T + 1):
            assert close(column.term(t), exact[column.parameter][t - 1, column.k - 1]), (column.parameter, t, column.k)


def away_from_kinks(trace: Trace) -> bool:
    """No pre-activation so near relu's kink that a small step would cross it."""
    return trace.scenario.network.activation != "relu" or bool(np.abs(trace.layers[0].a).min() > 1e-3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@settings(max_examples=30)
@given(scenario=st.from_type(Scenario))
def test_everything_agrees_with_autograd(activation: str, kind: LossKind, scenario: Scenario) -> None:
    scenario = replace(
        scenario,
        network=replace(scenario.network, activation=activation),
        loss=LossTable(kind, scenario.loss.reduction),
    )
    trace = engine.trace(scenario)
    assume(away_from_kinks(trace))
    compare(trace, *oracle(scenario))


def directional(scenario: Scenario, direction: dict[str, np.ndarray], size: float = 1e-5) -> float:
    """(L(θ + εd) − L(θ − εd)) / 2ε by the program's own forward pass."""

    def loss(sign: float) -> float:
        network = build(scenario)
        moved = {name: value + sign * size * direction[name] for name, value in network.parameters.items()}
        return engine.run(scenario, network.with_parameters(moved)).loss

    return (loss(1.0) - loss(-1.0)) / (2 * size)


def agrees_along(slope: float, wanted: float, length: float) -> bool:
    """The second check: two-sided differences are good to about ε² of the curvature."""
    return abs(slope - wanted) <= 1e-6 * max(abs(wanted), length, 1e-3)


@settings(max_examples=40)
@given(scenario=st.from_type(Scenario), seed=st.integers(0, 99))
def test_gradients_agree_with_finite_differences(scenario: Scenario, seed: int) -> None:
    trace = engine.trace(scenario)
    assume(away_from_kinks(trace))
    rng = np.random.default_rng(seed)
    direction = {name: rng.standard_normal(value.shape) for name, value in trace.parameters.items()}
    slope = sum(float((trace.gradients[name] * direction[name]).sum()) for name in direction)
    assert agrees_along(slope, directional(scenario, direction), trace.gradient_norm)


# The checkers are tested too: what is wrong by 0.05 % must not pass either of them.


@settings(max_examples=20)
@given(scenario=st.from_type(Scenario), seed=st.integers(0, 99))
def test_both_checks_notice_a_gradient_wrong_by_half_a_permille(scenario: Scenario, seed: int) -> None:
    trace = engine.trace(scenario)
    assume(away_from_kinks(trace) and trace.gradient_norm > 1e-3)
    _, exact = oracle(scenario)
    wrong = {name: 1.0005 * gradient for name, gradient in trace.gradients.items()}
    largest = max(wrong, key=lambda name: float(np.abs(wrong[name]).max()))
    assert not close(wrong[largest], exact[largest].sum(axis=(0, 1)))
    # Along the gradient itself, that no direction at right angles to it hides the error; then along a random one.
    rng = np.random.default_rng(seed)
    random = {name: rng.standard_normal(gradient.shape) for name, gradient in trace.gradients.items()}
    for direction in (trace.gradients, random):
        slope = sum(float((wrong[name] * direction[name]).sum()) for name in wrong)
        if abs(slope) > 0.1 * trace.gradient_norm:
            assert not agrees_along(slope, directional(scenario, dict(direction)), trace.gradient_norm)


@settings(max_examples=25)
@given(scenario=st.from_type(Scenario), threshold=st.floats(1e-3, 10.0))
def test_clipping(scenario: Scenario, threshold: float) -> None:
    found = engine.trace(scenario).gradients
    flat = np.concatenate([gradient.ravel() for gradient in found.values()])
    assume(flat.any())
    assert gradients.norm(found) == pytest.approx(np.linalg.norm(flat))
    by_norm = gradients.clip(found, "norm", threshold)
    shrunk = np.concatenate([gradient.ravel() for gradient in by_norm.values()])
    np.testing.assert_allclose(shrunk, flat * min(1.0, threshold / np.linalg.norm(flat)), rtol=1e-12)
    for name, gradient in gradients.clip(found, "value", threshold).items():
        np.testing.assert_array_equal(gradient, np.minimum(np.maximum(found[name], -threshold), threshold))


@settings(max_examples=25)
@given(scenario=st.from_type(Scenario), updates=st.integers(1, 3))
def test_updates_descend_along_the_gradient(scenario: Scenario, updates: int) -> None:
    now = engine.trace(scenario)
    history = [now.loss]
    for _ in range(updates):
        stepped = {name: now.parameters[name] - 0.3 * now.gradients[name] for name in now.parameters}
        now = engine.run(scenario, now.network.with_parameters(stepped))
        history.append(now.loss)
    after = engine.trace(scenario, updates)
    np.testing.assert_array_equal(after.loss_history, history)
    for name, value in after.parameters.items():
        np.testing.assert_array_equal(value, now.parameters[name])
