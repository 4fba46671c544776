"""What ``derive --check`` tells while it is at work: on a terminal, and there only."""

from __future__ import annotations

import os
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from terminal import Terminal

import bptt_viz
from bptt_viz import catalog
from bptt_viz.messages import LANGUAGES, Language, say

ROOT = Path(__file__).parents[1]
CHECK = (sys.executable, "-m", "bptt_viz", "derive", "scalar-t3", "--check")


def run(folder: Path, term: str, *command: str) -> Terminal:
    """The program once it has ended by itself, its folder being the project's."""
    environment = {**os.environ, "TERM": term, "PYTHONPATH": str(ROOT), catalog.OWN_FOLDERS: ""}
    with Terminal(command, environment, folder, (100, 10)) as terminal:
        assert terminal.ended() == 0
    return terminal


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_window_is_told_of_on_a_line_that_is_gone_in_the_end(tmp_path: Path, language: Language) -> None:
    terminal = run(tmp_path, "xterm-256color", *CHECK, "--language", language)
    names = list(bptt_viz.load("scalar-t3").network.parameters)
    told = [
        say("said.deriving", language, parameter=name, number=number, count=len(names))
        for number, name in enumerate(names, 1)
    ]
    assert len(told) > 1
    places = [terminal.written.index(f"\r{line}") for line in told]
    assert all(before < after for before, after in pairwise(places))
    assert "\n" not in terminal.written[: places[-1]]
    seen = terminal.lines()
    assert seen[0].startswith("scalar-t3: ok")
    assert not any(seen[1:])


def test_what_ends_it_is_told_on_a_line_of_its_own(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from bptt_viz import derive_command\n"
        "def none(window, trace): raise MemoryError\n"
        "derive_command.compared = none\n"
        "from bptt_viz.cli import main\n"
        "sys.argv = ['bptt-viz', 'derive', 'scalar-t3', '--check', '--language', 'en']\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 1\n"
    )
    seen = run(tmp_path, "xterm-256color", sys.executable, "-c", script).lines()
    assert seen[0].startswith("bptt-viz: the memory does not suffice")
    assert not any(seen[1:])


def test_a_terminal_that_cannot_rewrite_a_line_is_told_the_result_alone(tmp_path: Path) -> None:
    written = run(tmp_path, "dumb", *CHECK, "--language", "en").written
    assert written.startswith("scalar-t3: ok")
    assert written.count("\r") == written.count("\n") == 1


def test_a_file_is_told_nothing(tmp_path: Path) -> None:
    """Standard error is one, standard output the terminal."""
    terminal = run(tmp_path, "xterm-256color", "sh", "-c", f"{' '.join(CHECK)} --language en 2> told")
    assert terminal.written.startswith("scalar-t3: ok")
    assert (tmp_path / "told").read_bytes() == b""
