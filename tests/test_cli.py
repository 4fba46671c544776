"""The commands as a shell sees them: exit status, help, language, lists, completion, and what each imports."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from shell import GOOD, environment, run, scenarios_in

from bptt_viz import catalog, command_forms
from bptt_viz.messages import LANGUAGES, Language
from bptt_viz.messages.command_line import COMMAND_LINE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good and a bad scenario."""
    return scenarios_in(tmp_path)


STATUSES = [
    (["--help"], 0),
    (["-h"], 0),
    (["--version"], 0),
    (["list"], 0),
    (["schema"], 0),
    (["check", "good.toml"], 0),
    (["check", "good.toml", "scalar-t3"], 0),
    (["trace", "good.toml"], 0),
    (["new", "new.toml"], 0),
    (["check", "bad.toml"], 1),
    (["check", "good.toml", "bad.toml"], 1),
    (["check", "none.toml"], 1),
    (["check", "."], 1),
    (["check"], 2),
    (["trace"], 2),
    (["trace", "bad.toml"], 2),
    (["trace", "none.toml"], 2),
    (["trace", "good.toml", "--updates", "-1"], 2),
    (["trace", "good.toml", "--format", "xml"], 2),
    (["trace", "good.toml", "--output", "none/x.json"], 1),
    (["trace", "good.toml", "--output", "."], 2),
    (["new", "good.toml"], 2),
    (["new", "none/new.toml"], 2),
    (["--unknown"], 2),
    (["--language", "de", "list"], 2),
    (["none"], 2),
    (["bad.toml"], 2),
    (["good.toml"], 2),
    ([], 2),
]


@pytest.mark.parametrize(("arguments", "status"), STATUSES, ids=[" ".join(a) or "nothing" for a, _ in STATUSES])
def test_exit_status_and_where_things_are_said(folder: Path, arguments: list[str], status: int) -> None:
    result = run(*arguments, folder=folder)
    assert result.returncode == status, result.stderr
    assert "Traceback" not in result.stderr
    if status == 0:
        assert result.stdout or arguments[0] == "new"
    else:
        assert result.stderr
        assert "expected" not in result.stdout


def test_checking_tells_every_problem_and_lists_what_is_good(folder: Path) -> None:
    result = run("check", "bad.toml", "good.toml", "none.toml", folder=folder)
    assert result.stdout == "good.toml: ok\n"
    assert result.stderr.splitlines() == [
        "bad.toml: network.size: expected a known key (the nearest is hidden_size), found size",
        "bad.toml: network.parameters.W: expected 2×2 (hidden_size × hidden_size), found 1×1",
        "none.toml: expected a scenario file, found no such file",
    ]


@pytest.mark.parametrize("command", ["", "list", "check", "trace", "new", "schema", "scalar-t3"])
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_help_has_an_example(command: str, flag: str) -> None:
    result = run(*command.split(), flag)
    assert result.returncode == 0
    assert "Example:\n    bptt-viz " in result.stdout
    assert not result.stderr


def test_the_help_names_what_a_command_is_for_and_how_to_complete() -> None:
    text = run("--help").stdout
    for command in ("check", "list", "new", "schema", "trace"):
        assert f"\n  {command} " in text
    assert "_BPTT_VIZ_COMPLETE=bash_source" in text
    assert "1 if any file has problems" in run("check", "--help").stdout


