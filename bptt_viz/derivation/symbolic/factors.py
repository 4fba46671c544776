"""∂L_t/∂o_t, ∂o_t/∂h_t, ∂h_t/∂h_{t−1}, ∂h_t/∂h⁽¹⁾_t, each derived once for any step. Imports ``patterns`` and ``ways``.

Small networks have every entry derived from explicit sums over entries; large ones have matrices only. Where there are
several states, h is all of them, from the lowest layer up, and a factor has a block for every two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import sympy as sp
from msgspec import structs

from bptt_viz.derivation import stack
from bptt_viz.derivation.naming import layer_of, written
from bptt_viz.derivation.symbolic import prediction
from bptt_viz.derivation.symbolic.entries import LOGITS, vector
from bptt_viz.derivation.symbolic.numeric import Compiled
from bptt_viz.derivation.symbolic.patterns import Factor, Pattern, by_entries, scalar_form
from bptt_viz.derivation.symbolic.primitives import layer_equations, output_equation
from bptt_viz.derivation.symbolic.spelling import Speller, of_name
from bptt_viz.derivation.symbolic.ways import sum_value, sum_written, ways_from
from bptt_viz.equations import Variable
from bptt_viz.formulas import joined
from bptt_viz.notation import Formula, Partial

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bptt_viz.activations import Array
    from bptt_viz.derivation.result import FactorKind
    from bptt_viz.derivation.symbolic.numeric import Values
    from bptt_viz.derivation.symbolic.system import System
    from bptt_viz.derivation.symbolic.ways import Way
    from bptt_viz.derivation.window import Shape

    Numbers = Callable[[Values, int], Array]

#: Most entries of all states, hidden units of a cell with gates, and entries of the input and the output of a network
#: whose Jacobians are written entry by entry.
MOST_UNITS: Final = 4
MOST_GATED: Final = 2
MOST_ENTRIES: Final = 16


def is_small(shape: Shape) -> bool:
    """Whether every entry is derived and written by itself."""
    gated = any(len(cell.pre_activations) > 1 for cell in shape.cells)
    units = sum(len(cell.states) for cell in shape.cells) * shape.H
    return units <= MOST_UNITS and (MOST_GATED if gated else units) >= shape.H and max(shape.D, shape.K) <= MOST_ENTRIES


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
    """∂o_t/∂h_t."""
    ways = ways_from((output_equation(shape),), LOGITS)
    columns = stack.states(shape.cells)
    blocks = _Blocks(shape, equations, columns, lag=0)
    patterns = []
    for name in columns:
        found = ways.to_variable(Variable(name))
        numbers = sum_value(found, (shape.K, shape.H))
        patterns.append(blocks.pattern((LOGITS, name), _form(shape, found), numbers, zero=not found))
    return _factor("output", written("output", shape, 0), patterns, len(patterns))


def step(shape: Shape, equations: System) -> Factor:
    """∂h_t/∂h_{t−1}: in a stack block lower triangular, as a layer hears of those below it at the same step."""
    columns = stack.states(shape.cells)
    return _factor("step", written("step", shape, 0, -1), _states_by(shape, equations, columns, lag=1), len(columns))


def upward(shape: Shape, equations: System) -> Factor:
    """∂h_t/∂h⁽¹⁾_t, from the layer that reads the parameter up through those above it, all states before held fixed."""
    columns = stack.states_of(shape.cells, layer_of(shape))
    return _factor("upward", written("upward", shape, 0), _states_by(shape, equations, columns, lag=0), len(columns))


def _states_by(shape: Shape, equations: System, columns: Sequence[str], lag: int) -> list[Pattern]:
    """All states by some, which are those of the step itself or of the one before, row by row."""
    blocks = _Blocks(shape, equations, columns, lag)
    known: dict[tuple[str, str], Pattern] = {}
    for layer in range(len(shape.cells)):
        own = stack.states_of(shape.cells, layer)
        below = stack.states_of(shape.cells, layer - 1)[-1:] if layer else ()
        for index, result in enumerate(own):
            for name in columns:
                if not lag and columns[0] in own:
                    known[result, name] = blocks.same(result, name)
                    continue
                reached = {one: known[one, name] for one in (*below, *own[:index]) if not known[one, name].zero}
                known[result, name] = blocks.through((result, name), layer, reached)
    return list(known.values())


class _Blocks:
    """Makes blocks, from entries in small networks and from matrices in large ones."""

    def __init__(self, shape: Shape, equations: System, columns: Sequence[str], lag: int) -> None:
        self._shape, self._equations, self._lag = shape, equations, lag
        self._small = is_small(shape)
        # The others of them are held fixed.
        self._by = [one for name in columns for one in vector(name, -lag, shape.H)]
        self._found: dict[str, list[dict[sp.Symbol, sp.Expr]]] = {}

    def through(self, pair: tuple[str, str], layer: int, reached: Mapping[str, Pattern]) -> Pattern:
        """A state of a layer by a state, by itself and through those of the step that are ``reached``."""
        (result, name), shape, lag = pair, self._shape, self._lag
        equations, variable, size = layer_equations(shape, layer), Variable(name, lag), (shape.H, shape.H)
        own = ways_from(equations, result).to_variable(variable) if lag else []
        numbers, zero = sum_value(own, size), not own
        stopping = ways_from(equations, result, tuple(reached))
        direct = stopping.to_variable(variable) if lag else []
        forms, told = [_form(shape, direct)] if direct else [], shape.H > 1 or not self._small
        for one, pattern in reached.items():
            up = ways_from(equations, result).to_variable(Variable(one))
            if up:
                numbers, zero = _plus(numbers, sum_value(up, size), pattern.numbers), False
            found = stopping.to_variable(Variable(one))
            if found:
                before = _form(shape, found)
                if one != name or lag:
                    # Of a single number, the entry says the rest.
                    told = True
                    before = (*(("(", *before, ")") if len(found) > 1 else before), " · ", *pattern.label)
                forms.append(before)
        return self.pattern(pair, joined(" + ", forms) if told else (), numbers, zero=zero)

    def pattern(self, pair: tuple[str, str], form: Formula, numbers: Numbers, *, zero: bool) -> Pattern:
        """The derivative of a result by a state."""
        result, name = pair
        label: Formula = (Partial(of_name(result, 0), of_name(name, -self._lag)),)
        if not self._small:
            return Pattern(label, numbers, form=form, zero=zero)
        results = vector(result, 0, self._shape.K if result == LOGITS else self._shape.H)
        by = vector(name, -self._lag, self._shape.H)
        if result not in self._found:
            self._found[result] = [self._equations.derivatives(one, self._by) for one in results]
        entries = [[derivatives.get(one, sp.Integer(0)) for one in by] for derivatives in self._found[result]]
        return structs.replace(by_entries(label, entries), form=form)

    def same(self, result: str, name: str) -> Pattern:
        """Of a state by itself, or by one of its layer that is held fixed."""
        label: Formula = (Partial(of_name(result, 0), of_name(name, 0)),)
        size, one = self._shape.H, result == name
        square = sp.eye(size) if one else sp.zeros(size)
        form: Formula = ("I",) if one and size > 1 else ()
        if self._small:
            return structs.replace(by_entries(label, square.tolist()), form=form)
        value = np.array(square.tolist(), dtype=np.float64)
        return Pattern(label, lambda _values, _position: value, form=form, zero=not one)


def _plus(own: Numbers, up: Numbers, inner: Numbers) -> Numbers:
    """What a state has by itself, and through another of the step."""
    return lambda values, position: own(values, position) + up(values, position) @ inner(values, position)


def _form(shape: Shape, ways: Sequence[Way]) -> Formula:
    """The sum of ways as matrices, or between single numbers."""
    if shape.H > 1:
        return sum_written(ways)
    return joined(" + ", [way.written_by_letters([""] * (len(way.matrices) + 1), " · ") or ("1",) for way in ways])


def _factor(kind: FactorKind, name: Formula, patterns: Sequence[Pattern], across: int) -> Factor:
    """A factor of blocks; the form of a single one is its own."""
    if len(patterns) > 1:
        return Factor(kind, name, (), tuple(patterns), across=across)
    (only,) = patterns
    return Factor(kind, name, scalar_form(patterns, only.form), (structs.replace(only, form=()),), across=across)
