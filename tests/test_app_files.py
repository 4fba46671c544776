"""The file behind the screen: edited, broken, deleted, replaced, exchanged for another, very long, or overflowing."""

# ruff: noqa: ASYNC240  (the tests are the person at the editor: they wait for their own disk)

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest
from screens import BOARD, LAPTOP, SMALLEST, Player, agrees, app_on, playing, rows_of_numbers
from textual.widgets import Label

from bptt_viz import catalog
from bptt_viz.messages import LANGUAGES, Language, say
from bptt_viz.timeline import Phase
from bptt_viz.ui import app as app_module
from bptt_viz.ui.screens.open import OpenScreen

if TYPE_CHECKING:
    from pathlib import Path

    from bptt_viz.tracing import Trace
    from bptt_viz.ui.source import Source

WORDS = ["a", "b", "c", "d", "e", "f", "g"]


def lesson(steps: int, *, extra: str = "", rate: float = 0.1) -> str:
    """A scenario of so many time steps."""
    tokens = ", ".join(f'"{word}"' for word in WORDS[: steps + 1])
    return f"""{extra}
title = "steps: {steps}"
[sequence]
tokens = [{tokens}]
vocabulary = ["a", "b", "c", "d", "e", "f", "g"]
[network]
hidden_size = 2
[update]
learning_rate = {rate}
"""


