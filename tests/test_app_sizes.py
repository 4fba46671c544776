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
ALL = ALWAYS | {"operation", "gradient", "numbers"}
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
        if "framed" in panel.classes:
            frame = [
                line.text
                for line in (s.crop(region.x, region.right) for s in player.strips()[region.y : region.bottom])
            ]
            assert (frame[0][0], frame[0][-1], frame[-1][0], frame[-1][-1]) == ("╭", "╮", "╰", "╯"), name
            assert all(line[0] == line[-1] == "│" for line in frame[1:-1]), name


def check_no_overlap(player: Player) -> None:
    regions = [player.widget(name).region for name in player.shown() - {"problems"}]
    for index, one in enumerate(regions):
        assert not any(one.overlaps(other) for other in regions[index + 1 :])


async def walk(player: Player) -> None:
    check_whole(player)
    while player.position < player.app.scene.timeline.last:
        await player.press("shift+right", "left", "left", "right")
        if player.position >= player.app.scene.timeline.last - 1:
            await player.press("end")
        check_whole(player)
        check_no_overlap(player)
        await player.press("shift+right")
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
        for keys in (("g", "2", "enter", "left"), ("g", "b", "2", "enter"), ("left",), ("end",)):
            await player.press(*keys)
            position = player.position
            for size in SWEEP:
                await player.pilot.resize_terminal(*size)
                await player.pilot.pause()
                assert player.position == position
                assert player.shown() >= PANELS.get(size, ALWAYS)
                assert player.shown() & {"operation", "gradient", "numbers"}
                check_whole(player)
                check_no_overlap(player)


async def test_every_panel_can_be_reached_where_not_all_have_room() -> None:
    for size in (BOARD, SMALLEST):
        async with playing(app_on("wo-zuotian"), size) as player:
            await player.press("g", "b", "3", "enter")
            seen: set[str] = set()
            for _ in range(4):
                await player.press("tab")
                check_whole(player)
                seen |= player.shown()
            assert seen >= ALL


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
