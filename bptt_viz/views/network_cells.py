"""What stands in the column of a time step: target, loss, guesses, states, input. No textual, no quantity computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from bptt_viz.formatting import NARROW, fixed, least_width, norm, probability, sign_glyph
from bptt_viz.quantities import Adjoint, Given, Number, Quantity, Result
from bptt_viz.timeline import Operation, Phase
from bptt_viz.views import arrows
from bptt_viz.views.canvas import GoTo, Role, Span, centre, crop, heat, width_of

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.sequence import Items
    from bptt_viz.views.network_lanes import Lane
    from bptt_viz.views.network_layout import Geometry
    from bptt_viz.views.scene import Scene

#: Significant digits of the losses where they have a line of their own; a column has room for them after ``0.00``.
_LOSS_DIGITS: Final = 4


def go(scene: Scene, t: int) -> GoTo:
    """Where a click on a column leads: to the end of its step, in the direction of travel."""
    return GoTo(scene.timeline.end_of(Phase.BACKWARD if scene.backwards else Phase.FORWARD, t))


def target(scene: Scene, plan: Geometry, t: int) -> list[Span]:
    """y_t, with L_t beside it where that has no line of its own."""
    items, quantity, vector = scene.trace.targets, Given("y", t), scene.trace.y[t - 1]
    if plan.separate_loss or not scene.trace.has_target[t - 1]:
        item = _item(scene, items, quantity, vector, plan.column, "text")
        return _centred(item, plan.column, "text", go(scene, t))
    role = scene.role(Phase.FORWARD, t, Operation("loss", "L"))
    shown = "·" if role == "future" else fixed(float(scene.trace.losses[t - 1]), NARROW).strip().lstrip("+")
    room = plan.column - width_of(shown) - 3
    item = _item(scene, items, quantity, vector, room, "text")
    gap = room - sum(width_of(span.text) for span in item)
    number = None if role == "future" else Number(Result("L", t))
    there = go(scene, t)
    return [Span(" ", "text", there), *item, Span(" " * gap, "text", there), Span(f" {shown} ", role, there, number)]


def loss(scene: Scene, plan: Geometry, t: int) -> list[Span]:
    """L_t."""
    role = scene.role(Phase.FORWARD, t, Operation("loss", "L"))
    if not scene.trace.has_target[t - 1]:
        told_once = scene.say("network.no_loss") if t == scene.lesson.generated_from else ""
        return [Span(centre(crop(told_once, plan.column), plan.column), "dim")]
    if role == "future":
        return [Span(centre("·", plan.column), role, go(scene, t))]
    text = norm(float(scene.trace.losses[t - 1]), plan.column - 1, _LOSS_DIGITS)
    return [Span(centre(text, plan.column), role, go(scene, t), Number(Result("L", t)))]


def guess(scene: Scene, plan: Geometry, t: int, rank: int) -> list[Span]:
    """An entry of ŷ_t: with words those that are most probable, else the first ones."""
    role = scene.role(Phase.FORWARD, t, Operation("prediction", "y_hat"))
    values, there = scene.trace.y_hat[t - 1], go(scene, t)
    if role == "future" or rank >= len(values):
        return [Span(centre("·" if rank == 0 else "", plan.column), role, there)]
    if not scene.trace.targets.symbolic:
        text, entry = fixed(float(values[rank])).strip(), rank
    else:
        entry = int(np.argsort(-values, kind="stable")[rank])
        # With squared error ŷ may be anything.
        certain = scene.trace.loss_kind.name != "squared_error"
        shown = probability(values[entry]) if certain else fixed(float(values[entry]), NARROW).strip()
        text = f"{crop(scene.trace.targets.vocabulary[entry], plan.column - width_of(shown) - 1)} {shown}"
        role = "dim" if rank and role == "known" else role
    # Faint rather than left out: the timeline computes it, and its reason can be asked for.
    role = "dim" if role == "known" and scene.lesson.only_reads(t) else role
    return [Span(centre(text, plan.column), role, there, Number(Result("y_hat", t), (entry,)))]


def given(scene: Scene, plan: Geometry, t: int) -> list[Span]:
    """x_t, marked where the cursor is."""
    current = t == scene.t and scene.step.phase is not Phase.START
    role: Role = "current" if current else "text"
    item = _item(scene, scene.trace.inputs, Given("x", t), scene.trace.x[t - 1], plan.column - 2, role)
    around = [Span(mark, role, go(scene, t)) for mark in "▶◀"] if current else []
    return _centred([*around[:1], *item, *around[1:]], plan.column, role, go(scene, t))


def input_gradient(scene: Scene, plan: Geometry, t: int) -> list[Span]:
    """∂L/∂x_t once reached: numbers if all have room, else signs."""
    there = go(scene, t)
    if not arrows.input_reached(scene, t):
        return [Span(centre("·", plan.column), "future", there)]
    values, quantity = scene.trace.dL_dx[t - 1], Adjoint("x", t, 0)
    scale = scene.lesson.scale("x", None, adjoint=True)
    if _have_room(values, plan.column - 2):
        return _side_by_side(values, plan.column, quantity, scale, there)
    signs = _signs(values, 0, plan.column - 2, quantity, scale, there)
    return _centred(signs, plan.column, "text", there)


def state(scene: Scene, plan: Geometry, lane: Lane, t: int, row: int) -> list[Span]:
    """A line of a lane's units, framed: on the way back with the error beside the state, where both have room."""
    current = t == scene.t and scene.step.phase is not Phase.START
    here = current and (lane.layer, lane.state) == plan.lit
    frame = Span("┃" if here else "│", "current" if current else "dim", go(scene, t))
    draw_cells = _numbers if plan.numbers else _blocks
    phases = [Phase.BACKWARD] if scene.backwards else [Phase.FORWARD]
    if scene.backwards and plan.numbers:
        phases = [Phase.FORWARD, Phase.BACKWARD]
    inner: list[Span] = []
    for phase in phases:
        inner += [Span("│", "dim")] if inner else []
        inner += draw_cells(scene, plan, lane, t, row, phase)
    used = sum(width_of(span.text) for span in inner) + 2
    padding = max(plan.column - used, 0)
    return [Span(" " * (padding // 2)), frame, *inner, frame, Span(" " * (padding - padding // 2))]


def _quantity(scene: Scene, lane: Lane, t: int, phase: Phase) -> tuple[Quantity, Array, Role, float]:
    """The column's values, whether they are known yet, and their full colour: h_t, or δ_t on the way back."""
    adjoint = phase is Phase.BACKWARD
    operation = lane.adjoint if adjoint else lane.value
    name, layer = operation.name, operation.layer
    values = scene.lesson.values(name, layer, adjoint=adjoint)[t - 1]
    quantity = Adjoint(name, t, layer) if adjoint else Result(name, t, layer)
    return quantity, values, scene.role(phase, t, operation), scene.lesson.scale(name, layer, adjoint=adjoint)


def _numbers(scene: Scene, plan: Geometry, lane: Lane, t: int, row: int, phase: Phase) -> list[Span]:
    quantity, values, role, scale = _quantity(scene, lane, t, phase)
    width = _widths(scene, plan, lane, t)[phase]
    if role == "future":
        return [Span(centre("·", width), "future", go(scene, t))]
    value = float(values[row])
    return [Span(fixed(value, width), heat(value, scale), go(scene, t), Number(quantity, (row,)))]


def _widths(scene: Scene, plan: Geometry, lane: Lane, t: int) -> dict[Phase, int]:
    """The cells of each number in a lane's frame at t: a power of three digits gets one more if the column has it.

    NaN and ∞ beside it give up those that they do not need.
    """
    phases = (Phase.FORWARD, Phase.BACKWARD) if scene.backwards else (Phase.FORWARD,)
    values = {phase: [float(value) for value in _quantity(scene, lane, t, phase)[1]] for phase in phases}
    own = {phase: max(map(least_width, found)) for phase, found in values.items()}
    alike = dict.fromkeys(phases, max(own.values()))
    spared = {phase: own[phase] if np.isfinite(found).any() else len("NaN") for phase, found in values.items()}
    choices = (alike, own, spared)
    has_room = (widths for widths in choices if sum(widths.values()) + len(widths) + 1 <= plan.column)
    return next(has_room, dict.fromkeys(phases, NARROW))


def _blocks(scene: Scene, plan: Geometry, lane: Lane, t: int, row: int, phase: Phase) -> list[Span]:
    quantity, values, role, scale = _quantity(scene, lane, t, phase)
    room = plan.column - 2
    first, there = row * room, go(scene, t)
    if plan.state_rows == 1 and role != "future" and _have_room(values, room):
        return _side_by_side(values, room, quantity, scale, there)
    # The last line says so where not all units have room.
    last = len(values) if row == plan.state_rows - 1 else first + room
    if role == "future":
        count = min(len(values[first:last]), room)
        return [Span("·" * count + " " * (room - count), "future", there)]
    spans = _signs(values[:last], first, room, quantity, scale, there)
    return [*spans, Span(" " * (room - sum(width_of(span.text) for span in spans)))]


def _have_room(values: Array, room: int) -> bool:
    """Whether all have room as numbers side by side."""
    return len(values) * (NARROW + 1) - 1 <= room


def _side_by_side(values: Array, width: int, quantity: Quantity, scale: float, there: GoTo) -> list[Span]:
    """All values as numbers, in exactly ``width`` cells."""
    spans: list[Span] = []
    for index, value in enumerate(map(float, values)):
        spans += [Span(" ", "text", there)] * bool(spans)
        spans.append(Span(fixed(value, NARROW), heat(value, scale), there, Number(quantity, (index,))))
    return _centred(spans, width, "text", there)


def _signs(values: Array, first: int, room: int, quantity: Quantity, scale: float, there: GoTo) -> list[Span]:
    """A coloured cell with its sign for each value from ``first`` on; an ellipsis in the place of the last if cut."""
    cut = len(values) - first > room
    seen = values[first : first + room - cut]
    spans = [
        Span(sign_glyph(float(value)), heat(float(value), scale), there, Number(quantity, (index,)))
        for index, value in enumerate(seen, start=first)
    ]
    return [*spans, Span("…", "dim", there)] if cut else spans


def _item(scene: Scene, items: Items, quantity: Given, vector: Array, room: int, role: Role) -> list[Span]:
    """A symbol, or a vector as far as whole numbers of it have room."""
    t, there = quantity.t, go(scene, quantity.t)
    if items.word(t) or not items.present(t):
        return [Span(crop(items.word(t), room) if items.word(t) else scene.say("item.none"), role, there)]
    texts = [fixed(float(value), NARROW).strip() for value in vector[: max(room // 2, 1)]]
    while len(texts) > 1 and len(" ".join(texts)) + (2 if len(texts) < len(vector) else 0) > room:
        texts.pop()
    spans: list[Span] = []
    for index, text in enumerate(texts):
        spans += [Span(" ", role, there)] * bool(spans) + [Span(text, role, there, Number(quantity, (index,)))]
    return spans if len(texts) == len(vector) else [*spans, Span(" …", role, there)]


def _centred(spans: list[Span], width: int, role: Role, there: GoTo) -> list[Span]:
    """The spans in exactly ``width`` cells, in the middle."""
    free = max(width - sum(width_of(span.text) for span in spans), 0)
    return [Span(" " * (free // 2), role, there), *spans, Span(" " * (free - free // 2), role, there)]
