"""Gated cells, stacks of layers, decoders and truncation: SymPy's terms of every network against the engine's."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
from derivations import TOLERANCE, derive, derive_and_compare, forget, networks, number
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import bptt_viz
from bptt_viz import engine, equations
from bptt_viz.activations import ACTIVATIONS
from bptt_viz.derivation.comparison import compare
from bptt_viz.derivation.outline import outline
from bptt_viz.derivation.symbolic import factors, terms
from bptt_viz.derivation.window import window_of
from bptt_viz.losses import LOSSES
from bptt_viz.notation import GOODFELLOW, NOTATIONS
from bptt_viz.truncation import Truncation

if TYPE_CHECKING:
    from pathlib import Path

    from bptt_viz.derivation.comparison import ComparedTerm
    from bptt_viz.scenario import Scenario
    from bptt_viz.tracing import Trace

SEQUENCE = "[sequence]\ninputs = [[0.5], [-1.0], [0.8]]\ntargets = [[0.3], [-0.2], [0.6]]\ninitial_state = {state}\n"
NETWORK = '[network]\ncell = "{cell}"\nhidden_size = {H}\nlayers = {layers}\n[network.initial]\nseed = 3\nscale = 0.8\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where scenarios are written."""
    return tmp_path


def run(folder: Path, cell: str = "rnn", H: int = 1, layers: int = 1, more: str = "", decoder_from: int = 0) -> Trace:
    """A network over three steps, with an initial state that is not 0."""
    state = [[0.4, -0.3, 0.2][:H]] * layers
    text = SEQUENCE.format(state=state[0] if layers == 1 else state)
    text += f"decoder_from = {decoder_from}\n" if decoder_from else ""
    (folder / "lesson.toml").write_text(text + NETWORK.format(cell=cell, H=H, layers=layers) + more)
    return engine.trace(bptt_viz.load(folder / "lesson.toml"))


