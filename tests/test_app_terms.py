"""The ledger and the derivation, read off the screen, beside sweeps of one loss at a time by the textbook."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from lessons import LESSONS
from screens import LAPTOP, WALL, Player, agrees, app_on, playing

from bptt_viz.timeline import Phase

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from bptt_viz.tracing import Trace

    Terms = dict[tuple[int, int], NDArray[np.float64]]

SCENARIOS = LESSONS
#: A row of the derivation's list: light, (t,k), product, value, difference.
TERM = re.compile(r"[ ↑↓]([●◉○])\((\d+),(\d+)\) (∂L\S+(?: · \S+)*) +(?:‖·‖ +)?(\S+)(?: +(?:SymPy − NumPy +)?(\S+))?\s*")
#: A row of the ledger, and its last.
ROW = re.compile(r" L([₀-₉]+)( .*)")
SUMS = " ‖Σ_t‖"
SHADES = "-░▒▓█"


def terms_of(trace: Trace, name: str) -> Terms:
    """Every chain-rule term (t, k) of a plain tanh network: one loss at a time, swept back by the textbook."""
    p, own = trace.parameters, trace.layers[0]
    h = own.values["h"]
    found = {}
    for t in range(1, trace.T + 1):
        error = trace.dL_do[t - 1]
        blame = p["V"].T @ error
        for k in range(t, 0, -1):
            delta = (1 - h[k] ** 2) * blame
            uses = {
                "W": np.outer(delta, h[k - 1]), "U": np.outer(delta, trace.x[k - 1]), "b": delta,
                "V": np.outer(error, h[t]) * (k == t), "c": error * (k == t),
            }  # fmt: skip
            found[t, k] = uses[name]
            blame = p["W"].T @ delta
    return found


def norm(terms: Terms, of: Iterable[tuple[int, int]]) -> float:
    """The norm of a sum of terms."""
    kept = [terms[pair] for pair in of if pair in terms]
    return float(np.linalg.norm(sum(kept))) if kept else 0.0


def check_number(shown: str, value: float, largest: float, where: str) -> None:
    """A norm, or the shade of its power of ten."""
    if set(shown) <= set(SHADES):
        level = 4 + math.floor(math.log10(value)) - math.floor(math.log10(largest))
        assert set(shown) == {SHADES[min(max(level, 0), 4)]}, f"{where}: {shown} for {value}"
    else:
        assert agrees(shown if shown == "0" else f"+{shown}", value), f"{where}: {shown} for {value}"


def split(cells: str, count: int) -> list[str]:
    """What ``count`` columns of equal width hold, from the right: numbers, shades, or dots."""
    cell = len(cells) // count
    return [cells[at : at + cell].strip(" │") for at in range(len(cells) % count, len(cells), cell)]


def check_ledger(player: Player) -> None:
    scene, T = player.app.scene, player.app.scene.trace.T
    terms = terms_of(scene.trace, scene.parameter)
    largest = max(norm(terms, [pair]) for pair in terms)
    phase = Phase.FORWARD if scene.rtrl else Phase.BACKWARD
    full = [step for step in range(1, T + 1) if player.position >= scene.timeline.end_of(phase, step)]
    filled = {(t, k) for t, k in terms if (t if scene.rtrl else k) in full}
    assert ("RTRL" if scene.rtrl else "BPTT") in player.title("ledger")
    lines = player.panel("ledger")
    end = lines[0].index("‖Σ_k‖") + len("‖Σ_k‖")
    wide = end - len(lines[0][:end].removesuffix("‖Σ_k‖").rstrip())
    rows = [match[2][: end - 3] for line in lines if (match := ROW.fullmatch(line))]
    (sums,) = (line for line in lines if line.startswith(SUMS))
    assert len(rows) == T
    for t, row in enumerate(rows, start=1):
        *cells, total = [*split(row[len(SUMS) - 3 : -wide], T), row[-wide:].strip()]
        for k, shown in enumerate(cells[:t], start=1):
            if (t, k) in filled:
                check_number(shown, norm(terms, [(t, k)]), largest, f"({t},{k})")
            else:
                assert shown == "·"
        mine = [pair for pair in filled if pair[0] == t]
        check_number(total, norm(terms, mine), largest, f"row {t}") if mine else None
        assert mine or total == "·"
    *cells, total = [*split(sums[len(SUMS) : end - wide], T), sums[end - wide : end].strip()]
    for k, shown in enumerate(cells, start=1):
        mine = [pair for pair in filled if pair[1] == k]
        check_number(shown, norm(terms, mine), largest, f"column {k}") if mine else None
        assert mine or shown == "·"
    check_number(total, norm(terms, filled), largest, "total") if filled else None
    assert filled or total == "·"
    if len(filled) == len(terms):
        assert agrees(f"+{total}", float(np.linalg.norm(scene.trace.gradients[scene.parameter])))


def shown_value(value: NDArray[np.float64]) -> float:
    """What the list shows of a term: the number itself, or a matrix's norm."""
    return float(value.item()) if value.size == 1 else float(np.linalg.norm(value))


