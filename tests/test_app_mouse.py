"""What clicks do in the running app."""

from __future__ import annotations

import pytest
from screens import LAPTOP, app_on, playing

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
