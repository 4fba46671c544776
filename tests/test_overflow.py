"""Numbers that explode: the first one is named, in the order in which it is computed; nothing raises, nothing warns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bptt_viz import engine, export, loading
from bptt_viz.notation import GOODFELLOW
from bptt_viz.scenario import ClipTable, LossTable, NetworkTable, Scenario, SequenceTable, UpdateTable
from bptt_viz.tracing import Overflow
from bptt_viz.views.scene import Lesson, Scene

if TYPE_CHECKING:
    from bptt_viz.tracing import Trace

Matrix = tuple[tuple[float, ...], ...]


def traced(
    U: Matrix,
    W: Matrix,
    V: Matrix,
    *,
    x: list[float | None],
    y: list[float | None],
    **other: Any,
) -> Trace:
    """A network of one input and one output without biases; None is no input or no target."""
    table = NetworkTable(
        len(W), activation=other.get("activation", "identity"), bias=False, parameters={"U": U, "W": W, "V": V}
    )
    inputs, targets = (tuple(() if item is None else (item,) for item in side) for side in (x, y))
    clip = other.get("clip")
    loss = LossTable(other.get("loss", "squared_error"), other.get("reduction", "sum"))
    return engine.trace(Scenario(SequenceTable(inputs=inputs, targets=targets), table, loss=loss,
                                 update=UpdateTable(clip=clip)))  # fmt: skip


ONE: Matrix = ((1.0,),)
NOTHING: Matrix = ((0.0,),)
#: What happens, the network, and what is to be named.
CASES: dict[str, tuple[Trace, Overflow | None]] = {
    "nothing": (traced(ONE, ONE, ONE, x=[1, 1], y=[1, 1]), None),
    "h grows": (traced(ONE, ((1e200,),), ((0.0,),), x=[1, None, None, None], y=[1] * 4), Overflow(3, "a")),
    "h grows through relu": (
        traced(ONE, ((1e200,),), NOTHING, x=[1, None, None, None], y=[1] * 4, activation="relu"), Overflow(3, "a")),
    "a before h": (traced(((1e200,),), ONE, NOTHING, x=[None, 1e200], y=[1, 1]), Overflow(2, "a")),
    "o": (traced(((1e200,),), NOTHING, ((1e200,),), x=[None, 1], y=[1, 1]), Overflow(2, "o")),
    "L squares": (traced(((1e200,),), NOTHING, ONE, x=[None, 1], y=[1, 1]), Overflow(2, "L")),
    "L of a step with a target only": (traced(((1e200,),), NOTHING, ONE, x=[1, None], y=[None, 1]), None),
    "the sum of the losses": (traced(ONE, NOTHING, ONE, x=[1.3e154] * 3, y=[0] * 3), Overflow(3, "loss")),
    "∂L/∂h": (traced(NOTHING, NOTHING, ((1e200,),), x=[1, 1, 1], y=[0, -1e150, 0]), Overflow(2, "dL_dh")),
    "δ grows backward": (
        traced(NOTHING, ((1e150,),), ((1e60,),), x=[1] * 4, y=[None, None, None, -1e100]), Overflow(3, "dL_dh")),
    "∂L/∂x": (traced(((1e300,),), NOTHING, ((1e10,),), x=[1e-300, None], y=[None, -1e10]), Overflow(2, "dL_dx")),
    "large numbers that meet small ones": (
        traced(ONE, NOTHING, ((1e-200,),), x=[None, 1e300, None], y=[None, None, -1e150]), None),
    "∇U in one step": (
        traced(((1e-300,),), NOTHING, ((1e100,),), x=[1, 1e300, 1], y=[0, -1e100, 0]), Overflow(2, "dL_dU")),
    "∇U by summing": (
        traced(((1e-300,),), NOTHING, ((1e90,),), x=[1e118] * 3, y=[-1e100] * 3), Overflow(2, "dL_dU")),
    # ∇W overflows at t = 3, from a δ₃ and an h₂ that are finite; δ₂ overflows after that.
    "∇W before δ": (
        traced(((1e200,), (0.0,)), ((0.0, 0.0), (0.0, 1e200)), ((0.0, 1.0),), x=[1, 1, 1], y=[None, None, -1e120]),
        Overflow(3, "dL_dW")),
    "δ before ∇W": (
        traced(((1e200,), (0.0,)), ((0.0, 0.0), (0.0, 1e300)), ((0.0, 1e250),), x=[1, 1, 1], y=[None, None, -1e120]),
        Overflow(3, "dL_dh")),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_first_that_is_not_finite_is_named(case: str) -> None:
    trace, first = CASES[case]
    assert trace.overflow == first


def everything(trace: Trace) -> None:
    """Ask for all that a trace has; a warning is an error here."""
    for name in trace.parameters:
        for mapping in (trace.contributions, trace.accumulated):
            assert mapping[name].shape == (trace.T, *trace.parameters[name].shape)
            for t in range(1, trace.T + 1):
                assert mapping.at(name, t).shape == trace.parameters[name].shape
        assert trace.triangle[name].shape == (trace.T, trace.T)
        assert trace.updated_parameters[name].shape == trace.parameters[name].shape
    assert (trace.clipped_gradients is None) == (trace.scenario.update.clip is None)
    assert isinstance(trace.loss + trace.gradient_norm, float)


def unnamed(document: Any) -> bool:
    """Whether a number is missing in the JSON form, other than the loss of a step with no target."""
    inner = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    return document is None or any(map(unnamed, inner))


@pytest.mark.parametrize("case", CASES)
def test_nothing_warns_and_no_number_goes_missing_unnamed(case: str) -> None:
    trace, first = CASES[case]
    everything(trace)
    document = json.loads(export.as_json(trace))
    losses = document.pop("losses")
    missing = unnamed(document) or any(np.isinf(loss) for loss in trace.losses[trace.has_target])
    assert missing == (first is not None)
    assert all((loss is None) >= (target is False) for loss, target in zip(losses, trace.has_target, strict=True))
    assert document.get("overflow") == (None if first is None else {"step": first.step, "quantity": first.quantity})


sizes = st.sampled_from([0.0, 1.0, -1.0, 1e-160, 1e80, -1e160, 1e250, 1e308])


@settings(max_examples=150)
@given(
    numbers=st.tuples(sizes, sizes, sizes, sizes, sizes),
    sequence=st.lists(st.tuples(sizes, sizes), min_size=1, max_size=4),
    activation=st.sampled_from(["identity", "relu"]),
    loss=st.sampled_from(["squared_error", "binary_cross_entropy", "cross_entropy"]),
    clip=st.none() | st.builds(ClipTable, st.sampled_from(["norm", "value"]), st.just(0.5)),
)
def test_whatever_explodes_a_trace_is_made(
    numbers: tuple[float, ...],
    sequence: list[tuple[float, float]],
    activation: str,
    loss: str,
    clip: ClipTable | None,
) -> None:
    a, b, c, d, e = numbers
    x: list[float | None] = [item for item, _ in sequence]
    y: list[float | None] = [item if loss == "squared_error" else 1.0 for _, item in sequence]
    trace = traced(((a,), (b,)), ((c, d), (e, a)), ((b, c),), x=x, y=y, activation=activation, loss=loss,
                   clip=clip, reduction="mean")  # fmt: skip
    everything(trace)
    document = json.loads(export.as_json(trace))
    # Products of finite numbers in the triangle and the clipping of infinite ones follow the rest.
    if not unnamed(document):
        assert trace.overflow is None
    elif trace.overflow is None:
        rest = {key: value for key, value in document.items() if key not in ("triangle", "losses")}
        assert not unnamed(rest)


@pytest.mark.parametrize("size", [1e200, 1e-200])
def test_norms_of_terms_neither_overflow_nor_vanish(size: float) -> None:
    """δ₂ = (3, 4)·size has the norm 5·size, the square of which is no float."""
    half = ((0.5, 0.0), (0.0, 0.5))
    trace = traced(((0.0,), (0.0,)), half, ((3 * size, 4 * size),), x=[1, 1], y=[None, -1])
    np.testing.assert_allclose(trace.triangle["U"], np.array([[0, 0], [2.5, 5]]) * size, rtol=1e-14)


STACK = """
[sequence]
inputs = [[1.0], [1.0]]
targets = [[0.0], [-1.0]]
[network]
hidden_size = 1
layers = 2
bias = false
activation = "identity"
[network.parameters]
W_1 = [[0.0]]
"""


@pytest.mark.parametrize(("parameters", "first"), [
    ("U_1 = [[1.0]]\nU_2 = [[1e200]]\nW_2 = [[1e200]]\nV = [[0.0]]", Overflow(2, "a", 2)),
    ("U_1 = [[0.0]]\nU_2 = [[1e200]]\nW_2 = [[0.0]]\nV = [[1e200]]", Overflow(2, "dL_dh", 1)),
])  # fmt: skip
def test_of_several_layers_the_one_is_named(parameters: str, first: Overflow) -> None:
    trace = engine.trace(loading.parse((STACK + parameters).encode(), "lesson.toml"))
    assert trace.overflow == first
    assert first.quantity == f"{first.variable}_{first.layer}"
    assert json.loads(export.as_json(trace))["overflow"] == {"step": first.step, "quantity": first.quantity}


@pytest.mark.parametrize(("quantity", "written"), [
    ("h", "h"), ("h_2", "h⁽²⁾"), ("a_f_2", "a_f⁽²⁾"), ("loss", "L"), ("delta", "δ"), ("delta_1", "δ⁽¹⁾"),
    ("y_hat", "ŷ"), ("dL_dh", "∂L/∂h"), ("dL_dh_1", "∂L/∂h⁽¹⁾"), ("dL_da_f", "δ_f"), ("dL_da_f_2", "δ_f⁽²⁾"),
    ("dL_ds_2", "∂L/∂s⁽²⁾"),
    ("dL_dx", "∂L/∂x"), ("dL_dU_2", "∂L/∂U⁽²⁾"), ("dL_dW_f_2_dec", "∂L/∂W_f⁽²⁾ᵈᵉᶜ"), ("gradient_norm", "‖∇‖"),
])  # fmt: skip
def test_a_quantity_of_the_trace_is_written_as_in_formulas(quantity: str, written: str) -> None:
    scene = Scene(Lesson(CASES["nothing"][0], "lesson.toml"), 0, "en", GOODFELLOW, "W")
    assert scene.quantity(quantity) == written
