"""The page of truncations and the ledger's mask: every number true, nothing cut off, at every size."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_scenes import numbers
from screens import BOARD, LAPTOP, agrees, app_on, playing
from test_truncation import truncated
from test_truncation_comparison import trace_of
from test_views import check_size, lesson, scene_of, text_of, wild_lesson

from bptt_viz import truncation_draws
from bptt_viz.formatting import norm
from bptt_viz.messages import LANGUAGES
from bptt_viz.scenario import BackwardTable
from bptt_viz.timeline import Phase
from bptt_viz.truncation_choice import STRATEGIES
from bptt_viz.truncation_comparison import apart, compare
from bptt_viz.views import ledger_view, truncations, truncations_view
from bptt_viz.views.moves import MOVES
from bptt_viz.views.scene import Lesson, Scene
from bptt_viz.views.truncations import WantedDraws

if TYPE_CHECKING:
    from bptt_viz.tracing import Trace

SIZES = [(58, 1), (58, 8), (78, 11), (118, 22), (118, 50), (150, 9), (198, 16)]


def page(taught: Lesson, position: int = 0, **choices: Any) -> Scene:
    """A scene with the page open."""
    return scene_of(taught, position, page="truncations", **choices)


def worked_off(scene: Scene) -> None:
    """Everything that the page waits for, computed."""
    truncations_view.draw(scene, 198, 30)
    for _ in range(12):
        if scene.lesson.truncations.wanted is None:
            return
        scene.lesson.truncations.compute(scene.lesson.truncations.wanted)
        truncations_view.draw(scene, 198, 30)
    raise AssertionError(scene.lesson.truncations.wanted)


def shown(scene: Scene, width: int = 118, height: int = 30) -> str:
    """The page as text."""
    return "\n".join(text_of(line) for line in truncations_view.draw(scene, width, height))


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truncation_draws, "DRAWS", 120)


@settings(max_examples=60)
@given(trace=truncated(), data=st.data())
def test_any_truncation_at_any_size(trace: Trace, data: st.DataObject) -> None:
    taught = Lesson(trace, "any.toml")
    position = data.draw(st.integers(0, taught.timeline.last))
    language, entry = data.draw(st.sampled_from(LANGUAGES)), data.draw(st.none() | st.integers(0, 9))
    parameter, scroll = data.draw(st.sampled_from(taught.parameter_names)), data.draw(st.integers(0, 5))
    scene = page(taught, position, language=language, parameter=parameter, entry=entry, scroll=scroll)
    width, height = data.draw(st.sampled_from(SIZES))
    check_size(truncations_view, scene, width, height)
    if data.draw(st.booleans()):
        worked_off(scene)
    check_size(truncations_view, scene, width, height)
    check_size(ledger_view, scene, width, height)


def test_infinity_and_nan() -> None:
    taught = wild_lesson()
    for table in (BackwardTable(), BackwardTable("randomized", probability=0.5)):
        scene = page(Lesson(trace_like(taught.trace, table), "wild.toml"))
        worked_off(scene)
        for width, height in SIZES:
            for scroll in range(3):
                for entry in (None, 1):
                    check_size(truncations_view, page(scene.lesson, scroll=scroll, entry=entry), width, height)


def trace_like(trace: Trace, table: BackwardTable) -> Trace:
    """The same under another truncation."""
    scene = MOVES["first"](scene_of(Lesson(trace, "any.toml")))
    chosen = scene
    while chosen.trace.scenario.backward.strategy != table.strategy:
        chosen = MOVES["strategy"](chosen)
    return chosen.trace


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_number_of_a_column_is_true_and_the_own_one_is_marked(strategy: str) -> None:
    scene = page(Lesson(trace_of({"cell": "rnn"}), "any.toml"))
    while scene.trace.scenario.backward.strategy != strategy:
        scene = MOVES["strategy"](scene)
    lines = shown(scene).splitlines()
    heading = lines[0]
    marks = [index for index, character in enumerate(heading) if character == "▶"]
    starts = [match.start() for match in re.finditer("full|window|segments|random", heading)]
    assert len(starts) == 4
    assert [start - 1 for start in starts].index(marks[0]) == STRATEGIES.index(scene.trace.scenario.backward.strategy)
    assert len(marks) == 1
    whole = compare(scene.trace, BackwardTable())
    for kind, start, end in zip(STRATEGIES, starts, [*starts[1:], 118], strict=True):
        found = compare(scene.trace, scene.lesson.choices.tables[kind])
        rows = {line[1:11].strip(): line[start : end - 1].strip() for line in lines[1:]}
        expected = apart(found.gradients["W"], whole.gradients["W"])
        assert rows["‖∇W‖"] == norm(expected.norm)
        assert expected.angle is not None
        assert float(rows["angle"].removesuffix("°").replace("e−", "e-")) == pytest.approx(expected.angle, rel=5e-3)
        assert rows["distance"].split()[0] == norm(expected.distance)
        assert rows["mult-adds"].split()[0] == f"{found.cost:,}"
        assert rows["reaches"].split()[0] == str(found.truncation.longest)
        weights = found.truncation.weights
        for t in range(1, scene.trace.T + 1):
            row = next(line for line in lines if line.startswith(f" L{chr(0x2080 + t)}"))[start : end - 1].split()
            glyphs = ["×" if not weight else "█" if weight == 1 else "" for weight in weights[t - 1, :t]]
            assert len(row) == t
            for glyph, cell in zip(glyphs, row, strict=True):
                assert set(cell) == {glyph} if glyph else cell in ("▓", "2", "4", "8"), (kind, t, row)


def test_the_gradients_are_shown_and_those_of_the_trace_can_be_asked_about() -> None:
    scene = page(Lesson(trace_of({"cell": "rnn"}, strategy="segments", length=3), "any.toml"))
    lines = truncations_view.draw(scene, 118, 30)
    own = {span.number.entry: span.text for line in lines for span in line if span.number and span.number.entry}
    assert set(own) == set(np.ndindex(3, 3))
    for entry, text in own.items():
        assert agrees(text, float(scene.trace.gradients["W"][entry]))
    small = page(scene.lesson, scroll=1)
    assert "∇W " in shown(small, 78, 11)
    assert "∇W " not in shown(page(scene.lesson), 78, 11)


def test_an_angle_that_is_not_defined_says_so() -> None:
    """With one step W meets h₀ = 0, so its gradient is 0."""
    scene = page(Lesson(trace_of({"cell": "rnn"}, steps=1), "any.toml"))
    for language, word in zip(LANGUAGES, ("undefined", "无定义"), strict=True):
        assert shown(page(scene.lesson, language=language)).count(word) >= 4
    worked_off(scene)
    assert "no edge" in shown(page(scene.lesson, scroll=1))


def test_a_draw_a_key_and_the_mean_of_those_so_far() -> None:
    scene = page(Lesson(trace_of({"cell": "rnn"}), "any.toml"), scroll=1)
    assert "0 of 120" in shown(scene)
    scene = MOVES["draw"](scene)
    assert scene.trace.scenario.backward == BackwardTable("randomized", probability=0.5)
    worked_off(scene)
    for number in range(1, 5):
        wanted = WantedDraws("W", 0.5, 0)
        made = scene.lesson.truncations.draws(wanted)
        assert made is not None
        np.testing.assert_allclose(made.gradients[number - 1], scene.trace.gradients["W"], atol=1e-12)
        text = shown(scene)
        assert f"draw {number}, seed {number - 1}" in text
        assert f"N = {number}" in text
        assert f"mean of {number}: ‖mean − full‖ {norm(made.after(number, None)[0])}" in text
        scene = MOVES["draw"](scene)
    # Another probability is another mean, of its own draws.
    other = MOVES["keep_more"](scene)
    assert "of 120" in shown(other)
    assert other.lesson.truncations.wanted == WantedDraws("W", 0.6, 0)


def test_up_and_down_choose_the_entry_whose_mean_is_drawn() -> None:
    scene = page(Lesson(trace_of({"cell": "rnn"}), "any.toml"), scroll=1)
    worked_off(scene)
    seen = []
    for _ in range(10):
        seen.append(scene.entry)
        scene = MOVES["entry_down"](scene)
    assert seen == [None, *range(9)]
    assert scene.entry is None
    scene = MOVES["entry_up"](scene)
    assert scene.entry == 8
    made = scene.lesson.truncations.draws(WantedDraws("W", 0.5, 0))
    assert made is not None
    value, error = made.after(120, (2, 2))
    text = shown(scene)
    assert "W₃₃" in text
    assert f"(s.e. {norm(error)})" in text
    found = re.search(r"mean of 120: ([^ ]+)", text)
    assert found is not None
    assert agrees(found[1], value)


def test_what_was_compared_serves_every_truncation_of_the_forward_pass() -> None:
    scene = page(Lesson(trace_of({"cell": "rnn"}), "any.toml"))
    worked_off(scene)
    later = MOVES["strategy"](MOVES["strategy"](scene))
    assert later.lesson.truncations is scene.lesson.truncations
    assert later.lesson.truncations.wanted is None
    assert later.lesson.choices.tables["window"].length == 4


def test_nothing_is_computed_twice_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A length that is wanted no more, because a known one is chosen again, is not computed over and over."""
    monkeypatch.setattr(truncations, "_AT_ONCE", 0)
    scene = page(Lesson(trace_of({"cell": "rnn"}, strategy="window", length=3), "any.toml"))
    worked_off(scene)
    longer = MOVES["keep_more"](scene)
    shown(longer)
    assert longer.lesson.truncations.wanted == BackwardTable("window", length=4)
    back = MOVES["keep_less"](longer)
    shown(back)
    assert back.lesson.truncations.wanted is None


