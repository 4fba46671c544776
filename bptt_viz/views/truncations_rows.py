"""What both parts of the page of truncations are made of: gradients in a column, and keys. No textual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from bptt_viz.commands import COMMANDS, cap
from bptt_viz.formatting import NARROW, WIDE, fixed
from bptt_viz.quantities import Number
from bptt_viz.views.canvas import Line, Role, Run, Span, heat, left, length

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bptt_viz.activations import Array
    from bptt_viz.quantities import Quantity
    from bptt_viz.views.scene import Scene

#: What there is no room for.
_MORE: Final = "…"


def label_width(texts: Sequence[str], width: int) -> int:
    """The cells of the names of rows, a blank before and after included; a quarter of the room at most."""
    return min(max(length((Span(text),)) for text in texts) + 2, width // 4)


def labelled(text: str, width: int, line: Line, *, lit: bool = False) -> Line:
    """A row after its name."""
    return (Span(" "), Span(left(text, width - 1), "current" if lit else "label"), *line)


def gradient_rows(
    gradient: Array, width: int, rows: int, scale: float, *, entry: int | None = None, of: Quantity | None = None
) -> list[Line]:
    """At most ``rows`` lines of exactly ``width`` cells: as many entries as there is room for, whole.

    Parameters
    ----------
    scale
        The magnitude of full colour.
    entry
        The chosen one, counted through all rows.
    of
        The quantity that the numbers are, where they are one of the trace's.
    """
    matrix = gradient if gradient.ndim > 1 else gradient[:, None]
    count = matrix.shape[1]
    cell = WIDE + 1 if count * (WIDE + 1) < width else NARROW + 1
    fits = count if count * cell < width else max((width - len(_MORE) - 1) // cell, 0)
    lines: list[Line] = []
    for row in range(min(rows, len(matrix))):
        spans: list[Span] = []
        for column in range(fits):
            value, place = float(matrix[row, column]), row * count + column
            index = (row, column) if gradient.ndim > 1 else (row,)
            spans.append(Span(" "))
            role: Role = "current" if place == entry else heat(value, scale)
            number = None if of is None else Number(of, index)
            spans.append(Span(fixed(value, cell - 1), role, number=number))
        more = fits < count or (row == rows - 1 and rows < len(matrix))
        taken = fits * cell
        spans.append(Span(left(_MORE if more and taken < width else "", width - taken), "dim"))
        lines.append(tuple(spans))
    return lines


def scale_of(gradients: Sequence[Array]) -> float:
    """The largest finite magnitude."""
    flat = np.abs(np.concatenate([gradient.ravel() for gradient in gradients]))
    return float(flat[np.isfinite(flat)].max(initial=0.0))


def keys(scene: Scene, offered: Sequence[tuple[tuple[str, ...], str]], width: int) -> Line:
    """Commands with what they do here, as many as there is room for."""
    known = {command.id: command.keys for command in COMMANDS}
    line: Line = (Span(" "),)
    for commands, message in offered:
        caps = [Span(f"{cap(scene.keys.get(name, known[name])[0])} ", "key", Run(name)) for name in commands]
        more = (*caps, Span(f"{scene.say(message)}   ", "dim", Run(commands[0])))
        if length(line) + length(more) <= width:
            line = (*line, *more)
    return line
