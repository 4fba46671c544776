"""‖∂h_t/∂h_k‖ as a triangle: numbers where they have room, else shades by powers of ten. No textual.

Rows are t, columns k, from k = 0 where that has room too; the diagonal is 1. Where there are more steps than room,
those are shown that end groups of steps: their norms are exact.
"""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

from bptt_viz.blocks import groups_of
from bptt_viz.formatting import BINS, NARROW, significant
from bptt_viz.quantities import Number, Reach
from bptt_viz.timeline import Phase
from bptt_viz.views.canvas import BIN_ROLES, GoTo, Line, Role, Span, fit, left, right, width_of
from bptt_viz.views.flow_parts import derivative, layer_of, norm_from, normed, state, step_of, waiting
from bptt_viz.views.ledger_layout import RAMP

if TYPE_CHECKING:
    from bptt_viz.views.flows import Triangle
    from bptt_viz.views.scene import Scene

#: Cells of a number with its blank, and of a shade, the widest first.
_NUMBERS: Final = (8, NARROW + 2, NARROW + 1)
_SHADES: Final = (3, 2, 1)
#: Logarithms of norms whose entries are floats, and not rounded ones.
_FLOATS: Final = 290
#: What a shade may stand for where a power of ten is too coarse.
_FACTORS: Final = (1.1, 1.2, 1.5, 2.0, 3.0, 5.0, 10.0)
#: Lines beside the rows: the heading, and what the shades mean.
_BESIDE: Final = 2


class _Layout(NamedTuple):
    """How many steps are shown, whether k = 0 is, the cells of a column and of a row's name; ``numbers`` or shades."""

    steps: int
    start: bool
    cell: int
    label: int
    numbers: bool

    @property
    def width(self) -> int:
        return self.label + self.columns * self.cell

    @property
    def columns(self) -> int:
        return self.steps + self.start


def heading(scene: Scene) -> str:
    """What the part is called."""
    return normed(scene, derivative(scene, "t", "k"))


def wanted_width(scene: Scene, least: int, free: int, height: int) -> int:
    """The cells that it takes: ``least`` and half of what is ``free``, more where that makes numbers of shades."""
    half, whole = _layout(scene, least + free // 2, height), _layout(scene, least + free, height)
    if whole.numbers and not half.numbers:
        return whole.label + whole.columns * _NUMBERS[-1] + 1
    return min(half.width + 1, least + free // 2)


def wanted_height(scene: Scene, width: int, height: int) -> int:
    """The lines that it takes of ``height``."""
    return min(_layout(scene, width, height).steps + _BESIDE, height)


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """At most ``height`` lines of ``width`` cells."""
    plan = _layout(scene, width, height)
    triangle = scene.lesson.flows.triangle(layer_of(scene), plan.steps)
    if triangle is None:
        return waiting(scene, width)[:height]
    lines = [_heading(plan, triangle), *(_row(scene, plan, triangle, row) for row in range(plan.steps))]
    return [fit(line, width) for line in (*lines, _legend(scene, plan, triangle, width))][:height]


def _layout(scene: Scene, width: int, height: int) -> _Layout:
    """The most steps at equal distances that have room, with the widest cells for them."""
    label = width_of(state(scene, scene.trace.T)) + 2
    most = max(min(scene.trace.T, height - _BESIDE), 1)
    while True:
        count = len(groups_of(scene.trace.T, most))
        # Where not all steps are seen anyway, fewer are better than that the first is not.
        fewer = [(len(groups_of(scene.trace.T, count - 1)), True)] if 1 < count < scene.trace.T else []
        for numbers, cells in ((True, _NUMBERS), (False, _SHADES)):
            for (steps, start), cell in product([(count, True), *fewer, (count, False)], cells):
                if label + (steps + start) * cell < width:
                    return _Layout(steps, start, cell, label, numbers)
        if count == 1:
            return _Layout(1, start=False, cell=1, label=label, numbers=False)
        most = count - 1


def _heading(plan: _Layout, triangle: Triangle) -> Line:
    """The k above their columns, those that have room."""
    text = left(" k =" if plan.label > len(" k =") else "", plan.label)
    for index, step in enumerate(_columns(plan, triangle)):
        end = plan.label + (index + 1) * plan.cell
        if width_of(text) + len(str(step)) + (index > 0) <= end:
            text = left(text, end - len(str(step))) + str(step)
    return (Span(text, "dim"),)


def _row(scene: Scene, plan: _Layout, triangle: Triangle, row: int) -> Line:
    t = triangle.steps[row]
    lit = row == triangle.nearest(step_of(scene))
    subject = GoTo(scene.timeline.end_of(Phase.BACKWARD if scene.backwards else Phase.FORWARD, t))
    name = left(f" {state(scene, t)}", plan.label)
    spans = [Span(name, "current" if lit else "label", subject)]
    norms = triangle.norms[row] if plan.start else triangle.norms[row, 1:]
    for k, log in zip(_columns(plan, triangle), norms, strict=True):
        if k <= t:
            spans += _cell(plan, triangle, float(log), subject, Number(Reach(layer_of(scene), t, k)))
    return tuple(spans)


def _columns(plan: _Layout, triangle: Triangle) -> tuple[int, ...]:
    """The k that have a column."""
    return (0, *triangle.steps) if plan.start else triangle.steps


def _cell(plan: _Layout, triangle: Triangle, log: float, subject: GoTo, number: Number) -> list[Span]:
    """A norm as a number or a shade; one that is no float has no reason in floats either."""
    known = not math.isnan(log) and not math.isinf(log)
    shade = level(triangle, log) if known else 0
    role: Role = BIN_ROLES[BINS + shade] if known or log < 0 else "error"
    asked = number if log == -math.inf or abs(log) < _FLOATS else None
    if plan.numbers:
        text = right(norm_from(log, min(plan.cell - 1, 7)), plan.cell - 1)
        return [Span(" "), Span(text, role, subject, asked)]
    text = RAMP[shade] * plan.cell if known else right("0" if log < 0 else "?", plan.cell)
    return [Span(text, "backward" if role != "error" else role, subject, asked)]


def shade_step(triangle: Triangle) -> float:
    """log₁₀ of what one shade stands for: the least round factor with which the smallest norm still has a shade."""
    needed = (triangle.top - triangle.bottom) / (BINS + 1)
    fine = next((factor for factor in _FACTORS if math.log10(factor) > needed), None)
    return float(math.ceil(needed)) if fine is None else math.log10(fine)


def level(triangle: Triangle, log: float) -> int:
    """How near a norm is to the largest: BINS for the largest shade, 0 for less than any."""
    return max(BINS - int((triangle.top - log) / shade_step(triangle)), 0)


def _legend(scene: Scene, plan: _Layout, triangle: Triangle, width: int) -> Line:
    """That not all steps are shown, and where there is room, what a shade stands for."""
    step = shade_step(triangle)
    shades = scene.say("flow.shades", factor=f"1e{round(step)}" if step > 1 else significant(10.0**step, 2))
    some = scene.say("flow.some_steps", count=len(triangle.steps), T=f"{scene.trace.T:,}")
    said = [some] * (len(triangle.steps) < scene.trace.T) + [shades] * (not plan.numbers)
    while len(said) > 1 and width_of(f" {'  '.join(said)}") > width:
        said.pop()
    return (Span(f" {'  '.join(said)}", "dim"),)
