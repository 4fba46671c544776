"""The activation functions φ and their derivatives φ′, written in the output h. Imports only numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

Array = NDArray[np.float64]


class ActivationFunction(Struct, frozen=True):
    """One row of the table below; all callables work entry by entry on arrays of any shape.

    Attributes
    ----------
    value
        φ(a).
    derivative
        φ′ as a function of the *output* h = φ(a): what the backward pass has at hand.
    written
        φ′ as a lecture writes it; ``{h}`` stands for the output, ``{a}`` for the input.
    steepest
        max φ′.
    """

    name: str
    value: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    written: str
    steepest: float


def sigmoid(a: Array) -> Array:
    """σ(a) = 1 / (1 + e^−a), without overflow for large absolute values of a."""
    decay = np.exp(-np.abs(a))
    return np.where(a >= 0, 1.0, decay) / (1.0 + decay)


#: relu′(0) = 0, as INTERFACE's section on cells states; autograd libraries agree.
ACTIVATIONS: Final[dict[str, ActivationFunction]] = {
    row.name: row
    for row in (
        ActivationFunction("tanh", np.tanh, lambda h: 1.0 - h * h, "1 − {h}²", 1.0),
        ActivationFunction("sigmoid", sigmoid, lambda h: h * (1.0 - h), "{h} ⊙ (1 − {h})", 0.25),
        ActivationFunction("relu", lambda a: np.maximum(a, 0.0), lambda h: np.where(h > 0, 1.0, 0.0), "[{a} > 0]", 1.0),
        ActivationFunction("identity", lambda a: a, np.ones_like, "1", 1.0),
    )
}
