"""SymPy's chain-rule terms: against the engine, against a sum worked out by hand, and what is kept of them."""

from __future__ import annotations

from collections.abc import Generator
from math import tanh
from typing import TYPE_CHECKING

import numpy as np
import pytest
import sympy
from derivations import TOLERANCE, derive, derive_and_compare, forget, number, random_trace
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import bptt_viz
from bptt_viz import engine
from bptt_viz.activations import ACTIVATIONS
from bptt_viz.derivation.outline import outline
from bptt_viz.derivation.symbolic import factors, terms
from bptt_viz.derivation.window import window_of
from bptt_viz.equations import Activation, Affine
from bptt_viz.losses import LOSSES
from bptt_viz.notation import GOODFELLOW
from bptt_viz.scenario import LossTable, Scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.derivation.result import Term


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[object, object]]]:
    """What SymPy is asked to differentiate."""
    forget()
    asked: list[tuple[object, object]] = []
    differentiate = sympy.diff

    def noted(expression: object, by: object) -> object:
        asked.append((expression, by))
        return differentiate(expression, by)

    monkeypatch.setattr(sympy, "diff", noted)
    yield asked
    forget()


@settings(max_examples=60)
@given(scenario=..., data=st.data())
def test_terms_are_those_of_the_engine(scenario: Scenario, data: st.DataObject) -> None:
    """Any window and parameter of any network: SymPy's terms, factors and total against the pullbacks."""
    trace = engine.trace(scenario)
    parameter = data.draw(st.sampled_from(list(trace.parameters)), label="parameter")
    first = data.draw(st.integers(1, trace.T), label="first")
    steps = data.draw(st.integers(1, 4), label="steps")
    comparison = derive_and_compare(trace, parameter, first, steps)
    derivation = comparison.derivation
    last = min(first + steps - 1, trace.T)
    assert derivation.complete
    assert [(term.t, term.k) for term in derivation.terms] == [
        (t, k)
        for k in range(last, first - 1, -1)
        for t in range(k, last + 1)
        if trace.has_target[t - 1] and (t == k or parameter not in {"V", "c"})
    ]
    total = np.zeros_like(trace.parameters[parameter])
    for term in derivation.terms:
        # The backward pass of one loss alone has its terms as contributions.
        alone = engine.blame(trace, term.t).contributions[parameter][term.k - 1]
        np.testing.assert_allclose(term.value, alone, rtol=TOLERANCE, atol=1e-12)
        total = total + term.value
    assert comparison.ok, comparison.largest
    assert comparison.whole == (last - first + 1 == trace.T)
    if comparison.whole:
        np.testing.assert_allclose(total, trace.gradients[parameter], rtol=TOLERANCE, atol=1e-12)


@settings(max_examples=40)
@given(scenario=..., data=st.data())
def test_formulas_are_worth_their_numbers(scenario: Scenario, data: st.DataObject) -> None:
    """Each entry that is shown, its symbols read off the trace, is the number beside it."""
    trace = engine.trace(scenario)
    parameter = data.draw(st.sampled_from(list(trace.parameters)), label="parameter")
    first = data.draw(st.integers(1, trace.T), label="first")
    for term in derive(trace, parameter, first).terms:
        for factor in term.factors:
            for block in factor.blocks:
                assert (block.entries is None) == (trace.o.shape[1] > 16)
                if block.entries is not None:
                    shown = np.array([[number(entry, trace) for entry in row] for row in block.entries])
                    np.testing.assert_allclose(shown, block.value, rtol=1e-12, atol=1e-14)
        if term.expanded:
            assert number(term.expanded, trace) == pytest.approx(term.value.item(), rel=1e-12, abs=1e-15)


def test_what_is_given_and_the_rule() -> None:
    window = window_of(random_trace(2, 2, 2, "sigmoid", "cross_entropy"), 1, 3, "W")
    sketch = outline(window)
    assert [GOODFELLOW.write(formula) for formula in sketch.forward] == [
        "a_t = U x_t + W h_{t−1} + b",
        "h_t = σ(a_t)",
        "o_t = V h_t + c",
        "ŷ_t = softmax(o_t)",
        "L_t = −Σᵢ y_t[i] log ŷ_t[i]",
        "L = Σₜ L_t",
    ]
    assert GOODFELLOW.write(sketch.rule) == (
        "∂L/∂W = Σₜ Σ_{k≤t} ∂L_t/∂o_t · ∂o_t/∂h_t · ∏_{j=k+1..t} ∂h_j/∂h_{j−1} · ∂⁺h_k/∂W"
    )
    of_output = outline(replace(window, shape=replace(window.shape, parameter="V")))
    assert GOODFELLOW.write(of_output.rule) == "∂L/∂V = Σₜ ∂L_t/∂o_t · ∂⁺o_t/∂V"
    assert (sketch.terms, sketch.expected, of_output.expected, sketch.complete) == ((), 6, 3, False)


