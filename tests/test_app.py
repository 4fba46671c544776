"""What keys and clicks do in the running app: each command does what its message says, and nothing else does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from screens import BOARD, Player, app_on, playing
from textual import events

from bptt_viz import catalog
from bptt_viz.commands import COMMANDS, cap
from bptt_viz.messages import say
from bptt_viz.timeline import Phase
from bptt_viz.ui.screens.blank import BlankScreen
from bptt_viz.ui.screens.go_to import GoToScreen
from bptt_viz.ui.screens.help import HelpScreen
from bptt_viz.ui.screens.open import OpenScreen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

KEYS = [(command.id, key) for command in COMMANDS for key in command.keys]
#: A scenario of two units and one output, and where in it ∂L/∂h₂ is computed.
SCENARIO, HIDDEN_GRADIENT = "length-three", 22


async def type_at_once(player: Player, keys: str) -> None:
    """Keys that come in one go: the next before the first is answered."""
    names = {"\r": "enter", "\x1b": "escape", "?": "question_mark", ".": "full_stop"}
    for key in keys:
        player.app.post_message(events.Key(names.get(key, key), key))
    await player.pilot.pause()
    await player.pilot.pause()


def entry(player: Player) -> str:
    """The name of the entry that is written out."""
    return "".join(re.findall(r"^ \[(\S+)\]", "\n".join(player.panel("operation")), re.MULTILINE))


async def walks_to(player: Player, key: str, position: int) -> None:
    await player.press(key)
    assert player.position == position
    assert f"{position}/29" in player.panel("timeline")[0]


async def goes_to(player: Player, key: str) -> None:
    await player.press(key)
    assert isinstance(player.app.screen, GoToScreen)
    assert "time step (1..3)" in player.text()


async def chooses_parameter(player: Player, key: str) -> None:
    assert "∇W " in player.title("gradient")
    await player.press(key)
    assert "∇U " in player.title("gradient")


async def chooses_entry(player: Player, key: str) -> None:
    assert entry(player) == "1"
    await player.press(key)
    assert entry(player) == "2"
    await player.press(key)
    assert entry(player) == "1"


async def shows_another_panel(player: Player, key: str) -> None:
    await player.pilot.resize_terminal(*BOARD)
    seen = {frozenset(player.shown())}
    for _ in range(4):
        await player.press(key)
        seen.add(frozenset(player.shown()))
    assert set().union(*seen) >= {"network", "operation", "gradient", "numbers"}
    assert len(seen) > 1


async def opens(player: Player, key: str) -> None:
    await player.press(key)
    assert isinstance(player.app.screen, OpenScreen)
    assert all(name in player.text() for name in catalog.bundled())


async def reads_again(player: Player, key: str) -> None:
    await player.press(key)
    await player.until(lambda: "reloaded" in player.panel("timeline")[0])
    assert player.position == HIDDEN_GRADIENT


async def switches_language(player: Player, key: str) -> None:
    await player.press(key)
    assert say("network.title", "zh") in player.text()


async def changes_notation(player: Player, key: str) -> None:
    await player.press(key)
    assert "δ₂ = W_qhᵀ ∂L/∂o₂ + W_hhᵀ ∂L/∂z₃" in player.panel("operation")[0]
    assert "d2l: δ_t is ∂L/∂h_t" in player.panel("timeline")[0]


async def switches_theme(player: Player, key: str) -> None:
    def grounds() -> set[object]:
        return {segment.style.bgcolor for strip in player.strips() for segment in strip if segment.style}

    before, text = grounds(), player.text()
    await player.press(key)
    assert not grounds() & before
    assert player.text() == text
    await player.press(key)
    assert grounds() == before


async def blanks(player: Player, key: str) -> None:
    before = player.text()
    await player.press(key)
    assert isinstance(player.app.screen, BlankScreen)
    assert not player.text().strip()
    await player.press("right")
    assert player.text() == before


async def makes_plain(player: Player, key: str) -> None:
    before = player.text()
    await player.press(key)
    assert "dL/dh2 = V" in player.text()
    await player.press(key)
    assert player.text() == before


async def helps(player: Player, key: str) -> None:
    await player.press(key)
    assert isinstance(player.app.screen, HelpScreen)
    lines = player.screen()
    for command in COMMANDS:
        (line,) = (line for line in lines if say(f"command.{command.id}", "en") in line)
        assert " ".join(map(cap, command.keys)) in line
    await player.press("right")
    assert player.position == HIDDEN_GRADIENT
    assert not isinstance(player.app.screen, HelpScreen)


async def finds_commands(player: Player, key: str) -> None:
    await player.press(key, *"start")
    await player.until(lambda: "To the start" in player.text() and "Next parameter" not in player.text())
    await player.press("enter")
    await player.until(lambda: player.position == 0)


async def quits(player: Player, key: str) -> None:
    await player.press(key)
    assert player.app.return_value == 0
    assert player.app._exit


DOES: dict[str, Callable[[Player, str], Awaitable[None]]] = {
    "next": lambda player, key: walks_to(player, key, HIDDEN_GRADIENT + 1),
    "back": lambda player, key: walks_to(player, key, HIDDEN_GRADIENT - 1),
    "next_time_step": lambda player, key: walks_to(player, key, 24),
    "previous_time_step": lambda player, key: walks_to(player, key, 20),
    "first": lambda player, key: walks_to(player, key, 0),
    "last": lambda player, key: walks_to(player, key, 29),
    "go_to": goes_to,
    "parameter": chooses_parameter,
    "entry_down": chooses_entry,
    "entry_up": chooses_entry,
    "panel": shows_another_panel,
    "open": opens,
    "reload": reads_again,
    "notation": changes_notation,
    "language": switches_language,
    "theme": switches_theme,
    "blank": blanks,
    "symbols": makes_plain,
    "help": helps,
    "palette": finds_commands,
    "quit": quits,
}


async def at_hidden_gradient(player: Player) -> None:
    await player.step("end", *["left"] * (29 - HIDDEN_GRADIENT))
    assert "∂L/∂h₂ = Vᵀ ∂L/∂o₂ + Wᵀ δ₃" in player.panel("operation")[0]


@pytest.mark.parametrize(("command", "key"), KEYS, ids=[f"{command}-{key}" for command, key in KEYS])
async def test_every_key_does_what_its_command_says(command: str, key: str) -> None:
    async with playing(app_on(SCENARIO)) as player:
        await at_hidden_gradient(player)
        await DOES[command](player, key)


@pytest.mark.parametrize("position", [0, HIDDEN_GRADIENT])
async def test_what_a_clicker_sends_besides_its_arrows_does_nothing(position: int) -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.step(*["right"] * position)
        before = player.text()
        for key in ("escape", "f5", "shift+f5", "escape", "enter", "x", "1"):
            await player.press(key)
            assert player.app.is_running
            assert player.app.return_value is None
            assert not player.app._exit
            assert player.text() == before


async def test_the_ends_of_the_timeline_are_kept() -> None:
    async with playing(app_on(SCENARIO)) as player:
        before = player.text()
        await player.press("left", "pageup", "shift+left")
        assert player.text() == before
        await player.press("end")
        before = player.text()
        await player.press("right", "pagedown", "shift+right")
        assert player.text() == before


@pytest.mark.parametrize(
    ("typed", "phase", "t"),
    [("2", Phase.FORWARD, 2), ("f3", Phase.FORWARD, 3), ("b1", Phase.BACKWARD, 1), ("b3", Phase.BACKWARD, 3)],
)
async def test_a_time_step_is_gone_to_however_fast_it_is_typed(typed: str, phase: Phase, t: int) -> None:
    async with playing(app_on(SCENARIO)) as player:
        await type_at_once(player, f"g{typed}\r")
        await player.until(lambda: not isinstance(player.app.screen, GoToScreen))
        assert player.position == player.app.scene.timeline.end_of(phase, t)
        assert f"t = {t} of 3" in player.text()


async def test_a_bare_number_stays_in_the_pass_that_is_walked() -> None:
    async with playing(app_on(SCENARIO)) as player:
        await at_hidden_gradient(player)
        await type_at_once(player, "g3\r")
        assert player.position == player.app.scene.timeline.end_of(Phase.BACKWARD, 3)


@pytest.mark.parametrize("wrong", ["0", "4", "99999999999", "b", "f9", "fb1", "3f", ""])
async def test_a_wrong_time_step_is_told_and_can_be_mended(wrong: str) -> None:
    async with playing(app_on(SCENARIO)) as player:
        await type_at_once(player, f"g{wrong}\r")
        assert f"expected 1..3, found {wrong[:9] or '…'}" in player.text()
        await player.press(*["backspace"] * 12, "2", "enter")
        assert "t = 2 of 3" in player.panel("title")[0]
        before = player.text()
        await player.press("g", "1", "escape")
        assert player.text() == before


async def test_other_keys_are_not_taken_for_commands_while_a_time_step_is_typed() -> None:
    async with playing(app_on(SCENARIO)) as player:
        await type_at_once(player, "gqzth1\r")
        assert "t = 1 of 3   L" in player.panel("title")[0]


@pytest.mark.parametrize("keys", ["?x", "?xx", ".xx", "bbbb", "g2\r\r\r", "g\r2\r\r", "o\x1b\x1b", "g\x1b\x1bg\x1b"])
async def test_a_dialog_is_left_once_however_fast_one_types(keys: str) -> None:
    async with playing(app_on(SCENARIO)) as player:
        await type_at_once(player, keys)
        await player.until(player.app._message_queue.empty)
        if len(player.app.screen_stack) > 1:
            await player.press("escape")
        assert player.app.is_running
        assert len(player.app.screen_stack) == 1
        before = player.position
        await player.press("right")
        assert player.position == before + 1


@pytest.mark.parametrize("keys", [".xl", "?xl", "g\x1bl", "g\x1bg\x1bl"])
async def test_keys_typed_after_the_one_that_leaves_a_dialog_are_the_lessons(keys: str) -> None:
    async with playing(app_on(SCENARIO)) as player:
        await type_at_once(player, keys)
        await player.until(lambda: player.position == 1)


def letters(text: str) -> set[str]:
    """The Latin words of three letters and more."""
    return set(re.findall(r"[A-Za-z]{3,}", text))


#: What stays Latin in Chinese: functions, caps of keys, the other language's name, names of files.
LATIN = {"tanh", "log", "exp", "NaN", "English", "Space", "PgDn", "PgUp", "Home", "End", "Tab", "Esc", "toml"}


@pytest.mark.parametrize("scenario", sorted(catalog.bundled()))
async def test_in_chinese_no_english_is_left_and_back_again(scenario: str) -> None:
    async with playing(app_on(scenario)) as player:
        while player.position < player.app.scene.timeline.last:
            in_english = player.text()
            await player.step("z")
            assert letters(player.text()) <= LATIN
            for name in player.shown() - {"title", "small"}:
                chinese = "".join(player.panel(name)) + (player.title(name) if name != "timeline" else "")
                if name not in ("network", "numbers", "gradient"):  # the last two hold numbers; their titles are below
                    assert re.search(r"[\u4e00-\u9fff]", chinese), name
            assert say("network.title", "zh") in player.title("network")
            assert say("numbers.title", "zh", t=player.app.scene.t) in player.title("numbers")
            await player.step("z")
            assert player.text() == in_english
            await player.step("shift+right")


@pytest.mark.parametrize("key", ["question_mark", "g", "o", "ctrl+p"])
async def test_dialogs_are_in_chinese_too(key: str) -> None:
    async with playing(app_on(SCENARIO, language="zh")) as player:
        await player.press(key)
        names = letters(" ".join(catalog.bundled()))
        assert letters(player.text()) <= LATIN | names
