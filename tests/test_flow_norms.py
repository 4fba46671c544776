"""‖∂h_t/∂h_k‖: Jacobians against autograd, products against closed forms, and bounds that hold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from flow_traces import close, exact_jacobian, plain, rotation, with_decoder
from hypothesis import given, settings
from hypothesis import strategies as st
from test_generic_cells import STACKS
from test_ledger_blocks import generic_trace, long_trace

from bptt_viz import engine, jacobians
from bptt_viz.flow import bounds, costs, norms, spectra
from bptt_viz.flow.scaled import Scaled
from bptt_viz.flow.verdict import verdict
from bptt_viz.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.tracing import Trace

lessons = settings(max_examples=50)


@pytest.mark.parametrize("stack", STACKS, ids=" + ".join)
def test_jacobians_of_any_cells_are_autograds(stack: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a layer and of all together, also where the steps do not fit in memory together."""
    trace = generic_trace(stack, 5)
    for layer in (*range(len(stack)), -1, None):
        exact = [exact_jacobian(trace, stack, layer, t - 1, t) for t in range(1, trace.T + 1)]
        for together in (2_000_000, 1):
            monkeypatch.setattr(jacobians, "TOGETHER", together)
            close(jacobians.step_jacobians(trace, layer), exact)
            close(jacobians.step_jacobians(trace, layer, 2, 3), exact[1:3])


