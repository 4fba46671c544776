"""What the parts of the page of gradients through time share: norms from logarithms, names, the step. No textual."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bptt_viz.formatting import norm, plain
from bptt_viz.formulas import Partial, Symbol, joined
from bptt_viz.views.canvas import Line, Role, Span, wrap

if TYPE_CHECKING:
    from bptt_viz.formulas import Formula
    from bptt_viz.views.scene import Scene


def step_of(scene: Scene) -> int:
    """The t that norms are shown of: the cursor's, the last where it is at none."""
    return scene.step.t or scene.trace.T


def layer_of(scene: Scene) -> int:
    """The layer whose states are meant: that of the parameter that is shown."""
    return scene.lesson.flows.layer_of(scene.parameter)


def norm_from(log: float, width: int = 7) -> str:
    """A norm that is given by its logarithm, in at most ``width`` cells: also where it is no float.

    >>> norm_from(-1.0), norm_from(-903.09), norm_from(-903.09, 5), norm_from(float("-inf"))
    ('0.100', '8e−904', '8e−904', '0')
    """
    if math.isnan(log) or math.isinf(log):
        return plain(log) if log > 0 or math.isnan(log) else "0"
    if abs(log) < 99:
        return norm(10.0**log, width)
    power = math.floor(log)
    digit = int(10.0 ** (log - power))
    return f"{digit}e{power}".replace("-", "−")


def state(scene: Scene, t: int | str, name: str = "h") -> str:
    """h_t as it is written."""
    return scene.write((_symbol(scene, t, name),))


def derivative(scene: Scene, t: int | str, k: int | str, name: str = "h") -> Formula:
    """∂h_t/∂h_k of the layer that is meant."""
    return (Partial(_symbol(scene, t, name), _symbol(scene, k, name)),)


def _symbol(scene: Scene, t: int | str, name: str) -> Symbol:
    return Symbol(name, t, layer=scene.trace.network.number_of(layer_of(scene)))


def jacobian(scene: Scene, t: int | str, before: int | str) -> str:
    """The one-step Jacobian of all states that the cell carries: ∂h_t/∂h_{t−1}, or ∂(s_t, h_t)."""
    together = of_states(scene, t)
    return scene.write(("∂", *together) if len(together) > 1 else derivative(scene, t, before))


def of_states(scene: Scene, t: int | str) -> Formula:
    """All that the cell carries: h_t, or (s_t, h_t)."""
    names = scene.trace.network.cells[layer_of(scene)].states
    symbols = joined(", ", ((_symbol(scene, t, name),) for name in names))
    return ("(", *symbols, ")") if len(names) > 1 else symbols


def of_all_states(scene: Scene, t: int | str, k: int | str) -> Formula:
    """The derivative of all that the cell carries: ∂h_t/∂h_k, or ∂(s_t, h_t)/∂(s_k, h_k)."""
    at_t = of_states(scene, t)
    return ("∂", *at_t, "/∂", *of_states(scene, k)) if len(at_t) > 1 else derivative(scene, t, k)


def normed(scene: Scene, formula: Formula) -> str:
    """‖…‖."""
    return f"‖{scene.write(formula)}‖"


def paragraph(text: str, width: int, role: Role = "text") -> list[Line]:
    """Running text with a blank before each line."""
    return [(Span(" "), *line) for line in wrap(text, max(width - 2, 1), role)]


def waiting(scene: Scene, width: int) -> list[Line]:
    """In the place of what is being computed."""
    return paragraph(scene.say("flow.computing"), width, "dim")
