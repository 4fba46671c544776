"""The gradient that is being summed: before + this step's contribution = after. No textual, no quantity computed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bptt_viz.contributions import input_axis, output_axis
from bptt_viz.formatting import NARROW, WIDE
from bptt_viz.notation import Formula, Gradient, Partial, Symbol
from bptt_viz.quantities import Accumulated, Contribution, Given, Number, Quantity, Update
from bptt_viz.timeline import Phase
from bptt_viz.views import matrix
from bptt_viz.views.canvas import Line, Span, crop, fit, length, width_of, wrap
from bptt_viz.views.operation_view import clipping, remark

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.views.scene import Scene

#: Cells between two blocks; their first column is blank already.
_OPERATOR = 2


def title(scene: Scene) -> str:
    """Which parameter, and what of it."""
    symbol = Symbol(scene.parameter)
    shape = "×".join(map(str, scene.trace.parameters[scene.parameter].shape))
    if scene.step.phase is Phase.UPDATE:
        return scene.say("gradient.update", parameter=scene.write((symbol,)), shape=shape)
    if scene.step.phase is Phase.BACKWARD:
        return scene.say("gradient.backward", gradient=scene.write((Gradient(symbol),)), shape=shape)
    return scene.say("gradient.parameter", parameter=scene.write((symbol,)), shape=shape)


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """At most ``height`` lines of ``width`` cells: the chosen parameter, and others as far as there is room."""
    lines: list[Line] = []
    if scene.alone and scene.working is not None:
        lines.append((Span(" "), Span(scene.write(scene.working.formula), "formula")))
        told = clipping(scene) if scene.step.phase is Phase.UPDATE else ""
        if scene.working.remark == "remark.not_used":
            told = remark(scene, scene.working.remark)
        if told and length(lines[0]) + width_of(told) + 3 <= width:
            lines[0] = (*lines[0], Span(f"   {told}", "dim"))
        elif told:
            lines += [(Span(" "), *line) for line in wrap(told, width - 2, "dim")]
    lines += _one(scene, width, height - len(lines))
    names = scene.lesson.parameter_names
    after = names.index(scene.parameter) + 1
    for name in (*names[after:], *names[: after - 1]):
        other, room = replace(scene, parameter=name), height - len(lines) - 2
        if room > 0 and not _is_cut(other, width, room):
            lines += [(), (Span(f" {_name(other)}", "label"),), *_one(other, width, room)]
    return [fit(line, width) for line in lines[:height]]


def _one(scene: Scene, width: int, height: int) -> list[Line]:
    shape = _shape(scene)
    if scene.step.phase in (Phase.BACKWARD, Phase.UPDATE):
        return _sum(scene, shape, width, height)
    return _parameter(scene, shape, width, height)


def _shape(scene: Scene) -> tuple[int, int]:
    """Rows and columns as drawn: a vector lies on its side."""
    shape = scene.trace.parameters[scene.parameter].shape
    return (1, shape[0]) if len(shape) == 1 else (shape[0], shape[1])


def _name(scene: Scene) -> str:
    symbol = Symbol(scene.parameter)
    return scene.write((Gradient(symbol),) if scene.step.phase is Phase.BACKWARD else (symbol,))


def _is_cut(scene: Scene, width: int, height: int) -> bool:
    """Whether the parameter would not be seen whole: all its blocks, as numbers."""
    if scene.step.phase in (Phase.BACKWARD, Phase.UPDATE):
        plan = _plan(scene, _shape(scene), width, height)
        return plan.seen.cell == 1 or plan.first > 0
    return matrix.window(_shape(scene), width - 1, height - 1).cell == 1


def _parameter(scene: Scene, shape: tuple[int, int], width: int, height: int) -> list[Line]:
    seen = matrix.window(shape, width - 1, height - 1)
    values = scene.trace.parameters[scene.parameter].reshape(shape)
    scale = float(np.abs(values).max(initial=0.0))
    numbers = partial(_number, scene, Given(scene.parameter))
    lines = matrix.draw(values, seen, scale, _column_names(scene, seen.columns), numbers)
    lines = [(Span(" "), *line) for line in lines]
    return [*lines, *_cut_off(scene, shape, seen)]


class _Plan(NamedTuple):
    """Which of the three blocks are drawn, from ``first`` on, how much of each, and how they lie.

    ``width`` is that of a block side by side, or of the headings beside stacked ones.
    """

    first: int
    seen: matrix.Window
    beside: bool
    width: int


def _plan(scene: Scene, shape: tuple[int, int], width: int, height: int) -> _Plan:
    """All three blocks as numbers if they fit; else the last two; else all as signs.

    Wide numbers come before narrow ones, and blocks side by side before stacked ones.
    """
    for first, form in ((0, WIDE), (0, NARROW), (1, WIDE), (1, NARROW)):
        count = 3 - first
        room = (width - (count - 1) * _OPERATOR) // count
        beside = matrix.window(shape, room, height - 1, (form,))
        if beside.cell > 1 and shape[0] > 1:
            longest = max(map(width_of, _headings(scene, short=False)[first:])) + 2
            return _Plan(first, beside, beside=True, width=min(max(beside.width, longest), room))
        label = max(map(width_of, _headings(scene, short=True)[first:])) + 2
        below = matrix.window(shape, width - label, height // count, (form,))
        if below.cell > 1:
            return _Plan(first, below, beside=False, width=label)
    room = (width - 2 * _OPERATOR) // 3
    return _Plan(0, matrix.window(shape, room, height - 2), beside=True, width=room)


def _sum(scene: Scene, shape: tuple[int, int], width: int, height: int) -> list[Line]:
    """The blocks and what joins them."""
    plan = _plan(scene, shape, width, height)
    seen, scale = plan.seen, _scale(scene)
    names = _column_names(scene, shape[1])
    values = _blocks(scene, shape, seen)[plan.first :]
    numbers = [partial(_number, scene, quantity) for quantity in _quantities(scene)[plan.first :]]
    headings = _headings(scene, short=not plan.beside)[plan.first :]
    if plan.beside and max(map(width_of, headings)) >= plan.width:
        headings = _headings(scene, short=True)[plan.first :]
    # The first block that is drawn has nothing before it to be joined to.
    operators = ["", *_operators(scene)[plan.first + 1 :]]
    if plan.beside:
        heads = names if seen.rows + 2 <= height else []
        blocks = [matrix.draw(block, seen, scale, heads, which) for block, which in zip(values, numbers, strict=True)]
        lines = matrix.side_by_side(blocks, operators, [crop(text, plan.width - 1) for text in headings], plan.width)
    else:
        blocks = [matrix.draw(block, seen, scale, (), which) for block, which in zip(values, numbers, strict=True)]
        lines = matrix.stacked(blocks, operators, headings, plan.width)
        head = (Span(" " * plan.width), *matrix.names_line(names, seen))
        lines = [head, *lines] if names and len(lines) < height else lines
    return [*lines, *_cut_off(scene, shape, seen)]


def _operators(scene: Scene) -> list[str]:
    return ["", " −" if scene.step.phase is Phase.UPDATE else " +", " ="]


def _headings(scene: Scene, *, short: bool) -> list[str]:
    """What each block is; ``short`` leaves out the parameter, which the panel's title names."""
    symbol, t, last = Symbol(scene.parameter), scene.t, scene.trace.T
    if scene.step.phase is Phase.UPDATE:
        clipped = scene.trace.clipped_gradients is not None
        gradient: Formula = ("η clip(", Gradient(symbol), ")") if clipped else ("η ", Gradient(symbol))
        return [scene.write((symbol,)), scene.write(gradient), scene.say("gradient.new")]
    before = scene.say("gradient.nothing") if t == last else _summed(scene, last, t + 1)
    direct: Formula = ("∂⁺",) if short else (Partial(Symbol("L"), symbol, direct=True),)
    return [before, f"{scene.write(direct)} t = {t}", _summed(scene, last, t)]


