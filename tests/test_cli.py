"""The commands as a shell sees them: what goes where, and the exit status."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bptt_viz import catalog, cli, command_forms
from bptt_viz.messages import LANGUAGES, Language
from bptt_viz.messages.command_line import COMMAND_LINE

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[1]
GOOD = '[sequence]\ntokens = ["a", "b", "c"]\n[network]\nhidden_size = 2\n'
BAD = GOOD + "size = 3\n[network.parameters]\nW = [[1]]\n"


def environment(variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a person with no locale, plus ``variables``."""
    unset = {"LC_ALL", "LC_MESSAGES", "LANG", catalog.OWN_FOLDERS}
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    return kept | {"PYTHONPATH": str(ROOT), "TERM": "xterm", "PYTHONUTF8": "1"} | dict(variables or {})


def run(
    *arguments: str, folder: Path = ROOT, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the program as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "bptt_viz", *arguments],
        cwd=folder,
        env=environment(variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good and a bad scenario."""
    (tmp_path / "good.toml").write_text(GOOD)
    (tmp_path / "bad.toml").write_text(BAD)
    return tmp_path


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


def test_a_number_of_updates_is_asked_for_in_our_words(folder: Path) -> None:
    result = run("trace", "good.toml", "--updates", "1.5", folder=folder)
    assert result.returncode == 2
    assert 'expected a whole number in [0, ∞), found "1.5"' in result.stderr


def test_a_mistyped_command_gets_a_hint(folder: Path) -> None:
    result = run("chek", "good.toml", folder=folder)
    assert result.returncode == 2
    assert "Did you mean the command `check`?" in result.stderr
    assert "Did you mean" not in run("something-else", folder=folder).stderr
    (folder / "chek").write_text(GOOD)
    assert "no_terminal" not in run("chek", folder=folder).stderr
    assert "bptt-viz trace chek" in run("chek", folder=folder).stderr


@pytest.mark.parametrize(
    ("name", "said"), [("scalar-t3", "bptt-viz trace scalar-t3"), ("", "bptt-viz trace wo-zuotian")]
)
def test_without_a_terminal_the_app_names_trace(name: str, said: str) -> None:
    result = run(*name.split())
    assert result.returncode == 2
    assert said in result.stderr
    assert not result.stdout


class Terminal(io.StringIO):
    """What stands for a stream to a terminal."""

    def isatty(self) -> bool:
        return True


def opened(monkeypatch: pytest.MonkeyPatch, *arguments: str, status: int = 0) -> list[tuple[Any, ...]]:
    """What the app was opened with, on a terminal, and check that its status is the program's."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setattr(sys, "stderr", Terminal())

    def run_app(*arguments: object) -> int:
        calls.append(arguments)
        return status

    monkeypatch.setitem(sys.modules, "bptt_viz.ui.app", SimpleNamespace(run=run_app))
    with pytest.raises(SystemExit) as stopped:
        cli.program(list(arguments)).main(list(arguments), prog_name="bptt-viz")
    assert stopped.value.code == (status if calls else 2)
    return calls


@pytest.mark.parametrize(
    ("arguments", "locale", "language"),
    [
        (["scalar-t3"], "en_US.UTF-8", "en"),
        (["scalar-t3"], "zh_CN.UTF-8", "zh"),
        (["--language", "zh", "scalar-t3"], "en_US.UTF-8", "zh"),
        (["scalar-t3", "--language", "en"], "zh_CN.UTF-8", "en"),
    ],
)
def test_the_app_opens(monkeypatch: pytest.MonkeyPatch, arguments: list[str], locale: str, language: str) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("LC_ALL", locale)
    ((path, scenario, chosen),) = opened(monkeypatch, *arguments)
    assert path == catalog.find("scalar-t3")
    assert scenario.network.hidden_size == 1
    assert chosen == language


def test_a_scenario_may_have_its_own_language(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    file = tmp_path / "lesson.toml"
    file.write_text(GOOD + '[lecture]\nlanguage = "zh"\n')
    assert opened(monkeypatch, str(file))[0][2] is None
    assert opened(monkeypatch, str(file), "--language", "en")[0][2] == "en"


def test_the_status_of_the_app_is_that_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert len(opened(monkeypatch, "scalar-t3", status=1)) == 1


def test_a_dumb_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert opened(monkeypatch, "scalar-t3") == []
    assert isinstance(sys.stderr, Terminal)
    assert "bptt-viz trace scalar-t3" in sys.stderr.getvalue()


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


def test_tracing_to_standard_output(folder: Path) -> None:
    result = run("trace", "good.toml", "--updates", "2", folder=folder)
    document = json.loads(result.stdout)
    assert document["T"] == 2
    assert len(document["loss_history"]) == 3
    assert not result.stderr


def test_tracing_to_files(folder: Path) -> None:
    assert run("trace", "good.toml", "-o", "out.json", folder=folder).stdout == ""
    assert run("trace", "good.toml", "--format", "npz", "-o", "out.npz", folder=folder).stdout == ""
    document = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    with np.load(folder / "out.npz") as archive:
        assert archive["loss"] == document["loss"]


def test_an_archive_through_a_pipe(folder: Path) -> None:
    command = [sys.executable, "-m", "bptt_viz", "trace", "good.toml", "--format", "npz"]
    result = subprocess.run(command, cwd=folder, env=environment(), stdout=subprocess.PIPE, check=True)
    (folder / "out.npz").write_bytes(result.stdout)
    with np.load(folder / "out.npz") as archive:
        assert archive["layers/0/h"].shape == (2, 2)


def test_overflow_is_said_and_the_trace_still_written(folder: Path) -> None:
    text = (
        '[sequence]\ninputs = [[1], [1]]\ntargets = [[1], [1]]\n[network]\nhidden_size = 1\nactivation = "identity"\n'
    )
    (folder / "wild.toml").write_text(text + "[network.parameters]\nU = [[1e300]]\nW = [[1e300]]\nV = [[1]]\n")
    result = run("trace", "wild.toml", folder=folder)
    assert result.returncode == 0
    assert json.loads(result.stdout)["overflow"] == {"step": 1, "quantity": "L"}
    assert "from t = 1 on, L is not finite" in result.stderr


def test_a_trace_too_large_to_write(folder: Path) -> None:
    tokens = ", ".join(['"a"'] * 20_000)
    (folder / "long.toml").write_text(f"[sequence]\ntokens = [{tokens}]\n[network]\nhidden_size = 1\n")
    result = run("trace", "long.toml", folder=folder)
    assert result.returncode == 1
    assert "numbers in memory; the limit is 268,435,456" in result.stderr
    assert not result.stdout


@pytest.mark.parametrize(
    "arguments", ["trace big.toml", "trace good.toml", "list", "schema", "check big.toml", "--help"]
)
def test_a_reader_that_goes_away(folder: Path, arguments: str) -> None:
    tokens = ", ".join(['"a"', '"b"'] * 100)
    (folder / "big.toml").write_text(f"[sequence]\ntokens = [{tokens}]\n[network]\nhidden_size = 9\n")
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen(
        [sys.executable, "-m", "bptt_viz", *arguments.split()],
        cwd=folder,
        env=environment(),
        stdout=writing,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    _, errors = process.communicate(timeout=60)
    assert errors == b""
    assert process.returncode == 1


def test_a_full_disk(folder: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    result = run("trace", "good.toml", "-o", "/dev/full", folder=folder)
    assert result.returncode == 1
    assert result.stderr.startswith("bptt-viz: /dev/full: cannot be written: ")


def test_a_new_scenario(folder: Path) -> None:
    result = run("new", "lesson.toml", folder=folder)
    assert "Written to lesson.toml" in result.stderr
    assert not result.stdout
    assert run("check", "lesson.toml", folder=folder).returncode == 0
    before = (folder / "lesson.toml").read_bytes()
    again = run("new", "lesson.toml", folder=folder)
    assert "expected a new file, found one that exists" in again.stderr
    assert (folder / "lesson.toml").read_bytes() == before


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
