"""Going on to generate in the app: one more column, the cursor at its prediction, the rest as it was."""

from __future__ import annotations

import numpy as np
import pytest
from screens import app_on, playing

from bptt_viz import catalog, engine
from bptt_viz.generation import Sampling, extended
from bptt_viz.loading import read
from bptt_viz.network import build
from bptt_viz.ui.screens.sample import SampleScreen
from bptt_viz.views.generation_moves import sampling_of


async def test_the_guess_becomes_the_next_input_and_the_cursor_stands_at_what_it_predicts() -> None:
    async with playing(app_on("wo-zuotian")) as player:
        before = player.app.scene.trace
        await player.press("a")
        trace = player.app.scene.trace
        assert trace.T == before.T + 1 == player.app.scene.lesson.generated_from
        guess = trace.targets.vocabulary[int(np.argmax(before.y_hat[-1]))]
        assert trace.inputs.word(trace.T) == guess
        assert player.app.scene.step.t == trace.T
        assert player.app.scene.step.operation.name == "y_hat"  # type: ignore[union-attr]
        assert f"reads the guess {guess}" in player.told()
        assert f"⇢{guess}" in player.panel("title")[0]
        assert "⇢我" not in player.panel("title")[0]
        assert trace.loss == pytest.approx(before.loss, rel=1e-13)
        await player.press("a")
        assert player.app.scene.trace.T == before.T + 2
        assert player.app.scene.lesson.generated_from == before.T + 1
        # An update changes the parameters: what was read stays, and is still told apart.
        await player.press("u")
        assert player.app.scene.lesson.generated_from == before.T + 1
        await player.press("r")
        await player.until(lambda: player.app.scene.trace.T == before.T)
        assert not player.app.scene.lesson.generated_from


async def test_sampling_asks_once_how_and_goes_on_so() -> None:
    scenario = read(catalog.find("wo-zuotian"))
    wanted = extended(scenario, build(scenario), 3, Sampling(2.5, 4)).sequence.inputs
    async with playing(app_on("wo-zuotian")) as player:
        await player.press("A")
        assert isinstance(player.app.screen, SampleScreen)
        await player.press(*["backspace"] * 3, "x", "enter")
        assert "expected a temperature above 0" in player.text()
        # What cannot be used is kept, so that it is seen: it has to be taken back.
        await player.press("backspace", *"2.5 4", "enter", "A", "A")
        assert player.app.scene.trace.scenario.sequence.inputs == wanted
        assert "temperature 2.5 with seed 4" in player.told()
        await player.press("r")
        await player.until(lambda: player.app.scene.trace.T == 5)
        await player.press("A")
        assert isinstance(player.app.screen, SampleScreen)
        await player.press("escape")
        assert player.app.scene.trace.T == 5


async def test_why_nothing_follows_is_told() -> None:
    async with playing(app_on("length-three", language="zh")) as player:
        for key in "a", "A":
            await player.press(key)
            if key == "A":
                await player.press("enter")
            assert player.app.scene.trace.T == 3
            assert "预测有 1 个数，输入有 2 个" in player.told()


async def test_other_terms_are_kept_of_the_longer_sequence() -> None:
    async with playing(app_on("wo-zuotian")) as player:
        await player.press("a", "x")
        trace = player.app.scene.trace
        assert trace.scenario.backward.strategy != "full"
        assert trace.T == 6
        assert player.app.scene.lesson.generated_from == 6
        again = engine.run(trace.scenario, trace.network)
        np.testing.assert_array_equal(trace.gradients["W"], again.gradients["W"])


@pytest.mark.parametrize(
    ("typed", "sampling"),
    [
        ("1 1", Sampling(1.0, 1)), ("0.7", Sampling(0.7, 1)), (" 2e1  30 ", Sampling(20.0, 30)),
        ("0 1", None), ("-1 1", None), ("1 -1", None), ("1 1.5", None), ("1 1 1", None), ("", None), ("inf 1", None),
        ("nan 1", None), ("e 1", None),
    ],
)  # fmt: skip
def test_what_is_typed(typed: str, sampling: Sampling | None) -> None:
    assert sampling_of(typed) == sampling