@pytest.mark.parametrize(
    ("arguments", "variables", "language"),
    [
        ([], {}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ([], {"LC_ALL": "", "LC_MESSAGES": "zh_TW", "LANG": "de_DE"}, "zh"),
        (["--language", "en"], {"LANG": "zh_CN.UTF-8"}, "en"),
        (["--language=zh"], {}, "zh"),
    ],
)
def test_the_language(arguments: list[str], variables: dict[str, str], language: str) -> None:
    assert ("退出状态" in run(*arguments, "--help", variables=variables).stdout) is (language == "zh")
    assert ("要求" in run("check", "none.toml", *arguments, variables=variables).stderr) is (language == "zh")


def test_a_mistyped_command_gets_a_hint(folder: Path) -> None:
    result = run("chek", "good.toml", folder=folder)
    assert result.returncode == 2
    assert "Did you mean the command `check`?" in result.stderr
    assert "Did you mean" not in run("something-else", folder=folder).stderr
    (folder / "chek").write_text(GOOD)
    assert "no_terminal" not in run("chek", folder=folder).stderr
    assert "bptt-viz trace chek" in run("chek", folder=folder).stderr


def test_listing(folder: Path) -> None:
    lines = run("list", variables={catalog.OWN_FOLDERS: str(folder)}).stdout.splitlines()
    names = [line.split()[0] for line in lines]
    assert {"scalar-t3", "length-three", "good", "bad"} <= set(names)
    assert "One neuron, three steps" in next(line for line in lines if line.startswith("scalar-t3"))
    assert "一个神经元" in run("list", "--language", "zh").stdout


def test_a_title_cannot_steer_the_terminal(folder: Path) -> None:
    (folder / "wild.toml").write_text('title = "\\u001b[2J\\u202ehello"\n' + GOOD)
    out = run("list", variables={catalog.OWN_FOLDERS: str(folder)}).stdout
    assert not {"\x1b", "\u202e"} & set(out)
    assert "hello" in out


def test_the_schema_is_json() -> None:
    assert json.loads(run("schema").stdout)["$defs"]["NetworkTable"]["required"] == ["hidden_size"]
    assert "隐藏单元" in run("schema", "--language", "zh").stdout


def test_a_terminal_without_unicode() -> None:
    # Of what stands in titles this encoding has only what ASCII has, and click takes "ascii" itself for a mistake.
    result = run("list", variables={"PYTHONUTF8": "0", "PYTHONIOENCODING": "iso8859-6"})
    assert result.returncode == 0
    assert "\\u6211" in result.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("bptt-viz sca", ["plain,scalar-t3", "file,sca"]),
        ("bptt-viz ch", ["plain,check", "file,ch"]),
        ("bptt-viz check leng", ["plain,length-three", "file,leng"]),
        ("bptt-viz trace --format n", ["plain,npz"]),
        ("bptt-viz --language z", ["plain,zh"]),
    ],
)
def test_completion(words: str, expected: list[str]) -> None:
    result = run(
        variables={"_BPTT_VIZ_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    )
    assert result.stdout.split() == expected


HEAVY = {"numpy", "textual", "sympy", "jsonschema", "msgspec", "autograd"}


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        ("--help", set()),
        ("--version", set()),
        ("list", set()),
        ("schema", {"msgspec"}),
        ("check scalar-t3", {"msgspec", "numpy"}),
        ("trace scalar-t3", {"msgspec", "numpy"}),
        ("scalar-t3", {"msgspec", "numpy"}),
    ],
)
def test_a_command_imports_what_it_needs(arguments: str, allowed: set[str]) -> None:
    script = (
        "import atexit, sys\n"
        "atexit.register(lambda: print('loaded:', *sys.modules, file=sys.stderr))\n"
        f"sys.argv = ['bptt-viz', *{arguments.split()!r}]\n"
        "from bptt_viz.cli import main\n"
        "main()\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], env=environment(), capture_output=True, encoding="utf-8", check=False
    )
    loaded = set(result.stderr.partition("loaded: ")[2].split())
    assert "click" in loaded
    assert loaded & HEAVY == allowed


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_fits_eighty_columns(language: Language) -> None:
    for key, row in COMMAND_LINE.items():
        if key.startswith("help."):
            for line in row[LANGUAGES.index(language)].splitlines():
                wide = sum(2 if ord(character) > 0x2E80 else 1 for character in line)
                assert wide <= 84, (key, line)


def test_the_language_is_found_before_the_command_line_is_read() -> None:
    assert command_forms.language_asked_for(["list", "--language", "zh"]) == "zh"
    assert command_forms.language_asked_for(["--language"]) is None
    assert command_forms.language_asked_for(["--language", "de"]) is None
    assert command_forms.language_asked_for([]) is None
