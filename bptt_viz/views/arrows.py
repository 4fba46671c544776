"""The arrows of the unrolled network, in the direction of travel, lit once travelled. No quantity is computed.

Each has the name of the weights or the gate that it stands for, where there is room for it; on the way back also the
number of the route that the operation's rows have, and what truncation does to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from bptt_viz.formatting import plain
from bptt_viz.notation import Symbol, Transposed
from bptt_viz.quantities import Given, Number
from bptt_viz.timeline import Operation, Phase
from bptt_viz.views.canvas import Span, centre, width_of

if TYPE_CHECKING:
    from bptt_viz.views.canvas import Role
    from bptt_viz.views.network_lanes import Lane, Way
    from bptt_viz.views.scene import Scene

#: Cells of an arrow between two states, the widest first; the first has room for a letter of one cell.
WIDTHS: Final = (5, 3, 2, 1)
#: The cells where not all steps can be seen.
MIDDLING: Final = 3
#: The cells of a number alone.
_NUMBERED: Final = 4
#: A mark for what goes no further.
_CUT: Final = "╳"
_OUTPUT: Final = "V"


class _Edge(Struct, frozen=True):
    """What truncation does to what goes from step j to the one before.

    Attributes
    ----------
    cut
        Whether nothing passes.
    told
        ``×1.25``, or ``╳L₅`` for the one loss that goes no further; empty where all passes as it is.
    number
        The factor, where it is told.
    """

    cut: bool = False
    told: str = ""
    number: Number | None = None


def widths(scene: Scene, lanes: tuple[Lane, ...], *, several: bool, inline: bool) -> tuple[int, ...]:
    """Cells of an arrow between two states, the widest first, which has room for the whole name.

    ``several`` routes are numbered, ``inline`` beside the name.
    """
    names = [_names(scene, lane, way, back=True) for lane in lanes for way in lane.across]
    longest = max(width_of(texts[-1]) for texts in names)
    if not several:
        return (max(longest + 3, WIDTHS[0]), *WIDTHS)
    longest += width_of(numbered(lanes[0].future)) if inline else 0
    choices = {longest + 3, longest + 1, _NUMBERED, *WIDTHS}
    if lanes[0].carried:
        # With the gate beside the matrices, the last but one of the names.
        longest = max(width_of(texts[-2]) for texts in names[:2])
        longest += width_of(numbered(lanes[0].future) + numbered(lanes[0].carried)) if inline else 0
        choices |= {longest + 3, longest + 1}
    return tuple(sorted(choices, reverse=True))


def across(scene: Scene, lane: Lane, t: int, cells: int, mark: str, *, alone: bool, several: bool) -> Span:
    """The arrow between step t and t + 1; ``alone`` where there are no lines for its notes beside it."""
    way = lane.across[_stage(scene, t + 1)]
    if not scene.backwards or not t:
        start = scene.timeline.position(Phase.FORWARD, min(t + 1, scene.trace.T), lane.entered)
        role: Role = "forward" if scene.position >= start and not scene.backwards else "dim"
        return Span(_shaft(cells, mark, _names(scene, lane, way, back=False), back=False), role)
    edge = _edge(scene, t + 1)
    if edge.cut:
        return Span(_shaft(cells, "", (_CUT,), back=True, tight=True) if cells > 1 else _CUT, "dim")
    names = _names(scene, lane, way, back=True)
    if not alone:
        return Span(_shaft(cells, mark, names, back=True, tight=several), _returned(scene, lane, t))
    number = numbered(lane.future)
    told = [one + edge.told for one in _with_numbers(lane, names)] + [number + edge.told, number]
    if not edge.told:
        told += names
    text = _shaft(cells, mark, tuple(told), back=True, tight=several)
    shown = edge.number if edge.told and edge.told in text else None
    return Span(text, _returned(scene, lane, t), None, shown)


def note(scene: Scene, lane: Lane, t: int, cells: int, row: int, *, only: bool) -> Span:
    """What stands in the line above (``row`` −1) or below the arrow of :func:`across`; ``only`` that one is there."""
    blank = Span(" " * cells)
    if not scene.backwards or not 0 < t < scene.trace.T:
        return blank
    edge = _edge(scene, t + 1)
    if edge.cut:
        return blank
    number, name = numbered(lane.future), _name_beside(scene, lane, t, cells)
    both = f"{number} {numbered(lane.carried)}" if lane.carried else number
    if only:
        told = [both + edge.told, number + edge.told, both, number] if edge.told or not name else [name, both, number]
    else:
        told = [edge.told or name] if row > 0 else [both, number]
    text = next((one for one in told if one and width_of(one) <= cells), "")
    if not text:
        return blank
    return Span(centre(text, cells), _returned(scene, lane, t), None, edge.number if edge.told in text else None)


def _name_beside(scene: Scene, lane: Lane, t: int, cells: int) -> str:
    """Where encoder and decoder have different names, and both have room here: the one that has none in its arrow."""
    names = [_names(scene, lane, way, back=True)[-1] for way in lane.across]
    name = names[_stage(scene, t + 1)]
    room = max(map(width_of, names)) <= cells < width_of(name) + 3
    return name if scene.trace.network.decoder and room else ""


def above(scene: Scene, lane: Lane, t: int, cells: int) -> Span:
    """The arrow between the top state and the output; back none travels where there is no target.

    Forward it is lit only while it is travelled where the output is for nobody.
    """
    if scene.backwards:
        start = scene.timeline.position(Phase.BACKWARD, t, scene.timeline.backward[0])
        travelled = scene.position >= start and bool(scene.trace.has_target[t - 1])
        name = scene.write((Transposed(Symbol(_OUTPUT)),))
        return Span(_centred("▼", numbered(lane.above), (name,), cells), "backward" if travelled else "dim")
    role = scene.role(Phase.FORWARD, t, Operation("output", "o"))
    lit = role == "now" or (role == "known" and not scene.lesson.only_reads(t))
    return Span(_centred("▲", "", (scene.write((Symbol(_OUTPUT),)),), cells), "forward" if lit else "dim")


def between(scene: Scene, upper: Lane, lower: Lane, t: int, cells: int) -> Span:
    """The arrow between two lanes of a step: between layers, or within one between its states."""
    way = upper.under[_stage(scene, t)]
    if scene.backwards:
        travelled = scene.position >= scene.timeline.position(Phase.BACKWARD, t, lower.gathered)
        names = _names(scene, upper, way, back=True)
        return Span(_centred("▼", numbered(lower.above), names, cells), "backward" if travelled else "dim")
    return _upward(scene, upper, way, t, cells)


def below(scene: Scene, lane: Lane, t: int, cells: int, *, several: bool) -> Span:
    """The arrow between the input and the lowest state."""
    way = lane.under[_stage(scene, t)]
    if scene.backwards and several:
        travelled = input_reached(scene, t)
        return Span(_centred("▼", "", _names(scene, lane, way, back=True), cells), "backward" if travelled else "dim")
    return _upward(scene, lane, way, t, cells)


def input_reached(scene: Scene, t: int) -> bool:
    """Whether the way back has come to the input of step ``t``."""
    first = scene.trace.network.cells[0].equations[0].name
    return scene.position >= scene.timeline.position(Phase.BACKWARD, t, Operation("adjoint", first, 0))


def numbered(route: int) -> str:
    """A route's number as the operation's rows have it."""
    return f"({route})"


def _upward(scene: Scene, lane: Lane, way: Way, t: int, cells: int) -> Span:
    travelled = scene.position >= scene.timeline.position(Phase.FORWARD, t, lane.fed)
    lit = travelled and not scene.backwards
    return Span(_centred("▲", "", _names(scene, lane, way, back=False), cells), "forward" if lit else "dim")


def _returned(scene: Scene, lane: Lane, t: int) -> Role:
    travelled = scene.position >= scene.timeline.position(Phase.BACKWARD, t, lane.gathered)
    return "backward" if travelled else "dim"


def _stage(scene: Scene, t: int) -> int:
    """1 where step ``t`` is computed with the decoder's own parameters."""
    network = scene.trace.network
    return int(bool(network.decoder) and t >= network.decoder_from)


