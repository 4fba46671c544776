"""The page of gradients through time in the running app: keys, Tab, why, and work that no key waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from screens import BOARD, LAPTOP, WALL, app_on, playing

from bptt_viz import catalog
from bptt_viz.quantities import Number, Reach

if TYPE_CHECKING:
    from pathlib import Path

BESIDE = b'\n[lecture]\nbeside = ["scalar-t3", "length-three"]\n'


@pytest.mark.parametrize("size", [BOARD, LAPTOP, WALL])
async def test_f_opens_and_closes_the_page(size: tuple[int, int]) -> None:
    async with playing(app_on("length-three"), size) as player:
        await player.press("f")
        assert player.shown() & {"flow", "operation", "gradient", "ledger"} == {"flow"}
        before = player.panel("flow")
        await player.press("tab")
        assert (player.panel("flow") != before) == ("Tab" in before[0])
        await player.press("f")
        assert "flow" not in player.shown()


async def test_other_scenarios_are_computed_while_nobody_waits(tmp_path: Path) -> None:
    """Also when the page had no room before it was opened, so that it asks when it is first painted."""
    path = tmp_path / "compared.toml"
    path.write_bytes(catalog.find("scalar-t3").read_bytes() + BESIDE)
    async with playing(app_on(path), WALL) as player:
        await player.press("f")
        await player.until(lambda: "T \u2212 k" in player.text())
        assert "computing" not in player.text()


async def test_a_norm_is_asked_about() -> None:
    async with playing(app_on("length-three"), LAPTOP) as player:
        await player.press("f", "y", "down")
        while player.app.scene.picked is None or not isinstance(player.app.scene.picked.quantity, Reach):
            before = player.app.scene.picked
            await player.press("down")
            assert player.app.scene.picked != before
        picked = player.app.scene.picked
        assert isinstance(picked, Number)
        assert "σ_max(" in player.text() or "same state" in player.text() or "|" in player.text()