@pytest.fixture(autouse=True)
def quick_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the file more often than a person would wait for."""
    monkeypatch.setattr(app_module, "WATCH_INTERVAL", 0.02)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "lesson.toml"
    file.write_text(lesson(4))
    return file


def status(player: Player) -> str:
    return player.panel("timeline")[0]


async def saved(player: Player, path: Path, text: str) -> None:
    """Save the file as an editor does that writes beside it and renames; wait until the app shows it."""
    lesson_before = player.app.scene.lesson
    beside = path.with_suffix(".tmp")
    beside.write_text(text)
    beside.replace(path)
    await player.until(lambda: player.app.scene.lesson is not lesson_before)


@pytest.mark.parametrize("by", ["key", "saving", "renaming"])
async def test_an_edited_file_is_shown_and_the_cursor_stays(path: Path, by: str) -> None:
    async with playing(app_on(path)) as player:
        if by == "key":
            # Only the key: the watch sees a file that looks as before.
            player.app._source.changed = lambda: False  # type: ignore[method-assign]
        await player.press("g", "f", "2", "enter", "right", "w")
        step, parameter, before = player.app.scene.step, player.app.scene.parameter, player.app.scene.lesson
        if by == "renaming":
            await saved(player, path, lesson(4, rate=0.5))
        else:
            path.write_text(lesson(4, rate=0.5))
        if by == "key":
            await player.press("r")
        await player.until(lambda: player.app.scene.lesson is not before)
        assert "reloaded" in status(player)
        assert player.app.scene.trace.scenario.update.learning_rate == 0.5
        assert player.app.scene.step == step
        assert player.app.scene.parameter == parameter
        await player.press("right")
        assert "reloaded" not in status(player)


@pytest.mark.parametrize("typed", ["f2", "f4", "b3", "b1"])
@pytest.mark.parametrize("steps", [2, 6])
async def test_the_cursor_stays_where_it_was_as_near_as_there_is(path: Path, typed: str, steps: int) -> None:
    async with playing(app_on(path)) as player:
        await player.press("g", *typed, "enter", "left")
        step = player.app.scene.step
        await saved(player, path, lesson(steps))
        now = player.app.scene.step
        assert (now.phase, now.operation) == (step.phase, step.operation)
        assert now.t == min(step.t, steps)
        assert f"of {steps}" in player.panel("title")[0]


@pytest.mark.parametrize(("key", "phase"), [("home", Phase.START), ("end", Phase.UPDATE)])
async def test_the_ends_stay_the_ends(path: Path, key: str, phase: Phase) -> None:
    async with playing(app_on(path)) as player:
        await player.press(key)
        for steps in (6, 1):
            await saved(player, path, lesson(steps))
            assert player.app.scene.step.phase is phase
            assert player.position in (0, player.app.scene.timeline.last)


@pytest.mark.parametrize("size", [LAPTOP, BOARD, SMALLEST])
async def test_a_broken_edit_shows_its_problems_and_the_last_good_state(path: Path, size: tuple[int, int]) -> None:
    async with playing(app_on(path), size) as player:
        await player.press("g", "b", "3", "enter", "left")
        before = player.screen()
        path.write_text(lesson(4, extra="wrong = 1") + "speed = 3\n")
        await player.until(lambda: player.app.scene.problems)
        shown = player.text()
        assert "wrong: expected" in shown
        assert "update.speed: expected" in " ".join(shown.split())
        if size != SMALLEST:
            assert "file has problems: 2" in status(player)
        assert player.screen()[:4] == before[:4]
        await player.press("right", "right")
        assert player.app.scene.problems
        path.write_text("[sequence\n")
        await player.until(lambda: len(player.app.scene.problems) == 1)
        assert "line 1" in player.text()
        await player.press("left", "left")
        path.write_text(lesson(4))
        await player.until(lambda: not player.app.scene.problems)
        assert "problems" not in player.shown()
        assert player.screen()[:-2] == before[:-2]


async def test_a_deleted_file_is_told_and_its_return_noticed(path: Path) -> None:
    async with playing(app_on(path)) as player:
        await player.press("right")
        path.unlink()
        await player.until(lambda: "the file is gone" in status(player))
        await player.press("right", "r")
        assert player.position == 2
        await player.until(lambda: player.app.scene.problems)
        assert "no such file" in player.text()
        path.write_text(lesson(6))
        await player.until(lambda: player.app.scene.trace.T == 6)
        assert player.position == 2
        assert not player.app.scene.problems
        assert "gone" not in player.text()


async def test_a_file_that_becomes_a_folder_or_unreadable_text(path: Path) -> None:
    async with playing(app_on(path)) as player:
        path.write_bytes(b"title = \xff\n")
        await player.until(lambda: player.app.scene.problems)
        assert "UTF-8" in player.text()
        path.unlink()
        path.mkdir()
        before = player.app.scene.problems
        await player.until(lambda: player.app.scene.problems != before)
        path.rmdir()
        path.write_text(lesson(5))
        await player.until(lambda: player.app.scene.trace.T == 5)


async def open_from_inside(player: Player, text: str) -> None:
    await player.press("o")
    # As pasted: a path may be long.
    player.app.screen.query_one("#path").value = text  # type: ignore[attr-defined]
    await player.press("enter")


async def test_another_scenario_is_opened_by_name_by_list_and_by_path(path: Path) -> None:
    async with playing(app_on("scalar-t3")) as player:
        await player.press("right", "right", "o", *"length-three", "enter")
        await player.until(lambda: player.app.scene.lesson.source == "length-three.toml")
        assert player.position == 0
        assert "Two neurons" in player.panel("title")[0]
        await player.press("right")
        await open_from_inside(player, str(path))
        await player.until(lambda: "steps: 4" in player.text())
        await saved(player, path, lesson(6))
        assert player.app.scene.trace.T == 6
        await player.press("o", "down", "enter")
        first = next(iter(catalog.listing().values())).name
        await player.until(lambda: player.app.scene.lesson.source == first)


@pytest.mark.parametrize("wrong", ["no-such-name", "folder/none.toml", "a\x00b"])
async def test_a_wrong_answer_is_told_and_loses_nothing(wrong: str) -> None:
    async with playing(app_on("scalar-t3")) as player:
        await player.press("right", "right")
        before = player.text()
        await open_from_inside(player, wrong)
        assert isinstance(player.app.screen, OpenScreen)
        told = " ".join("".join(player.screen()).split())
        assert "expected" in told
        await player.press("escape")
        assert player.text() == before


async def test_an_empty_answer_asks_on(path: Path) -> None:
    async with playing(app_on(path)) as player:
        await player.press("o", "enter", "space", "enter")
        assert isinstance(player.app.screen, OpenScreen)


@pytest.mark.parametrize("size", [LAPTOP, BOARD, SMALLEST])
async def test_a_broken_scenario_opened_from_inside_is_told_where_it_was_asked_for(
    path: Path, size: tuple[int, int]
) -> None:
    path.write_text(lesson(4, extra="wrong = 1") + "speed = 3\n")
    async with playing(app_on("scalar-t3"), size) as player:
        before = player.screen()
        await open_from_inside(player, str(path))
        await player.until(lambda: "wrong:" in player.text())
        assert "update.speed:" in player.text()
        assert isinstance(player.app.screen, OpenScreen)
        assert not player.app.scene.problems
        path.write_text(lesson(4))
        await player.press("enter")
        await player.until(lambda: "steps: 4" in player.text())
        path.write_text(lesson(4, extra="wrong = 1"))
        await player.until(lambda: player.app.scene.problems)
        await open_from_inside(player, "scalar-t3")
        await player.until(lambda: player.screen() == [*before[:-2], *player.screen()[-2:]])
        assert "scalar" in player.app.scene.lesson.source


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("count", "told", "more"), [(2, 2, 0), (5, 5, 0), (6, 4, 2), (9, 4, 5)])
async def test_the_file_is_named_once_above_its_problems(
    path: Path, language: Language, count: int, told: int, more: int
) -> None:
    path.write_text(lesson(4, extra="\n".join(f"wrong{number} = 1" for number in range(count))))
    async with playing(app_on("scalar-t3", language=language), BOARD) as player:
        await open_from_inside(player, str(path))
        label = player.app.screen.query_one("#open-error", Label)
        await player.until(lambda: str(label.content))
        file, *lines = str(label.content).splitlines()
        assert file == str(path)
        assert all(str(path.parent) not in line for line in lines)
        assert sum("wrong" in line for line in lines) == told
        assert lines[told:] == ([say("open.more", language, count=more)] if more else [])


async def test_many_problems_leave_room_in_the_dialog(path: Path) -> None:
    path.write_text(lesson(4, extra="\n".join(f"wrong{number} = 1" for number in range(9))))
    async with playing(app_on("scalar-t3")) as player:
        await open_from_inside(player, str(path))
        await player.until(lambda: "and more: 5" in player.text())
        assert player.app.screen.query_one("#scenarios").region.height > 3


# What was trained and edited.


@pytest.mark.parametrize("comment", ["", "# the same\n"])
async def test_a_file_that_says_what_it_said_changes_nothing(path: Path, comment: str) -> None:
    async with playing(app_on(path)) as player:
        looked = watched(player)
        await player.press("u", "u", "e", "9", "enter")
        scene, asked = player.app.scene, len(looked)
        path.write_text(comment + lesson(4))
        await player.until(lambda: len(looked) > asked)
        assert player.app.scene is scene
        await player.press("r")
        await player.until(lambda: player.app.scene is not scene)
        assert "reloaded; undo brings back what was there" in player.text()
        assert player.app.scene.course.moment.updates == 0


def watched(player: Player) -> list[object]:
    """The lessons that the app has read and answered, as they come."""
    answered: list[object] = []
    load = player.app._loaded

    async def loaded(source: Source, *, asked: bool) -> None:
        await load(source, asked=asked)
        answered.append(source)

    player.app._loaded = loaded  # type: ignore[method-assign]
    return answered


async def test_what_was_trained_can_be_gone_back_to_after_the_file_has_changed(path: Path) -> None:
    async with playing(app_on(path)) as player:
        await player.press("u", "u", "e", "9", "enter")
        trained = dict(player.app.scene.trace.parameters)
        losses = player.app.scene.course.moment.curves.losses
        await saved(player, path, lesson(4, rate=0.5))
        assert "undo brings back" in status(player)
        assert player.app.scene.trace.parameters["W"][0, 0] != 9
        await player.press("backspace")
        for name, value in trained.items():
            np.testing.assert_array_equal(player.app.scene.trace.parameters[name], value)
        np.testing.assert_array_equal(player.app.scene.course.moment.curves.losses, losses)
        assert player.app.scene.trace.scenario.update.learning_rate == 0.5
        await player.press("backspace", "backspace")
        assert player.app.scene.course.moment.updates == 1


async def test_what_no_longer_fits_is_told_to_be_dropped(path: Path) -> None:
    async with playing(app_on(path)) as player:
        await player.press("u", "u", "e", "9", "enter")
        await saved(player, path, lesson(4).replace("hidden_size = 2", "hidden_size = 3"))
        assert "dropped training (updates: 2, undo: 3)" in player.app.scene.notice
        await player.press("backspace")
        assert "nothing to undo" in status(player)


def long_lesson(T: int, H: int, D: int = 1) -> str:
    numbers = [[round(float(np.sin(t + d)), 3) for d in range(D)] for t in range(T)]
    return f"[sequence]\ninputs = {numbers}\ntargets = {[[row[0]] for row in numbers]}\n[network]\nhidden_size = {H}\n"


def numbers_kept(trace: Trace) -> int:
    """All float64 values that the trace's arrays hold."""
    kept = [trace.x, trace.y, trace.o, trace.y_hat, trace.losses, trace.dL_do]
    for layer in trace.layers:
        kept += [*layer.values.values(), *layer.adjoints.values(), layer.from_above]
    return sum(rows.size for rows in kept)