@pytest.mark.parametrize("stack", STACKS, ids=" + ".join)
def test_norms_over_many_steps_are_those_of_autograds_jacobians(
    stack: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the Jacobians do not fit in memory together."""
    trace = generic_trace(stack, 6)
    for together in (jacobians.TOGETHER, 1):
        monkeypatch.setattr(jacobians, "TOGETHER", together)
        for layer in range(len(stack)):
            check_norms(trace, stack, layer)


def spectral(matrices: list[Any]) -> Any:
    """The largest singular value of each."""
    return np.linalg.norm(np.array(matrices), 2, axis=(1, 2))


def check_norms(trace: Trace, stack: tuple[str, ...], layer: int) -> None:
    """The triangle, its rows and the other states' curves of one layer."""
    steps = range(trace.T + 1)
    exact = {(t, k): exact_jacobian(trace, stack, layer, k, t) for t in steps for k in range(t + 1)}
    h = jacobians.place(trace, layer, "h")
    triangle = 10 ** norms.triangle(trace, layer, steps)
    for t in steps:
        for k in steps:
            expected = np.linalg.norm(exact[t, k][h, h], 2) if k <= t else 0.0
            close(triangle[t, k], expected)
    close(10 ** norms.triangle(trace, layer), triangle[1:, 1:])
    close(10 ** norms.triangle(trace, layer, [0, 3]), triangle[[0, 3]][:, [0, 3]])
    for t in steps[1:]:
        close(10 ** norms.curve(trace, t, layer), triangle[t, t::-1])
        for of in trace.network.cells[layer].states:
            for by in trace.network.cells[layer].states:
                rows, columns = jacobians.place(trace, layer, of), jacobians.place(trace, layer, by)
                matrices = [exact[t, k][rows, columns] for k in range(t, -1, -1)]
                found = 10 ** norms.curve(trace, t, layer, of, by)
                close(found, spectral(matrices))
        close(10 ** norms.curve_of_states(trace, t, layer), spectral([exact[t, k] for k in range(t, -1, -1)]))
        check_routes(trace, layer, t, exact)


def check_routes(trace: Trace, layer: int, t: int, exact: dict[tuple[int, int], Any]) -> None:
    """From s to s: the forget gates alone, and all the rest."""
    routes = norms.routes(trace, t, layer)
    if routes is None:
        assert trace.network.cells[layer].states == ("h",)
        return
    assert routes.state == "s"
    s, f = jacobians.place(trace, layer, "s"), trace.layers[layer].values["f"]
    whole = [exact[t, k][s, s] for k in range(t, -1, -1)]
    direct = [np.diag(np.prod(f[k + 1 : t + 1], axis=0)) for k in range(t, -1, -1)]
    rest = [one - other for one, other in zip(whole, direct, strict=True)]
    close(10**routes.total, spectral(whole))
    close(10**routes.direct, spectral(direct))
    close(10**routes.through_hidden, spectral(rest))


@lessons
@given(scenario=st.from_type(Scenario))
def test_plain_cells(scenario: Scenario) -> None:
    """Jacobians are diag(φ′) W; every norm of the triangle is that of their product; both bounds hold."""
    trace = engine.trace(scenario)
    W, slopes = trace.parameters["W"], trace.layers[0].h
    slope = {"tanh": 1 - slopes**2, "sigmoid": slopes * (1 - slopes), "relu": (slopes > 0) * 1.0}
    steps = slope.get(scenario.network.activation, np.ones_like(slopes))[:, :, None] * W
    np.testing.assert_allclose(jacobians.step_jacobians(trace), steps, rtol=1e-12, atol=1e-15)
    for t in range(1, trace.T + 1):
        curve = norms.curve(trace, t)
        product = np.eye(len(W))
        for distance, k in enumerate(range(t, -1, -1)):
            np.testing.assert_allclose(10 ** curve[distance], np.linalg.norm(product, 2), rtol=1e-9, atol=1e-14)
            if k:
                product = product @ steps[k - 1]
        check_bounds(trace, t, curve)


def check_bounds(trace: Trace, t: int, curve: np.ndarray) -> None:
    """Neither is ever below the norm, and the measured one is never the looser."""
    coarse, fine = bounds.bound(trace, t), bounds.measured_bound(trace, t)
    assert (fine >= curve - 1e-9).all()
    if coarse is not None:
        assert coarse.shape == curve.shape
        assert (coarse >= fine - 1e-9).all()


@pytest.mark.parametrize("stack", STACKS, ids=" + ".join)
def test_the_bound_of_the_plain_cell_is_not_claimed_for_gates(stack: tuple[str, ...]) -> None:
    trace = generic_trace(stack, 7)
    for layer in range(len(stack)):
        assert bounds.bound(trace, trace.T, layer) is None
        assert (bounds.measured_bound(trace, trace.T, layer) >= norms.curve(trace, trace.T, layer) - 1e-9).all()


def test_a_scalar_network_is_a_power() -> None:
    trace = plain([[0.5]], 40)
    distances = np.arange(41)
    for found in (norms.curve(trace, 40), bounds.bound(trace, 40), bounds.measured_bound(trace, 40)):
        assert found is not None
        np.testing.assert_allclose(found, distances * math.log10(0.5), rtol=1e-12)


@pytest.mark.parametrize("weight", [0.5, 1e-3, 30.0])
def test_norms_go_on_where_floats_end(weight: float) -> None:
    """0.5^3000 is 1e-903."""
    trace = plain([[weight]], 3000)
    np.testing.assert_allclose(norms.curve(trace, 3000), np.arange(3001) * math.log10(weight), rtol=1e-11)
    far = norms.triangle(trace, steps=[0, 1500, 3000])
    np.testing.assert_allclose(far[2], np.array([3000, 1500, 0]) * math.log10(weight), rtol=1e-11)


def test_an_orthogonal_matrix_keeps_all_norms() -> None:
    trace = plain(rotation(0.7), 500)
    np.testing.assert_allclose(norms.curve(trace, 500), 0.0, atol=1e-11)
    triangle = norms.triangle(trace, steps=range(0, 500, 50))
    np.testing.assert_allclose(triangle[np.tril_indices(10)], 0.0, atol=1e-11)
    assert np.isneginf(triangle[np.triu_indices(10, 1)]).all()
    assert verdict(norms.curve(trace, 500)).kind == "keeps"


def test_a_dead_relu_lets_nothing_pass() -> None:
    """h is never above 0: the derivative is 0, the logarithm −∞, the bound still that of W."""
    trace = plain([[0.5]], 6, "relu", x=-1.0)
    curve = norms.curve(trace, 6)
    assert curve[0] == 0.0
    assert np.isneginf(curve[1:]).all()
    assert verdict(curve).kind == "zero"
    assert verdict(curve).from_distance == 1


def test_numbers_that_are_not_finite_stay_so_in_silence() -> None:
    trace = plain([[1e200, 1.0], [0.0, 1e200]], 5, "tanh", x=np.nan)
    curve = norms.curve(trace, 5)
    assert np.isnan(curve[1:]).all()
    assert verdict(curve).kind == "not_finite"
    assert np.isnan(norms.triangle(trace)[1:, 0]).all()
    assert np.isnan(bounds.measured_bound(trace, 5)[1:]).all()


def test_the_steepest_slope_of_the_sigmoid_is_a_quarter() -> None:
    """Where a stays 0 the bound is met: h = ½ and W h + U x = 2·½ − 1 = 0."""
    trace = plain([[2.0]], 8, "sigmoid", x=-1.0, start=0.5)
    coarse = bounds.bound(trace, 8)
    assert coarse is not None
    np.testing.assert_allclose(coarse, np.arange(9) * math.log10(0.5), rtol=1e-12)
    np.testing.assert_allclose(norms.curve(trace, 8), coarse, rtol=1e-12)


def test_a_decoder_has_a_matrix_of_its_own() -> None:
    """From step 3 on W_dec: in the Jacobians, in the factors of the bound, in the spectrum."""
    W, W_dec = [[0.5, 0.1], [0.0, 0.4]], [[2.0, 0.0], [1.0, 1.5]]
    trace = with_decoder(W, W_dec, "tanh")
    matrices = np.array([W, W, W_dec, W_dec, W_dec])
    close(jacobians.step_jacobians(trace), (1 - trace.layers[0].h ** 2)[:, :, None] * matrices)
    factors = np.linalg.norm(matrices, 2, axis=(1, 2))
    coarse = bounds.bound(trace, 5)
    assert coarse is not None
    close(10**coarse, [np.prod(factors[k:]) for k in range(5, -1, -1)])
    assert [spectra.spectra(trace, t)[0].name for t in (1, 2, 3, 5)] == ["W", "W", "W_dec", "W_dec"]


CALLS: list[tuple[Callable[[Trace], object], str]] = [
    (lambda trace: norms.curve(trace, 0), "t: expected 1..4, found 0"),
    (lambda trace: norms.curve(trace, 5), "t: expected 1..4, found 5"),
    (lambda trace: norms.triangle(trace, steps=[2, 1]), r"steps: expected ascending steps within 0..4, found \[2, 1\]"),
    (lambda trace: norms.triangle(trace, steps=[5]), r"found \[5\]"),
    (lambda trace: jacobians.step_jacobians(trace, first=3, last=2), "within 1..4, found 3..2"),
]


@pytest.mark.parametrize(("call", "told"), CALLS)
def test_steps_that_there_are_not(call: Callable[[Trace], object], told: str) -> None:
    with pytest.raises(IndexError, match=told):
        call(plain([[1.0]], 4))


def test_a_state_that_there_is_not() -> None:
    with pytest.raises(KeyError, match="s"):
        norms.curve(plain([[1.0]], 4), 4, by="s")


def test_what_is_cheap() -> None:
    """A screen's triangle of a long sequence is, all of it is not."""
    trace = long_trace(200, 10)
    assert costs.of_triangle(trace, 0, 20) < costs.CHEAP < costs.of_triangle(trace, 0, 200)
    assert costs.of_triangle(long_trace(20, 4), 0, 20) < costs.CHEAP


@given(exponents=st.lists(st.integers(-1000, 1000), min_size=1, max_size=30))
def test_scaled_products_lose_nothing(exponents: list[int]) -> None:
    product = Scaled.of(np.eye(2))
    for one in exponents:
        product = product @ Scaled.of(np.ldexp(np.array(rotation(0.3)), one))
    np.testing.assert_allclose(product.log_norms(), sum(exponents) * math.log10(2), rtol=1e-12, atol=1e-12)