def by_hand() -> dict[tuple[int, int], float]:
    """The six terms of scalar-t3: U = 0.5, W = 0.1, V = 1, x = 1, 2, 3, y = 0.5, 1, 1.5, h₀ = 0, ½ (o − y)²."""
    h1 = tanh(0.5 * 1)
    h2 = tanh(0.5 * 2 + 0.1 * h1)
    h3 = tanh(0.5 * 3 + 0.1 * h2)
    e1, e2, e3 = h1 - 0.5, h2 - 1.0, h3 - 1.5
    return {
        (3, 3): e3 * (1 - h3**2) * h2,
        (2, 2): e2 * (1 - h2**2) * h1,
        (3, 2): e3 * (1 - h3**2) * 0.1 * (1 - h2**2) * h1,
        (1, 1): e1 * (1 - h1**2) * 0.0,
        (2, 1): e2 * (1 - h2**2) * 0.1 * (1 - h1**2) * 0.0,
        (3, 1): e3 * (1 - h3**2) * 0.1 * (1 - h2**2) * 0.1 * (1 - h1**2) * 0.0,
    }


def test_the_six_terms_on_the_board() -> None:
    trace = bptt_viz.trace(bptt_viz.load("scalar-t3"))
    derivation = derive(trace)
    expected = by_hand()
    assert [(term.t, term.k) for term in derivation.terms] == list(expected)
    for term in derivation.terms:
        assert term.value.item() == pytest.approx(expected[term.t, term.k], rel=1e-13, abs=0)
    assert sum(expected.values()) == pytest.approx(trace.gradients["W"].item(), rel=1e-13)
    assert trace.gradients["W"].item() == pytest.approx(-0.1125, abs=5e-5)


def written(term: Term) -> list[tuple[str, str]]:
    """The factors of a term as they are read."""
    return [(GOODFELLOW.write(factor.written), GOODFELLOW.write(factor.form)) for factor in term.factors]


def test_the_six_terms_in_symbols() -> None:
    terms_of = {(term.t, term.k): term for term in derive(bptt_viz.trace(bptt_viz.load("scalar-t3"))).terms}
    assert written(terms_of[3, 1]) == [
        ("∂L₃/∂o₃", "o₃ − y₃"),
        ("∂o₃/∂h₃", "V"),
        ("∂h₃/∂h₂", "(1 − h₃²) · W"),
        ("∂h₂/∂h₁", "(1 − h₂²) · W"),
        ("∂⁺h₁/∂W", "(1 − h₁²) · h₀"),
    ]
    h1 = "tanh(U · x₁ + W · h₀)"
    h2 = f"tanh(U · x₂ + W · {h1})"
    h3 = f"tanh(U · x₃ + W · {h2})"
    error = [f"(V · {h} − y₂) · V · (1 − {h}²)" for h in (h1, h2, h3)]
    error = [one.replace("y₂", f"y{subscript}") for one, subscript in zip(error, "₁₂₃", strict=True)]
    assert {pair: GOODFELLOW.write(term.expanded) for pair, term in terms_of.items()} == {
        (3, 3): f"{error[2]} · {h2}",
        (2, 2): f"{error[1]} · {h1}",
        (3, 2): f"{error[2]} · W · (1 − {h2}²) · {h1}",
        (1, 1): f"{error[0]} · h₀",
        (2, 1): f"{error[1]} · W · (1 − {h1}²) · h₀",
        (3, 1): f"{error[2]} · W · (1 − {h2}²) · W · (1 − {h1}²) · h₀",
    }


