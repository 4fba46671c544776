"""The command ``derive``: what may be asked for, what a check lets through, and how the process behaves."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from deriving import BUNDLED, SENTENCE, derive, scenarios_in

import bptt_viz
from bptt_viz import cli, derive_command, equations
from bptt_viz.derivation import request
from bptt_viz.notation import NOTATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bptt_viz.activations import Array

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the command runs in."""
    monkeypatch.chdir(tmp_path)
    return scenarios_in(tmp_path)


# What is asked for wrongly.


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--parameter", "w"], "--parameter: expected one of U, W, b, V, c (the nearest is W), found"),
        (["--parameter", "Q"], "--parameter: expected one of U, W, b, V, c (the nearest is"),
        (["--notation", "goodfelow"], "(the nearest is goodfellow)"),
        (["--window", "5"], "--window: expected 2 to 4 (the nearest is 4), found 5"),
        (["--window", "1"], "--window: expected 2 to 4 (the nearest is 2), found 1"),
        (["--window", "3", "--first", "4"], "--window: expected 2 to 2 (the nearest is 2), found 3"),
        (["--first", "0"], "--first: expected 1 to 5 (the nearest is 1), found 0"),
        (["--first", "6"], "--first: expected 1 to 5 (the nearest is 5), found 6"),
        (["--first", "x"], "--first"),
        (["--format", "html"], "--format"),
        (["--fragment"], "--fragment: expected with --format latex only"),
        (["--check", "-o", "x.txt"], "--output: expected without --check"),
        (["--check", "--format", "text"], "--format: expected without --check"),
        (["--check", "--format", "latex", "--fragment"], "--format: expected without --check"),
        (["--check", "--fragment"], "--fragment: expected without --check"),
        (["--parameter", "W_hx", "--notation", "hanbingtao"], "one of U, W, b, V, c, b_y (the nearest is W)"),
        (
            ["--parameter", "W_h", "--notation", "d2l"],
            "one of U, W, b, V, c, W_hx, W_hh, b_h, W_qh, b_q (the nearest is W_h",
        ),
    ],
)
def test_wrong_wishes_are_told_and_nothing_is_printed(folder: Path, arguments: list[str], said: str) -> None:
    done = derive("sentence.toml", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert not (folder / "x.txt").exists()


@pytest.mark.usefixtures("folder")
def test_wrong_wishes_are_told_in_chinese() -> None:
    for wish in (["--parameter", "w"], ["--window", "9"], ["--notation", "x"], ["--fragment"]):
        done = derive("sentence.toml", *wish, "--language", "zh")
        assert done.exit_code == 2
        assert re.search("要求|只能", done.stderr)


@pytest.mark.parametrize("file", ["none.toml", "bad.toml"])
def test_a_wrong_scenario(folder: Path, file: str) -> None:
    (folder / "bad.toml").write_text(SENTENCE + "size = 2\n")
    for more in ([], ["--check"]):
        done = derive(file, *more)
        assert (done.exit_code, done.stdout) == (2, "")
        assert f"{file}: " in done.stderr


def test_writing_to_a_file(folder: Path) -> None:
    assert derive("sentence.toml", "-o", "lesson.txt").stdout == ""
    assert (folder / "lesson.txt").read_text(encoding="utf-8") == derive("sentence.toml").stdout
    done = derive("sentence.toml", "-o", "none/lesson.txt")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "cannot be written" in done.stderr


def test_a_terminal_gets_its_own_encoding_and_everything_else_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = SimpleNamespace(encoding="gbk", isatty=lambda: True)
    assert derive_command.encoding_of("-") == "utf-8"
    monkeypatch.setattr(sys, "stdout", terminal)
    assert derive_command.encoding_of("-") == "gbk"
    assert derive_command.encoding_of("lesson.tex") == "utf-8"


# Checking.


@pytest.mark.parametrize("name", BUNDLED)
def test_sympy_and_the_backward_pass_agree_on_every_parameter_and_window(name: str) -> None:
    done = derive(name, "--check")
    assert (done.exit_code, done.stderr) == (0, "")
    trace = bptt_viz.trace(bptt_viz.load(name))
    assert f"({', '.join(trace.parameters)}; steps " in done.stdout
    assert all(f"{first}–{first + 2}" in done.stdout for first in range(1, trace.T - 1))
    assert done.stdout.count("\n") == 1


def test_a_check_may_be_of_one_parameter_and_window() -> None:
    assert (
        "ok: 3 terms (W; steps 2–3 of 5)"
        in derive("wo-zuotian", "--check", "--parameter", "W", "--first", "2", "--window", "2").stdout
    )
    assert "(V; steps 1–3, 2–4, 3–5 of 5)" in derive("wo-zuotian", "--check", "--parameter", "V").stdout


def test_of_a_long_sequence_windows_spread_over_all_of_it_are_checked(folder: Path) -> None:
    tokens = ", ".join(['"a"', '"b"'] * 60)
    (folder / "long.toml").write_text(f"[sequence]\ntokens = [{tokens}]\n[network]\nhidden_size = 1\n")
    printed = derive("long.toml", "--check", "--parameter", "W").stdout
    firsts = [int(first) for first in re.findall(r"(\d+)–\d+", printed)]
    assert len(firsts) == request.MOST_WINDOWS
    assert (firsts[0], firsts[-1]) == (1, 117)
    assert "of 119)" in printed
    assert "(W; 32 of 117 windows: steps 1–3, " in printed
    assert "117 个窗口中的 32 个：" in derive("long.toml", "--check", "--parameter", "W", "--language", "zh").stdout
    assert "windows" not in derive("wo-zuotian", "--check").stdout
    for language in ("en", "zh"):
        assert f" {request.MOST_WINDOWS} " in derive("--help", "--language", language).stdout


def test_one_term_is_one_term(folder: Path) -> None:
    (folder / "one.toml").write_text('[sequence]\ntokens = ["a", "b"]\n[network]\nhidden_size = 2\n')
    assert "ok: 1 term (W;" in derive("one.toml", "--check", "--parameter", "W").stdout


@pytest.mark.usefixtures("folder")
def test_a_parameter_may_be_called_as_the_notation_calls_it() -> None:
    own = derive("sentence.toml", "--parameter", "U", "--notation", "d2l")
    assert own.exit_code == 0
    assert derive("sentence.toml", "--parameter", "W_hx", "--notation", "d2l").stdout == own.stdout
    assert "(W; " in derive("sentence.toml", "--parameter", "W_hh", "--notation", "d2l", "--check").stdout
    # A name of the program's is what it always was.
    assert derive("sentence.toml", "--parameter", "b", "--notation", "d2l").exit_code == 0


@pytest.mark.parametrize("columns", range(64, 101))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_names_of_notations_are_not_broken_in_the_help(columns: int, language: str) -> None:
    every = ["derive", "--help", "--language", language]
    printed = CliRunner().invoke(cli.program(every), every, terminal_width=columns).stdout
    for name in NOTATIONS:
        assert name in printed


def test_a_file_that_exists_is_written_anew(folder: Path) -> None:
    (folder / "lesson.txt").write_text("old " * 9999)
    assert derive("sentence.toml", "-o", "lesson.txt").exit_code == 0
    assert (folder / "lesson.txt").read_text(encoding="utf-8") == derive("sentence.toml").stdout
    assert "in place of a file that exists" in flat(derive("--help").stdout)


def flat(printed: str) -> str:
    """What is printed without its line ends."""
    return " ".join(printed.split())


PULLBACKS: dict[str, tuple[type[equations.Activation | equations.Affine], Callable[[Array], Array]]] = {
    "activation": (equations.Activation, lambda share: share * 1.0005),
    "affine": (equations.Affine, lambda share: share * (1 + 2e-9)),
    "sign": (equations.Affine, lambda share: -share),
}


@pytest.mark.parametrize("planted", PULLBACKS)
def test_a_wrong_pullback_does_not_get_through(monkeypatch: pytest.MonkeyPatch, planted: str) -> None:
    primitive, changed = PULLBACKS[planted]
    right: Callable[..., Iterator[tuple[equations.Expression, Array]]] = primitive.pullback

    def wrong(*arguments: object) -> Iterator[tuple[equations.Expression, Array]]:
        yield from ((operand, changed(share)) for operand, share in right(*arguments))

    monkeypatch.setattr(primitive, "pullback", wrong)
    done = derive("length-three", "--check")
    assert (done.exit_code, done.stdout) == (1, "")
    found = re.search(
        r"term \((\d), (\d)\) of (\w+), entry \[([\d,]+)\]: SymPy (\S+), backward pass (\S+), "
        r"difference (\S+), relative (\S+)",
        done.stderr,
    )
    assert found is not None
    sympy, engine_value, absolute, relative = map(float, found.groups()[4:])
    assert abs(sympy - engine_value) == pytest.approx(absolute, rel=1e-2)
    assert relative > 1e-9
    assert "differ by more than 1e-9" in done.stderr
    assert "W" in {name for _, _, name in re.findall(r"term \((\d), (\d)\) of (\w+)", done.stderr)}


def test_numbers_that_overflow_are_said_to_and_agree_with_none(folder: Path) -> None:
    (folder / "wild.toml").write_text(
        '[sequence]\ninputs = [[1], [1]]\ntargets = [[1], [1]]\n[network]\nhidden_size = 1\nactivation = "identity"\n'
        "[network.parameters]\nU = [[1e300]]\nW = [[1e300]]\nV = [[1]]\n"
    )
    done = derive("wild.toml")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "From t = 1 on, L is not finite" in done.stdout
    assert "NaN" in done.stdout
    checked = derive("wild.toml", "--check")
    assert (checked.exit_code, checked.stdout) == (1, "")
    assert "from t = 1 on, L is not finite" in checked.stderr


# The process.


def loaded(*arguments: str) -> set[str]:
    """The modules that a run of the program leaves in memory."""
    script = (
        "import atexit, sys\n"
        "atexit.register(lambda: print('loaded:', *sys.modules, file=sys.stderr))\n"
        f"sys.argv = ['bptt-viz', *{arguments!r}]\n"
        "from bptt_viz.cli import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    return set(done.stderr.partition("loaded: ")[2].split())


def test_sympy_waits_until_something_is_derived() -> None:
    assert not {"numpy", "sympy", "msgspec", "textual"} & loaded("derive", "--help")
    assert "sympy" not in loaded("derive", "scalar-t3", "--parameter", "Q")
    assert {"sympy"} == {"sympy", "textual"} & loaded("derive", "scalar-t3")


@pytest.mark.parametrize("more", [[], ["--format", "latex"], ["--check"]])
def test_a_reader_that_goes_away(more: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "bptt_viz", "derive", "wo-zuotian", *more]
    process = subprocess.Popen(command, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    _, errors = process.communicate(timeout=120)
    assert errors == b""
    assert process.returncode == 1


def test_help_and_completion() -> None:
    printed = derive("--help").stdout
    for option in ("--format", "--fragment", "--parameter", "--window", "--first", "--notation", "--check", "--output"):
        assert option in printed
    assert "Example:\n    bptt-viz derive" in printed
    words = "bptt-viz derive scalar-t3 --notation d"
    done = subprocess.run(
        [sys.executable, "-m", "bptt_viz"],
        cwd=ROOT,
        env={**os.environ, "_BPTT_VIZ_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "4"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stdout.split() == ["plain,d2l"]
