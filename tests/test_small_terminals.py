"""What a small terminal still says: numbers in lanes, what clipping does, that generated steps have no loss."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_views import lesson, scene_of, text_of

from bptt_viz.messages import LANGUAGES, Language, say
from bptt_viz.quantities import Adjoint
from bptt_viz.timeline import Operation, Phase
from bptt_viz.views import gradient_view, network_view, operation_view, title_view
from bptt_viz.views.generation_moves import go_on

#: Cells and lines of the network's panel in the smallest terminal.
WIDTH, HEIGHT = 78, 7


@pytest.mark.parametrize("name", ["stack-2", "lstm-gates"])
def test_lanes_of_one_line_have_numbers_where_the_column_has_room(name: str) -> None:
    taught = lesson(name)
    scene = scene_of(taught, taught.timeline.last)
    lines = network_view.draw(scene, WIDTH, HEIGHT)
    shown = {span.number: span.text for line in lines for span in line if span.number is not None}
    found = {one: text for one, text in shown.items() if isinstance(one.quantity, Adjoint) and one.quantity.name != "x"}
    assert len(found) == 2 * 2 * taught.trace.T
    for text in found.values():
        assert len(text.strip()) > 1 or text.strip() == "0"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["clipping-value", "clipping-norm"])
def test_what_clipping_does_is_said_where_the_gradient_is_alone(name: str, language: Language) -> None:
    taught = lesson(name)
    scene = scene_of(taught, taught.timeline.last, language, alone=True)
    told = "".join(text_of(line) for line in gradient_view.draw(scene, WIDTH, 10)).replace(" ", "")
    assert operation_view.clipping(scene).replace(" ", "") in told
    beside = gradient_view.draw(replace(scene, alone=False), WIDTH, 10)
    assert operation_view.clipping(scene).split()[0] not in "".join(map(text_of, beside))


def test_generated_steps_say_once_that_they_have_no_loss() -> None:
    scene = go_on(go_on(scene_of(lesson("wo-zuotian"))))
    text = "\n".join(map(text_of, network_view.draw(scene, 118, 11)))
    assert text.count("no loss") == 1
    for t in (6, 7):
        entering = scene.timeline.position(Phase.BACKWARD, t, Operation("loss_gradient", "o"))
        said = "\n".join(map(text_of, operation_view.draw(scene.at(entering), 118, 20)))
        assert "Generated: this step has no target" in said


def test_phi_is_named_in_both_languages() -> None:
    taught = lesson("clipping-value")
    named = [text_of(title_view.draw(scene_of(taught, 0, language), 118, 1)[0]) for language in LANGUAGES]
    assert "identity" in named[0]
    assert "恒等" in named[1]
    assert "identity" not in named[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_sum_is_called_the_same_side_by_side_and_stacked(language: Language) -> None:
    taught = lesson("wo-zuotian")
    scene = scene_of(taught, taught.timeline.end_of(Phase.BACKWARD, taught.trace.T), language)
    # ∇W side by side, ∇b under it stacked.
    text = "\n".join(map(text_of, gradient_view.draw(scene, 118, 12)))
    assert text.count(say("gradient.nothing", language)) == 2
