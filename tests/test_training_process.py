"""The process that trains: what it gives is what the app's own process would, and it ends when it is told to."""

from __future__ import annotations

import subprocess
import sys
from threading import Timer
from typing import TYPE_CHECKING, Self

import numpy as np
import pytest
from descending import advance
from msgspec.structs import replace
from terminal import DEADLINE
from test_training import begun, diverging, same

import bptt_viz
from bptt_viz import child
from bptt_viz.training import wire
from bptt_viz.training.wire import Ended, Progress, Stop, Train, Until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bptt_viz.scenario import Scenario
    from bptt_viz.training.moment import Moment

#: A worker that tells of each update.
EACH = (sys.executable, "-c", "from bptt_viz.training import worker; worker.SLICE = 0.0; worker.main()")


class Conversation:
    """A process that trains, and what it said."""

    def __init__(self, command: tuple[str, ...] = ()) -> None:
        self.process = subprocess.Popen(command or wire.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.said: list[Progress | Ended] = []
        # Whoever waits for what never comes gets to know it.
        self._patience = Timer(DEADLINE, self.process.kill)
        self._patience.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._patience.cancel()
        self.process.kill()
        self.process.communicate()

    def ask(self, message: Train | Until | Stop) -> None:
        """Say something to it."""
        assert self.process.stdin is not None
        self.process.stdin.write(child.packed(message))
        self.process.stdin.flush()

    def until(self, condition: Callable[[Progress | Ended], bool]) -> None:
        """Hear it until it says something."""
        while not self.said or not condition(self.said[-1]):
            self.next()

    def next(self) -> None:
        """Hear what it says next."""
        assert self.process.stdout is not None
        message = child.receive(self.process.stdout)
        assert isinstance(message, Progress | Ended)
        self.said.append(message)

    def ended(self, number: int = 1) -> None:
        """Hear it until a request has its end."""
        self.until(lambda message: isinstance(message, Ended) and message.number == number)

    def progress(self, number: int = 1) -> list[Progress]:
        """What it told of a request."""
        return [message for message in self.said if isinstance(message, Progress) and message.number == number]

    def after(self, moment: Moment, number: int = 1) -> Moment:
        """A moment after all that it told of."""
        for message in self.progress(number):
            moment = moment.after(message.curves, moment.network.with_parameters(message.parameters))
        return moment


@pytest.fixture
def each() -> Iterator[Conversation]:
    """A process that tells of each update."""
    with Conversation(EACH) as conversation:
        yield conversation


def asked(scenario: Scenario, updates: int | None, number: int = 1) -> Train:
    """A request that starts at the scenario's own parameters; None: more updates than anybody waits for."""
    parameters = dict(begun(scenario).network.parameters)
    return Train(number, scenario, parameters, sys.maxsize if updates is None else updates)


@pytest.mark.parametrize("updates", [0, 1, 300])
def test_it_gives_what_this_process_would(updates: int) -> None:
    scenario = bptt_viz.load("wo-zuotian")
    with Conversation() as conversation:
        conversation.ask(asked(scenario, updates))
        conversation.ended()
    assert conversation.said[-1] == Ended(1)
    same(conversation.after(begun(scenario)), advance(scenario, begun(scenario), updates))


def test_it_tells_of_updates_while_it_does_more(each: Conversation) -> None:
    scenario = bptt_viz.load("scalar-t3")
    each.ask(asked(scenario, 5))
    each.ended()
    assert [len(message.curves) for message in each.progress()] == [1] * 5
    same(each.after(begun(scenario)), advance(scenario, begun(scenario), 5))


def test_it_goes_on_from_the_parameters_that_it_gets() -> None:
    scenario = bptt_viz.load("wo-zuotian")
    middle = advance(scenario, begun(scenario), 3)
    with Conversation() as conversation:
        conversation.ask(Train(1, scenario, dict(middle.network.parameters), 4))
        conversation.ended()
    same(conversation.after(middle), advance(scenario, begun(scenario), 7))


def test_it_trains_until_it_is_told_to_stop() -> None:
    scenario = bptt_viz.load("wo-zuotian")
    with Conversation() as conversation:
        conversation.ask(asked(scenario, None))
        conversation.until(lambda _: len(conversation.progress()) == 2)
        conversation.ask(Stop())
        conversation.ended()
        there = conversation.after(begun(scenario))
        assert there.updates > 1
        same(there, advance(scenario, begun(scenario), there.updates))
        # And it is there for more.
        conversation.ask(Train(2, scenario, dict(there.network.parameters), 2))
        conversation.ended(2)
    same(conversation.after(there, 2), advance(scenario, begun(scenario), there.updates + 2))


def test_a_newer_request_takes_the_place_of_the_older(each: Conversation) -> None:
    scenario = bptt_viz.load("scalar-t3")
    each.ask(asked(scenario, None))
    each.until(lambda _: True)
    each.ask(asked(replace(scenario, title="another"), 3, number=2))
    each.ended(2)
    numbers = [message.number for message in each.said]
    assert numbers == sorted(numbers)
    assert Ended(1) in each.said
    same(each.after(begun(scenario), 2), advance(scenario, begun(scenario), 3))


def test_it_ends_where_the_numbers_do() -> None:
    scenario = diverging()
    with Conversation() as conversation:
        conversation.ask(asked(scenario, None))
        conversation.ended()
    assert conversation.said[-1] == Ended(1)
    there = conversation.after(begun(scenario))
    assert there.divergence is not None
    same(there, advance(scenario, begun(scenario), 1000))


def test_what_went_wrong_is_told_and_it_lives_on() -> None:
    scenario = bptt_viz.load("scalar-t3")
    with Conversation() as conversation:
        conversation.ask(replace(asked(scenario, 1), parameters={"W": np.zeros((1, 1))}))
        conversation.ended()
        assert isinstance(conversation.said[-1], Ended)
        assert "KeyError" in conversation.said[-1].failure
        conversation.ask(asked(scenario, 1, number=2))
        conversation.ended(2)
    assert conversation.said[-1] == Ended(2)


def test_it_ends_with_its_parent_while_it_trains() -> None:
    with Conversation() as conversation:
        conversation.ask(asked(bptt_viz.load("scalar-t3"), None))
        conversation.until(lambda _: True)
        assert conversation.process.stdin is not None
        conversation.process.stdin.close()
        assert conversation.process.stdout is not None
        # Its pipe may be full: whoever trains must not wait for somebody to read it.
        assert conversation.process.wait(DEADLINE) == 0
        conversation.process.stdin = None
