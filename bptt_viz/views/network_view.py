"""The network unrolled through time, a column per time step. No textual, no quantity computed.

Which columns are seen follows from the cursor and the width alone; nothing else is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from bptt_viz.formatting import NARROW, fixed, plain, probability, sign_glyph
from bptt_viz.notation import Symbol
from bptt_viz.quantities import Adjoint, Given, Number, Quantity, Result
from bptt_viz.timeline import Operation, Phase
from bptt_viz.views import arrows
from bptt_viz.views.canvas import GoTo, Line, Role, Span, centre, crop, fit, heat, left, width_of

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.sequence import Items
    from bptt_viz.views.scene import Scene

#: Draws one row of one column: (scene, plan, t, row) → spans of the column's width.
Cell = Callable[["Scene", "Geometry", int, int], list[Span]]

_LABEL = 5
#: A column this wide has room for all it says.
_WIDEST = 32


class Geometry(Struct, frozen=True):
    """How the room is shared out.

    Attributes
    ----------
    first, count
        The time steps that are seen.
    column, arrow
        Cells of one column, and of the arrow between two.
    state_rows, guess_rows
        Lines for the hidden units and for the guesses.
    arrows, separate_loss
        Whether there are lines for the vertical arrows, and one for L_t of its own.
    numbers
        Whether hidden units are written as numbers, one a line; else each is one coloured cell.
    """

    first: int
    count: int
    column: int
    arrow: int
    state_rows: int
    guess_rows: int
    arrows: int
    separate_loss: bool
    numbers: bool


def title(scene: Scene) -> str:
    """What the panel is called."""
    return scene.say("network.title")


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """``height`` lines of ``width`` cells."""
    plan = plan_for(scene, width, height)
    steps = range(plan.first, plan.first + plan.count)
    target, loss, guess = (Symbol(name, "t") for name in ("y", "L", "y_hat"))
    if plan.separate_loss:
        rows = [_line(scene, plan, steps, scene.write((target,)), _target)]
        rows.append(_line(scene, plan, steps, scene.write((loss,)), _loss))
    else:
        both = f"{scene.notation.letter(target)}, {scene.notation.letter(loss)}"
        rows = [_line(scene, plan, steps, both, _target)]
    for rank in range(plan.guess_rows):
        rows.append(_line(scene, plan, steps, "" if rank else scene.write((guess,)), _guess, rank))
    if plan.arrows > 1:
        rows.append(_line(scene, plan, steps, "", _arrow_above))
    rows += [_line(scene, plan, steps, _state_label(scene, plan, row), _state, row) for row in range(plan.state_rows)]
    if plan.arrows > 0:
        rows.append(_line(scene, plan, steps, "", _arrow_below))
    rows.append(_line(scene, plan, steps, scene.write((Symbol("x", "t"),)), _input))
    return [fit(row, width) for row in rows[:height]]


def plan_for(scene: Scene, width: int, height: int) -> Geometry:
    """Share out the room: numbers if they fit, as many steps as fit, the cursor's step among them."""
    units = scene.trace.layers[-1].h.shape[1]
    pair = 2 * NARROW + 3 if scene.backwards else NARROW + 2
    steps = scene.trace.T
    room = width - _LABEL
    numbers = units <= max(height - 3, 1) and room >= min(steps, 2) * (pair + arrows.WIDTHS[0])
    # In a low panel the loss stands beside the target, and both need their room.
    least = max(pair, 9 if height > units + 7 else 12) if numbers else 12
    # The widest arrows with which all steps are seen; where they cannot be, middling ones.
    widths = (arrows.named(scene), *arrows.WIDTHS)
    arrow = next((cells for cells in widths if room >= steps * (least + cells)), arrows.WIDTHS[1])
    # Beside n columns stand n arrows, and one more where the sequence goes on.
    whole = room >= steps * (least + arrow)
    count = steps if whole else max((room - arrow) // (least + arrow), 1)
    column = min(max((room if whole else room - arrow) // count - arrow, least), _WIDEST)
    first = min(max(scene.t - count // 2, 1), steps - count + 1)
    state_rows = units if numbers else max(1, min(-(-units // column), height - 5))
    free = height - state_rows - 3
    guess_rows = min(1 + (free > 3) + (free > 4), scene.trace.y_hat.shape[1])
    free -= guess_rows - 1
    return Geometry(first, count, column, arrow, state_rows, guess_rows, min(max(free, 0), 2), free > 2, numbers)


def _line(scene: Scene, plan: Geometry, steps: range, label: str, cell: Cell, row: int = 0) -> Line:
    spans: list[Span] = [Span(f" {left(label, _LABEL - 1)}", "label"), *_before_first(scene, plan, cell, row)]
    for t in steps:
        spans += cell(scene, plan, t, row)
        spans.append(_between(scene, plan, t, cell, row))
    return tuple(spans)


def _state_label(scene: Scene, plan: Geometry, row: int) -> str:
    """What the cells of a column are: h_t; on the way back δ_t, beside h_t where both have room."""
    if row != plan.state_rows // 2:
        return ""
    state, error = Symbol("h", "t"), Symbol("delta", "t")
    if scene.backwards and plan.numbers:
        return "│".join(map(scene.notation.letter, (state, error)))
    return scene.write((error if scene.backwards else state,))


def _before_first(scene: Scene, plan: Geometry, cell: Cell, row: int) -> list[Span]:
    if cell is not _state or row != plan.state_rows // 2:
        return [Span(" " * plan.arrow)]
    mark = "…" if plan.first > 1 else scene.write((Symbol("h", 0),))
    return [arrows.between(scene, plan.first - 1, plan.arrow, mark)]


def _between(scene: Scene, plan: Geometry, t: int, cell: Cell, row: int) -> Span:
    if cell is not _state or row != plan.state_rows // 2 or t == scene.trace.T:
        return Span(" " * plan.arrow)
    return arrows.between(scene, t, plan.arrow, "…" if t == plan.first + plan.count - 1 else "")


def _go(scene: Scene, t: int) -> GoTo:
    return GoTo(scene.timeline.end_of(Phase.BACKWARD if scene.backwards else Phase.FORWARD, t))


def _input(scene: Scene, plan: Geometry, t: int, row: int) -> list[Span]:
    current = t == scene.t and scene.step.phase is not Phase.START
    role: Role = "current" if current else "text"
    item = _item(scene, scene.trace.inputs, Given("x", t), scene.trace.x[t - 1], plan.column - 2, role)
    around = [Span(mark, role, _go(scene, t)) for mark in "▶◀"] if current else []
    return _centred([*around[:1], *item, *around[1:]], plan.column, role, _go(scene, t))


def _target(scene: Scene, plan: Geometry, t: int, row: int) -> list[Span]:
    items, quantity, vector = scene.trace.targets, Given("y", t), scene.trace.y[t - 1]
    if plan.separate_loss or not scene.trace.has_target[t - 1]:
        item = _item(scene, items, quantity, vector, plan.column, "text")
        return _centred(item, plan.column, "text", _go(scene, t))
    role = scene.role(Phase.FORWARD, t, Operation("loss", "L"))
    loss = "·" if role == "future" else fixed(float(scene.trace.losses[t - 1]), NARROW).strip().lstrip("+")
    room = plan.column - width_of(loss) - 3
    item = _item(scene, items, quantity, vector, room, "text")
    gap = room - sum(width_of(span.text) for span in item)
    number = None if role == "future" else Number(Result("L", t))
    go = _go(scene, t)
    return [Span(" ", "text", go), *item, Span(" " * gap, "text", go), Span(f" {loss} ", role, go, number)]


def _item(scene: Scene, items: Items, quantity: Given, vector: Array, room: int, role: Role) -> list[Span]:
    """A symbol, or a vector as far as whole numbers of it have room."""
    t, go = quantity.t, _go(scene, quantity.t)
    if items.word(t) or not items.present(t):
        return [Span(crop(items.word(t), room) if items.word(t) else scene.say("item.none"), role, go)]
    texts = [fixed(float(value), NARROW).strip() for value in vector[: max(room // 2, 1)]]
    while len(texts) > 1 and len(" ".join(texts)) + (2 if len(texts) < len(vector) else 0) > room:
        texts.pop()
    spans: list[Span] = []
    for index, text in enumerate(texts):
        spans += [Span(" ", role, go)] * bool(spans) + [Span(text, role, go, Number(quantity, (index,)))]
    return spans if len(texts) == len(vector) else [*spans, Span(" …", role, go)]


def _centred(spans: list[Span], width: int, role: Role, go: GoTo) -> list[Span]:
    """The spans in exactly ``width`` cells, in the middle."""
    free = max(width - sum(width_of(span.text) for span in spans), 0)
    return [Span(" " * (free // 2), role, go), *spans, Span(" " * (free - free // 2), role, go)]


def _loss(scene: Scene, plan: Geometry, t: int, row: int) -> list[Span]:
    role = scene.role(Phase.FORWARD, t, Operation("loss", "L"))
    if not scene.trace.has_target[t - 1]:
        return [Span(" " * plan.column)]
    if role == "future":
        return [Span(centre("·", plan.column), role, _go(scene, t))]
    text = plain(float(scene.trace.losses[t - 1]))
    return [Span(centre(text, plan.column), role, _go(scene, t), Number(Result("L", t)))]


def _guess(scene: Scene, plan: Geometry, t: int, rank: int) -> list[Span]:
    role = scene.role(Phase.FORWARD, t, Operation("prediction", "y_hat"))
    values, go = scene.trace.y_hat[t - 1], _go(scene, t)
    if role == "future" or rank >= len(values):
        return [Span(centre("·" if rank == 0 else "", plan.column), role, go)]
    if not scene.trace.targets.symbolic:
        text, entry = fixed(float(values[rank])).strip(), rank
    else:
        entry = int(np.argsort(-values, kind="stable")[rank])
        # With squared error ŷ may be anything.
        certain = scene.trace.loss_kind.name != "squared_error"
        shown = probability(values[entry]) if certain else fixed(float(values[entry]), NARROW).strip()
        text = f"{crop(scene.trace.targets.vocabulary[entry], plan.column - width_of(shown) - 1)} {shown}"
        role = "dim" if rank and role == "known" else role
    return [Span(centre(text, plan.column), role, go, Number(Result("y_hat", t), (entry,)))]


def _state(scene: Scene, plan: Geometry, t: int, row: int) -> list[Span]:
    sides = "┃" if t == scene.t and scene.step.phase is not Phase.START else "│"
    frame = Span(sides, "current" if sides == "┃" else "dim", _go(scene, t))
    draw_cells = _numbers if plan.numbers else _blocks
    phases = [Phase.BACKWARD] if scene.backwards else [Phase.FORWARD]
    if scene.backwards and plan.numbers:
        phases = [Phase.FORWARD, Phase.BACKWARD]
    inner: list[Span] = []
    for phase in phases:
        inner += [Span("│", "dim")] if inner else []
        inner += draw_cells(scene, plan, t, row, phase)
    used = sum(width_of(span.text) for span in inner) + 2
    padding = max(plan.column - used, 0)
    return [Span(" " * (padding // 2)), frame, *inner, frame, Span(" " * (padding - padding // 2))]


def _quantity(scene: Scene, t: int, phase: Phase) -> tuple[Quantity, Array, Role, float]:
    """The column's values, whether they are known yet, and their full colour: h_t, or δ_t on the way back."""
    adjoint = phase is Phase.BACKWARD
    operation = scene.error_term if adjoint else scene.lesson.hidden_state
    name, layer = operation.name, operation.layer
    values = scene.lesson.values(name, layer, adjoint=adjoint)[t - 1]
    quantity = Adjoint(name, t, layer) if adjoint else Result(name, t, layer)
    return quantity, values, scene.role(phase, t, operation), scene.lesson.scale(name, layer, adjoint=adjoint)


def _numbers(scene: Scene, plan: Geometry, t: int, row: int, phase: Phase) -> list[Span]:
    quantity, values, role, scale = _quantity(scene, t, phase)
    if role == "future":
        return [Span(centre("·", NARROW), "future", _go(scene, t))]
    value = float(values[row])
    return [Span(fixed(value, NARROW), heat(value, scale), _go(scene, t), Number(quantity, (row,)))]


def _blocks(scene: Scene, plan: Geometry, t: int, row: int, phase: Phase) -> list[Span]:
    quantity, values, role, scale = _quantity(scene, t, phase)
    room = plan.column - 2
    mine = values[row * room : (row + 1) * room]
    if role == "future":
        return [Span("·" * len(mine) + " " * (room - len(mine)), "future", _go(scene, t))]
    cells = [
        Span(sign_glyph(float(value)), heat(float(value), scale), _go(scene, t), Number(quantity, (index,)))
        for index, value in enumerate(mine, start=row * room)
    ]
    return [*cells, Span(" " * (room - len(mine)))]


def _arrow_above(scene: Scene, plan: Geometry, t: int, row: int) -> list[Span]:
    return [arrows.above(scene, t, plan.column)]


def _arrow_below(scene: Scene, plan: Geometry, t: int, row: int) -> list[Span]:
    return [arrows.below(scene, t, plan.column)]
