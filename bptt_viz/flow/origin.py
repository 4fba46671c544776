"""Where the first NaN or ∞ arises: which number it is. Imports ``tracing`` and ``quantities``.

All that was computed before it is finite, and so is everything that it is computed from; ``reasons`` writes that out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from msgspec import Struct

from bptt_viz.quantities import Accumulated, Adjoint, Contribution, Number, Result, Single
from bptt_viz.tracing import ADJOINT_NAMES

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.quantities import Quantity
    from bptt_viz.tracing import Trace


class Origin(Struct, frozen=True):
    """The first number that is not finite, in the order of the computation.

    Attributes
    ----------
    step
        t, 1..T.
    phase
        The pass that it arises in; ``loss`` for the sum of the losses, ``gradient`` for a sum over time.
    quantity
        Its name in the trace format.
    layer
        From 0; None where it belongs to no layer.
    number
        The number itself; its entry is the first of the quantity's that is not finite.
    value
        NaN or ±∞.
    """

    step: int
    phase: Literal["forward", "loss", "backward", "gradient"]
    quantity: str
    layer: int | None
    number: Number
    value: float


def origin(trace: Trace) -> Origin | None:
    """The first number that is not finite; None where all are."""
    first = trace.overflow
    if first is None:
        return None
    t, name = first.step, first.variable
    if name == "loss":
        return Origin(t, "loss", name, None, Number(Single("L")), trace.loss)
    if name == "gradient_norm":
        return Origin(t, "gradient", name, None, Number(Single("norm")), trace.gradient_norm)
    parameter = name.removeprefix("dL_d")
    if parameter in trace.parameters and name != parameter:
        return _in_sum(trace, parameter, t)
    for quantity, layer, row in _candidates(trace, name, t):
        broken = np.flatnonzero(~np.isfinite(row))
        if len(broken):
            entry = int(broken[0])
            phase: Literal["forward", "backward"] = "backward" if isinstance(quantity, Adjoint) else "forward"
            number = Number(quantity, () if name == "L" else (entry,))
            return Origin(t, phase, first.quantity, layer, number, float(row[entry]))
    raise AssertionError(f"expected a number of {name} at {t} that is not finite")


def _candidates(trace: Trace, name: str, t: int) -> list[tuple[Quantity, int | None, Array]]:
    """What bears the name at step ``t``, in the order of the computation: a quantity of each layer has one name."""
    at = t - 1
    ending = {"o": trace.o, "y_hat": trace.y_hat, "L": trace.losses[:, None]}
    if name in ending:
        return [(Result(name, t), None, ending[name][at])]
    if name == "dL_do":
        return [(Adjoint("o", t), None, trace.dL_do[at])]
    if name == "dL_dx":
        return [(Adjoint("x", t, 0), 0, trace.dL_dx[at])]
    found: list[tuple[Quantity, int | None, Array]] = [
        (Result(name, t, index), index, layer.values[name][t])
        for index, layer in enumerate(trace.layers)
        if name in layer.adjoints
    ]
    for index, layer in reversed(list(enumerate(trace.layers))):
        for variable, rows in layer.adjoints.items():
            if ADJOINT_NAMES.get(variable, f"dL_d{variable}") == name:
                found.append((Adjoint(variable, t, index), index, rows[at]))
    return found


def _in_sum(trace: Trace, parameter: str, t: int) -> Origin:
    """A contribution that is not finite itself, or the sum that it is added to."""
    for quantity, values in (
        (Contribution(parameter, t), trace.contributions.at(parameter, t)),
        (Accumulated(parameter, t), trace.accumulated.at(parameter, t)),
    ):
        broken = np.argwhere(~np.isfinite(values))
        if len(broken):
            entry = tuple(map(int, broken[0]))
            return Origin(t, "gradient", f"dL_d{parameter}", None, Number(quantity, entry), float(values[entry]))
    raise AssertionError(f"expected a sum for {parameter} at {t} that is not finite")
