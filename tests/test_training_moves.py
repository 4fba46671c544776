"""What updates, edits and undoing make of a scene."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from descending import advance
from msgspec import structs
from test_training import begun, diverging, same, updating
from test_views import lesson, scene_of

import bptt_viz
from bptt_viz import engine
from bptt_viz.quantities import Given, Number, Single
from bptt_viz.scenario import BackwardTable, Scenario
from bptt_viz.views.moves import MOVES, reloaded, with_backward
from bptt_viz.views.reloading import reloaded_in_training
from bptt_viz.views.scene import Lesson, Scene
from bptt_viz.views.training_moves import edit, entry_to_edit, stop, train, trained, undo


def at_the_end_of(scenario: Scenario) -> Scene:
    """A scene at the update."""
    taught = Lesson(engine.trace(scenario), "any.toml")
    return scene_of(taught, taught.timeline.last)


def consistent(scene: Scene) -> None:
    """The lesson is that of the moment."""
    assert scene.course.moment.network is scene.trace.network
    assert scene.course.moment.curves.losses[-1] == scene.trace.loss
    assert scene.course.moment.curves.norms[-1] == scene.trace.gradient_norm


def test_a_small_run_is_done_at_once() -> None:
    scenario = bptt_viz.load("scalar-t3")
    scene = scene_of(lesson("scalar-t3"), 7)
    for command, updates in (("update", 1), ("update_ten", 11)):
        scene = MOVES[command](scene)
        consistent(scene)
        assert not scene.course.running
        assert scene.position == 7
        assert str(updates) in scene.notice
        same(scene.course.moment, advance(scenario, begun(scenario), updates))


def test_a_long_run_is_left_to_be_done() -> None:
    scene = scene_of(lesson("scalar-t3"))
    after = train(scene, 100_000)
    assert after.course.target == 100_000
    assert after.trace is scene.trace
    assert train(scene, None).course.target == math.inf
    assert len(after.course.undo) == 1


def test_until_told_to_stop() -> None:
    scene = train(scene_of(lesson("scalar-t3")), None)
    # More are not begun while it runs.
    more = train(scene, 1)
    assert more.course is scene.course
    assert more.notice
    moment = advance(scene.trace.scenario, scene.course.moment, 5)
    scene = trained(scene, moment, engine.run(scene.trace.scenario, moment.network))
    assert scene.course.running
    stopped = train(scene, None)
    assert not stopped.course.running
    same(stopped.course.moment, moment)
    assert undo(stopped).course.moment.updates == 0


def test_a_run_ends_at_its_target() -> None:
    scene = train(scene_of(lesson("scalar-t3")), 100_000)
    moment = scene.course.moment
    for updates, runs in ((99_999, True), (100_000, False)):
        curves = structs.replace(moment.curves, losses=np.full(updates + 1, 0.5))
        told = trained(scene, replace(moment, curves=curves), scene.trace)
        assert told.course.running is runs


def test_where_numbers_end_training_does_and_it_can_be_undone() -> None:
    scene = at_the_end_of(diverging())
    before = scene
    while scene.course.moment.divergence is None:
        before, scene = scene, train(scene, 1)
    assert train(scene, 1).trace is scene.trace
    assert "not finite" in train(scene, 1).notice
    same(undo(scene).course.moment, before.course.moment)


def test_an_edit_shows_what_follows_from_it_and_is_undone() -> None:
    scene = train(scene_of(lesson("wo-zuotian"), 3), 1)
    after = edit(scene, "b", (2,), 1.5)
    consistent(after)
    assert after.before is scene.lesson
    assert (after.position, after.parameter) == (3, "b")
    assert after.trace.parameters["b"][2] == 1.5
    assert not np.array_equal(after.trace.layers[0].h, scene.trace.layers[0].h)
    assert after.trace.parameters["W"] is scene.trace.parameters["W"]
    back = undo(after)
    consistent(back)
    assert back.before is after.lesson
    assert back.trace.network is scene.trace.network
    same(back.course.moment, scene.course.moment)
    start = undo(back)
    assert start.before is None
    assert start.trace.network is lesson("wo-zuotian").trace.network
    assert undo(start).trace is start.trace
    assert undo(start).notice


def test_a_wrong_edit_changes_nothing() -> None:
    scene = scene_of(lesson("wo-zuotian"))
    with pytest.raises(IndexError):
        edit(scene, "W", (3, 0), 1.0)
    with pytest.raises(ValueError, match="finite"):
        edit(scene, "W", (0, 0), math.nan)


def test_another_truncation_keeps_what_was_trained() -> None:
    scene = train(train(scene_of(lesson("wo-zuotian"), 5), 3), None)
    after = with_backward(scene, BackwardTable("window", 1))
    consistent(after)
    assert after.course.running
    assert after.course.moment.updates == 3
    assert after.trace.network is scene.trace.network
    np.testing.assert_array_equal(after.course.moment.curves.losses, scene.course.moment.curves.losses)
    assert after.course.moment.curves.norms[-1] != scene.course.moment.curves.norms[-1]


def test_an_update_keeps_the_terms_that_were_chosen() -> None:
    scene = scene_of(lesson("wo-zuotian"))
    for command in ("strategy", "keep_less", "strategy", "strategy"):
        scene = MOVES[command](scene)
    chosen = scene.lesson.choices
    assert train(scene, 1).lesson.choices == chosen


def test_a_file_that_is_read_again_begins_anew() -> None:
    scene = train(scene_of(lesson("wo-zuotian")), 3)
    assert reloaded(scene, lesson("wo-zuotian")).training is None


def test_which_entry_is_edited() -> None:
    scene = scene_of(lesson("wo-zuotian"))
    assert entry_to_edit(scene) == ("W", (0, 0))
    assert entry_to_edit(replace(scene, entry=2)) == ("W", (2, 0))
    assert entry_to_edit(replace(scene, parameter="b", entry=7)) == ("b", (2,))
    assert entry_to_edit(replace(scene, picked=Number(Given("V"), (3, 1)))) == ("V", (3, 1))
    # Inputs are no parameters, and the loss has no entry.
    for other in (Number(Given("x", 1), (0,)), Number(Single("L"))):
        assert entry_to_edit(replace(scene, picked=other)) == ("W", (0, 0))


def test_the_rate_is_the_scenarios() -> None:
    for rate in (0.0, 0.5):
        scene = at_the_end_of(updating("scalar-t3", rate))
        moved = train(scene, 1).trace.parameters["W"] - scene.trace.parameters["W"]
        np.testing.assert_allclose(moved, -rate * scene.trace.gradients["W"])


def test_undoing_says_what_was_undone() -> None:
    start = scene_of(lesson("scalar-t3"))
    scene = train(train(start, 11), 10)
    assert undo(scene).notice == "undone; back at update 11"
    assert undo(edit(scene, "W", (0, 0), 0.5)).notice == "edit undone"
    # With as many updates before a deed as after it, too: what it was is no matter of counting.
    assert undo(stop(train(scene, None))).notice == "undone; back at update 21"
    for changed in (scene, edit(start, "W", (0, 0), 0.5)):
        back = undo(reloaded_in_training(changed, lesson("scalar-t3")))
        assert back.notice == "undone; back to the parameters from before the reload"
        assert back.before is None
        same(back.course.moment, changed.course.moment)
        assert undo(back).notice == undo(changed).notice


def test_what_was_told_once_does_not_stay_in_another_language() -> None:
    scene = MOVES["update"](scene_of(lesson("scalar-t3")))
    assert scene.notice
    assert MOVES["language"](scene).notice == ""
