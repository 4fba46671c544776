"""What the commands that cut, update, edit and save do to the screen, at ∂L/∂h₂ of the scenario length-three.

Each takes a running app and the key, and asserts what is seen then against arithmetic of its own.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace
from screens import agrees, rows_of_numbers, subscript

import bptt_viz
from bptt_viz.ui.screens.edit import EditScreen
from bptt_viz.ui.screens.save import SaveScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from screens import Player

    from bptt_viz.activations import Array
    from bptt_viz.tracing import Trace

#: Where in the scenario ∂L/∂h₂ is computed.
HIDDEN_GRADIENT = 22
#: What stays around a page that takes all the room under the network.
AROUND = {"title", "network", "timeline", "footer"}


def told(player: Player) -> str:
    """What is told once, and what stands around it."""
    return player.told()


def lesson_of(player: Player) -> list[str]:
    """What is seen but for what was told once: the screen without the timeline and the footer."""
    rows = {player.region(name).y for name in ("timeline", "footer")}
    return [line for row, line in enumerate(player.screen()) if row not in rows]


def norms_of_products(trace: Trace) -> dict[tuple[int, int], float]:
    """‖∂h_t/∂h_k‖₂ for 0 ≤ k ≤ t, of a plain tanh network, multiplied out."""
    W, h = trace.parameters["W"], trace.layers[0].h
    norms = {}
    for t in range(1, trace.T + 1):
        product = np.eye(len(W))
        for k in range(t, -1, -1):
            norms[t, k] = float(np.linalg.norm(product, 2))
            product = product @ (np.diag(1 - h[k - 1] ** 2) @ W)  # of no use after k = 0
    return norms


def gradient_of_kept(trace: Trace, weights: dict[tuple[int, int], float]) -> Array:
    """Σ of weight · term (t, k) of ∂L/∂W, of a plain tanh network, each term multiplied out by itself."""
    W, V, h = trace.parameters["W"], trace.parameters["V"], trace.layers[0].h
    before = trace.layers[0].values["h"]
    total = np.zeros_like(W)
    for (t, k), weight in weights.items():
        adjoint = V.T @ (trace.o[t - 1] - trace.y[t - 1])
        for j in range(t, k, -1):
            adjoint = W.T @ ((1 - h[j - 1] ** 2) * adjoint)
        total += weight * np.outer((1 - h[k - 1] ** 2) * adjoint, before[k - 1])
    return total


def kept(player: Player, weights: dict[tuple[int, int], float]) -> None:
    """The gradient is the sum of these terms, and the derivation tells each one's weight and the norm of the sum."""
    trace, panel = player.app.scene.trace, "\n".join(player.panel("derivation"))
    gradient = gradient_of_kept(trace, weights)
    np.testing.assert_allclose(trace.gradients["W"], gradient, rtol=1e-12)
    shown = {(int(t), int(k)): float(weight) for t, k, weight in re.findall(r"[○◉●]\((\d),(\d)\) ×(\S+)", panel)}
    if set(weights.values()) == {1.0}:
        assert not shown, "nothing is cut"
    else:
        assert len(shown) >= 5
        assert shown.items() <= weights.items()
    (norm,) = re.findall(r" of all: ‖·‖ (\S+)", panel)
    assert agrees(f"+{norm}", float(np.linalg.norm(gradient)))


def weights(weight: Callable[[int, int], float]) -> dict[tuple[int, int], float]:
    """(t, k) → the weight that a function of them gives, for all k ≤ t of the three steps."""
    return {(t, k): float(weight(t, k)) for t in (1, 2, 3) for k in range(1, t + 1)}


def window(length: int) -> dict[tuple[int, int], float]:
    """The weights of the terms under a window."""
    return weights(lambda t, k: t - k < length)