@pytest.mark.parametrize(
    ("activation", "loss", "step", "direct", "error"),
    [
        ("tanh", "cross_entropy", "diag(1 − h₂²) W", "(1 − h₂[i]²) h₁[j]", "(ŷ₂ − y₂)ᵀ"),
        ("sigmoid", "binary_cross_entropy", "diag(h₂ ⊙ (1 − h₂)) W", "h₂[i] (1 − h₂[i]) h₁[j]", "(ŷ₂ − y₂)ᵀ"),
        ("relu", "squared_error", "diag([a₂ > 0]) W", "[a₂[i] > 0] h₁[j]", "(o₂ − y₂)ᵀ"),
        ("identity", "squared_error", "W", "h₁[j]", "(o₂ − y₂)ᵀ"),
    ],
)
def test_forms(activation: str, loss: str, step: str, direct: str, error: str) -> None:
    """The same whether entries are written out or not."""
    for H in (3, 6):
        terms_of = {(term.t, term.k): term for term in derive(random_trace(H, 4, 3, activation, loss)).terms}
        assert written(terms_of[2, 1])[:3] == [("∂L₂/∂o₂", error), ("∂o₂/∂h₂", "V"), ("∂h₂/∂h₁", step)]
        assert written(terms_of[2, 2])[-1] == ("∂⁺h₂/∂W", f"∂⁺h₂[i]/∂Wᵢⱼ = {direct}")
        assert terms_of[2, 2].factors[-1].sparse


