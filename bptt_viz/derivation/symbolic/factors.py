"""∂L_t/∂o_t, ∂o_t/∂h_t and ∂h_t/∂h_{t−1}, each derived once for any step. Imports ``patterns`` and ``ways``.

Small networks have every entry derived from explicit sums over entries; large ones have matrices only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sympy as sp

from bptt_viz.derivation.naming import written
from bptt_viz.derivation.symbolic import prediction
from bptt_viz.derivation.symbolic.entries import LOGITS, vector
from bptt_viz.derivation.symbolic.numeric import Compiled
from bptt_viz.derivation.symbolic.patterns import Factor, Pattern, by_entries, scalar_form
from bptt_viz.derivation.symbolic.primitives import output_equation
from bptt_viz.derivation.symbolic.spelling import Speller, letter
from bptt_viz.derivation.symbolic.ways import sum_value, sum_written, ways_from
from bptt_viz.equations import Variable
from bptt_viz.formulas import joined
from bptt_viz.notation import Formula, Partial, Symbol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bptt_viz.activations import Array
    from bptt_viz.derivation.symbolic.numeric import Values
    from bptt_viz.derivation.symbolic.system import System
    from bptt_viz.derivation.window import Shape
    from bptt_viz.equations import Equation

#: Largest hidden state, and largest input and output, whose Jacobians are written entry by entry.
MOST_UNITS: Final = 4
MOST_ENTRIES: Final = 16


def is_small(shape: Shape) -> bool:
    """Whether every entry is derived and written by itself."""
    return shape.H <= MOST_UNITS and max(shape.D, shape.K) <= MOST_ENTRIES


def loss(shape: Shape) -> Factor:
    """∂L_t/∂o_t, a row."""
    label = written("loss", shape, 0)
    any_entry = prediction.any_entry(shape)
    form: Formula = ("(", *Speller().spelled(any_entry.shown), ")ᵀ")
    if is_small(shape):
        found = prediction.entries(shape)
        pattern = by_entries(label, [[one.exact for one in found]], [[one.shown for one in found]])
        return Factor("loss", label, scalar_form([pattern], form), (pattern,))
    compiled = Compiled([any_entry.exact])

    def numbers(values: Values, position: int) -> Array:
        (row,) = compiled.at(values.vectors(position))
        return row.reshape(1, -1)

    return Factor("loss", label, form, (Pattern(label, numbers),))


def output(shape: Shape, equations: System) -> Factor:
    """∂o_t/∂h_t; where the cell has several states, beside each other by all of them."""
    results = [(LOGITS, shape.K)]
    patterns, form = _blocks(shape, (output_equation(shape),), results, lag=0, equations=equations)
    return Factor("output", written("output", shape, 0), form, patterns)


def step(shape: Shape, equations: System) -> Factor:
    """∂h_t/∂h_{t−1}; where the cell has several states, all by all of them, row by row."""
    (cell,) = shape.cells
    results = [(name, shape.H) for name in cell.states]
    patterns, form = _blocks(shape, cell.equations, results, lag=1, equations=equations)
    return Factor("step", written("step", shape, 0, -1), form, patterns)


def _blocks(
    shape: Shape, declared: tuple[Equation, ...], results: Sequence[tuple[str, int]], lag: int, equations: System
) -> tuple[tuple[Pattern, ...], Formula]:
    """The derivatives of results by the states, and all of them as matrices."""
    patterns: list[Pattern] = []
    forms: list[Formula] = []
    states = shape.cells[-1].states
    for result, size in results:
        ways = ways_from(declared, result)
        for name in states:
            label: Formula = (Partial(Symbol(letter(result), 0), Symbol(name, -lag)),)
            found = ways.to_variable(Variable(name, lag))
            if found:
                several = len(results) * len(states) > 1
                forms.append((*label, " = ", *sum_written(found)) if several else sum_written(found))
            if is_small(shape):
                patterns.append(
                    by_entries(label, _entries(equations, vector(result, 0, size), vector(name, -lag, shape.H)))
                )
            else:
                patterns.append(Pattern(label, sum_value(found, (size, shape.H))))
    return tuple(patterns), scalar_form(patterns, joined(", ", forms))


def _entries(equations: System, results: Sequence[sp.Symbol], by: Sequence[sp.Symbol]) -> list[list[sp.Expr]]:
    """Every derivative of some results."""
    found = [equations.derivatives(result, by) for result in results]
    return [[derivatives.get(one, sp.Integer(0)) for one in by] for derivatives in found]
