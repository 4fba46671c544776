"""What a scenario run once leaves behind: every quantity of both passes. Imports the core; no text, no screen.

The attributes of :class:`Trace` bear the names of the trace format.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from bptt_viz import gradients, ledger, sweep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bptt_viz.activations import Array
    from bptt_viz.layer_trace import LayerTrace
    from bptt_viz.losses import Loss
    from bptt_viz.network import Network
    from bptt_viz.scenario import Scenario
    from bptt_viz.sequence import Items
    from bptt_viz.sweep import Use
    from bptt_viz.truncation import Truncation

Mask = NDArray[np.bool_]


class Overflow(Struct, frozen=True):
    """Where the first number that is not finite arises, in the order of the computation.

    Attributes
    ----------
    variable
        The quantity's name in the trace format, as it is in each layer.
    layer
        From 1, where the network has several and the quantity is of one of them; else 0.
    """

    step: int
    variable: str
    layer: int = 0

    @property
    def quantity(self) -> str:
        """The name with the layer, as parameters have it: ``h_2``, ``dL_da_f_2``."""
        return f"{self.variable}_{self.layer}" if self.layer else self.variable


@dataclass(frozen=True, eq=False)
class Trace:
    """All quantities of one forward and backward pass; arrays are time-major, index 0 is t = 1, and read-only.

    Attributes
    ----------
    reduction_factor
        What each L_t is multiplied by in L: 1, or 1 / (number of targets).
    losses
        L_t without the reduction's factor, [T]; NaN where step t has no target.
    truncation
        The weights of the chain-rule terms that gradients are the sums of.
    has_target
        Whether step t has a target, [T].
    x, y
        Inputs [T, D] and targets [T, K].
    o, y_hat, dL_do
        Logits, predictions and ∂L/∂o_t, [T, K].
    loss_history
        The loss before each update and after the last, where updates were asked for.
    """

    scenario: Scenario
    network: Network
    inputs: Items
    targets: Items
    loss_kind: Loss
    reduction_factor: float
    has_target: Mask
    x: Array
    y: Array
    layers: tuple[LayerTrace, ...]
    o: Array
    y_hat: Array
    losses: Array
    dL_do: Array
    uses: Mapping[str, Use]
    truncation: Truncation
    loss_history: Array | None = None

    def freeze(self) -> None:
        """Make every array read-only: a trace is a record."""
        self.has_target.setflags(write=False)
        for layer in self.layers:
            layer.freeze()
        for rows in (self.x, self.y, self.o, self.y_hat, self.losses, self.dL_do):
            rows.setflags(write=False)
        if self.truncation.xi is not None:
            self.truncation.xi.setflags(write=False)

    @property
    def T(self) -> int:
        """The number of steps."""
        return len(self.x)

    @property
    def parameters(self) -> Mapping[str, Array]:
        """Name → value."""
        return self.network.parameters

    @property
    def loss(self) -> float:
        """L: the sum of the losses, or their mean over the steps with a target."""
        with np.errstate(all="ignore"):
            return float(self.losses[self.has_target].sum() * self.reduction_factor)

    @cached_property
    def dL_dx(self) -> Array:
        """∂L/∂x_t, [T, D]; no gradient waits for it, so it is computed when asked for."""
        bottom, stages = self.layers[0], self.network.stages(self.T)
        with np.errstate(all="ignore"):
            rows = np.concatenate(
                [
                    sweep.input_adjoint(
                        stage.cells[0], self.parameters, stage.seen(bottom.values), stage.own(bottom.adjoints)
                    )
                    for stage in stages
                ]
            )
        rows.setflags(write=False)
        return rows

    @property
    def xi(self) -> Array | None:
        """ξ_1..ξ_T as drawn or given, [T], what ``[backward] xi`` takes; None unless the strategy is randomized."""
        drawn = self.truncation.xi if self.scenario.backward.strategy == "randomized" else None
        return None if drawn is None else drawn[1:]

    @property
    def contributions(self) -> gradients.Contributions:
        """Name → [T × shape], each made when asked for."""
        return gradients.Contributions(self.uses)

    @property
    def accumulated(self) -> gradients.Accumulated:
        """Name → [T × shape], each made when asked for."""
        return gradients.Accumulated(self.uses)

    @cached_property
    def gradients(self) -> Mapping[str, Array]:
        """Name → ∇θ, of the parameter's shape."""
        with np.errstate(all="ignore"):
            return gradients.totals(self.uses)

    @cached_property
    def gradient_norm(self) -> float:
        """‖∇‖ over all parameters together, before any clipping."""
        return gradients.norm(self.gradients)

    @cached_property
    def clipped_gradients(self) -> Mapping[str, Array] | None:
        """Name → ∇θ after clipping; None where the scenario does not clip."""
        clip = self.scenario.update.clip
        with np.errstate(all="ignore"):
            return None if clip is None else gradients.clip(self.gradients, clip.kind, clip.threshold)

    @cached_property
    def clip_factor(self) -> float | None:
        """What clipping by norm multiplies the gradients by; None where the scenario does not clip so."""
        clip = self.scenario.update.clip
        if clip is None or clip.kind != "norm":
            return None
        return gradients.clip_factor(self.gradient_norm, clip.threshold)

    def cut(self, name: str) -> Mask:
        """Which entries of a parameter's gradient clipping changes, of the parameter's shape."""
        clipped = self.clipped_gradients
        return np.zeros(self.gradients[name].shape, bool) if clipped is None else clipped[name] != self.gradients[name]

    @cached_property
    def clipped_norm(self) -> float:
        """‖∇‖ over all parameters together, after clipping."""
        return self.gradient_norm if self.clipped_gradients is None else gradients.norm(self.clipped_gradients)

    @cached_property
    def steps(self) -> Mapping[str, Array]:
        """Name → η ∇θ (clipped where the scenario clips): what one step of gradient descent takes off."""
        rate = self.scenario.update.learning_rate
        taken = self.gradients if self.clipped_gradients is None else self.clipped_gradients
        with np.errstate(all="ignore"):
            return {name: rate * gradient for name, gradient in taken.items()}

    @cached_property
    def updated_parameters(self) -> Mapping[str, Array]:
        """θ − η ∇θ (clipped where the scenario clips): the parameters after one step of gradient descent."""
        with np.errstate(all="ignore"):
            return {name: value - self.steps[name] for name, value in self.parameters.items()}

    @cached_property
    def triangle(self) -> Mapping[str, Array]:
        """Name → [T, T]: the Frobenius norm of term (t, k) at row t, column k."""
        with np.errstate(all="ignore"):
            values = [layer.values for layer in self.layers]
            return ledger.triangle(self.network, values, self.dL_do, self.truncation)

    @cached_property
    def overflow(self) -> Overflow | None:
        """The first step and quantity that is not finite; None where all numbers are."""
        layers = [(self.network.number_of(index), layer) for index, layer in enumerate(self.layers)]
        forward = [(name, number, layer.values[name][1:]) for number, layer in layers for name in layer.adjoints]
        losses = np.where(self.has_target, self.losses, 0.0)[:, None]
        forward += [("o", 0, self.o), ("y_hat", 0, self.y_hat), ("L", 0, losses)]
        first = _first_not_finite(forward, range(self.T))
        if first is not None:
            return first
        if not np.isfinite(self.loss):
            return Overflow(self.T, "loss")
        backward = [("dL_do", 0, self.dL_do)]
        for number, layer in reversed(layers):
            adjoints = list(layer.adjoints.items())[::-1]
            backward += [(ADJOINT_NAMES.get(name, f"dL_d{name}"), number, rows) for name, rows in adjoints]
        backward.append(("dL_dx", 0, self.dL_dx))
        found = _first_not_finite(backward, range(self.T - 1, -1, -1))
        in_sum = self._gradient_overflow()
        # A step's adjoints come before its contributions, and those before the adjoints of the step before.
        return in_sum if found is None or (in_sum is not None and in_sum.step > found.step) else found

    def _gradient_overflow(self) -> Overflow | None:
        wild = [name for name, total in self.gradients.items() if not np.isfinite(total).all()]
        if not wild:
            return None if np.isfinite(self.gradient_norm) else Overflow(1, "gradient_norm")
        # Once a sum has overflowed it stays so for every smaller t: bisect for the largest.
        broken_at = {name: self._last_broken(name) for name in wild}
        name = max(broken_at, key=lambda key: broken_at[key])
        return Overflow(broken_at[name], f"dL_d{name}")

    def _last_broken(self, name: str) -> int:
        sound, broken = self.T + 1, 1
        while sound - broken > 1:
            middle = (sound + broken) // 2
            finite = np.isfinite(self.accumulated.at(name, middle)).all()
            sound, broken = (middle, broken) if finite else (sound, middle)
        return broken


#: Adjoints that the trace format has a word of its own for; the others are ``dL_d…``.
ADJOINT_NAMES: Final = {"a": "delta"}


def _first_not_finite(quantities: list[tuple[str, int, Array]], order: range) -> Overflow | None:
    finite = np.stack([np.isfinite(rows).all(axis=1) for _, _, rows in quantities])
    broken = [t for t in order if not finite[:, t].all()] if not finite.all() else []
    if not broken:
        return None
    name, layer, _ = quantities[int(np.argmin(finite[:, broken[0]]))]
    return Overflow(broken[0] + 1, name, layer)