def weights(trace: Trace) -> dict[tuple[int, int], float]:
    """What the scenario's strategy multiplies terms by, term by term: from its definition alone."""
    table, T = trace.scenario.backward, trace.T
    pairs = [(t, k) for t in range(1, T + 1) for k in range(1, t + 1)]
    length, xi = table.length or 0, table.xi or ()
    match table.strategy:
        case "window":
            return {(t, k): float(t - k < length) for t, k in pairs}
        case "segments":
            return {(t, k): float((t - 1) // length == (k - 1) // length) for t, k in pairs}
        case "randomized":
            return {(t, k): float(np.prod(xi[k:t])) for t, k in pairs}
        case _:
            return dict.fromkeys(pairs, 1.0)


def used_at(trace: Trace, parameter: str, k: int) -> bool:
    """Whether step k uses a parameter, by its name."""
    change = trace.scenario.sequence.decoder_from
    return change is None or parameter in {"V", "c"} or (k >= change) == parameter.endswith("_dec")


@settings(max_examples=50)
@given(scenario=networks(), data=st.data())
def test_every_parameter_of_every_network(scenario: Scenario, data: st.DataObject) -> None:
    """Terms, factors and total: to 1e-9, in every window; the sum is that of the truncated backward pass."""
    trace = engine.trace(scenario)
    weight = weights(trace)
    first, steps = data.draw(st.integers(1, trace.T), label="first"), data.draw(st.integers(1, 4), label="steps")
    last = min(first + steps - 1, trace.T)
    for parameter in trace.parameters:
        comparison = derive_and_compare(trace, parameter, first, steps)
        assert comparison.ok, (parameter, comparison.largest)
        assert comparison.derivation.complete
        assert [(one.term.t, one.term.k) for one in comparison.terms] == [
            (t, k)
            for k in range(last, first - 1, -1)
            for t in range(k, last + 1)
            if trace.has_target[t - 1] and used_at(trace, parameter, k) and (t == k or parameter not in {"V", "c"})
        ]
        total = np.zeros_like(trace.parameters[parameter])
        for one in comparison.terms:
            assert one.weight == pytest.approx(weight[one.term.t, one.term.k])
            total = total + weight[one.term.t, one.term.k] * one.value
            np.testing.assert_allclose(one.sum, total, rtol=TOLERANCE, atol=1e-14)
            # The backward pass of one loss alone, truncated, has the weighted terms as contributions.
            alone = engine.blame(trace, one.term.t).contributions[parameter][one.term.k - 1]
            np.testing.assert_allclose(one.weight * one.value, alone, rtol=TOLERANCE, atol=1e-13)
            if one.routes:
                routed = sum((route.value for route in one.routes), start=np.zeros_like(total))
                np.testing.assert_allclose(routed, one.value, rtol=TOLERANCE, atol=1e-13)
        if comparison.whole:
            np.testing.assert_allclose(total, trace.gradients[parameter], rtol=TOLERANCE, atol=1e-13)


@settings(max_examples=30)
@given(scenario=networks(most_units=2), data=st.data())
def test_entries_are_worth_their_numbers(scenario: Scenario, data: st.DataObject) -> None:
    """Entry by entry where all states together have at most four; elsewhere matrices alone."""
    trace = engine.trace(scenario)
    parameter = data.draw(st.sampled_from(list(trace.parameters)), label="parameter")
    units = sum(len(cell.states) for cell in trace.network.cells) * scenario.network.hidden_size
    for term in derive(trace, parameter).terms:
        for block in (block for factor in term.factors for block in factor.blocks):
            assert (block.entries is not None) == (units <= factors.MOST_UNITS)
            assert not (block.zero and block.value.any())
            for row, values in zip(block.entries or (), block.value, strict=False):
                shown = [number(entry, trace) for entry in row]
                np.testing.assert_allclose(shown, values, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(
    ("cell", "H", "layers", "decoder_from"),
    [("lstm", 2, 1, 0), ("gru", 2, 1, 0), ("gru", 1, 2, 0), ("rnn", 2, 2, 2), ("lstm", 3, 2, 3)],
)
def test_sympy_knows_no_derivative_of_ours(
    folder: Path, cell: str, H: int, layers: int, decoder_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every derivative of the engine out of order, SymPy's terms are what they were."""
    forget()
    trace = run(folder, cell, H, layers, decoder_from=decoder_from)
    expected = {name: trace.gradients[name] for name in trace.parameters}
    windows = {name: window_of(trace, 1, 3, name) for name in expected}

    def broken(*_: object) -> object:
        raise AssertionError("a derivative of the engine was used")

    for primitive in (
        equations.Activation, equations.Affine, equations.Product, equations.Sum, equations.OneMinus,
    ):  # fmt: skip
        monkeypatch.setattr(primitive, "pullback", broken)
    for name, function in ACTIVATIONS.items():
        monkeypatch.setitem(ACTIVATIONS, name, replace(function, derivative=broken))
    for name, loss in LOSSES.items():
        monkeypatch.setitem(LOSSES, name, replace(loss, gradient=broken))
    for name, gradient in expected.items():
        total = sum((term.value for term in terms(windows[name])), start=np.zeros_like(gradient))
        np.testing.assert_allclose(total, gradient, rtol=TOLERANCE, atol=1e-13)


@pytest.mark.parametrize("primitive", [equations.Activation, equations.Affine, equations.Product, equations.OneMinus])
@pytest.mark.parametrize(("cell", "layers"), [("lstm", 1), ("gru", 2)])
def test_a_wrong_pullback_is_found(
    folder: Path, cell: str, layers: int, primitive: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = primitive.pullback  # type: ignore[attr-defined]

    def wrong(self: object, *arguments: object) -> object:
        return ((operand, share * 1.0005) for operand, share in right(self, *arguments))

    monkeypatch.setattr(primitive, "pullback", wrong)
    trace = run(folder, cell, 2, layers)
    wrong_ones = [name for name in trace.parameters if not derive_and_compare(trace, name).ok]
    # An LSTM has no 1 − v.
    assert bool(wrong_ones) == (primitive is not equations.OneMinus or cell == "gru")


# How they are written.


def compared(trace: Trace, parameter: str, t: int, k: int) -> ComparedTerm:
    """One term."""
    return next(one for one in derive_and_compare(trace, parameter).terms if (one.term.t, one.term.k) == (t, k))


def test_a_stack_is_one_state(folder: Path) -> None:
    trace = run(folder, layers=2)
    window = window_of(trace, 1, 3, "W_1")
    sketch = outline(window)
    assert [GOODFELLOW.write(formula) for formula in sketch.forward[:5]] == [
        "a⁽¹⁾_t = U⁽¹⁾ x_t + W⁽¹⁾ h⁽¹⁾_{t−1} + b⁽¹⁾",
        "h⁽¹⁾_t = tanh(a⁽¹⁾_t)",
        "a⁽²⁾_t = U⁽²⁾ h⁽¹⁾_t + W⁽²⁾ h⁽²⁾_{t−1} + b⁽²⁾",
        "h⁽²⁾_t = tanh(a⁽²⁾_t)",
        "o_t = V h⁽²⁾_t + c",
    ]
    assert GOODFELLOW.write(sketch.rule) == (
        "∂L/∂W⁽¹⁾ = Σₜ Σ_{k≤t} ∂L_t/∂o_t · ∂o_t/∂h_t · ∏_{j=k+1..t} ∂h_j/∂h_{j−1} · ∂h_k/∂h⁽¹⁾_k · ∂⁺h⁽¹⁾_k/∂W⁽¹⁾"
    )
    one = compared(trace, "W_1", 3, 1)
    step, upward, direct = one.term.factors[2], one.term.factors[4], one.term.factors[5]
    assert [[GOODFELLOW.write(block.label), block.zero] for block in step.blocks] == [
        ["∂h⁽¹⁾₃/∂h⁽¹⁾₂", False],
        ["∂h⁽¹⁾₃/∂h⁽²⁾₂", True],
        ["∂h⁽²⁾₃/∂h⁽¹⁾₂", False],
        ["∂h⁽²⁾₃/∂h⁽²⁾₂", False],
    ]
    assert GOODFELLOW.write(step.blocks[2].form) == "(1 − h⁽²⁾₃²) · U⁽²⁾ · ∂h⁽¹⁾₃/∂h⁽¹⁾₂"
    assert upward.blocks[0].value.item() == 1.0
    assert GOODFELLOW.write(direct.form) == "(1 − h⁽¹⁾₁²) · h⁽¹⁾₀"
    assert [GOODFELLOW.write(route.written) for route in one.routes] == [
        "∂L₃/∂o₃ · ∂o₃/∂h⁽²⁾₃ · ∂h⁽²⁾₃/∂h⁽¹⁾₂ · ∂h⁽¹⁾₂/∂h⁽¹⁾₁ · ∂⁺h⁽¹⁾₁/∂W⁽¹⁾",
        "∂L₃/∂o₃ · ∂o₃/∂h⁽²⁾₃ · ∂h⁽²⁾₃/∂h⁽²⁾₂ · ∂h⁽²⁾₂/∂h⁽¹⁾₁ · ∂⁺h⁽¹⁾₁/∂W⁽¹⁾",
        "∂L₃/∂o₃ · ∂o₃/∂h⁽²⁾₃ · ∂h⁽²⁾₃/∂h⁽²⁾₂ · ∂h⁽²⁾₂/∂h⁽²⁾₁ · ∂h⁽²⁾₁/∂h⁽¹⁾₁ · ∂⁺h⁽¹⁾₁/∂W⁽¹⁾",
    ]
    # In the top layer the error has but one.
    assert compared(trace, "W_2", 3, 1).routes == ()


def test_the_error_of_an_lstm_goes_through_s_and_through_h(folder: Path) -> None:
    trace = run(folder, "lstm", 2)
    one = compared(trace, "W_f", 3, 1)
    assert [GOODFELLOW.write(route.written) for route in one.routes] == [
        f"∂L₃/∂o₃ · ∂o₃/∂h₃ · ∂h₃/∂{a}₂ · ∂{a}₂/∂{b}₁ · ∂⁺{b}₁/∂W_f" for a in "sh" for b in "sh"
    ]
    # Along s alone: the product of the forget gates.
    layer, error = trace.layers[0], trace.dL_do[2] @ trace.parameters["V"]
    s, h = layer.values["s"], layer.values["h"]
    f, q = layer.values["f"], layer.values["q"]
    row = error * q[3] * (1 - np.tanh(s[3]) ** 2) * f[3] * f[2]
    by_hand = np.outer(row * f[1] * (1 - f[1]) * s[0], h[0])
    np.testing.assert_allclose(one.routes[0].value, by_hand, rtol=1e-12, atol=1e-18)
    # The output gate has no part in s: there are two routes less.
    assert len(compared(trace, "W_o", 3, 1).routes) == 2


def test_letters_of_the_states_are_the_notations(folder: Path) -> None:
    factor = compared(run(folder, "lstm"), "W_f", 3, 2).term.factors[2].written
    written = {name: notation.write(factor) for name, notation in NOTATIONS.items()}
    assert written["goodfellow"] == "∂(s, h)₃/∂(s, h)₂"
    assert written["pytorch"] == "∂(c, h)₃/∂(c, h)₂"
    assert NOTATIONS["d2l"].latex(factor).count("(C, h)") == 2


def test_a_parameter_has_terms_of_the_steps_that_use_it(folder: Path) -> None:
    trace = run(folder, decoder_from=3)
    rules, found, first_equations = {}, {}, {}
    for name in ("W", "W_dec", "V"):
        derivation = derive(trace, name)
        rules[name] = GOODFELLOW.write(derivation.rule).partition(" ∂L_t")[0]
        found[name] = [(term.t, term.k) for term in derivation.terms]
        first_equations[name] = [GOODFELLOW.write(one) for one in derivation.forward[:2]]
    assert found == {
        "W": [(2, 2), (3, 2), (1, 1), (2, 1), (3, 1)],
        "W_dec": [(3, 3)],
        "V": [(3, 3), (2, 2), (1, 1)],
    }
    assert rules == {
        "W": "∂L/∂W = Σₜ Σ_{k≤min(t, 2)}",
        "W_dec": "∂L/∂Wᵈᵉᶜ = Σₜ Σ_{k=3..t}",
        "V": "∂L/∂V = Σₜ",
    }
    assert first_equations["W"] == [
        "a_t = U x_t + W h_{t−1} + b   (t < 3)",
        "a_t = Uᵈᵉᶜ x_t + Wᵈᵉᶜ h_{t−1} + bᵈᵉᶜ   (t ≥ 3)",
    ]
    one = compared(trace, "W", 3, 2)
    assert [GOODFELLOW.write(factor.form) for factor in one.term.factors[2:]] == [
        "(1 − h₃²) · Wᵈᵉᶜ",
        "(1 − h₂²) · h₁",
    ]
    assert number(one.term.expanded, trace) == pytest.approx(one.value.item(), rel=1e-12)
    assert "Wᵈᵉᶜ · tanh(U · x₂ + W · tanh(" in GOODFELLOW.write(one.term.expanded)


def test_a_window_of_the_decoder_has_no_terms_of_the_encoder(folder: Path) -> None:
    trace = run(folder, decoder_from=2)
    comparison = derive_and_compare(trace, "W", first=2)
    assert (comparison.terms, comparison.derivation.expected, comparison.ok) == ((), 0, True)
    assert [GOODFELLOW.write(one) for one in comparison.derivation.forward[:1]] == [
        "a_t = Uᵈᵉᶜ x_t + Wᵈᵉᶜ h_{t−1} + bᵈᵉᶜ"
    ]
    assert derive_and_compare(trace, "W_dec", first=2).ok


@pytest.mark.parametrize("truncated", [False, True])
def test_terms_are_those_of_the_full_derivative_whatever_is_left_out(folder: Path, *, truncated: bool) -> None:
    more = '[backward]\nstrategy = "randomized"\nxi = [1.0, 1.25, 0.0]\n' if truncated else ""
    comparison = derive_and_compare(run(folder, layers=2, more=more), "W_1")
    assert comparison.truncated == truncated
    assert comparison.whole
    full = derive_and_compare(run(folder, layers=2), "W_1")
    for one, other in zip(comparison.terms, full.terms, strict=True):
        np.testing.assert_array_equal(one.value, other.value)
    found = {(one.term.t, one.term.k): one.weight for one in comparison.terms if one.weight != 1.0}
    assert found == ({(2, 1): 1.25, (3, 2): 0.0, (3, 1): 0.0} if truncated else {})
    assert (abs(comparison.total.value - full.total.value).max() > 1e-6) == truncated


def test_a_wrong_weight_is_found(folder: Path) -> None:
    more = '[backward]\nstrategy = "window"\nlength = 2\n'
    trace = run(folder, more=more)
    derivation = derive(trace)
    assert derive_and_compare(trace).ok
    wrong = dataclasses.replace(trace, truncation=Truncation(3))
    wrong.__dict__["gradients"] = trace.gradients
    assert not compare(derivation, wrong).ok
