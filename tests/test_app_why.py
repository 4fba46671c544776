"""Why this number? Asked with real keys in the running app; clicks are in ``test_app_mouse``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from screens import BOARD, LAPTOP, Player, app_on, playing

from bptt_viz.formatting import full
from bptt_viz.messages import say
from bptt_viz.quantities import Adjoint, Derived, Number, Result
from bptt_viz.timeline import Phase
from bptt_viz.ui.asking import DIRECTIONS, beside

if TYPE_CHECKING:
    from pathlib import Path

#: A scenario of two units and one output, at h₁[1].
SCENARIO, TO_H1 = "length-three", ("right", "right")
H1, A1 = Number(Result("h", 1, 0), (0,)), Number(Result("a", 1, 0), (0,))


def answer(player: Player) -> list[str]:
    """The lines of the answer."""
    return [line.strip() for line in player.panel("why")]


async def test_the_number_of_the_moment_says_its_formula_its_numbers_and_its_value() -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.press(*TO_H1, "y")
        name, formula, numbers, sources, keys = answer(player)
        assert name == f"h₁[1] = {full(float(player.app.scene.trace.layers[0].h[0, 0]))}"
        assert formula == "= tanh(a₁[1])"
        assert numbers == "= tanh(0.39)"
        assert sources.endswith("1 a₁[1] = 0.39")
        assert keys == say("why.keys", "en")


async def test_a_number_of_the_backward_pass() -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.press("g", "b", "2", "enter")
        assert player.position == player.app.scene.timeline.end_of(Phase.BACKWARD, 2)
        await player.press("left", "y")
        assert player.app.scene.picked == Number(Adjoint("a", 2, 0), (0,))
        assert answer(player)[0].startswith("δ₂[1] = ")
        assert answer(player)[1] == "= (1 − h₂[1]²) · ∂L/∂h₂[1]"


async def test_sources_are_followed_and_gone_back_from() -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.press(*TO_H1, "y", "1")
        assert player.app.scene.picked == A1
        await player.press("3")
        assert answer(player)[0] == "W₁₁ = 0.5"
        assert "network.parameters.W" in "\n".join(answer(player))
        await player.press("9")
        assert answer(player)[0] == "W₁₁ = 0.5", "it has no sources"
        await player.press("backspace")
        assert player.app.scene.picked == A1
        await player.press("backspace")
        assert player.app.scene.picked == H1
        await player.press("backspace")
        assert player.app.scene.picked == H1, "the first that was asked about"


@pytest.mark.parametrize(("key", "picked"), [("y", None), ("escape", None), ("enter", A1), ("2", H1), ("q", H1)])
async def test_what_keys_do_while_a_number_is_asked_about(key: str, picked: Number | None) -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.press(*TO_H1, "enter")
        assert player.app.scene.picked == H1
        await player.press(key)
        assert player.app.scene.picked == picked
        assert player.app._exit == (key == "q")
        assert player.position == 2


async def test_arrows_choose_any_number_and_clicker_keys_still_walk() -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.press("end", "left", "y")
        position, seen = player.position, set()
        for key in ("down",) * 12 + ("right",) * 12 + ("up",) * 20 + ("left",) * 12:
            await player.step(key)
            seen.add(player.app.scene.picked)
            assert player.position == position
        assert len(seen) > 20
        await player.press("pagedown")
        assert player.position == position + 1
        await player.press("pageup", "h")
        assert player.position == position - 1
        assert player.app.scene.picked is not None
        await player.press("escape")
        assert "why" not in player.shown()
        await player.press("right")
        assert player.position == position


@pytest.mark.parametrize("keys", [(), ("tab",), ("d",), ("i",)], ids=str)
@pytest.mark.parametrize("size", [LAPTOP, BOARD], ids=str)
async def test_every_number_can_be_reached_by_arrows(size: tuple[int, int], keys: tuple[str, ...]) -> None:
    async with playing(app_on(SCENARIO), size) as player:
        await player.press("end", *["left"] * 8, *keys)
        spots = {(spot.x, spot.y): spot for spot in player.app._lesson_screen._spots()}
        reached, edge = set(), [next(iter(spots))]
        while edge:
            place = edge.pop()
            if place not in reached:
                reached.add(place)
                edge += [
                    (there.x, there.y)
                    for arrow in DIRECTIONS
                    if (there := beside([*spots.values()], spots[place], arrow)) is not None
                ]
        assert reached == {*spots}
        assert len(reached) > 10


@pytest.mark.parametrize("size", [LAPTOP, BOARD], ids=str)
async def test_the_answer_lies_away_from_the_number(size: tuple[int, int]) -> None:
    async with playing(app_on("wo-zuotian"), size) as player:
        await player.press("end", "y")
        heights = set()
        for key in ("down",) * 8 + ("up",) * 16:
            await player.press(key)
            here, region = player.app._lesson_screen._here, player.widget("why").region
            assert here is not None
            heights.add(here.y)
            assert not region.y <= here.y < region.bottom, (key, here, region)
            assert region.height == len([line for line in answer(player) if line]) + 2, "no line is cut off or empty"
        assert len(heights) > 8


async def test_the_answer_follows_the_notation_and_the_language() -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.press(*TO_H1, "y", "n")
        assert answer(player)[1] == "= tanh(z₁[1])"
        await player.press("z")
        assert say("why.title", "zh") in player.title("why")
        assert answer(player)[-1] == say("why.keys", "zh")


async def test_an_entry_that_sympy_derived() -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.press("g", "b", "2", "enter", "d", "y")
        for _ in range(40):
            await player.step("down")
            picked = player.app.scene.picked
            if picked is not None and isinstance(picked.quantity, Derived) and picked.quantity.factor == 2:
                break
        else:
            pytest.fail("no entry of ∂⁺h₂/∂W is reached")
        assert say("origin.sympy", "en") in answer(player)
        assert answer(player)[1].startswith("= (1 − h₂[")
        # Another parameter, another window, no derivation on the screen: the answer says so, or is another.
        for key in ("w", "w", "w", "shift+right", "home", "d", "end"):
            await player.press(key)
            assert answer(player)[0]


async def test_a_number_that_is_gone_with_an_edit_is_said_to_be(tmp_path: Path) -> None:
    def lesson(steps: int) -> str:
        return f"[sequence]\ninputs = {[[0.5]] * steps}\ntargets = {[[1.0]] * steps}\n[network]\nhidden_size = 1\n"

    path = tmp_path / "lesson.toml"
    path.write_text(lesson(5))
    async with playing(app_on(path)) as player:
        await player.press("g", "5", "enter", "y")
        assert player.app.scene.picked is not None
        path.write_text(lesson(2))
        await player.press("r")
        await player.until(lambda: player.app.scene.trace.T == 2)
        assert answer(player) == [say("why.not_shown", "en")]
        await player.press("escape", "y")
        assert len(answer(player)) > 2
