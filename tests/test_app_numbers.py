"""Every number, read off the screen and compared with the trace, at every step of the bundled scenarios."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from lessons import LESSONS
from screens import LAPTOP, WALL, Player, agrees, app_on, numbers_in, playing, rows_of_numbers, subscript

from bptt_viz.timeline import Operation, Phase

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bptt_viz.tracing import Trace

    Array = NDArray[np.float64]

SCENARIOS = LESSONS
UNKNOWN = ("·",)


def plain_cell(trace: Trace) -> bool:
    return trace.scenario.network.cell == "rnn" and len(trace.layers) == 1


def known(player: Player, phase: Phase, t: int, name: str) -> bool:
    """Whether the cursor has reached the last layer's quantity at ``t``."""
    timeline = player.app.scene.timeline
    operations = timeline.forward if phase is Phase.FORWARD else timeline.backward
    operation = [one for one in operations if one.name == name][-1 if phase is Phase.FORWARD else 0]
    return timeline.position(phase, t, operation) <= player.position


def check(shown: list[str], values: Array | list[float], where: str) -> None:
    assert len(shown) == len(values), f"{where}: {shown} for {values}"
    for text, value in zip(shown, values, strict=True):
        assert agrees(text, float(value)), f"{where}: {text} for {value}"


def windows(values: Array, count: int) -> list[list[float]]:
    """Every run of ``count`` entries: what may be seen of a row that is longer than its panel is wide."""
    assert 2 <= count < len(values)
    return [[float(value) for value in values[start : start + count]] for start in range(len(values) - count + 1)]


def check_network(player: Player) -> None:
    scene, trace = player.app.scene, player.app.scene.trace
    lines = player.panel("network")
    labels = {line[1:4]: row for row, line in enumerate(lines) if line[1:4].strip()}
    cells = [re.findall(r"[┃│](.{5})(?:[┃│](.{5}))?[┃│]", line) for line in lines]
    states = [row for row in cells if row]
    assert len(states) == trace.layers[-1].h.shape[1]
    for row, columns in enumerate(states):
        assert len(columns) == trace.T
        for t, (h, delta) in enumerate(columns, start=1):
            where = f"column {t}, unit {row + 1}"
            there = known(player, Phase.FORWARD, t, "h")
            assert agrees(h, trace.layers[-1].h[t - 1][row]) if there else h.strip() == "·", where
            assert bool(delta) == scene.backwards
            if scene.backwards and plain_cell(trace):
                there = known(player, Phase.BACKWARD, t, "a")
                assert agrees(delta, trace.layers[-1].delta[t - 1][row]) if there else delta.strip() == "·", where
    losses = lines[labels["L_t"]][5:].split()
    with_target = [t for t in range(1, trace.T + 1) if trace.has_target[t - 1]]
    for t, shown in zip(with_target, losses, strict=True):
        there = known(player, Phase.FORWARD, t, "L")
        assert (
            agrees(f"+{shown}", trace.losses[t - 1]) or float(shown) == round(trace.losses[t - 1], 4)
            if there
            else (shown == "·")
        )
    check_guesses(player, lines[labels["ŷ_t"] :])


def check_guesses(player: Player, lines: list[str]) -> None:
    trace = player.app.scene.trace
    if trace.targets.symbolic:
        shown = re.findall(r"(\S+) (\.\d\d|\d\.\d)|(·)", lines[0][5:])
        assert len(shown) == trace.T
        for t, (word, probability, dot) in enumerate(shown, start=1):
            best = int(np.argmax(trace.y_hat[t - 1]))
            there = known(player, Phase.FORWARD, t, "y_hat")
            assert bool(dot) != there
            if there:
                assert word == trace.targets.vocabulary[best]
                assert float(probability) == pytest.approx(trace.y_hat[t - 1][best], abs=0.005001)
    else:
        shown_numbers = numbers_in(lines[0])
        assert len(shown_numbers) == trace.T
        for t, number in enumerate(shown_numbers, start=1):
            there = known(player, Phase.FORWARD, t, "y_hat")
            assert agrees(number, trace.y_hat[t - 1][0]) if there else number == "·"


