"""∂L_t/∂o_t by SymPy, for each loss: every entry, and any one entry of many. Imports ``primitives`` and ``system``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sympy as sp
from msgspec import Struct

from bptt_viz.derivation.symbolic import primitives
from bptt_viz.derivation.symbolic.entries import LOGITS, Entry, symbol, vector
from bptt_viz.derivation.symbolic.system import System

if TYPE_CHECKING:
    from bptt_viz.derivation.window import Shape

_LOSS = symbol(Entry("L", 0))
#: What softmax divides by, and what other logits contribute to it.
_NORMALISER, _OTHERS = symbol(Entry("Z", 0)), symbol(Entry("R", 0))
#: Σ y: 1 for every valid target.
TARGETS: Final = Entry("Σy", 0)


class Derivative(Struct, frozen=True, eq=False):
    """One entry of ∂L_t/∂o_t.

    Attributes
    ----------
    exact
        For any target.
    shown
        For a target whose entries add up to 1, as those of the cross-entropy do.
    """

    exact: sp.Expr
    shown: sp.Expr


def entries(shape: Shape) -> list[Derivative]:
    """∂L_t/∂o_t, every entry."""
    o, y, y_hat = (vector(name, 0, shape.K) for name in (LOGITS, "y", "y_hat"))
    if shape.loss != "cross_entropy":
        return _entry_by_entry(shape.loss, o, y, y_hat)
    equations = {_NORMALISER: sp.Add(*map(sp.exp, o))}
    equations |= {guess: sp.exp(logit) / _NORMALISER for guess, logit in zip(y_hat, o, strict=True)}
    equations[_LOSS] = primitives.cross_entropy(y, y_hat)
    return _of_softmax(equations, o, y_hat, sp.Add(*y))


def any_entry(shape: Shape) -> Derivative:
    """∂L_t/∂o_t, any entry, the same of o, y and ŷ."""
    o, y, y_hat = (symbol(Entry(name, 0)) for name in (LOGITS, "y", "y_hat"))
    if shape.loss != "cross_entropy":
        (found,) = _entry_by_entry(shape.loss, (o,), (y,), (y_hat,))
        return found
    targets = symbol(TARGETS)
    # The other summands −y log(exp(o)/Z) are, but for a constant, y log Z.
    loss = primitives.cross_entropy([y], [y_hat]) + (targets - y) * sp.log(_NORMALISER)
    equations = {_NORMALISER: sp.exp(o) + _OTHERS, y_hat: sp.exp(o) / _NORMALISER, _LOSS: loss}
    (found,) = _of_softmax(equations, (o,), (y_hat,), targets)
    return found


def _entry_by_entry(
    loss: str, o: tuple[sp.Symbol, ...], y: tuple[sp.Symbol, ...], y_hat: tuple[sp.Symbol, ...]
) -> list[Derivative]:
    """For losses in which no logit meets another."""
    equations: dict[sp.Symbol, sp.Expr] = {}
    names: dict[sp.Expr, sp.Expr] = {}
    if loss == "binary_cross_entropy":
        equations |= zip(y_hat, map(primitives.ACTIVATIONS["sigmoid"], o), strict=True)
        names |= {sp.exp(-logit): 1 / guess - 1 for logit, guess in zip(o, y_hat, strict=True)}
        equations[_LOSS] = primitives.binary_cross_entropy(y, y_hat)
    else:
        equations[_LOSS] = primitives.squared_error(y, o)
    found = System(equations, names).derivatives(_LOSS, o)
    # Of ŷ (1 − ŷ) · (−y/ŷ + (1 − y)/(1 − ŷ)) is left ŷ − y.
    return [Derivative(one, one) for one in (sp.cancel(found[logit]) for logit in o)]


def _of_softmax(
    equations: dict[sp.Symbol, sp.Expr],
    o: tuple[sp.Symbol, ...],
    y_hat: tuple[sp.Symbol, ...],
    targets: sp.Expr,
) -> list[Derivative]:
    """ŷ_k Σ y − y_k, and as it is shown, ŷ_k − y_k."""
    names = {sp.exp(logit): guess * _NORMALISER for logit, guess in zip(o, y_hat, strict=True)}
    found = System(equations, names).derivatives(_LOSS, o)
    rests = [sp.expand(found[logit] - guess * targets) for logit, guess in zip(o, y_hat, strict=True)]
    return [Derivative(guess * targets + rest, guess + rest) for guess, rest in zip(y_hat, rests, strict=True)]
