"""The butterfly effect: what a moved h₀ does, beside what the Jacobians predict."""

from __future__ import annotations

import numpy as np
import pytest
from flow_traces import exact_jacobian, plain, rotation
from hypothesis import given, settings
from hypothesis import strategies as st
from test_flow_spectra import SHEAR
from test_generic_cells import STACKS, H
from test_ledger_blocks import generic_trace

from bptt_viz import engine, jacobians
from bptt_viz.flow import norms, perturbation
from bptt_viz.scenario import Scenario


@pytest.mark.parametrize("stack", STACKS, ids=" + ".join)
def test_the_prediction_is_autograds_and_the_distance_follows_it(stack: tuple[str, ...]) -> None:
    trace = generic_trace(stack, 8)
    for layer in range(len(stack)):
        h = jacobians.place(trace, layer, "h")
        exact = [exact_jacobian(trace, stack, layer, 0, t)[h, h] for t in range(trace.T + 1)]
        found = perturbation.perturb(trace, 1e-6, layer=layer)
        assert np.linalg.norm(found.direction) == pytest.approx(1.0)
        _, sizes, directions = np.linalg.svd(exact[-1])
        np.testing.assert_allclose(abs(found.direction @ directions[0]), 1.0, rtol=1e-9)
        np.testing.assert_allclose(10 ** found.predicted[-1], sizes[0] * 1e-6, rtol=1e-9)
        expected = [np.linalg.norm(one @ found.direction) * 1e-6 for one in exact]
        np.testing.assert_allclose(10**found.predicted, expected, rtol=1e-9, atol=1e-25)
        np.testing.assert_allclose(found.distances, expected, rtol=1e-3, atol=1e-14)


@settings(max_examples=50)
@given(scenario=st.from_type(Scenario), data=st.data())
def test_any_direction_of_the_plain_cell(scenario: Scenario, data: st.DataObject) -> None:
    trace = engine.trace(scenario)
    hidden = scenario.network.hidden_size
    direction = np.eye(hidden)[data.draw(st.integers(0, hidden - 1))] * data.draw(st.sampled_from([1.0, -3.0]))
    found = perturbation.perturb(trace, 1e-3, direction)
    np.testing.assert_allclose(found.direction, direction / np.linalg.norm(direction))
    assert found.predicted[0] == pytest.approx(-3.0)
    assert found.distances[0] == pytest.approx(1e-3)
    # No direction grows more than the norm of the Jacobian allows.
    reached = norms.curve(trace, trace.T)[-1] - 3.0
    assert found.predicted[-1] <= reached + 1e-9
    assert perturbation.perturb(trace, 1e-3).predicted[-1] == pytest.approx(reached) or np.isneginf(reached)


def test_a_linear_network_does_as_predicted() -> None:
    for W in (SHEAR, rotation(0.4), [[1.5]]):
        found = perturbation.perturb(plain(W, 20), 1e-3)
        np.testing.assert_allclose(found.distances, 10**found.predicted, rtol=1e-9)


def test_a_saturated_network_departs_from_the_prediction() -> None:
    """Around h = 0 tanh grows what W = 3 grows; |h| ≤ 1 ends that."""
    found = perturbation.perturb(plain([[3.0]], 40, "tanh"), 1e-9)
    np.testing.assert_allclose(np.log10(found.distances[:15]), found.predicted[:15], atol=1e-3)
    assert found.distances.max() < 1.0 < 10 ** found.predicted[-1]


def test_the_first_direction_where_none_grows() -> None:
    trace = plain([[1.0, 0.0], [0.0, 1.0]], 3, "relu", x=-1.0)
    found = perturbation.perturb(trace)
    np.testing.assert_array_equal(found.direction, [1.0, 0.0])
    assert np.isneginf(found.predicted[1:]).all()
    np.testing.assert_array_equal(found.distances[1:], 0.0)


@pytest.mark.parametrize(
    ("size", "direction", "told"),
    [
        (0.0, None, "size: expected a positive number, found 0.0"),
        (np.nan, None, "size: expected a positive number"),
        (1e-3, np.zeros(H), "direction: expected a vector of some finite length, found 0.0"),
    ],
)
def test_what_is_no_perturbation(size: float, direction: np.ndarray | None, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        perturbation.perturb(generic_trace(("lstm",), 1), size, direction)
