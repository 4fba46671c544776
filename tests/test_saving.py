"""Saving the current state: what is saved loads as the same, and no file that was there is lost."""

from __future__ import annotations

import stat
import tomllib
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast, get_args, get_origin

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from bptt_viz import engine, loading, saving
from bptt_viz.conversion import convert, members
from bptt_viz.errors import ScenarioError
from bptt_viz.messages import LANGUAGES
from bptt_viz.network import build
from bptt_viz.scenario import CellKind, InitialTable, NetworkTable, Scenario, SequenceTable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bptt_viz.network import Network

numbers = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ['"""', "a\n\\n\n", "\r\n\t\x7f\x00", "''", "\\"]
)
arrays = st.lists(numbers, min_size=1, max_size=4).map(tuple)


def values(hint: object) -> st.SearchStrategy[Any]:
    """Values of a type of the format, so that a new key is tested as soon as it is there."""
    alternatives = members(hint)
    if len(alternatives) > 1:
        return st.one_of([values(member) for member in alternatives])
    (kind,) = alternatives
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return st.fixed_dictionaries({field.name: optional(field) for field in fields(kind)}).map(
            lambda stated: kind(**{key: value for key, value in stated.items() if value is not None})
        )
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if get_origin(kind) is dict:
        return st.dictionaries(texts, values(get_args(kind)[1]), max_size=3)
    if get_origin(kind) is tuple:
        return st.lists(values(get_args(kind)[0]), max_size=4).map(tuple)
    if get_origin(kind) is Annotated:
        number, limits = get_args(kind)
        low = limits.ge if limits.ge is not None else limits.gt
        high = 2**62 if limits.le is None else limits.le
        if number is int:
            return st.integers(low, high)
        return st.floats(low, high, exclude_min=limits.gt is not None)
    return {str: texts, bool: st.booleans(), float: numbers}[cast("type", kind)]


def optional(field: msgspec.structs.FieldInfo) -> st.SearchStrategy[Any]:
    """A key's values; None where it is left out."""
    return values(field.type) if field.required else st.none() | values(field.type)


def with_parameters(parameters: Mapping[str, Any]) -> Network:
    """As much of a network as is saved."""
    return cast("Network", SimpleNamespace(parameters={name: np.array(rows) for name, rows in parameters.items()}))


@st.composite
def valid(draw: st.DrawFn) -> Scenario:
    """A scenario of any cell that loads, with few of its parameters given."""
    scenario = draw(st.from_type(Scenario))
    cell, layers = draw(st.sampled_from(get_args(CellKind))), draw(st.integers(1, 3))
    sequence = replace(scenario.sequence, initial_state=None)
    steps = len(sequence.tokens) - 1 if sequence.tokens else len(sequence.inputs or ())
    if steps > 1 and draw(st.booleans()):
        sequence = replace(sequence, decoder_from=draw(st.integers(2, steps)))
    table = NetworkTable(
        scenario.network.hidden_size,
        cell=cell,
        layers=layers,
        activation=scenario.network.activation if cell == "rnn" else "tanh",
        bias=scenario.network.bias,
        reset=draw(st.sampled_from(["before", "after"])) if cell == "gru" else "before",
        # Scales of any size would overflow, and what is not finite cannot be saved.
        initial=replace(draw(values(InitialTable)), scale=draw(st.none() | st.floats(0, 2))),
    )
    return replace(scenario, sequence=sequence, network=table, title=draw(texts), description=draw(texts))


@given(values(Scenario), st.dictionaries(st.sampled_from(["U", "W_f_2", "V"]), arrays | st.lists(arrays, max_size=0)))
def test_every_key_of_the_format(scenario: Scenario, parameters: dict[str, Any]) -> None:
    text = saving.scenario_toml(scenario, with_parameters(parameters), "new.toml")
    draft, problems = convert(tomllib.loads(text))
    given_back = {name: tuple(rows) for name, rows in parameters.items()}
    assert problems == []
    assert draft.scenario == replace(scenario, network=replace(scenario.network, weights=None, parameters=given_back))


@given(valid(), st.integers(0, 2))
def test_saved_and_loaded_to_the_last_bit(scenario: Scenario, updates: int) -> None:
    trace = engine.trace(scenario, updates)
    assume(all(np.isfinite(array).all() for array in trace.parameters.values()))
    text = saving.scenario_toml(trace.scenario, trace.network, "new.toml")
    loaded = loading.parse(text.encode(), "new.toml")
    assert replace(loaded, network=replace(loaded.network, parameters={})) == scenario
    again = build(loaded).parameters
    assert list(again) == list(trace.parameters)
    for name, array in trace.parameters.items():
        assert again[name].tobytes() == array.tobytes(), name
    np.testing.assert_array_equal(engine.trace(loaded).loss, trace.loss)
    assert saving.scenario_toml(loaded, build(loaded), "new.toml") == text


