"""The truncations side by side, a column each: the terms kept, the gradient, its distance, its cost. No textual.

No quantity is computed here. All columns are of the same network and the same forward pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from bptt_viz.formatting import norm, significant
from bptt_viz.notation import Gradient, Symbol
from bptt_viz.quantities import Accumulated, Number, TermSum
from bptt_viz.truncation_choice import STRATEGIES, said
from bptt_viz.views.canvas import Line, Span, crop, fit, left, right, width_of, wrap
from bptt_viz.views.ledger_layout import LEFT_OUT
from bptt_viz.views.truncations_rows import gradient_rows, keys, label_width, labelled, scale_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.scenario import BackwardTable
    from bptt_viz.truncation_choice import Form
    from bptt_viz.truncation_comparison import Apart, Compared
    from bptt_viz.views.scene import Scene

_KEPT: Final = "█"
_SCALED: Final = "▓"
#: What marks the scenario's own.
_OWN: Final = "▶"
#: The most cells of a term.
_WIDEST: Final = 4
#: So many rows of triangles come before gradients, and of gradients before there is a page of their own.
_FEW: Final = 5
#: What a heading says, the best first.
_FORMS: Final[tuple[Form, Form]] = ("shortly", "name")
_WAITING: Final = "…"
_KEYS: Final = (
    (("strategy",), "truncations.keys.strategy"),
    (("keep_less", "keep_more"), "truncations.keys.more"),
    (("draw",), "truncations.keys.draw"),
)
_TURN: Final = ("panel",)
_HIDDEN: Final = "truncations.keys.gradients"


class _Column(NamedTuple):
    """A truncation; ``found`` and ``apart`` are None while they are waited for."""

    table: BackwardTable
    found: Compared | None
    apart: Apart | None
    own: bool


class _Room(NamedTuple):
    """Cells of the rows' names and of a column; lines of triangle, gradient, numbers, and words below."""

    label: int
    column: int
    triangle: int
    gradient: int
    numbers: int
    words: int


def hides_gradients(scene: Scene, width: int, height: int) -> bool:
    """Whether the gradients have no room beside the triangles."""
    return _room(scene, width, height).gradient < min(len(scene.trace.parameters[scene.parameter]), _FEW)


def draw(scene: Scene, width: int, height: int, *, alone: bool = True, gradients: bool = False) -> list[Line]:
    """At most ``height`` lines of ``width`` cells.

    Parameters
    ----------
    alone
        Whether the other part is a key away.
    gradients
        Whether the gradients have the room rather than the triangles.
    """
    columns = _columns(scene)
    room = _room(scene, width, height, gradients=gradients)
    lines = [_heading(scene, columns, room)]
    lines += _triangles(scene, columns, room)
    lines += _gradients(scene, columns, room)
    lines += _numbers(scene, columns, room)
    lines += _below(scene, columns, width, room.words)
    if len(lines) < height:
        next_part = "truncations.keys.draws" if gradients or not hides_gradients(scene, width, height) else _HIDDEN
        lines.append(keys(scene, (*_KEYS, *(((_TURN, next_part),) if alone else ())), width))
    return [fit(line, width) for line in lines[:height]]


def _columns(scene: Scene) -> list[_Column]:
    lesson = scene.lesson
    columns = []
    for strategy in STRATEGIES:
        table = lesson.choices.tables[strategy]
        found = lesson.truncations.compared(table)
        apart = None if found is None else lesson.truncations.apart(found, scene.parameter)
        columns.append(_Column(table, found, apart, table == lesson.choices.table))
    return columns


def _names(scene: Scene) -> list[str]:
    """What the rows of numbers are."""
    gradient = scene.write((Gradient(Symbol(scene.parameter)),))
    own = ("angle", "distance", "cost", "longest")
    return [f"‖{gradient}‖", *(scene.say(f"truncations.{name}") for name in own)]