def signed(shown: str) -> str:
    """A number as ``agrees`` reads it."""
    return shown if shown.startswith("−") or shown == "0" else f"+{shown}"


def check_derivation(player: Player) -> None:
    scene, T = player.app.scene, player.app.scene.trace.T
    terms = terms_of(scene.trace, scene.parameter)
    title = re.search(r"∂L/∂(\w+): steps (\d+)–(\d+) of (\d+)(; h(.) held fixed)?", player.title("derivation"))
    assert title is not None
    first, last = int(title[2]), int(title[3])
    assert (title[1], int(title[4]), last - first) == (scene.parameter, T, 2)
    assert first <= scene.t <= last
    assert bool(title[5]) == (first > 1)
    diagonal = scene.parameter in ("V", "c")
    order = [(t, k) for k in range(last, first - 1, -1) for t in range(k, last + 1) if t == k or not diagonal]
    lines = player.panel("derivation")
    seen = []
    for light, t, k, product, value, difference in (
        match.groups() for line in lines if (match := TERM.fullmatch(line))
    ):
        pair = (int(t), int(k))
        seen.append(pair)
        now = scene.step.phase is Phase.BACKWARD and scene.t == pair[1]
        known = scene.step.phase is Phase.UPDATE or (scene.step.phase is Phase.BACKWARD and scene.t < pair[1])
        assert light == ("◉" if now else "●" if known else "○")
        factors = product.split(" · ")
        assert len(factors) == (2 if diagonal else 3 + pair[0] - pair[1])
        assert factors[-1].startswith("∂⁺")
        assert sum(factor.startswith("∂⁺") for factor in factors) == 1
        assert agrees(signed(value), shown_value(terms[pair])), f"{pair}: {value} for {terms[pair]}"
        assert float((difference or "0").replace("−", "-")) <= 1e-12
    assert seen == [pair for pair in order if pair in seen], "in the order of the backward pass"
    assert len(seen) >= min(len(order), 4)
    assert {pair for pair in order if scene.step.phase is Phase.BACKWARD and pair[1] == scene.t} <= {*seen}
    check_sums(player, terms, order)


def check_sums(player: Player, terms: Terms, order: list[tuple[int, int]]) -> None:
    """The derivation's last line: what is added so far, and all of the window."""
    timeline, text = player.app.scene.timeline, "\n".join(player.panel("derivation"))
    added = [(t, k) for t, k in order if player.position >= timeline.end_of(Phase.BACKWARD, k)]
    if not added:
        assert "sum of" not in text
        return
    match = re.search(r"sum of (\d)/(\d): (?:‖·‖ )?(\S+) +of (?:all|steps \d–\d): (?:‖·‖ )?(\S+) ", text)
    assert match is not None
    assert (int(match[1]), int(match[2])) == (len(added), len(order))
    for shown, summed in ((match[3], added), (match[4], order)):
        assert agrees(signed(shown), shown_value(np.sum([terms[pair] for pair in summed], axis=0)))


async def check_parameters(player: Player) -> None:
    for _ in player.app.scene.lesson.parameter_names:
        check_derivation(player)
        check_ledger(player)
        await player.step("w")


@pytest.mark.parametrize("size", [LAPTOP, WALL], ids=["laptop", "wall"])
@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_every_term_and_sum_of_every_parameter(scenario: str, size: tuple[int, int]) -> None:
    async with playing(app_on(scenario), size) as player:
        await player.press("right")
        last = player.app.scene.timeline.last
        stops = 0
        while player.position < last:
            await check_parameters(player)
            await player.step("m", "shift+right")
            stops += 1
        while player.position:
            # Back not at the ends of steps, with another parameter each time.
            await player.step("m", "left", "w")
            check_derivation(player)
            check_ledger(player)
            await player.step("shift+left")
        assert stops == 2 * player.app.scene.trace.T + 2


async def test_the_derivation_follows_the_cursor_and_the_parameter_also_back_at_the_start() -> None:
    async with playing(app_on("wo-zuotian")) as player:
        assert "steps" not in player.title("derivation")
        await player.press("g", "5", "enter")
        assert "∂L/∂W: steps 3–5 of 5; h₂ held fixed" in player.title("derivation")
        await player.press("home")
        assert "∂L/∂W: steps 1–3 of 5 ─" in player.title("derivation")
        await player.press("w")
        assert "∂L/∂U: steps 1–3 of 5 ─" in player.title("derivation")
