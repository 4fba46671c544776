"""What the descriptions say in numbers is so: the right value is the trace's, the wrong one that of the wrong formula.

Formulas are written out here a second time, in plain NumPy, wrong ones included.
"""

from __future__ import annotations

import itertools
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import bptt_viz
from bptt_viz import catalog
from bptt_viz.flow.norms import curve
from bptt_viz.scenario import Translated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bptt_viz.tracing import Trace

    Array = NDArray[np.float64]


@cache
def traced(name: str, updates: int = 0) -> Trace:
    """A bundled scenario, run."""
    return bptt_viz.trace(bptt_viz.load(name), updates)


def said(name: str, *numbers: float | str, digits: int = 4) -> None:
    """Both languages say these numbers, in this many decimals, and the numbers are not the same."""
    description = traced(name).scenario.description
    assert isinstance(description, Translated)
    texts = [number if isinstance(number, str) else f"{number:.{digits}f}".replace("-", "−") for number in numbers]
    assert len(set(texts)) == len(texts)
    for language, text in (("en", description.en), ("zh", description.zh)):
        for number in texts:
            assert re.search(rf"(?<![\d.−]){re.escape(number)}(?!\d)", text), f"{name}, {language}: {number}"


class Scalar:
    """A network of one unit as the board has it: states from h₀, slopes, W, and ∂L/∂o at each step."""

    def __init__(self, trace: Trace) -> None:
        self.h = trace.layers[0].values["h"][:, 0]
        self.slope = np.concatenate([[np.nan], 1 - self.h[1:] ** 2])
        self.W = float(trace.parameters["W"][0, 0])
        self.V = float(trace.parameters["V"][0, 0])
        self.error = np.concatenate([[np.nan], trace.dL_do[:, 0]])

    def term(self, t: int, k: int) -> float:
        """The chain-rule term (t, k) of ∂L/∂W."""
        between = np.prod([self.W * self.slope[j] for j in range(k + 1, t + 1)])
        return float(self.error[t] * self.V * between * self.slope[k] * self.h[k - 1])


def test_the_sum_without_its_own_term() -> None:
    trace = traced("source-own-term")
    one, right = Scalar(trace), trace.gradients["W"].item()
    assert right == pytest.approx(sum(one.term(3, k) for k in (1, 2, 3)))
    earlier = one.term(3, 1) + one.term(3, 2)
    own = one.term(3, 3)
    said("source-own-term", right, earlier, own)
    assert abs(own) > abs(earlier)


def test_the_two_meanings_of_the_plus() -> None:
    trace = traced("source-werbos")
    one = Scalar(trace)
    direct = one.slope[3] * one.h[2]
    error = one.error[3] * one.V
    total, summed = 0.0, 0.0
    for t in (1, 2, 3):
        total = one.slope[t] * (one.h[t - 1] + one.W * total)
        # Pascanu's sum over k of ∂h₃/∂h_k · ∂⁺h_k/∂W, with the ordered derivative in the place of the direct one.
        summed += np.prod(one.W * one.slope[t + 1 :]) * total
    right = trace.gradients["W"].item()
    assert right == pytest.approx(error * total)
    said("source-werbos", direct, total, right, error * direct, error * summed)


def swept(trace: Trace, *, slope: bool) -> tuple[Array, Array]:
    """What goes back at each step, [T, H], and the sum of its outer products with h_{t−1}; with φ′ or without it."""
    h, V, W = trace.layers[0].values["h"], trace.parameters["V"], trace.parameters["W"]
    later, total, rows = np.zeros(len(W)), np.zeros_like(W), []
    for t in range(trace.T, 0, -1):
        later = V.T @ trace.dL_do[t - 1] + W.T @ later
        if slope:
            later = later * (1 - h[t] ** 2)
        total = total + np.outer(later, h[t - 1])
        rows.append(later)
    return np.array(rows[::-1]), total


def test_the_gradient_without_the_slope() -> None:
    trace = traced("source-slope")
    _, right = swept(trace, slope=True)
    np.testing.assert_allclose(right, trace.gradients["W"], rtol=1e-12)
    _, wrong = swept(trace, slope=False)
    said("source-slope", float(np.linalg.norm(trace.gradients["W"])), float(np.linalg.norm(wrong)))


