"""Training as somebody goes through it: where it is, what can be undone, how far it is to go. Imports ``undo``."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bptt_viz.training.moment import Moment
from bptt_viz.training.undo import Undo

if TYPE_CHECKING:
    from bptt_viz.messages import Phrase
    from bptt_viz.tracing import Trace


@dataclass(frozen=True, eq=False)
class Course:
    """A training and its past.

    Attributes
    ----------
    target
        How many updates there are to be in the end, ∞ until told to stop; None while nothing runs.
    failure
        Why what ran did not reach that; None while all is well.
    """

    moment: Moment
    undo: Undo = field(default_factory=Undo)
    target: float | None = None
    failure: Phrase | None = None

    @classmethod
    def of(cls, trace: Trace) -> Course:
        """Before any update."""
        return cls(Moment.of(trace))

    @property
    def running(self) -> bool:
        """Whether there are updates to be done."""
        return self.target is not None

    def to_be(self, updates: int | None) -> Course:
        """With so many further updates to be done, None until told to stop; the state before them can be undone to."""
        target = math.inf if updates is None else self.moment.updates + updates
        return replace(self, undo=self.undo.noted(self.moment, "updates"), target=target, failure=None)

    def come_to(self, moment: Moment) -> Course:
        """Further on; it goes on unless this is its end."""
        reached = self.target is not None and moment.updates >= self.target
        return replace(self, moment=moment, target=None if reached or moment.divergence else self.target)

    def edited(self, trace: Trace) -> Course:
        """With parameters that somebody has put there; those before can be gone back to. Nothing runs then."""
        return Course(self.moment.at(trace), self.undo.noted(self.moment, "edit"))

    def begun_anew(self, trace: Trace) -> Course | None:
        """Before any update of the trace's parameters, with what there was to go back to; None where it does not fit.

        It fits where it has the same parameters, of the same shapes. Nothing runs then.
        """
        now, before = trace.parameters, self.moment.network.parameters
        if {name: values.shape for name, values in now.items()} != {
            name: values.shape for name, values in before.items()
        }:
            return None
        return Course(Moment.of(trace), self.undo.set_aside(self.moment, trace.network))

    @property
    def untouched(self) -> bool:
        """Whether there was no update and no edit."""
        return not self.moment.updates and not self.undo

    def retraced(self, trace: Trace) -> Course:
        """With the same parameters, whose gradient is computed otherwise; it goes on."""
        return replace(self, moment=self.moment.at(trace))

    def stopped(self, failure: Phrase | None = None) -> Course:
        """With no more updates to be done."""
        return replace(self, target=None, failure=failure)

    def back(self) -> Course:
        """As before the latest edit, run of updates or reload of the file. Nothing runs then.

        Raises
        ------
        NothingToUndoError
            If there was none.
        """
        return Course(*self.undo.back(self.moment))
