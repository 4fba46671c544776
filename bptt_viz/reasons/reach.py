"""Reasons of ∂h_t/∂h_k: its norm, its entries as sums over the step between, of one step φ′ · W. Imports the core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from bptt_viz.arithmetic import total
from bptt_viz.flow.bounds import plain_recurrence
from bptt_viz.flow.norms import derivative
from bptt_viz.flow.scaled import Scaled
from bptt_viz.formulas import Partial, Symbol
from bptt_viz.leaves import leaf, parameter_leaf
from bptt_viz.messages import phrase
from bptt_viz.quantities import Reach, Result
from bptt_viz.reasons.reason import Ground, Reason
from bptt_viz.writing import function_name

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.arithmetic import Leaf, Worked
    from bptt_viz.formulas import Formula

#: Entries of a matrix that are told as what a norm came from.
_MOST_ENTRIES: Final = 9


def of_reach(ground: Ground, quantity: Reach, entry: tuple[int, ...]) -> Reason:
    """∂h_t/∂h_k, an entry or the norm."""
    values = derivative(ground.trace, quantity.t, quantity.k, quantity.layer)
    return _entry(ground, quantity, values, entry) if entry else _norm(ground, quantity, values)


def _norm(ground: Ground, quantity: Reach, values: Array) -> Reason:
    name = _name(ground, quantity)
    value = float(10.0 ** float(Scaled.of(values).log_norms()))
    if values.size > _MOST_ENTRIES:
        return Reason(("‖", *name, "‖"), value, origin=phrase("origin.largest_singular_value", size=values.size))
    entries = [leaf(name, values, index, quantity) for index in np.ndindex(values.shape)]
    if len(entries) == 1:
        return Reason(("‖", *name, "‖"), value, ("|", *entries, "|"))
    worked: Worked = ("σ_max(",)
    for index, one in enumerate(entries):
        between = "" if not index else "; " if index % len(values) == 0 else ", "
        worked = (*worked, between, one)
    return Reason(("‖", *name, "‖"), value, (*worked, ")"))


def _entry(ground: Ground, quantity: Reach, values: Array, entry: tuple[int, ...]) -> Reason:
    trace, layer, t, k = ground.trace, quantity.layer, quantity.t, quantity.k
    one = leaf(_name(ground, quantity), values, entry, quantity)
    if t == k:
        return Reason(one.symbol, one.value, origin=phrase("origin.same_state"))
    cell = trace.network.cells_at(t)[layer]
    if t > k + 1 and cell.states == ("h",):
        far, near = Reach(layer, t, k + 1), Reach(layer, k + 1, k)
        left, right = derivative(trace, t, k + 1, layer), derivative(trace, k + 1, k, layer)
        i, j = entry
        terms: list[Worked] = [
            (leaf(_name(ground, far), left, (i, m), far), "·", leaf(_name(ground, near), right, (m, j), near))
            for m in range(len(values))
        ]
        return Reason(one.symbol, one.value, (total(terms, bare=True),))
    recurrence = plain_recurrence(cell)
    if t > k + 1 or recurrence is None:
        return Reason(one.symbol, one.value, origin=phrase("origin.pulled_back"))
    return Reason(one.symbol, one.value, _slope_times_weight(ground, quantity, recurrence[0], entry))


def _slope_times_weight(ground: Ground, quantity: Reach, matrix: str, entry: tuple[int, ...]) -> Worked:
    """φ′(a_t[i])·W[i, j], of one step of the plain cell."""
    trace, layer, t = ground.trace, quantity.layer, quantity.t
    a = leaf(
        (Symbol("a", t, layer=trace.network.number_of(layer)),),
        trace.layers[layer].values["a"][t],
        entry[:1],
        Result("a", t, layer),
    )
    weight: Leaf = parameter_leaf(matrix, trace.parameters[matrix], entry)
    return (f"{function_name(trace.scenario.network.activation)}′(", a, ")·", weight)


def _name(ground: Ground, quantity: Reach) -> Formula:
    """∂h_t/∂h_k."""
    number = ground.trace.network.number_of(quantity.layer)
    return (Partial(Symbol("h", quantity.t, layer=number), Symbol("h", quantity.k, layer=number)),)
