"""Traces against those of an independent autograd, kept beside their scenarios in ``tests/oracle``."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import bptt_viz

if TYPE_CHECKING:
    from bptt_viz.tracing import Trace

FOLDER = Path(__file__).parent / "oracle"
CASES = sorted(path.stem for path in FOLDER.glob("*.toml"))
#: Of the JSON, what belongs to the parameters after ``len(loss_history) - 1`` updates.
AFTER_UPDATES = {"loss_history", "parameters_after"}
#: What the oracle tells of each layer.
BY_CELL = {"rnn": {"h", "dL_dh", "a", "delta"}, "lstm": {"h", "dL_dh", "cell", "dL_dcell"}, "gru": {"h", "dL_dh"}}


def stated(case: str) -> dict[str, Any]:
    """What the scenario file says, by Python's own TOML reader."""
    return tomllib.loads((FOLDER / f"{case}.toml").read_text(encoding="utf-8"))


def expected(case: str) -> dict[str, Any]:
    """The trace that the oracle gives."""
    document: dict[str, Any] = json.loads((FOLDER / f"{case}.json").read_text(encoding="utf-8"))
    return document


def cells_of(case: str) -> tuple[str, int, str]:
    """Cell, layers and strategy of a case."""
    scenario = stated(case)
    network, strategy = scenario["network"], scenario.get("backward", {}).get("strategy", "full")
    return network.get("cell", "rnn"), network.get("layers", 1), strategy


def agree(ours: Any, theirs: Any, what: str, tolerance: float = 1e-9) -> None:
    """Equal to the relative tolerance; what cancels to nothing may differ by rounding."""
    wanted = np.array(theirs, dtype=np.float64)  # None becomes NaN
    given = np.asarray(ours, dtype=np.float64)
    assert given.shape == wanted.shape, what
    room = 1e-14 * np.nanmax(np.abs(wanted), initial=1.0)
    np.testing.assert_allclose(given, wanted, rtol=tolerance, atol=room, err_msg=what)


def agree_all(trace: Trace, theirs: dict[str, Any]) -> None:
    """Every quantity of the oracle's trace."""
    for key in theirs.keys() - AFTER_UPDATES - {"T", "layers"}:
        ours = getattr(trace, key)
        if isinstance(theirs[key], dict):
            assert set(ours) == set(theirs[key]), key
            for name, array in theirs[key].items():
                agree(ours[name], array, f"{key}.{name}")
        else:
            agree(ours, theirs[key], key)
    assert (trace.T, len(trace.layers)) == (theirs["T"], len(theirs["layers"]))
    for layer, quantities in zip(trace.layers, theirs["layers"], strict=True):
        for name, array in quantities.items():
            agree(getattr(layer, name), array, f"layers.{name}")


@pytest.mark.parametrize("case", CASES)
def test_traces(case: str) -> None:
    scenario = stated(case)
    loaded = bptt_viz.load(FOLDER / f"{case}.toml")
    theirs = expected(case)
    trace = bptt_viz.trace(loaded)
    assert trace.overflow is None
    assert ("clipped_gradients" in theirs) == (trace.clipped_gradients is not None)
    assert set(theirs["layers"][0]) <= BY_CELL[scenario["network"].get("cell", "rnn")]
    agree_all(trace, theirs)
    history = theirs.get("loss_history")
    if history is not None:
        after = bptt_viz.trace(loaded, updates=len(history) - 1)
        agree(after.loss_history, history, "loss_history", 1e-7)
        agree(after.loss, history[-1], "loss", 1e-7)
        for name, array in theirs["parameters_after"].items():
            agree(after.parameters[name], array, f"parameters_after.{name}", 1e-7)


def test_there_are_cases_to_compare() -> None:
    assert {cell for cell, _, _ in map(cells_of, CASES)} == {"rnn", "lstm", "gru"}
    assert {strategy for _, _, strategy in map(cells_of, CASES)} == {"full", "window", "segments", "randomized"}
    assert {layers for _, layers, _ in map(cells_of, CASES)} >= {1, 2, 3}
    assert any(expected(case).get("clipped_gradients") for case in CASES)
    assert any(len(expected(case).get("loss_history", ())) > 1 for case in CASES)


@pytest.mark.parametrize("key", ["dL_dx", "triangle", "contributions", "layers"])
def test_a_wrong_number_is_noticed(key: str) -> None:
    theirs = expected("scalar-t3")
    inner = theirs[key]
    while not isinstance(inner, list) or not isinstance(inner[-1], float):
        inner = inner["W"] if isinstance(inner, dict) and "W" in inner else inner["h"] if "h" in inner else inner[-1]
    inner[-1] *= 1 + 1e-8
    trace = bptt_viz.trace(bptt_viz.load(FOLDER / "scalar-t3.toml"))
    with pytest.raises(AssertionError, match=key):
        agree_all(trace, theirs)


def test_the_same_scenario_gives_the_same_bits() -> None:
    scenario = bptt_viz.load(FOLDER / "open-14-rnn.toml")
    first, second = bptt_viz.trace(scenario), bptt_viz.trace(scenario)
    for name, gradient in first.gradients.items():
        np.testing.assert_array_equal(gradient, second.gradients[name])
    with pytest.raises(ValueError, match="read-only"):
        first.o[0, 0] = 1.0
