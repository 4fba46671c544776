"""How gradients flow through time: they vanish, explode, or neither: scene → lines. No textual, no quantity computed.

It has parts. As many stand side by side, and below each other, as have room; Tab turns over to the others, each of
which is on one page only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from bptt_viz.flow.bounds import plain_recurrence
from bptt_viz.formulas import Diagonal, Over, Symbol
from bptt_viz.views import flow_curves, flow_triangle, flow_words
from bptt_viz.views.canvas import Line, Span, fit, left, length, width_of
from bptt_viz.views.flow_parts import layer_of, of_all_states, paragraph, step_of
from bptt_viz.writing import function_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.formulas import Formula
    from bptt_viz.views.scene import Scene

#: The most lines of the verdict.
_VERDICT: Final = 2
#: Cells between columns of parts, and the lines that a plot needs; more where the legend is long.
_GAP: Final = 2
_PLOT: Final = 9
_LEGEND: Final = 5


class _Part(NamedTuple):
    """A part of the page: its heading, the fewest cells that it needs, how it is drawn.

    A plot needs at least ``plot`` lines and takes all that there are, any other part as many as it draws.
    """

    heading: Callable[[Scene], str]
    least: int
    draw: Callable[[Scene, int, int], list[Line]]
    plot: int = 0

    def lines(self, scene: Scene, room: int) -> int:
        """The lines that it needs, its heading included, of ``room``."""
        if self.draw is flow_triangle.draw:
            # As many as it will have once it is computed.
            return flow_triangle.wanted_height(scene, self.least, room - 1) + 1
        return min(self.plot or len(self.draw(scene, self.least, room - 1)), room - 1) + 1


_TRIANGLE: Final = _Part(flow_triangle.heading, 36, flow_triangle.draw)
_SPECTRUM: Final = _Part(flow_words.spectrum_heading, 54, flow_words.draw_spectrum)
_CURVES: Final = _Part(flow_curves.curves_heading, 46, flow_curves.draw_curves, _PLOT)
_BESIDE: Final = _Part(flow_curves.beside_heading, 46, flow_curves.draw_beside, _PLOT + _LEGEND)
_BUTTERFLY: Final = _Part(flow_curves.butterfly_heading, 46, flow_curves.draw_butterfly, _PLOT)
_ORIGIN: Final = _Part(flow_words.origin_heading, 46, flow_words.draw_origin)


def title(scene: Scene) -> str:
    """What the panel is called; of several layers, which one is meant."""
    layers = len(scene.trace.layers)
    said = scene.say("flow.title")
    return said if layers == 1 else said + scene.say("flow.title.layer", layer=layer_of(scene) + 1, layers=layers)


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """At most ``height`` lines of ``width`` cells: the product, what becomes of it, and the parts that have room."""
    verdict = _verdict(scene, width)
    room = max(height - 1 - len(verdict), 2)
    pages = _pages(_columns(scene, _parts(scene), width, room), width)
    number = scene.scroll % len(pages)
    seen = pages[number]
    # Where all have room, Tab has nothing to bring.
    more = scene.say("flow.more", part=number + 1, parts=len(pages)) if len(pages) > 1 else ""
    blocks = [
        _column(scene, column, cells, room)
        for column, cells in zip(seen, _widths(scene, seen, width, room), strict=True)
    ]
    gap = Span(" " * _GAP)
    body = [tuple(span for line in lines for span in (*line, gap))[:-1] for lines in zip(*blocks, strict=True)]
    return [fit(line, width) for line in (_head(scene, more, width), *verdict, *body)][:height]


def _verdict(scene: Scene, width: int) -> list[Line]:
    """What is concluded, and what else there is to be said where that has room, whole."""
    said, more = flow_words.verdict(scene)
    both = paragraph(scene.say("flow.verdict.more", verdict=said, more=more), width) if more else []
    return both if 0 < len(both) <= _VERDICT else paragraph(said, width)[:_VERDICT]


def _head(scene: Scene, more: str, width: int) -> Line:
    """The product as far as it has room, and that there is more to be seen."""
    product, factors = _product(scene)
    for formula in ((*product, *factors), product, ()):
        spans = (Span(f" {scene.write(formula)}", "formula"),)
        free = width - length(spans) - width_of(more) - 1
        if free >= (_GAP if more else 0):
            return (*spans, Span(" " * free), Span(more, "dim"))
    return (Span(f" {more}", "dim"),)


def _product(scene: Scene) -> tuple[Formula, Formula]:
    """∂h_t/∂h_k = ∏ ∂h_j/∂h_{j−1}, of all states together; and of the plain cell, = ∏ diag(φ′(a_j)) W."""
    t = step_of(scene)
    over = Over("∏", "j", "k+1", str(t))
    formula: Formula = (*of_all_states(scene, t, "k"), " = ", over, " ", *of_all_states(scene, "j", "j−1"))
    cell = scene.trace.network.cells_at(t)[layer_of(scene)]
    recurrence = plain_recurrence(cell)
    if recurrence is None:
        return formula, ()
    a = Symbol("a", "j", layer=scene.trace.network.number_of(layer_of(scene)))
    slope = f"{function_name(scene.trace.scenario.network.activation)}′("
    return formula, (" = ", over, " ", Diagonal((slope, a, ")")), " ", Symbol(recurrence[0]))


def _parts(scene: Scene) -> list[_Part]:
    """What there is to be seen: first where the numbers end, if they do."""
    ended = [_ORIGIN] if scene.lesson.flows.origin() is not None else []
    beside = [_BESIDE] if scene.trace.scenario.lecture.beside else []
    return [*ended, *beside, _TRIANGLE, _SPECTRUM, _CURVES, _BUTTERFLY]


def _columns(scene: Scene, parts: list[_Part], width: int, height: int) -> list[list[_Part]]:
    """The parts in columns, as many below each other in each as have room."""
    columns: list[list[_Part]] = []
    free = 0
    for part in parts:
        needed = part.lines(scene, height)
        if columns and needed <= free and part.least <= width:
            columns[-1].append(part)
            free -= needed
        else:
            columns.append([part])
            free = height - needed
    return columns


def _least(column: list[_Part]) -> int:
    return max(part.least for part in column)


def _pages(columns: list[list[_Part]], width: int) -> list[list[list[_Part]]]:
    """The columns in pages, as many beside each other on each as have room, at least one."""
    pages: list[list[list[_Part]]] = []
    for column in columns:
        if pages and sum(_least(one) + _GAP for one in pages[-1]) + _least(column) <= width:
            pages[-1].append(column)
        else:
            pages.append([column])
    return pages


def _column(scene: Scene, column: list[_Part], width: int, height: int) -> list[Line]:
    """The parts of a column with their headings, in exactly ``height`` lines; plots share what others leave."""
    fixed = sum(part.lines(scene, height) for part in column if not part.plot)
    plots, free = sum(part.plot > 0 for part in column), height - fixed
    lines: list[Line] = []
    for part in column:
        room = part.lines(scene, height)
        if part.plot:
            room = free // plots
            plots, free = plots - 1, free - room
        lines.append((Span(left(f" {part.heading(scene)}", width), "label"),))
        drawn = [fit(line, width) for line in part.draw(scene, width, room - 1)[: room - 1]]
        lines += drawn + [fit((), width)] * (room - 1 - len(drawn))
    return (lines + [fit((), width)] * height)[:height]


def _widths(scene: Scene, columns: list[list[_Part]], width: int, height: int) -> list[int]:
    """What each column gets: those without a plot the least, the triangle what it takes, plots equal shares."""
    widths = [_least(column) for column in columns]
    free = width - sum(widths) - _GAP * (len(columns) - 1)
    for index, column in enumerate(columns):
        if _TRIANGLE in column and len(columns) > 1:
            taken = flow_triangle.wanted_width(scene, widths[index], free, height - 1)
            more = max(taken - widths[index], 0)
            widths[index] += more
            free -= more
    stretched = [index for index, column in enumerate(columns) if any(part.plot for part in column)]
    stretched = stretched or list(range(len(columns)))
    for count, index in enumerate(stretched):
        share = free // (len(stretched) - count)
        widths[index] += share
        free -= share
    return widths
