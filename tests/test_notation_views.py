"""The screen under each notation: its letters, its δ with the right number beside it, and no number cut."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from screens import BOARD, LAPTOP, agrees, app_on, numbers_in, playing, rows_of_numbers
from test_views import BUNDLED, check_all_sizes, check_size, lesson, scene_of, text_of
from test_views_meaning import numbers_in as spans_in
from test_views_meaning import stands_for

from bptt_viz.messages import LANGUAGES
from bptt_viz.notation import GOODFELLOW, NOTATIONS, Notation, Partial, Symbol, subscript
from bptt_viz.timeline import Phase
from bptt_viz.views import gradient_view, network_view, numbers_view, operation_view, title_view
from bptt_viz.views.moves import MOVES

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.tracing import Trace
    from bptt_viz.views.scene import Scene

ALL = [NOTATIONS[name] for name in NOTATIONS]
OTHERS = [notation for notation in ALL if notation.name != GOODFELLOW.name]
each_notation = pytest.mark.parametrize("notation", ALL, ids=lambda notation: notation.name)
each_other = pytest.mark.parametrize("notation", OTHERS, ids=lambda notation: notation.name)

#: What the panels have of terminals of 80×24 and of 120×36.
PANELS = [(78, 8), (78, 12), (118, 12), (118, 34)]
GRADIENTS = [(78, 9), (58, 8), (118, 12)]


def delta_of(notation: Notation, trace: Trace) -> Array:
    """δ of all steps as a notation means it, [T, H]."""
    return trace.layers[-1].delta if notation.delta_is == "a" else trace.layers[-1].dL_dh


@each_other
@pytest.mark.parametrize("name", BUNDLED)
def test_every_view_at_every_step_has_its_size(name: str, notation: Notation) -> None:
    taught = lesson(name)
    for position in range(taught.timeline.last + 1):
        scene = scene_of(taught, position, LANGUAGES[position % 2])
        scene = replace(scene, notation=notation)
        for width, height in PANELS:
            check_all_sizes(scene, width, height)
        for width, height in GRADIENTS:
            for parameter in taught.parameter_names:
                check_size(gradient_view, replace(scene, parameter=parameter), width, height)


@each_notation
@pytest.mark.parametrize("name", BUNDLED)
def test_delta_has_the_number_that_the_notation_means(name: str, notation: Notation) -> None:
    taught = lesson(name)
    trace, rows = taught.trace, 0
    other = Partial(Symbol("L"), Symbol("h" if notation.delta_is == "a" else "a", 1))
    for t in range(1, trace.T + 1):
        for position in range(
            taught.timeline.end_of(Phase.BACKWARD, t) - 3, taught.timeline.end_of(Phase.BACKWARD, t) + 1
        ):
            scene = replace(scene_of(taught, position), notation=notation)
            means = {
                f"δ{subscript(t)}": delta_of(notation, trace)[t - 1],
                notation.write((replace_time(other, t),)): {"a": trace.layers[-1].dL_dh, "h": trace.layers[-1].delta}[
                    notation.delta_is
                ][t - 1],
            }
            for view in (operation_view, numbers_view):
                for line in view.draw(scene, 200, 40):
                    for label, entry, span in spans_in(line):
                        if label in means:
                            assert stands_for(span.text, float(means[label][entry])), (label, entry, span.text)
                            rows += 1
    assert rows > 4 * trace.T


def replace_time(partial: Partial, t: int) -> Partial:
    """∂L/∂(a quantity) at another step."""
    return Partial(partial.of, Symbol(partial.wrt.name, t), partial.direct)


@each_notation
@pytest.mark.parametrize("size", [BOARD, LAPTOP], ids=["80×24", "120×36"])
async def test_delta_on_the_screen_is_the_traces(notation: Notation, size: tuple[int, int]) -> None:
    async with playing(app_on("wo-zuotian"), size) as player:
        for _ in range([one.name for one in ALL].index(notation.name)):
            await player.press("n")
        assert player.app.scene.notation == notation
        if notation is not ALL[0]:
            assert f"{notation.name}: δ_t is {notation.delta_defined}" in player.told()
        trace = player.app.scene.trace
        delta, h = delta_of(notation, trace), trace.layers[0].h
        assert not np.allclose(trace.layers[0].delta, trace.layers[0].dL_dh)
        await player.press("end", "left")
        lines = player.panel("network")
        state = notation.letter(Symbol("h"))
        (label,) = [line.split()[0] for line in lines if "│δ" in line[:6]]
        assert label == f"{state}│δ"
        rows = [
            [word for word in line.replace("│", " ").replace("┃", " ").split() if numbers_in(word)] for line in lines
        ]
        rows = [row for row in rows if len(row) == 2 * trace.T]
        assert len(rows) == h.shape[1]
        for unit, row in enumerate(rows):
            for t in range(1, trace.T + 1):
                assert agrees(row[2 * t - 2], float(h[t - 1, unit]))
                assert agrees(row[2 * t - 1], float(delta[t - 1, unit])), (unit, t, row)
        # The same number in the working of the step that gives it.
        await player.press("g", "b", "3", "enter", *["left"] * (1 if notation.delta_is == "a" else 2))
        working = player.panel("operation")
        assert working[0].strip().startswith("δ₃ = ")
        (result,) = [line for line in working if line.strip().startswith("= δ₃")]
        shown = rows_of_numbers([result])[0]
        assert len(shown) == h.shape[1]
        assert all(agrees(text, float(value)) for text, value in zip(shown, delta[2], strict=True))


def drawn(scene: Scene) -> str:
    """All panels of a scene as text."""
    views = (title_view, network_view, operation_view, gradient_view, numbers_view)
    return "\n".join(text_of(line) for view in views for line in view.draw(scene, 200, 1 if view is title_view else 30))


@each_other
def test_no_letter_of_another_notation_is_left_on_the_screen(notation: Notation) -> None:
    taught = lesson("wo-zuotian")
    own = {"U", "V", "W", "b", "c", "a", "h", "L"}
    gone = {name for name in own if notation.letter(Symbol(name)) != name}
    # A letter that the notation has for something else is no stranger.
    gone -= {notation.letter(Symbol(name)) for name in ("x", "a", "h", "o", "y", "U", "V", "W", "b", "c", "L")}
    for position in range(taught.timeline.last + 1):
        scene = replace(scene_of(taught, position), notation=notation)
        text = drawn(scene)
        for name in gone:
            for sign in ("₀", "₁", "₂", "₃", "₄", "₅", "_t", "ᵀ", " ="):
                assert f" {name}{sign}" not in text, (position, f"{name}{sign}")
        for name in gone & {"U", "V", "W"}:
            assert not re.search(rf"∇{name}(?!_)|─{name}[─ᵀ]", text)


@each_notation
def test_all_letters_are_on_the_screen(notation: Notation) -> None:
    taught = lesson("wo-zuotian")
    text = "\n".join(
        drawn(replace(scene_of(taught, position, parameter=parameter), notation=notation))
        for parameter in taught.parameter_names
        for position in (1, 2, 3, 4, 5, taught.timeline.loss_position, taught.timeline.end_of(Phase.BACKWARD, 3))
    )
    for token in (
        *(Symbol(name, "t") for name in ("x", "y", "y_hat", "h", "L")),
        *(Symbol(name, 1) for name in ("x", "a", "h", "o", "y_hat", "L")),
        *map(Symbol, ("U", "W", "V", "b", "c", "L")),
        Symbol("h", 0),
    ):
        assert notation.token(token) in text, token


@each_notation
@pytest.mark.parametrize("width", [58, 78, 118])
def test_long_names_leave_the_numbers_whole(notation: Notation, width: int) -> None:
    """As many numbers as under the canonical notation, wherever they are the point of a panel."""
    taught = lesson("wo-zuotian")
    for position in range(taught.timeline.last + 1):
        canonical = scene_of(taught, position)
        scene = replace(canonical, notation=notation)
        for view, height in ((gradient_view, 8), (network_view, 12)):
            counts = [
                [
                    len(numbers_in(text_of(line).replace("│", " ").replace("┃", " ")))
                    for line in view.draw(one, width, height)
                ]
                for one in (canonical, scene)
            ]
            assert counts[0] == counts[1], (position, view.__name__)


def test_the_notation_stays_while_the_cursor_moves_and_the_language_changes() -> None:
    scene = MOVES["notation"](scene_of(lesson("wo-zuotian")))
    for command in ("next", "last", "language", "parameter", "symbols", "back"):
        scene = MOVES[command](scene)
        assert scene.notation.name == "d2l"


def test_the_start_says_what_is_special_about_a_notation() -> None:
    for notation in OTHERS:
        for language in LANGUAGES:
            scene = replace(scene_of(lesson("scalar-t3"), 0, language), notation=notation)
            said = " ".join(text_of(line).strip() for line in operation_view.draw(scene, 118, 30))
            joined = said.replace(" ", "")
            assert str(getattr(notation.note, language)).replace(" ", "") in joined
            assert str(getattr(notation.title, language)).replace(" ", "") in joined
