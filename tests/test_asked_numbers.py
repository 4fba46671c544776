"""What is asked about stays the same number, or is asked about no more: whatever a move makes of the steps."""

from __future__ import annotations

import pytest
from derivations import derive
from test_views import lesson, scene_of

import bptt_viz
from bptt_viz import engine, loading
from bptt_viz.generation import Sampling
from bptt_viz.quantities import Derived, Number, Result, Row
from bptt_viz.reasons import Reasons
from bptt_viz.views.generation_moves import go_on
from bptt_viz.views.moves import ask, ask_further, reloaded
from bptt_viz.views.scene import Lesson, Scene
from bptt_viz.views.training_moves import train

GUESS = Number(Result("y_hat", 5), (0,))


def in_steps(count: int) -> Lesson:
    """A lesson of so many steps."""
    text = f"[sequence]\ninputs = {[[0.5]] * count}\ntargets = {[[1.0]] * count}\n[network]\nhidden_size = 2\n"
    return Lesson(engine.trace(loading.parse(text.encode(), "any.toml")), "any.toml")


def row_of(scene: Scene) -> Number:
    """The first row of the working at the cursor that has no name of its own."""
    found = scene.working
    assert found is not None
    index = next(index for index, part in enumerate(found.parts) if part.worked is not None)
    number = scene.number(scene.position, index, found.parts[index], 0)
    assert number is not None
    assert isinstance(number.quantity, Row)
    return number


@pytest.mark.parametrize("sampling", [None, Sampling()], ids=str)
def test_nothing_is_asked_about_after_generating(sampling: Sampling | None) -> None:
    scene = ask_further(ask(scene_of(lesson("wo-zuotian")), GUESS), Number(Result("o", 5), (0,)))
    after = go_on(scene, sampling)
    assert after.trace.T == scene.trace.T + 1
    assert after.picked is None
    assert after.asked == ()


def test_what_is_asked_about_stays_where_nothing_is_generated() -> None:
    scene = ask(scene_of(lesson("length-three")), Number(Result("y_hat", 3), (0,)))
    assert go_on(scene).picked == scene.picked
    trained = train(ask(scene_of(lesson("wo-zuotian")), GUESS), 1)
    assert trained.picked == GUESS


def test_a_row_is_not_taken_for_that_of_another_step() -> None:
    three, five = in_steps(3), in_steps(5)
    at_the_end = three.timeline.last - 3
    scene = scene_of(three, at_the_end)
    row = row_of(scene)
    asked = ask(scene, row)
    assert reloaded(asked, in_steps(3)).picked == row, "the same steps"
    for before in (asked, ask_further(asked, GUESS)):
        after = reloaded(before, five)
        assert after.picked is None
        assert after.asked == ()
    named = ask(scene, Number(Result("h", 2, 0), (0,)))
    assert reloaded(named, five).picked == named.picked


def test_a_derived_number_of_another_parameter_is_not_to_be_found() -> None:
    trace = bptt_viz.trace(bptt_viz.load("length-three"))
    reasons, number = Reasons(trace), Number(Derived("W", 2, 1), (0, 0))
    assert reasons.of(number, derive(trace, "W", steps=3)).value
    with pytest.raises(KeyError):
        reasons.of(number, derive(trace, "U", steps=3))
