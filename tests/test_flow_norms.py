"""‖∂h_t/∂h_k‖: Jacobians against autograd, products against closed forms, and bounds that hold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import jacobian
from hypothesis import given, settings
from hypothesis import strategies as st
from test_generic_cells import CELLS, STACKS, H
from test_ledger_blocks import generic_trace, long_trace

from bptt_viz import engine, jacobians
from bptt_viz.flow import bounds, costs, norms, spectra
from bptt_viz.flow.outlook import outlook
from bptt_viz.flow.scaled import Scaled
from bptt_viz.flow.verdict import verdict
from bptt_viz.scenario import NetworkTable, Scenario, SequenceTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.tracing import Trace

lessons = settings(max_examples=50)


def close(ours: Any, theirs: Any) -> None:
    """As near as rounding allows."""
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-10)


def plain(W: Any, steps: int, activation: str = "identity", x: float = 0.0, start: float = 0.0) -> Trace:
    """A plain cell whose Jacobians are diag(φ′) W; all entries of x_t and of h₀ the same."""
    hidden = len(W)
    targets = ((),) * (steps - 1) + ((0.0,),)
    sequence = SequenceTable(inputs=((x,),) * steps, targets=targets, initial_state=(start,) * hidden)
    parameters = {"U": ((1.0,),) * hidden, "W": tuple(map(tuple, np.asarray(W).tolist())), "V": ((1.0,) * hidden,)}
    table = NetworkTable(hidden, activation=activation, bias=False, parameters=parameters)  # type: ignore[arg-type]
    return engine.trace(Scenario(sequence, table))


def stack_state(trace: Trace, t: int) -> list[tuple[Any, Any]]:
    """h and s of every layer at t."""
    zeros = np.zeros(H)
    return [(layer.values["h"][t], layer.values["s"][t] if "s" in layer.values else zeros) for layer in trace.layers]


def advance(trace: Trace, stack: tuple[str, ...], states: list[tuple[Any, Any]], t: int) -> list[tuple[Any, Any]]:
    """The states of every layer after step t, by the interface's own formulas."""
    below, after = trace.x[t - 1], []
    for layer, cell in enumerate(stack):
        ending = f"_{layer + 1}"
        own = {name.removesuffix(ending): one for name, one in trace.parameters.items() if name.endswith(ending)}
        after.append(CELLS[cell][1](own, below, *states[layer]))
        below = after[-1][0]
    return after


def joined(trace: Trace, states: list[tuple[Any, Any]], layer: int | None) -> Any:
    """The states as the rows of a Jacobian have them."""
    chosen = range(len(states)) if layer is None else [layer % len(states)]
    rows = [
        states[index][1] if name == "s" else states[index][0]
        for index in chosen
        for name in trace.network.cells[index].states
    ]
    return anp.concatenate(rows)


def parted(trace: Trace, vector: Any, states: list[tuple[Any, Any]], layer: int | None) -> list[tuple[Any, Any]]:
    """The states with those of a layer, or of all, taken from a vector."""
    found, start = list(states), 0
    for index in range(len(states)) if layer is None else [layer % len(states)]:
        h, s = states[index]
        for name in trace.network.cells[index].states:
            part = vector[start : start + H]
            h, s = (h, part) if name == "s" else (part, s)
            start += H
        found[index] = (h, s)
    return found


def exact_jacobian(trace: Trace, stack: tuple[str, ...], layer: int | None, k: int, t: int) -> Any:
    """∂(states at t)/∂(states at k), differentiated from end to end."""
    start = stack_state(trace, k)

    def run(vector: Any) -> Any:
        states = parted(trace, vector, start, layer)
        for step in range(k + 1, t + 1):
            states = advance(trace, stack, states, step)
        return joined(trace, states, layer)

    return jacobian(run)(joined(trace, start, layer))


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


def rotation(angle: float) -> list[list[float]]:
    """A rotation of the plane."""
    return [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]


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
        sequence = SequenceTable(inputs=((0.3,),) * 5, targets=((0.1,),) * 5, decoder_from=3)
        table = NetworkTable(1, activation="identity", parameters={"W": ((W,),), "W_dec": ((W_dec,),)})
        trace = engine.trace(Scenario(sequence, table))
        found = [outlook(trace, t) for t in (2, 5)]
        assert [(one.proof, one.matrix, one.factor) for one in found if one is not None] == told
    assert outlook(generic_trace(("lstm",), 3), 3) is None
    assert outlook(plain([[math.inf]], 3, "tanh"), 3) is None


def test_a_decoder_has_a_matrix_of_its_own() -> None:
    """From step 3 on W_dec: in the Jacobians, in the factors of the bound, in the spectrum."""
    W, W_dec = ((0.5, 0.1), (0.0, 0.4)), ((2.0, 0.0), (1.0, 1.5))
    sequence = SequenceTable(inputs=((0.3,),) * 5, targets=((0.1,),) * 5, decoder_from=3)
    table = NetworkTable(2, activation="tanh", parameters={"W": W, "W_dec": W_dec})
    trace = engine.trace(Scenario(sequence, table))
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
