"""What stays the same while the cursor moves: a trace, and what is read off it once. Imports the core; no textual."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from bptt_viz.timeline import Phase, Timeline
from bptt_viz.tracing import ADJOINT_NAMES
from bptt_viz.truncation_choice import Choices
from bptt_viz.views.ledgers import Ledgers

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.reasons import Reasons
    from bptt_viz.tracing import Trace
    from bptt_viz.views.flows import Flows
    from bptt_viz.views.truncations import Truncations


@dataclass(frozen=True, eq=False)
class Lesson:
    """What stays the same while the cursor moves: a trace, with what is read off it once.

    Attributes
    ----------
    source
        The file, as people call it.
    chosen, compared
        Where other terms were chosen to be kept than the file says: the choices, and what was compared before.
    generated_from
        The first step that was generated: it and those after it read what was predicted before them; 0: none.
    """

    trace: Trace
    source: str
    chosen: Choices | None = None
    compared: Truncations | None = None
    generated_from: int = 0

    def with_trace(self, trace: Trace) -> Lesson:
        """The lesson with another trace: what was chosen stays, what is read off the trace is read anew."""
        return replace(self, trace=trace, compared=None)

    @cached_property
    def timeline(self) -> Timeline:
        """The steps of this trace."""
        return Timeline.of(self.trace.network, self.trace.T)

    @cached_property
    def overflows_at(self) -> int | None:
        """The position at which the first number that is not finite is computed; None where all are finite.

        ∂L/∂x and the sums of gradients have no position of their own: they are there at the end of their time step.
        """
        first, timeline = self.trace.overflow, self.timeline
        if first is None:
            return None
        if first.variable in ("loss", "gradient_norm"):
            return timeline.loss_position if first.variable == "loss" else timeline.last
        own = (None, max(first.layer - 1, 0))
        for operation in timeline.forward:
            if operation.name == first.variable and operation.layer in own:
                return timeline.position(Phase.FORWARD, first.step, operation)
        for operation in timeline.backward:
            name = ADJOINT_NAMES.get(operation.name, f"dL_d{operation.name}")
            if name == first.variable and operation.layer in own:
                return timeline.position(Phase.BACKWARD, first.step, operation)
        return timeline.end_of(Phase.BACKWARD, first.step)

    @cached_property
    def parameter_names(self) -> tuple[str, ...]:
        """The parameters, the recurrent one first: it is what the lecture is about."""
        names = self.trace.network.parameter_names
        return tuple(sorted(names, key=lambda name: not name.startswith("W")))

    @cached_property
    def ledgers(self) -> Ledgers:
        """The sums of chain-rule terms that the ledger's views draw."""
        return Ledgers(self.trace)

    def scale(self, name: str, layer: int | None, *, adjoint: bool) -> float:
        """The magnitude drawn in full colour for a quantity: its largest over all steps."""
        key = (name, layer, adjoint)
        if key not in self._scales:
            self._scales[key] = _largest(self.values(name, layer, adjoint=adjoint))
        return self._scales[key]

    def values(self, name: str, layer: int | None, *, adjoint: bool) -> Array:
        """A quantity over all steps, [T, …]."""
        trace = self.trace
        if layer is not None:
            own = trace.layers[layer]
            return own.adjoints[name] if adjoint else own.values[name][1:]
        if adjoint:
            return {"o": trace.dL_do, "x": trace.dL_dx}[name]
        return {"o": trace.o, "y_hat": trace.y_hat, "L": trace.losses[:, None]}[name]

    @cached_property
    def reasons(self) -> Reasons:
        """Why its numbers are what they are."""
        from bptt_viz.reasons import Reasons  # noqa: PLC0415  (start-up time: nobody asks before the first paint)

        return Reasons(self.trace, self.generated_from)

    @cached_property
    def flows(self) -> Flows:
        """How far gradients reach, as the page about it draws it."""
        from bptt_viz.views.flows import Flows  # noqa: PLC0415  (start-up time: nobody asks before the first paint)

        return Flows(self.trace)

    @cached_property
    def choices(self) -> Choices:
        """Which terms are kept, and which the other truncations would keep."""
        return self.chosen or Choices.of(self.trace.scenario.backward, self.trace.T)

    @cached_property
    def truncations(self) -> Truncations:
        """Other truncations of the same forward pass, as the page about them draws them."""
        from bptt_viz.views.truncations import Truncations  # noqa: PLC0415  (start-up time, as above)

        return self.compared or Truncations(self.trace)

    def only_reads(self, t: int) -> bool:
        """Whether step ``t`` comes before what is to be said: it has no target, and a later step has one.

        Nothing is learnt from such a step's prediction, and nothing reads it; steps that go on after the last target
        read each other's.
        """
        return t < self._last_target and not self.trace.has_target[t - 1]

    @cached_property
    def _last_target(self) -> int:
        """The last step that has a target; 0 where none has."""
        return int(np.flatnonzero(self.trace.has_target)[-1]) + 1 if self.trace.has_target.any() else 0

    @cached_property
    def _scales(self) -> dict[tuple[str, int | None, bool], float]:
        return {}


def _largest(values: Array) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max(initial=0.0))
