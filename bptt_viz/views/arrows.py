"""The arrows of the unrolled network, in the direction of travel, lit once travelled. No quantity is computed.

Each has the name of the weights that it stands for, where there is room for the name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bptt_viz.notation import Symbol, Transposed
from bptt_viz.timeline import Operation, Phase
from bptt_viz.views.canvas import Span, centre, width_of

if TYPE_CHECKING:
    from bptt_viz.views.canvas import Role
    from bptt_viz.views.scene import Scene

#: Cells of an arrow between two states, the widest first; the first has room for a letter of one cell.
WIDTHS: Final = (5, 3, 2, 1)


def named(scene: Scene) -> int:
    """Cells of an arrow between two states with the whole name of the recurrent weights."""
    return max(width_of(_weights(scene, "W", back=True)) + 3, WIDTHS[0])


def between(scene: Scene, t: int, cells: int, mark: str) -> Span:
    """The arrow between step t and t + 1."""
    if scene.backwards and t:
        adjoint = next(one for one in scene.timeline.backward if one.kind == "adjoint" and one.name == "h")
        travelled = scene.position >= scene.timeline.position(Phase.BACKWARD, t, adjoint)
        role: Role = "backward" if travelled else "dim"
        return Span(_shaft(cells, mark, _weights(scene, "W", back=True), back=True), role)
    start = scene.timeline.position(Phase.FORWARD, min(t + 1, scene.trace.T), scene.timeline.forward[0])
    role = "forward" if scene.position >= start and not scene.backwards else "dim"
    return Span(_shaft(cells, mark, _weights(scene, "W"), back=False), role)


def above(scene: Scene, t: int, cells: int) -> Span:
    """The arrow between a state and the output."""
    if scene.backwards:
        travelled = scene.position >= scene.timeline.position(Phase.BACKWARD, t, scene.timeline.backward[0])
        return Span(centre(f"▼ {_weights(scene, 'V', back=True)}", cells), "backward" if travelled else "dim")
    travelled = scene.role(Phase.FORWARD, t, Operation("output", "o")) != "future"
    return Span(centre(f"▲ {_weights(scene, 'V')}", cells), "forward" if travelled else "dim")


def below(scene: Scene, t: int, cells: int) -> Span:
    """The arrow between the input and a state."""
    travelled = scene.position >= scene.timeline.position(Phase.FORWARD, t, scene.timeline.forward[0])
    lit = travelled and not scene.backwards
    return Span(centre(f"▲ {_weights(scene, 'U')}", cells), "forward" if lit else "dim")


def _weights(scene: Scene, name: str, *, back: bool = False) -> str:
    """The matrix that stands beside an arrow; on the way back its transpose."""
    return scene.write((Transposed(Symbol(name)) if back else Symbol(name),))


def _shaft(cells: int, mark: str, name: str, *, back: bool) -> str:
    """``──W─▶`` or ``◀─Wᵀ─`` in 5 cells, less in fewer; ``mark`` stands where the line comes from or goes to."""
    mark = mark if width_of(mark) < cells else ""
    inner = cells - 1 - width_of(mark)
    name = name if width_of(name) <= inner - 2 else ""
    line = name.center(inner - width_of(name) + len(name), "─")
    return f"◀{line}{mark}" if back else f"{mark}{line}▶"
