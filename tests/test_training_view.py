"""The training page as text: the step in matrices, clipping, curves."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from lessons import LESSONS
from test_training import diverging, updating
from test_views import scene_of, text_of
from test_visible_numbers import check

from bptt_viz import engine
from bptt_viz.messages import LANGUAGES, phrase
from bptt_viz.quantities import Accumulated, Given, Update
from bptt_viz.scenario import ClipTable
from bptt_viz.views import training_view, update_matrices
from bptt_viz.views.canvas import length
from bptt_viz.views.scene import Lesson, Scene
from bptt_viz.views.training_moves import stop, train

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.messages import Language
    from bptt_viz.quantities import Quantity
    from bptt_viz.views.canvas import Span

SIZES = [(118, 19), (78, 10), (98, 14), (158, 40), (58, 6), (40, 3), (20, 1), (118, 0)]
CLIPS = {
    "none": None,
    "norm": ClipTable("norm", 0.5),
    "loose": ClipTable("norm", 50.0),
    "value": ClipTable("value", 0.1),
}
BUNDLED = LESSONS


def scene_with(name: str, clip: str = "none", updates: int = 0, language: Language = "en") -> Scene:
    """A bundled scenario after some updates."""
    scene = scene_of(Lesson(engine.trace(updating(name, 0.1, CLIPS[clip])), "any.toml"), language=language)
    return train(scene, updates) if updates else scene


def text(scene: Scene, width: int = 118, height: int = 19) -> str:
    """The page as text."""
    return "\n".join(text_of(line) for line in training_view.draw(scene, width, height))


@pytest.mark.parametrize("name", BUNDLED)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_fits(name: str, language: Language) -> None:
    for clip, updates in (("none", 0), ("norm", 2), ("value", 2)):
        base = scene_with(name, clip, updates, language)
        for parameter in base.lesson.parameter_names:
            for scroll in (0, 1):
                scene = replace(base, parameter=parameter, scroll=scroll)
                for width, height in SIZES:
                    lines = training_view.draw(scene, width, height)
                    assert len(lines) <= height
                    assert all(length(line) <= width for line in lines), (width, height)


@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize("name", ["wo-zuotian", "scalar-t3"])
def test_every_number_has_its_reason(name: str, clip: str) -> None:
    def pieces() -> Iterator[tuple[Scene, str, Span]]:
        for updates in (0, 2):
            scene = scene_with(name, clip, updates)
            for parameter in scene.lesson.parameter_names:
                one = replace(scene, parameter=parameter)
                for width, height in ((118, 12), (78, 10)):
                    for line in training_view.draw(one, width, height):
                        # Keys, and the axes of the curves.
                        yield from ((one, "training_view", span) for span in line if span.role not in ("key", "dim"))

    assert check(pieces()) > 10


def test_clipping_by_norm_is_told_with_its_factor() -> None:
    scene = scene_with("wo-zuotian", "norm")
    told = text(scene)
    for shown in ("‖∇‖ = 2.1814", "θ = 0.5", f"θ/‖∇‖ = {0.5 / scene.trace.gradient_norm:.4f}", "‖clip(∇)‖ = 0.5"):
        assert shown in told, shown
    assert "leaves it" in text(scene_with("wo-zuotian", "loose"))
    assert "no clipping" in text(scene_with("wo-zuotian"))


def test_clipping_by_value_counts_and_marks_the_entries_that_it_cuts() -> None:
    scene = scene_with("wo-zuotian", "value")
    count = sum(int(scene.trace.cut(name).sum()) for name in scene.trace.parameters)
    assert 0 < count < sum(values.size for values in scene.trace.parameters.values())
    assert f": {count} of " in text(scene)
    marked = [span for line in training_view.draw(scene, 118, 19) for span in line if span.role == "entry"]
    shown = [span.number.entry for span in marked if span.number and span.number.quantity == Update("clipped", "W")]
    assert shown == list(zip(*scene.trace.cut("W").nonzero(), strict=True))
    assert {span.text.strip() for span in marked} <= {"+0.100", "−0.100"}


def test_the_curves_have_room_beside_the_step_or_in_its_place() -> None:
    scene = scene_with("wo-zuotian", updates=3)
    assert "‖∇‖ before" in text(scene)
    assert "new" in text(scene)
    assert "‖∇‖ before" not in text(scene_with("wo-zuotian"))
    # Where there is room for one of them, Tab turns to the other, and what runs is seen first.
    for running in (False, True):
        for scroll in (0, 1):
            course = replace(scene.course, target=1e9 if running else None)
            seen = text(replace(scene, training=course, scroll=scroll), 78, 10)
            assert ("‖∇‖ before" in seen) == (running == (scroll == 0))
            assert ("new" in seen) != ("‖∇‖ before" in seen)


def test_the_threshold_and_how_often_it_was_passed_stand_in_the_curves() -> None:
    scene = train(scene_of(Lesson(engine.trace(updating("wo-zuotian", 0.1, ClipTable("norm", 1.5))), "any.toml")), 30)
    count = int(scene.course.moment.curves.clipped[:-1].sum())
    assert 0 < count < 30
    curves = text(scene).splitlines()[-10:]
    assert f"clipped: {count} of 30 updates" in text(scene)
    assert any("θ" in line for line in curves)
    assert not any("θ" in line for line in text(scene_with("wo-zuotian", updates=30)).splitlines()[-10:])


def test_before_any_update_other_parameters_have_the_room_of_the_curves() -> None:
    for height, names in ((19, ("W", "U")), (24, ("W", "U", "b")), (38, ("W", "U", "b", "V", "c"))):
        shown = text(scene_with("wo-zuotian"), 118, height)
        assert [name for name in ("W", "U", "b", "V", "c") if f" ∇{name} " in shown] == list(names)
    assert "∇U" not in text(scene_with("wo-zuotian", updates=1))
    assert "∇c" not in text(scene_with("wo-zuotian"), 118, 8)


def entries(scene: Scene, width: int, height: int) -> dict[Quantity, int]:
    """How many entries of each quantity stand there as numbers, not as signs."""
    spans = [span for line in update_matrices.draw(scene, width, height) for span in line if span.number is not None]
    return dict(Counter(span.number.quantity for span in spans if span.number and len(span.text) > 1))


@pytest.mark.parametrize(
    ("width", "height", "wanted"),
    [
        # All in one row, in two rows, two of them below each other, in each case all 3 × 8.
        (198, 4, ("gradient", "before", "step", "new")),
        (118, 8, ("gradient", "before", "step", "new")),
        (78, 12, ("gradient", "before", "step", "new")),
        (98, 8, ("before", "step")),
        (78, 9, ("before", "step", "new")),
        (78, 7, ("before", "step")),
        (78, 5, ()),
    ],
)
def test_as_many_whole_matrices_as_have_room_before_there_are_signs(
    width: int, height: int, wanted: tuple[str, ...]
) -> None:
    quantities = {
        "gradient": Accumulated("U", 1),
        "before": Given("U"),
        "step": Update("step", "U"),
        "new": Update("new", "U"),
    }
    scene = replace(scene_with("wo-zuotian", updates=1), parameter="U")
    assert entries(scene, width, height) == {quantities[name]: 24 for name in wanted}


def test_where_clipping_has_no_room_beside_the_step_it_is_left_out() -> None:
    scene = replace(scene_with("wo-zuotian", "norm", updates=1), parameter="U")
    assert set(entries(scene, 118, 12)) > set(entries(scene, 118, 8))
    assert entries(scene, 118, 8) == {Given("U"): 24, Update("step", "U"): 24, Update("new", "U"): 24}


def test_rows_that_have_no_room_are_left_out_and_what_is_seen_are_numbers() -> None:
    scene = replace(scene_with("wo-zuotian", updates=1), parameter="V")
    assert set(entries(scene, 78, 7).values()) == {5 * 3}
    told = text(scene, 78, 10)
    assert "the first 5×3 of 8×3" in told
    assert "are signs" not in told


@pytest.mark.parametrize("name", ["wo-zuotian", "lstm-gates", "stack-2"])
def test_a_blank_parts_each_operator_from_the_entries(name: str) -> None:
    base, count = scene_with(name, "norm", 1), 0
    for parameter in base.lesson.parameter_names:
        scene = replace(base, parameter=parameter)
        for width, height in ((118, 19), (78, 10), (78, 5), (40, 6)):
            for line in update_matrices.draw(scene, width, height):
                whole = text_of(line)
                at = 0
                for span in line:
                    end = at + len(span.text)
                    if span.role == "operator" and span.text.strip():
                        count += 1
                        assert whole[end] == " ", whole
                        assert whole[:at].endswith(" ") or span.text.startswith(" ") or not at, whole
                    at = end
    assert count


def test_what_can_be_done_is_told_with_its_keys() -> None:
    scene = scene_with("wo-zuotian", updates=1)
    assert "p train on" in text(scene)
    assert "undo (1)" in text(scene)
    runs = train(scene, None)
    assert "p stop" in text(runs)
    assert "▶ training " in text(runs)
    assert "▶ training to 100001" in text(train(scene, 100_000))
    assert "F9 train on" in text(replace(scene, keys={"train": ("F9",)}))


def test_where_it_diverged_is_told() -> None:
    scene = scene_of(Lesson(engine.trace(diverging()), "any.toml"))
    while scene.course.moment.divergence is None:
        scene = train(scene, 1)
    assert f"is not finite after update {scene.course.moment.updates}" in text(scene)


def test_a_failure_is_told_in_the_language_that_is_spoken() -> None:
    """After the notice is gone, and with its reason, which is a phrase itself."""
    failure = phrase("training.ended", reason=phrase("process.status", status=-9))
    scene = stop(scene_with("wo-zuotian"), failure)
    for language in LANGUAGES:
        assert failure.told(language) in text(replace(scene, language=language))
    assert scene.notice == failure.told(scene.language)
    assert stop(scene).course.failure is None
