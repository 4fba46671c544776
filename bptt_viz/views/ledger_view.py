"""The ledger of chain-rule terms as a triangle that fills as the cursor moves. No textual, no quantity computed.

Rows are losses t, columns uses k; where there are more steps than room, each stands for a range of them. What
is filled, and what the margins sum, is said in ``filling``.

A shade is a power of ten of the norm, counted down from the largest, so that vanishing is seen; beside the colour
there are numbers, or where they have no room, a ramp of glyphs.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from bptt_viz.formatting import BINS, NARROW, fixed, plain
from bptt_viz.notation import Gradient, Symbol, superscript
from bptt_viz.views.canvas import BIN_ROLES, GoTo, Line, Role, Span, fit, left, length, right, width_of, wrap
from bptt_viz.views.filling import Filling, Summed, filling

if TYPE_CHECKING:
    from bptt_viz.blocks import Range
    from bptt_viz.views.scene import Scene

#: A block without room for a number, by level: less than any shade, then from a thousandth of the largest upwards.
_RAMP: Final = "-░▒▓█"
_UNFILLED: Final = "·"
#: Cells of a number's column with its blank, and of a shade's, the widest first.
_NUMBER_CELLS: Final = (8, 7, NARROW + 1)
_SHADE_CELLS: Final = (4, 3, 2, 1)
#: Cells of a row's sum with its blanks.
_SUM: Final = 8
_ROW_SUM: Final = "‖Σ_k‖"
_COLUMN_SUM: Final = "‖Σ_t‖"


class Layout(NamedTuple):
    """How many groups of steps there are, and the cells that each thing gets.

    ``groups`` of losses and as many of uses, ``cell`` cells for a block, ``label`` for what a row is called; ``shades``
    says whether blocks are glyphs rather than numbers.
    """

    groups: int
    cell: int
    label: int
    shades: bool

    @property
    def width(self) -> int:
        """Cells up to the end of the rows' sums."""
        return self.label + self.groups * self.cell + _SUM


class _Picture(NamedTuple):
    """What all parts are drawn from; ``top`` is the power of ten of the largest norm."""

    scene: Scene
    plan: Layout
    filled: Filling
    top: int


def title(scene: Scene) -> str:
    """Whose terms, and which way they fill."""
    gradient = scene.write((Gradient(Symbol(scene.parameter)),))
    return scene.say("ledger.title.rtrl" if scene.rtrl else "ledger.title", gradient=gradient)


def layout(scene: Scene, width: int, height: int) -> Layout:
    """The most groups that the room has, and the widest cells for them."""
    T = scene.trace.T
    count = max(min(T, height - 2), 1)
    while True:
        widest = f"{T}..{T}" if count < T else scene.write((Symbol("L", T),))
        # Numbers bring a blank before them, shades do not.
        label = max(width_of(widest), width_of(_COLUMN_SUM)) + 1
        for cell in (*_NUMBER_CELLS, *_SHADE_CELLS):
            shades = cell in _SHADE_CELLS
            if label + shades + count * cell + _SUM <= width:
                return Layout(count, cell, label + shades, shades)
        if count == 1:
            return Layout(1, NARROW + 1, label, shades=False)
        count -= 1


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """At most ``height`` lines of ``width`` cells: headings, the triangle, its sums, and what the shades mean."""
    plan = layout(scene, width, height)
    ledgers = scene.lesson.ledgers
    grid = ledgers.grid(scene.parameter, plan.groups)
    if grid is None:
        done = ledgers.done(scene.parameter, plan.groups)
        told = scene.say("ledger.summing", done=f"{done:,}", T=f"{scene.trace.T:,}")
        return [fit((Span(" "), *line), width) for line in wrap(told, width - 2, "dim")][:height]
    top = math.floor(math.log10(grid.largest)) if grid.largest > 0 else 0
    picture = _Picture(scene, plan, filling(scene, grid), top)
    if height <= 2 or plan.width > width:
        return [fit(_total_alone(picture, width), width)][:height]
    notes = _notes(picture)
    spare = height - plan.groups - 2
    beside = notes if spare <= 0 else []
    lines = [_heading(picture)]
    lines += [_row(picture, row, beside[row] if row < len(beside) else (), width) for row in range(plan.groups)]
    lines.append(_sums(picture, width))
    return [fit(line, width) for line in (*lines, *_below(picture, notes, width, spare))]


