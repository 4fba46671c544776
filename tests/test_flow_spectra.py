"""What repeating a matrix does: eigenvalues in the end, singular values at once, and growth before decay."""

from __future__ import annotations

import numpy as np
import pytest
from flow_traces import plain, rotation
from hypothesis import given
from hypothesis import strategies as st
from test_generic_cells import STACKS
from test_ledger_blocks import generic_trace

from bptt_viz import jacobians
from bptt_viz.flow import bounds, norms, spectra
from bptt_viz.flow.verdict import verdict

#: ρ = ½, and a shear that makes the first powers grow.
SHEAR = [[0.5, 8.0], [0.0, 0.5]]


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 5), exponent=st.integers(-300, 300))
def test_a_spectrum(seed: int, size: int, exponent: int) -> None:
    """Against NumPy, at any scale."""
    matrix = np.random.default_rng(seed).normal(size=(size, size))
    scale = 2.0**exponent
    found = spectra.spectrum("W", matrix * scale, 6)
    values = np.linalg.eigvals(matrix)
    np.testing.assert_allclose(np.sort(np.abs(found.eigenvalues)), np.sort(np.abs(values)) * scale, rtol=1e-9)
    assert (np.diff(np.abs(found.eigenvalues)) <= 0).all()
    np.testing.assert_allclose(found.radius, np.abs(values).max() * scale, rtol=1e-9)
    np.testing.assert_allclose(found.singular_values, np.linalg.svd(matrix, compute_uv=False) * scale, rtol=1e-9)
    assert found.radius <= found.singular_values[0] * (1 + 1e-9)
    powers = [np.linalg.norm(np.linalg.matrix_power(matrix, k), 2) for k in range(7)]
    expected = np.log10(powers) + np.arange(7) * exponent * np.log10(2)
    np.testing.assert_allclose(found.powers, expected, rtol=1e-9, atol=1e-9)
    assert found.is_normal == (size == 1)


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 5))
def test_normal_matrices(seed: int, size: int) -> None:
    """Symmetric and orthogonal ones: σ_max = ρ, and the powers do what the eigenvalues say."""
    drawn = np.random.default_rng(seed).normal(size=(size, size))
    for matrix in (drawn + drawn.T, np.linalg.qr(drawn)[0]):
        found = spectra.spectrum("W", matrix, 4)
        assert found.is_normal
        np.testing.assert_allclose(found.singular_values[0], found.radius, rtol=1e-9)
        np.testing.assert_allclose(found.powers, np.arange(5) * np.log10(found.radius), atol=1e-9)
        assert not found.grows_first


def test_a_shear_grows_first_though_its_eigenvalues_are_below_one() -> None:
    """‖W^k‖ ~ 8 k ½^(k−1): largest at k = 1 or 2, below 1 from k = 7 on."""
    found = spectra.spectrum("W", np.array(SHEAR), 40)
    assert found.radius == 0.5
    assert found.singular_values[0] > 8
    assert not found.is_normal
    assert found.grows_first
    assert found.peak in (1, 2)
    assert found.powers[found.peak] > np.log10(8)
    assert found.powers[40] < -8
    curve = norms.curve(plain(SHEAR, 40), 40)
    np.testing.assert_allclose(curve, found.powers, atol=1e-9)
    assert verdict(curve).kind == "grows_first"
    assert verdict(curve).peak_at == found.peak


def test_singular_values_above_one_prove_no_growth() -> None:
    """σ_max > 1 is necessary for exploding and does not suffice; below 1 it suffices for vanishing."""
    trace = plain(SHEAR, 60)
    bound = bounds.bound(trace, 60)
    assert bound is not None
    assert bound[-1] > 50
    assert norms.curve(trace, 60)[-1] < -10


@pytest.mark.parametrize("stack", STACKS, ids=" + ".join)
def test_recurrent_matrices_are_those_that_act_on_the_step_before(stack: tuple[str, ...]) -> None:
    trace = generic_trace(stack, 3)
    for layer in range(len(stack)):
        names = [one.name for one in spectra.spectra(trace, 1, layer)]
        wanted = [name for name in trace.parameters if name.startswith("W_") and name.endswith(f"_{layer + 1}")]
        assert sorted(names) == sorted(wanted)
        values = spectra.jacobian_singular_values(trace, layer)
        exact = np.linalg.svd(jacobians.step_jacobians(trace, layer), compute_uv=False)
        np.testing.assert_allclose(values, exact, rtol=1e-12, atol=1e-15)
        np.testing.assert_array_equal(spectra.jacobian_singular_values(trace, layer, 2, 3), values[1:3])


def test_a_rotation_has_complex_eigenvalues_of_size_one() -> None:
    (found,) = spectra.spectra(plain(rotation(0.7), 8), 1)
    np.testing.assert_allclose(np.sort_complex(found.eigenvalues), np.exp([-0.7j, 0.7j]), rtol=1e-12)
    np.testing.assert_allclose(found.singular_values, 1.0, rtol=1e-12)


def test_what_is_not_finite() -> None:
    found = spectra.spectrum("W", np.array([[np.inf, 0.0], [0.0, 1.0]]), 3)
    assert np.isnan(found.radius)
    assert np.isnan(found.powers).all()
    assert not found.is_normal
    assert not found.grows_first
    assert np.isnan(spectra.jacobian_singular_values(plain([[1.0]], 3, "tanh", x=np.nan))).all()