def test_entries_are_written_as_on_a_board() -> None:
    (first, *_) = derive(random_trace(2, 2, 2, "sigmoid", "cross_entropy"), "W").terms
    factors_of = {factor.kind: factor.blocks[0] for factor in first.factors}
    read = {
        kind: [[GOODFELLOW.write(entry) for entry in row] for row in block.entries or ()]
        for kind, block in factors_of.items()
    }
    assert read["loss"] == [["ŷ₃[1] − y₃[1]", "ŷ₃[2] − y₃[2]"]]
    assert read["output"] == [["V₁₁", "V₁₂"], ["V₂₁", "V₂₂"]]
    assert read["direct"][1] == ["h₃[2] · (1 − h₃[2]) · h₂[1]", "h₃[2] · (1 − h₃[2]) · h₂[2]"]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_matrices_say_what_entries_say(activation: str, loss: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for parameter in ("U", "W", "b", "V", "c"):
        trace = random_trace(3, 4, 3, activation, loss)
        forget()
        entry_by_entry = derive(trace, parameter).terms
        monkeypatch.setattr(factors, "MOST_UNITS", 0)
        forget()
        as_matrices = derive(trace, parameter).terms
        monkeypatch.undo()
        forget()
        for one, other in zip(entry_by_entry, as_matrices, strict=True):
            np.testing.assert_allclose(other.value, one.value, rtol=1e-12, atol=1e-15)
            for left, right in zip(one.factors, other.factors, strict=True):
                assert left.sparse == right.sparse
                for mine, theirs in zip(left.blocks, right.blocks, strict=True):
                    assert mine.label == theirs.label
                    assert mine.entries is not None
                    assert theirs.entries is None
                    np.testing.assert_allclose(theirs.value, mine.value, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", [(5, 3, 2), (2, 17, 2), (9, 20, 18)])
def test_large_networks_agree_with_the_engine(sizes: tuple[int, int, int], activation: str, loss: str) -> None:
    trace = random_trace(*sizes, activation, loss, T=5)
    for parameter in trace.parameters:
        comparison = derive_and_compare(trace, parameter, first=3)
        assert comparison.ok, (parameter, comparison.largest)
        blocks = [block for term in comparison.derivation.terms for factor in term.factors for block in factor.blocks]
        assert all(block.entries is None for block in blocks)


def test_the_derivative_of_relu_at_0_is_0() -> None:
    trace = random_trace(2, 2, 2, "relu", U=[[0.0, 0.0]] * 2, W=[[0.0, 0.0], [0.5, 0.5]], b=[0.0, 1.0])
    assert trace.layers[0].a[:, 0].tolist() == [0.0] * 3
    comparison = derive_and_compare(trace)
    assert comparison.ok
    (first, *_) = comparison.derivation.terms
    direct = first.factors[-1].blocks[0]
    assert direct.value[0].tolist() == [0.0, 0.0]
    assert direct.value[1].any()
    assert direct.entries is not None
    assert GOODFELLOW.write(direct.entries[0][1]) == "[a₃[1] > 0] · h₂[2]"


@pytest.mark.parametrize("K", [3, 20])
@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy"])
def test_huge_logits_stay_finite(loss: str, K: int) -> None:
    rows = np.linspace(-4e3, 4e3, K)
    trace = random_trace(2, 2, K, "tanh", loss, V=np.stack([rows, -rows], axis=1).tolist())
    assert np.abs(trace.o).max() > 1e3
    comparison = derive_and_compare(trace)
    assert comparison.ok
    assert all(np.isfinite(term.value).all() for term in comparison.derivation.terms)


@pytest.mark.parametrize("K", [1, 3, 20])
def test_numbers_hold_for_targets_that_are_no_distribution(K: int) -> None:
    """ŷ − y is what is read, as every valid target adds up to 1; what is computed is ŷ Σ y − y."""
    sound = random_trace(2, 2, K, "tanh", "cross_entropy").scenario
    rows = (row for row in sound.sequence.targets or () if not isinstance(row, str))
    targets = tuple(tuple(2.5 * one for one in row) for row in rows)
    comparison = derive_and_compare(engine.trace(replace(sound, sequence=replace(sound.sequence, targets=targets))))
    assert comparison.ok
    form = comparison.derivation.terms[0].factors[0].form
    assert GOODFELLOW.write(form) == ("ŷ₃ − y₃" if K == 1 else "(ŷ₃ − y₃)ᵀ")


def test_the_factor_of_a_mean_is_in_the_terms() -> None:
    scenario = bptt_viz.load("scalar-t3")
    plain = derive(engine.trace(scenario))
    mean = derive(engine.trace(replace(scenario, loss=LossTable("squared_error", "mean"))))
    for one, third in zip(plain.terms, mean.terms, strict=True):
        assert third.value.item() == pytest.approx(one.value.item() / 3, rel=1e-13)
        assert GOODFELLOW.write(third.expanded) == f"1/3 {GOODFELLOW.write(one.expanded)}"
    assert GOODFELLOW.write(mean.rule).startswith("∂L/∂W = 1/3 Σₜ Σ_{k≤t} ∂L_t/∂o_t · ∂o_t/∂h_t · ∏_{j=k+1..t}")


def test_nothing_is_derived_twice(counted: list[tuple[object, object]]) -> None:
    trace = random_trace(3, 4, 4, T=6)
    derive(trace)
    assert counted
    counted.clear()
    # Other steps, other numbers of steps, other weights: the same shape.
    derive(trace, first=3)
    derive(trace, first=2, steps=2)
    derive(random_trace(3, 4, 4, seed=1))
    assert not counted
    derive(trace, "U")
    symbols = {str(by) for _, by in counted}
    assert symbols
    assert all(name.startswith("U ") for name in symbols)


def test_a_caller_may_stop_between_terms(counted: list[tuple[object, object]]) -> None:
    window = window_of(random_trace(3, 4, 4), 1, 3, "W")
    found = terms(window)
    assert isinstance(found, Generator)
    assert (next(found).t, outline(window).expected) == (3, 6)
    before = len(counted)
    assert not any("h -1" in str(by) for _, by in counted)
    found.close()
    assert len(counted) == before
    assert len(list(terms(window))) == 6
    assert len(counted) > before


def test_sympy_knows_no_derivative_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """With every derivative of the engine out of order, SymPy's terms are what they were."""
    forget()
    trace = random_trace(2, 2, 2, "sigmoid", "cross_entropy")
    expected = {name: trace.gradients[name] for name in trace.parameters}
    window = {name: window_of(trace, 1, 3, name) for name in expected}

    def broken(*_: object) -> object:
        raise AssertionError("a derivative of the engine was used")

    for primitive in (Activation, Affine):
        monkeypatch.setattr(primitive, "pullback", broken)
    for name, function in ACTIVATIONS.items():
        monkeypatch.setitem(ACTIVATIONS, name, replace(function, derivative=broken))
    for name, loss in LOSSES.items():
        monkeypatch.setitem(LOSSES, name, replace(loss, gradient=broken))
    for name, gradient in expected.items():
        total = sum((term.value for term in terms(window[name])), start=np.zeros_like(gradient))
        np.testing.assert_allclose(total, gradient, rtol=TOLERANCE, atol=1e-12)
