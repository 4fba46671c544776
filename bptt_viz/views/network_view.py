"""The network unrolled through time, a column per time step. No textual, no quantity computed.

From x at the bottom to ŷ on top; which columns and layers are seen follows from the cursor and the size alone, and
nothing else is drawn.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from bptt_viz.notation import Symbol
from bptt_viz.views import arrows, network_cells
from bptt_viz.views.canvas import Line, Span, centre, fit, left, right, width_of
from bptt_viz.views.network_layout import INPUT_GRADIENT, lane_labels, lines_wanted, plan_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bptt_viz.views.network_lanes import Lane
    from bptt_viz.views.network_layout import Geometry
    from bptt_viz.views.scene import Scene

__all__ = ["draw", "lines_wanted", "plan_for", "title"]


class _Row(NamedTuple):
    """A line: its label, what stands in step t's column, and what between the steps t and t + 1 where not a blank."""

    label: str
    column: Callable[[int], list[Span]]
    between: Callable[[int], Span] | None = None


def title(scene: Scene) -> str:
    """What the panel is called."""
    return scene.say("network.title")


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """``height`` lines of ``width`` cells."""
    plan = plan_for(scene, width, height)
    rows = [*_outputs(scene, plan), *_states(scene, plan), *_inputs(scene, plan)]
    return [fit(_line(plan, row), width) for row in rows[:height]]


def _outputs(scene: Scene, plan: Geometry) -> Iterator[_Row]:
    """What stands over the states."""
    target, loss, guess = (Symbol(name, "t") for name in ("y", "L", "y_hat"))
    if plan.words:
        yield _Row("", partial(_words, scene, plan))
    both = f"{scene.notation.letter(target)}, {scene.notation.letter(loss)}"
    label = scene.write((target,)) if plan.separate_loss else both
    yield _Row(label, partial(network_cells.target, scene, plan))
    if plan.separate_loss:
        yield _Row(scene.write((loss,)), partial(network_cells.loss, scene, plan))
    for rank in range(plan.guess_rows):
        yield _Row("" if rank else scene.write((guess,)), partial(_guess, scene, plan, rank))
    if plan.more_above:
        yield _more(plan)
    elif plan.above:
        yield _Row("", lambda t: [arrows.above(scene, plan.lanes[0], t, plan.column)])


def _states(scene: Scene, plan: Geometry) -> Iterator[_Row]:
    """The lanes from the top, with the arrows between them."""
    for index, lane in enumerate(plan.lanes):
        if index and plan.between:
            upper = plan.lanes[index - 1]
            yield _Row("", partial(_between_lanes, scene, plan, upper, lane))
        for row, label in enumerate(lane_labels(scene, lane, plan.state_rows, numbers=plan.numbers)):
            yield _Row(
                label,
                partial(_state, scene, plan, lane, row),
                partial(_beside, scene, plan, lane, row),
            )


def _inputs(scene: Scene, plan: Geometry) -> Iterator[_Row]:
    """What stands under the states."""
    if plan.more_below:
        yield _more(plan)
    elif plan.below:
        lowest = plan.lanes[-1]
        yield _Row("", lambda t: [arrows.below(scene, lowest, t, plan.column, several=plan.several_routes)])
    yield _Row(scene.write((Symbol("x", "t"),)), partial(network_cells.given, scene, plan))
    if plan.input_gradient:
        yield _Row(scene.write(INPUT_GRADIENT), partial(network_cells.input_gradient, scene, plan))


def _line(plan: Geometry, row: _Row) -> Line:
    spans: list[Span] = [Span(f" {left(row.label, plan.label - 1)}", "label"), _gap(plan, plan.first - 1, row)]
    for t in range(plan.first, plan.first + plan.count):
        spans += row.column(t)
        spans.append(_gap(plan, t, row))
    return tuple(spans)


def _gap(plan: Geometry, t: int, row: _Row) -> Span:
    """What stands between the columns of t and t + 1: an arrow, or the border of the decoder, or nothing."""
    between = row.between(t) if row.between is not None else Span(" " * plan.arrow)
    if between.text.isspace() and t + 1 == plan.border > 1:
        return Span(centre("║", plan.arrow), "label")
    return between


def _more(plan: Geometry) -> _Row:
    """The sign that there are layers that are not seen."""
    return _Row("", lambda _: [Span(centre("⋮", plan.column), "dim")])


def _words(scene: Scene, plan: Geometry, t: int) -> list[Span]:
    """Which side of the border is which, on both sides of it, or over the first column if it is not seen."""
    decodes = t >= plan.border
    word = scene.say("network.decoder" if decodes else "network.encoder")
    if width_of(word) > plan.column:
        return [Span(" " * plan.column)]
    if t in (plan.border - 1, plan.border):
        return [Span((left if decodes else right)(word, plan.column), "label")]
    seen = range(plan.first, plan.first + plan.count)
    alone = plan.border - (not decodes) not in seen
    return [Span(centre(word if alone and t == plan.first else "", plan.column), "label")]


def _guess(scene: Scene, plan: Geometry, rank: int, t: int) -> list[Span]:
    return network_cells.guess(scene, plan, t, rank)


def _state(scene: Scene, plan: Geometry, lane: Lane, row: int, t: int) -> list[Span]:
    return network_cells.state(scene, plan, lane, t, row)


def _between_lanes(scene: Scene, plan: Geometry, upper: Lane, lower: Lane, t: int) -> list[Span]:
    return [arrows.between(scene, upper, lower, t, plan.column)]


def _beside(scene: Scene, plan: Geometry, lane: Lane, row: int, t: int) -> Span:
    """The arrow between t and t + 1 at half height of a lane, with its notes above and below it."""
    middle = plan.state_rows // 2
    if t == scene.trace.T or abs(row - middle) > 1:
        return Span(" " * plan.arrow)
    if row != middle:
        return arrows.note(scene, lane, t, plan.arrow, row - middle, only=plan.state_rows - 1 == middle)
    last = plan.first + plan.count - 1
    before = "…" if plan.first > 1 else scene.write((Symbol(lane.state, 0, layer=lane.number),))
    mark = before if t == plan.first - 1 else "…" if t == last else ""
    return arrows.across(scene, lane, t, plan.arrow, mark, alone=not middle, several=plan.several_routes)