#: The same without truncation, and in segments of two steps.
FULL = weights(lambda _t, _k: 1)
SEGMENTS = weights(lambda t, k: (t - 1) // 2 == (k - 1) // 2)


async def shows_flow(player: Player, key: str) -> None:
    before, norms = player.text(), norms_of_products(player.app.scene.trace)
    await player.press(key)
    assert player.shown() == {*AROUND, "flow"}
    page = player.panel("flow")
    for t in (1, 2, 3):
        row = next(line for line in page if line.startswith(f" h{subscript(t)} "))
        shown = row[:40].split()[1:]
        assert len(shown) == t + 1
        assert all(agrees(f"+{number}", norms[t, k]) for k, number in enumerate(shown)), row
    await player.press(key)
    assert player.text() == before


async def compares_truncations(player: Player, key: str) -> None:
    before = player.text()
    await player.press(key)
    assert player.shown() == {*AROUND, "truncations"}
    page = player.panel("truncations")
    for name in ("▶full", " window τ = 2", " segments of 2", " random π = 0.5, seed 0"):
        assert name in page[0]
    trace = player.app.scene.trace
    kept_only = [gradient_of_kept(trace, weights) for weights in (FULL, window(2), SEGMENTS)]
    norms = next(line.split()[1:4] for line in page if line.startswith(" ‖∇W‖"))
    for shown, gradient in zip(norms, kept_only, strict=True):
        assert agrees(f"+{shown}", float(np.linalg.norm(gradient)))
    assert len(set(norms)) == 3
    await player.press(key)
    assert player.text() == before


async def shows_the_update(player: Player, key: str) -> None:
    before, trace = player.text(), player.app.scene.trace
    await player.press(key)
    assert player.shown() == {*AROUND, "training"}
    W, nabla = trace.parameters["W"], trace.gradients["W"]
    rows = [row for row in rows_of_numbers(player.panel("training")) if len(row) == 8][:2]
    for shown, values in zip(rows, np.hstack([nabla, W, 0.1 * nabla, W - 0.1 * nabla]), strict=True):
        assert all(agrees(number, value) for number, value in zip(shown, values, strict=True)), shown
    await player.press(key)
    assert player.text() == before


async def cuts_another_way(player: Player, key: str) -> None:
    before, forward = lesson_of(player), player.app.scene.trace.layers[0].h
    kept(player, FULL)
    await player.press(key)
    assert "window τ = 2" in player.panel("title")[0]
    assert "window, τ = 2: terms with t − k < 2" in told(player)
    kept(player, window(2))
    await player.press(key)
    assert "segments of 2" in player.panel("title")[0]
    assert passed_edges(player) == [True, False]
    kept(player, SEGMENTS)
    await player.press(key)
    assert "random π = 0.5" in player.panel("title")[0]
    np.testing.assert_array_equal(player.app.scene.trace.layers[0].h, forward)
    await player.press(key)
    assert "full: every term (t, k) is kept" in told(player)
    assert lesson_of(player) == before


async def keeps_more(player: Player, key: str) -> None:
    before = player.text()
    await player.press(key)
    assert player.text() == before, "all are kept"
    await player.press("x", key)
    for _ in range(2):
        assert "window, τ = 3: terms with t − k < 3" in told(player), "there are no more than T steps"
        kept(player, FULL)
        await player.press(key)
    await player.press("x", "x", key)
    assert "random π = 0.6" in player.panel("title")[0]


async def keeps_fewer(player: Player, key: str) -> None:
    before = player.text()
    await player.press(key)
    assert player.text() == before, "what is not truncated has no length"
    await player.press("x", key)
    for _ in range(2):
        assert "window τ = 1" in player.panel("title")[0], "a loss's own step is always kept"
        kept(player, window(1))
        await player.press(key)
    await player.press("x", "x", key)
    assert "random π = 0.4" in player.panel("title")[0]


def passed_edges(player: Player) -> list[bool]:
    """Whether the arrows back from steps 2 and 3 let anything pass."""
    (row,) = (line for line in player.panel("network") if line.count("◀─") == 2)
    return [mark == "Wᵀ" for mark in re.findall("◀─(Wᵀ|╳)─", row)]


def drawn(passed: list[bool]) -> dict[tuple[int, int], float]:
    """The weights of the terms where ξ₂ and ξ₃ are 1/π = 2, or 0 where nothing passes."""
    return weights(lambda t, k: math.prod(2 * passed[j - 2] for j in range(k + 1, t + 1)))


async def draws(player: Player, key: str) -> None:
    seen = set()
    for seed in range(6):
        await player.press(key)
        assert f"random π = 0.5, seed {seed}: ξ is 1/π with probability π, else 0" in told(player)
        passed = passed_edges(player)
        kept(player, drawn(passed))
        seen.add(tuple(passed))
    assert len(seen) > 2


def descended(trace: Trace, updates: int) -> dict[str, Array]:
    """The parameters after updates that are made here one by one."""
    values = dict(trace.parameters)
    for _ in range(updates):
        table = replace(trace.scenario.network, parameters={name: value.tolist() for name, value in values.items()})
        gradients = bptt_viz.trace(replace(trace.scenario, network=table)).gradients
        values = {name: value - 0.1 * gradients[name] for name, value in values.items()}
    return values


async def updates(player: Player, key: str, count: int) -> None:
    before = player.app.scene.trace
    await player.press(key)
    await player.until(lambda: not player.app.scene.course.running)
    after = player.app.scene.trace
    for name, value in descended(before, count).items():
        np.testing.assert_allclose(after.parameters[name], value, rtol=1e-9)
    assert player.position == HIDDEN_GRADIENT
    assert after.loss < before.loss
    (loss,) = re.findall(f"after update {count}: L = (\\S+)", told(player))
    assert agrees(f"+{loss}", after.loss)
    assert f"L = {loss}" in player.panel("title")[0]
    await player.press("v")
    assert f"updates: {count} " in "".join(player.panel("training"))


async def trains(player: Player, key: str) -> None:
    before = player.app.scene.trace.loss
    await player.press("v", key)
    assert player.panel("training")[0].strip().startswith("▶ training")
    await player.until(lambda: player.app.scene.course.moment.updates > 0)
    await player.press(key)
    assert "at rest" in player.panel("training")[0]
    moment, trace = player.app.scene.course.moment, player.app.scene.trace
    assert f"updates: {moment.updates} " in player.panel("training")[0]
    assert trace.loss < before
    assert trace.loss == bptt_viz.trace(trace.scenario, updates=moment.updates).loss


async def edits(player: Player, key: str) -> None:
    await player.press(key)
    assert isinstance(player.app.screen, EditScreen)
    assert "W₁₁ · 2×2 · now 0.5" in player.text()
    await player.press("right", "minus", "2", "enter")
    assert len(player.app.screen_stack) == 1
    assert player.app.scene.trace.parameters["W"].tolist() == [[0.5, -2.0], [-0.4, 0.7]]
    assert player.position == HIDDEN_GRADIENT
    # W₁₂ is in the state at step 2, and in the way back of step 3's error, so in the sum that is written out.
    trace = player.app.scene.trace
    (row,) = (line for line in player.panel("operation") if " = ∂L/∂h₂ " in line)
    shown = row.split()[2:4]
    assert all(agrees(number, value) for number, value in zip(shown, trace.layers[0].dL_dh[1], strict=True))
    assert any(span.changed for line in player.widget("operation")._lines for span in line)


async def undoes(player: Player, key: str) -> None:
    before = lesson_of(player)
    await player.press(key)
    assert "nothing to undo" in told(player)
    assert lesson_of(player) == before
    await player.press("e", "9", "enter")
    edited = lesson_of(player)
    assert edited != before
    await player.press("u")
    assert lesson_of(player) != edited
    await player.press(key)
    assert player.app.scene.trace.parameters["W"][0, 0] == 9.0
    await player.press(key)
    assert lesson_of(player) == before


async def saves(player: Player, key: str) -> None:
    await player.press("u", key)
    assert isinstance(player.app.screen, SaveScreen)
    assert "length-three-now.toml" in player.text()
    await player.press("enter")
    await player.until(lambda: "length-three-now.toml" in told(player))
    saved = bptt_viz.trace(bptt_viz.load(Path("length-three-now.toml")))
    for name, value in player.app.scene.trace.parameters.items():
        np.testing.assert_array_equal(saved.parameters[name], value)
    assert saved.loss == player.app.scene.trace.loss
