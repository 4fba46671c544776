"""What the flow page concludes: verdicts true of any curve, and what W and φ prove true of any matrix."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from flow_traces import plain, rotation, with_decoder
from hypothesis import given, settings
from hypothesis import strategies as st
from test_ledger_blocks import generic_trace

from bptt_viz.flow import norms, spectra
from bptt_viz.flow.outlook import outlook
from bptt_viz.flow.verdict import verdict

VERDICTS: dict[str, tuple[Any, str]] = {
    "half": ([[0.5]], "vanishes"),
    "twice": ([[2.0]], "explodes"),
    "rotation": (rotation(1.0), "keeps"),
    "non-normal": ([[0.5, 8.0], [0.0, 0.5]], "grows_first"),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_verdicts(case: str) -> None:
    W, kind = VERDICTS[case]
    curve = norms.curve(plain(W, 30), 30)
    found = verdict(curve)
    assert found.kind == kind
    assert found.distance == 30
    assert found.final == curve[-1]
    assert found.peak == curve.max() == curve[found.peak_at]
    np.testing.assert_allclose(found.factor**30, 10 ** curve[-1], rtol=1e-9)


logs = st.floats(-6, 6) | st.sampled_from([0.0, 0.01, -0.01, 1.0, -1.0, 0.3, 0.31, -np.inf])


@settings(max_examples=400)
@given(tail=st.lists(logs, min_size=1, max_size=12))
def test_a_verdict_is_true_of_any_curve(tail: list[float]) -> None:
    """What the sentence of each kind says, checked against all of the curve."""
    curve = np.array([0.0, *tail])
    found = verdict(curve)
    assert (found.peak, found.trough) == (curve.max(), curve.min())
    assert (found.final, found.distance) == (curve[-1], len(tail))
    assert curve[found.peak_at] == found.peak
    assert curve[found.trough_at] == found.trough
    inside = 0 < found.peak_at < found.distance
    match found.kind:
        case "zero":
            assert (curve[found.from_distance :] == -np.inf).all()
            assert curve[found.from_distance - 1] > -np.inf
        case "vanishes":
            assert found.final < -1
            assert found.peak < math.log10(1.05)
        case "grows_first" | "hump":
            assert inside
            assert (found.final < -1) == (found.kind == "grows_first")
            assert found.peak > 0.02
            assert found.final < found.peak
        case "explodes":
            assert found.final > 1
            assert found.peak < found.final + math.log10(2)
        case "dips":
            assert abs(found.final) <= 1
            assert found.trough < -1
            assert 0 < found.trough_at < found.distance
        case kind:
            assert kind in ("keeps", "within")
            assert np.abs(curve).max() <= 1
            assert (kind == "keeps") == (abs(found.final) <= 0.02)
    if inside and found.peak > math.log10(1.05) and found.peak - found.final >= math.log10(2):
        assert found.kind in ("grows_first", "hump", "zero")


@settings(max_examples=200)
@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 4), scale=st.floats(0.2, 3), kind=st.integers(0, 3))
def test_what_is_proved_of_a_linear_recurrence_is_so(seed: int, size: int, scale: float, kind: int) -> None:
    """Any, orthogonal, triangular and symmetric W, against the norms of many powers."""
    drawn = np.random.default_rng(seed).normal(size=(size, size))
    W = [drawn, np.linalg.qr(drawn)[0], np.triu(drawn), drawn + drawn.T][kind]
    W = W if kind == 1 and scale < 1 else scale * W
    trace = plain(W, 24)
    found = outlook(trace, 24)
    assert found is not None
    curve, least = norms.curve(trace, 24), np.linalg.svd(W, compute_uv=False)[-1]
    steps, radius = np.arange(25), np.abs(np.linalg.eigvals(W)).max()
    match found.proof:
        case "must_vanish":
            assert found.factor < 1
            assert (curve <= steps * math.log10(found.factor) + 1e-9).all()
        case "must_grow":
            assert found.factor == pytest.approx(least)
            assert found.factor > 1
            assert (curve >= steps * math.log10(found.factor) - 1e-9).all()
        case "kept":
            np.testing.assert_allclose(curve, 0.0, atol=1e-9)
        case "limit_vanishes":
            assert found.factor == pytest.approx(radius)
            assert spectra.spectrum("W", np.linalg.matrix_power(W / radius**0.5, 200), 1).powers[1] < 0 or radius > 0.9
        case "limit_explodes":
            assert found.factor == pytest.approx(radius)
            assert (curve >= steps * math.log10(radius) - 1e-9).all()
        case proof:
            assert proof in ("cannot_explode", "may_explode")
            assert radius == pytest.approx(1, abs=2e-6)
    assert (found.proof == "must_grow") == (least > 1 + 1e-12)


@settings(max_examples=100)
@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 4), activation=st.sampled_from(["tanh", "sigmoid", "relu"]))
def test_what_is_proved_of_any_activation_is_so(seed: int, size: int, activation: str) -> None:
    """Only the bound proves anything; where its factor is above 1 nothing is claimed."""
    W = np.random.default_rng(seed).normal(size=(size, size))
    trace = plain(W, 12, activation, x=0.4)
    found = outlook(trace, 12)
    assert found is not None
    factor = np.linalg.norm(W, 2) * (0.25 if activation == "sigmoid" else 1.0)
    assert found.proof == ("must_vanish" if factor < 1 else "may_explode")
    assert found.factor == pytest.approx(factor)
    if factor < 1:
        assert (norms.curve(trace, 12) <= np.arange(13) * math.log10(factor) + 1e-9).all()


def test_a_factor_of_one_cannot_explode() -> None:
    for activation, proof in (("identity", "kept"), ("tanh", "cannot_explode"), ("relu", "cannot_explode")):
        found = outlook(plain(rotation(0.3), 9, activation, x=0.2), 9)
        assert found is not None
        assert (found.proof, found.factor) == (proof, 1.0)


def test_of_two_matrices_the_larger_decides() -> None:
    """An encoder's W that grows is not passed over for a decoder's that shrinks; gates prove nothing."""
    for W, W_dec, told in (
        (2.0, 0.5, [("must_grow", "W", 2.0), ("may_explode", "W", 2.0)]),
        (0.5, 2.0, [("must_vanish", "W", 0.5), ("may_explode", "W_dec", 2.0)]),
        (0.5, 0.8, [("must_vanish", "W", 0.5), ("must_vanish", "W_dec", 0.8)]),
        (3.0, 2.0, [("must_grow", "W", 3.0), ("must_grow", "W_dec", 2.0)]),
    ):
        trace = with_decoder([[W]], [[W_dec]], "identity")
        found = [outlook(trace, t) for t in (2, 5)]
        assert [(one.proof, one.matrix, one.factor) for one in found if one is not None] == told
    assert outlook(generic_trace(("lstm",), 3), 3) is None
    assert outlook(plain([[math.inf]], 3, "tanh"), 3) is None
