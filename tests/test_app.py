"""What keys and clicks do in the running app: each command does what its message says, and nothing else does."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

import deeds
import numpy as np
import pytest
from deeds import HIDDEN_GRADIENT
from screens import BOARD, LAPTOP, SMALLEST, Player, agrees, app_on, playing
from textual.widgets import OptionList

from bptt_viz import catalog
from bptt_viz.commands import COMMANDS, cap
from bptt_viz.messages import say
from bptt_viz.quantities import Adjoint, Number
from bptt_viz.ui.panel import Panel
from bptt_viz.ui.screens.blank import BlankScreen
from bptt_viz.ui.screens.go_to import GoToScreen
from bptt_viz.ui.screens.help import HelpScreen
from bptt_viz.ui.screens.open import OpenScreen
from bptt_viz.ui.screens.sample import SampleScreen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

KEYS = [(command.id, key) for command in COMMANDS for key in command.keys]
#: A scenario of two units and one output.
SCENARIO = "length-three"
#: What clickers send besides the keys that walk and blank.
FROM_CLICKERS = ("escape", "f5", "shift+f5", "escape")
#: Letters and digits that no command has.
IDLE_KEYS = sorted({*string.ascii_letters, *string.digits} - {key for _, key in KEYS})


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


async def derives(player: Player, key: str) -> None:
    before = player.text()
    await player.press(key)
    assert player.shown() == {"title", "network", "derivation", "timeline", "footer"}
    assert "(2,2): term 2 of 6" in "\n".join(player.panel("derivation"))
    await player.press(key)
    assert player.text() == before


async def asks_why(player: Player, key: str) -> None:
    before = player.text()
    await player.press(key)
    scene = player.app.scene
    assert scene.picked == Number(Adjoint("h", 2, 0), (0,))
    assert player.panel("why")[0].split()[:2] == ["∂L/∂h₂[1]", "="]
    await player.press("escape")
    assert player.text() == before


async def fills_the_other_way(player: Player, key: str) -> None:
    before, trace = player.text(), player.app.scene.trace
    norm = float(np.linalg.norm(trace.gradients["W"]))
    assert "BPTT" in player.title("ledger")
    (margins,) = (line.split()[1:] for line in player.panel("ledger") if line.startswith(" ‖Σ_t‖"))
    assert not any(agrees(f"+{number}", norm) for number in margins if number != "·")
    await player.press(key)
    assert "RTRL" in player.title("ledger")
    # Forward, all rows are filled before the backward pass begins.
    (total,) = (line.split()[-1] for line in player.panel("ledger") if line.startswith(" ‖Σ_t‖"))
    assert agrees(f"+{total}", norm)
    await player.press(key)
    assert player.text() == before


async def shows_both_sides(player: Player, key: str) -> None:
    before = player.text()
    await player.press(key)
    assert "sides" in player.shown()
    assert not player.shown() & {"operation", "gradient", "derivation", "ledger"}
    assert "Σ_t ∂L/∂h_t · ∂⁺h_t/∂W = Σ_t ∂L_t/∂h_t · dh_t/dW" in player.panel("sides")[0]
    await player.press(key)
    assert player.text() == before


async def shows_another_panel(player: Player, key: str) -> None:
    before = player.shown()
    assert before >= {"operation", "gradient", "derivation", "ledger"}
    await player.press(key)
    assert player.shown() == before - {"derivation", "ledger"} | {"numbers"}
    await player.press(key)
    assert player.shown() == before - {"operation", "gradient", "derivation"}
    await player.press(key)
    assert player.shown() == before
    await player.press("d")
    first = player.panel("derivation")
    await player.press(key)
    assert player.panel("derivation") == first, "one part has room for all"
    await player.press("d", "d")
    await player.pilot.resize_terminal(*BOARD)
    parts = []
    for _ in range(3):
        parts.append("\n".join(player.panel("derivation")))
        await player.press(key)
    assert "part 1 of" in parts[0]
    assert "part 2 of" in parts[1]
    await player.press("d")
    alone = set()
    for _ in range(5):
        await player.press(key)
        alone |= player.shown()
    assert alone >= {"operation", "gradient", "numbers", "ledger", "derivation"}


async def tells_why_nothing_follows(player: Player, key: str) -> None:
    await player.press(key)
    assert "the prediction has 1 numbers and an input 2" in player.told()
    assert player.app.scene.trace.T == 3


async def asks_how_to_sample(player: Player, key: str) -> None:
    await player.press(key)
    assert isinstance(player.app.screen, SampleScreen)
    await player.press("enter")
    assert "the prediction has 1 numbers and an input 2" in player.told()


async def opens(player: Player, key: str) -> None:
    await player.press(key)
    assert isinstance(player.app.screen, OpenScreen)
    assert catalog.DEFAULT in player.text()
    assert [option.id for option in player.app.screen.query_one(OptionList).options] == list(catalog.bundled())


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
    assert "d2l: δ_t is ∂L/∂h_t" in player.told()


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
    assert "əL/əh2 = V" in player.text()
    await player.press(key)
    assert player.text() == before


def keys_told(lines: list[str]) -> dict[str, str]:
    """Keys → what the help says that they do."""
    told: dict[str, str] = {}
    for line in lines:
        if match := re.fullmatch(r" {3}(\S.*?) {2,}(\S.*?) *", line):
            told[match[1]] = match[2]
        elif line.startswith(" " * 4):
            told[[*told][-1]] += f" {line.strip()}"
    return told


#: Room for all keys on one page.
HIGH = (120, 60)


async def helps(player: Player, key: str) -> None:
    for size in (HIGH, LAPTOP, BOARD, SMALLEST):
        await player.pilot.resize_terminal(*size)
        await player.press(key)
        told: dict[str, str] = {}
        closings = []
        while isinstance(player.app.screen, HelpScreen):
            *lines, closing = player.app.screen.query_one("#help-panel", Panel).text()
            told |= keys_told(lines)
            assert lines[-1].startswith("   "), "a heading stands with what it is of"
            closings.append(closing.strip())
            await player.press("right")
        assert told == {" ".join(map(cap, one.keys)): say(f"command.{one.id}", "en") for one in COMMANDS}
        *before, last = closings
        assert set(before) == (set() if size == HIGH else {say("help.more_keys", "en")})
        assert last == say("help.close", "en")
        assert player.position == HIDDEN_GRADIENT


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
    "derivation": derives,
    "why": asks_why,
    "recursion": fills_the_other_way,
    "sides": shows_both_sides,
    "flow": deeds.shows_flow,
    "truncations": deeds.compares_truncations,
    "training": deeds.shows_the_update,
    "entry_down": chooses_entry,
    "entry_up": chooses_entry,
    "panel": shows_another_panel,
    "strategy": deeds.cuts_another_way,
    "keep_more": deeds.keeps_more,
    "keep_less": deeds.keeps_fewer,
    "draw": deeds.draws,
    "generate": tells_why_nothing_follows,
    "sample": asks_how_to_sample,
    "update": lambda player, key: deeds.updates(player, key, 1),
    "update_ten": lambda player, key: deeds.updates(player, key, 10),
    "update_hundred": lambda player, key: deeds.updates(player, key, 100),
    "train": deeds.trains,
    "edit": deeds.edits,
    "undo": deeds.undoes,
    "open": opens,
    "reload": reads_again,
    "save": deeds.saves,
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
async def test_every_key_does_what_its_command_says(
    command: str, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with playing(app_on(SCENARIO)) as player:
        await at_hidden_gradient(player)
        await DOES[command](player, key)


@pytest.mark.parametrize("position", [0, HIDDEN_GRADIENT])
async def test_what_a_clicker_sends_besides_its_arrows_does_nothing(position: int) -> None:
    async with playing(app_on(SCENARIO)) as player:
        await player.step(*["right"] * position)
        before = player.text()
        assert not {key for _, key in KEYS} & {*FROM_CLICKERS}
        for key in (*FROM_CLICKERS, *IDLE_KEYS, "delete", "f1"):
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
