"""Saving the state of the moment from the app, key by key, and opening it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from screens import app_on, playing
from textual.widgets import Input

import bptt_viz
from bptt_viz.saving import save, scenario_toml
from bptt_viz.ui.screens.save import SaveScreen

if TYPE_CHECKING:
    from pathlib import Path


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


async def test_what_is_saved_goes_beside_the_scenario_and_its_whole_path_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    for folder in ("home", "home/lessons", "elsewhere"):
        (tmp_path / folder).mkdir()
    monkeypatch.setenv("HOME", str(home))
    file = home / "lessons" / "mine.toml"
    save(file, scenario_toml(bptt_viz.load("scalar-t3"), bptt_viz.trace(bptt_viz.load("scalar-t3")).network, "mine"))
    monkeypatch.chdir(tmp_path / "elsewhere")
    async with playing(app_on(file)) as player:
        await player.press("S")
        assert player.app.screen.query_one("#path", Input).value == "~/lessons/mine-now.toml"
        await player.press("enter")
        await player.until(lambda: "saved as mine-now.toml in ~/lessons" in player.text())
        await player.press("S")
        player.app.screen.query_one("#path", Input).value = "bare"
        await player.press("enter")
        await player.until(lambda: "saved as bare.toml in ~/lessons" in player.text())
    assert sorted(list_of(home / "lessons")) == ["bare.toml", "mine-now.toml", "mine.toml"]
    assert list_of(tmp_path / "elsewhere") == []


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "expected a path to save to, found nothing"),
        ("/no/such/place/x.toml", "/no/such/place/x.toml: the folder /no/such/place does not exist"),
        ("~nobody-of-this-name/x", "does not exist"),
    ],
)
async def test_a_path_that_cannot_be_is_told(typed: str, told: str) -> None:
    async with playing(app_on("wo-zuotian")) as player:
        await player.press("S")
        player.app.screen.query_one("#path", Input).value = typed
        await player.press("enter")
        assert isinstance(player.app.screen, SaveScreen)
        assert told in player.text()
        assert player.app.screen.query_one("#path", Input).value == typed
