"""A plot of curves as lines of spans. Imports ``canvas``, ``plot_axes``, ``plot_canvas`` and numpy; no textual.

Curves are lines of braille dots. Each has a colour and, as a projector may be grey, a marker that recurs along it
and stands in the legend. Where characters are plain the line is made of the marker itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from bptt_viz.views.canvas import ROLES, Line, Role, Span, fit, right, width_of
from bptt_viz.views.plot_axes import UNMARKED, Axis, column, horizontal_axis, linear_axis, log_axis, spread
from bptt_viz.views.plot_canvas import DOWN, Canvas
from bptt_viz.views.plot_layers import BAND, BEYOND, PLAIN_BAND, ZERO, Picture, Series
from bptt_viz.views.plot_legend import Entry, heading

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.activations import Array
    from bptt_viz.views.canvas import Subject

CURVE_ROLES: Final = tuple(role for role in ROLES if role.startswith("curve"))
#: Shapes that differ from afar come first; ``o`` last, as a 0 stands at the edge of a logarithmic axis.
MARKERS: Final = "x#+@*%&o"
#: From this size on there is more than the bare curves.
_FRAMED: Final = (16, 5)
#: From this height on the legend may have a line more rather than be cut.
_LONG_LEGEND: Final = 9
#: Cells of canvas that labels beside it must leave.
_LEAST_CANVAS: Final = 12
_MOST_TICKS: Final = 9

#: ``exponents``: as ``log``, but what is given are the logarithms to base 10 already; −∞ stands for 0.
Scale = Literal["linear", "log", "exponents"]


class Curve(Struct, frozen=True, eq=False):
    """A series, drawn in the order of x; points without an x are left out.

    Attributes
    ----------
    label
        For the legend; empty: not there.
    xs, ys
        [N] both. NaN is a gap, and so is what is negative under ``log``; ∞ is marked at the edge.
    role
        The colour, if not the next of ``CURVE_ROLES``.
    """

    label: str
    xs: Array
    ys: Array
    role: Role | None = None


class Band(Struct, frozen=True, eq=False):
    """What lies between two series, such as a mean ± its standard error; ``xs``, ``low``, ``high`` [N]."""

    label: str
    xs: Array
    low: Array
    high: Array
    role: Role = "dim"


class Mark(Struct, frozen=True):
    """A straight line across the plot at an x or a y, which the axis then covers; ``at`` is as in the curves."""

    axis: Literal["x", "y"]
    at: float
    label: str = ""
    role: Role = "key"


class Plot(Struct, frozen=True, eq=False):
    """What is to be drawn.

    Attributes
    ----------
    x_covers, y_covers
        Values that the axes cover in any case, so that they can stay where they are while curves grow.
    subject
        What a click on the column nearest to an x of the curves does.
    """

    curves: tuple[Curve, ...]
    scale: Scale = "linear"
    x_label: str = ""
    y_label: str = ""
    marks: tuple[Mark, ...] = ()
    bands: tuple[Band, ...] = ()
    x_covers: tuple[float, ...] = ()
    y_covers: tuple[float, ...] = ()
    subject: Callable[[float], Subject | None] | None = None


def draw_plot(plot: Plot, width: int, height: int, *, plain: bool = False) -> list[Line]:
    """``height`` lines of ``width`` cells; where there is little room, the bare curves.

    Parameters
    ----------
    plain
        That no braille is to be used.
    """
    if width < 1 or height < 1:
        return [()] * max(height, 0)
    framed = width >= _FRAMED[0] and height >= _FRAMED[1]
    most, more = max((height - 4) // 4, 1), int(height >= _LONG_LEGEND)
    head = heading(plot.y_label, _entries(plot, plain=plain), width, most, more) if framed else []
    below = (2 if height >= 8 else 1) if framed else 0
    rows = height - len(head) - below
    series = [_series(curve, index, plot.scale) for index, curve in enumerate(plot.curves)]
    bands = [(band, _logged(band.low, plot.scale), _logged(band.high, plot.scale)) for band in plot.bands]
    vertical = _vertical(plot, [*(one.ys for one in series), *(edge for _, *edges in bands for edge in edges)], rows)
    gutter = max((len(tick.label) for tick in vertical.ticks), default=0) + 1 if framed else 0
    if width - gutter < _LEAST_CANVAS and framed:
        gutter = 1
    canvas = Canvas(width - gutter, rows)
    xs = np.concatenate([np.empty(0), *(one.xs for one in series)])
    horizontal = _horizontal(plot, xs, canvas.width)
    picture = Picture(canvas, horizontal, vertical, plain)
    for band, low, high in bands:
        picture.band(np.asarray(band.xs, dtype=float), low, high, band.role)
    marks = tuple(_placed(mark, plot.scale) for mark in plot.marks)
    picture.rules(marks)
    picture.curves(series, ZERO if plot.scale != "linear" else BEYOND)
    picture.labels(marks)
    inside = canvas.lines(picture.subjects(plot.subject, xs))
    beside = _beside(vertical, rows, gutter)
    lines = [(*edge, *line) for edge, line in zip(beside, inside, strict=True)]
    return [fit(line, width) for line in (*head, *lines, *_below(plot.x_label, horizontal, gutter, width, below))]


def _entries(plot: Plot, *, plain: bool) -> list[Entry]:
    entries = []
    for index, curve in enumerate(plot.curves):
        marker = MARKERS[index % len(MARKERS)]
        sample = marker * 3 if plain else f"⠒{marker}⠒"
        entries.append(Entry(sample, marker, curve.label, curve.role or CURVE_ROLES[index % len(CURVE_ROLES)]))
    glyph = PLAIN_BAND if plain else BAND
    entries += [Entry(glyph * 3, glyph, band.label, band.role) for band in plot.bands]
    return [entry for entry in entries if entry.label]


def _series(curve: Curve, index: int, scale: Scale) -> Series:
    xs, ys = np.asarray(curve.xs, dtype=float), _logged(curve.ys, scale)
    placed = np.isfinite(xs)
    order = np.argsort(xs[placed], kind="stable")
    role = curve.role or CURVE_ROLES[index % len(CURVE_ROLES)]
    return Series(index, xs[placed][order], ys[placed][order], role, MARKERS[index % len(MARKERS)])


def _logged(values: Array, scale: Scale) -> Array:
    values = np.asarray(values, dtype=float)
    if scale != "log":
        return values
    logged = np.where(values == 0, -np.inf, np.nan)
    np.log10(values, out=logged, where=values > 0)
    return logged


def _placed(mark: Mark, scale: Scale) -> Mark:
    """The mark as the axes count."""
    return replace(mark, at=float(_logged(np.array([mark.at]), scale)[0])) if mark.axis == "y" else mark


def _vertical(plot: Plot, ys: list[Array], rows: int) -> Axis:
    marked = [mark.at for mark in plot.marks if mark.axis == "y"]
    values = np.concatenate([*ys, _logged(np.array([*marked, *plot.y_covers]), plot.scale)])
    values = values[np.isfinite(values)]
    axis = linear_axis if plot.scale == "linear" else log_axis
    if not len(values):
        return UNMARKED
    return axis(float(values.min()), float(values.max()), min(rows // 2 + 1, _MOST_TICKS))


def _horizontal(plot: Plot, xs: Array, width: int) -> Axis:
    marked = [mark.at for mark in plot.marks if mark.axis == "x"]
    values = np.concatenate([xs, *(band.xs for band in plot.bands), [*marked, *plot.x_covers]])
    values = values[np.isfinite(values)]
    if not len(values):
        return UNMARKED
    whole = bool((values == np.rint(values)).all())
    return horizontal_axis(float(values.min()), float(values.max()), width, whole=whole)


def _beside(axis: Axis, rows: int, gutter: int) -> list[Line]:
    """The vertical axis, labels at the left of it."""
    if not gutter:
        return [()] * rows
    labels = {round((1 - tick.at) * (DOWN * rows - 1)) // DOWN: tick.label for tick in axis.ticks} if gutter > 1 else {}
    return [
        (Span(right(labels.get(row, ""), gutter - 1) + ("┤" if row in labels else "│"), "dim"),) for row in range(rows)
    ]


def _below(label: str, axis: Axis, gutter: int, width: int, rows: int) -> list[Line]:
    """The horizontal axis and its labels, or only those; what the axis is of, at its end."""
    if not rows:
        return []
    room = width - gutter
    line = ["─"] * room
    for tick in axis.ticks:
        line[column(tick, room)] = "┬"
    words = spread(axis.ticks, room) or []
    end = f" {label}" if label and width_of(label) < room // 2 else ""
    if rows == 1 and end:
        words = [word for word in words if word[0] + len(word[1]) + 1 <= room - width_of(end)]
    text = ""
    for start, word in words:
        text += " " * (start - len(text)) + word
    if rows == 1:
        return [(Span(" " * gutter), Span(text + right(end, room - len(text)), "dim"))]
    drawn = "".join(line)[: room - width_of(end)]
    return [
        (Span(right("└", gutter) + drawn, "dim"), Span(end, "label")),
        (Span(" " * gutter), Span(text, "dim")),
    ]
