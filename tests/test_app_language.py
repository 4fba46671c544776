"""In Chinese no English is left, and back again in English nothing else has changed."""

from __future__ import annotations

import re

import pytest
from lessons import LESSONS
from screens import ASIDE, Player, app_on, playing

from bptt_viz import catalog
from bptt_viz.loading import read

#: A scenario of two units and one output.
SCENARIO = "length-three"


def letters(text: str) -> set[str]:
    """The Latin words of three letters and more."""
    return set(re.findall(r"[A-Za-z]{3,}", text))


#: What stays Latin in Chinese: functions, caps of keys, the other language's name, names of files, methods, programs.
LATIN = {"tanh", "log", "exp", "NaN", "English", "Space", "PgDn", "PgUp", "Home", "End", "Tab", "Esc", "Enter", "toml",
         "BPTT", "RTRL", "SGD", "SymPy", "NumPy", "Bksp"}  # fmt: skip


#: Panels that may hold nothing but numbers and formulas.
NUMBERS = {"network", "numbers", "gradient", "footer"}


async def check_chinese(player: Player) -> None:
    """The same moment in Chinese, and in English again."""
    in_english = player.text()
    await player.step("z")
    assert letters(player.text()) <= LATIN
    for name in player.shown() - {"title", "small"}:
        framed = "framed" in player.widget(name).classes
        if framed:
            assert re.search(r"[\u4e00-\u9fff]|^╭─ [^:a-z]*─+╮$", player.title(name)), player.title(name)
        if name not in NUMBERS:
            chinese = "".join(player.panel(name)) + (player.title(name) if framed else "")
            assert re.search(r"[\u4e00-\u9fff]", chinese), name
    await player.step("z")
    assert player.text() == in_english


@pytest.mark.parametrize("scenario", LESSONS)
async def test_in_chinese_no_english_is_left_and_back_again(scenario: str) -> None:
    async with playing(app_on(scenario)) as player:
        timeline = player.app.scene.timeline
        await player.step("right", "left")
        while player.position < timeline.last:
            await check_chinese(player)
            await player.step("shift+right")
        await player.press("shift+left")
        # The other panels, each by itself.
        for there, back in ASIDE:
            await player.press(there)
            await check_chinese(player)
            await player.press(*back)


@pytest.mark.parametrize("key", ["question_mark", "g", "o", "ctrl+p"])
async def test_dialogs_are_in_chinese_too(key: str) -> None:
    async with playing(app_on(SCENARIO, language="zh")) as player:
        await player.press(key)
        titles = [player.app.scene.text(read(path).title) for path in catalog.bundled().values()]
        names = letters(" ".join((*catalog.bundled(), *titles)))
        assert letters(player.text()) <= LATIN | names
