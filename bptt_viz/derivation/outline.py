"""A derivation before SymPy is there: the equations and the rule. Imports ``writing`` and ``naming``; never sympy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.derivation.naming import at, of_output, state, written
from bptt_viz.derivation.result import Derivation
from bptt_viz.losses import LOSSES
from bptt_viz.notation import Formula, Over, Partial, Symbol
from bptt_viz.writing import fill, mean_factor
from bptt_viz.writing import written as expression_written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.derivation.window import Window

_TIMES = " · "


def outline(window: Window) -> Derivation:
    """The derivation of a window without any of its terms yet.

    A step that has no target has no terms: they would all be 0.
    """
    shape = window.shape
    direct_only = of_output(shape)
    expected = sum(1 if direct_only else index for index, there in enumerate(window.numbers.has_target, 1) if there)
    return Derivation(
        parameter=shape.parameter,
        first=window.first,
        steps=shape.steps,
        forward=tuple(_forward(window)),
        rule=_rule(window),
        terms=(),
        expected=expected,
    )


def _forward(window: Window) -> Iterator[Formula]:
    """The equations at any step t, as the book has them, and the losses."""
    shape = window.shape
    for equation in (*(equation for cell in shape.cells for equation in cell.equations), shape.output):
        left = (Symbol(equation.name, 0),)
        yield at((*left, " = ", *expression_written(equation.right, 0)), "t")
    loss = LOSSES[shape.loss]
    o, y_hat = (Symbol(name, "t") for name in (shape.output.name, "y_hat"))
    if "{p}" in loss.summand_written:
        yield (y_hat, " = ", *fill(loss.prediction_written, o=(o,)))
    # A single output needs no index, and no sum.
    entry = ("i",) if shape.K > 1 else ()
    names: dict[str, Formula] = {
        letter: (Symbol(name, "t", entry),) for letter, name in (("o", o.name), ("y", "y"), ("p", "y_hat"))
    }
    total: Formula = (Over("Σ", "i"), " ") if entry else ()
    yield (Symbol("L", "t"), " = ", loss.front, *total, *fill(loss.summand_written, **names))
    yield (Symbol("L"), " = ", *mean(window), Over("Σ", "t"), " ", Symbol("L", "t"))


def _rule(window: Window) -> Formula:
    """∂L/∂W = Σ_t Σ_{k≤t} ∂L_t/∂o_t · ∂o_t/∂h_t · ∏_{j=k+1..t} ∂h_j/∂h_{j−1} · ∂⁺h_k/∂W, or for V what is left of it.

    Source: Pascanu, Mikolov & Bengio, *On the difficulty of training recurrent neural networks* (2013), eqs. 3–5.
    """
    shape = window.shape
    left: Formula = (Partial(Symbol("L"), Symbol(shape.parameter)), " = ", *mean(window), Over("Σ", "t"), " ")
    loss = written("loss", shape, "t")
    if of_output(shape):
        return (*left, *loss, _TIMES, *written("direct", shape, "t"))
    through = (Over("∏", "j", "k+1", "t"), " ", Partial(state(shape, "j"), state(shape, "j−1")))
    direct = written("direct", shape, "k")
    output = written("output", shape, "t")
    return (*left, Over("Σ", "k", last="t"), " ", *loss, _TIMES, *output, _TIMES, *through, _TIMES, *direct)


def mean(window: Window) -> Formula:
    """The loss's factor before a sum over all steps; nothing where it is 1."""
    factor = mean_factor(window.numbers.factor, window.T)
    return (*factor, " ") if factor else ()
