"""Training in the app: updates by key, the process that trains on and on, edits, undo."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from descending import advance
from hypothesis import given
from hypothesis import strategies as st
from screens import BOARD, DEADLINE, app_on, playing
from test_training import begun, same
from textual.events import Paste

import bptt_viz
from bptt_viz.errors import Problem
from bptt_viz.formatting import full
from bptt_viz.training.editing import parsed
from bptt_viz.training.wire import Ended
from bptt_viz.ui.screens.edit import EditScreen
from bptt_viz.ui.training import Trainer

if TYPE_CHECKING:
    from screens import Player

    from bptt_viz.training.moment import Moment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")


def moment_of(player: Player) -> Moment:
    """Where training is; the lesson is there too."""
    moment = player.app.scene.course.moment
    assert player.app.scene.trace.network is moment.network
    return moment


def trainer_of(player: Player) -> Trainer:
    """Who sees to it that updates are done."""
    trainer = player.app._trainer
    assert trainer is not None
    return trainer


def trained(name: str, updates: int) -> Moment:
    """The same in this process, without the app."""
    scenario = bptt_viz.load(name)
    return advance(scenario, begun(scenario), updates)


async def test_updates_by_key() -> None:
    async with playing(app_on("scalar-t3")) as player:
        await player.press("right", "right", "v", "u", "U")
        same(moment_of(player), trained("scalar-t3", 11))
        assert player.position == 2
        assert "updates: 11" in "".join(player.panel("training"))
        assert "after update 11:" in player.told()


async def test_a_hundred_updates_are_done_by_the_process() -> None:
    async with playing(app_on("wo-zuotian")) as player:
        await player.press("v", "C")
        await player.until(lambda: not player.app.scene.course.running)
        same(moment_of(player), trained("wo-zuotian", 100))
        await player.press("C")
        await player.until(lambda: not player.app.scene.course.running)
        same(moment_of(player), trained("wo-zuotian", 200))


async def test_it_trains_on_and_on_while_keys_are_answered() -> None:
    async with playing(app_on("wo-zuotian"), BOARD) as player:
        await player.press("v", "p")
        await player.until(lambda: moment_of(player).updates > 0)
        first = moment_of(player).updates
        await player.press("right", "right", "shift+right", "w")
        assert player.position > 2
        position, parameter = player.position, player.app.scene.parameter
        await player.until(lambda: moment_of(player).updates > first)
        assert (player.position, player.app.scene.parameter) == (position, parameter)
        await player.press("p")
        assert not player.app.scene.course.running
        there = moment_of(player)
        same(there, trained("wo-zuotian", there.updates))
        # Nothing comes after it; what is done next goes on from what is seen.
        await player.press("u")
        same(moment_of(player), trained("wo-zuotian", there.updates + 1))
        await player.press("backspace", "backspace")
        assert moment_of(player).updates == 0
        same(moment_of(player), trained("wo-zuotian", 0))


async def test_the_process_is_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[object] = []
    hear = Trainer._hear

    def noted(trainer: Trainer, message: object) -> None:
        heard.append(message)
        hear(trainer, message)

    monkeypatch.setattr(Trainer, "_hear", noted)
    async with playing(app_on("wo-zuotian")) as player:
        await player.press("p")
        await player.until(lambda: moment_of(player).updates > 0)
        assert not any(isinstance(message, Ended) for message in heard)
        await player.press("p")
        await player.until(lambda: any(isinstance(message, Ended) for message in heard))


async def test_another_truncation_is_trained_with_from_then_on() -> None:
    async with playing(app_on("wo-zuotian")) as player:
        await player.press("v", "p")
        await player.until(lambda: moment_of(player).updates > 0)
        await player.press("x")
        scenario, there = player.app.scene.trace.scenario, moment_of(player)
        assert scenario.backward.strategy != "full"
        await player.until(lambda: moment_of(player).updates > there.updates)
        await player.press("p")
        same(moment_of(player), advance(scenario, there, moment_of(player).updates - there.updates))


async def test_an_edit_marks_what_changes_and_is_undone() -> None:
    async with playing(app_on("wo-zuotian")) as player:
        first = player.app.scene.trace.network
        await player.press("right", "right", "e", "down", "left", "minus", "full_stop", "5", "enter")
        changed = player.app.scene.trace.network.parameters["W"]
        assert changed[1, 2] == -0.5
        assert np.count_nonzero(changed != first.parameters["W"]) == 1
        await player.press("end")
        assert any(span.changed for line in player.widget("network")._lines for span in line)
        assert not all(span.changed for line in player.widget("network")._lines for span in line if span.number)
        await player.press("backspace")
        assert player.app.scene.trace.network is first


async def test_what_is_wrong_with_an_edit_is_told_and_nothing_is_lost() -> None:
    async with playing(app_on("wo-zuotian")) as player:
        first = player.app.scene.trace
        await player.press("e", "right", "1", "e", "enter")
        assert "W₁₂: expected a number such as 0.25, found 1e" in player.text()
        assert "1e▏" in player.text()
        await player.press("9", "9", "9", "enter")
        assert "expected a number of at most 1.79769e308 in size, found 1e999" in player.text()
        await player.press("backspace", "backspace", "enter")
        assert player.app.scene.trace.parameters["W"][0, 1] == 1e9
        await player.press("e", "tab", "7", "escape")
        assert len(player.app.screen_stack) == 1
        await player.press("backspace")
        assert player.app.scene.trace.network is first.network


async def test_the_dialog_goes_through_entries_and_parameters() -> None:
    async with playing(app_on("wo-zuotian")) as player:
        await player.press("e", "up", "left")
        assert "W₃₃" in player.text()
        for name in player.app.scene.lesson.parameter_names[1:]:
            await player.press("tab")
            assert f"│ {name}" in player.text()
        await player.press("tab", "right", "down")
        assert "W₂₂" in player.text()
        await player.press("shift+tab")
        assert f"│ {player.app.scene.lesson.parameter_names[-1]}" in player.text()


@given(st.text(st.characters(codec="utf-8"), max_size=12))
def test_what_is_typed_is_a_number_or_told_as_it_stands(text: str) -> None:
    value = parsed("W₁₁", text)
    if isinstance(value, Problem):
        assert value.where == "W₁₁"
        assert value.told().endswith(f"found {text.strip() or 'nothing'}")
    else:
        assert value == float(text.replace("−", "-"))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_can_be_typed(value: float) -> None:
    for text in (repr(value), full(value), f" {value!r} "):
        assert parsed("b₁", text) == value


@pytest.mark.parametrize(
    "typed", ["0,25", "1/3", "", " ", "w", "1_0", "inf", "nan", "1e400", "−", ".", "٣", "一", "[b]"]
)
async def test_every_character_is_kept_and_what_is_no_number_refused(typed: str) -> None:
    async with playing(app_on("wo-zuotian")) as player:
        network = player.app.scene.trace.network
        await player.press("e")
        await player.type(typed)
        assert f"│ {typed}▏" in player.text()
        await player.press("enter")
        assert isinstance(player.app.screen, EditScreen)
        assert f"found {typed.strip() or 'nothing'} " in player.text()
        assert f"│ {typed}▏" in player.text()
        assert player.app.scene.trace.network is network


async def test_what_is_pasted_into_the_dialog_is_typed() -> None:
    async with playing(app_on("wo-zuotian")) as player:
        await player.press("e", "1")
        player.app.post_message(Paste("/3\n"))
        await player.pilot.pause()
        assert "│ 1/3▏" in player.text()


@pytest.mark.parametrize("scenario", ["lstm-gates", "wo-zuotian"])
async def test_the_dialog_and_its_error_write_the_entry_alike_and_leave_the_matrix_in_sight(scenario: str) -> None:
    async with playing(app_on(scenario)) as player:
        matrix = player.panel("gradient")
        await player.press("e", "x", "enter")
        assert player.panel("gradient") == matrix
        lines = [line for line in player.screen() if "│ W" in line and ("now" in line or "expected" in line)]
        title, error = (line.split("│ W")[1] for line in lines[-2:])
        assert title.split(" ")[0] == error.split(": expected")[0]


def looks(player: Player, name: str) -> dict[str, set[str]]:
    """How each text of a panel is painted, but for its colours: what there is without them too."""
    x, y, width, height = player.region(name)
    found: dict[str, set[str]] = {}
    for strip in player.strips()[y : y + height]:
        for segment in strip.crop(x, x + width):
            style = segment.style
            assert style is not None
            marks = {mark for mark in ("bold", "underline", "reverse") if getattr(style, mark)}
            found.setdefault(segment.text.strip(), set()).update(marks)
    return found


def cells(player: Player, name: str) -> dict[tuple[int, int], tuple[bool, str]]:
    """Row and first column of each number in a panel → whether it is underlined, and its text."""
    x, y, width, height = player.region(name)
    found: dict[tuple[int, int], tuple[bool, str]] = {}
    for row, strip in enumerate(player.strips()[y : y + height]):
        column = 0
        for segment in strip.crop(x, x + width):
            text = segment.text.strip()
            if text[:1] in ("+", "−") and text[1:2].isdigit():
                place = column + segment.text.index(text)
                found[row, place] = (bool(segment.style and segment.style.underline), text)
            column += segment.cell_length
    return found


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}], ids=["colour", "no colour"])
@pytest.mark.parametrize("theme", [(), ("t",)])
async def test_a_changed_number_is_painted_otherwise_and_the_others_as_before(
    theme: tuple[str, ...], environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    async with playing(app_on("length-three")) as player:
        await player.press(*theme, "end")
        before = cells(player, "network")
        loss = player.panel("title")[0].split("L = ")[1].split()[0]
        await player.press("home")
        assert not looks(player, "gradient")["+0.500"]
        await player.press("e", "9", "enter")
        assert "W₁₁ = 9.0 (was 0.5)" in player.text()
        shown = looks(player, "gradient")
        assert shown["+9.000"] == {"bold", "underline", "reverse"}
        assert not shown["−0.300"]
        await player.press("end")
        after = cells(player, "network")
        # A number is marked as a whole: its row of cells between blanks is another one than before.
        runs = {run: {text for *_, text in (before[run], after[run])} for run in after if run in before}
        assert {run for run, texts in runs.items() if len(texts) > 1} == {run for run in runs if after[run][0]}
        assert any(marked for marked, _ in after.values())
        assert not all(marked for marked, text in after.values() if text[0] in "+−")
        assert loss not in player.panel("title")[0]
        assert "underline" in looks(player, "title")[f"L = {player.panel('title')[0].split('L = ')[1].split()[0]}"]
        await player.press("u")
        assert not any("reverse" in marks for marks in looks(player, "gradient").values())


async def test_what_is_there_already_is_no_edit() -> None:
    async with playing(app_on("length-three")) as player:
        await player.press("e", "full_stop", "5", "enter")
        assert "W₁₁ is 0.5 already" in player.text()
        await player.press("backspace")
        assert "nothing to undo" in player.text()


async def test_what_is_edited_stands_still() -> None:
    async with playing(app_on("wo-zuotian")) as player:
        await player.press("p")
        await player.until(lambda: moment_of(player).updates > 0)
        await player.press("e")
        there = moment_of(player)
        assert not player.app.scene.course.running
        await player.press("2", "enter")
        assert moment_of(player).updates == there.updates
        assert player.app.scene.trace.parameters["W"][0, 0] == 2.0


async def test_the_way_back_from_a_number_undoes_nothing() -> None:
    async with playing(app_on("scalar-t3")) as player:
        await player.press("right", "right", "u", "y", "enter", "backspace")
        assert moment_of(player).updates == 1
        await player.press("escape", "backspace")
        assert moment_of(player).updates == 0
        await player.press("backspace")
        assert "nothing to undo" in player.told()


async def test_a_process_that_dies_is_told_of_and_another_goes_on() -> None:
    async with playing(app_on("wo-zuotian")) as player:
        await player.press("v", "p")
        await player.until(lambda: moment_of(player).updates > 0)
        process = trainer_of(player)._child
        assert process is not None
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        await player.until(lambda: not player.app.scene.course.running)
        assert "the process that trains ended (status -9)" in "".join(player.panel("training"))
        await player.press("z")
        assert "训练进程已退出（" in "".join(player.panel("training"))
        await player.press("z")
        there = moment_of(player)
        same(there, trained("wo-zuotian", there.updates))
        await player.press("p")
        await player.until(lambda: moment_of(player).updates > there.updates)
        await player.press("p")
        assert "ended" not in "".join(player.panel("training"))
        same(moment_of(player), trained("wo-zuotian", moment_of(player).updates))


async def test_the_app_leaves_no_process() -> None:
    async with playing(app_on("wo-zuotian")) as player:
        await player.press("p")
        await player.until(lambda: moment_of(player).updates > 0)
        process = trainer_of(player)._child
        assert process is not None
    await asyncio.wait([process.task], timeout=DEADLINE)
    assert process.pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
