"""The workings that are not the cell's: prediction, loss, ∂L/∂o, update. Imports the core; no screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from bptt_viz.arithmetic import Leaf, Summands, Worked, total
from bptt_viz.formulas import Formula, Gradient, MeanFactor, Over, Partial, Symbol
from bptt_viz.leaves import leaf
from bptt_viz.quantities import Adjoint, Given, Normaliser, Number, Result, Single
from bptt_viz.working import Part, Working
from bptt_viz.writing import fill, mean_factor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bptt_viz.activations import Array
    from bptt_viz.quantities import Quantity
    from bptt_viz.tracing import Trace


#: The largest logit whose exponential is written out.
_LARGE_LOGIT = 30.0


def prediction(trace: Trace, t: int) -> Working:
    """ŷ_t from o_t."""
    loss, o, y_hat = trace.loss_kind, trace.o[t - 1], trace.y_hat[t - 1]
    left, logits = (Symbol("y_hat", t),), (Symbol("o", t),)

    def worked(index: int) -> Worked:
        whole = "{z}" not in loss.entry_written
        one = (leaf(logits, o, (index,), Result("o", t)),) if whole else _logit(trace, t, index)
        return fill(loss.entry_written, o=one, z=(normaliser(trace, t),))

    rows = (
        Part(None, logits, o, "output", Result("o", t)),
        Part("=", left, y_hat, "output", Result("y_hat", t)),
    )
    formula = (*left, " = ", *fill(loss.prediction_written, o=logits))
    return Working(formula, rows, focus=_target_entry(trace, t), worked=worked)


def normaliser(trace: Trace, t: int) -> Leaf:
    """Σ_i exp(o_t)_i, what softmax divides by; of the logits less the largest, where those are large."""
    o = trace.o[t - 1]
    largest = (" − ", Symbol("o", t, (int(o.argmax()) + 1,))) if _shift(o) else ()
    with np.errstate(all="ignore"):
        value = float(np.exp(o - _shift(o)).sum())
    return Leaf((Over("Σ", "i"), " exp(", Symbol("o", t, ("i",)), *largest, ")"), value, Number(Normaliser(t)))


def normaliser_written_out(trace: Trace, t: int) -> Worked:
    """The same, summand by summand."""
    return (total([("exp(", *_logit(trace, t, k), ")") for k in range(trace.o.shape[1])], bare=True),)


def _shift(o: Array) -> float:
    """What is taken off all logits: beyond a size exp(o) says nothing on a board; less the largest, it does."""
    largest = float(o.max())
    return largest if abs(largest) > _LARGE_LOGIT else 0.0


def _logit(trace: Trace, t: int, index: int) -> Worked:
    """One logit, less the largest where that is taken off."""
    o, logits, quantity = trace.o[t - 1], (Symbol("o", t),), Result("o", t)
    one: Worked = (leaf(logits, o, (index,), quantity),)
    return (*one, " − ", leaf(logits, o, (int(o.argmax()),), quantity)) if _shift(o) else one


def step_loss(trace: Trace, t: int) -> Working:
    """L_t from ŷ_t (or o_t) and y_t, one summand per entry."""
    loss, y = trace.loss_kind, trace.y[t - 1]
    left = (Symbol("L", t),)
    if not trace.has_target[t - 1]:
        return Working(left, (), remark="remark.no_target")
    names = _names(t)
    guess = "p" if "{p}" in loss.summand_written else "o"
    guessed = trace.y_hat[t - 1] if guess == "p" else trace.o[t - 1]
    with np.errstate(all="ignore"):
        summed = loss.summands(trace.o[t - 1], y)
    focus = _target_entry(trace, t)

    def summand(index: int) -> Worked:
        return fill(loss.summand_written, **_entries(trace, t, index))

    def worked(index: int) -> Worked:
        # Beside the entry that the step is about stands "= L_t": all summands then, or it would not be true.
        if index != focus:
            return (loss.front, *summand(index))
        kept = tuple(int(k) for k in np.flatnonzero(summed)) or (index,)
        return (loss.front, Summands(tuple(summand(k) for k in range(len(y))), kept))

    written = (loss.front, *fill(loss.summand_written, **names))
    rows = (
        Part(None, names["y"], y, "output", Given("y", t)),
        Part(None, names[guess], guessed, "output", Result("y_hat" if guess == "p" else "o", t)),
        Part(None, written, summed, "output", worked=lambda index: (loss.front, *summand(index))),
        Part("=", left, trace.losses[t - 1 : t], "none", Result("L", t)),
    )
    each: Formula = (Over("Σ", "i"), " ") if len(y) > 1 else ()
    summand_of_i = fill(loss.summand_written, **_names(t, *("i",) * (len(y) > 1)))
    formula = (*left, " = ", loss.front, *each, *summand_of_i)
    return Working(formula, rows, focus=focus, worked=worked)


def total_loss(trace: Trace) -> Working:
    """L from the L_t."""
    count = int(trace.has_target.sum())
    mean = trace.scenario.loss.reduction == "mean"
    front: Formula = (MeanFactor(count, trace.T), " ") if mean else ()
    there = np.flatnonzero(trace.has_target)
    each = Part(None, (Symbol("L", "t"),), trace.losses, "time", Single("L"), present=trace.has_target)
    rows = (each, Part("=", (Symbol("L"),), np.array([trace.loss]), "none", Single("L")))

    def worked(_: int) -> Worked:
        losses: list[Worked] = [
            (Leaf((Symbol("L", int(t) + 1),), float(trace.losses[t]), Number(Result("L", int(t) + 1))),) for t in there
        ]
        return (*front, total(losses, bare=not mean))

    return Working((Symbol("L"), " = ", *front, "Σₜ ", Symbol("L", "t")), rows, worked=worked)


def loss_gradient(trace: Trace, t: int, loss_alone: int = 0) -> Working:
    """∂L/∂o_t, the reduction's factor included; with ``loss_alone`` ∂L_t/∂o_t, written so."""
    loss, y = trace.loss_kind, trace.y[t - 1]
    left = (Partial(Symbol("L", loss_alone or None), Symbol("o", t)),)
    result = Part("=", left, trace.dL_do[t - 1], "output", Adjoint("o", t, loss=loss_alone))
    if not trace.has_target[t - 1]:
        return Working((*left, " = 0"), (result,), worked=lambda _: ("0",), remark="remark.no_target")
    names = _names(t)
    first = "p" if "{p}" in loss.gradient_written else "o"
    predicted = trace.y_hat[t - 1] if first == "p" else trace.o[t - 1]
    factor = mean_factor(trace.reduction_factor, trace.T)
    difference = fill(loss.gradient_written, **names)

    def worked(index: int) -> Worked:
        entry = fill(loss.gradient_written, **_entries(trace, t, index))
        return (*factor, " (", *entry, ")") if factor else entry

    rows = [
        Part("", names[first], predicted, "output", Result("y_hat" if first == "p" else "o", t)),
        Part("−", names["y"], y, "output", Given("y", t)),
    ]
    if factor:
        values = np.full(len(y), trace.reduction_factor)
        rows.append(Part("·", factor, values, "output", worked=lambda _: factor))
    right: Formula = (*factor, " (", *difference, ")") if factor else difference
    return Working((*left, " = ", *right), (*rows, result), focus=_target_entry(trace, t), worked=worked)


