"""A factor for any step: its formulas with relative time, and how to compute its numbers. Imports ``numeric``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from bptt_viz.derivation.naming import at
from bptt_viz.derivation.result import Block, FactorKind, Jacobian
from bptt_viz.derivation.symbolic.numeric import Compiled
from bptt_viz.derivation.symbolic.spelling import Speller

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import sympy as sp

    from bptt_viz.activations import Array
    from bptt_viz.derivation.symbolic.numeric import Values
    from bptt_viz.notation import Formula


class Pattern(Struct, frozen=True, eq=False):
    """One block of a factor.

    Attributes
    ----------
    entries
        Row by row; None where the network is too large to write them out.
    shown
        The same as SymPy's expressions.
    numbers
        The values at a step of the window, from 1: [rows, columns].
    form, zero
        As of a :class:`bptt_viz.derivation.result.Block`.
    """

    label: Formula
    numbers: Callable[[Values, int], Array]
    entries: tuple[tuple[Formula, ...], ...] | None = None
    shown: tuple[tuple[sp.Expr, ...], ...] = ()
    form: Formula = ()
    zero: bool = False


class Factor(Struct, frozen=True, eq=False):
    """One factor of the terms, at any step."""

    kind: FactorKind
    written: Formula
    form: Formula
    patterns: tuple[Pattern, ...]
    sparse: bool = False
    across: int = 1

    def at(self, values: Values, position: int, t: int) -> Jacobian:
        """The factor at a step: ``position`` in the window, from 1, and ``t`` in the sequence."""
        return Jacobian(
            kind=self.kind,
            written=at(self.written, t),
            form=at(self.form, t),
            blocks=tuple(
                Block(
                    label=at(pattern.label, t),
                    entries=pattern.entries and tuple(tuple(at(entry, t) for entry in row) for row in pattern.entries),
                    value=pattern.numbers(values, position),
                    form=at(pattern.form, t),
                    zero=pattern.zero,
                )
                for pattern in self.patterns
            ),
            sparse=self.sparse,
            across=self.across,
        )


def by_entries(
    label: Formula, exact: Sequence[Sequence[sp.Expr]], shown: Sequence[Sequence[sp.Expr]] | None = None
) -> Pattern:
    """A block of which SymPy derived every entry; ``shown`` where it is not written as it is computed."""
    compiled = Compiled(entry for row in exact for entry in row)
    size = (len(exact), len(exact[0]))

    def numbers(values: Values, position: int) -> Array:
        return np.array(compiled.at(values.entries(position)), dtype=np.float64).reshape(size)

    written = tuple(map(tuple, exact if shown is None else shown))
    spelled = tuple(tuple(map(Speller().spelled, row)) for row in written)
    zero = all(entry == 0 for row in exact for entry in row)
    return Pattern(label, numbers, spelled, written, zero=zero)


def scalar_form(patterns: Sequence[Pattern], form: Formula) -> Formula:
    """The matrix form, or the only entry where there is a single one."""
    (first, *others) = patterns
    single = not others and first.entries is not None and len(first.entries) == len(first.entries[0]) == 1
    return first.entries[0][0] if single and first.entries else form
