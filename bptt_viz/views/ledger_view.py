"""The ledger of chain-rule terms as a triangle that fills as the cursor moves. No textual, no quantity computed.

Rows are losses t, columns uses k; where there are more steps than room, each stands for a range of them. What
is filled, and what the margins sum, is said in ``filling``.

A shade is a power of ten of the norm, counted down from the largest, so that vanishing is seen; beside the colour
there are numbers, or where they have no room, a ramp of glyphs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bptt_viz.formatting import BINS, NARROW, norm, plain
from bptt_viz.notation import Gradient, Symbol
from bptt_viz.views.canvas import BIN_ROLES, GoTo, Line, Role, Span, fit, left, length, right, width_of, wrap
from bptt_viz.views.filling import Summed, filling
from bptt_viz.views.ledger_layout import (
    BEGUN,
    COLUMN_SUM,
    LEFT_OUT,
    RAMP,
    ROW_SUM,
    UNFILLED,
    Picture,
    headings,
    layout,
    level,
)
from bptt_viz.views.ledger_notes import is_gradient, shared

if TYPE_CHECKING:
    from bptt_viz.views.ledger_layout import Layout
    from bptt_viz.views.ledger_notes import Note
    from bptt_viz.views.scene import Scene


def title(scene: Scene) -> str:
    """Whose terms, and which way they fill."""
    gradient = scene.write((Gradient(Symbol(scene.parameter)),))
    return scene.say("ledger.title.rtrl" if scene.rtrl else "ledger.title", gradient=gradient)


def subtitle(scene: Scene, width: int, height: int) -> Line:
    """What shades, marks and blocks are, for the lower border of such a panel: there it is taken for no entry."""
    plan = layout(scene, width, height)
    picture = _picture(scene, plan)
    if picture is None or height <= 2 or plan.width > width:
        return ()
    line, _ = shared(picture, width)
    return line


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """At most ``height`` lines of ``width`` cells: headings, the triangle and its sums; apart from these, what is said.

    Among the numbers there is nothing but numbers.
    """
    plan = layout(scene, width, height)
    picture = _picture(scene, plan)
    if picture is None:
        done = scene.lesson.ledgers.done(scene.parameter, plan.groups)
        told = scene.say("ledger.summing", done=f"{done:,}", T=f"{scene.trace.T:,}")
        return [fit((Span(" "), *line), width) for line in wrap(told, width - 2, "dim")][:height]
    if height <= 2 or plan.width > width:
        return [fit(_total_alone(picture, width), width)][:height]
    lines = [_heading(picture), *(_row(picture, row) for row in range(plan.groups)), _sums(picture, width)]
    _, others = shared(picture, width)
    return [fit(line, width) for line in (*lines, *_below(picture, others, width, height - len(lines)))]


def _picture(scene: Scene, plan: Layout) -> Picture | None:
    """What is drawn; None while it is being summed."""
    grid = scene.lesson.ledgers.grid(scene.parameter, plan.groups)
    if grid is None:
        return None
    top = math.floor(math.log10(grid.largest)) if grid.largest > 0 else 0
    return Picture(scene, plan, filling(scene, grid), top)


def _heading(picture: Picture) -> Line:
    """The uses k above their columns: the steps of each or their first; those without room have ticks."""
    _, plan, filled, _ = picture
    groups = filled.grid.groups
    lit = None if filled.rtrl else filled.lit
    spans: list[Span] = []
    at = 0
    for column, (start, text) in sorted(headings(plan, groups, lit).items()):
        spans += [Span(" " * (start - at)), Span(text, "current" if column == lit else "dim")]
        at = start + width_of(text)
    room = plan.width - at
    return (*spans, Span(right(ROW_SUM if room > width_of(ROW_SUM) else "", room), "dim"))


def _row(picture: Picture, row: int) -> Line:
    """The blocks of one group of losses and their sum."""
    scene, plan, filled, _ = picture
    group = filled.grid.groups[row]
    text = scene.write((Symbol("L", group[0]),)) + (".." if group[0] < group[1] else "")
    lit = filled.rtrl and filled.lit == row
    spans = [Span(" "), Span(text, "current" if lit else "label"), Span(" " * (plan.label - 1 - width_of(text)))]
    for column in range(row + 1):
        spans += _block(picture, row, column)
    return (*spans, Span(" " * ((plan.groups - 1 - row) * plan.cell)), _sum(filled.row_sum(row), plan.sum))


def _block(picture: Picture, row: int, column: int) -> tuple[Span, ...]:
    _, plan, filled, top = picture
    lit = filled.lights(row, column)
    subject = GoTo(filled.ends[row if filled.rtrl else column])
    block = filled.block(row, column)
    if block is None:
        glyph = BEGUN if filled.starts(row if filled.rtrl else column) else UNFILLED
        return (Span(right(glyph, plan.cell), "now" if lit else "future", subject),)
    value, number = block
    if not filled.keeps(row, column):
        mark = lit and not plan.shades and (column == 0 or not filled.rtrl)
        out = Span(right(LEFT_OUT, plan.cell - (not plan.shades)), "now" if lit else "future", subject, number)
        return (out,) if plan.shades else (Span("│" if mark else " ", "now"), out)
    if plan.shades:
        role: Role = "now" if lit else "forward" if filled.rtrl else "backward"
        return (Span(_shade(value, top, plan.cell), role if math.isfinite(value) else "error", subject, number),)
    role = BIN_ROLES[BINS + level(value, top)] if math.isfinite(value) else "error"
    mark = lit and (column == 0 or not filled.rtrl)
    return (Span("│" if mark else " ", "now"), Span(norm_text(value, plan.cell - 1), role, subject, number))


def _sums(picture: Picture, width: int) -> Line:
    """What the columns sum to, and the total in the corner; at the end it is the gradient."""
    scene, plan, filled, top = picture
    spans = [Span(" "), Span(left(COLUMN_SUM, plan.label - 1), "dim")]
    for column in range(plan.groups):
        summed = filled.column_sum(column)
        if summed is None and not filled.rtrl and filled.starts(column):
            spans.append(Span(right(BEGUN, plan.cell), "future"))
        elif summed is None or not plan.shades:
            spans.append(_sum(summed, plan.cell))
        else:
            role: Role = "dim" if math.isfinite(summed[0]) else "error"
            spans.append(Span(_shade(summed[0], top, plan.cell), role, None, summed[1]))
    spans.append(_sum(filled.total(), plan.sum, "formula"))
    gradient = is_gradient(scene)
    if filled.complete and plan.width + width_of(gradient) <= width:
        spans.append(Span(gradient, "formula"))
    return tuple(spans)


def _sum(summed: Summed | None, width: int, role: Role = "number") -> Span:
    if summed is None:
        return Span(right(UNFILLED, width), "future")
    value, number = summed
    return Span(right(norm_text(value, width - 1), width), role if math.isfinite(value) else "error", None, number)


def _total_alone(picture: Picture, width: int) -> Line:
    """For a panel with no room for a triangle: the words give way before the number does."""
    total = picture.filled.total()
    shown = (
        Span(BEGUN if picture.filled.begun else UNFILLED, "future")
        if total is None
        else Span(plain(total[0]), "formula", None, total[1])
    )
    head, tail = picture.scene.say("ledger.total", sum="\n").split("\n")
    line = (Span(f" {head}", "dim"), shown, Span(tail, "dim"))
    return line if length(line) <= width else (Span(" "), shown)


def _below(picture: Picture, said: list[Note], width: int, room: int) -> list[Line]:
    """The notes, and sentences as far as they have room whole."""
    scene = picture.scene
    written = scene.write((Symbol(scene.parameter),))
    one_step = not scene.lesson.ledgers.is_recurrent(scene.parameter)
    lines: list[Line] = []
    notes = [note[0] for note in said]
    if notes:
        joined = [span for note in notes for span in (Span("  "), *note)][1:]
        lines = [(Span(" "), *joined)] if length(joined) < width else [(Span(" "), *note) for note in notes]
    sentences = [
        scene.say("ledger.norms"),
        scene.say("ledger.diagonal_only" if one_step else "ledger.rows_columns", parameter=written),
    ]
    for sentence in sentences:
        more = [(Span(" "), *line) for line in wrap(sentence, width - 2, "dim")]
        if len(lines) + len(more) <= room:
            lines += more
    shown = [line for line in lines if length(line) <= width][: max(room, 0)]
    # Apart from the table where a line can be spared for that.
    return [(), *shown] if shown and len(shown) < room else shown


def norm_text(value: float, width: int) -> str:
    """A norm in exactly ``width`` cells."""
    return right(norm(value, min(width, NARROW + 2)), width)


def _shade(value: float, top: int, cell: int) -> str:
    """A norm as glyphs that fill its block."""
    if math.isnan(value):
        return right("NaN" if cell > 3 else "?", cell)
    if value == 0 or math.isinf(value):
        return right("0" if value == 0 else "∞", cell)
    return RAMP[level(value, top)] * cell
