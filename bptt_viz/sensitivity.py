"""Real-time recurrent learning: dh_t/dθ carried forward, and the two ways to sum one gradient. Imports ``ledger``.

dh_t/dθ = ∂⁺h_t/∂θ + ∂h_t/∂h_{t−1} · dh_{t−1}/dθ: the direct derivative, the earlier state held fixed, and
what reaches h_t through the earlier state. So the gradient is summed in two ways,

    Σ_t ∂L/∂v_t · ∂⁺v_t/∂θ  =  Σ_t ∂L_t/∂h_t · dh_t/dθ,

the columns of the ledger and its rows. On the left v is what θ acts on: h of θ's own layer, but an LSTM's s for the
gates that make s; on the right h is the top layer's. The recursion holds H × (size of θ) numbers where the backward
pass holds H.

Source: Williams & Zipser, *A learning algorithm for continually running fully recurrent neural networks*, Neural
Computation 1 (1989), eqs. 3–8, for the plain cell; here for any equations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from bptt_viz.cells import X
from bptt_viz.equations import Variable, reads
from bptt_viz.jacobians import pull_units
from bptt_viz.ledger import columns, lengths
from bptt_viz.sweep import AtStep, uses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bptt_viz.activations import Array
    from bptt_viz.cells import Cell
    from bptt_viz.equations import Expression
    from bptt_viz.network import Network
    from bptt_viz.tracing import Mask, Trace

#: How many numbers dh_t/dθ may have over all steps, T × H × (size of θ): 32 MB if they were kept.
LARGEST: Final = 4_000_000

#: Differences so small beside the largest norm are rounding.
_ROUNDING: Final = 1e-12

#: The total derivative of every state, [H, size of θ].
_Totals = dict[str, "Array"]


class TwoSides(Struct, frozen=True, eq=False):
    """The summands of one gradient taken in two ways, and their sums; index 0 is t = 1.

    Attributes
    ----------
    by_use
        ∂L/∂v_t · ∂⁺v_t/∂θ with v from :func:`acted_on`, what step t's own use of θ adds: columns of the ledger,
        [T, *shape].
    by_loss
        ∂L_t/∂h_t · dh_t/dθ, what the loss of step t adds: rows of the ledger, [T, *shape].
    sums_by_use, sums_by_loss
        The sums as either pass comes by them: of the uses t..T, going back, and of the losses 1..t, going forward,
        [T, *shape]; ∇θ is the first of the former and the last of the latter.
    norms
        Of by_use, sums_by_use, by_loss and sums_by_loss, in this order, [T, 4].
    summands_agree
        Where by_use and by_loss are the same but for rounding, [T].
    totals_agree
        Whether the sums over all steps are.
    difference
        The largest difference of the two totals, entry by entry.
    from_gradient
        The largest difference of either total from ∇θ.
    """

    parameter: str
    by_use: Array
    by_loss: Array
    sums_by_use: Array
    sums_by_loss: Array
    norms: Array
    summands_agree: Mask
    totals_agree: bool
    difference: float
    from_gradient: float


def size(trace: Trace, parameter: str) -> int:
    """How many numbers both sides take over all steps: T × H × (size of θ) for dh_t/dθ, T × (size of θ) for V and c."""
    each = len(trace.network.initial_states[-1]) if is_recurrent(trace, parameter) else 1
    return int(trace.T * each * trace.parameters[parameter].size)


def is_recurrent(trace: Trace, parameter: str) -> bool:
    """Whether the hidden state depends on the parameter; on V and c it does not, and there is no recursion."""
    return not reads(trace.network.output.right, parameter)


def acted_on(network: Network, parameter: str) -> tuple[str, int | None]:
    """Through which variable alone a step's own use of a parameter reaches the loss, and its layer, from 0.

    It is a state where there is such a one, so that ∂L/∂v_t holds all of the later ways, those within the step too:
    h of the plain cell and of a GRU, s for an LSTM's input and forget gates and its candidate, h for its output gate.
    Else it is the result of the equation that reads the parameter; for V and c it is o, which is in no layer (None).

    Raises
    ------
    KeyError
        If nothing reads the parameter, or if several equations do and no variable is behind all of them.
    """
    if reads(network.output.right, parameter):
        return network.output.name, None
    for cells in (network.cells, network.decoder):
        for layer, cell in enumerate(cells):
            readers = [equation.name for equation in cell.equations if reads(equation.right, parameter)]
            candidates = (*cell.states, *readers) if len(readers) == 1 else cell.states
            for name in candidates if readers else ():
                if not _leaves_step(cell, readers, without=name):
                    return name, layer
    raise KeyError(parameter)


def _leaves_step(cell: Cell, started: list[str], without: str) -> bool:
    """Whether a state can be reached within the step from one of the variables, not passing ``without``."""
    reached = set(started) - {without}
    for equation in cell.equations:
        if equation.name != without and any(_mentions(equation.right, name) for name in reached):
            reached.add(equation.name)
    return not reached.isdisjoint(cell.states)


def _mentions(expression: Expression, name: str) -> bool:
    """Whether an expression is made of the variable of its own step."""
    return expression == Variable(name) or any(_mentions(operand, name) for operand in expression.operands)


def total_derivatives(trace: Trace, parameter: str) -> Iterator[Array]:
    """dh_t/dθ of the top layer's hidden state for t = 1..T, each [H, *shape], as far as truncation lets it through.

    A window has no such recursion: what leaves it would have to be taken off again, step by step.
    One step costs H² × (size of θ) operations; nothing but the last step's derivatives is kept.
    """
    shape = trace.parameters[parameter].shape
    zeros = np.zeros((len(trace.network.initial_states[0]), trace.parameters[parameter].size))
    before: list[_Totals] = [dict.fromkeys(cell.states, zeros) for cell in trace.network.cells]
    for t in range(1, trace.T + 1):
        with np.errstate(all="ignore"):
            below: Array | None = None
            for layer, cell in enumerate(trace.network.cells_at(t)):
                scope = AtStep(trace.layers[layer].values, trace.parameters, t)
                values = trace.layers[layer].values
                before[layer] = _step(cell, parameter, values, scope, before[layer], below, trace.truncation.edge(t))
                below = before[layer]["h"]
        yield before[-1]["h"].reshape(-1, *shape)


def _step(
    cell: Cell,
    parameter: str,
    values: Mapping[str, Array],
    scope: AtStep,
    before: _Totals,
    below: Array | None,
    xi: float,
) -> _Totals:
    """The total derivatives of a layer's states from those of the step before, times ξ_t, and of the layer below."""
    hidden = len(next(iter(before.values())))
    rows = hidden * len(cell.states)
    outputs = {equation.name: values[equation.name][scope.t] for equation in cell.equations}
    incoming, jacobians = pull_units(cell, outputs, scope)
    # The direct derivative: every path within the step.
    total = np.zeros((rows, next(iter(before.values())).shape[1]))
    for equation in cell.equations:
        for name, use in uses(equation.right, incoming[equation.name], outputs[equation.name], scope):
            if name == parameter:
                direct = use.adjoint if use.operand is None else use.adjoint[:, :, None] * use.operand
                total += direct.reshape(rows, -1)
    for state, jacobian in jacobians.items():
        if xi:
            total += jacobian @ (before[state] * xi)
    if below is not None:
        total += incoming[X.name] @ below
    return {state: total[index * hidden : (index + 1) * hidden] for index, state in enumerate(cell.states)}


