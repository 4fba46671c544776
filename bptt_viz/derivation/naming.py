"""How the quantities and factors of a derivation are named, at a step or at any. Imports the core; never sympy.

Formulas count steps as they are told: a *relative* one has 0 for the step and −1 for the one before,
and :func:`at` makes it one of a given step, or of any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.equations import reads
from bptt_viz.notation import Diagonal, Partial, Power, Quotient, Symbol, Token, Transposed

if TYPE_CHECKING:
    from bptt_viz.derivation.result import FactorKind
    from bptt_viz.derivation.window import Shape
    from bptt_viz.notation import Formula


def of_output(shape: Shape) -> bool:
    """Whether the parameter is the output layer's: then no state depends on it."""
    return reads(shape.output.right, shape.parameter)


def state(shape: Shape, t: int | str | None) -> Symbol:
    """The state at a step: h_t; where the cell has several, all of them together, (s, h)_t."""
    states = shape.cells[-1].states
    return Symbol(states[0] if len(states) == 1 else f"({', '.join(states)})", t)


def written(kind: FactorKind, shape: Shape, t: int | str, before: int | str = "") -> Formula:
    """A factor at step ``t``: ∂L_t/∂o_t, ∂o_t/∂h_t, ∂h_t/∂h_before, ∂⁺h_t/∂θ or ∂⁺o_t/∂θ."""
    o, h = Symbol(shape.output.name, t), state(shape, t)
    match kind:
        case "loss":
            return (Partial(Symbol("L", t), o),)
        case "output":
            return (Partial(o, h),)
        case "step":
            return (Partial(h, state(shape, before)),)
        case "direct":
            return (Partial(o if of_output(shape) else h, Symbol(shape.parameter), direct=True),)


def at(relative: Formula, t: int | str) -> Formula:
    """A relative formula at step ``t``: of h₀ and h₋₁, for 3, h₃ and h₂; for ``"t"``, h_t and h_{t−1}."""
    return tuple(_token_at(token, t) for token in relative)


def _token_at(token: Token, t: int | str) -> Token:
    match token:
        case str():
            return token
        case Symbol():
            return _symbol_at(token, t)
        case Transposed(symbol):
            return Transposed(_symbol_at(symbol, t))
        case Partial(of, wrt, direct):
            return Partial(_symbol_at(of, t), _symbol_at(wrt, t), direct)
        case Power(base, exponent):
            return Power(at(base, t), exponent)
        case Quotient(numerator, denominator):
            return Quotient(at(numerator, t), at(denominator, t))
        case Diagonal(vector):
            return Diagonal(at(vector, t))
        case _:
            return token


def _symbol_at(symbol: Symbol, t: int | str) -> Symbol:
    if not isinstance(symbol.t, int):
        return symbol
    if isinstance(t, int):
        return Symbol(symbol.name, t + symbol.t, symbol.entry)
    return Symbol(symbol.name, f"{t}−{-symbol.t}" if symbol.t else t, symbol.entry)
