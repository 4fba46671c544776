"""Training: updates, their curves, where they end, edits, and what is undone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from descending import advance
from hypothesis import given
from hypothesis import strategies as st
from lessons import LESSONS
from msgspec.structs import replace
from test_oracle import CASES, FOLDER, agree, expected

import bptt_viz
from bptt_viz import engine
from bptt_viz.scenario import ClipTable, Scenario, UpdateTable
from bptt_viz.training import undo as undoing
from bptt_viz.training.course import Course
from bptt_viz.training.editing import edited
from bptt_viz.training.moment import Divergence, Moment, expected_seconds, extremes
from bptt_viz.training.undo import NothingToUndoError, Undo

if TYPE_CHECKING:
    from bptt_viz.network import Network

BUNDLED = LESSONS


def begun(scenario: Scenario) -> Moment:
    """Before any update."""
    return Moment.of(engine.trace(scenario))


def updating(name: str, rate: float, clip: ClipTable | None = None) -> Scenario:
    """A bundled scenario with another update."""
    return replace(bptt_viz.load(name), update=UpdateTable(rate, clip))


def same_network(one: Network, other: Network) -> None:
    """The same parameters, bit for bit."""
    assert list(one.parameters) == list(other.parameters)
    for name, values in one.parameters.items():
        np.testing.assert_array_equal(values, other.parameters[name], strict=True)


def same(one: Moment, other: Moment) -> None:
    """The same in all, bit for bit."""
    same_network(one.network, other.network)
    for name in ("losses", "norms", "clipped"):
        np.testing.assert_array_equal(getattr(one.curves, name), getattr(other.curves, name), strict=True)


# Updates.


@pytest.mark.parametrize("name", BUNDLED)
def test_the_curves_are_those_of_the_traces(name: str) -> None:
    scenario = bptt_viz.load(name)
    moment = advance(scenario, begun(scenario), 4)
    traces = [engine.trace(scenario, updates) for updates in range(5)]
    same_network(moment.network, traces[-1].network)
    np.testing.assert_array_equal(moment.curves.losses, traces[-1].loss_history)
    np.testing.assert_array_equal(moment.curves.losses, [trace.loss for trace in traces])
    np.testing.assert_array_equal(moment.curves.norms, [trace.gradient_norm for trace in traces])


def test_many_updates_are_as_many_single_ones() -> None:
    scenario = bptt_viz.load("wo-zuotian")
    moment = begun(scenario)
    for count in (1, 2, 0, 4):
        moment = advance(scenario, moment, count)
    assert moment.updates == 7
    same(moment, advance(scenario, begun(scenario), 7))


@pytest.mark.parametrize("case", CASES)
def test_against_the_oracle(case: str) -> None:
    scenario, theirs = bptt_viz.load(FOLDER / f"{case}.toml"), expected(case)
    if "loss_history" not in theirs:
        return
    moment = advance(scenario, begun(scenario), len(theirs["loss_history"]) - 1)
    agree(moment.curves.losses, theirs["loss_history"], "loss_history", 1e-7)
    agree(moment.curves.norms[0], theirs["gradient_norm"], "gradient_norm")
    for name, array in theirs["parameters_after"].items():
        agree(moment.network.parameters[name], array, f"parameters_after.{name}", 1e-7)


def test_clipping_by_norm_acts_where_the_norm_is_above_the_threshold() -> None:
    free = begun(updating("wo-zuotian", 0.1)).curves.norms[0]
    scenario = updating("wo-zuotian", 0.1, ClipTable("norm", float(free) * 0.9))
    curves = advance(scenario, begun(scenario), 60).curves
    np.testing.assert_array_equal(curves.clipped, curves.norms > float(free) * 0.9)
    assert set(curves.clipped.tolist()) == {True, False}


def test_clipping_by_value_acts_where_an_entry_is_above_the_threshold() -> None:
    largest = max(np.abs(values).max() for values in engine.trace(updating("wo-zuotian", 0.1)).gradients.values())
    for threshold, acts in ((largest * 0.99, True), (largest * 1.01, False)):
        assert begun(updating("wo-zuotian", 0.1, ClipTable("value", float(threshold)))).curves.clipped.tolist() == [
            acts
        ]


def test_without_a_clip_none_acts() -> None:
    scenario = updating("wo-zuotian", 0.1)
    assert not advance(scenario, begun(scenario), 3).curves.clipped.any()


def test_fewer_than_no_updates() -> None:
    scenario = bptt_viz.load("scalar-t3")
    with pytest.raises(ValueError, match="updates: expected 0 or more, found -1"):
        advance(scenario, begun(scenario), -1)


def test_large_networks_and_many_updates_are_expected_to_take_long() -> None:
    small, T = begun(bptt_viz.load("scalar-t3")).network, 3
    assert expected_seconds(small, T, 1) < 0.01 < expected_seconds(small, T, 1000)
    assert expected_seconds(small, T, 1) < 0.01 < expected_seconds(small, 10_000, 1)


# Where it ends.


def diverging() -> Scenario:
    """Far too large steps of a network whose states have no bounds."""
    scenario = updating("scalar-t3", 1e3)
    given = {"U": ((1.0,),), "W": ((1.0,),), "V": ((-1.0,),)}
    return replace(scenario, network=replace(scenario.network, activation="identity", parameters=given))


def test_training_that_diverges_ends_and_says_where() -> None:
    scenario = diverging()
    moment = advance(scenario, begun(scenario), 1000)
    assert 0 < moment.updates < 1000
    assert moment.divergence is not None
    assert np.isfinite(moment.curves.losses[:-1]).all()
    before = advance(scenario, begun(scenario), moment.updates - 1)
    assert before.divergence is None
    same(advance(scenario, before, 1), moment)
    same(advance(scenario, moment, 5), moment)
    if moment.divergence.quantity == "loss":
        assert not np.isfinite(moment.curves.losses[-1])
    else:
        assert not np.isfinite(moment.network.parameters[moment.divergence.quantity][moment.divergence.entry])


def test_the_first_entry_that_is_not_finite_is_named() -> None:
    trace = engine.trace(bptt_viz.load("wo-zuotian"))
    broken = dict(trace.parameters)
    broken["W"] = np.where(np.arange(9).reshape(3, 3) >= 5, np.inf, broken["W"])
    network = trace.network.with_parameters(broken)
    assert Moment.of(engine.run(trace.scenario, network)).divergence == Divergence("W", (1, 2))
    curves = Moment.of(trace).curves
    assert Moment(trace.network, replace(curves, losses=np.array([np.nan]))).divergence == Divergence("loss")


# Edits.


def test_an_edit_changes_one_entry_and_shares_the_rest() -> None:
    network = begun(bptt_viz.load("wo-zuotian")).network
    after = edited(network, "W", (1, 2), 0.25)
    assert after.parameters["W"][1, 2] == 0.25
    assert np.count_nonzero(after.parameters["W"] != network.parameters["W"]) == 1
    for name in set(network.parameters) - {"W"}:
        assert after.parameters[name] is network.parameters[name]
    with pytest.raises(ValueError, match="read-only"):
        after.parameters["W"][0, 0] = 1.0


def test_an_edit_keeps_the_count_and_the_curves_before() -> None:
    scenario = bptt_viz.load("wo-zuotian")
    moment = advance(scenario, begun(scenario), 3)
    trace = engine.run(scenario, edited(moment.network, "b", (0,), 2.0))
    after = moment.at(trace)
    assert after.updates == 3
    np.testing.assert_array_equal(after.curves.losses, [*moment.curves.losses[:3], trace.loss])
    same_network(after.network, trace.network)


WRONG: dict[str, tuple[str, tuple[int, ...], float, type[Exception], str]] = {
    "no such row": ("W", (3, 0), 0.0, IndexError, "W: expected an entry from [1,1] to [3,3], found [4,1]"),
    "from the end": ("W", (-1, 0), 0.0, IndexError, "W: expected an entry from [1,1] to [3,3], found [0,1]"),
    "a row": ("W", (1,), 0.0, IndexError, "W: expected an entry from [1,1] to [3,3], found [2]"),
    "of a bias": ("b", (3,), 0.0, IndexError, "b: expected an entry from [1] to [3], found [4]"),
    "infinite": ("W", (0, 1), float("inf"), ValueError, "W[1,2]: expected a finite number, found inf"),
    "no number": ("b", (0,), float("nan"), ValueError, "b[1]: expected a finite number, found nan"),
    "no such parameter": ("X", (0, 0), 0.0, KeyError, "parameter: expected one of U, W, b, V, c, found X"),
}


@pytest.mark.parametrize(("name", "entry", "value", "error", "told"), WRONG.values(), ids=WRONG)
def test_wrong_edits(name: str, entry: tuple[int, ...], value: float, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=re.escape(told)):
        edited(begun(bptt_viz.load("wo-zuotian")).network, name, entry, value)


# Undo.


@given(st.lists(st.sampled_from(["edit", "one", "three", "unnoted", "undo"]), max_size=12))
def test_what_is_undone_is_as_it_was(deeds: list[str]) -> None:
    scenario = bptt_viz.load("scalar-t3")
    moment, undo, kept = begun(scenario), Undo(), list[Moment]()
    for number, deed in enumerate(deeds):
        if deed == "undo":
            if kept:
                moment, undo = undo.back(moment)
                was = kept.pop()
                same(moment, was)
                assert moment.network is was.network
            continue
        if deed != "unnoted":
            undo = undo.noted(moment, "edit" if deed == "edit" else "updates")
            kept.append(moment)
        if deed == "edit":
            moment = moment.at(engine.run(scenario, edited(moment.network, "W", (0, 0), number / 7)))
        else:
            moment = advance(scenario, moment, 3 if deed == "three" else 1)
        assert len(undo) == len(kept)


def test_what_training_was_before_it_began_anew_can_be_gone_back_to() -> None:
    scenario = bptt_viz.load("scalar-t3")
    first = begun(scenario)
    second = advance(scenario, first, 5)
    other = replace(scenario, network=replace(scenario.network, activation="identity"))
    course = Course(second, Undo().noted(first, "updates")).begun_anew(engine.trace(other))
    assert course is not None
    assert course.moment.updates == 0
    later = advance(other, course.moment, 2)
    course = Course(later, course.undo.noted(course.moment, "updates")).back()
    assert course.moment.updates == 0
    for was in (second, first):
        course = course.back()
        assert course.moment.network.cells == engine.trace(other).network.cells
        same(course.moment, Moment(was.network, was.curves))


def test_nothing_to_undo() -> None:
    with pytest.raises(NothingToUndoError):
        Undo().back(begun(bptt_viz.load("scalar-t3")))


def test_the_latest_hundred_points_are_kept() -> None:
    scenario = bptt_viz.load("scalar-t3")
    moment, undo = begun(scenario), Undo()
    for _ in range(103):
        undo = undo.noted(moment, "updates")
        moment = advance(scenario, moment, 1)
    assert len(undo) == undoing.MOST_POINTS == 100
    assert [point.shared for point in undo.points] == list(range(3, 103))


def test_of_large_networks_fewer_are_kept_and_shared_arrays_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = bptt_viz.load("wo-zuotian")
    moment = begun(scenario)
    size = sum(values.nbytes for values in moment.network.parameters.values())

    def kept(room: int, change: Any) -> int:
        monkeypatch.setattr(undoing, "MOST_BYTES", room)
        undo, now = Undo(), moment
        for number in range(10):
            undo = undo.noted(now, "edit")
            now = change(now, number)
        return len(undo)

    def edit(now: Moment, number: int) -> Moment:
        return now.at(engine.run(scenario, edited(now.network, "b", (0,), float(number))))

    assert kept(3 * size, lambda now, _: advance(scenario, now, 1)) == 3
    assert kept(size + 5 * moment.network.parameters["b"].nbytes, edit) == 6
    assert kept(0, edit) == 1


# What is drawn of long curves.


@given(st.integers(0, 400), st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_of_each_stretch_the_least_and_the_largest_are_drawn(size: int, stretches: int, seed: int) -> None:
    ys = np.random.default_rng(seed).normal(size=size)
    places = extremes(ys, stretches)
    assert list(places) == sorted(set(places))
    assert len(places) <= 2 * stretches + 2
    length = max(-(-size // stretches), 1)
    for start in range(0, size, length):
        stretch = ys[start : start + length]
        drawn = ys[places[(places >= start) & (places < start + length)]]
        assert {stretch.min(), stretch.max()} <= set(drawn)
    if size:
        assert {places[0], places[-1]} == {0, size - 1}


def test_what_is_not_finite_is_drawn() -> None:
    ys = np.ones(10_000)
    ys[1234], ys[5678] = np.nan, np.inf
    assert {1234, 5678} <= set(extremes(ys, 100))
