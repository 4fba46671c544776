"""Why this number? Asked with real keys and clicks in the running app."""

from __future__ import annotations

import pytest
from screens import BOARD, LAPTOP, app_on, playing

from bptt_viz.formatting import full
from bptt_viz.quantities import Adjoint, Number, Result
from bptt_viz.timeline import Phase


async def test_the_number_of_the_moment_says_its_formula_its_numbers_and_its_value() -> None:
    async with playing(app_on("length-three")) as player:
        await player.press("right", "right", "y")
        trace = player.app.scene.trace
        value = float(trace.layers[0].h[0, 0])
        lines = player.panel("why")
        assert lines[0].strip() == f"h₁[1] = {full(value)}"
        assert lines[1].strip() == "= tanh(a₁[1])"
        assert lines[2].strip() == "= tanh(0.39)"
        assert "1 a₁[1] = 0.39" in lines[3]


async def test_sources_are_followed_and_gone_back_from() -> None:
    async with playing(app_on("length-three")) as player:
        await player.press("right", "right", "y", "1")
        assert player.app.scene.picked == Number(Result("a", 1, 0), (0,))
        await player.press("3")
        assert player.panel("why")[0].strip().startswith("W₁₁ = 0.5")
        assert "network.parameters.W" in "\n".join(player.panel("why"))
        await player.press("backspace", "backspace")
        assert player.app.scene.picked == Number(Result("h", 1, 0), (0,))
        await player.press("backspace")
        assert player.app.scene.picked == Number(Result("h", 1, 0), (0,))
        await player.press("enter")
        assert player.app.scene.picked == Number(Result("a", 1, 0), (0,))


async def test_arrows_choose_any_number_and_clicker_keys_still_walk() -> None:
    async with playing(app_on("length-three")) as player:
        await player.press("end", "left", "y")
        position, seen = player.position, set()
        for key in ("down",) * 12 + ("right",) * 12 + ("up",) * 20 + ("left",) * 12:
            await player.press(key)
            seen.add(player.app.scene.picked)
            assert player.position == position
        assert len(seen) > 20
        await player.press("pagedown")
        assert player.position == position + 1
        await player.press("pageup", "pageup")
        assert player.position == position - 1
        assert player.app.scene.picked is not None
        await player.press("escape")
        assert player.app.scene.picked is None
        assert "why" not in player.shown()
        await player.press("right")
        assert player.position == position


@pytest.mark.parametrize("size", [LAPTOP, BOARD], ids=str)
async def test_every_number_can_be_reached_by_arrows(size: tuple[int, int]) -> None:
    async with playing(app_on("length-three"), size) as player:
        await player.press("end", *["left"] * 8, "y")
        screen = player.app._lesson_screen
        wanted = {(spot.x, spot.y) for spot in screen._spots()}
        reached, edge = set(), [(screen._here.x, screen._here.y)]
        by_place = {(spot.x, spot.y): spot for spot in screen._spots()}
        from bptt_viz.ui.asking import DIRECTIONS, beside  # noqa: PLC0415

        while edge:
            place = edge.pop()
            if place in reached:
                continue
            reached.add(place)
            for arrow in DIRECTIONS:
                there = beside(list(by_place.values()), by_place[place], arrow)
                edge.append((there.x, there.y))
        assert reached == wanted


async def test_a_click_on_a_number_asks_the_second_time() -> None:
    async with playing(app_on("length-three")) as player:
        await player.press("end", "left")
        row = next(line for line in player.panel("operation") if line.split()[:1] == ["δ₁"])
        text = row.split()[-1]
        await player.click("operation", text)
        assert player.app.scene.picked is None
        await player.click("operation", text)
        assert player.app.scene.picked is not None
        assert "why" in player.shown()


async def test_the_answer_lies_away_from_the_number() -> None:
    for size in (LAPTOP, BOARD):
        async with playing(app_on("wo-zuotian"), size) as player:
            await player.press("end", "y")
            for key in ("down",) * 15 + ("up",) * 30:
                await player.press(key)
                here, region = player.app._lesson_screen._here, player.widget("why").region
                assert here is not None
                assert not region.y <= here.y < region.bottom, (key, here, region)


async def test_the_answer_follows_the_notation_and_the_language() -> None:
    async with playing(app_on("length-three")) as player:
        await player.press("right", "right", "y", "n")
        assert "tanh(z₁[1])" in player.panel("why")[1]
        await player.press("z")
        assert "由来" in player.text() or "怎么来" in player.title("why")


async def test_a_number_of_the_backward_pass() -> None:
    async with playing(app_on("length-three")) as player:
        timeline = player.app.scene.timeline
        await player.press("g", "b", "2", "enter")
        assert player.position == timeline.end_of(Phase.BACKWARD, 2)
        await player.press("left", "y")
        assert player.app.scene.picked == Number(Adjoint("a", 2, 0), (0,))
        lines = player.panel("why")
        assert "δ₂[1]" in lines[0]
        assert "∂L/∂h₂[1]" in lines[1]
