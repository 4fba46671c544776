"""The screen as it is meant to look, cell by cell with its colours, at every named size and in both languages.

A snapshot holds the text; under it, for every line, the runs of cells that look alike; and what each look is under
the dark and under the light theme. ``pytest --snapshot-update`` takes them anew.
"""

from __future__ import annotations

import re
import string
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len
from screens import BOARD, LAPTOP, WALL, Player, app_on, playing
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from bptt_viz.messages import LANGUAGES, Language
from bptt_viz.notation import names

if TYPE_CHECKING:
    from rich.style import Style
    from syrupy.assertion import SnapshotAssertion

#: Name → keys from the start of the bundled sentence.
POSITIONS = {
    "start": (),
    "forward": ("g", "3", "enter", "left", "left", "left"),
    "loss": ("end", *["shift+left"] * 6),
    "backward": ("g", "b", "3", "enter", "left", "left"),
    "contribution": ("g", "b", "2", "enter"),
    "update": ("end",),
}
SIZES = {"board": BOARD, "laptop": LAPTOP, "wall": WALL}
#: Name → size and keys from backward step 3 of the bundled sentence, for what is not seen at first.
PANELS = {
    "derivation": (LAPTOP, ("d",)),
    "derivation-part-2": (LAPTOP, ("d", "tab")),
    "why": (LAPTOP, ("left", "left", "y", "1")),
    "recursion": (LAPTOP, ("m",)),
    "sides": (LAPTOP, ("i",)),
    "numbers": (LAPTOP, ("tab",)),
    "board-ledger": (BOARD, ("tab",) * 4),
    "board-derivation": (BOARD, ("tab",) * 5),
    "board-large": (BOARD, ("d",)),
}
#: Name → scenario, its language and the keys from its start: gates, layers, a decoder, and the pages, on a laptop.
LESSONS: dict[str, tuple[str, Language, tuple[str, ...]]] = {
    "lstm-gates-forward": ("lstm-gates", "en", ("g", "2", "enter")),
    "lstm-gates-backward": ("lstm-gates", "en", ("g", "b", "2", "enter")),
    "stack-2-backward": ("stack-2", "zh", ("g", "b", "2", "enter")),
    "encoder-decoder-forward": ("encoder-decoder", "en", ("g", "5", "enter")),
    "encoder-decoder-backward": ("encoder-decoder", "zh", ("g", "b", "3", "enter")),
    "flow": ("memory-tanh", "en", ("f",)),
    "truncations": ("truncation-window", "en", ("c",)),
    "training": ("learns", "en", ("v", "U")),
    "edited": ("wo-zuotian", "en", ("g", "b", "3", "enter", "e", "down", "minus", "1", "enter")),
}
#: What is left of a difference between SymPy and NumPy depends on the machine's arithmetic.
_ROUNDING = re.compile(r" *[\d.]+e−(?:1[5-9]|2\d)")
_LETTERS = string.ascii_letters + string.digits


class Screens(SingleFileSnapshotExtension):
    """One text file for each snapshot."""

    file_extension = "txt"
    _write_mode = WriteMode.TEXT

    def serialize(self, data: Any, **_: Any) -> str:
        return str(data)


@pytest.fixture
def screens(snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> SnapshotAssertion:
    monkeypatch.delenv("NO_COLOR", raising=False)
    return snapshot.use_extension(Screens)


def look(style: Style | None) -> str:
    """A style in words: colours as hex, then what else."""
    if style is None:
        return "-"
    colours = [str(colour.name) if colour else "-" for colour in (style.color, style.bgcolor)]
    more = [name for name in ("bold", "dim", "italic", "underline", "reverse", "strike") if getattr(style, name)]
    return " ".join(["/".join(colours), *more])


def looks(player: Player) -> list[list[str]]:
    """For every line, how each of its cells looks."""
    return [
        [look(segment.style) for segment in strip for _ in range(cell_len(segment.text))] for strip in player.strips()
    ]


def settled(player: Player) -> bool:
    """Whether nothing that the screen waits for is still computed elsewhere."""
    lesson = player.app.scene.lesson
    waits = (lesson.flows.wanted, lesson.truncations.wanted, lesson.ledgers.wanted)
    return waits == (None, None, None) and not player.app.scene.course.running


async def picture(player: Player) -> str:
    """The screen as text and, under both themes, as runs of equal looks."""
    text, dark = player.screen(), looks(player)
    await player.press("t")
    assert player.screen() == text
    text = [_ROUNDING.sub(lambda found: "#" * len(found[0]), line) for line in text]
    pairs = [list(zip(*lines, strict=True)) for lines in zip(dark, looks(player), strict=True)]
    names: dict[tuple[str, str], str] = {}
    maps = []
    for line in pairs:
        runs = [(pair, len(list(cells))) for pair, cells in groupby(line)]
        maps.append(" ".join(f"{names.setdefault(pair, _LETTERS[len(names)])}{count}" for pair, count in runs))
    legend = [f"{name}  {dark_one}  |  {light_one}" for (dark_one, light_one), name in names.items()]
    return "\n".join([*(f"{line}$" for line in text), "", *maps, "", *legend, ""])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_the_screen_looks_as_it_did(screens: SnapshotAssertion, size: str, language: Language) -> None:
    async with playing(app_on("wo-zuotian", language=language), SIZES[size]) as player:
        for name, keys in POSITIONS.items():
            await player.press("home", *keys)
            assert await picture(player) == screens(name=f"{size}-{language}-{name}")
            await player.press("t")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notation", names())
async def test_every_notation_looks_as_it_did(screens: SnapshotAssertion, notation: str, language: Language) -> None:
    async with playing(app_on("wo-zuotian", language=language, notation=notation)) as player:
        await player.press("g", "b", "3", "enter")
        await player.until(lambda: player.app.scene.comparison is not None)
        assert await picture(player) == screens(name=f"notation-{notation}-{language}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("panel", PANELS)
async def test_every_panel_looks_as_it_did(screens: SnapshotAssertion, panel: str, language: Language) -> None:
    size, keys = PANELS[panel]
    async with playing(app_on("wo-zuotian", language=language), size) as player:
        await player.press("g", "b", "3", "enter", *keys)
        assert await picture(player) == screens(name=f"panel-{panel}-{language}")


@pytest.mark.parametrize("lesson", LESSONS)
async def test_every_kind_of_lesson_looks_as_it_did(screens: SnapshotAssertion, lesson: str) -> None:
    scenario, language, keys = LESSONS[lesson]
    async with playing(app_on(scenario, language=language)) as player:
        await player.press(*keys)
        await player.until(lambda: settled(player))
        assert await picture(player) == screens(name=f"lesson-{lesson}")


async def test_the_light_theme_looks_as_it_did(screens: SnapshotAssertion) -> None:
    """By itself, on a page with curves: colours that follow from the theme's own."""
    async with playing(app_on("memory-tanh")) as player:
        await player.press("t", "f")
        await player.until(lambda: settled(player))
        text = "\n".join(f"{line}$" for line in player.screen())
        runs = "\n".join(
            " ".join(f"{one}×{len(list(cells))}" for one, cells in groupby(line)) for line in looks(player)
        )
        assert f"{text}\n\n{runs}\n" == screens(name="light-flow")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["question_mark", "o", "g"])
async def test_the_dialogs_look_as_they_did(screens: SnapshotAssertion, key: str, language: Language) -> None:
    async with playing(app_on("scalar-t3", language=language), BOARD) as player:
        await player.press(key)
        text = "\n".join(f"{line}$" for line in player.screen())
        assert text == screens(name=f"dialog-{language}-{key}")
