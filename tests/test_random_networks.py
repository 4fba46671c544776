"""Random cells, stacks and decoders against autograd through plain code, which knows no equation of the program's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import autograd.numpy as anp
import numpy as np
from autograd import grad
from autograd.misc.flatten import flatten
from conftest import every_network
from hypothesis import given, settings

from bptt_viz import engine
from bptt_viz.network import build

if TYPE_CHECKING:
    from bptt_viz.scenario import Scenario
    from bptt_viz.tracing import Trace


def sigma(a: Any) -> Any:
    """σ, as autograd can differentiate it."""
    return 0.5 * (anp.tanh(0.5 * a) + 1)


FUNCTIONS = {"tanh": anp.tanh, "relu": lambda a: anp.where(a > 0, a, 0.0), "sigmoid": sigma, "identity": lambda a: a}


def affine(p: dict[str, Any], gate: str, end: str, x: Any, v: Any) -> Any:
    """U x + W v + b, with whatever the names end in."""
    dash = f"_{gate}" if gate else ""
    return p[f"U{dash}{end}"] @ x + p[f"W{dash}{end}"] @ v + p.get(f"b{dash}{end}", 0.0)


def step(scenario: Scenario, p: dict[str, Any], end: str, x: Any, h: Any, s: Any) -> tuple[Any, Any]:
    """One layer's next h and s."""
    table = scenario.network
    if table.cell == "rnn":
        return FUNCTIONS[table.activation](affine(p, "", end, x, h)), s
    if table.cell == "lstm":
        i, f, o = (sigma(affine(p, gate, end, x, h)) for gate in "ifo")
        s = f * s + i * anp.tanh(affine(p, "g", end, x, h))
        return o * anp.tanh(s), s
    r, z = (sigma(affine(p, gate, end, x, h)) for gate in "rz")
    if table.reset == "before":
        n = anp.tanh(affine(p, "n", end, x, r * h))
    else:
        inner = p[f"W_n{end}"] @ h + p.get(f"b_hn{end}", 0.0)
        n = anp.tanh(p[f"U_n{end}"] @ x + p.get(f"b_n{end}", 0.0) + r * inner)
    return (1 - z) * n + z * h, s


def step_loss(scenario: Scenario, o: Any, y: Any) -> Any:
    """L_t."""
    if scenario.loss.kind == "squared_error":
        return 0.5 * anp.sum((o - y) ** 2)
    if scenario.loss.kind == "binary_cross_entropy":
        return anp.sum(anp.logaddexp(0.0, o) - y * o)
    shifted = o - anp.max(o)
    return anp.sum(y) * anp.log(anp.sum(anp.exp(shifted))) - anp.sum(y * shifted)


def total(scenario: Scenario, trace: Trace, p: dict[str, Any], x: Any, starts: Any) -> Any:
    """L, and nothing kept."""
    layers, decoder_from = scenario.network.layers, scenario.sequence.decoder_from
    h, s = list(starts), [anp.zeros(starts[0].shape)] * layers
    losses = []
    for t in range(trace.T):
        below = x[t]
        group = "_dec" if decoder_from is not None and t + 1 >= decoder_from else ""
        for layer in range(layers):
            end = (f"_{layer + 1}" if layers > 1 else "") + group
            h[layer], s[layer] = step(scenario, p, end, below, h[layer], s[layer])
            below = h[layer]
        if trace.has_target[t]:
            losses.append(step_loss(scenario, p["V"] @ below + p.get("c", 0.0), trace.y[t]))
    return sum(losses) / (len(losses) if scenario.loss.reduction == "mean" else 1)


@settings(max_examples=150)
@given(scenario=every_network())
def test_gradients_are_autograds(scenario: Scenario) -> None:
    network = build(scenario)
    trace = engine.run(scenario, network)
    point = (dict(network.parameters), np.array(trace.x), [np.array(state) for state in network.initial_states])
    flat, unflatten = flatten(point)
    value = total(scenario, trace, *unflatten(flat))
    of_parameters, of_x, _ = unflatten(grad(lambda v: total(scenario, trace, *unflatten(v)))(flat))
    np.testing.assert_allclose(trace.loss, value, rtol=1e-9)
    np.testing.assert_allclose(trace.dL_dx, of_x, rtol=1e-9, atol=1e-11)
    assert set(trace.gradients) == set(of_parameters)
    for name, expected in of_parameters.items():
        np.testing.assert_allclose(trace.gradients[name], expected, rtol=1e-9, atol=1e-11, err_msg=name)


@settings(max_examples=60)
@given(scenario=every_network())
def test_a_gradient_is_the_sum_of_its_contributions_and_of_its_terms(scenario: Scenario) -> None:
    trace = engine.run(scenario, build(scenario))
    single = [engine.blame(trace, t) for t in range(1, trace.T + 1)]
    for name, gradient in trace.gradients.items():
        np.testing.assert_allclose(trace.contributions[name].sum(axis=0), gradient, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(sum(one.gradients[name] for one in single), gradient, rtol=1e-9, atol=1e-11)
        for t, one in enumerate(single, start=1):
            norms = [np.linalg.norm(term) for term in one.contributions[name]]
            np.testing.assert_allclose(trace.triangle[name][t - 1, :t], norms, rtol=1e-9, atol=1e-13)


@settings(max_examples=60)
@given(scenario=every_network())
def test_the_decoder_reads_its_own_parameters_only(scenario: Scenario) -> None:
    trace = engine.run(scenario, build(scenario))
    first = scenario.sequence.decoder_from
    for name, contributions in trace.contributions.items():
        if first is None:
            assert not name.endswith("_dec")
        elif name.endswith("_dec"):
            assert not contributions[: first - 1].any()
        elif name not in ("V", "c"):
            assert not contributions[first - 1 :].any()
