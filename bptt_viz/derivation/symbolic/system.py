"""Equations in symbols and their derivatives, which SymPy finds equation by equation. Imports ``primitives``.

A step computes one result from others, a graph without circles; the derivative of a result sums, over
all ways through the graph, the products of the derivatives on the way, each of them SymPy's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sympy as sp

from bptt_viz.derivation.symbolic import primitives
from bptt_viz.derivation.symbolic.entries import vector
from bptt_viz.equations import Activation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from bptt_viz.derivation.window import Shape
    from bptt_viz.equations import Equation, Expression


class System:
    """Equations in the order of their computation.

    Attributes
    ----------
    equations
        Result → what it is computed from.
    names
        What is written for expressions that are computed anyway: tanh(a₁) → h₁, exp(−a₁) → 1/h₁ − 1.
    """

    def __init__(self, equations: Mapping[sp.Symbol, sp.Expr], names: Mapping[sp.Expr, sp.Expr]) -> None:
        self.equations = equations
        self.names = names
        self._found: dict[tuple[sp.Symbol, sp.Symbol], sp.Expr] = {}

    def derivatives(self, result: sp.Symbol, by: Iterable[sp.Symbol]) -> dict[sp.Symbol, sp.Expr]:
        """The derivatives of a result by some symbols, the others held fixed; those that are 0 are missing."""
        wanted = frozenset(by)
        reached: dict[sp.Symbol, sp.Expr] = {result: sp.Integer(1)}
        for computed, expression in reversed(list(self.equations.items())):
            if computed not in reached or (computed in wanted and computed != result):
                continue
            for operand in sorted(expression.free_symbols & (wanted | self.equations.keys()), key=str):
                along = reached[computed] * self._derivative(computed, operand)
                reached[operand] = reached[operand] + along if operand in reached else along
        return {one: derivative for one, derivative in reached.items() if one in wanted and derivative != 0}

    def _derivative(self, computed: sp.Symbol, operand: sp.Symbol) -> sp.Expr:
        """The derivative of one equation's right side."""
        if (computed, operand) not in self._found:
            # Of a sum, the summands alone that have the operand: SymPy takes its time to find the others 0.
            summands = sp.Add.make_args(self.equations[computed])
            local = sp.Add(*(sp.diff(one, operand) for one in summands if operand in one.free_symbols))
            self._found[computed, operand] = named(local, self.names)
        return self._found[computed, operand]


#: For networks that are not written out.
NOTHING: Final = System({}, {})


def named(expression: sp.Expr, names: Mapping[sp.Expr, sp.Expr]) -> sp.Expr:
    """An expression in results where it repeats what they are: 1 − tanh²(a) → 1 − h²."""
    renamed = expression.xreplace(names)
    # A sigmoid's derivative is a fraction until its exp(−a) cancels.
    return sp.factor(renamed) if expression.has(sp.exp) and not renamed.has(sp.exp) else renamed


def step(shape: Shape) -> System:
    """The equations of a step through all layers, entry by entry."""
    equations: dict[sp.Symbol, sp.Expr] = {}
    names: dict[sp.Expr, sp.Expr] = {}

    def entries(expression: Expression) -> tuple[sp.Expr, ...]:
        return primitives.written_out(expression, shape, shape.H)

    for equation in (one for layer in range(len(shape.cells)) for one in primitives.layer_equations(shape, layer)):
        results = vector(equation.name, 0, shape.H)
        equations |= zip(results, entries(equation.right), strict=True)
        names |= names_of(equation, entries, results)
    return System(equations, names)


def output(shape: Shape) -> System:
    """o = V h + c, entry by entry."""
    equation = primitives.output_equation(shape)
    entries = primitives.written_out(equation.right, shape, shape.K)
    return System(dict(zip(vector(equation.name, 0, shape.K), entries, strict=True)), {})


def names_of(
    equation: Equation, entries: Callable[[Expression], Sequence[sp.Expr]], results: Sequence[sp.Expr]
) -> dict[sp.Expr, sp.Expr]:
    """What the values of an equation's activations are called: as its result, or by the function's own name."""
    names: dict[sp.Expr, sp.Expr] = {}
    for node in _activations(equation.right):
        for argument, result in zip(entries(node.operand), results, strict=True):
            value = result if node is equation.right else function(node.function, argument)
            if node.function == "tanh":
                names[sp.tanh(argument)] = value
            elif node.function == "sigmoid":
                names[sp.exp(-argument)] = 1 / value - 1
    return names


def function(name: str, argument: sp.Expr) -> sp.Expr:
    """φ(a), not written out."""
    if name == "identity":
        return argument
    return sp.tanh(argument) if name == "tanh" else sp.Function(name)(argument)


def _activations(expression: Expression) -> Iterator[Activation]:
    if isinstance(expression, Activation):
        yield expression
    for operand in expression.operands:
        yield from _activations(operand)