def test_the_other_delta() -> None:
    trace = traced("source-delta")
    own = trace.layers[0]
    before = own.values["h"][:-1]
    np.testing.assert_allclose(own.delta.T @ before, trace.gradients["W"], rtol=1e-12)
    said(
        "source-delta",
        float(np.linalg.norm(trace.gradients["W"])),
        float(np.linalg.norm(own.dL_dh.T @ before)),
    )


def test_the_three_steps_without_the_slope() -> None:
    trace = traced("source-three-steps")
    deltas, wrong = swept(trace, slope=False)
    s = trace.layers[0].h[:, 0]
    assert wrong.item() == pytest.approx(deltas[2, 0] * s[1] + deltas[1, 0] * s[0] + deltas[0, 0] * 0)
    said("source-three-steps", trace.gradients["W"].item(), wrong.item())


def test_finite_differences_confirm_the_three_steps() -> None:
    trace = traced("source-three-steps")
    losses = []
    for W in (0.1 + 1e-6, 0.1 - 1e-6):
        h, total = 0.0, 0.0
        for x, y in ((1.0, 0.5), (2.0, 1.0), (3.0, 1.5)):
            h = float(np.tanh(0.5 * x + W * h))
            total += 0.5 * (h - y) ** 2
        losses.append(total)
    assert (losses[0] - losses[1]) / 2e-6 == pytest.approx(trace.gradients["W"].item(), rel=1e-8)


def test_which_xi_is_unbiased() -> None:
    trace = traced("source-xi")
    table = trace.scenario.backward
    assert table.probability == 0.5
    one = Scalar(trace)
    full = sum(one.term(3, k) for k in (1, 2, 3))

    def mean(passed: float) -> float:
        """Over the four cases of (ξ₂, ξ₃)."""
        cases = itertools.product((0.0, passed), repeat=2)
        return float(np.mean([
            one.term(3, 3) + xi3 * one.term(3, 2) + xi3 * xi2 * one.term(3, 1) for xi2, xi3 in cases
        ]))  # fmt: skip

    assert mean(1 / 0.5) == pytest.approx(full)
    said("source-xi", full, mean(1.0))
    assert trace.gradients["W"].item() != pytest.approx(full), "the scenario shows one draw"


def test_eigenvalues_are_no_norms() -> None:
    trace = traced("source-norms")
    W = trace.parameters["W"]
    eigenvalue = np.abs(np.linalg.eigvals(W))
    np.testing.assert_allclose(eigenvalue, 0.5)
    grown = 10 ** curve(trace, 4)[3]
    assert grown == pytest.approx(np.linalg.norm(W @ W @ W, 2))
    said("source-norms", float(eigenvalue.max()) ** 3, float(grown), float(np.linalg.norm(W, 2)), digits=3)


def test_above_one_is_no_lower_bound() -> None:
    trace = traced("source-no-lower-bound")
    W, h = trace.parameters["W"], trace.layers[0].h
    np.testing.assert_allclose(np.abs(np.linalg.eigvals(W)), 1.5)
    np.testing.assert_allclose(np.linalg.svd(W)[1], 1.5)
    jacobian = np.eye(2)
    for state in h[1:]:
        jacobian = np.diag(1 - state**2) @ W @ jacobian
    true = float(np.linalg.norm(jacobian, 2))
    assert 10 ** curve(trace, 6)[5] == pytest.approx(true)
    said("source-no-lower-bound", 1.5**5, digits=2)
    mantissa, exponent = f"{true:.1e}".split("e")
    superscript = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    said("source-no-lower-bound", f"{mantissa}·10{superscript}")


def test_forward_in_real_time() -> None:
    trace = traced("source-williams-zipser")
    p, x, y = trace.parameters, trace.x, trace.y

    def forward(rate: float) -> Array:
        """The sum of ∂L_t/∂W by the forward recursion, W being updated at each step."""
        W, h = p["W"].copy(), trace.network.initial_states[0]
        sensitivity, total = np.zeros((2, 2, 2)), np.zeros((2, 2))
        for t in range(trace.T):
            direct = np.einsum("ki,j->kij", np.eye(2), h)
            h = np.tanh(p["U"] @ x[t] + W @ h)
            sensitivity = (1 - h**2)[:, None, None] * (np.einsum("kl,lij->kij", W, sensitivity) + direct)
            here = np.einsum("k,kij->ij", p["V"].T @ (p["V"] @ h - y[t]), sensitivity)
            total += here
            W -= rate * here
        return total

    np.testing.assert_allclose(forward(0.0), trace.gradients["W"], rtol=1e-12)
    rate = trace.scenario.update.learning_rate
    assert rate == 0.5
    said("source-williams-zipser", trace.gradients["W"][0, 1], forward(rate)[0, 1])


