"""A scenario in, a trace out: forward, loss, backward, and steps of gradient descent. Imports the core only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bptt_viz import truncation
from bptt_viz.losses import LOSSES, Loss
from bptt_viz.network import build
from bptt_viz.passes import backward, forward
from bptt_viz.sequence import Items, sides
from bptt_viz.tracing import Trace

if TYPE_CHECKING:
    from bptt_viz.network import Network
    from bptt_viz.scenario import Scenario


def trace(scenario: Scenario, updates: int = 0) -> Trace:
    """Run a scenario, after ``updates`` steps of gradient descent where asked.

    The trace then belongs to the updated parameters, and its ``loss_history`` has ``updates`` + 1
    losses: before each update and after the last.

    Raises
    ------
    ValueError
        If ``updates`` is negative.
    """
    if updates < 0:
        raise ValueError(f"updates: expected 0 or more, found {updates}")
    now = run(scenario, build(scenario))
    if not updates:
        return now
    history = [now.loss]
    for _ in range(updates):
        now = updated(now)
        history.append(now.loss)
    return replace(now, loss_history=np.array(history))


def updated(trace: Trace) -> Trace:
    """The trace after one more update: one step of gradient descent, clipped where the scenario clips."""
    network = trace.network.with_parameters(trace.updated_parameters)
    return run(trace.scenario, network, (trace.inputs, trace.targets))


def run(scenario: Scenario, network: Network, sequence: tuple[Items, Items] | None = None) -> Trace:
    """The trace of a scenario with a network's parameters.

    ``sequence`` is the scenario's inputs and targets where they are at hand: they keep their arrays.
    Numbers that overflow become ∞ or NaN and go on as such; nothing is raised.
    """
    inputs, targets = sequence or sides(scenario.sequence)
    x, y, has_target = inputs.array, targets.array, targets.mask
    loss = loss_of(scenario, targets)
    factor = reduction_factor(scenario, int(has_target.sum()))
    with np.errstate(all="ignore"):
        values, o = forward(network, x)
        y_hat = loss.predict(o)
        losses = np.where(has_target, loss.value(o, y), np.nan)
        dL_do = np.where(has_target[:, None], loss.gradient(o, y_hat, y) * factor, 0.0)
        kept = truncation.of(scenario.backward, len(x))
        layers, uses = backward(network, values, dL_do, kept)
    result = Trace(
        scenario=scenario,
        network=network,
        inputs=inputs,
        targets=targets,
        loss_kind=loss,
        reduction_factor=factor,
        has_target=has_target,
        x=x,
        y=y,
        layers=layers,
        o=o,
        y_hat=y_hat,
        losses=losses,
        dL_do=dL_do,
        uses=uses,
        truncation=kept,
    )
    result.freeze()
    return result


def blame(trace: Trace, loss: int) -> Trace:
    """The backward pass of L_loss alone, over the steps up to it: its contribution at k is the term (loss, k).

    Raises
    ------
    IndexError
        If there is no step ``loss``.
    """
    if not 1 <= loss <= trace.T:
        raise IndexError(f"loss: expected 1..{trace.T}, found {loss}")
    values = [{name: rows[: loss + 1] for name, rows in layer.values.items()} for layer in trace.layers]
    dL_do = np.zeros_like(trace.dL_do[:loss])
    dL_do[-1] = trace.dL_do[loss - 1]
    kept = trace.truncation.of_loss(loss)
    with np.errstate(all="ignore"):
        layers, uses = backward(trace.network, values, dL_do, kept)
    cut = {name: getattr(trace, name)[:loss] for name in ("has_target", "x", "y", "o", "y_hat", "losses")}
    return replace(trace, layers=layers, uses=uses, dL_do=dL_do, truncation=kept, **cut)


def loss_of(scenario: Scenario, targets: Items) -> Loss:
    """The loss of a scenario; the default is cross-entropy for symbols, squared error for numbers."""
    return LOSSES[scenario.loss.kind or ("cross_entropy" if targets.symbolic else "squared_error")]


def reduction_factor(scenario: Scenario, count: int) -> float:
    """What each of ``count`` step losses is multiplied by in L: 1 for ``sum``, 1 / count for ``mean``."""
    return 1.0 / count if scenario.loss.reduction == "mean" and count else 1.0
