"""What is drawn inside a plot's axes, in layers: bands, rules, curves, words. Imports ``plot_canvas`` and numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from bptt_viz.views.canvas import width_of
from bptt_viz.views.plot_canvas import ACROSS, DOWN, Canvas, Indices, Trail, trail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bptt_viz.activations import Array
    from bptt_viz.views.canvas import Role, Subject
    from bptt_viz.views.plot import Mark
    from bptt_viz.views.plot_axes import Axis

#: What stands at the upper or lower edge for a value that is beyond, and at the lower for a 0 that has no logarithm.
BEYOND: Final = "∞"
ZERO: Final = "0"
#: A cell within a band; where there is no braille, the other.
BAND: Final = "⠡"
PLAIN_BAND: Final = "."


class Series(Struct, frozen=True, eq=False):
    """A curve that is being drawn: xs finite and ascending, ys as the axis counts them."""

    index: int
    xs: Array
    ys: Array
    role: Role
    marker: str


class Picture:
    """The curves and all else that is drawn inside the axes."""

    def __init__(self, canvas: Canvas, horizontal: Axis, vertical: Axis, plain: bool) -> None:  # noqa: FBT001  # private, always named by its variable
        self.canvas = canvas
        self.horizontal = horizontal
        self.vertical = vertical
        self.plain = plain
        self.width = ACROSS * canvas.width
        self.height = DOWN * canvas.height

    def across(self, xs: Array) -> Indices:
        """The columns of dots of finite xs."""
        return np.rint(self.horizontal.places(xs) * (self.width - 1)).astype(np.intp)

    def down(self, ys: Array) -> Array:
        """The rows of dots, not rounded; NaN stays."""
        return (1 - self.vertical.places(ys)) * (self.height - 1)

    def band(self, xs: Array, low: Array, high: Array, role: Role) -> None:
        """Dots between two series, as sparse as to be told from a curve."""
        placed = np.flatnonzero(np.isfinite(xs))
        placed = placed[np.argsort(xs[placed], kind="stable")]
        columns = self.across(xs[placed])
        upper = trail(columns, self.down(high[placed]), self.width)
        lower = trail(columns, self.down(low[placed]), self.width)
        both = (upper.bottom >= 0) & (lower.bottom >= 0)
        dots = Trail(upper.top, np.where(both, lower.bottom, -1), lower.last).dots(self.height)
        if self.plain:
            self.canvas.fill(dots, PLAIN_BAND, role)
            return
        row, at = np.ogrid[: self.height, : self.width]
        self.canvas.ink(dots & (row % DOWN == at % ACROSS * 2), role)

    def rules(self, marks: tuple[Mark, ...]) -> None:
        """The lines of the marks."""
        for mark, at in self._placed(marks):
            if mark.axis == "x":
                self.canvas.rule(slice(None), at, "┊", mark.role)
            else:
                self.canvas.rule(at, slice(None), "┈", mark.role)

    def labels(self, marks: tuple[Mark, ...]) -> None:
        """The words of the marks beside their lines, where no curve is in the way."""
        for mark, at in self._placed(marks):
            long = width_of(mark.label)
            if mark.axis == "x":
                places = [(0, at + 1), (0, at - long), (self.canvas.height - 1, at + 1)]
            else:
                places = [(at, self.canvas.width - long), (at, 0)]
            any(self.canvas.write(*place, mark.label, mark.role) for place in places)

    def curves(self, series: list[Series], lowest: str) -> None:
        """The lines, the edges where they leave the plot, and the markers that tell them apart."""
        trails = []
        for one in series:
            columns = self.across(one.xs)
            line = trail(columns, self.down(np.where(np.isfinite(one.ys), one.ys, np.nan)), self.width)
            trails.append((one, columns, line))
            if self.plain:
                self.canvas.fill(line.dots(self.height), one.marker, one.role, one.index, len(series))
            else:
                self.canvas.ink(line.dots(self.height), one.role, one.index)
        taken: set[tuple[int, int]] = set()
        for one, columns, line in trails:
            gap = max(self.canvas.width // 6, 8)
            offset = gap * (2 * one.index + 1) // (2 * len(series)) % gap
            for beyond, row, glyph in ((np.inf, 0, BEYOND), (-np.inf, self.canvas.height - 1, lowest)):
                for i, at in enumerate(np.unique(columns[one.ys == beyond] // ACROSS).tolist()):
                    shown = one.marker if i and at % gap == offset else glyph
                    self.canvas.put(row, at, shown, one.role, one.index)
                    taken.add((row, at))
            if not self.plain:
                self._mark(one, _spots(one, columns, line, gap, offset), taken)

    def _mark(self, one: Series, spots: list[tuple[int, int]], taken: set[tuple[int, int]]) -> None:
        for row, at in [spot for spot in spots if spot not in taken] or spots[:1]:
            self.canvas.put(row, at, one.marker, one.role, one.index)
            taken.add((row, at))

    def _placed(self, marks: tuple[Mark, ...]) -> Iterator[tuple[Mark, int]]:
        """Each mark with the row or the column of cells of its line."""
        for mark in marks:
            at = np.array([mark.at])
            if not np.isfinite(mark.at):
                continue
            if mark.axis == "x":
                yield mark, int(self.across(at)[0]) // ACROSS
            else:
                yield mark, int(np.rint(self.down(at))[0]) // DOWN

    def subjects(self, subject: Callable[[float], Subject | None] | None, xs: Array) -> list[Subject | None]:
        """What a click does, by column of cells."""
        if subject is None or not len(xs):
            return [None] * self.canvas.width
        xs = np.unique(xs)
        columns = self.horizontal.places(xs) * self.canvas.width
        nearest = np.searchsorted((columns[1:] + columns[:-1]) / 2, np.arange(self.canvas.width) + 0.5)
        return [subject(x) for x in xs[nearest].tolist()]


def _spots(one: Series, columns: Indices, line: Trail, gap: int, offset: int) -> list[tuple[int, int]]:
    """Cells for a curve's marker: its points if they are few, or else now and then."""
    inked = np.flatnonzero(line.bottom >= 0)
    points = np.unique(columns[np.isfinite(one.ys)])
    if len(points) * ACROSS * 6 > len(line.last):
        wanted = np.arange(offset * ACROSS, len(line.last), gap * ACROSS)
        points = inked[np.searchsorted(inked, wanted).clip(max=len(inked) - 1)] if len(inked) else inked
        # None beyond a gap, where the next one stands anyway.
        near = abs(points - wanted[: len(points)]) < gap
        points = points[near] if near.any() else points[:1]
    return list(zip((line.last[points] // DOWN).tolist(), (points // ACROSS).tolist(), strict=True))
