"""The gradient that is being summed: before + this step's contribution = after. No textual, no quantity computed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bptt_viz.endings import input_axis, output_axis
from bptt_viz.notation import Formula, Gradient, Partial, Symbol
from bptt_viz.timeline import Phase
from bptt_viz.views import matrix
from bptt_viz.views.canvas import Line, Span, crop, fit, width_of

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
    lines = _one(scene, width, height)
    names = scene.lesson.parameter_names
    after = names.index(scene.parameter) + 1
    for name in (*names[after:], *names[: after - 1]):
        other = replace(scene, parameter=name)
        more = _one(other, width, height - len(lines) - 2)
        if len(lines) + len(more) + 2 <= height and not _is_cut(other, width, height - len(lines) - 2):
            lines += [(), (Span(f" {_name(other)}", "label"),), *more]
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
    """Whether the parameter would not be seen whole, and as numbers."""
    shape = _shape(scene)
    if scene.step.phase in (Phase.BACKWARD, Phase.UPDATE):
        beside, below = _windows(scene, shape, width, height)
        return max(beside.cell if shape[0] > 1 else 1, below.cell) == 1
    return matrix.window(shape, width - 1, height - 2).cell == 1


def _parameter(scene: Scene, shape: tuple[int, int], width: int, height: int) -> list[Line]:
    seen = matrix.window(shape, width - 1, height - 2)
    values = scene.trace.parameters[scene.parameter].reshape(shape)
    lines = matrix.draw(values, seen, float(np.abs(values).max(initial=0.0)), _column_names(scene, seen.columns))
    lines = [(Span(" "), *line) for line in lines]
    return [*lines, *_cut_off(scene, shape, seen)]


def _windows(scene: Scene, shape: tuple[int, int], width: int, height: int) -> tuple[matrix.Window, matrix.Window]:
    """What is seen of each of the three blocks side by side, and one below the other."""
    label = _label_width(scene)
    beside = matrix.window(shape, (width - 2 * _OPERATOR) // 3, height - 1)
    return beside, matrix.window(shape, width - label, height // 3)


def _label_width(scene: Scene) -> int:
    """Cells beside stacked blocks: the operator and the longest heading."""
    return max(map(width_of, _headings(scene, short=True))) + 2


def _sum(scene: Scene, shape: tuple[int, int], width: int, height: int) -> list[Line]:
    """Three blocks: side by side if they fit as numbers, else stacked, else as coloured signs."""
    headings = _headings(scene, short=False)
    names = _column_names(scene, shape[1])
    beside, below = _windows(scene, shape, width, height)
    scale = _scale(scene)
    if beside.cell > 1 and shape[0] > 1:
        names = names if beside.rows + 2 <= height else []
        blocks = [matrix.draw(block, beside, scale, names) for block in _blocks(scene, shape, beside)]
        short = [crop(heading, beside.width) for heading in headings]
        return matrix.side_by_side(blocks, _operators(scene), short, beside.width)
    if below.cell > 1:
        label, headings = _label_width(scene), _headings(scene, short=True)
        blocks = [matrix.draw(block, below, scale) for block in _blocks(scene, shape, below)]
        head = (Span(" " * label), *matrix.names_line(names, below))
        lines = matrix.stacked(blocks, _operators(scene), headings, label)
        return [head, *lines] if len(lines) < height else lines
    blocks = [matrix.draw(block, beside, scale) for block in _blocks(scene, shape, beside)]
    short = [crop(heading, beside.width) for heading in headings]
    lines = matrix.side_by_side(blocks, _operators(scene), short, beside.width)
    return [*lines[: height - 1], *_cut_off(scene, shape, beside)]


def _operators(scene: Scene) -> list[str]:
    return ["", " −" if scene.step.phase is Phase.UPDATE else " +", " ="]


def _headings(scene: Scene, *, short: bool) -> list[str]:
    """What each block is; ``short`` leaves out the parameter, which the panel's title names."""
    symbol, t, last = Symbol(scene.parameter), scene.t, scene.trace.T
    if scene.step.phase is Phase.UPDATE:
        gradient: Formula = ("η ", Gradient(symbol))
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
