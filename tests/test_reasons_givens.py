"""Where a number is from is told truly, also after updates, after edits and at generated steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from test_views import scene_of

import bptt_viz
from bptt_viz import engine, loading
from bptt_viz.formatting import full
from bptt_viz.messages import LANGUAGES
from bptt_viz.network import build
from bptt_viz.quantities import Given, Number
from bptt_viz.reasons import Reasons
from bptt_viz.views.generation_moves import go_on
from bptt_viz.views.moves import ask, reloaded
from bptt_viz.views.scene import Lesson, Scene
from bptt_viz.views.training_moves import edit, train, undo

if TYPE_CHECKING:
    from pathlib import Path

    from bptt_viz.messages import Language
    from bptt_viz.scenario import Scenario


def at(scenario: Scenario) -> Scene:
    """A scene of a scenario at its start."""
    return scene_of(Lesson(engine.trace(scenario), "any.toml"))


def origin(scene: Scene, name: str, *entry: int, t: int = 0, language: Language = "en") -> str:
    """Where the scene says that a number is from."""
    reason = ask(scene, Number(Given(name, t), entry)).reason
    assert reason is not None
    assert reason.origin is not None
    return reason.origin.told(language)


def in_the_file(scene: Scene, name: str, *entry: int) -> str:
    """A parameter's number as the scenario states or draws it."""
    return full(float(build(scene.trace.scenario).parameters[name][entry]))


def test_an_edited_number_is_not_given_by_the_file() -> None:
    scene = at(bptt_viz.load("wo-zuotian"))
    given = "given: network.parameters.W"
    assert origin(scene, "W", 0, 0) == given
    edited = edit(scene, "W", (0, 0), 2.0)
    assert origin(edited, "W", 0, 0) == f"0.3 at the start, {given}; since then changed by hand"
    assert origin(edited, "W", 0, 0, language="zh") == "初值 0.3，由 network.parameters.W 给定；此后手动修改过"
    assert origin(edited, "W", 0, 1) == given, "its neighbour is what it was"
    assert origin(undo(edited), "W", 0, 0) == given
    assert origin(edit(edited, "W", (0, 0), 0.3), "W", 0, 0) == given
    both = train(edited, 2)
    assert origin(both, "W", 0, 0).endswith(f"{given}; since then changed by hand, and by updates: 2")
    assert origin(reloaded(both, Lesson(scene.trace, "any.toml")), "W", 0, 0) == given


def test_an_updated_number_is_not_what_was_drawn() -> None:
    scene = at(bptt_viz.load("learns"))
    drawn = "drawn: network.initial (uniform, scale 0.3, seed 2)"
    assert origin(scene, "W", 0, 0) == drawn
    later = train(train(scene, 1), 1)
    start = in_the_file(scene, "W", 0, 0)
    assert start.startswith("−0.139")
    assert origin(later, "W", 0, 0) == f"{start} at the start, {drawn}; updates since then: 2"
    assert origin(later, "W", 0, 0, language="zh").endswith("；此后更新了 2 次")
    assert origin(later, "b", 0) == "starts at 0; updates since then: 2"
    assert origin(undo(later), "W", 0, 0).endswith("; updates since then: 1")
    assert origin(undo(undo(later)), "W", 0, 0) == drawn


def test_updates_of_a_trace_are_known_to_it() -> None:
    trace = bptt_viz.trace(bptt_viz.load("learns"), updates=3)
    found = Reasons(trace).of(Number(Given("W"), (0, 0))).origin
    assert found is not None
    assert found.told("en").endswith("updates since then: 3")


def test_a_weights_file_is_what_it_was(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", W=np.full((2, 2), 0.25))
    path = tmp_path / "any.toml"
    path.write_text(
        "[sequence]\ninputs = [[0.5], [1.0]]\ntargets = [[1.0], [0.0]]\n"
        '[network]\nhidden_size = 2\nweights = "w.npz"\n[update]\nlearning_rate = 0.1\n'
    )
    scene = at(loading.read(path))
    given = 'given: network.weights = "w.npz"'
    assert origin(scene, "W", 1, 0) == given
    assert origin(train(scene, 1), "W", 1, 0) == f"0.25 at the start, {given}; updates since then: 1"


@pytest.mark.parametrize("name", ["W", "U", "V", "b", "c"])
def test_every_number_that_is_another_one_says_so_and_no_other(name: str) -> None:
    scene = at(bptt_viz.load("wo-zuotian"))
    later, start = train(scene, 1), scene.trace.parameters[name]
    for entry in np.ndindex(start.shape):
        changed = later.trace.parameters[name][entry] != start[entry]
        assert ("since then" in origin(later, name, *entry)) == changed, entry


def test_a_generated_step_reads_a_prediction() -> None:
    scene = go_on(at(bptt_viz.load("wo-zuotian")))
    T, read = scene.trace.T, int(np.argmax(scene.trace.x[-1]))
    for language in LANGUAGES:
        own = origin(scene, "x", read, t=T - 1, language=language)
        assert f"{T - 1}" in origin(scene, "x", read, t=T, language=language).removeprefix(own)
        assert f"{T - 2}" not in own
    assert origin(scene, "W", 0, 0) == "given: network.parameters.W"
    assert "since then" in origin(train(scene, 1), "W", 0, 0)


def test_a_generated_vector_is_not_given_by_the_file() -> None:
    scene = go_on(at(bptt_viz.load("learns")))
    T = scene.trace.T
    assert origin(scene, "x", 0, t=T - 1) == f"given by the scenario for t = {T - 1}"
    assert origin(scene, "x", 0, t=T) == f"what was predicted at t = {T - 1}, read as the next input"


def test_an_edge_to_a_generated_step_is_in_no_file() -> None:
    text = (
        "[sequence]\ninputs = [[0.5], [1.0]]\ntargets = [[1.0], [0.0]]\n[network]\nhidden_size = 1\n"
        '[backward]\nstrategy = "randomized"\nxi = [1.0, 1.25]\n'
    )
    scene = go_on(at(loading.parse(text.encode(), "any.toml")))
    assert origin(scene, "xi", t=2) == "given: backward.xi"
    assert origin(scene, "xi", t=3) == "step 3 was generated and has no loss: 1"
