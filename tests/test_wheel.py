"""From the checkout to the lecture: build the wheel, install it, and use the program in a real terminal."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from terminal import Terminal

from bptt_viz import catalog
from bptt_viz.messages import say
from bptt_viz.notation import NOTATIONS

ROOT = Path(__file__).parents[1]
SIZE = (120, 36)
#: The package index may be slow.
BUILD_SECONDS = 240


class Installed(NamedTuple):
    """A wheel unpacked in a folder of its own, and another one, empty, to work in."""

    target: Path
    folder: Path

    @property
    def program(self) -> str:
        return str(self.target / "bin" / "bptt-viz")

    def environment(self, **variables: str) -> dict[str, str]:
        """A terminal's environment that knows the installed package and nothing of the checkout."""
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "SSL_CERT_FILE")}
        own = {"PYTHONPATH": str(self.target), "TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONUTF8": "1"}
        return kept | own | {"XDG_CONFIG_HOME": str(self.folder / "settings"), "COLORTERM": "truecolor"} | variables

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.program, *arguments], cwd=self.folder, env=self.environment(**variables), timeout=60, check=False,
            stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8",
        )  # fmt: skip

    def terminal(self, *arguments: str, size: tuple[int, int] = SIZE, **variables: str) -> Terminal:
        return Terminal([self.program, *arguments], self.environment(**variables), self.folder, size)


