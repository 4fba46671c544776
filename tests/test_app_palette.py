"""The palette: keys typed before its list is there."""

from __future__ import annotations

import pytest
from screens import app_on, playing
from textual import events

from bptt_viz.ui.screens.palette import Palette


@pytest.mark.parametrize("key", ["pageup", "pagedown", "down", "up", "ctrl+end"])
async def test_keys_that_come_before_its_list_do_no_harm(key: str) -> None:
    async with playing(app_on("scalar-t3")) as player:
        for each in ("colon", key, key):
            player.app.post_message(events.Key(each, None))
        await player.until(lambda: isinstance(player.app.screen, Palette))
        await player.press(key, "escape")
        await player.until(lambda: not isinstance(player.app.screen, Palette))
        await player.press("right")
        assert player.position == 1
