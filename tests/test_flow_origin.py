"""Where the first NaN or ∞ is: one entry, computed from numbers that are all finite."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_ledger_blocks import generic_trace
from test_overflow import CASES, sizes, traced

from bptt_viz import engine
from bptt_viz.flow.origin import origin
from bptt_viz.quantities import Accumulated, Adjoint, Contribution, Number, Result, Single
from bptt_viz.reasons import Reasons

NUMBERS: dict[str, Number] = {
    "h grows": Number(Result("a", 3, 0), (0,)),
    "a before h": Number(Result("a", 2, 0), (0,)),
    "o": Number(Result("o", 2), (0,)),
    "L squares": Number(Result("L", 2)),
    "the sum of the losses": Number(Single("L")),
    "∂L/∂h": Number(Adjoint("h", 2, 0), (0,)),
    "∇U in one step": Number(Contribution("U", 2), (0, 0)),
    "∇U by summing": Number(Accumulated("U", 2), (0, 0)),
    "∇W before δ": Number(Contribution("W", 3), (1, 0)),
    "δ before ∇W": Number(Adjoint("h", 3, 0), (1,)),
}


@pytest.mark.parametrize("case", CASES)
def test_one_number_is_named(case: str) -> None:
    trace, first = CASES[case]
    found = origin(trace)
    if first is None:
        assert found is None
        return
    assert found is not None
    assert (found.step, found.quantity) == (first.step, first.quantity)
    assert not math.isfinite(found.value)
    if case in NUMBERS:
        assert found.number == NUMBERS[case]


def check_reason(trace: Any) -> None:
    """The reason has the number itself, and all that it is made of is finite."""
    found = origin(trace)
    if found is None:
        return
    reason = Reasons(trace).of(found.number)
    np.testing.assert_equal(reason.value, found.value)
    assert reason.sources
    for source in reason.sources:
        assert math.isfinite(source.value), source


@pytest.mark.parametrize("case", CASES)
def test_what_it_is_computed_from_is_finite(case: str) -> None:
    check_reason(CASES[case][0])


@settings(max_examples=150)
@given(
    numbers=st.tuples(sizes, sizes, sizes, sizes, sizes),
    sequence=st.lists(st.tuples(sizes, sizes), min_size=1, max_size=4),
    activation=st.sampled_from(["identity", "relu"]),
)
def test_whatever_explodes_has_an_origin(
    numbers: tuple[float, ...], sequence: list[tuple[float | None, float | None]], activation: str
) -> None:
    a, b, c, d, e = numbers
    x, y = [item for item, _ in sequence], [item for _, item in sequence]
    trace = traced(((a,), (b,)), ((c, d), (e, a)), ((b, c),), x=x, y=y, activation=activation)
    assert (origin(trace) is None) == (trace.overflow is None)
    check_reason(trace)


@pytest.mark.parametrize("stack", [("lstm",), ("gru after",), ("lstm", "gru before")], ids=" + ".join)
def test_of_gates_the_layer_is_told(stack: tuple[str, ...]) -> None:
    """In the topmost layer, U x + b of a candidate whose summands are floats, whose sum is not."""
    trace = generic_trace(stack, 2)
    top, letter = len(stack), {"lstm": "g"}.get(stack[-1], "n")
    U, b = f"U_{letter}_{top}", f"b_{letter}_{top}"
    signs = np.sign(trace.layers[-1].values["x"][1])
    wild = dict(trace.parameters)
    wild |= {U: 1e308 * signs * np.ones_like(wild[U]) / len(signs), b: np.full_like(wild[b], 1.7e308)}
    trace = engine.run(trace.scenario, trace.network.with_parameters(wild))
    check_reason(trace)
    found = origin(trace)
    assert found is not None
    assert (found.step, found.phase, found.layer) == (1, "forward", top - 1)
    assert found.number == Number(Result(f"a_{letter}", 1, top - 1), (0,))


@settings(max_examples=60)
@given(stack=st.sampled_from([("lstm",), ("gru after",), ("lstm", "gru before")]), data=st.data())
def test_wherever_gates_explode_there_is_a_reason(stack: tuple[str, ...], data: st.DataObject) -> None:
    trace = generic_trace(stack, 3)
    scales = st.sampled_from([1.0, 1e-150, 1e150, 1e300])
    wild = {name: value * data.draw(scales) for name, value in trace.parameters.items()}
    trace = engine.run(trace.scenario, trace.network.with_parameters(wild))
    assert (origin(trace) is None) == (trace.overflow is None)
    check_reason(trace)
