"""How the room of the network is shared out: which steps, layers and lines are seen. No textual, no quantity computed.

What is seen follows from the cursor and the size alone; the cost follows from what is seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from bptt_viz.formatting import NARROW
from bptt_viz.notation import Formula, Partial, Symbol
from bptt_viz.views import arrows
from bptt_viz.views.canvas import width_of
from bptt_viz.views.network_lanes import Lane, has_several_routes, lanes_of, lit, states_of

if TYPE_CHECKING:
    from bptt_viz.views.scene import Scene

#: Cells before the columns, the blanks beside a label included.
_LABEL: Final = 5
#: A column this wide has room for all it says.
_WIDEST: Final = 32
#: Cells of a column whose units are coloured cells, or that has a loss beside the target.
_ROOMY: Final = 12
#: The cells of an arrow that may go where numbers take them.
_LEAST_ARROW: Final = 4
#: Lines that are always there: target with loss, guess, input.
_ALWAYS: Final = 3
#: Guesses that are seen where there is room.
_MOST_GUESSES: Final = 3
#: What has a line under the input on the way back.
INPUT_GRADIENT: Final[Formula] = (Partial(Symbol("L"), Symbol("x", "t")),)


class Geometry(Struct, frozen=True):
    """How the room is shared out.

    Attributes
    ----------
    first, count
        The time steps that are seen.
    label, column, arrow
        Cells of the labels, of one column, and of the arrow between two.
    lanes
        What is seen of the layers, from the top.
    lit
        The layer and the state that the cursor is at.
    state_rows, guess_rows
        Lines for the hidden units of a lane and for the guesses.
    numbers
        Whether hidden units are written as numbers, one a line; else each is one coloured cell.
    several_routes
        Whether gradients come on several routes, so that the arrows are numbered.
    above, between, below
        Whether there are lines for the arrows to the output, between lanes, and from the input.
    more_above, more_below
        Whether there are layers that are not seen, which a sign tells in the place of arrows.
    input_gradient, separate_loss, words
        Whether there are lines for ∂L/∂x_t, for L_t of its own, and for the words over encoder and decoder.
    border
        The step that the decoder begins with; 0 where there is none.
    """

    first: int
    count: int
    label: int
    column: int
    arrow: int
    lanes: tuple[Lane, ...]
    lit: tuple[int, str]
    state_rows: int
    guess_rows: int
    numbers: bool
    several_routes: bool
    above: bool
    between: bool
    below: bool
    more_above: bool
    more_below: bool
    input_gradient: bool
    separate_loss: bool
    words: bool
    border: int


class _Lines(Struct, frozen=True):
    """Which lines have room besides those that are always there."""

    between: bool
    input_gradient: bool
    below: bool
    above: bool
    words: bool
    separate_loss: bool
    guesses: int


def lines_wanted(scene: Scene, most: int) -> int:
    """The lines with which all has room that ``most`` lines have room for, at least what a plain cell wants."""
    network = scene.trace.network
    lanes, units = _lane_count(scene), network.initial_states[0].size
    if not has_several_routes(network):
        return 0
    _, layers, between = _layers(scene, 0, most, 1)
    seen = len(layers) * len(states_of(network.cells[0]))
    if seen < lanes:
        # Two lines tell that there are more.
        return _ALWAYS + seen + 2 + (seen - 1 if between else 0)
    rows = units if lanes * units <= most - _least_lines(scene) else 1
    between = _ALWAYS + lanes * rows + lanes - 1 <= most
    # ∂L/∂x, L, the arrows to the output and from the input, the decoder's words.
    more = 4 + bool(network.decoder)
    return min(_ALWAYS + lanes * rows + (lanes - 1 if between else 0) + more, most)


class _Columns(Struct, frozen=True):
    """Which steps are seen, and the cells of a column and of an arrow."""

    first: int
    count: int
    column: int
    arrow: int


def plan_for(scene: Scene, width: int, height: int) -> Geometry:
    """Share out the room: numbers if they fit, as many steps and layers as fit, the cursor's among them."""
    trace = scene.trace
    network, units, now = trace.network, trace.layers[0].h.shape[1], lit(scene)
    several = has_several_routes(network)
    top = lanes_of(scene, len(network.cells) - 1)
    pair = 2 * NARROW + 3 if scene.backwards else NARROW + 2
    lines_of_units = _lane_count(scene) * units
    numbers = lines_of_units <= max(height - _least_lines(scene), 1)
    label = _label_width(scene, top, units if numbers else 1, numbers=numbers)
    numbers = numbers and width - label >= min(trace.T, 2) * (pair + arrows.WIDTHS[0])
    # In a low panel the loss stands beside the target, and both need their room.
    high = height > lines_of_units + _lane_count(scene) + bool(network.decoder) + 6
    least = max(pair, 9 if high else _ROOMY) if numbers else _ROOMY
    beside = units * (NARROW + 1) + 1
    if not numbers and width - label >= trace.T * (beside + _LEAST_ARROW):
        # In a lane of one line its numbers stand side by side.
        least = max(least, beside)
    widths = arrows.widths(scene, top, several=several, inline=not (numbers and units > 1))
    across = _columns(scene, width - label, least, widths)
    rows, layers, between = _layers(
        scene, now[0], height, units if numbers else _rows_of_cells(scene, height, units, across.column)
    )
    seen = tuple(lane for layer in reversed(layers) for lane in lanes_of(scene, layer))
    part = len(layers) < len(trace.layers)
    lines = _lines(scene, height - len(seen) * rows - _ALWAYS, len(seen), part=part, between=between)
    return Geometry(
        across.first,
        across.count,
        label,
        across.column,
        across.arrow,
        seen,
        now,
        rows,
        lines.guesses,
        numbers,
        several,
        lines.above,
        lines.between,
        lines.below,
        layers[-1] < len(trace.layers) - 1,
        layers[0] > 0,
        lines.input_gradient,
        lines.separate_loss,
        lines.words,
        network.decoder_from if network.decoder else 0,
    )