def _heading(picture: _Picture) -> Line:
    """The uses k above their columns: all of them, or those that have room, the one at the cursor first."""
    _, plan, filled, _ = picture
    texts = [_steps_text(group) for group in filled.grid.groups]
    texts[0] = f"k={texts[0]}"
    lit = None if filled.rtrl else filled.lit
    placed: dict[int, tuple[int, int]] = {}
    for column in (*(() if lit is None else (lit,)), 0, plan.groups - 1, *range(plan.groups)):
        # At its column's right end; the first ones may begin where the rows' labels do.
        end = max(plan.label + (column + 1) * plan.cell, width_of(texts[column]) + 1)
        start = end - width_of(texts[column])
        if all(end < other_start or start > other_end for other_start, other_end in placed.values()):
            placed[column] = (start, end)
    spans: list[Span] = []
    at = 0
    for column, (start, end) in sorted(placed.items(), key=lambda item: item[1]):
        spans += [Span(" " * (start - at)), Span(texts[column], "current" if column == lit else "dim")]
        at = end
    room = plan.width - at
    return (*spans, Span(right(_ROW_SUM if room > width_of(_ROW_SUM) else "", room), "dim"))


def _row(picture: _Picture, row: int, note: Line, width: int) -> Line:
    """The blocks of one group of losses and their sum; a note stands above the diagonal, or else at the right."""
    scene, plan, filled, _ = picture
    group = filled.grid.groups[row]
    text = scene.write((Symbol("L", group[0]),)) if plan.groups == scene.trace.T else _steps_text(group)
    lit = filled.rtrl and filled.lit == row
    spans = [Span(" "), Span(text, "current" if lit else "label"), Span(" " * (plan.label - 1 - width_of(text)))]
    for column in range(row + 1):
        spans += _block(picture, row, column)
    free, taken = (plan.groups - 1 - row) * plan.cell, length(note)
    inside = 0 < taken <= free - 2
    spans += [Span(" " * (free - taken - 1)), *note, Span(" ")] if inside else [Span(" " * free)]
    spans.append(_sum(filled.row_sum(row), _SUM))
    return tuple(spans) if inside or plan.width + taken + 2 > width else (*spans, Span("  "), *note)


def _block(picture: _Picture, row: int, column: int) -> tuple[Span, ...]:
    _, plan, filled, top = picture
    lit = filled.lights(row, column)
    subject = GoTo(filled.ends[row if filled.rtrl else column])
    block = filled.block(row, column)
    if block is None:
        return (Span(right(_UNFILLED, plan.cell), "now" if lit else "future", subject),)
    norm, number = block
    if plan.shades:
        role: Role = "now" if lit else "forward" if filled.rtrl else "backward"
        return (Span(_shade(norm, top, plan.cell), role if math.isfinite(norm) else "error", subject, number),)
    role = BIN_ROLES[BINS + _level(norm, top)] if math.isfinite(norm) else "error"
    mark = lit and (column == 0 or not filled.rtrl)
    return (Span("│" if mark else " ", "now"), Span(norm_text(norm, plan.cell - 1), role, subject, number))


def _sums(picture: _Picture, width: int) -> Line:
    """What the columns sum to, and the total in the corner; at the end it is the gradient."""
    scene, plan, filled, top = picture
    spans = [Span(" "), Span(left(_COLUMN_SUM, plan.label - 1), "dim")]
    for column in range(plan.groups):
        summed = filled.column_sum(column)
        if summed is None or not plan.shades:
            spans.append(_sum(summed, plan.cell))
        else:
            role: Role = "dim" if math.isfinite(summed[0]) else "error"
            spans.append(Span(_shade(summed[0], top, plan.cell), role, None, summed[1]))
    spans.append(_sum(filled.total(), _SUM, "formula"))
    gradient = f" = ‖{scene.write((Gradient(Symbol(scene.parameter)),))}‖"
    if filled.complete and plan.width + width_of(gradient) <= width:
        spans.append(Span(gradient, "formula"))
    return tuple(spans)


