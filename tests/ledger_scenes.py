"""Scenes of the ledger at any moment of any lesson, and what is read off the panel that draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from hypothesis import strategies as st
from test_ledger_blocks import long_trace
from test_views import scene_of

from bptt_viz import blocks, engine, gradients
from bptt_viz.messages import Language
from bptt_viz.quantities import TermSum
from bptt_viz.scenario import Scenario
from bptt_viz.views.scene import Lesson, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.blocks import Range
    from bptt_viz.views.canvas import Line, Span

RAMP = "-░▒▓█"
#: Where all numbers of a short sequence have room.
ROOMY = (160, 20)


def sum_of(scene: Scene, quantity: TermSum) -> float:
    """The norm of a sum of terms, by a sweep of its own."""
    return gradients.norm({"": blocks.term_sum(scene.trace, quantity.parameter, quantity.rows, quantity.columns)})


def numbers(lines: list[Line]) -> Iterator[tuple[TermSum, Span]]:
    """What is shown, with what it is said to be."""
    for line in lines:
        for span in line:
            if span.number is not None:
                assert isinstance(span.number.quantity, TermSum)
                assert span.number.entry == ()
                yield span.number.quantity, span


def blocks_shown(lines: list[Line]) -> dict[tuple[Range, Range], Span]:
    """The blocks of the triangle that show a number: the spans that can be clicked."""
    return {(one.rows, one.columns): span for one, span in numbers(lines) if span.subject is not None}


def lesson_of_length(steps: int, H: int = 1, **table: Any) -> Lesson:
    """So many steps of H units; ``table`` is the network's."""
    return Lesson(long_trace(steps, H, **table), "any.toml")


def at_end(taught: Lesson, language: Language = "en", **choices: Any) -> Scene:
    """The last position, where every block is filled."""
    return scene_of(taught, taught.timeline.last, language, **choices)


@st.composite
def moments(draw: st.DrawFn) -> Scene:
    """Any position of any lesson, filled either way."""
    taught = Lesson(engine.trace(draw(st.from_type(Scenario))), "any.toml")
    parameter = draw(st.sampled_from(taught.parameter_names))
    position, language = draw(st.integers(0, taught.timeline.last)), draw(st.sampled_from(get_args(Language)))
    return scene_of(taught, position, language, parameter=parameter, rtrl=draw(st.booleans()))
