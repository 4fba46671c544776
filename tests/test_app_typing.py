"""Keys that come faster than they are answered: none is lost, none is another screen's."""

from __future__ import annotations

import pytest
from screens import Player, app_on, playing

from bptt_viz.quantities import Number, Result
from bptt_viz.timeline import Phase
from bptt_viz.ui.screens.go_to import GoToScreen

#: A scenario of two units and one output.
SCENARIO = "length-three"


@pytest.mark.parametrize(
    ("typed", "phase", "t"),
    [("2", Phase.FORWARD, 2), ("f3", Phase.FORWARD, 3), ("b1", Phase.BACKWARD, 1), ("b3", Phase.BACKWARD, 3)],
)
async def test_a_time_step_is_gone_to_however_fast_it_is_typed(typed: str, phase: Phase, t: int) -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.type(f"g{typed}\r")
        await player.until(lambda: not isinstance(player.app.screen, GoToScreen))
        assert player.position == player.app.scene.timeline.end_of(phase, t)
        assert f"t = {t} of 3" in player.text()


async def test_a_bare_number_stays_in_the_pass_that_is_walked() -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.press("end", "left")
        await player.type("g3\r")
        assert player.position == player.app.scene.timeline.end_of(Phase.BACKWARD, 3)


@pytest.mark.parametrize("wrong", ["0", "4", "99999999999", "b", "f9", "fb1", "3f", ""])
async def test_a_wrong_time_step_is_told_and_can_be_mended(wrong: str) -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.type(f"g{wrong}\r")
        assert f"expected 1..3, found {wrong[:9] or '…'}" in player.text()
        await player.press(*["backspace"] * 12, "2", "enter")
        assert "t = 2 of 3" in player.panel("title")[0]
        before = player.text()
        await player.press("g", "1", "escape")
        assert player.text() == before


async def test_other_keys_are_not_taken_for_commands_while_a_time_step_is_typed() -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.type("gqzth1\r")
        assert "t = 1 of 3   L" in player.panel("title")[0]


@pytest.mark.parametrize("keys", ["?x", "?xx", ".xx", "bbbb", "g2\r\r\r", "g\r2\r\r", "o\x1b\x1b", "g\x1b\x1bg\x1b"])
async def test_a_dialog_is_left_once_however_fast_one_types(keys: str) -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.type(keys)
        await player.until(player.app._message_queue.empty)
        if len(player.app.screen_stack) > 1 or player.app.scene.picked is not None:
            await player.press("escape")
        assert player.app.is_running
        assert len(player.app.screen_stack) == 1
        before = player.position
        await player.press("right")
        assert player.position == before + 1


@pytest.mark.parametrize("keys", [".;l", "?;\x1bl", "g\x1bl", "g\x1bg\x1bl"])
async def test_keys_typed_after_the_one_that_leaves_a_dialog_are_the_lessons(keys: str) -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.type(keys)
        await player.until(lambda: player.position == 1)


def moment(player: Player) -> tuple[object, ...]:
    """What keys can change, and what is seen of it."""
    scene = player.app.scene
    return (scene.position, scene.language, scene.notation.name, scene.picked, scene.asked, scene.page, scene.rtrl,
            type(player.app.screen), player.text())  # fmt: skip


@pytest.mark.parametrize(
    "keys",
    ["g3\rz→", "y1\x7f\x1b", "→→y1\x7f\x1b→", "y\x1b→", "→→y1y→", "→→y→→zn\x1b→", "→→→dwm\ti→", "→?;\x1bl", "→.;l"],
)
async def test_keys_typed_in_one_go_do_what_they_do_one_by_one(keys: str) -> None:
    async with playing(app_on(SCENARIO)) as player:
        for key in keys:
            await player.type(key)
            await player.until(player.app._message_queue.empty)
        slowly = moment(player)
    async with playing(app_on(SCENARIO)) as player:
        await player.type(keys)
        await player.until(lambda: moment(player) == slowly)


async def test_a_dialog_a_language_and_a_step_in_one_go() -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.type("g3\rz→")
        await player.until(lambda: not isinstance(player.app.screen, GoToScreen))
        assert player.app.scene.language == "zh"
        assert player.position == player.app.scene.timeline.end_of(Phase.FORWARD, 3) + 1


async def test_a_question_a_source_and_back_in_one_go() -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.type("→→y1")
        asked = [player.app.scene.picked]
        await player.type("\x7f")
        asked.append(player.app.scene.picked)
        await player.type("1\x7f\x1b→")
        asked.append(player.app.scene.picked)
        assert asked == [Number(Result("a", 1, 0), (0,)), Number(Result("h", 1, 0), (0,)), None]
        assert player.position == 3
