"""The direct derivatives ∂⁺h_t/∂θ and ∂⁺o_t/∂θ: entering states held fixed. Imports ``patterns`` and ``ways``.

In a stack they are of the states of the layer that reads the parameter; what is above it is for ``factors.upward``.

They are tensors: entry i of the state by entry [l, j] of the parameter. In the plain cell unit i reads row
i of the parameter alone, and one matrix has all that is not 0.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import sympy as sp
from msgspec import Struct, structs

from bptt_viz.derivation import stack
from bptt_viz.derivation.naming import layer_of, of_output, written
from bptt_viz.derivation.symbolic.entries import LOGITS, vector
from bptt_viz.derivation.symbolic.factors import is_small
from bptt_viz.derivation.symbolic.patterns import Factor, Pattern, by_entries, scalar_form
from bptt_viz.derivation.symbolic.primitives import (
    any_entry,
    layer_equations,
    output_equation,
    parameter_entries,
    parameter_size,
)
from bptt_viz.derivation.symbolic.spelling import Speller, of_name
from bptt_viz.derivation.symbolic.ways import Use, ways_from
from bptt_viz.equations import Variable
from bptt_viz.formulas import joined
from bptt_viz.notation import Formula, Partial, Symbol

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.derivation.symbolic.numeric import Values
    from bptt_viz.derivation.symbolic.system import System
    from bptt_viz.derivation.symbolic.ways import Way
    from bptt_viz.derivation.window import Shape
    from bptt_viz.equations import Equation

#: Between the first index of a product of matrices and the last.
_BETWEEN: Final = "mnpqrs"


class _Target(Struct, frozen=True, eq=False):
    """A result of ``size`` entries, differentiated by a parameter of ``rows`` × ``columns``.

    Attributes
    ----------
    uses
        The parameter's, on all ways from this result.
    own, through
        The same as it is written: on the ways through no other state of the step, and the ways to such states.
    sparse
        Whether entry i of every result depends on row i of the parameter alone.
    """

    shape: Shape
    result: str
    size: int
    rows: int
    columns: int
    uses: tuple[Use, ...]
    sparse: bool
    is_bias: bool
    own: tuple[Use, ...] = ()
    through: tuple[tuple[Way, _Target], ...] = ()

    @property
    def by_letters(self) -> Partial:
        """∂⁺h_t[i]/∂W[i,j]; entries of which there is only one have no letter, or a 1 in a matrix."""
        row = "i" if self.sparse else "l"
        first: int | str = row if self.rows > 1 else 1
        entry = (first,) if self.is_bias else (first, "j" if self.columns > 1 else 1)
        counted = () if self.rows == self.columns == 1 else entry
        of = of_name(self.result, 0, ("i",) if self.size > 1 else ())
        return Partial(of, Symbol(self.shape.parameter, None, counted), direct=True)

    def form(self) -> Formula:
        """∂⁺h_t[i]/∂W[i,j] = (1 − h_t[i]²) h_{t−1}[j]."""
        parts = [self._written(use) for use in self.own] + [
            (*way.written_by_letters(("i",) if self.size > 1 else ("",)), " · ", target.by_letters)
            for way, target in self.through
        ]
        return (self.by_letters, " = ", *(joined(" + ", parts) or ("0",)))

    def _written(self, use: Use) -> Formula:
        count = len(use.way.matrices)
        inner = list(_BETWEEN[: max(count - 1, 0)])
        last = ["l"] if count else []
        letters = ["i", *inner, *last] if self.size > 1 else [""] * (count + 1)
        factors = [use.way.written_by_letters(letters)]
        if not self.sparse and not count and self.size > 1:
            factors.insert(0, ("[i = l]",))
        if use.operand is not None:
            speller = Speller(("j",) if self.columns > 1 else (), " ")
            factors.append(speller.factor(any_entry(use.operand)))
        return joined(" ", [factor for factor in factors if factor]) or ("1",)

    def patterns(self, equations: System) -> list[Pattern]:
        """The blocks: one where it is sparse, else one for each unit."""
        small = is_small(self.shape)
        if self.sparse:
            label: Formula = (self.by_letters,)
            if small:
                return [by_entries(label, self._entries_of_rows(equations))]
            return [Pattern(label, self._rows, zero=not self.uses)]
        return [
            by_entries(self._label(unit), self._entries_of_unit(equations, unit))
            if small
            else Pattern(self._label(unit), partial(self._unit, unit))
            for unit in range(self.size)
        ]

    def _label(self, unit: int) -> Formula:
        of = of_name(self.result, 0, (unit + 1,) if self.size > 1 else ())
        return (Partial(of, Symbol(self.shape.parameter), direct=True),)

    def _derivatives(self, equations: System, unit: int) -> list[list[sp.Expr]]:
        """Of one entry of the result by every entry of the parameter, as SymPy derives them."""
        parameter = parameter_entries(self.shape)
        result = vector(self.result, 0, self.size)[unit]
        found = equations.derivatives(result, (one for row in parameter for one in row))
        return [[found.get(one, sp.Integer(0)) for one in row] for row in parameter]

    def _entries_of_unit(self, equations: System, unit: int) -> list[list[sp.Expr]]:
        return self._derivatives(equations, unit)

    def _entries_of_rows(self, equations: System) -> list[list[sp.Expr]]:
        """Entry i of the result by row i of the parameter."""
        return [self._derivatives(equations, unit)[unit] for unit in range(self.size)]

    def _rows(self, values: Values, position: int) -> Array:
        """Entry [i, j]: of entry i of the result by entry [i, j] of the parameter."""
        total = np.zeros((self.size, self.columns))
        for use in self.uses:
            total += use.way.diagonal(values, position, self.size)[:, np.newaxis] * _operand(use, values, position)
        return total

    def _unit(self, unit: int, values: Values, position: int) -> Array:
        """Entry [l, j]: of one entry of the result by entry [l, j] of the parameter."""
        total = np.zeros((self.rows, self.columns))
        for use in self.uses:
            row = use.way.value(values, position, self.size)[unit]
            total += row[:, np.newaxis] * _operand(use, values, position)
        return total


def _operand(use: Use, values: Values, position: int) -> Array:
    """What the parameter acted on; 1 for a bias."""
    return np.ones(1) if use.operand is None else values.of(use.operand, position)


def direct(shape: Shape, step: System, output: System) -> Factor:
    """∂⁺h_t/∂θ of every state of the layer that reads the parameter, or of the output."""
    results: tuple[tuple[str, int], ...] = ((LOGITS, shape.K),)
    if of_output(shape):
        declared: tuple[Equation, ...] = (output_equation(shape),)
        equations = output
    else:
        layer = layer_of(shape)
        declared, equations = layer_equations(shape, layer), step
        results = tuple((name, shape.H) for name in stack.states_of(shape.cells, layer))
    targets = _targets(shape, declared, results)
    patterns: list[Pattern] = []
    for target in targets:
        first, *others = target.patterns(equations)
        # Of single numbers the entry says it, if it is by no other state.
        several = first.entries is None or target.size * target.rows * target.columns > 1
        told = len(targets) > 1 and target.uses and (several or target.through)
        patterns += [structs.replace(first, form=target.form()) if told else first, *others]
    form = scalar_form(patterns, targets[0].form()) if len(targets) == 1 else ()
    return Factor("direct", written("direct", shape, 0), form, tuple(patterns), targets[0].sparse)


def _targets(shape: Shape, declared: tuple[Equation, ...], results: tuple[tuple[str, int], ...]) -> list[_Target]:
    """The results with their uses of the parameter."""
    names = [name for name, _ in results]
    uses = [tuple(ways_from(declared, name).to_parameter(shape.parameter)) for name in names]
    sparse = not any(use.way.matrices for same in uses for use in same)
    rows, columns = parameter_size(shape)
    targets: list[_Target] = []
    for (name, size), every in zip(results, uses, strict=True):
        target = _Target(shape, name, size, rows, columns or 1, every, sparse, columns is None, every)
        if sparse:
            before = [one for one in targets if one.uses]
            ways = ways_from(declared, name, tuple(one.result for one in before))
            own = tuple(ways.to_parameter(shape.parameter))
            through = tuple((way, one) for one in before for way in ways.to_variable(Variable(one.result)))
            target = structs.replace(target, own=own, through=through)
        targets.append(target)
    return targets