@np.errstate(all="ignore")
def two_sides(
    trace: Trace,
    parameter: str,
    progress: Callable[[int], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> TwoSides | None:
    """The gradient of a parameter summed in both ways; for V and c, step t's loss reads its own use only.

    Returns
    -------
    TwoSides or None
        None if it was cancelled.

    Raises
    ------
    ValueError
        If it would take more than :data:`LARGEST` numbers over all steps.
    """
    if size(trace, parameter) > LARGEST:
        raise ValueError(f"size: expected {LARGEST} numbers or fewer, found {size(trace, parameter)}")
    by_use = trace.contributions[parameter]
    by_loss = by_use.copy()
    if is_recurrent(trace, parameter) and trace.truncation.window:
        by_loss = _summed_by_loss(trace, parameter)
    elif is_recurrent(trace, parameter):
        for index, derivative in enumerate(total_derivatives(trace, parameter)):
            dL_do = trace.dL_do[index]
            ((_, of_this_loss),) = trace.network.output.right.pullback(dL_do, None, _scope(trace, index + 1))
            by_loss[index] = np.tensordot(of_this_loss, derivative, axes=1)
            if index % 64 == 63:
                progress(index + 1)
                if cancelled():
                    return None
    summands = (by_use, np.cumsum(by_use[::-1], axis=0)[::-1], by_loss, np.cumsum(by_loss, axis=0))
    norms = np.stack([lengths(rows.reshape(trace.T, -1)) for rows in summands], axis=1)
    left, right, gradient = summands[1][0], summands[3][-1], trace.gradients[parameter]
    from_gradient = max(_largest_difference(left, gradient), _largest_difference(right, gradient))
    return TwoSides(
        parameter,
        by_use=by_use,
        by_loss=by_loss,
        sums_by_use=summands[1],
        sums_by_loss=summands[3],
        norms=norms,
        summands_agree=_agree(summands[0], summands[2], norms),
        totals_agree=bool(_agree(left[None], right[None], norms)[0]),
        difference=_largest_difference(left, right),
        from_gradient=from_gradient,
    )


def _summed_by_loss(trace: Trace, parameter: str) -> Array:
    """Σ_k of the terms (t, k) that are kept, for every t, [T, *shape]."""
    values = [layer.values for layer in trace.layers]
    rows = np.zeros((trace.T, *trace.parameters[parameter].shape))
    for column in columns(trace.network, values, trace.dL_do, trace.truncation):
        if column.parameter == parameter:
            for t in range(column.k, column.k + len(column.adjoints)):
                rows[t - 1] += column.term(t)
    return rows


def _scope(trace: Trace, t: int) -> AtStep:
    return AtStep(trace.layers[-1].values, trace.parameters, t)


def _agree(left: Array, right: Array, norms: Array) -> Mask:
    """At which t two arrays are the same but for rounding, measured by what is summed; [T]."""
    apart = np.abs(left - right).reshape(len(left), -1).max(axis=1, initial=0.0)
    agree: Mask = apart <= _ROUNDING * norms.max(initial=0.0)
    return agree


def _largest_difference(left: Array, right: Array) -> float:
    return float(np.abs(left - right).max(initial=0.0))
