"""The losses: value, ∂/∂o, and the prediction ŷ that belongs to each. Imports only ``activations``.

All callables take the logits o [T, K] and the targets y [T, K]; float64, stable for \\|o\\| ~ 1e3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from bptt_viz.activations import Array, sigmoid


@dataclass(frozen=True, slots=True)
class Loss:
    """One row of the table below.

    Attributes
    ----------
    predict
        o → ŷ, [T, K].
    value
        (o, y) → L_t, [T].
    gradient
        (o, ŷ, y) → ∂L_t/∂o_t, [T, K].
    prediction_written, value_written, gradient_written
        The formulas, for ``notation`` to set: ``{o}``, ``{y}`` and ``{p}`` are o_t, y_t and ŷ_t.
    """

    name: str
    predict: Callable[[Array], Array]
    value: Callable[[Array, Array], Array]
    gradient: Callable[[Array, Array, Array], Array]
    prediction_written: str
    value_written: str
    gradient_written: str


def softmax(o: Array) -> Array:
    """softmax(o), row by row."""
    return np.exp(log_softmax(o))


def log_softmax(o: Array) -> Array:
    """log softmax(o) = o − max o − log Σ exp(o − max o), row by row."""
    shifted = o - o.max(axis=-1, keepdims=True)
    logits: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return logits


def _cross_entropy(o: Array, y: Array) -> Array:
    # Where y is 0 the term is 0 even if log softmax is −∞.
    each: Array = -np.where(y == 0, 0.0, y * log_softmax(o)).sum(axis=-1)
    return each


def _squared_error(o: Array, y: Array) -> Array:
    each: Array = 0.5 * ((o - y) ** 2).sum(axis=-1)
    return each


def _binary_cross_entropy(o: Array, y: Array) -> Array:
    each: Array = (np.maximum(o, 0.0) - o * y + np.log1p(np.exp(-np.abs(o)))).sum(axis=-1)
    return each


#: Sources: *Deep Learning* (2016), §6.2.2 (all three), eq. 10.18 (∂L/∂o of the softmax).
LOSSES: Final[dict[str, Loss]] = {
    row.name: row
    for row in (
        Loss(
            "cross_entropy",
            softmax,
            _cross_entropy,
            # Σ_k y_k is 1 for every valid target; written out, the formula holds for any y.
            lambda o, p, y: p * y.sum(axis=-1, keepdims=True) - y,
            "softmax({o})",
            "−Σₖ {y} log {p}",
            "{p} − {y}",
        ),
        Loss(
            "squared_error",
            lambda o: o,
            _squared_error,
            lambda o, p, y: o - y,
            "{o}",
            "½ ‖{o} − {y}‖²",
            "{o} − {y}",
        ),
        Loss(
            "binary_cross_entropy",
            sigmoid,
            _binary_cross_entropy,
            lambda o, p, y: p - y,
            "σ({o})",
            "−Σₖ [{y} log {p} + (1 − {y}) log(1 − {p})]",
            "{p} − {y}",
        ),
    )
}
