"""∂L_t/∂o_t by SymPy, for each loss: every entry, and any one entry of many. Imports ``primitives`` and ``system``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp
from msgspec import Struct

from bptt_viz.derivation.symbolic import primitives
from bptt_viz.derivation.symbolic.entries import Entry, symbol, vector
from bptt_viz.derivation.symbolic.system import System, named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bptt_viz.derivation.window import Shape

_LOSS = symbol(Entry("L", 0))
#: What softmax divides by; what the other logits contribute to it.
_NORMALISER, _OTHERS = symbol(Entry("Z", 0)), symbol(Entry("R", 0))
#: Σ y: 1 for every valid target.
TARGETS = Entry("Σy", 0)


class Derivative(Struct, frozen=True, eq=False):
    """One entry of ∂L_t/∂o_t.

    Attributes
    ----------
    exact
        For any target.
    shown
        For a target whose entries add up to 1, as all of them do.
    """

    exact: sp.Expr
    shown: sp.Expr


def entries(shape: Shape) -> list[Derivative]:
    """∂L_t/∂o_t, every entry."""
    o, y, y_hat = (vector(name, 0, shape.K) for name in (shape.output.name, "y", "y_hat"))
    match shape.loss:
        case "squared_error":
            found = System({_LOSS: primitives.squared_error(y, o)}, {}).derivatives(_LOSS, o)
            return [Derivative(found[one], found[one]) for one in o]
        case "binary_cross_entropy":
            sigmoid = primitives.ACTIVATIONS["sigmoid"]
            equations = dict(zip(y_hat, map(sigmoid, o), strict=True)) | {
                _LOSS: primitives.binary_cross_entropy(y, y_hat)
            }
            names = {sp.exp(-logit): 1 / guess - 1 for logit, guess in zip(o, y_hat, strict=True)}
            found = System(equations, names).derivatives(_LOSS, o)
            return [Derivative(tidy, tidy) for tidy in (sp.cancel(found[one]) for one in o)]
        case "cross_entropy":
            equations = {_NORMALISER: sp.Add(*map(sp.exp, o))}
            equations |= {guess: sp.exp(logit) / _NORMALISER for guess, logit in zip(y_hat, o, strict=True)}
            equations[_LOSS] = primitives.cross_entropy(y, y_hat)
            names = {sp.exp(logit): guess * _NORMALISER for logit, guess in zip(o, y_hat, strict=True)}
            found = System(equations, names).derivatives(_LOSS, o)
            return [_without_the_sum(found[one], guess, y) for one, guess in zip(o, y_hat, strict=True)]
    raise ValueError(f"loss: found {shape.loss}")


def _without_the_sum(derivative: sp.Expr, y_hat: sp.Symbol, y: Sequence[sp.Symbol]) -> Derivative:
    """ŷ_k (y₁ + … + y_K) − y_k, and as it is shown, ŷ_k − y_k."""
    targets = sp.Add(*y)
    rest = sp.expand(derivative - y_hat * targets)
    return Derivative(y_hat * targets + rest, y_hat + rest)


def any_entry(shape: Shape) -> Derivative:
    """∂L_t/∂o_t, any entry; what the others add to the loss is a constant each."""
    o, y, y_hat = (symbol(Entry(name, 0)) for name in (shape.output.name, "y", "y_hat"))
    match shape.loss:
        case "squared_error":
            found = sp.diff(primitives.squared_error([y], [o]), o)
        case "binary_cross_entropy":
            guess = primitives.ACTIVATIONS["sigmoid"](o)
            found = sp.diff(primitives.binary_cross_entropy([y], [guess]), o)
            found = sp.cancel(found.xreplace({sp.exp(-o): 1 / y_hat - 1}))
        case "cross_entropy":
            normaliser = sp.exp(o) + _OTHERS
            targets = symbol(TARGETS)
            # The others' −y log(exp(o)/Z) is a constant + y log Z.
            loss = primitives.cross_entropy([y], [sp.exp(o) / normaliser]) + (targets - y) * sp.log(normaliser)
            found = named(sp.diff(loss, o), {})
            known = {sp.exp(o): y_hat * _NORMALISER, _OTHERS: _NORMALISER - y_hat * _NORMALISER}
            found = sp.expand(
                found.xreplace(
                    known | {sp.exp(2 * o): (y_hat * _NORMALISER) ** 2, sp.exp(-o): 1 / (y_hat * _NORMALISER)}
                )
            )
            return Derivative(found, sp.expand(found.xreplace({targets: sp.Integer(1)})))
        case _:
            raise ValueError(f"loss: found {shape.loss}")
    return Derivative(found, found)