# The ledger.


@settings(max_examples=60)
@given(trace=truncated(), data=st.data())
def test_the_ledger_tells_what_is_left_out_from_what_is_not_known_yet(trace: Trace, data: st.DataObject) -> None:
    taught = Lesson(trace, "any.toml")
    rtrl = data.draw(st.booleans())
    scene = scene_of(taught, data.draw(st.integers(0, taught.timeline.last)), rtrl=rtrl)
    width, height = data.draw(st.sampled_from([(45, 7), (60, 9), (160, 20)]))
    drawn = ledger_view.draw(scene, width, height)
    for quantity, span in numbers(drawn):
        if span.subject is None:
            continue
        kept = trace.truncation.keeps(quantity.rows, quantity.columns)
        assert ("×" in span.text) == (not kept), (quantity, span.text)
    unknown = [span for line in drawn for span in line if span.subject is not None and span.number is None]
    assert all("×" not in span.text for span in unknown)


def test_the_ledger_names_the_strategy() -> None:
    names = {"window": "window τ = 4", "segments": "segments of 4", "randomized": "random π = 0.5"}
    scene = scene_of(Lesson(trace_of({"cell": "rnn"}), "any.toml"))
    for strategy in STRATEGIES:
        at_the_end = scene.at(scene.timeline.end_of(Phase.BACKWARD, 1))
        lines = [*ledger_view.draw(at_the_end, 160, 20), ledger_view.subtitle(at_the_end, 160, 20)]
        text = "\n".join(map(text_of, lines))
        assert ("left out" in text) == (strategy != "full")
        assert names.get(strategy, "") in text
        scene = MOVES["strategy"](scene)


