"""The curves of one step t together: how ‖∂h_t/∂h_k‖ goes with t − k. Imports ``norms`` and ``bounds``.

What is judged to vanish or to explode is the derivative of all that a cell carries: an LSTM remembers by s, which the
block ∂h_t/∂h_k alone does not tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bptt_viz import catalog, engine, loading
from bptt_viz.errors import ScenarioError
from bptt_viz.flow.bounds import bound, measured_bound
from bptt_viz.flow.norms import Routes, curve, curve_of_states, routes
from bptt_viz.flow.verdict import Verdict, verdict

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.scenario import Text
    from bptt_viz.tracing import Trace


class Curves(Struct, frozen=True, eq=False):
    """Curves of log₁₀ norms, indexed by t − k, [t + 1].

    Attributes
    ----------
    norms
        ‖∂h_t/∂h_k‖.
    states
        ‖∂(states at t)/∂(states at k)‖ of all states together; None where h is the only one.
    bound
        (σ_max(W)·max φ′)^(t−k); None for cells of gates.
    measured
        ∏ σ_max of the Jacobians.
    routes
        Of the state that is carried beside h; None where there is none.
    verdict
        On ``states``, on ``norms`` where h is the only one.
    """

    t: int
    layer: int
    norms: Array
    states: Array | None
    bound: Array | None
    measured: Array
    routes: Routes | None
    verdict: Verdict


class Beside(Struct, frozen=True, eq=False):
    """Another scenario's curve, of its last step and all states of its top layer; index t − k, [T + 1]."""

    name: str
    title: Text
    norms: Array


def curves(trace: Trace, t: int, layer: int = -1) -> Curves:
    """All curves of step ``t``.

    Raises
    ------
    IndexError
        If there is no step ``t`` in 1..T.
    """
    found = curve(trace, t, layer)
    several = len(trace.network.cells[layer].states) > 1
    states = curve_of_states(trace, t, layer) if several else None
    return Curves(
        t,
        layer,
        norms=found,
        states=states,
        bound=bound(trace, t, layer),
        measured=measured_bound(trace, t, layer),
        routes=routes(trace, t, layer),
        verdict=verdict(found if states is None else states),
    )


def beside(name: str) -> Beside | None:
    """The curve of a bundled scenario as its file has it; None if it cannot be read any more."""
    path = catalog.bundled().get(name)
    if path is None:
        return None
    try:
        scenario = loading.read(path)
    except ScenarioError:
        return None
    trace = engine.trace(scenario)
    return Beside(name, scenario.title or name, curve_of_states(trace, trace.T))
