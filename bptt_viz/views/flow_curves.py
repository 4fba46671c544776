"""The curves of the page of gradients through time: norms by distance, other scenarios', a moved h₀. No textual."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Final

import numpy as np

from bptt_viz.flow.bounds import plain_recurrence
from bptt_viz.flow.perturbation import SIZES
from bptt_viz.formatting import NARROW, norm, plain
from bptt_viz.formulas import Over, Partial, Symbol
from bptt_viz.timeline import Phase
from bptt_viz.views.canvas import GoTo
from bptt_viz.views.flow_parts import (
    derivative,
    jacobian,
    layer_of,
    normed,
    of_all_states,
    paragraph,
    state,
    step_of,
    waiting,
)
from bptt_viz.views.plot import Curve, Mark, Plot, draw_plot
from bptt_viz.views.plot_legend import distinct

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.flow.curves import Curves
    from bptt_viz.flow.perturbation import Perturbation
    from bptt_viz.views.canvas import Line
    from bptt_viz.views.scene import Scene

#: The fewest steps of a path that leaves a state and comes back to it; at shorter distances there is none to be drawn.
_TO_AND_FRO: Final = 2
#: Lines from which a sentence below a plot has room.
_WORDS_FROM: Final = 9


def curves_heading(scene: Scene) -> str:
    """What the part is called."""
    return scene.say("flow.curves", norm=normed(scene, of_all_states(scene, step_of(scene), "k")))


def draw_curves(scene: Scene, width: int, height: int) -> list[Line]:
    """‖∂h_t/∂h_k‖ against t − k, the bounds, and of an LSTM the routes of the cell state."""
    found = scene.lesson.flows.curves(layer_of(scene), step_of(scene))
    if found is None:
        return waiting(scene, width)
    lines = [_curve(normed(scene, derivative(scene, found.t, "k")), found.norms)]
    if found.states is not None:
        lines.insert(0, _curve(normed(scene, of_all_states(scene, found.t, "k")), found.states))
    lines += _routes(scene, found)
    recurrence = plain_recurrence(scene.trace.network.cells_at(found.t)[found.layer])
    if found.bound is not None and recurrence is not None:
        said = scene.say("flow.bound", matrix=scene.write((Symbol(recurrence[0]),)))
        lines.append(_curve(said, found.bound))
    said = scene.say("flow.measured", product=scene.write((Over("∏", "j"),)), jacobian=jacobian(scene, "j", "j−1"))
    lines.append(_curve(said, found.measured))

    def subject(distance: float) -> GoTo | None:
        k = found.t - round(distance)
        return GoTo(scene.timeline.end_of(Phase.BACKWARD, k)) if k >= 1 else None

    plot = Plot(tuple(lines), "exponents", x_label="t − k", subject=subject)
    return draw_plot(plot, width, height, plain=scene.plain)


def _routes(scene: Scene, found: Curves) -> list[Curve]:
    """The cell state's own route, and all that pass through some h."""
    if found.routes is None:
        return []
    name = found.routes.state
    between = scene.write((Partial(Symbol(name), Symbol(name)),))
    hidden = scene.write((Symbol("h"),))
    return [
        _curve(
            scene.say("flow.route.direct", derivative=between, state=scene.write((Symbol(name),))), found.routes.direct
        ),
        _curve(
            scene.say("flow.route.hidden", derivative=between, state=hidden), found.routes.through_hidden, _TO_AND_FRO
        ),
    ]


def _curve(label: str, norms: Array, first: int = 0) -> Curve:
    """A curve by distance, from the ``first`` on."""
    return Curve(label, np.arange(first, len(norms), dtype=np.float64), norms[first:])


def beside_heading(scene: Scene) -> str:
    """What the part is called."""
    return scene.say("flow.beside")


def draw_beside(scene: Scene, width: int, height: int) -> list[Line]:
    """The last step's curve, of all states, of this scenario and of those that it is compared with."""
    flows = scene.lesson.flows
    others, own = flows.beside(), flows.curves(layer_of(scene), scene.trace.T)
    if others is None or own is None:
        return waiting(scene, width)
    own_norms = own.norms if own.states is None else own.states
    # By name, whichever of them is open: so each keeps its marker.
    own_name = PurePath(scene.lesson.source).stem
    found = [(own_name, scene.trace.scenario.title or own_name, own_norms)]
    found = sorted(found + [(other.name, other.title, other.norms) for other in others], key=lambda one: one[0])
    labels = distinct([scene.text(title) for _, title, _ in found])
    curves = [
        _curve(scene.say("flow.beside.own", title=label) if norms is own_norms else label, norms)
        for label, (_, _, norms) in zip(labels, found, strict=True)
    ]
    return draw_plot(Plot(tuple(curves), "exponents", x_label="T − k"), width, height, plain=scene.plain)


def butterfly_heading(scene: Scene) -> str:
    """What the part is called."""
    return scene.say("flow.butterfly", start=state(scene, 0))


def draw_butterfly(scene: Scene, width: int, height: int) -> list[Line]:
    """The distance that a moved h₀ makes over time, by ε, and what the Jacobians predict of it."""
    found = scene.lesson.flows.perturbations(layer_of(scene))
    if found is None:
        return waiting(scene, width)
    curves = [_curve(f"ε = {norm(one.size, NARROW)}", one.log_distances) for one in found]
    middle = found[len(SIZES) // 2]
    predicted = f"‖{scene.write(derivative(scene, 't', 0))} εv‖, ε = {norm(middle.size, NARROW)}"
    curves.append(_curve(predicted, middle.predicted))
    words = paragraph(_explained(scene, middle), width, "dim") if height >= _WORDS_FROM else []
    words = words if len(words) <= height // 4 else []

    def subject(t: float) -> GoTo | None:
        return GoTo(scene.timeline.end_of(Phase.FORWARD, round(t))) if t >= 1 else None

    plot = Plot(tuple(curves), "exponents", "t", marks=(Mark("x", step_of(scene)),), subject=subject)
    return [*draw_plot(plot, width, height - len(words), plain=scene.plain), *words]


def _explained(scene: Scene, found: Perturbation) -> str:
    direction = ", ".join(plain(float(value), 2) for value in found.direction[:4])
    more = ", …" if len(found.direction) > 4 else ""
    return scene.say("flow.butterfly.explained", start=state(scene, 0), direction=f"[{direction}{more}]")
