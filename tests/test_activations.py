"""Activations against decimals of many digits, their derivatives against differences; relu′(0) = 0."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, get_args

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bptt_viz.activations import ACTIVATIONS, sigmoid
from bptt_viz.scenario import ActivationName

if TYPE_CHECKING:
    from collections.abc import Callable

EXACT: dict[str, Callable[[Decimal], Decimal]] = {
    "tanh": lambda a: (a.exp() - (-a).exp()) / (a.exp() + (-a).exp()),
    "sigmoid": lambda a: 1 / (1 + (-a).exp()),
    "relu": lambda a: max(a, Decimal(0)),
    "identity": lambda a: a,
}


def test_the_table_is_the_formats() -> None:
    assert set(ACTIVATIONS) == set(get_args(ActivationName)) == set(EXACT)
    assert all(name == row.name for name, row in ACTIVATIONS.items())


@pytest.mark.parametrize("name", EXACT)
@given(a=st.floats(-1e3, 1e3))
def test_values(name: str, a: float) -> None:
    with localcontext() as context:
        context.prec = 60
        exact = float(EXACT[name](Decimal(a)))
    np.testing.assert_allclose(ACTIVATIONS[name].value(np.array([a])), [exact], rtol=1e-13, atol=1e-40)


@pytest.mark.parametrize("name", EXACT)
@given(a=st.floats(-20, 20))
def test_derivatives_in_the_output(name: str, a: float) -> None:
    assume(name != "relu" or abs(a) > 1e-3)
    step = Decimal("1e-12")
    with localcontext() as context:
        context.prec = 60
        exact = float((EXACT[name](Decimal(a) + step) - EXACT[name](Decimal(a) - step)) / (2 * step))
    row = ACTIVATIONS[name]
    derivative = row.derivative(row.value(np.array([a])))
    # 1 − h² and h (1 − h) are as exact as h: far out, some 1e−16 of 1.
    np.testing.assert_allclose(derivative, [exact], rtol=1e-9, atol=4e-16)


def test_relu_has_no_slope_at_its_kink() -> None:
    relu = ACTIVATIONS["relu"]
    at = np.array([-1.0, -0.0, 0.0, 5e-324, 1.0])
    np.testing.assert_array_equal(relu.value(at), [0.0, 0.0, 0.0, 5e-324, 1.0])
    np.testing.assert_array_equal(relu.derivative(relu.value(at)), [0.0, 0.0, 0.0, 1.0, 1.0])


@pytest.mark.parametrize("name", EXACT)
def test_infinity_goes_on_and_nothing_warns(name: str) -> None:
    row = ACTIVATIONS[name]
    ends = row.value(np.array([-np.inf, np.inf]))
    limits = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "relu": (0.0, np.inf), "identity": (-np.inf, np.inf)}
    np.testing.assert_array_equal(ends, limits[name])
    assert np.isnan(row.value(np.array([np.nan]))).all()


def test_sigmoid_is_symmetric_and_any_shape() -> None:
    a = np.linspace(-1e3, 1e3, 24).reshape(2, 3, 4)
    np.testing.assert_allclose(sigmoid(a) + sigmoid(-a), np.ones_like(a), rtol=1e-15)
    for row in ACTIVATIONS.values():
        assert row.derivative(row.value(a)).shape == a.shape
