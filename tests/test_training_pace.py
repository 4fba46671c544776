"""Training without an end: slow at first, never further than may be shown, and the same numbers all the same."""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from descending import advance
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from screens import app_on, playing
from test_app_training import moment_of, trained, trainer_of
from test_training import begun, diverging, same
from test_training_process import Conversation, asked

import bptt_viz
from bptt_viz.training import pace
from bptt_viz.training.wire import Ended, Progress, Stop, Train, Until
from bptt_viz.ui import training
from bptt_viz.ui.training import Trainer

if TYPE_CHECKING:
    from screens import Player

    from bptt_viz.scenario import Scenario
    from bptt_viz.views.scene import Scene

#: Longer than any test waits.
NEVER = 1e6


@given(st.integers(0, 10**9))
def test_each_state_is_further_by_one_at_least_and_by_a_quarter_at_most(updates: int) -> None:
    further = pace.until(updates) - updates
    assert further >= 1
    assert further == 1 or updates / 4 <= further < updates / 4 + 1
    assert pace.until(updates + 1) > pace.until(updates)


def test_with_four_states_a_second_there_is_time_to_speak() -> None:
    states = [0]
    while states[-1] < 10_000:
        states.append(pace.until(states[-1]))
    assert states[:10] == [0, 1, 2, 3, 4, 5, 7, 9, 12, 15]
    seconds = {
        most: next(at for at, updates in enumerate(states) if updates >= most) / 4 for most in (100, 1000, 10000)
    }
    assert seconds == {100: 4.5, 1000: 7.0, 10000: 9.5}


# The process.


def paced(scenario: Scenario, updates: int, number: int = 1) -> Train:
    """A request that waits after so many updates."""
    return replace(asked(scenario, updates, number), all=False)


def test_the_process_does_what_it_may_and_waits() -> None:
    scenario = bptt_viz.load("wo-zuotian")
    with Conversation() as conversation:
        conversation.ask(paced(scenario, 1))
        for updates in (1, 2, 7, 300):
            conversation.ask(Until(updates))
            while conversation.after(begun(scenario)).updates < updates:
                conversation.next()
            same(conversation.after(begun(scenario)), advance(scenario, begun(scenario), updates))
        conversation.ask(Stop())
        conversation.ended()
    assert conversation.said[-1] == Ended(1)
    same(conversation.after(begun(scenario)), advance(scenario, begun(scenario), 300))


def test_it_does_not_stop_for_being_told_that_it_may_do_more() -> None:
    scenario = bptt_viz.load("wo-zuotian")
    with Conversation() as conversation:
        conversation.ask(paced(scenario, 1))
        for updates in (*range(2, 100), sys.maxsize):
            conversation.ask(Until(updates))
        conversation.until(lambda _: conversation.after(begun(scenario)).updates > 99)
        conversation.ask(asked(scenario, 3, number=2))
        # It is told too late, of what is over.
        conversation.ended(2)
        conversation.ask(Until(200))
        conversation.ask(asked(scenario, 5, number=3))
        conversation.ended(3)
    assert [message.number for message in conversation.said if isinstance(message, Ended)] == [1, 2, 3]
    for number, updates in ((2, 3), (3, 5)):
        same(conversation.after(begun(scenario), number), advance(scenario, begun(scenario), updates))


def test_it_ends_where_the_numbers_do_though_it_might_do_more() -> None:
    scenario = diverging()
    with Conversation() as conversation:
        conversation.ask(paced(scenario, 1))
        conversation.ask(Until(sys.maxsize))
        conversation.ended()
    same(conversation.after(begun(scenario)), advance(scenario, begun(scenario), 1000))


# The app.


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is sent to the process."""
    messages: list[object] = []
    send = Trainer._send

    def noted(trainer: Trainer, message: Train | Until | Stop) -> None:
        messages.append(message)
        send(trainer, message)

    monkeypatch.setattr(Trainer, "_send", noted)
    return messages


def shown_by(player: Player, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The updates of each state that is shown from now on."""
    states = [moment_of(player).updates]
    show = player.app.show

    def noted(scene: Scene) -> None:
        show(scene)
        if moment_of(player).updates != states[-1]:
            states.append(moment_of(player).updates)

    monkeypatch.setattr(player.app, "show", noted)
    return states


async def test_what_is_shown_keeps_the_pace_and_the_process_is_not_ahead_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(training, "_PAUSE", 0.0)
    hear, ahead = Trainer._hear, list[tuple[int, int]]()

    def noted(trainer: Trainer, message: object) -> None:
        hear(trainer, message)
        if isinstance(message, Progress) and trainer._job is not None:
            ahead.append((trainer._job.shown.updates, trainer._job.latest.updates))

    monkeypatch.setattr(Trainer, "_hear", noted)
    async with playing(app_on("wo-zuotian")) as player:
        states = shown_by(player, monkeypatch)
        await player.press("v", "p")
        await player.until(lambda: moment_of(player).updates > 100)
        await player.press("p")
        there = moment_of(player)
    assert states[:5] == [0, 1, 2, 3, 4]
    assert all(before < after <= pace.until(before) for before, after in pairwise(states))
    assert all(done <= pace.until(shown) for shown, done in ahead)
    same(there, trained("wo-zuotian", there.updates))


async def test_pressed_again_it_begins_slowly_again(monkeypatch: pytest.MonkeyPatch, told: list[object]) -> None:
    monkeypatch.setattr(training, "_PAUSE", 0.0)
    async with playing(app_on("wo-zuotian")) as player:
        states = shown_by(player, monkeypatch)
        await player.press("p")
        await player.until(lambda: moment_of(player).updates > 20)
        await player.press("p")
        there = moment_of(player).updates
        del told[:]
        await player.press("p")
        await player.until(lambda: moment_of(player).updates > there + 2)
        await player.press("p")
    after = states[states.index(there) :]
    assert after[1:4] == [there + 1, there + 2, there + 3]
    assert [message.updates for message in told if isinstance(message, Train | Until)][:3] == [1, 2, 3]


async def test_between_two_states_the_process_has_nothing_to_do(
    monkeypatch: pytest.MonkeyPatch, told: list[object]
) -> None:
    monkeypatch.setattr(training, "_PAUSE", NEVER)
    async with playing(app_on("wo-zuotian")) as player:
        await player.press("p")
        await player.until(lambda: moment_of(player).updates == 1)
        job = trainer_of(player)._job
        assert job is not None
        await player.until(lambda: job.latest.updates == 2)
        assert moment_of(player).updates == 1
        assert [message.updates for message in told if isinstance(message, Train | Until)] == [1, 2]
        await player.press("p")
        assert isinstance(told[-1], Stop)
        assert moment_of(player).updates == 1


async def test_a_number_of_updates_is_done_without_waiting(monkeypatch: pytest.MonkeyPatch, told: list[object]) -> None:
    monkeypatch.setattr(training, "_PAUSE", NEVER)
    async with playing(app_on("wo-zuotian")) as player:
        await player.press("C")
        await player.until(lambda: not player.app.scene.course.running)
        assert moment_of(player).updates == 100
        assert not any(isinstance(message, Until) for message in told)
        (request,) = (message for message in told if isinstance(message, Train))
        assert (request.updates, request.all) == (100, True)
