"""What a reason holds, and what finding one may look at. Imports the core; nothing of the screen."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from bptt_viz import engine
from bptt_viz.arithmetic import Leaf, Worked, in_numbers, in_symbols, leaves
from bptt_viz.formatting import significant
from bptt_viz.network import build
from bptt_viz.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bptt_viz.activations import Array
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


class Changes(Struct, frozen=True):
    """What the parameters have been through since the scenario was read.

    Attributes
    ----------
    updates
        How many.
    by_hand
        Whether there was anything else.
    """

    updates: int = 0
    by_hand: bool = False


class Ground:
    """What reasons are found in: a trace, its steps, and the backward passes of single losses.

    Attributes
    ----------
    generated_from
        The first step that was generated; 0: none.
    """

    def __init__(self, trace: Trace, generated_from: int = 0) -> None:
        self.trace = trace
        self.generated_from = generated_from
        self._blamed: dict[int, Trace] = {}

    @cached_property
    def timeline(self) -> Timeline:
        """The steps of the trace."""
        return Timeline.of(self.trace.network, self.trace.T)

    @cached_property
    def at_the_start(self) -> Mapping[str, Array]:
        """The parameters that the scenario states and draws, whatever the trace's are by now."""
        return build(self.trace.scenario).parameters

    def generated(self, t: int) -> bool:
        """Whether step ``t`` reads what was predicted before it."""
        return 0 < self.generated_from <= t

    def blame(self, loss: int) -> Trace:
        """The trace of one step's loss alone; of the whole for 0. The last one is kept."""
        if not loss:
            return self.trace
        if loss not in self._blamed:
            self._blamed = {loss: engine.blame(self.trace, loss)}
        return self._blamed[loss]