def test_goodfellow_number_by_number() -> None:
    trace = traced("source-goodfellow")
    own = trace.layers[0]
    last = trace.parameters["V"].T @ (trace.y_hat[2] - trace.y[2])
    np.testing.assert_allclose(own.dL_dh[2], last)
    said("source-goodfellow", *last, float(np.linalg.norm(swept(trace, slope=True)[1])))
    np.testing.assert_allclose(swept(trace, slope=True)[1], trace.gradients["W"])


def test_non_normal() -> None:
    trace = traced("non-normal")
    W = trace.parameters["W"]
    np.testing.assert_allclose(np.abs(np.linalg.eigvals(W)), 0.7)
    norms = 10 ** curve(trace, 12)
    np.testing.assert_allclose(norms, [np.linalg.norm(np.linalg.matrix_power(W, n), 2) for n in range(len(norms))])
    assert norms[1] == pytest.approx(np.linalg.norm(W, 2))
    assert norms.argmax() == 3
    assert np.flatnonzero(norms < 1)[0] == 11
    said("non-normal", *map(float, norms[[1, 3, 11]]), digits=2)


def test_vanishing_and_exploding() -> None:
    W = traced("vanishing").parameters["W"]
    np.testing.assert_allclose(np.linalg.svd(W)[1], 0.5)
    assert (np.diff(curve(traced("vanishing"), 8)) <= np.log10(0.5) + 1e-12).all()
    trace = traced("exploding")
    np.testing.assert_allclose(np.diff(curve(trace, 8)), np.log10(1.6), atol=1e-8)
    said("exploding", 10 ** float(curve(trace, 8)[7]), digits=1)
    assert traced("exploding", 1).loss > 1e6 * trace.loss


def row_of_the_last_loss(trace: Trace) -> Array:
    """‖δ_k h_{k−1}ᵀ‖ for k = 1..T, [T], δ going back from the only loss there is, the last step's."""
    assert np.flatnonzero(trace.dL_do.any(axis=1)).tolist() == [trace.T - 1]
    h, (deltas, total) = trace.layers[0].values["h"], swept(trace, slope=trace.scenario.network.activation == "tanh")
    np.testing.assert_allclose(total, trace.gradients["W"])
    norms: Array = np.linalg.norm(deltas, axis=1) * np.linalg.norm(h[:-1], axis=1)
    return norms


def test_what_the_ledger_shows_of_vanishing_and_exploding() -> None:
    """The first use of W is none where h₀ = 0; a linear network's row is flat, as h and δ change by one factor."""
    for name in ("vanishing", "exploding"):
        row = row_of_the_last_loss(traced(name))
        assert not traced(name).network.initial_states[0].any()
        assert row[0] == 0
        said(name, "k = 1", "h₀ = 0")
    assert row_of_the_last_loss(traced("vanishing"))[1] < 0.02 * row_of_the_last_loss(traced("vanishing"))[-1]
    row = row_of_the_last_loss(traced("exploding"))
    np.testing.assert_allclose(row[1:], row[-1], rtol=1e-7)
    said("exploding", "k = 2", f"{row[-1]:.0f}")


