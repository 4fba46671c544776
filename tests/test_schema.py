"""The JSON Schema against files that load and files that do not, and the template against both."""

from __future__ import annotations

import tomllib
from pathlib import Path

import jsonschema
import pytest

from bptt_viz import catalog, loading, template
from bptt_viz.conversion import tables
from bptt_viz.errors import ScenarioError
from bptt_viz.messages import LANGUAGES, Language
from bptt_viz.schema import json_schema
from bptt_viz.wording import key_path

VALIDATOR = jsonschema.Draft202012Validator(json_schema())

#: Scenarios with an oracle; some of them are for later versions, but all of them are of the format.
ORACLE = Path(__file__).parent / "oracle"

HEAD = '[sequence]\ntokens = ["a", "b"]\n'
VALID = {
    "smallest": HEAD + "[network]\nhidden_size = 1\n",
    "lstm": HEAD + '[network]\nhidden_size = 1\ncell = "lstm"\nlayers = 3\n',
    "gru": HEAD + '[network]\nhidden_size = 1\ncell = "gru"\nreset = "after"\n',
    "window": HEAD + '[network]\nhidden_size = 1\n[backward]\nstrategy = "window"\nlength = 2\n',
    "randomized": HEAD + '[network]\nhidden_size = 1\n[backward]\nstrategy = "randomized"\nxi = [1]\n',
    "both sides": '[sequence]\ninputs = ["a", [], ""]\ntargets = [[1], [], ""]\n[network]\nhidden_size = 1\n',
    "two languages": 'title = { en = "a", zh = "甲" }\n' + HEAD + "[network]\nhidden_size = 1\n",
}
WRONG = {
    "unknown key": HEAD + "[network]\nhidden_size = 1\nsize = 2\n",
    "unknown table": HEAD + "[network]\nhidden_size = 1\n[other]\n",
    "no network": HEAD,
    "no size": HEAD + "[network]\n",
    "wrong type": HEAD + '[network]\nhidden_size = "1"\n',
    "zero": HEAD + "[network]\nhidden_size = 0\n",
    "wrong word": HEAD + '[network]\nhidden_size = 1\ncell = "elman"\n',
    "one token": '[sequence]\ntokens = ["a"]\n[network]\nhidden_size = 1\n',
    "both forms": HEAD + 'inputs = ["a"]\n[network]\nhidden_size = 1\n',
    "neither form": "[sequence]\n[network]\nhidden_size = 1\n",
    "one side": "[sequence]\ninputs = [[1]]\n[network]\nhidden_size = 1\n",
    "one language": 'title = { en = "a" }\n' + HEAD + "[network]\nhidden_size = 1\n",
    "activation of a gru": HEAD + '[network]\nhidden_size = 1\ncell = "gru"\nactivation = "tanh"\n',
    "reset of an rnn": HEAD + '[network]\nhidden_size = 1\nreset = "after"\n',
    "window without length": HEAD + '[network]\nhidden_size = 1\n[backward]\nstrategy = "window"\n',
    "length without window": HEAD + "[network]\nhidden_size = 1\n[backward]\nlength = 2\n",
    "nothing random": HEAD + '[network]\nhidden_size = 1\n[backward]\nstrategy = "randomized"\n',
    "no threshold": HEAD + '[network]\nhidden_size = 1\n[update]\nclip = { kind = "norm" }\n',
}


def problems(data: str) -> list[str]:
    """What is said of a file."""
    try:
        loading.parse(data.encode(), "lesson.toml")
    except ScenarioError as error:
        return error.lines()
    return []


def loads_or_will(data: str) -> bool:
    """Whether the file is of the format, be it for a later version."""
    return all("not compute" in problem for problem in problems(data))


def test_the_schema_is_one() -> None:
    for language in LANGUAGES:
        jsonschema.Draft202012Validator.check_schema(json_schema(language))


@pytest.mark.parametrize("data", VALID.values(), ids=VALID)
def test_valid_files(data: str) -> None:
    assert loads_or_will(data)
    VALIDATOR.validate(tomllib.loads(data))


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_wrong_files(data: str) -> None:
    assert not loads_or_will(data)
    assert not VALIDATOR.is_valid(tomllib.loads(data))


def test_files_of_the_project() -> None:
    files = [*catalog.bundled().values(), *ORACLE.glob("*.toml")]
    assert len(files) >= 2
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert loads_or_will(text)
        VALIDATOR.validate(tomllib.loads(text))


def test_every_key_says_what_it_means() -> None:
    for language in LANGUAGES:
        for definition in json_schema(language)["$defs"].values():
            assert all(content["description"] for content in definition["properties"].values())


def paths() -> list[str]:
    """All keys of the format."""
    return [key_path(path, key) for kind, path in tables() for key in kind.__struct_fields__]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_template_loads_and_names_every_key(language: Language) -> None:
    text = template.template(language)
    assert loading.parse(text.encode(), "new.toml")
    named = {path for row in template.ROWS for path in (row.path, *row.inner)}
    texts = {f"{side}.{key}" for side in ("title", "description") for key in LANGUAGES}
    assert set(paths()) == named - {"network.parameters.W"} | texts
    assert "en = " in text
    assert "zh = " in text


@pytest.mark.parametrize(
    "row", [row for row in template.ROWS if not row.active and row.value], ids=lambda row: row.path
)
def test_every_value_behind_a_comment_is_of_the_right_type(row: template.Row) -> None:
    key = row.path.rpartition(".")[2]
    text = template.template()
    assert text.count(f"\n# {key} = {row.value}") >= 1
    here = text.index(f"\n# {key} = {row.value}", text.index(f"[{row.path.rpartition('.')[0]}]"))
    active = text[: here + 1] + text[here + 3 :]
    assert bool(problems(active)) == (row.path in NEEDS_ANOTHER), problems(active)


#: Keys that belong to another cell, strategy or form of sequence than the template's, or to another file beside it.
NEEDS_ANOTHER = {
    "sequence.vocabulary",
    "sequence.inputs",
    "sequence.targets",
    "network.reset",
    "network.weights",
    "backward.length",
    "backward.probability",
    "backward.xi",
}


def test_the_template_never_overwrites(tmp_path: Path) -> None:
    file = tmp_path / "lesson.toml"
    template.write(file, "zh")
    assert file.read_text(encoding="utf-8") == template.template("zh")
    with pytest.raises(FileExistsError):
        template.write(file)
    assert file.read_text(encoding="utf-8") == template.template("zh")
    link = tmp_path / "link.toml"
    link.symlink_to(tmp_path / "nowhere.toml")
    with pytest.raises(FileExistsError):
        template.write(link)