def _columns(scene: Scene, room: int, least: int, widths: tuple[int, ...]) -> _Columns:
    """The widest arrows with which all steps are seen; where they cannot be, middling ones."""
    steps = scene.trace.T
    arrow = next((cells for cells in widths if room >= steps * (least + cells)), arrows.MIDDLING)
    # Beside n columns stand n arrows, and one more where the sequence goes on.
    whole = room >= steps * (least + arrow)
    count = steps if whole else max((room - arrow) // (least + arrow), 1)
    column = min(max((room if whole else room - arrow) // count - arrow, least), _WIDEST)
    return _Columns(min(max(scene.t - count // 2, 1), steps - count + 1), count, column, arrow)


def _lane_count(scene: Scene) -> int:
    cells = scene.trace.network.cells
    return len(cells) * len(cells[0].states)


def _least_lines(scene: Scene) -> int:
    """The lines beside those of the units without which these are not written as numbers."""
    return _ALWAYS + (_lane_count(scene) if has_several_routes(scene.trace.network) else 0)


def _label_width(scene: Scene, top: tuple[Lane, ...], rows: int, *, numbers: bool) -> int:
    """Cells of the labels: the longest are those of the uppermost layer, and that of ∂L/∂x."""
    if not has_several_routes(scene.trace.network):
        return _LABEL
    longest = [label for lane in top for label in lane_labels(scene, lane, rows, numbers=numbers)]
    return max(_LABEL, 2 + max(map(width_of, [*longest, scene.write(INPUT_GRADIENT)])))


def lane_labels(scene: Scene, lane: Lane, rows: int, *, numbers: bool) -> list[str]:
    """The label of each line of a lane: h_t; on the way back δ_t, beside h_t where both have room."""
    labels, middle = [""] * rows, rows // 2
    several = has_several_routes(scene.trace.network)
    if not scene.backwards:
        labels[middle] = scene.write((Symbol(lane.state, "t", layer=lane.number),))
    elif not numbers:
        labels[middle] = scene.write(lane.error_term(None if several else "t"))
    else:
        state, error = scene.write((Symbol(lane.state, layer=lane.number),)), scene.write(lane.error_term())
        labels[middle] = f"│{error}" if several and middle else f"{state}│{error}"
        if several and middle:
            labels[middle - 1] = state
    return labels


def _rows_of_cells(scene: Scene, height: int, units: int, column: int) -> int:
    """The lines of a lane whose units are coloured cells; they leave room for the arrows."""
    lanes = _lane_count(scene)
    return max(min(-(-units // (column - 2)), (height - _ALWAYS - 1 - lanes) // lanes), 1)


def _layers(scene: Scene, now: int, height: int, rows: int) -> tuple[int, range, bool]:
    """The lines of a lane, the layers that are seen, and whether there are arrows between them."""
    count = len(scene.trace.network.cells)
    of_each = len(states_of(scene.trace.network.cells[0]))
    room = max(height - _ALWAYS, 1)
    if count * of_each * rows <= room:
        return rows, range(count), False
    # Two lines tell that there are more layers, and with arrows there are lines between the others.
    with_arrows = (room - 1) // (2 * of_each)
    seen = with_arrows if with_arrows > 1 else max((room - 2) // of_each, 1)
    first = min(max(now - seen // 2, 0), count - seen)
    return 1, range(first, first + seen), with_arrows > 1


def _lines(scene: Scene, free: int, lanes: int, *, part: bool, between: bool) -> _Lines:
    """What there is room for, the most important first."""
    if part:
        return _Lines(between, False, True, True, False, False, 1)
    found = {}
    decodes = bool(scene.trace.network.decoder)
    for name, lines, wanted in (
        ("between", lanes - 1, lanes > 1),
        ("input_gradient", 1, scene.backwards and has_several_routes(scene.trace.network)),
        ("below", 1, True),
        ("above", 1, True),
        ("words", 1, decodes),
        ("separate_loss", 1, True),
    ):
        found[name] = wanted and lines <= free
        free -= lines if found[name] else 0
    guesses = min(1 + max(free, 0), _MOST_GUESSES, scene.trace.y_hat.shape[1])
    return _Lines(**found, guesses=guesses)