def expected_rows(trace: Trace, operation: Operation, t: int, parameter: str) -> list[tuple[str, Array]]:
    """What the operation's panel has to show for the plain cell: labels and values, from the textbook's formulas."""
    own, p, i = trace.layers[0], trace.parameters, subscript(t)
    h = own.values["h"]
    ahead = np.zeros(h.shape[1]) if t == trace.T else own.delta[t]
    bias = [("b", p["b"])] if "b" in p else []
    o, y, y_hat, error, delta = (rows[t - 1] for rows in (trace.o, trace.y, trace.y_hat, trace.dL_do, own.delta))
    entropy = trace.loss_kind.name == "cross_entropy"
    match operation.kind, operation.name:
        case "equation", "a":
            return [(f"U x{i}", p["U"] @ trace.x[t - 1]), (f"W h{subscript(t - 1)}", p["W"] @ h[t - 1]), *bias, (
                f"a{i}", own.a[t - 1])]  # fmt: skip
        case "equation", "h":
            return [(f"a{i}", own.a[t - 1]), (f"h{i}", np.tanh(own.a[t - 1]))]
        case "output", _:
            return [(f"V h{i}", p["V"] @ h[t]), *([("c", p["c"])] if "c" in p else []), (f"o{i}", o)]
        case "prediction", _:
            return [(f"o{i}", o), (f"ŷ{i}", np.exp(o) / np.exp(o).sum() if entropy else o)]
        case "loss", _:
            summands = np.where(y > 0, -y * np.log(y_hat), 0.0) if entropy else (o - y) ** 2 / 2
            return [
                (f"y{i}", y),
                (f"ŷ{i}" if entropy else f"o{i}", y_hat),
                ("", summands),
                (f"L{i}", summands.sum(keepdims=True)),
            ]
        case "loss_gradient", _:
            return [(f"ŷ{i}" if entropy else "", y_hat), (f"y{i}", y), (f"∂L/∂o{i}", y_hat - y)]
        case "adjoint", "h":
            now, later = p["V"].T @ error, p["W"].T @ ahead
            return [(f"Vᵀ ∂L/∂o{i}", now), (f"Wᵀ δ{subscript(t + 1)}", later), (f"∂L/∂h{i}", now + later)]
        case "adjoint", "a":
            slope, above = 1 - h[t] ** 2, own.dL_dh[t - 1]
            return [(f"tanh′(a{i})", slope), (f"∂L/∂h{i}", above), (f"δ{i}", slope * above)]
        case _:
            use = {"U": trace.x[t - 1], "W": h[t - 1], "V": h[t]}.get(parameter)
            adjoint = error if parameter in ("V", "c") else delta
            return [("", adjoint), ("", adjoint if use is None else use)]


def check_operation(player: Player) -> None:
    scene, trace = player.app.scene, player.app.scene.trace
    lines = player.panel("operation")
    if scene.step.phase is Phase.LOSS:
        rows = rows_of_numbers(lines[1:])
        check(rows[0], trace.losses[trace.has_target], "L_t")
        check(rows[1], [trace.loss], "L")
    if scene.step.operation is None or not plain_cell(trace):
        return
    expected = expected_rows(trace, scene.step.operation, scene.step.t, scene.parameter)
    told = [line for line in lines[1:] if numbers_in(line)][: len(expected)]
    assert len(told) == len(expected), lines
    for line, (label, values) in zip(told, expected, strict=True):
        assert label in line
        shown, where = numbers_in(line), f"{lines[0].strip()}: {line.strip()}"
        if len(shown) < len(values):
            assert len(rows_of_numbers(lines[1:])[0]) == len(shown)
            assert any(all(map(agrees, shown, seen)) for seen in windows(values, len(shown))), where
        else:
            check(shown, values, where)


def textbook_gradient(trace: Trace, name: str, first: int, last: int) -> Array:
    """Σ over t = first..last of the contributions to a parameter, by the definition."""
    if name not in ("U", "W", "V", "b", "c"):
        summed: Array = trace.contributions[name][first - 1 : last].sum(axis=0)
        return summed
    own = trace.layers[0]
    left = trace.dL_do if name in ("V", "c") else own.delta
    right = {"U": trace.x, "W": own.values["h"][:-1], "V": own.h}.get(name)
    total = np.zeros_like(trace.parameters[name])
    for t in range(first, last + 1):
        total = total + (left[t - 1] if right is None else np.outer(left[t - 1], right[t - 1]))
    return total


def gradient_blocks(lines: list[str], shape: tuple[int, ...], count: int) -> list[list[str]]:
    """The entries of ``count`` blocks of a matrix, side by side or one below the other, each row by row."""
    height, width = (1, *shape)[-2:]
    rows = rows_of_numbers(lines)
    if not rows:  # no room for numbers: a sign for each, the operators in two cells between the blocks
        return [[sign for line in lines[1 : 1 + height] for sign in line[at : at + width]] for at in (
            block * (width + 2) for block in range(count))]  # fmt: skip
    if len(rows) == height and len(rows[0]) == count * width:
        return [[n for row in rows for n in row[block * width : (block + 1) * width]] for block in range(count)]
    assert len(rows) == count * height, lines
    return [[n for row in rows[block * height : (block + 1) * height] for n in row] for block in range(count)]


