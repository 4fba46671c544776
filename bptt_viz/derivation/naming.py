"""How the quantities and factors of a derivation are named, at a step or at any. Imports the core; never sympy.

Formulas count steps as they are told: a *relative* one has 0 for the step and −1 for the one before,
and :func:`at` makes it one of a given step, or of any. A state without a layer is that of all layers together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from bptt_viz.derivation.tokens import with_symbols
from bptt_viz.equations import reads
from bptt_viz.notation import Partial, Symbol

if TYPE_CHECKING:
    from bptt_viz.cells import Cell
    from bptt_viz.derivation.result import FactorKind
    from bptt_viz.derivation.window import Shape
    from bptt_viz.notation import Formula


def of_output(shape: Shape) -> bool:
    """Whether the parameter is the output layer's: then no state depends on it."""
    return reads(shape.output.right, shape.parameter)


def layer_of(shape: Shape) -> int:
    """The layer that reads the parameter, from 0; the top one for the output's.

    Raises
    ------
    KeyError
        If nothing reads it.
    """
    if of_output(shape):
        return len(shape.cells) - 1
    for cells in (shape.cells, shape.decoder):
        for layer, cell in enumerate(cells):
            if any(reads(equation.right, shape.parameter) for equation in cell.equations):
                return layer
    raise KeyError(shape.parameter)


def state(cells: tuple[Cell, ...], t: int | str | None, layer: int | None = None) -> Symbol:
    """The state at a step: h_t, of a layer (from 0) h⁽²⁾_t; where the cell has several, all of them, (s, h)_t."""
    states = cells[-1].states
    number = 0 if layer is None or len(cells) == 1 else layer + 1
    return Symbol(states[0] if len(states) == 1 else f"({', '.join(states)})", t, (), number)


def written(kind: FactorKind, shape: Shape, t: int | str, before: int | str = "") -> Formula:
    """A factor at step ``t``.

    ∂L_t/∂o_t, ∂o_t/∂h_t, ∂h_t/∂h_before, ∂h_t/∂h⁽¹⁾_t, ∂⁺h⁽¹⁾_t/∂θ or ∂⁺o_t/∂θ.
    """
    o, h = Symbol(shape.output.name, t), state(shape.cells, t)
    match kind:
        case "loss":
            return (Partial(Symbol("L", t), o),)
        case "output":
            return (Partial(o, h),)
        case "step":
            return (Partial(h, state(shape.cells, before)),)
        case "upward":
            return (Partial(h, state(shape.cells, t, layer_of(shape))),)
        case "direct":
            of = o if of_output(shape) else state(shape.cells, t, layer_of(shape))
            return (Partial(of, Symbol(shape.parameter), direct=True),)


def at(relative: Formula, t: int | str) -> Formula:
    """A relative formula at step ``t``: of h₀ and h₋₁, for 3, h₃ and h₂; for ``"t"``, h_t and h_{t−1}."""
    return with_symbols(relative, lambda symbol: _symbol_at(symbol, t))


def _symbol_at(symbol: Symbol, t: int | str) -> Symbol:
    if not isinstance(symbol.t, int):
        return symbol
    if isinstance(t, int):
        return replace(symbol, t=t + symbol.t)
    return replace(symbol, t=f"{t}−{-symbol.t}" if symbol.t else t)
