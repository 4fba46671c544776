"""Plain symbols: on a terminal that draws ambiguous characters wide, no column may shift."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pytest
from lessons import LESSONS
from rich.cells import cell_len
from screens import ASIDE, BOARD, LAPTOP, SMALLEST, WALL, Player, app_on, playing

from bptt_viz.messages import CATALOGUE, LANGUAGES, Language
from bptt_viz.notation import NOTATIONS, Symbol
from bptt_viz.views.plain import NARROW_EVERYWHERE, plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FOREIGN = """
title = "“Ünïcødé” — ± ‘α’ …"
[sequence]
tokens = ["é", "ß", "ж", "①", "★", "e"]
[network]
hidden_size = 2
[update]
learning_rate = 1e-3
clip = { kind = "norm", threshold = 1.0 }
"""


def ambiguous(text: str) -> set[str]:
    return {character for character in text if unicodedata.east_asian_width(character) == "A"}


def check(player: Player) -> None:
    assert not ambiguous(player.text())
    assert {cell_len(line) for line in player.screen()} == {player.app.size.width}


async def walk(player: Player) -> None:
    """Look at every position, every notation, every panel and every dialog."""
    assert not ambiguous(player.text())
    while player.position < player.app.scene.timeline.last:
        await player.step("right")
        check(player)
    await player.press("shift+left", "left")
    for _, (there, back) in zip(NOTATIONS, ASIDE, strict=True):
        await player.press("n", there)
        check(player)
        await player.press(*back)
    for keys in (("question_mark",), ("g", "9", "9", "enter"), ("o", "x", "enter"), ("ctrl+p", "e")):
        await player.press(*keys)
        await player.until(lambda: not ambiguous(player.text()))
        await player.press("escape")
        await player.until(lambda: len(player.app.screen_stack) == 1)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scenario", LESSONS)
async def test_no_ambiguous_character_is_left(scenario: str, language: Language) -> None:
    async with playing(app_on(scenario, language=language, plain=True), LAPTOP) as player:
        await walk(player)


@pytest.mark.parametrize("size", [BOARD, SMALLEST, (59, 17)])
async def test_nor_in_small_terminals_with_foreign_words_and_problems(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "foreign.toml"
    path.write_text(FOREIGN, encoding="utf-8")
    async with playing(app_on(path, plain=True), size) as player:
        path.write_text(FOREIGN + '\nη = "ü…"\n"β×" = 1\n', encoding="utf-8")
        await player.press("r")
        await player.until(lambda: player.app.scene.problems)
        await walk(player)


async def test_a_title_without_room_is_shortened_in_plain_symbols_too() -> None:
    async with playing(app_on("wo-zuotian", notation="pytorch", plain=True), LAPTOP) as player:
        await player.press("g", "5", "enter", "d")
        whole = player.title("derivation")
        assert "held fixed -" in whole
        await player.pilot.resize_terminal(*SMALLEST)
        await player.pilot.pause()
        title = player.title("derivation")
        assert len(title) == SMALLEST[0]
        assert title.endswith(f"{plain('…')} -+")
        assert title.removesuffix(f"{plain('…')} -+") in whole
        await player.pilot.resize_terminal(*LAPTOP)
        await player.pilot.pause()
        assert player.title("derivation") == whole
    async with playing(app_on("wo-zuotian", notation="pytorch", plain=True), SMALLEST) as player:
        # Seen for the first time, and with a size only after that.
        await player.press("g", "5", "enter", "d")
        assert player.title("derivation") == title


async def test_switching_there_and_back_repaints_everything() -> None:
    async with playing(app_on("wo-zuotian")) as player:
        await player.press(*["shift+right"] * 8)
        before = player.text()
        assert ambiguous(before)
        await player.press("s")
        assert not ambiguous(player.text())
        await player.press("s")
        assert player.text() == before


async def test_a_layer_is_told_from_the_step_after_it_wherever_it_is_written() -> None:
    """``h(2)3`` would be layer 2 of 3, or whatever one makes of it."""
    written: set[str] = set()
    async with playing(app_on("stack-2", plain=True), WALL) as player:
        await player.step("end", "left", "left", "left")
        for _ in range(3):
            for there, back in (("escape", ("escape",)), *ASIDE):
                await player.press(there)
                text = player.text()
                assert not re.search(r"\w\(\d+\)\d", text), text
                written |= set(re.findall(r"\(\d\)_\d", text)) if there == "d" else set()
                await player.press(*back)
            await player.step("w")
    assert {"(1)_1", "(2)_1"} <= written


def test_every_message_keeps_its_cells() -> None:
    for text in (text for texts in CATALOGUE.values() for text in texts):
        assert cell_len(plain(text)) == cell_len(text)
        assert not ambiguous(plain(text))
        assert plain(text).count("?") == text.count("?"), text


def test_every_stand_in_is_one_narrow_cell() -> None:
    for symbol, drawn in NARROW_EVERYWHERE.items():
        assert len(drawn) == cell_len(drawn) == cell_len(symbol) == 1, symbol
        assert unicodedata.east_asian_width(drawn) in {"N", "Na", "H"}, symbol


@pytest.mark.parametrize(
    "kept_apart",
    [
        ("∂", "∂⁺", "d", "δ", "e", "o"),
        "∇UWVbc▼↓",
        "·.,×x⊙●o−",
        "δσφηΣθξγεπdsfnSqxgozirw",
        "≤≥≠<=>≈~÷←→",
        "∞√∏‖│0123456789rP!",
        "¹²³⁴1234",
        "⇧^↑",
    ],
    ids="".join,
)
def test_what_differs_in_meaning_is_drawn_differently(kept_apart: Sequence[str]) -> None:
    drawn = [plain(symbol) for symbol in kept_apart]
    assert "?" not in drawn
    assert len(set(drawn)) == len(drawn), drawn


def test_all_subscripts_are_drawn_alike() -> None:
    assert plain("₀₁₂₃₄₅₆₇₈₉") == "0123456789"


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("½ (o₁ − y₁)²", ".5(o1 - y1)ᶻ"),
        ("0.1 · 0.0613", "0.1 ⋅ 0.0613"),
        ("∂L₅/∂V = ∇V", "əL5/əV = ▿V"),
        ("V ← V − η ∂L₅/∂V", "V ⇠ V - ƞ əL5/əV"),
        ("≥10⁻² 10⁻¹² 0.10² ÷10", "⋝1e-2 1e-12 0.10ᶻ /10"),
        ("¼ é ①", "? e 1"),
        ("δ⁽²⁾_t h⁽¹²⁾", "ẟ(2)_t h(12)"),
    ],
)
def test_formulas_stay_readable(text: str, drawn: str) -> None:
    assert plain(text) == drawn
    assert cell_len(drawn) == cell_len(text)


def test_a_layer_is_told_from_the_step() -> None:
    scene = app_on("stack-2", plain=True).scene
    assert plain(scene.write((Symbol("h", 1, layer=2),))) == "h(2)_1"
    assert plain(scene.write((Symbol("h", "t", layer=2),))) == "h(2)_t"
    assert plain(scene.write((Symbol("h", 1),))) == "h1"
