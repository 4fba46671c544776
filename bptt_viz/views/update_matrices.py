"""The step of gradient descent in matrices: gradient → clipped, and before − step = after. No textual.

Whole matrices in one row or in several, as far as they have room as numbers; else those of the step, or the two that it
is computed from; else the first rows of those of the step; else signs.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from msgspec import structs

from bptt_viz.notation import Gradient, Symbol
from bptt_viz.quantities import Accumulated, Given, Number, Update
from bptt_viz.views import matrix
from bptt_viz.views.canvas import Line, Span, crop, fit, width_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bptt_viz.activations import Array
    from bptt_viz.notation import Formula
    from bptt_viz.quantities import Quantity
    from bptt_viz.tracing import Mask
    from bptt_viz.views.scene import Scene

#: Lines without which it is not worth drawing.
LEAST_ROWS: Final = 4
#: Cells between two blocks.
_OPERATOR: Final = 2


class _Block(NamedTuple):
    """A matrix, what joins it to the one before, and which of its entries are marked."""

    operator: str
    heading: str
    values: Array
    quantity: Quantity
    marked: Mask | None = None


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """At most ``height`` lines of ``width`` cells."""
    if height < 1:
        return []
    gradient, step = _blocks(scene)
    choices = (*_rows_of_all(gradient, step), [step], _in_rows(step, 2), _in_rows(step, 1), _in_rows(step[:2], 1))
    lines = _whole(scene, choices, width, height)
    return _cut(scene, _shape(scene), step, width, height) if lines is None else lines


def draw_all(scene: Scene, width: int, height: int) -> list[Line]:
    """The same, and below it the steps of the other parameters that have room as whole matrices."""
    lines = draw(scene, width, height)
    names = scene.lesson.parameter_names
    after = names.index(scene.parameter) + 1
    for name in (*names[after:], *names[: after - 1]):
        other = replace(scene, parameter=name)
        gradient, step = _blocks(other)
        more = _whole(other, _rows_of_all(gradient, step), width, height - len(lines) - 1)
        lines += [] if more is None else [(Span(" " * width),), *more]
    return lines


def _rows_of_all(gradient: list[_Block], step: list[_Block]) -> tuple[list[list[_Block]], ...]:
    """Ways to lay all blocks out in rows, the best first."""
    blocks = [*gradient, *step]
    return [blocks], [gradient, step], _in_rows(blocks, 2), _in_rows(blocks, 1)


def _in_rows(blocks: list[_Block], count: int) -> list[list[_Block]]:
    return [blocks[first : first + count] for first in range(0, len(blocks), count)]


def _whole(scene: Scene, choices: Iterable[list[list[_Block]]], width: int, height: int) -> list[Line] | None:
    """The first choice of rows of blocks that has room as numbers."""
    shape = _shape(scene)
    laid_out = (_arranged(shape, rows_of, width, height) for rows_of in choices)
    return next((lines for lines in laid_out if lines is not None), None)


def _shape(scene: Scene) -> tuple[int, int]:
    """Rows and columns as drawn: a vector lies on its side."""
    shape = scene.trace.parameters[scene.parameter].shape
    return (1, shape[0]) if len(shape) == 1 else (shape[0], shape[1])


def _blocks(scene: Scene) -> tuple[list[_Block], list[_Block]]:
    """The gradient and what clipping makes of it; before, what is taken off, and after."""
    trace, name = scene.trace, scene.parameter
    parameter, clipped = Symbol(name), trace.clipped_gradients
    taken: Formula = (Gradient(parameter),) if clipped is None else ("clip(", Gradient(parameter), ")")
    first = [_Block("", scene.write((Gradient(parameter),)), trace.gradients[name], Accumulated(name, 1))]
    if clipped is not None:
        by_value = trace.clip_factor is None
        marked = trace.cut(name) if by_value else None
        first.append(_Block(" →", scene.write(taken), clipped[name], Update("clipped", name), marked))
    step = [
        _Block("", scene.write((parameter,)), trace.parameters[name], Given(name)),
        _Block(" −", scene.write(("η ", *taken)), trace.steps[name], Update("step", name)),
        _Block(" =", scene.say("gradient.new"), trace.updated_parameters[name], Update("new", name)),
    ]
    return first, step


def _arranged(shape: tuple[int, int], rows_of: list[list[_Block]], width: int, height: int) -> list[Line] | None:
    """The blocks in those rows; None where they have no room as whole numbers."""
    if shape[0] == 1 or all(len(row) == 1 for row in rows_of):
        return _stacked(shape, [block for row in rows_of for block in row], width, height)
    return _beside(shape, rows_of, width, height)


def _beside(shape: tuple[int, int], rows_of: list[list[_Block]], width: int, height: int) -> list[Line] | None:
    """Each row of blocks side by side, headings above; all numbers are equally wide."""
    # A formula that goes on in the next row has its operator there.
    indented = any(row[0].operator for row in rows_of)
    columns = max(map(len, rows_of))
    room = (width - _OPERATOR * (columns - 1 + indented)) // columns
    seen = matrix.window(shape, room, height // len(rows_of) - 1)
    if seen.cell == 1:
        return None
    taken = _taken([block for row in rows_of for block in row], seen, room)
    lines: list[Line] = []
    for row in rows_of:
        lines += matrix.side_by_side(
            [_drawn(block, shape, seen) for block in row],
            [_operator(block, first=not (place or indented)) for place, block in enumerate(row)],
            [crop(block.heading, taken - 1) for block in row],
            taken,
        )
    return [fit(line, width) for line in lines]


def _stacked(shape: tuple[int, int], blocks: list[_Block], width: int, height: int) -> list[Line] | None:
    """One below the other, headings at the left."""
    label = max(width_of(block.heading) for block in blocks) + 3
    seen = matrix.window(shape, width - label, height // len(blocks))
    if seen.cell == 1:
        return None
    drawn = [_drawn(block, shape, seen) for block in blocks]
    lines = matrix.stacked(drawn, [block.operator for block in blocks], [block.heading for block in blocks], label)
    return [fit(line, width) for line in lines]


def _operator(block: _Block, *, first: bool) -> str:
    """What stands before a block: nothing before the first, a gap where another equation begins."""
    return block.operator if block.operator or first else " " * _OPERATOR


def _cut(scene: Scene, shape: tuple[int, int], blocks: list[_Block], width: int, height: int) -> list[Line]:
    """The rows that have room, as numbers where all columns have it: signs would not make them more."""
    room = (width - _OPERATOR * (len(blocks) - 1)) // len(blocks)
    rows = max(height - 2, 1)
    seen = matrix.window((min(shape[0], rows), shape[1]), room, rows)
    taken = _taken(blocks, seen, room)
    lines = matrix.side_by_side(
        [_drawn(block, shape, seen) for block in blocks],
        [block.operator for block in blocks],
        [crop(block.heading, taken - 1) for block in blocks],
        taken,
    )
    part, of = f"{seen.rows}×{seen.columns}", f"{shape[0]}×{shape[1]}"
    told = scene.say("derivation.cut", seen=part, of=of)
    if seen.cell == 1:
        told = scene.say("gradient.cut", rows=seen.rows, columns=seen.columns, of=of)
    lines.append((Span(f" {told}", "dim"),))
    return [fit(line, width) for line in lines[:height]]


def _taken(blocks: list[_Block], seen: matrix.Window, room: int) -> int:
    """The width of each block: what its entries or its heading need."""
    return min(max(seen.width, max(width_of(block.heading) for block in blocks) + 2), room)


def _drawn(block: _Block, shape: tuple[int, int], seen: matrix.Window) -> list[Line]:
    values = block.values.reshape(shape)
    finite = np.abs(values[np.isfinite(values)])
    scale = float(finite.max(initial=0.0))
    lines = matrix.draw(values, seen, scale, (), partial(_number, block))
    if block.marked is None:
        return lines
    return [
        tuple(
            structs.replace(span, role="entry") if span.number is not None and block.marked[span.number.entry] else span
            for span in line
        )
        for line in lines
    ]


def _number(block: _Block, row: int, column: int) -> Number:
    """The number at a place; a vector lies on its side."""
    return Number(block.quantity, (column,) if block.values.ndim == 1 else (row, column))