def test_the_text_is_as_one_would_write_it() -> None:
    scenario = loading.parse(
        b'title = {en = "a", zh = "\xe7\x94\xb2"}\ndescription = "one\\ntwo"\n'
        b"[sequence]\ninputs = [[1], []]\ntargets = [[], [0.5]]\n"
        b'[network]\nhidden_size = 2\nbias = false\n[update]\nclip = {kind = "norm", threshold = 1}\n',
        "lesson.toml",
    )
    parameters = {"U": [[0.1], [-0.0]], "W": np.eye(2), "V": np.full((2, 9), 1 / 3)}
    assert saving.scenario_toml(scenario, with_parameters(parameters), "new.toml") == (
        'title = { en = "a", zh = "甲" }\ndescription = """\none\ntwo"""\n\n'
        "[sequence]\ninputs = [[1.0], []]\ntargets = [[], [0.5]]\n\n"
        "[network]\nhidden_size = 2\nbias = false\n\n"
        "[network.parameters]\nU = [[0.1], [-0.0]]\nW = [[1.0, 0.0], [0.0, 1.0]]\n"
        f"V = [\n  [{', '.join([repr(1 / 3)] * 9)}],\n  [{', '.join([repr(1 / 3)] * 9)}],\n]\n\n"
        '[update]\nclip = { kind = "norm", threshold = 1.0 }\n'
    )


def test_long_sequences_break_into_lines() -> None:
    tokens = tuple(f"word{k}" for k in range(100))
    text = saving.scenario_toml(Scenario(SequenceTable(tokens), NetworkTable(1)), with_parameters({}), "new.toml")
    assert max(map(len, text.splitlines())) <= 100
    assert tuple(tomllib.loads(text)["sequence"]["tokens"]) == tokens


def told(error: pytest.ExceptionInfo[ScenarioError]) -> str:
    """What is said, in English; in the other language too there is something to say."""
    assert all(error.value.lines(language) for language in LANGUAGES)
    (line,) = error.value.lines()
    return line


def test_numbers_that_could_not_be_loaded_are_refused() -> None:
    scenario = Scenario(SequenceTable(("a", "b")), NetworkTable(1))
    with pytest.raises(ScenarioError) as caught:
        saving.scenario_toml(scenario, with_parameters({"W": [[0.0, np.inf]]}), "new.toml")
    assert told(caught) == "new.toml: network.parameters.W[0][1]: expected a finite number, found inf"
    with pytest.raises(ScenarioError) as caught:
        saving.scenario_toml(scenario, with_parameters({"W": np.full((1000, 1000), 1 / 3)}), "new.toml")
    assert "expected a file of at most 16 MiB, found 20," in told(caught)


def test_a_file_is_written_whole_with_ordinary_permissions(tmp_path: Path) -> None:
    file, ordinary = tmp_path / "new.toml", tmp_path / "ordinary"
    ordinary.touch()
    saving.save(file, "我\n")
    assert file.read_bytes() == "我\n".encode()
    assert file.stat().st_mode == ordinary.stat().st_mode
    assert sorted(tmp_path.iterdir()) == [file, ordinary]


def test_nothing_is_overwritten_unless_asked(tmp_path: Path) -> None:
    file = tmp_path / "lesson.toml"
    file.write_text("mine")
    file.chmod(0o640)
    with pytest.raises(ScenarioError) as caught:
        saving.save(file, "new")
    assert told(caught) == f"{file}: expected a name that no file has yet, found a file that is there already"
    assert file.read_text() == "mine"
    saving.save(file, "new", overwrite=True)
    assert file.read_text() == "new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    saving.save(tmp_path / "other.toml", "other", overwrite=True)
    assert (tmp_path / "other.toml").read_text() == "other"


def test_a_link_stays_one_and_its_file_is_replaced(tmp_path: Path) -> None:
    file, link, nowhere = tmp_path / "lesson.toml", tmp_path / "link.toml", tmp_path / "nowhere.toml"
    file.write_text("mine")
    link.symlink_to(file)
    nowhere.symlink_to(tmp_path / "missing" / "file")
    saving.save(link, "new", overwrite=True)
    assert link.is_symlink()
    assert file.read_text() == "new"
    for taken in (link, nowhere):
        with pytest.raises(ScenarioError):
            saving.save(taken, "other")
    assert file.read_text() == "new"


@pytest.mark.parametrize("overwrite", [False, True])
def test_places_where_nothing_can_be_written(tmp_path: Path, overwrite: bool) -> None:  # noqa: FBT001  (a parameter of the test)
    for path in (tmp_path / "missing" / "new.toml", tmp_path, tmp_path / ("x" * 300), tmp_path / "a\0b"):
        with pytest.raises(ScenarioError) as caught:
            saving.save(path, "new", overwrite=overwrite)
        assert ": expected a" in told(caught)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_write_that_fails_leaves_what_was_there(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    overwrite: bool,  # noqa: FBT001  (a parameter of the test)
) -> None:
    file = tmp_path / "lesson.toml"
    if overwrite:
        file.write_text("mine")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ScenarioError) as caught:
        saving.save(file, "new", overwrite=overwrite)
    assert "found the error: No space left on device" in told(caught)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"] * overwrite