def _summed(scene: Scene, first: int, last: int) -> str:
    if first == last:
        return scene.say("gradient.only", t=last)
    return scene.say("gradient.summed", first=first, last=last)


def _blocks(scene: Scene, shape: tuple[int, int], seen: matrix.Window) -> list[Array | None]:
    """The three blocks, only as much of them as is seen; None for what the cursor has not reached."""
    trace, name, t = scene.trace, scene.parameter, scene.t
    vector = len(trace.parameters[name].shape) == 1
    rows = slice(seen.columns) if vector else slice(seen.rows)
    columns = slice(seen.columns)
    if scene.step.phase is Phase.UPDATE:
        gradient = (trace.clipped_gradients or trace.gradients)[name]
        full = [trace.parameters[name], trace.scenario.update.learning_rate * gradient, trace.updated_parameters[name]]
        return [block.reshape(shape)[: seen.rows, columns] for block in full]
    with np.errstate(all="ignore"):
        before = trace.accumulated.at(name, t + 1, rows, columns)
        if scene.position < scene.timeline.end_of(Phase.BACKWARD, t):
            return [before.reshape(seen.rows, seen.columns), None, None]
        added = trace.contributions.at(name, t, rows, columns)
        after = trace.accumulated.at(name, t, rows, columns)
    return [block.reshape(seen.rows, seen.columns) for block in (before, added, after)]


def _quantities(scene: Scene) -> list[Quantity]:
    """What the three blocks are."""
    name, t = scene.parameter, scene.t
    if scene.step.phase is Phase.UPDATE:
        return [Given(name), Update("step", name), Update("new", name)]
    return [Accumulated(name, t + 1), Contribution(name, t), Accumulated(name, t)]


def _number(scene: Scene, quantity: Quantity, row: int, column: int) -> Number:
    """The number at a place; a vector lies on its side."""
    vector = scene.trace.parameters[scene.parameter].ndim == 1
    return Number(quantity, (column,) if vector else (row, column))


def _scale(scene: Scene) -> float:
    values = scene.trace.parameters if scene.step.phase is Phase.UPDATE else scene.trace.gradients
    finite = values[scene.parameter][np.isfinite(values[scene.parameter])]
    return float(np.abs(finite).max(initial=0.0))


def _column_names(scene: Scene, count: int) -> list[str]:
    shape = scene.trace.parameters[scene.parameter].shape
    axis = output_axis(scene.trace, scene.parameter) if len(shape) == 1 else input_axis(scene.trace, scene.parameter)
    return scene.labels(axis, count)


def _cut_off(scene: Scene, shape: tuple[int, int], seen: matrix.Window) -> list[Line]:
    if (seen.rows, seen.columns) == shape:
        return []
    told = scene.say("gradient.cut", rows=seen.rows, columns=seen.columns, of=f"{shape[0]}×{shape[1]}")
    return [(Span(f" {told}", "dim"),)]