def pip(*arguments: str) -> None:
    """Run pip; what it says is the reason if it fails."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=BUILD_SECONDS)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    (wheel,) = folder.glob("*.whl")
    target, empty = folder / "target", folder / "empty"
    empty.mkdir()
    pip("install", "--no-deps", "--target", str(target), str(wheel))
    return Installed(target, empty)


def test_the_installed_package_is_used_and_brings_its_scenarios(installed: Installed) -> None:
    code = "import bptt_viz, bptt_viz.catalog as c; print(bptt_viz.__file__); print(*c.bundled().values(), sep='\\n')"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=installed.folder, env=installed.environment(), timeout=60, check=True,
        capture_output=True, encoding="utf-8",
    )  # fmt: skip
    files = [Path(line) for line in result.stdout.splitlines()]
    assert all(file.is_relative_to(installed.target) for file in files)
    assert {file.stem for file in files[1:]} == set(catalog.bundled())
    told = installed.run("list")
    assert told.returncode == 0
    assert [line.split()[0] for line in told.stdout.splitlines()] == list(catalog.bundled())


def test_the_installed_commands(installed: Installed) -> None:
    checked = installed.run("check", *catalog.bundled())
    assert checked.returncode == 0, checked.stderr
    traced = installed.run("trace", "scalar-t3", "--format", "json")
    assert json.loads(traced.stdout)["T"] == 3
    assert not traced.stderr
    assert installed.run("--version").stdout.startswith("bptt-viz 0.")
    assert list(installed.folder.iterdir()) == []


def test_the_installed_notations(installed: Installed, tmp_path: Path) -> None:
    schema = json.loads(installed.run("schema").stdout)
    assert schema["$defs"]["LectureTable"]["properties"]["notation"]["enum"] == list(NOTATIONS)
    with installed.terminal("scalar-t3") as terminal:
        terminal.shows("0/29")
        for name in (*list(NOTATIONS)[1:], "goodfellow"):
            terminal.press("n")
            terminal.shows(f"{name}: δ_t is {NOTATIONS[name].delta_defined}")
        terminal.press("q")
        assert terminal.ended() == 0
    lesson, wrong = tmp_path / "lesson.toml", tmp_path / "mine.toml"
    lesson.write_text('[sequence]\ntokens = ["a", "b"]\n[network]\nhidden_size = 1\n[lecture]\nnotation = "mine"\n')
    wrong.write_text('delta_is = "b"\n')
    with installed.terminal(str(lesson), size=(200, 24), BPTT_VIZ_NOTATIONS=str(tmp_path)) as terminal:
        assert terminal.ended() == 2
        told = [line for line in terminal.written.splitlines() if str(wrong) in line]
        assert [line.split(": ")[1] for line in told] == ["title", "note", "delta_is"]
        assert all("expected" in line and ("found" in line or "missing" in line) for line in told)
        assert "Traceback" not in terminal.written
        assert terminal.left_behind() == []


def test_an_editable_install_finds_the_scenarios_of_the_checkout(installed: Installed, tmp_path: Path) -> None:
    pip("install", "--no-deps", "--target", str(tmp_path), "--editable", str(ROOT))
    # A target folder is not a site folder: its .pth files are read where one says so.
    code = f"import site; site.addsitedir({str(tmp_path)!r}); from bptt_viz.cli import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", code, "list"], cwd=installed.folder, timeout=60, check=False, capture_output=True,
        env=installed.environment(PYTHONPATH=""), encoding="utf-8",
    )  # fmt: skip
    assert [line.split()[0] for line in result.stdout.splitlines()] == list(catalog.bundled()), result.stderr


def test_a_lecture_from_start_to_quit(installed: Installed) -> None:
    with installed.terminal() as terminal:
        terminal.shows("0/47")
        assert terminal.modes[1049]
        assert not terminal.modes[25]
        terminal.press("right", "right", "pagedown")
        terminal.shows("3/47")
        assert "+0.86" in terminal.text()
        terminal.press("g", "f", "3", "enter")
        terminal.shows("15/47")
        terminal.resize(80, 24)
        terminal.until(lambda: "15/47" in terminal.lines()[22] and "quit" in terminal.lines()[23])
        terminal.press("left")
        terminal.until(lambda: "14/47" in terminal.lines()[22])
        terminal.press("escape")
        terminal.resize(60, 17)
        terminal.shows("too small: 60×17")
        terminal.press("f5")
        terminal.resize(140, 40)
        terminal.until(lambda: "14/47" in terminal.lines()[38])
        terminal.press("q")
        assert terminal.ended() == 0
        assert terminal.left_behind() == []
        assert "Traceback" not in terminal.written


def test_suspended_and_resumed_everything_is_painted_again(installed: Installed) -> None:
    with installed.terminal("scalar-t3") as terminal:
        terminal.shows("0/29")
        terminal.press("right", "right")
        terminal.shows("2/29")
        before = terminal.lines()
        terminal.press("ctrl+z")
        terminal.stopped()
        while terminal.read(0.1):
            pass
        assert terminal.left_behind() == []
        terminal.screen.reset()
        os.killpg(terminal.process.pid, signal.SIGCONT)
        terminal.until(lambda: terminal.lines() == before)
        assert terminal.modes[1049]
        terminal.press("right")
        terminal.shows("3/29")
        terminal.press("q")
        assert terminal.ended() == 0
        assert terminal.left_behind() == []


@pytest.mark.parametrize(
    ("by", "status"),
    [("ctrl+c", 130), (signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), ("hanging up", 129)],
    ids=str,
)
def test_interrupted_the_terminal_is_as_it_was(installed: Installed, by: str | signal.Signals, status: int) -> None:
    with installed.terminal("scalar-t3") as terminal:
        terminal.shows("0/29")
        terminal.press("right")
        terminal.shows("1/29")
        if by == "hanging up":
            terminal.hang_up()
            # 120 is Python's: what was left to say could not be said any more.
            assert terminal.process.wait(20) in (status, 120)
            return
        if by == "ctrl+c":
            terminal.press("ctrl+c")
        else:
            assert isinstance(by, signal.Signals)
            os.kill(terminal.process.pid, by)
        assert terminal.ended() == status
        assert terminal.left_behind() == []
        assert "Traceback" not in terminal.written
        # What is said is said on the terminal's own screen.
        assert terminal.written.rstrip().endswith(say("said.interrupted", "en"))


@pytest.mark.parametrize("variables", [{"TERM": "dumb"}, {"TERM": "dumb", "NO_COLOR": "1"}], ids=str)
def test_a_dumb_terminal_is_told_what_else_there_is(installed: Installed, variables: dict[str, str]) -> None:
    with installed.terminal("scalar-t3", size=SIZE, **variables) as terminal:
        assert terminal.ended() == 2
        assert "bptt-viz trace scalar-t3" in terminal.written
        assert "\x1b" not in terminal.written
        assert terminal.left_behind() == []


def test_without_a_terminal_nothing_is_drawn(installed: Installed) -> None:
    result = installed.run()
    assert result.returncode == 2
    assert "bptt-viz trace" in result.stderr
    assert "\x1b" not in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def colours_in(written: str) -> set[tuple[int, ...]]:
    """The colours that are asked for: an index, or red, green and blue."""
    asked: set[tuple[int, ...]] = set()
    for sequence in re.findall(r"\x1b\[([\d;:]*)m", written):
        codes = [int(code or 0) for code in re.split("[;:]", sequence)]
        while codes:
            code = codes.pop(0)
            if code in (38, 48):
                count = 3 if codes.pop(0) == 2 else 1
                asked.add(tuple(codes[:count]))
                del codes[:count]
            elif 30 <= code <= 37 or 40 <= code <= 47 or 90 <= code <= 107:
                asked.add((code,))
    return asked


@pytest.mark.parametrize("no_color", [True, False])
def test_without_colours_only_greys_are_asked_for(installed: Installed, *, no_color: bool) -> None:
    with installed.terminal("wo-zuotian", size=SIZE, **({"NO_COLOR": "1"} if no_color else {})) as terminal:
        terminal.shows("0/47")
        for keys, there in ((("end",), "47/47"), (("g", "b", "2", "enter"), "42/47"), (("t", "left"), "41/47")):
            terminal.press(*keys)
            terminal.shows(there)
        terminal.press("?")
        terminal.shows(say("help.more_keys", "en"))
        terminal.press("x")
        terminal.shows(say("help.close", "en"))
        asked = colours_in(terminal.written)
        assert asked
        grey = all(len(colour) == 3 and len(set(colour)) == 1 for colour in asked)
        assert grey is no_color, sorted(asked)
        terminal.press("x", "q")
        assert terminal.ended() == 0, terminal.written[-3000:]


def test_keys_of_ones_own_work_and_wrong_ones_are_told(installed: Installed, tmp_path: Path) -> None:
    keys = tmp_path / "keys.toml"
    keys.write_text('next = "5"\n')
    with installed.terminal("scalar-t3", BPTT_VIZ_KEYS=str(keys)) as terminal:
        terminal.shows(" 5 next")
        terminal.press("right", "5")
        terminal.shows("1/29")
        terminal.press("5")
        terminal.shows("2/29")
        terminal.press("q")
        assert terminal.ended() == 0
    keys.write_text('next = 1\nnxet = "n"\nback = "q"\n')
    with installed.terminal("scalar-t3", size=(200, 24), BPTT_VIZ_KEYS=str(keys)) as terminal:
        assert terminal.ended() == 2
        told = terminal.written.splitlines()
        assert [line.split(": ")[1] for line in told] == ["next", "nxet", "quit"]
        assert all("expected" in line and "found" in line and str(keys) in line for line in told)
        assert terminal.left_behind() == []