def _sum(summed: Summed | None, width: int, role: Role = "number") -> Span:
    if summed is None:
        return Span(right(_UNFILLED, width), "future")
    value, number = summed
    return Span(right(norm_text(value, width - 1), width), role if math.isfinite(value) else "error", None, number)


def _total_alone(picture: _Picture, width: int) -> Line:
    """For a panel with no room for a triangle: the words give way before the number does."""
    total = picture.filled.total()
    shown = Span(_UNFILLED, "future") if total is None else Span(plain(total[0]), "formula", None, total[1])
    head, tail = picture.scene.say("ledger.total", sum="\n").split("\n")
    line = (Span(f" {head}", "dim"), shown, Span(tail, "dim"))
    return line if length(line) <= width else (Span(" "), shown)


def _notes(picture: _Picture) -> list[Line]:
    """What the shades mean, and what a block is, in few cells."""
    scene, plan, filled, top = picture
    roles: list[Role] = [BIN_ROLES[BINS + level] for level in range(BINS, 0, -1)]
    samples = [" "] * BINS
    if plan.shades:
        roles = ["forward" if filled.rtrl else "backward"] * BINS
        samples = list(_RAMP[:0:-1])
    spans = [Span(samples[0], roles[0]), Span(f"≥10{superscript(top)} ", "dim")]
    spans += [Span(sample, role) for sample, role in zip(samples[1:], roles[1:], strict=True)]
    spans.append(Span(" " + scene.say("ledger.scale.less"), "dim"))
    notes: list[Line] = [tuple(spans)] if plan.groups > 1 and filled.grid.largest > 0 else []
    if plan.groups < scene.trace.T:
        size = -(-scene.trace.T // plan.groups)
        notes.append((Span(scene.say("ledger.block", size=f"{size}×{size}"), "dim"),))
    return notes


def _below(picture: _Picture, notes: list[Line], width: int, room: int) -> list[Line]:
    """The notes, and sentences as far as they have room whole."""
    scene = picture.scene
    written = scene.write((Symbol(scene.parameter),))
    one_step = not scene.lesson.ledgers.is_recurrent(scene.parameter)
    lines: list[Line] = []
    if notes:
        joined = [span for note in notes for span in (Span("  "), *note)][1:]
        lines = [(Span(" "), *joined)] if length(joined) < width else [(Span(" "), *note) for note in notes]
    sentences = [
        scene.say("ledger.diagonal_only" if one_step else "ledger.rows_columns", parameter=written),
        scene.say("ledger.norms"),
    ]
    for sentence in sentences:
        more = [(Span(" "), *line) for line in wrap(sentence, width - 2, "dim")]
        if len(lines) + len(more) <= room:
            lines += more
    return [line for line in lines if length(line) <= width][: max(room, 0)]


def _steps_text(group: Range) -> str:
    first, last = group
    return str(first) if first == last else f"{first}..{last}"


@lru_cache(maxsize=4096)
def norm_text(norm: float, width: int) -> str:
    """A norm in exactly ``width`` cells: a number that has no sign."""
    return right(fixed(norm, min(width, NARROW + 2) + 1).strip().removeprefix("+"), width)


def _shade(norm: float, top: int, cell: int) -> str:
    """A norm as glyphs that fill its block."""
    if math.isnan(norm):
        return right("NaN" if cell > 3 else "?", cell)
    if norm == 0 or math.isinf(norm):
        return right("0" if norm == 0 else "∞", cell)
    return _RAMP[_level(norm, top)] * cell


def _level(norm: float, top: int) -> int:
    """How near a norm is to the largest: BINS within its power of ten, one less for each below, 0 for the rest."""
    if not 0 < norm < math.inf:
        return 0
    return min(max(BINS + math.floor(math.log10(norm)) - top, 0), BINS)
