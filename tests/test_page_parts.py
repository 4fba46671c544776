"""The part of a page that Tab has turned to stays while one walks; another page begins at its first."""

from __future__ import annotations

import pytest
from screens import BOARD, app_on, playing
from test_views import lesson, scene_of

from bptt_viz.views.moves import MOVES, PAGES, go_to

WALKING = ("next", "back", "next_time_step", "previous_time_step", "first", "last", "generate")


@pytest.mark.parametrize("page", PAGES)
def test_walking_keeps_the_part(page: str) -> None:
    scene = scene_of(lesson("wo-zuotian"), 20, page=page, scroll=2)
    walked = [*(MOVES[command](scene) for command in WALKING), go_to(scene, "f2")]
    for there in walked:
        assert there is not None
        assert (there.page, there.scroll) == (page, 2)
        assert there.position != scene.position


@pytest.mark.parametrize("page", PAGES)
def test_another_page_begins_at_its_first_part(page: str) -> None:
    scene = scene_of(lesson("wo-zuotian"), 20, page=page, scroll=2)
    for other in PAGES:
        turned = MOVES[other](scene)
        assert turned.page == ("" if other == page else other)
        assert turned.scroll == 0


async def test_one_walks_through_time_with_a_curve_on_the_screen() -> None:
    async with playing(app_on("non-normal"), BOARD) as player:
        await player.press("f", "tab", "tab")
        assert "(3/4)" in player.panel("flow")[0]
        for key in ("right", "shift+right", "end", "left", "home"):
            await player.press(key)
            assert "(3/4)" in player.panel("flow")[0]
        await player.press("v", "u", "tab", "right")
        assert "‖∇‖ before clipping" in "".join(player.panel("training"))
        await player.press("f")
        assert "(1/" in player.panel("flow")[0]