def check_gradient(player: Player) -> None:
    scene, trace = player.app.scene, player.app.scene.trace
    lines = [line.strip() for line in player.panel("gradient")]
    while lines and not lines[-1]:
        lines.pop()
    starts = [0, *(row + 1 for row, line in enumerate(lines) if not line), len(lines) + 1]
    sections = [lines[start : end - 1] for start, end in pairwise(starts)]
    for index, section in enumerate(sections):
        name = scene.parameter if index == 0 else section[0].removeprefix("∇")
        check_parameter(player, name, section, trace)


def check_parameter(player: Player, name: str, lines: list[str], trace: Trace) -> None:
    scene, value = player.app.scene, trace.parameters[name]
    t, T = scene.t, trace.T
    if scene.step.phase is Phase.UPDATE:
        step = trace.scenario.update.learning_rate * textbook_gradient(trace, name, 1, T)
        expected = [value, step, value - step]
    elif scene.step.phase is Phase.BACKWARD:
        expected = [textbook_gradient(trace, name, *span) for span in ((t + 1, T), (t, t), (t, T))]
    else:
        expected = [value]
    blocks = gradient_blocks(lines, value.shape, len(expected))
    operation = scene.step.operation
    waiting = scene.step.phase is Phase.BACKWARD and operation is not None and operation.kind != "contribution"
    for index, (shown, wanted) in enumerate(zip(blocks, expected, strict=True)):
        if index and waiting:
            assert set(shown) == set(UNKNOWN)
        else:
            check(shown, wanted.ravel(), f"{name}, block {index + 1}")


def check_numbers(player: Player) -> None:
    scene, trace = player.app.scene, player.app.scene.trace
    t, i = scene.t, subscript(scene.t)
    ahead = {f"h{i}": ("h", trace.layers[-1].h), f"o{i}": ("o", trace.o), f"ŷ{i}": ("y_hat", trace.y_hat)}
    back = {f"∂L/∂o{i}": ("o", trace.dL_do), f"∂L/∂h{i}": ("h", trace.layers[-1].dL_dh)}
    if plain_cell(trace):
        ahead[f"a{i}"], back[f"δ{i}"] = ("a", trace.layers[0].a), ("a", trace.layers[0].delta)
    lines = player.panel("numbers")
    for side, phase, quantities in ((0, Phase.FORWARD, ahead), (1, Phase.BACKWARD, back)):
        rows = {" ".join(half.split()[:-1]): half for half in (line.partition("│")[2 * side] for line in lines)}
        for label, (name, values) in quantities.items():
            (row,) = (half for half in rows.values() if half.split()[:1] == [label])
            there = known(player, phase, t, name)
            check(numbers_in(row), values[t - 1], label) if there else numbers_in(row) == ["·"]


def check_title(player: Player) -> None:
    scene = player.app.scene
    shown = player.panel("title")[0].partition(" L = ")[2].strip()
    if player.position < scene.timeline.loss_position:
        assert shown == "·"
    else:
        assert float(shown) == pytest.approx(scene.trace.loss, abs=0.5001e-4)
    if scene.step.t:
        assert f"t = {scene.step.t} of {scene.trace.T}" in player.panel("title")[0]


def check_all(player: Player) -> None:
    check_title(player)
    check_network(player)
    check_operation(player)
    check_gradient(player)
    if "numbers" in player.shown():
        check_numbers(player)


@pytest.mark.parametrize("below", ["derivation", "numbers"])
@pytest.mark.parametrize("size", [LAPTOP, WALL], ids=["laptop", "wall"])
@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_every_number_on_the_way_there_and_back(scenario: str, size: tuple[int, int], below: str) -> None:
    async with playing(app_on(scenario), size) as player:
        # With a step there and back the derivation is there at the start too.
        await player.press("right", "left", *(("tab",) if below == "numbers" else ()))
        assert below in player.shown()
        last = player.app.scene.timeline.last
        seen = []
        for position in range(last + 1):
            assert player.position == position
            check_all(player)
            seen.append(player.screen())
            await player.step("right")
        assert player.position == last
        for position in range(last, -1, -1):
            assert player.screen() == seen[position]
            await player.step("left")
        assert player.position == 0


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_every_parameters_gradient_by_the_larger_grain(scenario: str) -> None:
    async with playing(app_on(scenario)) as player:
        scene = player.app.scene
        stops = [0]
        while stops[-1] != scene.timeline.last:
            await player.step("shift+right")
            stops.append(player.position)
            for _ in scene.lesson.parameter_names:
                check_all(player)
                await player.step("w")
        T = scene.trace.T
        assert len(stops) == 2 * T + 3
        assert [scene.timeline.step(stop).t for stop in stops] == [0, *range(1, T + 1), 0, *range(T, 0, -1), 0]
        for stop in reversed(stops[:-1]):
            await player.step("shift+left")
            assert player.position == stop
            check_all(player)
        await player.step("shift+left")
        assert player.position == 0
