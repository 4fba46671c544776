"""The line under the panels: what needs attention, and from when on; nothing takes the counter's place."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from screens import BOARD, app_on, playing
from test_overflow import CASES, STACK
from test_views import PROBLEM, lesson, long_lesson, scene_of, text_of

from bptt_viz import engine, loading
from bptt_viz.messages import LANGUAGES, Language
from bptt_viz.operations import working
from bptt_viz.timeline import Phase
from bptt_viz.views import footer_view, timeline_view
from bptt_viz.views.canvas import crop
from bptt_viz.views.scene import Lesson

if TYPE_CHECKING:
    from bptt_viz.errors import Problem
    from bptt_viz.tracing import Trace
    from bptt_viz.views.scene import Scene

STACKS = {
    "a of the second layer": "U_1 = [[1.0]]\nU_2 = [[1e200]]\nW_2 = [[1e200]]\nV = [[0.0]]",
    "∂L/∂h of the first layer": "U_1 = [[0.0]]\nU_2 = [[1e200]]\nW_2 = [[0.0]]\nV = [[1e200]]",
}
OVERFLOWING: dict[str, Trace] = {
    **{name: trace for name, (trace, _) in CASES.items()},
    **{name: engine.trace(loading.parse((STACK + text).encode(), "any.toml")) for name, text in STACKS.items()},
}


def finite_at(scene: Scene) -> bool:
    """Whether all that is computed at the cursor is finite."""
    trace, step = scene.trace, scene.step
    if step.phase is Phase.LOSS:
        return bool(np.isfinite(trace.loss))
    if step.phase is Phase.UPDATE:
        return bool(np.isfinite(trace.gradient_norm))
    with np.errstate(all="ignore"):
        if step.operation is not None and step.operation.kind == "contribution":
            sums = [
                sums.at(name, step.t) for sums in (trace.contributions, trace.accumulated) for name in trace.parameters
            ]
            return all(bool(np.isfinite(values).all()) for values in (*sums, trace.dL_dx[step.t - 1]))
        now = working(trace, step, scene.parameter)
    return now is None or all(bool(np.isfinite(part.values).all()) for part in now.parts[-1:])


@pytest.mark.parametrize("case", OVERFLOWING)
def test_what_is_not_finite_is_told_from_the_step_on_that_computes_it(case: str) -> None:
    taught, reached = Lesson(OVERFLOWING[case], "any.toml"), False
    for position in range(taught.timeline.last + 1):
        scene = scene_of(taught, position)
        reached = reached or not finite_at(scene)
        assert ("⚠" in text_of(timeline_view.draw(scene, 120, 1)[0])) == reached
    assert reached == (taught.trace.overflow is not None)


@pytest.mark.parametrize(("case", "said"), [
    ("h grows", "⚠ a₃ not finite "), ("L squares", "⚠ L₂ not finite "), ("the sum of the losses", "⚠ L not finite "),
    ("∂L/∂h", "⚠ ∂L/∂h₂ not finite "), ("∇U by summing", "⚠ ∂L/∂U not finite from t = 2 "),
    ("a of the second layer", "⚠ a⁽²⁾₂ not finite "), ("∂L/∂h of the first layer", "⚠ ∂L/∂h⁽¹⁾₂ not finite "),
])  # fmt: skip
def test_it_is_named_with_its_step(case: str, said: str) -> None:
    taught = Lesson(OVERFLOWING[case], "any.toml")
    (line,) = timeline_view.draw(scene_of(taught, taught.timeline.last), 100, 1)
    assert said in text_of(line)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_has_room_beside_the_marks_on_a_board(language: Language) -> None:
    taught = lesson("first-nan")
    scene = scene_of(taught, taught.timeline.last, language)
    shown = text_of(timeline_view.draw(scene, 80, 1)[0])
    assert cell_len(shown) == 80
    assert {"en": "⚠ a₇ not finite", "zh": "⚠ 自 a₇ 起溢出"}[language] in shown
    assert "74/74" in shown


@given(
    name=st.sampled_from(["scalar-t3", "wo-zuotian", "first-nan", "truncation-window", "long"]),
    language=st.sampled_from(LANGUAGES),
    width=st.integers(60, 220),
    end=st.sampled_from([0, 1]),
    problems=st.sampled_from([(), (PROBLEM,)]),
    notice=st.text("ab 中文δ", min_size=1, max_size=120).filter(lambda text: text == text.strip() != ""),
)
def test_a_notice_takes_no_mark_and_no_counter_away(
    name: str, language: Language, width: int, end: int, problems: tuple[Problem, ...], notice: str
) -> None:
    taught = long_lesson(300) if name == "long" else lesson(name)
    scene = scene_of(taught, taught.timeline.last * end, language, problems=problems)
    quiet, keys = (text_of(view.draw(scene, width, 1)[0]) for view in (timeline_view, footer_view))
    assert f"{scene.position}/{taught.timeline.last} " in f"{quiet} "
    marks = [mark for mark in quiet if mark in "○◉●"]
    assert taught.trace.T > 8 or width < 62 or len(marks) == 2 * taught.trace.T + 2
    row, footer = (
        text_of(view.draw(replace(scene, notice=notice), width, 1)[0]) for view in (timeline_view, footer_view)
    )
    assert cell_len(row) == cell_len(footer) == width
    if footer == keys:
        assert f"  {notice}  " in row
        assert row.replace(f"  {notice}  ", "  ").split() == quiet.split()
    else:
        # It had no room there, with the blanks at each side of it and those before a small position.
        assert row == quiet
        assert footer.rstrip() == f" {crop(notice, width - 1)}".rstrip()
        assert cell_len(notice) > longest_gap(quiet) - 12


def longest_gap(line: str) -> int:
    """The most blanks in a row."""
    return max(len(gap) for gap in re.findall(" *", line))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_is_told_is_whole_on_a_board_until_the_next_key(language: Language) -> None:
    async with playing(app_on("wo-zuotian", language=language), BOARD) as player:
        keys = player.panel("footer")
        for tells, after in (("U", "w"), ("u", "f"), ("n", "tab"), ("x", "down"), ("a", "right"), ("e 7 enter", "m")):
            await player.press(*tells.split())
            timeline = player.app.scene.timeline
            assert player.app.scene.notice
            assert player.app.scene.notice in player.told()
            assert f"{player.position}/{timeline.last} " in player.panel("timeline")[0]
            await player.press(after)
            assert player.panel("footer") == keys


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["e", "S"])
async def test_a_dialog_that_stops_training_says_so(key: str, language: Language) -> None:
    async with playing(app_on("wo-zuotian", language=language), BOARD) as player:
        await player.press("v", "p")
        await player.until(lambda: player.app.scene.course.moment.updates > 0)
        await player.press(key, "escape")
        assert not player.app.scene.course.running
        updates = player.app.scene.course.moment.updates
        assert player.app.scene.say("training.stopped", updates=updates) in player.told()
        # What was at rest is not stopped.
        await player.press("right", key, "escape")
        assert player.app.scene.notice == ""
