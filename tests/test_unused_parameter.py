"""A step that does not use a parameter says which one it uses in its place: once, at any size, in both languages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from screens import BOARD, LAPTOP, app_on, playing
from test_views import lesson, scene_of

from bptt_viz.timeline import Phase
from bptt_viz.views import gradient_view, operation_view

if TYPE_CHECKING:
    from bptt_viz.messages import Language


@pytest.mark.parametrize(
    ("size", "language"), [(LAPTOP, "en"), (LAPTOP, "zh"), (BOARD, "en"), ((80, 24), "zh")], ids=str
)
async def test_it_is_said_once(size: tuple[int, int], language: Language) -> None:
    said = {"en": "Step 7 uses Wᵈᵉᶜ, not W.", "zh": "第 7 步使用的是 Wᵈᵉᶜ，不是 W。"}[language]
    async with playing(app_on("encoder-decoder", language=language), size) as player:
        await player.press("g", "b", "7", "enter")
        while player.app.scene.parameter != "W":
            await player.press("w")
        assert player.text().count(said) == 1
        await player.press("g", "b", "2", "enter")
        assert "Wᵈᵉᶜ, not W" not in player.text()


@pytest.mark.parametrize(("parameter", "t", "said"), [
    ("W", 4, "Step 4 uses Wᵈᵉᶜ, not W."), ("Uᵈᵉᶜ", 3, "Step 3 uses U, not Uᵈᵉᶜ."), ("b", 6, "Step 6 uses bᵈᵉᶜ, not b."),
])  # fmt: skip
@pytest.mark.parametrize("alone", [True, False], ids=["alone", "beside"])
def test_which_one_it_uses(parameter: str, t: int, said: str, alone: bool) -> None:  # noqa: FBT001  # a parameter of the test
    taught = lesson("encoder-decoder")
    scene = scene_of(taught, taught.timeline.end_of(Phase.BACKWARD, t))
    scene = replace(scene, alone=alone, parameter=parameter.replace("ᵈᵉᶜ", "_dec"))
    view = gradient_view if alone else operation_view
    lines = ["".join(span.text for span in line) for line in view.draw(scene, 78, 12)]
    assert sum(said in line for line in lines) == 1, lines
