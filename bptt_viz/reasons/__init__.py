"""Why a number is what it is: name, arithmetic, value, and the numbers it came from. Imports the core; no screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from bptt_viz.quantities import (
    Accumulated,
    Adjoint,
    Contribution,
    Derived,
    Given,
    Normaliser,
    Number,
    Reach,
    Result,
    Row,
    Single,
    TermSum,
    Update,
)
from bptt_viz.reasons import passes, sums
from bptt_viz.reasons.derived import of_derived
from bptt_viz.reasons.givens import given
from bptt_viz.reasons.reach import of_reach
from bptt_viz.reasons.reason import Changes, Ground, Reason
from bptt_viz.reasons.terms import of_terms

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.derivation.result import Derivation
    from bptt_viz.tracing import Trace

__all__ = ["Changes", "Reason", "Reasons"]

#: Kind of quantity → what finds the reason of an entry of it.
_FINDERS: Final[dict[type, Callable[[Ground, Any, tuple[int, ...]], Reason]]] = {
    Result: passes.result,
    Adjoint: passes.of_adjoint,
    Normaliser: passes.of_normaliser,
    Row: passes.row,
    Contribution: sums.contribution,
    Accumulated: sums.accumulated,
    Update: sums.update,
    Single: sums.single,
    TermSum: of_terms,
    Reach: of_reach,
}


class Reasons:
    """The reasons of one trace's numbers."""

    def __init__(self, trace: Trace, generated_from: int = 0) -> None:
        self._ground = Ground(trace, generated_from)

    def of(self, number: Number, derivation: Derivation | None = None, changes: Changes | None = None) -> Reason:
        """The reason of a number.

        Parameters
        ----------
        derivation
            The one that is shown, for what it derived.
        changes
            What the trace's parameters have been through; None: what the trace knows of it.

        Raises
        ------
        KeyError
            If there is no such quantity.
        IndexError
            If it has no such step or entry.
        """
        quantity = number.quantity
        with np.errstate(all="ignore"):
            if isinstance(quantity, Given):
                return given(self._ground, quantity, number.entry, changes)
            if not isinstance(quantity, Derived):
                return _FINDERS[type(quantity)](self._ground, quantity, number.entry)
            if derivation is None:
                raise KeyError(quantity)
            return of_derived(self._ground, derivation, quantity, number.entry)
