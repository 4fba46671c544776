"""Losses against decimals of fifty digits, for logits large and small."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptt_viz.losses import LOSSES, log_softmax, softmax

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.activations import Array

ONE, HALF = Decimal(1), Decimal("0.5")
logits = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=5)


def softmax_of(o: list[Decimal]) -> list[Decimal]:
    total = sum(each.exp() for each in o)
    return [each.exp() / total for each in o]


def sigma(o: Decimal) -> Decimal:
    return ONE / (ONE + (-o).exp())


def cross_entropy(o: list[Decimal], y: list[Decimal]) -> tuple[Decimal, list[Decimal], list[Decimal]]:
    p = softmax_of(o)
    return -sum((t * q.ln() for t, q in zip(y, p, strict=True) if t), Decimal(0)), p, [
        q * sum(y) - t for t, q in zip(y, p, strict=True)]  # fmt: skip


def squared_error(o: list[Decimal], y: list[Decimal]) -> tuple[Decimal, list[Decimal], list[Decimal]]:
    differences = [a - t for a, t in zip(o, y, strict=True)]
    return HALF * sum(d * d for d in differences), o, differences


def binary_cross_entropy(o: list[Decimal], y: list[Decimal]) -> tuple[Decimal, list[Decimal], list[Decimal]]:
    # −log σ(o) = log(1 + e^−o): σ itself is 1 to any number of digits for large o.
    value = sum(t * (1 + (-a).exp()).ln() + (1 - t) * (1 + a.exp()).ln() for a, t in zip(o, y, strict=True))
    p = [sigma(a) for a in o]
    return Decimal(value), p, [q - t for q, t in zip(p, y, strict=True)]


EXACT: dict[str, Callable[[list[Decimal], list[Decimal]], tuple[Decimal, list[Decimal], list[Decimal]]]] = {
    "cross_entropy": cross_entropy,
    "squared_error": squared_error,
    "binary_cross_entropy": binary_cross_entropy,
}


def test_the_table_is_the_formats() -> None:
    assert set(LOSSES) == set(EXACT)
    assert all(name == loss.name for name, loss in LOSSES.items())


def targets_for(kind: str, size: int, seed: int) -> Array:
    """One-hot, a distribution, or numbers in [0, 1] where any will do."""
    rng = np.random.default_rng(seed)
    if seed % 2 == 0:
        one_hot: Array = np.eye(size)[seed % size]
        return one_hot
    return rng.dirichlet(np.ones(size)) if kind == "cross_entropy" else rng.random(size)


@pytest.mark.parametrize("kind", EXACT)
@given(o=logits, seed=st.integers(0, 99))
def test_values_and_gradients(kind: str, o: list[float], seed: int) -> None:
    loss, y = LOSSES[kind], targets_for(kind, len(o), seed)
    rows, wanted = np.array([o]), y[None, :]
    with localcontext() as context:
        context.prec = 50
        value, p, gradient = EXACT[kind]([Decimal(each) for each in o], [Decimal(float(each)) for each in y])
        exact = float(value), [float(each) for each in p], [float(each) for each in gradient]
    y_hat = loss.predict(rows)
    np.testing.assert_allclose(loss.value(rows, wanted), [exact[0]], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(y_hat, [exact[1]], rtol=1e-11, atol=1e-300)
    np.testing.assert_allclose(loss.gradient(rows, y_hat, wanted), [exact[2]], rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(loss.summands(rows, wanted).sum(axis=1), loss.value(rows, wanted), rtol=1e-12)


@pytest.mark.parametrize("size", [1e3, 1e6, 1e300])
def test_large_logits_give_no_infinity(size: float) -> None:
    o = np.array([[size, 0.0, -size]])
    for kind, loss in LOSSES.items():
        if kind != "squared_error":
            for y in np.eye(3)[:, None]:
                for numbers in (loss.predict(o), loss.value(o, y), loss.gradient(o, loss.predict(o), y)):
                    assert np.isfinite(numbers).all(), kind
    np.testing.assert_array_equal(softmax(o), [[1.0, 0.0, 0.0]])
    np.testing.assert_array_equal(log_softmax(o), [[0.0, -size, -2 * size]])
    np.testing.assert_array_equal(LOSSES["cross_entropy"].value(o, np.array([[0.0, 1.0, 0.0]])), [size])
    np.testing.assert_array_equal(LOSSES["binary_cross_entropy"].value(o, np.array([[0.0, 0.0, 1.0]])),
                                  [2 * size + np.log(2)])  # fmt: skip


@given(o=logits, shift=st.floats(-1e3, 1e3))
def test_softmax_is_a_distribution_and_knows_no_zero_point(o: list[float], shift: float) -> None:
    p = softmax(np.array([o]))
    assert p.sum() == pytest.approx(1.0, abs=1e-14)
    assert (p >= 0).all()
    np.testing.assert_allclose(softmax(np.array([o]) + shift), p, rtol=1e-9, atol=1e-12)


def test_a_target_of_zero_costs_nothing_even_where_the_prediction_is_zero() -> None:
    o = np.array([[0.0, -np.inf]])
    with np.errstate(invalid="ignore"):  # as the engine computes
        value = LOSSES["cross_entropy"].value(o, np.array([[1.0, 0.0]]))
    np.testing.assert_array_equal(value, [0.0])
