"""What clicks do in the running app."""

from __future__ import annotations

import pytest
from screens import LAPTOP, app_on, playing

from bptt_viz.quantities import Accumulated, Adjoint, Number, Result, Single, TermSum
from bptt_viz.timeline import Phase
from bptt_viz.ui.screens.help import HelpScreen

#: A scenario of two units and one output, and where in it ∂L/∂h₂ is computed.
SCENARIO, HIDDEN_GRADIENT = "length-three", 22


async def test_a_click_on_a_column_goes_to_its_time_step() -> None:
    async with playing(app_on(SCENARIO)) as player:
        timeline = player.app.scene.timeline
        await player.click("network", "+0.20")
        assert player.position == timeline.end_of(Phase.FORWARD, 1)
        await player.click("network", "+0.40")
        assert player.position == timeline.end_of(Phase.FORWARD, 3)
        await player.press("end")
        await player.click("network", "−0.10")
        assert player.position == timeline.end_of(Phase.BACKWARD, 2)


async def test_a_click_on_a_word_of_the_title_goes_to_its_time_step() -> None:
    async with playing(app_on("wo-zuotian")) as player:
        await player.click("title", "上学")
        assert player.position == player.app.scene.timeline.end_of(Phase.FORWARD, 3)


async def test_a_click_on_a_number_chooses_its_entry() -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.press("end", *["left"] * (29 - HIDDEN_GRADIENT))
        for nth, name in ((1, "2"), (0, "1")):
            row = next(line for line in player.panel("operation") if " = ∂L/∂h₂" in line)
            await player.click("operation", row.split()[2 + nth])
            assert any(line.startswith(f" [{name}]") for line in player.panel("operation"))
            assert player.position == HIDDEN_GRADIENT


@pytest.mark.parametrize(("dot", "phase", "t"), [(0, Phase.FORWARD, 1), (2, Phase.FORWARD, 3), (3, Phase.LOSS, 0), (
    4, Phase.BACKWARD, 3), (6, Phase.BACKWARD, 1), (7, Phase.UPDATE, 0)])  # fmt: skip
async def test_a_click_on_a_dot_of_the_timeline_goes_there(dot: int, phase: Phase, t: int) -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.click("timeline", "○", dot)
        assert player.position == player.app.scene.timeline.end_of(phase, t)
        assert player.panel("timeline")[0].count("◉") == 1


async def test_clicks_on_the_footer_and_on_nothing() -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.click("footer", "next")
        assert player.position == 1
        await player.click("footer", "→")
        assert player.position == 2
        await player.click("footer", "help")
        assert isinstance(player.app.screen, HelpScreen)
        await player.press("escape")
        before = player.text()
        await player.pilot.click(offset=(110, LAPTOP[1] - 4))
        assert player.text() == before
        await player.click("footer", "quit")
        assert player.app.return_value == 0


async def test_a_click_on_a_number_that_leads_nowhere_asks_at_once() -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.press("end", "left")
        position = player.position
        shown = player.panel("gradient")[2].split()[0]
        await player.click("gradient", shown)
        assert player.app.scene.picked == Number(Accumulated("W", 2), (0, 0))
        await player.click("title", "0.0977")
        assert player.app.scene.picked == Number(Single("L"))
        assert player.position == position
        await player.press("escape")
        await player.click("ledger", "‖Σ_k‖")
        assert player.app.scene.picked is None


async def test_a_number_that_leads_somewhere_is_asked_about_by_the_second_click() -> None:
    async with playing(app_on(SCENARIO)) as player:
        end_of = player.app.scene.timeline.end_of
        await player.press("end")
        await player.click("network", "+0.37")
        assert (player.position, player.app.scene.picked) == (end_of(Phase.BACKWARD, 1), None)
        await player.click("network", "+0.50")
        assert (player.position, player.app.scene.picked) == (end_of(Phase.BACKWARD, 3), None)
        await player.click("network", "+0.37")
        assert (player.position, player.app.scene.picked) == (end_of(Phase.BACKWARD, 1), None)
        await player.click("network", "+0.37")
        assert player.app.scene.picked == Number(Result("h", 1, 0), (0,))
        # From now on every click on a number asks.
        await player.click("network", "+0.50")
        assert player.app.scene.picked == Number(Result("h", 3, 0), (0,))
        assert player.position == end_of(Phase.BACKWARD, 1)


async def test_an_entry_is_chosen_by_the_first_click_and_asked_about_by_the_second() -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.press("end", *["left"] * (29 - HIDDEN_GRADIENT))
        row = next(line for line in player.panel("operation") if " = ∂L/∂h₂" in line)
        for picked in (None, Number(Adjoint("h", 2, 0), (1,))):
            await player.click("operation", row.split()[3])
            assert any(line.startswith(" [2]") for line in player.panel("operation"))
            assert player.app.scene.picked == picked
        assert player.position == HIDDEN_GRADIENT


async def test_a_click_on_a_block_of_the_ledger_goes_to_its_use_and_the_second_asks() -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.press("end")
        (row,) = (line for line in player.panel("ledger") if line.startswith(" L₃"))
        for picked in (None, Number(TermSum("W", (3, 3), (2, 2)))):
            await player.click("ledger", row.split()[2])
            assert player.position == player.app.scene.timeline.end_of(Phase.BACKWARD, 2)
            assert player.app.scene.picked == picked


async def test_a_click_on_a_source_follows_it() -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.press("right", "right", "y")
        await player.click("why", "1 a₁[1]")
        assert player.app.scene.picked == Number(Result("a", 1, 0), (0,))
        assert player.app.scene.asked == (Number(Result("h", 1, 0), (0,)),)
        await player.press("backspace")
        assert player.app.scene.picked == Number(Result("h", 1, 0), (0,))
