"""The losses: value, ∂/∂o, and the prediction ŷ that belongs to each. Imports only ``activations``.

All callables take the logits o [T, K] and the targets y [T, K]; float64, stable for logits around ±1000.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from bptt_viz.activations import Array, sigmoid

if TYPE_CHECKING:
    from collections.abc import Callable


class Loss(Struct, frozen=True):
    """One row of the table below.

    Attributes
    ----------
    predict
        o → ŷ, [T, K].
    summands
        (o, y) → the K numbers that add up to each L_t, [T, K].
    gradient
        (o, ŷ, y) → ∂L_t/∂o_t, [T, K].
    prediction_written, gradient_written
        The formulas of ŷ_t and ∂L_t/∂o_t; ``{o}``, ``{y}`` and ``{p}`` are o_t, y_t and ŷ_t.
    entry_written
        One entry of ŷ_t; ``{z}`` is Σ exp(o).
    summand_written
        One summand, sign and factor in front of the sum left out; ``front`` has those.
    """

    name: str
    predict: Callable[[Array], Array]
    summands: Callable[[Array, Array], Array]
    gradient: Callable[[Array, Array, Array], Array]
    prediction_written: str
    entry_written: str
    front: str
    summand_written: str
    gradient_written: str

    def value(self, o: Array, y: Array) -> Array:
        """L_t of every step, [T]."""
        total: Array = self.summands(o, y).sum(axis=-1)
        return total


def softmax(o: Array) -> Array:
    """softmax(o), row by row."""
    return np.exp(log_softmax(o))


def log_softmax(o: Array) -> Array:
    """log softmax(o) = o − max o − log Σ exp(o − max o), row by row."""
    shifted = o - o.max(axis=-1, keepdims=True)
    logits: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return logits


def _cross_entropy(o: Array, y: Array) -> Array:
    # Where y is 0 the summand is 0 even if log softmax is −∞.
    return -np.where(y == 0, 0.0, y * log_softmax(o))


def _squared_error(o: Array, y: Array) -> Array:
    return 0.5 * (o - y) ** 2


def _binary_cross_entropy(o: Array, y: Array) -> Array:
    return np.maximum(o, 0.0) - o * y + np.log1p(np.exp(-np.abs(o)))


#: Sources: *Deep Learning* (2016), §6.2.2 (all three), eq. 10.18 (∂L/∂o of the softmax).
LOSSES: Final[dict[str, Loss]] = {
    row.name: row
    for row in (
        Loss(
            "cross_entropy",
            predict=softmax,
            summands=_cross_entropy,
            # Σ_k y_k is 1 for every valid target; written out, the formula holds for any y.
            gradient=lambda o, p, y: p * y.sum(axis=-1, keepdims=True) - y,
            prediction_written="softmax({o})",
            entry_written="exp({o}) / {z}",
            front="−",
            summand_written="{y} log {p}",
            gradient_written="{p} − {y}",
        ),
        Loss(
            "squared_error",
            predict=lambda o: o,
            summands=_squared_error,
            gradient=lambda o, p, y: o - y,
            prediction_written="{o}",
            entry_written="{o}",
            front="½ ",
            summand_written="({o} − {y})²",
            gradient_written="{o} − {y}",
        ),
        Loss(
            "binary_cross_entropy",
            predict=sigmoid,
            summands=_binary_cross_entropy,
            gradient=lambda o, p, y: p - y,
            prediction_written="σ({o})",
            entry_written="σ({o})",
            front="−",
            summand_written="[{y} log {p} + (1 − {y}) log(1 − {p})]",
            gradient_written="{p} − {y}",
        ),
    )
}