# In the app.


async def test_in_the_app_the_draws_come_by_themselves() -> None:
    async with playing(app_on("wo-zuotian"), (120, 36)) as player:
        await player.press("c")
        assert "window τ = 3" in player.text()
        await player.press("tab")
        await player.until(lambda: "mean of 120" in player.text())
        await player.press("X", "X")
        assert "draw 2, seed 1" in player.text()
        await player.press("j")
        assert "W₁₁" in player.text()
        await player.press("tab", "c")
        assert player.app.scene.page == ""


def test_a_bundled_lesson_opens_with_its_own_strategy_marked() -> None:
    text = shown(page(lesson("wo-zuotian")))
    assert "▶full" in text


@pytest.mark.parametrize("height", range(10, 30))
def test_rows_that_have_no_room_are_counted_and_the_glyphs_are_explained(height: int) -> None:
    scene = page(Lesson(trace_of({"cell": "rnn"}, steps=12), "any.toml"))
    for position in (0, scene.timeline.end_of(Phase.FORWARD, 6)):
        lines = [line[1:11] for line in shown(scene.at(position), 118, height).splitlines()]
        rows = [line for line in lines if re.match(r"L[₀-₉]", line)]
        hidden = sum(int(count) for line in rows for count in re.findall(r"[↑↓](\d+)", line))
        assert rows
        assert len(rows) + hidden == 12
        assert "█ kept   ▓ or a number" in shown(scene.at(position), 118, height)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("size", "loss"), [(BOARD, "L₁ "), (LAPTOP, "L₁ ")])
async def test_a_lesson_of_twelve_steps_is_seen_whole(size: tuple[int, int], loss: str, language: Any) -> None:
    async with playing(app_on("truncation-segments", language=language), size) as player:
        await player.press("c")
        seen = player.panel("truncations")
        assert sum("█" in line and line.strip().startswith("L") for line in seen) == player.app.scene.trace.T
        assert any(line.strip().startswith(loss) for line in seen)
        assert ("network" in player.shown()) == (size == LAPTOP)
