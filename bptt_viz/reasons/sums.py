"""Reasons of gradients over time: contributions, their sums, the loss, clipping and the update. Imports the core."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bptt_viz import gradients
from bptt_viz.arithmetic import Leaf, Worked, total
from bptt_viz.contributions import contribution_name, factors_of, is_used
from bptt_viz.endings import SINGLES, total_loss
from bptt_viz.formulas import Gradient, Partial, Symbol
from bptt_viz.leaves import leaf
from bptt_viz.messages import phrase
from bptt_viz.quantities import Accumulated, Contribution, Given, Number, Single, TermSum, Update
from bptt_viz.reasons.passes import of_working
from bptt_viz.reasons.reason import Ground, Reason

if TYPE_CHECKING:
    from bptt_viz.formulas import Formula
    from bptt_viz.messages import Phrase
    from bptt_viz.tracing import Trace


def contribution(ground: Ground, quantity: Contribution, entry: tuple[int, ...]) -> Reason:
    """∂⁺L/∂θ at t."""
    trace, name, t = ground.trace, quantity.parameter, quantity.t
    one = contribution_leaf(trace, name, t, entry)
    return Reason(one.symbol, one.value, outer(trace, name, t, entry), not_used(trace, name, t))


def accumulated(ground: Ground, quantity: Accumulated, entry: tuple[int, ...]) -> Reason:
    """∇θ as it stands after a backward step: what was there before, and what the step adds."""
    trace, name, t = ground.trace, quantity.parameter, quantity.t
    if t > trace.T:
        start = leaf((Gradient(Symbol(name)),), trace.accumulated.at(name, t), entry)
        return Reason((*start.symbol, f" (t > {trace.T})"), start.value, origin=phrase("origin.before_sweep"))
    one, added = accumulated_leaf(trace, name, t, entry), contribution_leaf(trace, name, t, entry)
    before = accumulated_leaf(trace, name, t + 1, entry)
    return Reason(one.symbol, one.value, (before, " + ", added) if t < trace.T else (added,))


def outer(trace: Trace, parameter: str, t: int, entry: tuple[int, ...], loss: int = 0) -> Worked:
    """One entry of a contribution: the adjoint's entry times that of what the matrix acted on."""
    if not is_used(trace, parameter, t):
        return ("0",)
    adjoint, operand = factors_of(trace, parameter, t, loss)
    front = adjoint.entry(entry[0])
    return front if operand is None else (*front, "·", *operand.entry(entry[1]))


def not_used(trace: Trace, parameter: str, t: int) -> Phrase | None:
    """What there is to say of a step that has nothing to do with a parameter."""
    return None if is_used(trace, parameter, t) else phrase("origin.not_used", t=t)


def contribution_leaf(trace: Trace, parameter: str, t: int, entry: tuple[int, ...]) -> Leaf:
    """One entry of what a step adds."""
    values = trace.contributions.at(parameter, t)
    return leaf(contribution_name(parameter, t), values, entry, Contribution(parameter, t))


def accumulated_leaf(trace: Trace, parameter: str, t: int, entry: tuple[int, ...]) -> Leaf:
    """One entry of ∇θ as it stands after step ``t``; before the sweep at T + 1."""
    number = Accumulated(parameter, t) if t <= trace.T else None
    one = leaf((Gradient(Symbol(parameter)),), trace.accumulated.at(parameter, t), entry, number)
    first, last = min(t, trace.T), trace.T
    return one if t == 1 else Leaf((*one.symbol, f" (t = {last}..{first})"), one.value, one.number)


def term_name(parameter: str, t: int, k: int) -> Formula:
    """How the chain-rule term (t, k) is written: what L_t gets through step k's use alone."""
    return (Partial(Symbol("L", t), Symbol(parameter), direct=True), f" (k = {k})")


