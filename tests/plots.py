"""Plots of one curve, and what is read back of any: its rows as text, its dots of braille, its markers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bptt_viz.views.plot import Curve, Plot, Scale
from bptt_viz.views.plot_axes import linear_axis

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.views.canvas import Line
    from bptt_viz.views.plot_axes import Axis

BITS = {0x01: (0, 0), 0x02: (0, 1), 0x04: (0, 2), 0x40: (0, 3), 0x08: (1, 0), 0x10: (1, 1), 0x20: (1, 2), 0x80: (1, 3)}
SCALES: tuple[Scale, ...] = ("linear", "log", "exponents")


def plot_of(
    ys: Array, scale: Scale = "linear", x_covers: tuple[float, ...] = (), y_covers: tuple[float, ...] = ()
) -> Plot:
    """One curve without a name, over 0, 1, 2, …."""
    return Plot((Curve("", np.arange(float(len(ys))), ys),), scale=scale, x_covers=x_covers, y_covers=y_covers)


def text(lines: list[Line]) -> list[str]:
    """The lines, without their roles."""
    return ["".join(span.text for span in line) for line in lines]


def inside(lines: list[Line]) -> list[str]:
    """The rows right of the vertical axis."""
    return [row[max(row.find("│"), row.find("┤")) + 1 :] for row in text(lines) if "│" in row or "┤" in row]


def dots(rows: list[str]) -> set[tuple[int, int]]:
    """(column, row) of each dot of braille, from the upper left."""
    return {
        (2 * x + across, 4 * y + down)
        for y, row in enumerate(rows)
        for x, glyph in enumerate(row)
        if 0x2800 <= ord(glyph) < 0x2900
        for bit, (across, down) in BITS.items()
        if ord(glyph) - 0x2800 & bit
    }


def ends_in_dots(rows: list[str]) -> tuple[int, int]:
    """The last column and the last row of dots."""
    return 2 * len(rows[0]) - 1, 4 * len(rows) - 1


def axis_beside(rows: list[str], low: float, high: float) -> Axis:
    """The vertical axis of a linear plot that has these rows."""
    return linear_axis(low, high, min(len(rows) // 2 + 1, 9))


def markers(rows: list[str], glyph: str) -> set[tuple[int, int]]:
    """(column, row) of each glyph that is this one, from the upper left."""
    return {(x, y) for y, row in enumerate(rows) for x, found in enumerate(row) if found == glyph}


def value(label: str) -> float:
    """The number that a label says."""
    return float(label.replace("−", "-"))
