"""Both ways to sum a gradient: each in the order of its pass, said in words, with the totals always in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_scenes import moments
from screens import BOARD, LAPTOP, app_on, playing
from test_two_sides_view import NORMS, steps_shown
from test_views import lesson, scene_of, text_of

from bptt_viz.messages import LANGUAGES, Language, say
from bptt_viz.quantities import TermSum
from bptt_viz.timeline import Phase
from bptt_viz.views import two_sides_view

if TYPE_CHECKING:
    from bptt_viz.views.canvas import Line
    from bptt_viz.views.scene import Scene


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_side_is_summed_in_the_order_of_its_pass_and_this_and_the_sign_are_explained(language: Language) -> None:
    taught = lesson("wo-zuotian")
    T = taught.trace.T
    for size, explained in ((NORMS, "sides.explained"), ((78, 11), "sides.explained.shortly")):
        scene = scene_of(taught, taught.timeline.last, language)
        lines = two_sides_view.draw(scene, *size)
        for t, line in steps_shown(lines).items():
            *_, left, right = (span.number.quantity for span in line if span.number is not None)
            assert left == TermSum("W", (t, T), (t, T)), "backward, from the last step down to this one"
            assert right == TermSum("W", (1, t), (1, t)), "forward, from the first step up to this one"
        heading = next(text_of(line) for line in lines if "‖Σ t..T‖" in text_of(line))
        assert heading.index("‖Σ t..T‖") < heading.index("‖Σ 1..t‖")
        assert text_of(two_sides_view.subtitle(scene, *size)).startswith("≠")
        text = "".join("".join(map(text_of, lines)).split())
        assert "".join(say(explained, language, parameter="W").split()) in text


def test_a_sum_grows_on_the_left_while_the_backward_pass_is_on_its_way() -> None:
    taught = lesson("wo-zuotian")
    T, end_of = taught.trace.T, taught.timeline.end_of
    for t in range(T, 0, -1):
        lines = two_sides_view.draw(scene_of(taught, end_of(Phase.BACKWARD, t)), *NORMS)
        first = [row for row, line in steps_shown(lines).items() if _left_sum(line) != "·"]
        assert first == list(range(t, T + 1))


def _left_sum(line: Line) -> str:
    """What stands in the third column of norms."""
    return [span.text.strip() for span in line if span.role in ("number", "future")][2]


@settings(max_examples=60)
@given(scene=moments(), width=st.integers(57, 200), height=st.integers(1, 24))
def test_the_totals_always_have_a_row(scene: Scene, width: int, height: int) -> None:
    lines = two_sides_view.draw(scene, width, height)
    assert any(text_of(line).startswith((" all", " 总和")) for line in lines)


@pytest.mark.parametrize("scenario", ["wo-zuotian", "vanishing", "exploding", "encoder-decoder"])
async def test_on_a_laptop_every_step_and_the_totals_are_seen(scenario: str) -> None:
    async with playing(app_on(scenario), LAPTOP) as player:
        await player.press("end", "i")
        rows = player.panel("sides")
        seen = [row.split()[2] for row in rows if row.startswith(" t = ")]
        assert seen == [str(t) for t in range(1, player.app.scene.trace.T + 1)]
        assert any(row.startswith(" all") for row in rows)
        (border,) = [line for line in player.screen() if say("sides.sign", "en") in line]
        assert border.startswith("╰")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_sign_is_explained_on_a_board_too_and_most_rows_are_numbers(language: Language) -> None:
    async with playing(app_on("exploding", language=language), BOARD) as player:
        await player.press("end", "i")
        assert any(say("sides.sign", language) in line for line in player.screen())
        seen = [row for row in player.panel("sides") if row.startswith(" t = ")]
        assert len(seen) >= 6
        while player.app.scene.parameter != "V":
            await player.press("w")
        assert not any(say("sides.sign", language) in line for line in player.screen()), "V: nothing differs"
