"""The direct derivatives ∂⁺h_t/∂θ and ∂⁺o_t/∂θ: entering states held fixed. Imports ``patterns`` and ``ways``.

They are tensors: entry i of the state by entry [l, j] of the parameter. In the plain cell unit i reads row
i of the parameter alone, and one matrix has all that is not 0.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import sympy as sp
from msgspec import Struct

from bptt_viz.derivation.naming import of_output, written
from bptt_viz.derivation.symbolic.entries import LOGITS, vector
from bptt_viz.derivation.symbolic.factors import is_small
from bptt_viz.derivation.symbolic.patterns import Factor, Pattern, by_entries, scalar_form
from bptt_viz.derivation.symbolic.primitives import any_entry, output_equation, parameter_entries, parameter_size
from bptt_viz.derivation.symbolic.spelling import Speller, letter
from bptt_viz.derivation.symbolic.ways import Use, ways_from
from bptt_viz.formulas import joined
from bptt_viz.notation import Formula, Partial, Symbol

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.derivation.symbolic.numeric import Values
    from bptt_viz.derivation.symbolic.system import System
    from bptt_viz.derivation.window import Shape
    from bptt_viz.equations import Equation

#: Between the first index of a product of matrices and the last.
_BETWEEN: Final = "mnpqrs"


class _Target(Struct, frozen=True, eq=False):
    """A result of ``size`` entries, differentiated by a parameter of ``rows`` × ``columns``.

    Attributes
    ----------
    uses
        The parameter's, on the ways from this result.
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

    @property
    def by_letters(self) -> Partial:
        """∂⁺h_t[i]/∂W[i,j]; entries of which there is only one have no letter, or a 1 in a matrix."""
        row = "i" if self.sparse else "l"
        first: int | str = row if self.rows > 1 else 1
        entry = (first,) if self.is_bias else (first, "j" if self.columns > 1 else 1)
        counted = () if self.rows == self.columns == 1 else entry
        of = Symbol(letter(self.result), 0, ("i",) if self.size > 1 else ())
        return Partial(of, Symbol(self.shape.parameter, None, counted), direct=True)

    def form(self) -> Formula:
        """∂⁺h_t[i]/∂W[i,j] = (1 − h_t[i]²) h_{t−1}[j]."""
        return (self.by_letters, " = ", *(joined(" + ", [self._written(use) for use in self.uses]) or ("0",)))

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
            return [by_entries(label, self._entries_of_rows(equations)) if small else Pattern(label, self._rows)]
        return [
            by_entries(self._label(unit), self._entries_of_unit(equations, unit))
            if small
            else Pattern(self._label(unit), partial(self._unit, unit))
            for unit in range(self.size)
        ]

    def _label(self, unit: int) -> Formula:
        of = Symbol(letter(self.result), 0, (unit + 1,) if self.size > 1 else ())
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
    """∂⁺h_t/∂θ of every state of the cell, or of the output, whichever reads the parameter."""
    declared: tuple[Equation, ...] = shape.cells[-1].equations
    equations, results = step, [(name, shape.H) for name in shape.cells[-1].states]
    if of_output(shape):
        declared, equations, results = (output_equation(shape),), output, [(LOGITS, shape.K)]
    uses = [tuple(ways_from(declared, name).to_parameter(shape.parameter)) for name, _ in results]
    sparse = not any(use.way.matrices for same in uses for use in same)
    rows, columns = parameter_size(shape)
    targets = [
        _Target(shape, name, size, rows, columns or 1, own, sparse=sparse, is_bias=columns is None)
        for (name, size), own in zip(results, uses, strict=True)
    ]
    patterns = tuple(pattern for target in targets for pattern in target.patterns(equations))
    form = joined(", ", [target.form() for target in targets])
    return Factor("direct", written("direct", shape, 0), scalar_form(patterns, form), patterns, sparse)
