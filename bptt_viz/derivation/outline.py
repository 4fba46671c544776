"""A derivation before SymPy is there: the equations and the rule. Imports ``writing`` and ``naming``; never sympy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.derivation import stack
from bptt_viz.derivation.naming import at, of_output, state, written
from bptt_viz.derivation.result import Derivation
from bptt_viz.equations import reads
from bptt_viz.losses import LOSSES
from bptt_viz.notation import Formula, Over, Partial, Symbol
from bptt_viz.writing import fill, mean_factor
from bptt_viz.writing import written as expression_written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.derivation.window import Window
    from bptt_viz.equations import Equation

_TIMES = " · "
#: Between an equation and the steps that it is of.
_APART = (" ", " ", " ")


def outline(window: Window) -> Derivation:
    """The derivation of a window without any of its terms yet."""
    shape = window.shape
    return Derivation(
        parameter=shape.parameter,
        first=window.first,
        steps=shape.steps,
        forward=tuple(_forward(window)),
        rule=_rule(window),
        terms=(),
        expected=len(list(window.pairs())),
    )


def _forward(window: Window) -> Iterator[Formula]:
    """The equations at any step t, as the book has them, and the losses."""
    shape = window.shape
    first, last = (shape.cells_at(position) for position in (1, shape.steps))
    change = window.first - 1 + shape.decoder_from
    for layer in range(len(first)):
        for before, after in zip(stack.equations(first, layer), stack.equations(last, layer), strict=True):
            if before == after:
                yield _equation(before)
            else:
                yield (*_equation(before), *_APART, f"(t < {change})")
                yield (*_equation(after), *_APART, f"(t ≥ {change})")
    yield _equation(stack.output(shape.output, first, shape.output.name))
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


def _equation(equation: Equation) -> Formula:
    """An equation of placed names at any step."""
    return at(stack.told((Symbol(equation.name, 0), " = ", *expression_written(equation.right, 0))), "t")


def _rule(window: Window) -> Formula:
    """∂L/∂W = Σ_t Σ_{k≤t} ∂L_t/∂o_t · ∂o_t/∂h_t · ∏_{j=k+1..t} ∂h_j/∂h_{j−1} · ∂⁺h_k/∂W, or for V what is left of it.

    In a stack of layers h is all of their states, and before the direct derivative stands ∂h_k/∂h⁽¹⁾_k. Where the
    parameters change, k keeps to the steps that use this one.

    Source: Pascanu, Mikolov & Bengio, *On the difficulty of training recurrent neural networks* (2013), eqs. 3–5.
    """
    shape = window.shape
    left: Formula = (Partial(Symbol("L"), Symbol(shape.parameter)), " = ", *mean(window), Over("Σ", "t"), " ")
    loss = written("loss", shape, "t")
    if of_output(shape):
        return (*left, *loss, _TIMES, *written("direct", shape, "t"))
    through = (Over("∏", "j", "k+1", "t"), " ", Partial(state(shape.cells, "j"), state(shape.cells, "j−1")))
    upward: Formula = (*written("upward", shape, "k"), _TIMES) if len(shape.cells) > 1 else ()
    direct = written("direct", shape, "k")
    output = written("output", shape, "t")
    uses = _uses(window)
    return (*left, uses, " ", *loss, _TIMES, *output, _TIMES, *through, _TIMES, *upward, *direct)


def _uses(window: Window) -> Over:
    """The sum over the steps k that use the parameter."""
    shape = window.shape
    change = window.first - 1 + shape.decoder_from
    if not shape.decoder or change <= 1:
        return Over("Σ", "k", last="t")
    if any(reads(equation.right, shape.parameter) for cell in shape.decoder for equation in cell.equations):
        return Over("Σ", "k", str(change), "t")
    return Over("Σ", "k", last=f"min(t, {change - 1})")


def mean(window: Window) -> Formula:
    """The loss's factor before a sum over all steps; nothing where it is 1."""
    factor = mean_factor(window.numbers.factor, window.T)
    return (*factor, " ") if factor else ()