#: How the numbers that there is one of are written.
SINGLES: Final[Mapping[str, Formula]] = {
    "L": (Symbol("L"),),
    "rate": ("η",),
    "norm": ("‖∇‖",),
    "threshold": ("θ",),
    "clip_factor": ("θ/‖∇‖",),
    "clipped_norm": ("‖clip(∇)‖",),
}


def update(trace: Trace, parameter: str) -> Working:
    """The step of gradient descent: θ ← θ − η ∇θ."""
    symbol = Symbol(parameter)
    clipped = trace.clipped_gradients is not None
    gradient: Formula = ("clip(", Gradient(symbol), ")") if clipped else (Gradient(symbol),)
    return Working((symbol, " ← ", symbol, " − η ", *gradient), ())


def _names(t: int, *entry: int | str) -> dict[str, Formula]:
    """The letters of the losses' templates at step ``t``, of the vectors or of an entry."""
    letters = {"o": "o", "y": "y", "p": "y_hat"}
    return {key: (Symbol(name, t, entry),) for key, name in letters.items()}


def _entries(trace: Trace, t: int, index: int) -> dict[str, Worked]:
    """The same, entry by entry."""
    numbers: dict[str, tuple[Array, Quantity]] = {
        "o": (trace.o[t - 1], Result("o", t)),
        "y": (trace.y[t - 1], Given("y", t)),
        "p": (trace.y_hat[t - 1], Result("y_hat", t)),
    }
    names = _names(t)
    return {key: (leaf(names[key], values, (index,), what),) for key, (values, what) in numbers.items()}


def _target_entry(trace: Trace, t: int) -> int:
    """The entry of y_t that matters most: its largest."""
    return int(np.argmax(trace.y[t - 1]))
