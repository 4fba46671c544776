"""What a reason holds, and what finding one may look at. Imports the core; nothing of the screen."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from bptt_viz import engine
from bptt_viz.arithmetic import Leaf, Worked, in_numbers, in_symbols, leaves
from bptt_viz.formatting import significant
from bptt_viz.timeline import Timeline

if TYPE_CHECKING:
    from bptt_viz.formulas import Formula
    from bptt_viz.messages import Phrase
    from bptt_viz.tracing import Trace


class Reason(Struct, frozen=True, eq=False):
    """One number's reason.

    Attributes
    ----------
    name
        The number with its indices: h₃[2].
    worked
        What it is computed by; empty where it is given.
    origin
        Where it was given, or what more there is to say.
    """

    name: Formula
    value: float
    worked: Worked = ()
    origin: Phrase | None = None

    @property
    def formula(self) -> Formula:
        """The right side in symbols."""
        return in_symbols(self.worked)

    @property
    def substituted(self) -> Formula:
        """The right side with its numbers put in, zeros of one-hot vectors folded."""
        return in_numbers(self.worked, significant)

    @property
    def sources(self) -> tuple[Leaf, ...]:
        """The numbers it came from that have a reason of their own, each once."""
        return tuple({one.number: one for one in leaves(self.worked) if one.number is not None}.values())


class Ground:
    """What reasons are found in: a trace, its steps, and the backward passes of single losses."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._blamed: dict[int, Trace] = {}

    @cached_property
    def timeline(self) -> Timeline:
        """The steps of the trace."""
        return Timeline.of(self.trace.network, self.trace.T)

    def blame(self, loss: int) -> Trace:
        """The trace of one step's loss alone; of the whole for 0. The last one is kept."""
        if not loss:
            return self.trace
        if loss not in self._blamed:
            self._blamed = {loss: engine.blame(self.trace, loss)}
        return self._blamed[loss]
