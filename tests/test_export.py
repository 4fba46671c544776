"""Traces written as JSON and as NumPy archives, read back and held against the arrays they came from."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptt_viz import catalog, engine, export, loading

if TYPE_CHECKING:
    from bptt_viz.tracing import Trace

CLIPPED = """\
[sequence]
inputs = [[0.5], [1.0], [0.1]]
targets = [[], [0.3], [0.7]]
[network]
hidden_size = 2
[update]
clip = { kind = "norm", threshold = 0.01 }
"""
WILD = """\
[sequence]
inputs = [[1], [1], [1]]
targets = [[1], [1], [1]]
[network]
hidden_size = 1
activation = "identity"
bias = false
[network.parameters]
U = [[1]]
W = [[1e200]]
V = [[1]]
"""


def traced(text: str, updates: int = 0) -> Trace:
    """The trace of a scenario file with this text."""
    return engine.trace(loading.parse(text.encode(), "lesson.toml"), updates)


def scalar() -> Trace:
    """The trace of the bundled scalar example."""
    return engine.trace(loading.read(catalog.find("scalar-t3")))


def parsed(trace: Trace) -> dict[str, Any]:
    """The JSON form read back; NaN and Infinity are no JSON."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    document: dict[str, Any] = json.loads(export.as_json(trace), parse_constant=refuse)
    return document


def archived(trace: Trace) -> dict[str, Any]:
    """The NumPy form read back."""
    file = io.BytesIO()
    export.as_npz(trace, file)
    file.seek(0)
    with np.load(file, allow_pickle=False) as archive:
        return dict(archive)


KEYS = ["T", "loss", "losses", "x", "o", "y_hat", "dL_do", "dL_dx", "layers", "parameters", "gradients",
        "gradient_norm", "contributions", "accumulated", "triangle"]  # fmt: skip


def test_the_worked_example() -> None:
    """The numbers are those of the public worked example, in full precision."""
    document = parsed(scalar())
    assert list(document) == KEYS
    assert document["T"] == 3
    assert document["loss"] == pytest.approx(0.19403604392695734, rel=1e-12)
    assert document["gradients"]["W"][0][0] == pytest.approx(-0.11249424828417957, rel=1e-12)
    assert document["gradient_norm"] == pytest.approx(0.8803099365549584, rel=1e-12)
    assert document["accumulated"]["W"][2][0][0] == pytest.approx(-0.07114587298072314, rel=1e-12)
    assert document["triangle"]["U"][2][1] == pytest.approx(0.0071313956310317455, rel=1e-12)
    assert document["layers"][0]["delta"][0][0] == pytest.approx(-0.036829692214960914, rel=1e-12)


def test_shapes() -> None:
    trace = traced(CLIPPED)
    document = parsed(trace)
    assert np.shape(document["x"]) == (3, 1)
    assert np.shape(document["layers"][0]["h"]) == (3, 2)
    assert list(document["layers"][0]) == ["h", "dL_dh", "a", "delta"]
    for name, values in document["parameters"].items():
        shape = np.shape(values)
        assert np.shape(document["gradients"][name]) == shape
        assert np.shape(document["contributions"][name]) == (3, *shape)
        assert np.shape(document["accumulated"][name]) == (3, *shape)
        assert np.shape(document["triangle"][name]) == (3, 3)


@pytest.mark.parametrize("updates", [0, 3])
def test_every_number_survives_the_way_through_json(updates: int) -> None:
    trace = traced(CLIPPED, updates)
    document = parsed(trace)
    for key, content in export.entries(trace):
        if isinstance(content, np.ndarray):
            np.testing.assert_array_equal(np.array(document[key], dtype=float), content)
        elif hasattr(content, "items"):
            for name, array in content.items():
                np.testing.assert_array_equal(np.array(document[key][name], dtype=float), array)
    assert document["loss"] == trace.loss


def test_a_step_without_a_target_has_no_loss() -> None:
    losses = parsed(traced(CLIPPED))["losses"]
    assert losses[0] is None
    assert all(isinstance(loss, float) for loss in losses[1:])


def test_what_is_only_there_when_asked_for() -> None:
    document = parsed(traced(CLIPPED, updates=2))
    assert list(document) == [*KEYS[:11], "clipped_gradients", *KEYS[11:], "loss_history"]
    assert len(document["loss_history"]) == 3
    assert document["loss_history"][-1] == document["loss"]
    flat = np.concatenate([np.ravel(values) for values in document["clipped_gradients"].values()])
    assert np.linalg.norm(flat) == pytest.approx(0.01)


@given(seed=st.integers(0, 2**32 - 1), probability=st.sampled_from([0.1, 0.3, 0.7, 0.9, 1.0]))
def test_the_xi_that_were_drawn_make_the_same_trace_again(seed: int, probability: float) -> None:
    drawn = f'[backward]\nstrategy = "randomized"\nprobability = {probability}\nseed = {seed}\n'
    trace = traced(CLIPPED + drawn)
    xi = parsed(trace)["xi"]
    assert len(xi) == trace.T
    assert trace.xi is not None
    assert not trace.xi.flags.writeable
    again = traced(CLIPPED + f'[backward]\nstrategy = "randomized"\nxi = {xi}\n')
    assert export.as_json(again) == export.as_json(trace)
    np.testing.assert_array_equal(archived(trace)["xi"], xi)


@pytest.mark.parametrize("backward", ['strategy = "full"', 'strategy = "segments"\nlength = 2'])
def test_there_are_xi_only_where_they_are_drawn_or_given(backward: str) -> None:
    trace = traced(f"{CLIPPED}[backward]\n{backward}\n")
    assert trace.xi is None
    assert "xi" not in parsed(trace)


def test_overflow() -> None:
    trace = traced(WILD)
    document = parsed(trace)
    assert document["layers"][0]["h"] == [[1.0], [1e200], [None]]
    assert document["loss"] is None
    assert document["overflow"] == {"step": 2, "quantity": "L"}
    archive = archived(trace)
    assert archive["overflow/step"] == 2
    assert archive["overflow/quantity"] == "L"
    assert np.isinf(archive["layers/0/h"][2, 0])


def test_the_archive_holds_the_same_arrays() -> None:
    trace = traced(CLIPPED, updates=1)
    archive = archived(trace)
    document = parsed(trace)

    def flat(prefix: str, content: Any) -> dict[str, Any]:
        if isinstance(content, dict):
            return {k: v for key, inner in content.items() for k, v in flat(f"{prefix}/{key}", inner).items()}
        return {prefix: content}

    expected = flat("", document | {"layers": dict(enumerate(document["layers"]))})
    assert {f"/{name}" for name in archive} == set(expected)
    for name, values in archive.items():
        np.testing.assert_array_equal(values, np.array(expected[f"/{name}"], dtype=float))
    assert archive["T"].shape == ()
    assert np.isnan(archive["losses"][0])


def test_archives_are_the_same_each_time() -> None:
    first, second = io.BytesIO(), io.BytesIO()
    export.as_npz(scalar(), first)
    export.as_npz(scalar(), second)
    assert first.getvalue() == second.getvalue()


def test_the_numbers_needed_count_the_triangles() -> None:
    trace = traced(CLIPPED)
    assert export.numbers_needed(trace.network, 3) == 5 * 9 + 2 * 3 * 4
    assert export.numbers_needed(trace.network, 20_000) > export.MOST_NUMBERS


def test_large_arrays_are_written_step_by_step() -> None:
    pieces = list(export.json_parts(traced(CLIPPED)))
    assert len(pieces) > 100
    assert max(map(len, pieces)) < 100
