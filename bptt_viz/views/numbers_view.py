"""All the numbers of one time step, forward at the left, backward at the right. No textual, no quantity computed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bptt_viz.arrivals import adjoint
from bptt_viz.cells import X
from bptt_viz.timeline import Phase, Step
from bptt_viz.views.canvas import Line, Role, Span, fit
from bptt_viz.views.rows import Columns, label_width, names_row, value_row

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.quantities import Number
    from bptt_viz.views.scene import Scene
    from bptt_viz.working import Part


class _Row(NamedTuple):
    part: Part
    label: str
    role: Role
    numbers: Callable[[int], Number | None]


def title(scene: Scene) -> str:
    """Which time step."""
    return scene.say("numbers.title", t=scene.t)


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """At most ``height`` lines of ``width`` cells."""
    ahead, back = _rows(scene, Phase.FORWARD), _rows(scene, Phase.BACKWARD)
    labels = [label_width([row.label for row in side]) for side in (ahead, back)]
    # The longer labels of the backward side take their room from both.
    half = (width - 1 - sum(labels)) // 2 + labels[0]
    at_left, at_right = _side(scene, ahead, labels[0], half), _side(scene, back, labels[1], width - 1 - half)
    lines: list[Line] = []
    for row in range(min(height, max(len(at_left), len(at_right)))):
        one = fit(at_left[row] if row < len(at_left) else (), half)
        other = fit(at_right[row] if row < len(at_right) else (), width - 1 - half)
        lines.append((*one, Span("│", "dim"), *other))
    return lines


def _side(scene: Scene, rows: list[_Row], label_cells: int, width: int) -> list[Line]:
    longest = max(len(row.part.values) for row in rows)
    columns = Columns.within(width, label_cells, longest)
    lines: list[Line] = []
    axis = ""
    for part, label, role, numbers in rows:
        names = scene.labels(part.axis, len(part.values))
        if part.axis not in (axis, "none") and part.axis != "hidden" and names:
            lines.append(names_row(names, columns, len(part.values)))
        axis = axis if part.axis == "none" else part.axis
        values = None if role == "future" else part.values
        lines.append(value_row("", label, values, columns, role, numbers=numbers))
    return lines


def _rows(scene: Scene, phase: Phase) -> list[_Row]:
    """Every vector of the time step once, in the order in which it is computed."""
    operations = scene.timeline.forward if phase is Phase.FORWARD else scene.timeline.backward
    rows: dict[str, _Row] = {}
    for operation in operations:
        if operation.kind == "contribution":
            continue
        role = scene.role(phase, scene.t, operation)
        position = scene.timeline.position(phase, scene.t, operation)
        working = scene.working_of(Step(position, phase, scene.t, operation))
        parts = working.parts if working is not None else ()
        for index, part in enumerate(parts):
            label = scene.write(part.formula)
            shown = phase is Phase.BACKWARD or part is parts[-1]
            if shown and (part.axis != "output" or phase is Phase.FORWARD or part.operator == "="):
                rows.setdefault(label, _Row(part, label, role, partial(scene.number, position, index, part)))
    if phase is Phase.BACKWARD:
        rows[X.name] = _input_gradient(scene)
    return list(rows.values())


def _input_gradient(scene: Scene) -> _Row:
    """∂L/∂x_t, which is there as soon as all of the bottom layer is."""
    *_, last = (operation for operation in scene.timeline.backward if operation.layer == 0)
    with np.errstate(all="ignore"):
        part = adjoint(scene.trace, X.name, 0, scene.t).result
    return _Row(part, scene.write(part.formula), scene.role(Phase.BACKWARD, scene.t, last), part.number)
