"""Views as text, with no app: exact sizes at every moment, ∞ and NaN shown, no work for what is unseen."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lessons import LESSONS
from rich.cells import cell_len

import bptt_viz
from bptt_viz import engine
from bptt_viz.errors import Problem
from bptt_viz.messages import LANGUAGES, Language, phrase
from bptt_viz.notation import GOODFELLOW
from bptt_viz.scenario import NetworkTable, Scenario, SequenceTable
from bptt_viz.timeline import Phase
from bptt_viz.views import (
    footer_view,
    gradient_view,
    help_view,
    network_view,
    numbers_view,
    operation_view,
    problems_view,
    small_view,
    timeline_view,
    title_view,
)
from bptt_viz.views.canvas import ROLES, Span, shortened
from bptt_viz.views.plain import plain
from bptt_viz.views.scene import Lesson, Scene

if TYPE_CHECKING:
    from types import ModuleType

    from bptt_viz.scenario import VectorOrMatrix
    from bptt_viz.views.canvas import Line

VIEWS = (network_view, operation_view, numbers_view, problems_view, help_view.Page(), small_view)
#: Always given a single line.
ONE_LINE = (title_view, timeline_view, footer_view)
SIZES = [(60, 1), (60, 10), (78, 22), (118, 16), (158, 40), (220, 60)]
BUNDLED = LESSONS
PROBLEM = Problem("network.parameters.W", phrase("expected.fewer_problems", limit=3), phrase("found.nothing"))


@cache
def lesson(name: str) -> Lesson:
    """A bundled scenario, traced."""
    return Lesson(bptt_viz.trace(bptt_viz.load(name)), f"{name}.toml")


def scene_of(taught: Lesson, position: int = 0, language: Language = "en", **choices: Any) -> Scene:
    """A scene with the parameter the app would open with."""
    choices.setdefault("parameter", taught.parameter_names[0])
    return Scene(taught, position, language, GOODFELLOW, **choices)


def long_lesson(steps: int) -> Lesson:
    """A lesson of any length."""
    table = NetworkTable(2, parameters={"W": ((0.5, 0.1), (-0.2, 0.4))})
    sequence = SequenceTable(inputs=((1.0,),) * steps, targets=((0.5,),) * steps)
    return Lesson(engine.trace(Scenario(sequence, table)), "long.toml")


def text_of(line: Line) -> str:
    """A line as text."""
    return "".join(span.text for span in line)


def check_size(view: ModuleType | help_view.Page, scene: Scene, width: int, height: int) -> None:
    """At most ``height`` lines of exactly ``width`` cells, in styles that a theme has, also in plain symbols."""
    lines = view.draw(scene, width, height)
    where = (getattr(view, "__name__", "help"), scene.position, width, height)
    assert len(lines) <= height, where
    for line in lines:
        text = text_of(line)
        assert cell_len(text) == width, (*where, text)
        assert cell_len(plain(text)) == width, (*where, text)
        assert "\n" not in text, where
        assert all(span.role in ROLES for span in line), where
    if view is network_view:
        assert len(lines) > 0, where
    assert getattr(view, "title", lambda _: "nothing")(scene)


def check_all_sizes(scene: Scene, width: int, height: int) -> None:
    """Every view at one size."""
    for view in VIEWS:
        check_size(view, scene, width, height)
    for view in ONE_LINE:
        check_size(view, scene, width, 1)


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("name", BUNDLED)
def test_every_position_of_every_bundled_scenario_at_its_size(name: str, width: int, height: int) -> None:
    taught = lesson(name)
    for position in range(taught.timeline.last + 1):
        language = LANGUAGES[(position + height) % 2]
        check_all_sizes(scene_of(taught, position, language, problems=(PROBLEM,) * (position % 3)), width, height)


@st.composite
def moments(draw: st.DrawFn) -> Scene:
    """Any position of any lesson, with any choices."""
    taught = Lesson(engine.trace(draw(st.from_type(Scenario))), "any.toml")
    choices = {"parameter": draw(st.sampled_from(taught.parameter_names)), "entry": draw(st.none() | st.integers(0, 9))}
    position, language = draw(st.integers(0, taught.timeline.last)), draw(st.sampled_from(get_args(Language)))
    return scene_of(taught, position, language, notice="重新载入", **choices)


@settings(max_examples=100)
@given(scene=moments(), width=st.integers(60, 220), height=st.integers(1, 60))
def test_any_moment_of_any_lesson_at_any_size(scene: Scene, width: int, height: int) -> None:
    check_all_sizes(scene, width, height)


def test_the_gradient_at_every_height() -> None:
    for taught in map(lesson, BUNDLED):
        for position in (taught.timeline.end_of(Phase.BACKWARD, 2), taught.timeline.last):
            for parameter in taught.parameter_names:
                for height in range(1, 61):
                    check_size(gradient_view, scene_of(taught, position, parameter=parameter), 58 + height, height)


@settings(max_examples=100)
@given(scene=moments(), width=st.integers(48, 220))
def test_the_gradient_in_a_tall_panel(scene: Scene, width: int) -> None:
    check_size(gradient_view, scene, width, 80)


def wild_lesson() -> Lesson:
    """h explodes: finite at t = 2, ∞ at t = 3, where one difference of two such gives NaN at t = 4."""
    parameters: dict[str, VectorOrMatrix] = {
        "U": ((1.0,), (1.0,)),
        "W": ((1e200, -1e200), (1e200, 1e200)),
        "V": ((1.0, 0.0),),
    }
    table = NetworkTable(2, activation="identity", bias=False, parameters=parameters)
    sequence = SequenceTable(inputs=((1.0,),) * 4, targets=((1.0,),) * 4)
    return Lesson(engine.trace(Scenario(sequence, table)), "wild.toml")


def test_infinity_and_nan_are_shown_where_they_arise() -> None:
    taught = wild_lesson()
    for position in range(taught.timeline.last + 1):
        scene = scene_of(taught, position)
        for width, height in SIZES:
            check_all_sizes(scene, width, height)
        step = scene.step
        shown = " ".join(map(text_of, operation_view.draw(scene, 118, 20)))
        if step.phase is Phase.FORWARD and step.operation is not None and step.operation.name == "h":
            assert ("∞" in shown) == (step.t >= 3), shown
            assert ("NaN" in shown) == (step.t == 4), shown
        told = text_of(timeline_view.draw(scene, 200, 1)[0])
        # Not before it is computed: nobody is told how it ends.
        reached = position >= taught.timeline.position(Phase.FORWARD, 3, taught.timeline.forward[0])
        assert ("⚠ a₃ not finite" in told) == reached
        assert ("⚠" in told) == reached
    for view in (network_view, numbers_view):
        shown = "".join(text_of(line) for t in (3, 4) for line in view.draw(
            scene_of(taught, taught.timeline.end_of(Phase.FORWARD, t)), 118, 20))  # fmt: skip
        assert "∞" in shown
        assert "NaN" in shown


# Long sequences.


def test_only_what_is_seen_is_drawn() -> None:
    short, long = long_lesson(300), long_lesson(10_000)
    for view in (*VIEWS, *ONE_LINE):
        height = 1 if view in ONE_LINE else 30
        for place in ("first", "middle", "loss", "back", "last"):
            counts = []
            for taught in (short, long):
                timeline, T = taught.timeline, taught.trace.T
                at = {
                    "first": 0, "middle": timeline.end_of(Phase.FORWARD, T // 2), "loss": timeline.loss_position,
                    "back": timeline.end_of(Phase.BACKWARD, T // 2), "last": timeline.last,
                }[place]  # fmt: skip
                scene = scene_of(taught, at)
                check_size(view, scene, 120, height)
                counts.append(sum(len(line) for line in view.draw(scene, 120, height)))
            # A number of steps with more digits shifts a thing or two.
            assert abs(counts[0] - counts[1]) <= 12, (getattr(view, "__name__", "help"), place, counts)


@given(st.integers(4, 40), st.lists(st.integers(1, 50), max_size=6), st.integers(0, 7))
def test_lines_without_room_leave_a_sign_and_take_no_text_with_them(width: int, sizes: list[int], height: int) -> None:
    lines: list[Line] = [(Span(" = "), Span("8" * size)) for size in sizes]
    shown = ["".join(span.text for span in line) for line in shortened(lines, width, height)]
    assert len(shown) == min(len(lines), height)
    assert all(cell_len(line) == width for line in shown)
    if shown and len(lines) > height:
        told = f" = {'8' * sizes[height - 1]} …"
        assert shown[-1].rstrip().endswith(" …")
        assert shown[-1][: width - 3] == told.ljust(width)[: width - 3]