def test_what_is_remembered() -> None:
    """How much of the last step's ∂L/∂h reaches the first."""
    left = {}
    for name in (name for name in catalog.bundled() if name.startswith("memory-")):
        norms = np.linalg.norm(traced(name).layers[0].dL_dh, axis=1)
        left[name] = norms[0] / norms[-1]
    assert left["memory-orthogonal"] == pytest.approx(1)
    np.testing.assert_allclose(*traced("memory-identity").layers[0].dL_dh[[0, -2]])
    assert left["memory-lstm"] > 0.1
    assert left["memory-gru"] > 0.1
    assert left["memory-tanh"] < 1e-3
    assert left["memory-relu"] < 1e-2
    b_f, b_z = traced("memory-lstm").parameters["b_f"], traced("memory-gru").parameters["b_z"]
    assert set(b_f) == set(b_z) == {3.0}
    for name, gate in (("memory-lstm", "f"), ("memory-gru", "z")):
        mean = float(traced(name).layers[0].values[gate][1:].mean())
        said(name, f"{gate} ≈ {mean:.2f}")


def test_the_two_resets() -> None:
    before, after = traced("gru-before"), traced("gru-after")
    for name, value in before.parameters.items():
        np.testing.assert_array_equal(value, after.parameters[name])
    for name in ("gru-before", "gru-after"):
        said(name, before.loss, after.loss)


def flat(gradients: Any) -> Array:
    """All entries of all gradients."""
    return np.concatenate([gradients[name].ravel() for name in sorted(gradients)])


def test_clipping() -> None:
    trace = traced("clipping-norm")
    said("clipping-norm", trace.gradient_norm, digits=1)
    np.testing.assert_allclose(flat(trace.clipped_gradients), flat(trace.gradients) / trace.gradient_norm)
    losses = {traced("clipping-norm", updates).loss for updates in (97, 98, 99, 100)}
    said("clipping-norm", min(losses), max(losses), digits=3)
    assert all(traced("clipping-norm", updates).gradient_norm > 1 for updates in range(101))
    assert traced("clipping-norm").scenario.update.learning_rate == 0.05
    trace = traced("clipping-value")
    before, after = flat(trace.gradients), flat(trace.clipped_gradients)
    angle = np.degrees(np.arccos(before @ after / np.linalg.norm(before) / np.linalg.norm(after)))
    said("clipping-value", str((before != after).sum()), str(before.size), f"{angle:.1f}°")


def test_it_learns() -> None:
    said("learns", f"{traced('learns').loss:.2g}", f"{traced('learns', 100).loss:.3g}")


def test_where_the_first_infinity_is() -> None:
    trace = traced("first-nan")
    assert trace.overflow is not None
    assert trace.overflow.step == 7
    said("first-nan", f"t = {trace.overflow.step}")
    assert np.log10(trace.layers[0].h[5, 0]) == pytest.approx(300)
    assert np.isnan(trace.gradients["W"]).any()


def test_truncations() -> None:
    assert traced("truncation-window").truncation.weights[4].tolist() == [0, 0, 1, 1, 1, *[0] * 7]
    segments = traced("truncation-segments").truncation.weights
    assert (segments[3, :4].sum(), segments[4].sum()) == (4, 1)
    drawn = traced("truncation-randomized")
    assert drawn.truncation.xi is not None
    assert set(drawn.truncation.xi) == {0.0, 1 / 0.7}


def test_a_draw_that_is_far_off() -> None:
    drawn, wave = traced("truncation-randomized"), traced("truncation-window")
    assert drawn.scenario.sequence == wave.scenario.sequence == traced("truncation-segments").scenario.sequence
    full = swept(drawn, slope=True)[1]
    off = np.linalg.norm(drawn.gradients["W"] - full) / np.linalg.norm(full)
    assert off > 0.25
    said("truncation-randomized", f"{100 * off:.0f} %")


def test_the_gates_have_gradients_that_can_be_read() -> None:
    trace = traced("lstm-gates")
    matrices = np.concatenate([trace.gradients[f"{letter}_{gate}"].ravel() for letter in "UW" for gate in "ifgo"])
    assert np.abs(matrices).min() > 0.02
    assert np.abs(matrices).max() < 0.5


def test_the_one_to_one_has_no_time() -> None:
    trace = traced("one-to-one")
    assert trace.T == 1
    assert not np.any(trace.parameters["W"])
    assert not np.any(trace.gradients["W"])


def test_the_label_alone_reaches_the_input() -> None:
    trace = traced("one-to-many")
    assert np.flatnonzero(np.any(trace.gradients["U"], axis=0)).tolist() == [0]
    np.testing.assert_allclose(trace.gradients["U"], np.outer(trace.layers[0].delta[0], trace.x[0]))