def _edge(scene: Scene, j: int) -> _Edge:
    truncation = scene.trace.truncation
    xi, window = truncation.edge(j), truncation.window
    if xi == 0 or window == 1:
        return _Edge(cut=True)
    if xi != 1:
        return _Edge(told=f"×{plain(xi, 2)}", number=Number(Given("xi", j)))
    farthest = j + window - 1
    if window and farthest <= scene.trace.T and scene.trace.has_target[farthest - 1]:
        return _Edge(told=_CUT + scene.write((Symbol("L", farthest),)))
    return _Edge()


def _names(scene: Scene, lane: Lane, way: Way, *, back: bool) -> tuple[str, ...]:
    """The matrices beside an arrow, on the way back their transposes, or the gate; where that is long, shorter too.

    Gates that carry the state past the matrices stand behind these, but for the last and shortest.
    """
    if way.gate:
        return tuple(scene.notation.letter(Symbol(name, layer=lane.number)) for name in way.names) or ("",)
    symbols = [Symbol(name) for name in way.names]
    texts = [scene.write((Transposed(symbol) if back else symbol,)) for symbol in symbols]
    named = tuple(texts) if len(texts) < 2 else (" ".join(texts), f"{texts[0]}…")
    if not way.carriers:
        return named
    gates = "⊙".join(scene.notation.letter(Symbol(name, layer=lane.number)) for name in way.carriers)
    return (*(f"{name} {gates}" for name in named), named[-1])


def _with_numbers(lane: Lane, names: tuple[str, ...]) -> list[str]:
    """The names, each with the number of its route before it: ``(2)W_rᵀ… (3)z``."""
    number = numbered(lane.future)
    if not lane.carried:
        return [number + name for name in names]
    parts = [name.rpartition(" ") for name in names[:-1]]
    return [*(f"{number}{name} {numbered(lane.carried)}{gates}" for name, _, gates in parts), number + names[-1]]


def _centred(head: str, route: str, names: tuple[str, ...], cells: int) -> str:
    """A vertical arrow with as much beside it as fits."""
    start = f"{head} {route} " if route else f"{head} "
    fitting = (start + name for name in names if width_of(start + name) <= cells)
    return centre(next(fitting, start + names[-1]), cells)


def _shaft(cells: int, mark: str, names: tuple[str, ...], *, back: bool, tight: bool = False) -> str:
    """``──W─▶`` or ``◀─Wᵀ─`` in 5 cells, less in fewer; ``mark`` stands where the line comes from or goes to.

    The first name that fits stands in the line, with a piece of line on both sides if not ``tight``.
    """
    mark = mark if width_of(mark) < cells else ""
    inner = cells - 1 - width_of(mark)
    name = next((one for one in names if width_of(one) <= inner - (0 if tight else 2)), "")
    line = name.center(inner - width_of(name) + len(name), "─")
    return f"◀{line}{mark}" if back else f"{mark}{line}▶"
