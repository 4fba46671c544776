"""Training in the app: updates by key, the process that trains on and on, edits, undo."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from screens import BOARD, DEADLINE, app_on, playing
from test_training import begun, same

import bptt_viz
from bptt_viz.training.moment import advance
from bptt_viz.training.wire import Ended
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
        assert "after 11 updates" in "".join(player.panel("timeline"))


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
        assert "W 1 2: expected a finite number, found 1e" in player.text()
        assert "1e▏" in player.text()
        await player.press("9", "9", "9", "enter")
        assert "found inf" in player.text()
        await player.press("backspace", "backspace", "enter")
        assert player.app.scene.trace.parameters["W"][0, 1] == 1e9
        await player.press("e", "w", "7", "escape")
        assert len(player.app.screen_stack) == 1
        await player.press("backspace")
        assert player.app.scene.trace.network is first.network


async def test_the_dialog_goes_through_entries_and_parameters() -> None:
    async with playing(app_on("wo-zuotian")) as player:
        await player.press("e", "up", "left")
        assert "W₃₃" in player.text()
        for name in player.app.scene.lesson.parameter_names[1:]:
            await player.press("w")
            assert f"│ {name}" in player.text()
        await player.press("w", "right", "down")
        assert "W₂₂" in player.text()


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
        assert "nothing to undo" in "".join(player.panel("timeline"))


async def test_a_process_that_dies_is_told_of_and_another_goes_on() -> None:
    async with playing(app_on("wo-zuotian")) as player:
        await player.press("v", "p")
        await player.until(lambda: moment_of(player).updates > 0)
        process = player.app._trainer._child
        assert process is not None
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        await player.until(lambda: not player.app.scene.course.running)
        assert "the process that trains ended (status -9)" in "".join(player.panel("training"))
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
        process = player.app._trainer._child
        assert process is not None
    await asyncio.wait([process.task], timeout=DEADLINE)
    assert process.pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
