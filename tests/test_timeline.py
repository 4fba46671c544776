"""One timeline: positions and steps are one to one, both grains walk all of it, nothing is listed."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptt_viz.cells import Options, output_layer, rnn
from bptt_viz.network import Network
from bptt_viz.timeline import Operation, Phase, Timeline

PHASES = list(Phase)


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """Any number of steps, and of operations in each direction."""
    ahead = [Operation("equation", f"v{index}", 0) for index in range(draw(st.integers(1, 9)))]
    back = [Operation("adjoint", f"v{index}", 0) for index in range(draw(st.integers(1, 9)))]
    return Timeline(draw(st.integers(1, 12)), tuple(ahead), tuple(back))


walks = st.tuples(timelines(), st.integers(0, 400)).map(lambda drawn: (drawn[0], drawn[1] % (drawn[0].last + 1)))


@given(timeline=timelines())
def test_positions_and_steps_are_one_to_one(timeline: Timeline) -> None:
    steps = [timeline.step(position) for position in range(timeline.last + 1)]
    assert len({(step.phase, step.t, step.operation) for step in steps}) == len(steps)
    assert [step.position for step in steps] == list(range(timeline.last + 1))
    for step in steps:
        if step.operation is None:
            assert step.t == 0
            assert timeline.end_of(step.phase, 0) == step.position
        else:
            assert timeline.position(step.phase, step.t, step.operation) == step.position
    for outside in (-1, timeline.last + 1):
        with pytest.raises(IndexError, match=f"expected 0..{timeline.last}, found {outside}"):
            timeline.step(outside)


@given(timeline=timelines())
def test_the_order(timeline: Timeline) -> None:
    steps = [timeline.step(position) for position in range(timeline.last + 1)]
    assert [PHASES.index(step.phase) for step in steps] == sorted(PHASES.index(step.phase) for step in steps)
    ahead = [(step.t, step.operation) for step in steps if step.phase is Phase.FORWARD]
    back = [(step.t, step.operation) for step in steps if step.phase is Phase.BACKWARD]
    assert ahead == [(t, operation) for t in range(1, timeline.T + 1) for operation in timeline.forward]
    assert back == [(t, operation) for t in range(timeline.T, 0, -1) for operation in timeline.backward]
    assert [sum(step.phase is phase for step in steps) for phase in (Phase.START, Phase.LOSS, Phase.UPDATE)] == [1] * 3


@given(timeline=timelines())
def test_time_steps_visit_each_end_once_there_and_back(timeline: Timeline) -> None:
    steps = range(1, timeline.T + 1)
    ends = [0, *(timeline.end_of(Phase.FORWARD, t) for t in steps), timeline.loss_position]
    ends += [*(timeline.end_of(Phase.BACKWARD, t) for t in reversed(steps)), timeline.last]
    assert ends == sorted(set(ends))
    for before, after in pairwise(ends):
        assert timeline.next_time_step(before) == after
        assert timeline.previous_time_step(after) == before
    assert timeline.next_time_step(timeline.last) == timeline.last
    assert timeline.previous_time_step(0) == 0


@given(walk=walks)
def test_a_time_step_goes_on_to_an_end_and_back_to_the_one_before(walk: tuple[Timeline, int]) -> None:
    timeline, position = walk
    step = timeline.step(position)
    ahead, back = timeline.next_time_step(position), timeline.previous_time_step(position)
    assert ahead > position or position == timeline.last
    assert back < position or position == 0
    end = timeline.end_of(step.phase, step.t)
    assert end in (ahead, position)
    # From inside a time step, back is the end of the one before, never the beginning of this one.
    assert back == 0 or timeline.next_time_step(back) == end


@given(timeline=timelines(), wish=st.integers(-(10**9), 10**9))
def test_clamp(timeline: Timeline, wish: int) -> None:
    nearest = timeline.clamp(wish)
    assert 0 <= nearest <= timeline.last
    assert nearest in (wish, 0 if wish < 0 else timeline.last)


@given(walk=walks, other=timelines())
def test_moved_stays_on_what_it_was_on(walk: tuple[Timeline, int], other: Timeline) -> None:
    old, position = walk
    assert old.moved(old, position) == position
    before, after = old.step(position), other.step(other.moved(old, position))
    assert after.phase is before.phase
    assert after.t == min(before.t, other.T)
    operations = other.forward if before.phase is Phase.FORWARD else other.backward
    if before.operation in operations:
        assert after.operation == before.operation
    else:
        assert after.position == other.end_of(after.phase, after.t)


def test_of_the_plain_cell() -> None:
    network = Network((rnn(Options()),), output_layer(bias=True), {}, ())
    timeline = Timeline.of(network, 2)
    assert [(one.kind, one.name) for one in timeline.forward] == [
        ("equation", "a"), ("equation", "h"), ("output", "o"), ("prediction", "y_hat"), ("loss", "L"),
    ]  # fmt: skip
    assert [(one.kind, one.name) for one in timeline.backward] == [
        ("loss_gradient", "o"), ("adjoint", "h"), ("adjoint", "a"), ("contribution", "contribution"),
    ]  # fmt: skip
    two = Timeline.of(Network((rnn(Options()),) * 2, output_layer(bias=True), {}, ()), 2)
    assert [one.layer for one in two.forward] == [0, 0, 1, 1, None, None, None]
    assert [one.layer for one in two.backward] == [None, 1, 1, 0, 0, None]


def test_ten_thousand_steps_are_not_listed() -> None:
    network = Network((rnn(Options()),), output_layer(bias=True), {}, ())
    tracemalloc.start()
    try:
        timeline = Timeline.of(network, 10_000)
        for position in (0, 1, 49_999, timeline.loss_position, timeline.last - 1, timeline.last):
            step = timeline.step(position)
            timeline.next_time_step(position)
            timeline.previous_time_step(position)
            assert timeline.moved(timeline, position) == position == step.position
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert timeline.last == 1 + 10_000 * (5 + 4) + 1
    assert peak < 100_000
