"""The forward recursion dh_t/dθ against autograd, and both ways to sum a gradient against each other."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import jacobian
from hypothesis import given, settings
from hypothesis import strategies as st
from test_generic_cells import CELLS, STACKS, H, sigma
from test_ledger_blocks import close, generic_trace, long_trace, terms

from bptt_viz import engine, sensitivity
from bptt_viz.equations import Activation
from bptt_viz.scenario import NetworkTable, Scenario, SequenceTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.tracing import Trace

lessons = settings(max_examples=40)

PHI = {"tanh": anp.tanh, "sigmoid": sigma, "identity": lambda a: a, "relu": lambda a: anp.where(a > 0, a, 0.0)}


def hidden_states(trace: Trace, name: str, value: Any) -> Any:
    """h_1..h_T of the plain cell with another value of one parameter, [T, H]."""
    p = {**trace.parameters, name: value}
    phi = PHI[trace.scenario.network.activation]
    h, rows = trace.network.initial_states[0], []
    for x in trace.x:
        h = phi(p["U"] @ x + p["W"] @ h + p.get("b", 0.0))
        rows.append(h)
    return anp.array(rows)


def top_states(trace: Trace, stack: tuple[str, ...], name: str, value: Any) -> Any:
    """h_1..h_T of the top layer of a stack of other cells, [T, H]."""
    p = {**trace.parameters, name: value}
    h, s, rows = list(trace.network.initial_states), [np.zeros(H)] * len(stack), []
    for below in trace.x:
        for layer, cell in enumerate(stack):
            ending = f"_{layer + 1}"
            own = {key.removesuffix(ending): one for key, one in p.items() if key.endswith(ending)}
            h[layer], s[layer] = CELLS[cell][1](own, below, h[layer], s[layer])
            below = h[layer]  # noqa: PLW2901  (a layer's input is the state of the one below)
        rows.append(h[-1])
    return anp.array(rows)


def check_derivatives(trace: Trace, name: str, states: Callable[[Any], Any]) -> None:
    """Against the Jacobian of all states by the parameter; V and c come after the hidden state."""
    found = np.array(list(sensitivity.total_derivatives(trace, name)))
    assert found.shape == (trace.T, len(trace.network.initial_states[0]), *trace.parameters[name].shape)
    assert sensitivity.is_recurrent(trace, name) == (name not in ("V", "c"))
    if name in ("V", "c"):
        assert not found.any()
    else:
        close(found, jacobian(states)(trace.parameters[name]))


@lessons
@given(scenario=st.from_type(Scenario))
def test_total_derivatives_are_autograds(scenario: Scenario) -> None:
    trace = engine.trace(scenario)
    for name in trace.parameters:
        check_derivatives(trace, name, partial(hidden_states, trace, name))


@pytest.mark.parametrize("stack", STACKS, ids=" + ".join)
def test_total_derivatives_of_any_cells_are_autograds(stack: tuple[str, ...]) -> None:
    trace = generic_trace(stack, 5)
    for name in trace.parameters:
        check_derivatives(trace, name, partial(top_states, trace, stack, name))


def check_sides(trace: Trace) -> None:
    """Left the columns of the ledger, right its rows, and one total."""
    for name, all_terms in terms(trace).items():
        sides = sensitivity.two_sides(trace, name)
        assert sides is not None
        close(sides.by_use, all_terms.sum(axis=0))
        close(sides.by_loss, all_terms.sum(axis=1))
        close(sides.sums_by_use, np.array([sides.by_use[t:].sum(axis=0) for t in range(trace.T)]))
        close(sides.sums_by_loss, np.cumsum(sides.by_loss, axis=0))
        close(sides.sums_by_use[0], trace.gradients[name])
        close(sides.sums_by_loss[-1], trace.gradients[name])
        arrays = (sides.by_use, sides.sums_by_use, sides.by_loss, sides.sums_by_loss)
        close(sides.norms, np.array([[np.linalg.norm(rows[t]) for rows in arrays] for t in range(trace.T)]))
        assert sides.totals_agree
        assert max(sides.difference, sides.from_gradient) <= 1e-12 * max(1.0, float(sides.norms.max()))
        apart = np.abs(sides.by_use - sides.by_loss).reshape(trace.T, -1).max(axis=1)
        assert sides.summands_agree[apart == 0].all()
        assert not sides.summands_agree[apart > 1e-9 * sides.norms.max()].any()


@lessons
@given(scenario=st.from_type(Scenario))
def test_both_sides(scenario: Scenario) -> None:
    check_sides(engine.trace(scenario))


@pytest.mark.parametrize("stack", STACKS, ids=" + ".join)
def test_both_sides_of_any_cells(stack: tuple[str, ...]) -> None:
    check_sides(generic_trace(stack, 6))


def test_the_summands_differ_where_a_loss_is_far_from_a_use() -> None:
    """One loss, at the end: on the right it stands alone, on the left every step has its share."""
    sequence = SequenceTable(inputs=((1.0,),) * 4, targets=((), (), (), (1.0,)))
    trace = engine.trace(Scenario(sequence, NetworkTable(2)))
    sides = sensitivity.two_sides(trace, "U")
    assert sides is not None
    assert not sides.summands_agree.any()
    assert sides.totals_agree
    assert not sides.by_loss[:3].any()
    assert sides.by_use.any(axis=(1, 2)).all()


def test_a_wrong_pullback_parts_the_two_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    """∂L/∂h_t without φ′, as printed in more than one text: true for the identity only."""
    trace = long_trace(6, 3)
    right = sensitivity.two_sides(trace, "W")
    assert right is not None
    with monkeypatch.context() as patched:
        patched.setattr(Activation, "pullback", lambda self, adjoint, _output, _scope: iter([(self.operand, adjoint)]))
        wrong_trace = engine.trace(trace.scenario)
        assert wrong_trace.gradients["W"].any()
    wrong = sensitivity.two_sides(wrong_trace, "W")
    assert wrong is not None
    close(wrong.by_loss, right.by_loss)
    assert not wrong.totals_agree
    assert wrong.difference > 1e-3
    assert wrong.from_gradient > 1e-3


def test_progress_is_told_and_the_recursion_can_be_given_up() -> None:
    trace = long_trace(200, 2)
    done: list[int] = []
    assert sensitivity.two_sides(trace, "W", done.append) is not None
    assert done == [64, 128, 192]
    done.clear()
    assert sensitivity.two_sides(trace, "W", done.append, lambda: len(done) == 2) is None
    assert done == [64, 128]


def test_what_is_too_large_to_be_carried_forward() -> None:
    """H times the parameter, T times: the reason for backpropagation through time."""
    small, large = long_trace(4, 30), long_trace(200, 30)
    assert sensitivity.size(small, "W") == 4 * 30 * 900
    assert sensitivity.two_sides(small, "W") is not None
    assert sensitivity.size(large, "W") > sensitivity.LARGEST
    with pytest.raises(ValueError, match="size: expected 4000000 numbers or fewer, found 5400000"):
        sensitivity.two_sides(large, "W")
    # V is in no recursion, whatever its size.
    assert sensitivity.two_sides(large, "V") is not None


def test_numbers_that_are_not_finite_stay_so_in_silence() -> None:
    parameters = {"U": ((1.0,), (1.0,)), "W": ((1e200, -1e200), (1e200, 1e200)), "V": ((1.0, 0.0),)}
    trace = long_trace(6, 2, activation="identity", bias=False, parameters=parameters)
    for name in trace.parameters:
        sides = sensitivity.two_sides(trace, name)
        assert sides is not None
        assert not np.isfinite(sides.norms[0, 1])
        assert not np.isfinite(sides.norms[-1, 3])
        assert not sides.totals_agree