def single(ground: Ground, quantity: Single, entry: tuple[int, ...]) -> Reason:
    """A number that there is one of."""
    trace, update = ground.trace, ground.trace.scenario.update
    match quantity.name:
        case "L":
            return of_working(total_loss(trace), entry)
        case "rate":
            return Reason(SINGLES["rate"], update.learning_rate, origin=phrase("origin.rate"))
        case "threshold":
            value = update.clip.threshold if update.clip is not None else math.nan
            return Reason(SINGLES["threshold"], value, origin=phrase("origin.file", place="update.clip.threshold"))
        case "norm":
            squares: list[Worked] = [(_norm_leaf(trace, name), "²") for name in trace.parameters]
            return Reason(SINGLES["norm"], trace.gradient_norm, ("√", total(squares)))
        case "clip_factor":
            return Reason(SINGLES["clip_factor"], _factor(trace), (_threshold(trace), " / ", _norm(trace)))
        case "clipped_norm":
            return Reason(SINGLES["clipped_norm"], trace.clipped_norm, _clipped_norm(trace))


def update(ground: Ground, quantity: Update, entry: tuple[int, ...]) -> Reason:
    """The clipped gradient, what is taken off a parameter, and its new value."""
    trace, name = ground.trace, quantity.parameter
    if quantity.kind == "clipped":
        one = _clipped_leaf(trace, name, entry)
        return Reason(one.symbol, one.value, _clipping(trace, name, entry))
    taken = _clipped_leaf(trace, name, entry)
    rate = Leaf(SINGLES["rate"], trace.scenario.update.learning_rate, Number(Single("rate")))
    step = Leaf((*rate.symbol, " ", *taken.symbol), rate.value * taken.value, Number(Update("step", name), entry))
    if quantity.kind == "step":
        return Reason(step.symbol, step.value, (rate, "·", taken))
    before = leaf((Symbol(name),), trace.parameters[name], entry, Given(name))
    value = float(trace.updated_parameters[name][entry])
    return Reason(("← ", *before.symbol), value, (before, " − ", step))


def _clipped_leaf(trace: Trace, name: str, entry: tuple[int, ...]) -> Leaf:
    """What the update multiplies by η: the gradient, clipped where the scenario clips."""
    if trace.clipped_gradients is None:
        return accumulated_leaf(trace, name, 1, entry)
    formula: Formula = ("clip(", Gradient(Symbol(name)), ")")
    return leaf(formula, trace.clipped_gradients[name], entry, Update("clipped", name))


def _clipping(trace: Trace, name: str, entry: tuple[int, ...]) -> Worked:
    """What clipping makes of one entry of a gradient."""
    clip, before = trace.scenario.update.clip, accumulated_leaf(trace, name, 1, entry)
    if clip is None:
        raise KeyError("clipped")
    threshold = _threshold(trace)
    if clip.kind == "value":
        return ("min(max(", before, ", −", threshold, "), ", threshold, ")")
    norm = _norm(trace)
    return (before, "·", threshold, " / ", norm) if norm.value > clip.threshold else (before,)


def _threshold(trace: Trace) -> Leaf:
    assert trace.scenario.update.clip is not None
    return Leaf(SINGLES["threshold"], trace.scenario.update.clip.threshold, Number(Single("threshold")))


def _norm(trace: Trace) -> Leaf:
    return Leaf(SINGLES["norm"], trace.gradient_norm, Number(Single("norm")))


def _factor(trace: Trace) -> float:
    if trace.clip_factor is None:
        raise KeyError("clip_factor")
    return trace.clip_factor


def _clipped_norm(trace: Trace) -> Worked:
    """‖∇‖ times the factor of clipping by norm; by value, of what is left of every parameter's gradient."""
    if trace.clipped_gradients is None:
        return (_norm(trace),)
    if trace.clip_factor is not None:
        return (_norm(trace), "·", Leaf(SINGLES["clip_factor"], trace.clip_factor, Number(Single("clip_factor"))))
    squares: list[Worked] = [
        (Leaf(("‖clip(", Gradient(Symbol(name)), ")‖"), gradients.norm({name: values})), "²")
        for name, values in trace.clipped_gradients.items()
    ]
    return ("√", total(squares))


def _norm_leaf(trace: Trace, name: str) -> Leaf:
    """‖∇θ‖ of one parameter."""
    value = gradients.norm({name: trace.gradients[name]})
    everything = (1, trace.T)
    return Leaf(("‖", Gradient(Symbol(name)), "‖"), value, Number(TermSum(name, everything, everything)))