@pytest.mark.parametrize(("T", "H"), [(10_000, 2), (1000, 128)])
async def test_long_and_wide_scenarios_open_and_step_without_holding_every_contribution(
    tmp_path: Path, T: int, H: int
) -> None:
    path = tmp_path / "long.toml"
    path.write_text(long_lesson(T, H))
    # What SymPy keeps in its own process is no memory of the app's.
    app = app_on(path, process=True)
    trace = app.scene.trace
    assert numbers_kept(trace) < 12 * T * (H + 4)
    async with playing(app) as player:
        tracemalloc.start()
        try:
            await player.press("right", "shift+right", "g", *str(T // 2), "enter", "right", "end", "left", "left")
            await player.press("g", "b", *str(T // 2), "enter", "shift+right", "home")
            held = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert held < max(T * H * H * 8 / 4, 20e6)
        await player.press("g", "b", *str(T), "enter")
        assert f"t = {T} of {T}" in player.panel("title")[0]
        if H == 2:
            shown = [number for row in rows_of_numbers(player.panel("gradient"))[:2] for number in row[2:4]]
            delta, h = trace.layers[0].delta[-1], trace.layers[0].values["h"][-2]
            assert all(agrees(text, value) for text, value in zip(shown, np.outer(delta, h).ravel(), strict=True))


OVERFLOW = """
[sequence]
inputs = [[1.0], [1.0], [1e200], [1.0]]
targets = [[0.0], [0.0], [0.0], [0.0]]
[network]
hidden_size = 1
activation = "identity"
bias = false
[network.parameters]
U = [[1e150]]
W = [[-1.0]]
V = [[1.0]]
"""


@pytest.mark.parametrize("size", [LAPTOP, BOARD])
async def test_where_numbers_overflow_it_is_shown_named_and_walked_on(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "overflow.toml"
    path.write_text(OVERFLOW)
    async with playing(app_on(path), size) as player:
        scene = player.app.scene
        assert np.isposinf(scene.trace.layers[0].a[2, 0])
        while player.position < scene.timeline.last:
            await player.step("right")
            step = player.app.scene.step
            assert ("⚠ a₃ not finite " in status(player)) == (step.phase is not Phase.FORWARD or step.t >= 3)
            if step.phase is Phase.FORWARD and step.operation and step.operation.name == "a" and step.t in (3, 4):
                shown = rows_of_numbers(player.panel("operation")[1:])[-2:]
                assert any("+∞" in row or "−∞" in row for row in shown)
        await player.press("home", "g", "4", "enter")
        assert "+∞" in "".join(player.panel("network"))
        assert "−∞" in "".join(player.panel("network"))