def _room(scene: Scene, width: int, height: int, *, gradients: bool = False) -> _Room:
    names = _names(scene)
    label = label_width([*names, scene.write((Symbol("L", scene.trace.T),))], width)
    rows, steps = len(scene.trace.parameters[scene.parameter]), scene.trace.T
    few, legend = (0, 0) if gradients else (min(steps, _FEW), 1)
    # The heading, the numbers, and the keys; the last of the numbers, which triangles show too, goes first.
    spare = max(height - len(names) - 2, 0)
    # The triangle is seen whole if it can be: the gradients have a page of their own.
    lone = not gradients and spare - min(rows, _FEW) < steps + legend <= spare + 1
    numbers = len(names) - (few + legend > spare or (lone and steps + legend > spare))
    spare += len(names) - numbers
    gradient = 0 if lone else max(min(rows, spare - few - legend), 0)
    triangle = 0 if gradients else max(min(steps, spare - gradient - legend), 0)
    return _Room(label, (width - label) // len(STRATEGIES), triangle, gradient, numbers, spare - triangle - gradient)


def _heading(scene: Scene, columns: list[_Column], room: _Room) -> Line:
    spans: list[Span] = []
    for column in columns:
        mark = _OWN if column.own else " "
        text = _title(scene, column, room.column - 2)
        spans += [Span(mark, "now"), Span(left(text, room.column - 1), "now" if column.own else "label")]
    first, last = _uses(scene, room)
    return labelled(f"k={first}..{last}" if room.triangle else "", room.label, tuple(spans))


def _title(scene: Scene, column: _Column, width: int) -> str:
    """What a column is, with the draw's seed where that has room."""
    text, name = (said(column.table, form).told(scene.language) for form in _FORMS)
    seed = scene.say("truncations.seed", text=text, seed=column.table.seed)
    drawn = column.table.strategy == "randomized" and column.table.xi is None
    fitting = [one for one in ([seed] if drawn else []) + [text, name] if width_of(one) <= width]
    return fitting[0] if fitting else crop(name, width)


def _uses(scene: Scene, room: _Room) -> tuple[int, int]:
    """The first and the last of the uses k that have room, up to the last of the losses that have."""
    steps = scene.trace.T
    count = min(steps, room.column - 2)
    last = min(max(_losses(scene, room)[-1], count), steps) if room.triangle else count
    return last - count + 1, last


def _losses(scene: Scene, room: _Room) -> range:
    """The losses t that have room: those around the cursor, or the last, as there truncations differ most."""
    first = min(max((scene.step.t or scene.trace.T) - room.triangle // 2, 1), scene.trace.T - room.triangle + 1)
    return range(first, first + room.triangle)


def _triangles(scene: Scene, columns: list[_Column], room: _Room) -> list[Line]:
    if not room.triangle:
        return []
    first, last = _uses(scene, room)
    cell = min((room.column - 2) // (last - first + 1), _WIDEST)
    lines, losses = [], _losses(scene, room)
    for t in losses:
        spans: list[Span] = []
        for column in columns:
            weights = [] if column.found is None else range(first, min(t, last) + 1)
            cells = [_term(column.found.truncation.weight(t, k), cell) for k in weights if column.found is not None]
            spans += [Span(" "), *cells, Span(" " * (room.column - 1 - cell * len(cells)))]
        above, below = t == losses[0] > 1, t == losses[-1] < scene.trace.T
        hidden = f" ↑{t - 1}" * above + f" ↓{scene.trace.T - t}" * below
        name = scene.write((Symbol("L", t),)) + hidden
        lines.append(labelled(name, room.label, tuple(spans), lit=t == scene.step.t))
    return lines


def _term(weight: float, cell: int) -> Span:
    """A term by its weight."""
    if weight == 0.0:
        return Span(right(LEFT_OUT, cell), "future")
    if weight == 1.0:
        return Span(right(_KEPT * max(cell - 1, 1), cell), "backward")
    text = significant(weight, 3)
    return Span(right(text if width_of(text) < max(cell, 2) else _SCALED * max(cell - 1, 1), cell), "now")


def _gradients(scene: Scene, columns: list[_Column], room: _Room) -> list[Line]:
    found = [column.found.gradients[scene.parameter] for column in columns if column.found is not None]
    if not room.gradient or not found:
        return []
    scale = scale_of(found)
    own = Accumulated(scene.parameter, 1)
    blank: Line = (Span(left(f" {_WAITING}", room.column), "dim"),)
    rows = [
        [blank] * room.gradient
        if column.found is None
        else gradient_rows(
            column.found.gradients[scene.parameter],
            room.column,
            room.gradient,
            scale,
            of=own if column.own else None,
        )
        for column in columns
    ]
    name = scene.write((Gradient(Symbol(scene.parameter)),))
    joined = [tuple(span for line in lines for span in line) for lines in zip(*rows, strict=True)]
    return [labelled("" if index else name, room.label, line) for index, line in enumerate(joined)]


def _numbers(scene: Scene, columns: list[_Column], room: _Room) -> list[Line]:
    """Norm, angle, distance, cost, and how far back the longest term goes."""
    everything = (1, scene.trace.T)
    whole = Number(TermSum(scene.parameter, everything, everything))
    parts: tuple[Callable[[_Column], list[str]], ...] = (
        lambda column: [] if column.apart is None else [norm(column.apart.norm)],
        lambda column: [] if column.apart is None else [_angle(scene, column.apart)],
        lambda column: [] if column.apart is None else _distances(column.apart),
        lambda column: _costs(column.found, columns[0].found),
        lambda column: _lengths(scene, column.found),
    )
    lines = []
    for index, (name, part) in enumerate(zip(_names(scene), parts, strict=True)):
        spans = []
        for column in columns:
            fitting = [text for text in part(column) if width_of(text) < room.column]
            number = whole if index == 0 and column.own else None
            text = fitting[0] if fitting else _WAITING
            spans += [Span(" "), Span(left(text, room.column - 1), "number", number=number)]
        lines.append(labelled(name, room.label, tuple(spans)))
    return lines[: room.numbers]


def _angle(scene: Scene, apart: Apart) -> str:
    return scene.say("truncations.undefined") if apart.angle is None else f"{significant(apart.angle, 3)}°"


def _distances(apart: Apart) -> list[str]:
    """The distance, with the relative one where that has room."""
    text = norm(apart.distance)
    return [f"{text} ({significant(100 * apart.relative, 2)} %)", text] if apart.relative else [text]


def _costs(found: Compared | None, full: Compared | None) -> list[str]:
    """The multiply-adds, with how many times those of the full gradient; the best first."""
    if found is None or full is None:
        return []
    ratio, text = found.cost_beside(full), f"{found.cost:,}"
    short = [text, significant(found.cost, 2)]
    return short if ratio is None or found is full else [f"{text} (×{significant(ratio, 3)})", *short]


def _lengths(scene: Scene, found: Compared | None) -> list[str]:
    if found is None:
        return []
    steps = found.truncation.longest
    return [scene.say("truncations.longest.steps", steps=steps, T=scene.trace.T), str(steps)]


def _below(scene: Scene, columns: list[_Column], width: int, room: int) -> list[Line]:
    """What the glyphs mean, and sentences as far as they have room whole."""
    legend: Line = (
        *(Span(f" {_KEPT} ", "backward"), Span(scene.say("truncations.kept"), "dim")),
        *(Span(f"   {_SCALED} ", "now"), Span(scene.say("truncations.scaled"), "dim")),
        *(Span(f"   {LEFT_OUT} ", "future"), Span(scene.say("truncations.left_out"), "dim")),
    )
    lines: list[Line] = [legend][: max(room, 0)]
    sentences = [scene.say("truncations.explained", parameter=scene.write((Symbol(scene.parameter),)))]
    window = next((column.found for column in columns if column.table.strategy == "window"), None)
    if any(column.found is None for column in columns):
        sentences.insert(0, scene.say("truncations.waiting"))
    elif any(column.apart is not None and column.apart.angle is None for column in columns):
        sentences.insert(0, scene.say("truncations.undefined.why"))
    if any(column.apart is not None and column.apart.rounded for column in columns):
        sentences.append(scene.say("truncations.rounded"))
    if window is not None and window.truncation.window > 1:
        sentences.append(scene.say("truncations.window_costs", length=window.truncation.window))
    for sentence in sentences:
        more = [(Span(" "), *line) for line in wrap(sentence, width - 2, "dim")]
        if len(lines) + len(more) <= room:
            lines += more
    return lines
