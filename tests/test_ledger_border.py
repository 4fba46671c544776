"""What explains the ledger stands in its lower border or under it, never among its numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_scenes import at_end, blocks_shown, lesson_of_length, moments
from rich.cells import cell_len
from screens import BOARD, LAPTOP, WALL, Player, app_on, playing
from test_views import lesson, scene_of, text_of

from bptt_viz.messages import LANGUAGES, Language, say
from bptt_viz.timeline import Phase
from bptt_viz.views import ledger_layout, ledger_view
from bptt_viz.views.canvas import ROLES, width_of
from bptt_viz.views.ledgers import Wanted
from bptt_viz.views.plain import plain

if TYPE_CHECKING:
    from bptt_viz.views.scene import Scene

#: A norm, or what stands where there is none.
ENTRY = re.compile(r"([\d.]+(e[−-]?\d+)?|NaN|[-░▒▓█·○×?0∞]+)$")


@settings(max_examples=150)
@given(scene=moments(), width=st.integers(20, 200), height=st.integers(3, 24))
def test_among_the_numbers_there_are_only_numbers(scene: Scene, width: int, height: int) -> None:
    lines = ledger_view.draw(scene, width, height)
    groups = ledger_layout.layout(scene, width, height).groups
    for line in lines[1 : 1 + groups] if len(lines) > 1 else ():
        _, *entries = text_of(line).replace("│", " ").split()
        assert all(ENTRY.match(entry) for entry in entries), text_of(line)


@settings(max_examples=150)
@given(scene=moments(), width=st.integers(6, 200), height=st.integers(1, 24))
def test_the_border_takes_no_more_than_it_has_and_repeats_nothing(scene: Scene, width: int, height: int) -> None:
    line = ledger_view.subtitle(scene, width, height)
    text = text_of(line)
    assert cell_len(text) <= width - 4 or not text
    assert cell_len(plain(text)) == cell_len(text)
    assert all(span.role in ROLES and span.number is None for span in line)
    inside = " ".join(map(text_of, ledger_view.draw(scene, width, height)))
    assert not ("÷10" in text and "÷10" in inside)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("steps", [5, 12, 2000])
def test_the_narrow_panel_always_says_what_its_shades_are(steps: int, language: Language) -> None:
    taught = lesson_of_length(steps)
    taught.ledgers.compute(Wanted("U", 5))
    taught.ledgers.compute(Wanted("U", 4))
    for phase, t in ((Phase.FORWARD, 1), (Phase.BACKWARD, steps - 1), (Phase.BACKWARD, 1)):
        scene = scene_of(taught, taught.timeline.end_of(phase, t), language, parameter="U")
        text = text_of(ledger_view.subtitle(scene, 42, 7))
        assert "≥10" in text
        assert any(say(key, language) in text for key in ("ledger.scale.less", "ledger.scale.shortly"))


def test_nothing_is_said_of_what_is_still_being_summed() -> None:
    taught = lesson_of_length(3000, 2)
    assert ledger_view.subtitle(scene_of(taught), 42, 7) == ()


def test_what_has_no_room_in_the_border_stands_below_the_sums() -> None:
    scene = at_end(lesson("vanishing"), parameter="W")
    lines = list(map(text_of, ledger_view.draw(scene, 42, 7)))
    border = text_of(ledger_view.subtitle(scene, 42, 7))
    assert "÷10" in border
    assert "‖Σ_t Σ_k‖ = ‖∇W‖" in border
    assert lines[5].startswith(" ‖Σ_t‖")
    assert lines[6].strip() == "a cell sums up to 2×2 terms"


@pytest.mark.parametrize("size", [BOARD, LAPTOP, WALL], ids=str)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_lower_border_of_the_panel_holds_it(size: tuple[int, int], language: Language) -> None:
    async with playing(app_on("wo-zuotian", language=language), size) as player:
        await player.press("end", *(("tab",) * 4 if size == BOARD else ()))
        x, y, width, height = player.widget("ledger").region
        for symbols in (str, plain):
            (strip,) = player.strips()[y + height - 1 : y + height]
            border = strip.crop(x, x + width).text
            assert cell_len(border) == width
            scene = player.app.scene
            said = text_of(ledger_view.subtitle(scene, width - 2, height - 2))
            assert width_of(said) > 10
            assert f" {symbols(said)} " in border
            shades = [segment.style for segment in strip.crop(x, x + width) if segment.text == " " and segment.style]
            assert len({style.bgcolor for style in shades}) >= 3, "samples of the shades"
            await player.press("s")


@pytest.mark.parametrize("size", [LAPTOP, WALL], ids=str)
async def test_tab_leads_to_a_ledger_with_a_cell_for_each_term(size: tuple[int, int]) -> None:
    async with playing(app_on("vanishing"), size) as player:
        await player.press("end")
        opened = player.shown()
        assert len(terms_shown(player)) == (10 if size == LAPTOP else 36)
        await player.press("tab", "tab")
        assert player.shown() == {"title", "network", "ledger", "timeline", "footer"}
        assert player.widget("ledger").region.width == size[0]
        assert terms_shown(player) == {(t, k) for t in range(1, 9) for k in range(1, t + 1)}
        assert any(line.startswith(" L₈ ") for line in player.panel("ledger"))
        # A page comes before it, and after the page it is there again.
        await player.press("d")
        assert "ledger" not in player.shown()
        await player.press("d", "tab")
        assert player.shown() == opened


def terms_shown(player: Player) -> set[tuple[int, int]]:
    """The last loss and the last use of each block."""
    panel = player.widget("ledger")
    shown = blocks_shown(ledger_view.draw(player.app.scene, panel.size.width, panel.size.height))
    return {(rows[1], columns[1]) for rows, columns in shown}


async def test_the_border_is_painted_only_where_what_it_says_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing(app_on("truncation-window"), LAPTOP) as player:
        await player.press("right")
        ledger = player.widget("ledger")
        said, refreshed = ledger.border_subtitle, []
        monkeypatch.setattr(ledger, "refresh", lambda *regions, **_: refreshed.append(regions))
        await player.press("right", "right", "right")
        assert said
        assert ledger.border_subtitle == said
        # Where no regions are named, all of a panel is refreshed.
        assert all(refreshed)
