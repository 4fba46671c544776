"""Whatever a file holds, loading it gives a scenario or a told problem, and soon: never another exception."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bptt_viz import loading
from bptt_viz.errors import ScenarioError
from bptt_viz.messages import LANGUAGES

if TYPE_CHECKING:
    from bptt_viz.scenario import Scenario

#: Seconds that loading any file of these sizes may take; it takes milliseconds.
LONGEST = 2.0

TOKENS = """\
title = { en = "a sentence", zh = "一句话" }
description = "每一步都有原因"
[sequence]
tokens = ["我", "昨天", "上学", "迟到", "了", "e"]
vocabulary = ["我", "昨天", "上学", "跑步", "吃饭", "迟到", "了", "e"]
initial_state = [0.0, 0.1]
[network]
cell = "rnn"
hidden_size = 2
layers = 1
activation = "tanh"
bias = true
[network.initial]
method = "uniform"
scale = 0.5
seed = 1
[network.parameters]
W = [[0.1, 0.2], [0.3, 0.4]]
b = [1, -1]
[loss]
kind = "cross_entropy"
reduction = "mean"
[backward]
strategy = "full"
seed = 0
[update]
learning_rate = 0.1
clip = { kind = "norm", threshold = 1.0 }
[lecture]
notation = "goodfellow"
language = "zh"
"""

DOCUMENT: dict[str, Any] = {
    "title": "numbers",
    "sequence": {"inputs": [[0.5], [], [1]], "targets": [[], [0.3, 1], ""], "initial_state": [0.0, 0.0]},
    "network": {
        "hidden_size": 2,
        "bias": False,
        "initial": {"method": "identity", "scale": 1, "seed": 2},
        "parameters": {"U": [[1], [2]], "W": [[1, 2], [3, 4]], "V": [[1, 2], [3, 4]]},
    },
    "loss": {"kind": "squared_error", "reduction": "sum"},
    "backward": {"strategy": "randomized", "probability": 0.5, "xi": [1, 0, 2]},
    "update": {"learning_rate": 0.1, "clip": {"kind": "value", "threshold": 2}},
}

thorough = settings(
    max_examples=300,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def load(data: bytes) -> Scenario | None:
    """The scenario, or None where problems are told as they should be."""
    start = time.perf_counter()
    scenario, told = None, []
    try:
        scenario = loading.parse(data, "lesson.toml")
    except ScenarioError as error:
        told = [line for language in LANGUAGES for line in error.lines(language)]
    assert (scenario is None) == bool(told)
    for line in told:
        assert line.startswith("lesson.toml: ")
        assert line.isprintable()
        assert len(line) < 1000
    assert time.perf_counter() - start < LONGEST
    return scenario


def toml(value: object) -> str:
    """A TOML value, tables inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value).replace("Infinity", "inf").replace("NaN", "nan").replace("\x7f", "\\u007f")


def document(tables: dict[str, Any]) -> bytes:
    """A whole file, one top-level key a line."""
    return "".join(f"{json.dumps(key)} = {toml(value)}\n" for key, value in tables.items()).encode()


scalars = st.one_of(
    st.integers(-(10**30), 10**30),
    st.integers(-2, 4),
    st.floats(),
    st.booleans(),
    st.text("ab我\x1b\u202e .[]\"'", max_size=5),
    st.sampled_from(
        ["rnn", "lstm", "gru", "full", "window", "segments", "randomized", "mean", "cross_entropy", "U", "e"]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abUW_1. ", max_size=4), inner, max_size=3),
    max_leaves=12,
)


def spots(value: object) -> list[tuple[Any, Any]]:
    """Every (container, key) in a nested value."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [spot for key, inner in entries for spot in [(value, key), *spots(inner)]]


def test_the_unchanged_files_are_read() -> None:
    assert load(TOKENS.encode()) is not None
    assert loading.parse(document(DOCUMENT), "lesson.toml").backward.strategy == DOCUMENT["backward"]["strategy"]


@thorough
@given(st.data())
def test_structure(data: st.DataObject) -> None:
    tables = json.loads(json.dumps(DOCUMENT))
    for _ in range(data.draw(st.integers(1, 4))):
        container, key = data.draw(st.sampled_from(spots(tables)))
        change = data.draw(st.sampled_from(["replace", "remove", "repeat", "rename", "borrow"]))
        present = key in container if isinstance(container, dict) else key < len(container)
        if not present:
            continue
        if change == "replace":
            container[key] = data.draw(values)
        elif change == "borrow":
            other, there = data.draw(st.sampled_from(spots(DOCUMENT)))
            container[key] = json.loads(json.dumps(other[there]))
        elif change == "remove":
            del container[key]
        elif isinstance(container, list):
            container.append(container[key])
        else:
            container[f"{key}_1" if change == "rename" else key.upper()] = container.pop(key)
        if not spots(tables):
            break
    load(document(tables))


@thorough
@given(st.data())
def test_bytes(data: st.DataObject) -> None:
    content = bytearray(TOKENS.encode())
    for _ in range(data.draw(st.integers(1, 5))):
        position = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 8))
        piece = data.draw(
            st.binary(max_size=4)
            | st.sampled_from(
                [b"[", b"]]", b'"', b'"""', b"{", b"=", b".", b"\n", b"nan", b"-inf", b"1e999", b"\\u", b"#", b","]
            )
        )
        content[position : position + length] = piece
    load(bytes(content))


@thorough
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_anything(data: bytes) -> None:
    load(data)
