"""Entries of a trace's quantities as the leaves of an arithmetic, and expressions worked out entry by entry.

Imports the core; no screen. A cell is known by its equations alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bptt_viz.activations import ACTIVATIONS
from bptt_viz.arithmetic import Leaf, Summands, Worked, entry_of, summands
from bptt_viz.cells import X
from bptt_viz.equations import Activation, Affine, Expression, OneMinus, Product, Sum, Variable
from bptt_viz.formulas import Symbol, joined
from bptt_viz.quantities import Given, Number, Quantity, Result
from bptt_viz.sweep import AtStep
from bptt_viz.writing import fill, function_name, variable_symbol

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.activations import Array
    from bptt_viz.formulas import Formula
    from bptt_viz.tracing import Trace


class Site(Struct, frozen=True, eq=False):
    """Where expressions are worked out: in a layer, at a step.

    Attributes
    ----------
    layer
        From 0.
    number
        As formulas count it: from 1, 0 where there is only one.
    """

    layer: int
    number: int
    scope: AtStep

    @classmethod
    def of(cls, trace: Trace, layer: int, t: int) -> Site:
        """A layer of a trace at step ``t``."""
        return cls(layer, trace.network.number_of(layer), AtStep(trace.layers[layer].values, trace.parameters, t))

    @property
    def t(self) -> int:
        """The step."""
        return self.scope.t

    def symbol(self, name: str, lag: int = 0) -> Symbol:
        """A variable of the layer at the step, or ``lag`` steps earlier."""
        return variable_symbol(name, self.t - lag, self.number)


def leaf(formula: Formula, values: Array, index: tuple[int, ...], quantity: Quantity | None = None) -> Leaf:
    """One entry of a vector or a matrix; what has one entry only is written without its index."""
    entry = tuple(position + 1 for position in index) if values.size > 1 else ()
    number = None if quantity is None else Number(quantity, index)
    return Leaf(entry_of(formula, *entry), float(values[index]), number)


def parameter_leaf(name: str, value: Array, index: tuple[int, ...]) -> Leaf:
    """One entry of a parameter."""
    return leaf((Symbol(name),), value, index, Given(name))


def variable_quantity(name: str, t: int, layer: int) -> Quantity:
    """What a variable of a layer's equations is at ``t``: the sequence's x, the layer below's h, or its own result."""
    if name != X.name:
        return Result(name, t, layer)
    return Given(name, t) if layer == 0 else Result("h", t, layer - 1)


def work_out(expression: Expression, index: int, site: Site) -> Worked:
    """Entry ``index`` of an expression at the site's step."""
    match expression:
        case Variable(name, lag):
            quantity = variable_quantity(name, site.t - lag, site.layer)
            return (leaf((site.symbol(name, lag),), site.scope.of(expression), (index,), quantity),)
        case Affine(terms, bias):
            pieces: list[Worked] = [(row_of(matrix, vector, index, site),) for matrix, vector in terms]
            if bias is not None:
                pieces.append((parameter_leaf(bias, site.scope.parameters[bias], (index,)),))
            return joined(" + ", pieces)
        case Activation(function, operand):
            return (function_name(function), "(", *work_out(operand, index, site), ")")
        case Product(left, right):
            return (*as_factor(left, index, site), "·", *as_factor(right, index, site))
        case Sum(left, right):
            return (*work_out(left, index, site), " + ", *work_out(right, index, site))
        case OneMinus(operand):
            return ("1 − ", *as_factor(operand, index, site))
    raise TypeError(f"expected a primitive, found {type(expression).__name__}")


def as_factor(expression: Expression, index: int, site: Site) -> Worked:
    """The same as it stands in a product: in brackets where it needs them."""
    worked = work_out(expression, index, site)
    return worked if isinstance(expression, Variable | Activation) else ("(", *worked, ")")


def row_of(matrix: str, vector: Expression, index: int, site: Site) -> Summands:
    """Row ``index`` of a matrix times a vector: Σ_j M[index, j]·v[j]."""
    values = vector.value(site.scope)
    m = site.scope.parameters[matrix]
    terms = [(parameter_leaf(matrix, m, (index, j)), "·", *as_factor(vector, j, site)) for j in range(len(values))]
    return summands(terms, [float(value) for value in values])


def column_of(matrix: str, m: Array, index: int, adjoint: Array, worked: Callable[[int], Worked]) -> Summands:
    """Row ``index`` of a transposed matrix times an adjoint: Σ_j M[j, index]·(adjoint)[j]."""
    terms = [(parameter_leaf(matrix, m, (j, index)), "·", *worked(j)) for j in range(len(adjoint))]
    return summands(terms, [float(value) for value in adjoint])


def derivative(node: Activation, index: int, output: Worked, site: Site) -> Worked:
    """φ′ of one entry, in the output: ``1 − h₃[2]²``."""
    # Between single numbers the product is the ordinary one.
    template = ACTIVATIONS[node.function].written.replace(" ⊙ ", "·")
    return fill(template, h=output, a=work_out(node.operand, index, site))
