"""Every size of terminal: the panels that have room are there, whole, and no number is cut in the middle."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len
from screens import BOARD, LAPTOP, SMALLEST, WALL, Player, app_on, playing

from bptt_viz.formatting import NARROW

if TYPE_CHECKING:
    from bptt_viz.messages import Language

ALWAYS = {"title", "network", "timeline", "footer"}
ALL = ALWAYS | {"operation", "gradient", "derivation", "ledger"}
#: What has to be seen at a size, whatever the step.
PANELS = {LAPTOP: ALL, WALL: ALL, (160, 44): ALL}
SWEEP = [(60, 18), (61, 40), (70, 20), (80, 18), (80, 60), (99, 29), (99, 31), (100, 29), (100, 30), (101, 24),
         (120, 29), (133, 33), (159, 43), (160, 44), (180, 20), (250, 70)]  # fmt: skip
#: Digits right before an ellipsis: a number cut in the middle, unless it is one of a row's fixed width.
BEFORE_ELLIPSIS = re.compile(r"(\S*\d\.?)…")


def check_whole(player: Player) -> None:
    """Exact widths; no number at an edge without its end."""
    width, height = player.app.size
    lines = player.screen()
    assert len(lines) == height
    assert {cell_len(line) for line in lines} == {width}
    for name in player.shown():
        panel = player.widget(name)
        region = panel.region
        assert region.right <= width, name
        assert region.bottom <= height, name
        assert panel.content_region.area, name
        for drawn, line in zip(panel.text(), player.panel(name), strict=False):
            assert cell_len(drawn) == panel.content_region.width, (name, drawn)
            cut = BEFORE_ELLIPSIS.search(line)
            assert not cut or (name in ("operation", "numbers") and (len(cut[1]) == NARROW or cut[1] == "0")), (
                name,
                line,
            )
        if "framed" in panel.classes or name == "why":
            strips = player.strips()[region.y : region.bottom]
            ends = [(line[0], line[-1]) for line in (strip.crop(region.x, region.right).text for strip in strips)]
            frame = [("╭", "╮"), *[("│", "│")] * (region.height - 2), ("╰", "╯")]
            for row, (found, wanted) in enumerate(zip(ends, frame, strict=True), start=region.y):
                assert found == wanted or player.covered(name, row), name


def check_no_overlap(player: Player) -> None:
    regions = [player.widget(name).region for name in player.shown() - {"problems", "why"}]
    for index, one in enumerate(regions):
        assert not any(one.overlaps(other) for other in regions[index + 1 :])


async def walk(player: Player) -> None:
    check_whole(player)
    while player.position < player.app.scene.timeline.last:
        await player.step("shift+right", "left", "left", "right")
        if player.position >= player.app.scene.timeline.last - 1:
            await player.step("end")
        check_whole(player)
        check_no_overlap(player)
        await player.step("shift+right")
        check_whole(player)


@pytest.mark.parametrize(
    ("scenario", "size"),
    [
        *(("wo-zuotian", size) for size in (BOARD, LAPTOP, WALL, SMALLEST)),
        *(("length-three", size) for size in (BOARD, LAPTOP, WALL, SMALLEST)),
    ],
    ids=str,
)
async def test_every_panel_is_whole(scenario: str, size: tuple[int, int]) -> None:
    async with playing(app_on(scenario), size) as player:
        assert player.shown() >= PANELS.get(size, ALWAYS)
        await walk(player)
        assert player.shown() >= PANELS.get(size, ALWAYS)


@pytest.mark.parametrize(
    ("scenario", "language"),
    [
        ("wo-zuotian", "en"),
        ("wo-zuotian", "zh"),
        ("scalar-t3", "zh"),
        ("length-three", "en"),
    ],
)
async def test_resizing_in_the_middle_keeps_the_step_and_every_number(scenario: str, language: Language) -> None:
    async with playing(app_on(scenario, language=language)) as player:
        stops = (("g", "2", "enter", "left"), ("g", "b", "2", "enter"), ("left",), ("end",))
        aside = (("left", "y"), ("escape", "d"), ("i",))
        for keys in (*stops, *aside):
            await player.press(*keys)
            position = player.position
            for size in SWEEP if keys in stops else SWEEP[::3]:
                await player.pilot.resize_terminal(*size)
                await player.pilot.pause()
                assert player.position == position
                scene, below = player.app.scene, player.shown() - ALWAYS
                if scene.page:
                    assert below - {"operation", "gradient"} == {scene.page}
                else:
                    assert player.shown() >= PANELS.get(size, ALWAYS)
                    assert below & {"operation", "gradient"}
                assert ("why" in below) == (scene.picked is not None)
                check_whole(player)
                check_no_overlap(player)


@pytest.mark.parametrize("size", [BOARD, SMALLEST, LAPTOP, (120, 30), (90, 40)], ids=str)
async def test_every_panel_can_be_reached(size: tuple[int, int]) -> None:
    async with playing(app_on("wo-zuotian"), size) as player:
        await player.press("g", "b", "3", "enter")
        opened = player.shown()
        seen = set(opened)
        for _ in range(3 if size == LAPTOP else 6):
            await player.press("tab")
            check_whole(player)
            check_no_overlap(player)
            seen |= player.shown()
        assert seen == {*ALL, "numbers"}
        assert player.shown() == opened
        await player.press("i")
        assert "sides" in player.shown()
        check_whole(player)


@pytest.mark.parametrize("size", [(59, 17), (59, 40), (200, 17), (20, 5), (1, 1)], ids=str)
async def test_too_small_says_so_and_recovers(size: tuple[int, int]) -> None:
    async with playing(app_on("wo-zuotian"), LAPTOP) as player:
        await player.press("g", "b", "3", "enter")
        before = player.screen()
        await player.pilot.resize_terminal(*size)
        await player.pilot.pause()
        assert player.shown() == {"small"}
        said = " ".join(player.text().split())
        if size[0] > 20:
            assert f"{size[0]}×{size[1]}" in said
            assert "60×18" in said
        await player.press("right", "left")
        await player.pilot.resize_terminal(*LAPTOP)
        await player.pilot.pause()
        assert player.screen() == before


async def test_it_can_start_too_small_and_in_the_smallest() -> None:
    async with playing(app_on("wo-zuotian"), (59, 17)) as player:
        assert player.shown() == {"small"}
        await player.pilot.resize_terminal(*SMALLEST)
        await player.pilot.pause()
        assert player.shown() >= ALWAYS
        check_whole(player)
