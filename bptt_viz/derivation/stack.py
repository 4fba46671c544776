"""The layers of a network as one system: their equations with names that no two layers share. Imports ``cells``.

A *placed* name is that of a quantity with its layer; in a network of one layer it is the name itself. What a layer
calls x is the placed state of the layer below.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bptt_viz.cells import X
from bptt_viz.derivation.tokens import with_symbols
from bptt_viz.equations import Activation, Affine, Equation, OneMinus, Product, Sum, Variable
from bptt_viz.notation import Symbol

if TYPE_CHECKING:
    from bptt_viz.cells import Cell
    from bptt_viz.equations import Expression
    from bptt_viz.notation import Formula

#: Between a name and its layer; in no name of an equation.
_AT: Final = "@"


def placed(name: str, layer: int, layers: int) -> str:
    """The name of a quantity of ``layer``, from 0, in a network of so many."""
    return f"{name}{_AT}{layer + 1}" if layers > 1 else name


def symbol(name: str, t: int | str | None = None, entry: tuple[int | str, ...] = ()) -> Symbol:
    """The symbol of a placed name, with its layer."""
    bare, _, layer = name.partition(_AT)
    return Symbol(bare, t, entry, int(layer or 0))


def told(formula: Formula) -> Formula:
    """A formula of placed names with symbols that have layers."""
    return with_symbols(formula, lambda one: symbol(one.name, one.t, one.entry))


@lru_cache(64)
def equations(cells: tuple[Cell, ...], layer: int) -> tuple[Equation, ...]:
    """The equations of a layer, from 0, in placed names."""
    return tuple(
        Equation(placed(equation.name, layer, len(cells)), _placed(equation.right, cells, layer))
        for equation in cells[layer].equations
    )


@lru_cache(64)
def states(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    """The states of all layers, from the lowest upwards."""
    return tuple(one for layer in range(len(cells)) for one in states_of(cells, layer))


def states_of(cells: tuple[Cell, ...], layer: int) -> tuple[str, ...]:
    """The states of one layer, the last of which other layers read."""
    return tuple(placed(state, layer, len(cells)) for state in cells[layer].states)


def output(equation: Equation, cells: tuple[Cell, ...], name: str) -> Equation:
    """The output's equation by another name; what it reads is the top layer's."""
    return Equation(name, _placed(equation.right, cells, len(cells) - 1))


def _placed(expression: Expression, cells: tuple[Cell, ...], layer: int) -> Expression:
    match expression:
        case Variable(name, lag):
            if expression == X:
                return Variable(states_of(cells, layer - 1)[-1]) if layer else X
            return Variable(placed(name, layer, len(cells)), lag)
        case Affine(terms, bias):
            return Affine(tuple((matrix, _placed(vector, cells, layer)) for matrix, vector in terms), bias)
        case Activation(function, operand):
            return Activation(function, _placed(operand, cells, layer))
        case Product(left, right):
            return Product(_placed(left, cells, layer), _placed(right, cells, layer))
        case Sum(left, right):
            return Sum(_placed(left, cells, layer), _placed(right, cells, layer))
        case OneMinus(operand):
            return OneMinus(_placed(operand, cells, layer))
    raise TypeError(f"expected a primitive, found {type(expression).__name__}")
