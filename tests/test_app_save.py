"""Saving the state of the moment from the app, key by key, and opening it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from screens import app_on, playing

import bptt_viz
from bptt_viz.ui.screens.save import SaveScreen

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def list_of(folder: Path) -> list[str]:
    """What is in a folder."""
    return [path.name for path in folder.iterdir()]


async def test_what_is_saved_opens_with_the_parameters_of_the_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with playing(app_on("wo-zuotian")) as player:
        await player.type("uuS")
        await player.until(lambda: isinstance(player.app.screen, SaveScreen))
        await player.type("\r")
        await player.until(lambda: not isinstance(player.app.screen, SaveScreen))
        await player.until(lambda: "wo-zuotian-now.toml" in player.app.scene.notice)
        now = dict(player.app.scene.trace.parameters)
    again = bptt_viz.trace(bptt_viz.load(tmp_path / "wo-zuotian-now.toml"))
    original = bptt_viz.trace(bptt_viz.load("wo-zuotian"))
    for name, value in now.items():
        np.testing.assert_array_equal(again.parameters[name], value)
    assert not np.array_equal(now["W"], original.parameters["W"])


async def test_a_file_that_is_there_goes_only_when_its_name_is_given_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "wo-zuotian-now.toml"
    file.write_text("mine", encoding="utf-8")
    async with playing(app_on("wo-zuotian")) as player:
        await player.type("S")
        await player.until(lambda: isinstance(player.app.screen, SaveScreen))
        await player.type("\r")
        await player.until(lambda: player.app.screen.query_one("#save-error").region.height > 1)
        assert file.read_text(encoding="utf-8") == "mine"
        await player.type("\r")
        await player.until(lambda: not isinstance(player.app.screen, SaveScreen))
    assert bptt_viz.load(file).network.hidden_size == 3


async def test_a_place_that_cannot_be_written_is_told_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with playing(app_on("wo-zuotian")) as player:
        await player.type("S")
        await player.until(lambda: isinstance(player.app.screen, SaveScreen))
        await player.press("home")
        await player.type("nowhere/")
        await player.type("\r")
        await player.until(lambda: player.app.screen.query_one("#save-error").region.height > 0)
        assert isinstance(player.app.screen, SaveScreen)
        await player.type("\x1b")
        await player.until(lambda: not isinstance(player.app.screen, SaveScreen))
    assert list_of(tmp_path) == []
