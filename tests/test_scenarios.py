"""Every bundled scenario: it is sound, told in both languages, fits on the screen, and is walked from end to end."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pytest
from deriving import derive
from screens import BOARD, LAPTOP, app_on, playing
from terminal import Terminal

import bptt_viz
from bptt_viz import catalog
from bptt_viz.messages import LANGUAGES, Language, say
from bptt_viz.network import DECODER_SUFFIX
from bptt_viz.notation import NOTATIONS
from bptt_viz.scenario import Translated
from bptt_viz.views.lesson import Lesson
from bptt_viz.views.scene import Scene

if TYPE_CHECKING:
    from pathlib import Path

NAMES: Final = sorted(catalog.bundled())
#: Terminals that walk through the scenarios, each through some.
WALKERS: Final = 3


def opening(name: str, language: Language) -> Scene:
    """A scenario as it opens."""
    trace = bptt_viz.trace(bptt_viz.load(name))
    lesson = Lesson(trace, name)
    letters = NOTATIONS[trace.scenario.lecture.notation]
    return Scene(lesson, 0, language, letters, lesson.parameter_names[0])


@pytest.mark.parametrize("name", NAMES)
def test_a_title_and_a_description_in_both_languages(name: str) -> None:
    scenario = bptt_viz.load(name)
    for text in (scenario.title, scenario.description):
        assert isinstance(text, Translated)
        assert text.en != text.zh
        assert re.search(r"[\u4e00-\u9fff]", text.zh)
        assert not re.search(r"[\u4e00-\u9fff][,;:?!]", text.zh), "punctuation of the other script"
        assert not re.search(r"-\d", text.en + text.zh), "a hyphen for a minus"
        assert text.en == text.en.strip()


@pytest.mark.parametrize("size", [LAPTOP, BOARD])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_whole_description_is_seen_at_the_start(language: Language, size: tuple[int, int]) -> None:
    """In the app itself: a network of several lanes leaves the panel fewer lines."""

    async def cut() -> list[str]:
        found = []
        async with playing(app_on(catalog.DEFAULT, language=language), size) as player:
            for name in NAMES:
                scene = opening(name, language)
                player.app.screen.show(scene)  # type: ignore[attr-defined]  # the lesson's screen
                await player.pilot.pause()
                shown = re.sub(r"\s", "", "".join(player.panel("operation")))
                scenario = scene.trace.scenario
                wanted = (re.sub(r"\s", "", scene.text(text)) for text in (scenario.title, scenario.description))
                if not all(text in shown for text in wanted):
                    found.append(f"{name}: {shown}")
        return found

    assert asyncio.run(cut()) == []


@pytest.mark.parametrize("name", NAMES)
def test_all_numbers_are_finite_but_where_the_lesson_is_that_they_are_not(name: str) -> None:
    trace = bptt_viz.trace(bptt_viz.load(name))
    assert (trace.overflow is None) == (name != "first-nan")
    assert trace.T == 1 or any(np.any(trace.gradients[key]) for key in trace.parameters if key.startswith("W"))


def derivable(name: str) -> bool:
    """Whether SymPy is asked for its terms: gates are derived for two units, and for one set of parameters."""
    trace = bptt_viz.trace(bptt_viz.load(name))
    small = trace.scenario.network.cell == "rnn" or trace.scenario.network.hidden_size <= 2
    return small and name != "first-nan"


@pytest.mark.parametrize("name", [name for name in NAMES if derivable(name)])
def test_each_is_derived(name: str) -> None:
    result = derive(name)
    assert result.exit_code == 0, result.output
    assert "∂" in result.stdout


def shows_all(terminal: Terminal, words: list[str]) -> None:
    """Wait until no dialog is open and all words are seen."""
    dialog = "─ Open a scenario"
    terminal.until(lambda: [one for one in (dialog, *words) if one in terminal.text()] == words)


def at_phase(terminal: Terminal, phase: Literal["start", "update"]) -> None:
    """Wait until the first line tells the phase."""
    told = say(f"phase.{phase}", "en")
    terminal.until(lambda: re.search(rf"  {told}\b", terminal.lines()[0]))


@pytest.mark.parametrize("first", range(WALKERS))
def test_each_is_walked_from_end_to_end_in_a_terminal(first: int, tmp_path: Path) -> None:
    names = NAMES[first::WALKERS]
    environment = {name: value for name, value in os.environ.items() if name != catalog.OWN_FOLDERS}
    environment |= {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "bptt_viz", "--language", "en"]
    with Terminal(command, environment, tmp_path, (120, 36)) as terminal:
        terminal.shows("0/47")
        for name in names:
            scene = opening(name, "en")
            grains = 2 * scene.trace.T + 2  # the loss and the update are grains of their own
            terminal.press("o")
            terminal.shows("─ Open a scenario")
            terminal.press(name, "enter")
            shows_all(terminal, scene.text(scene.trace.scenario.title).split())
            at_phase(terminal, "start")
            terminal.press("end")
            at_phase(terminal, "update")
            terminal.press("home")
            at_phase(terminal, "start")
            terminal.press(*["L"] * grains)
            at_phase(terminal, "update")
            terminal.press(*["H"] * grains)
            at_phase(terminal, "start")
        terminal.press("q")
        assert terminal.ended() == 0
        assert terminal.left_behind() == []
        assert "Traceback" not in terminal.written


def test_what_each_kind_of_sequence_is() -> None:
    """Which steps read something, and which have a loss."""
    for name, reads, losses in (
        ("one-to-one", "x", "x"),
        ("one-to-many", "x----", "xxxxx"),
        ("many-to-one", "xxxx", "---x"),
        ("many-to-many", "xxxxx", "xxxxx"),
        ("encoder-decoder", "xxxxxxx", "---xxxx"),
    ):
        trace = bptt_viz.trace(bptt_viz.load(name))
        assert "".join("x" if trace.inputs.present(t) else "-" for t in range(1, trace.T + 1)) == reads
        assert "".join("x" if there else "-" for there in trace.has_target) == losses


def test_the_decoder_reads_the_targets_and_has_parameters_of_its_own() -> None:
    trace = bptt_viz.trace(bptt_viz.load("encoder-decoder"))
    first = trace.network.decoder_from
    words = [(trace.inputs.word(t), trace.targets.word(t)) for t in range(first, trace.T + 1)]
    assert [target for _, target in words[:-1]] == [word for word, _ in words[1:]]
    assert (words[0][0], words[-1][1]) == ("<start>", "<end>")
    assert {f"{name}{DECODER_SUFFIX}" for name in "UWb"} < trace.parameters.keys()


def test_the_memory_scenarios_have_one_task_and_stand_beside_one_another() -> None:
    memory = {name: bptt_viz.load(name) for name in NAMES if name.startswith("memory-")}
    assert len(memory) == 6
    assert len({scenario.sequence for scenario in memory.values()}) == 1
    for name, scenario in memory.items():
        assert {name, *scenario.lecture.beside} == set(memory)


def test_the_readme_lists_them_all() -> None:
    readme = (catalog.bundled()[catalog.DEFAULT].parent.parent / "README.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"`{name}`" not in readme] == []
