"""All that a view may look at: the trace, the cursor, the choices. Imports the core; nothing of textual."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from bptt_viz.lettering import is_parameter
from bptt_viz.messages import say
from bptt_viz.notation import ErrorTerm, Partial, Symbol
from bptt_viz.operations import working
from bptt_viz.quantities import Number, Row
from bptt_viz.timeline import Operation, Phase, Step, Timeline
from bptt_viz.views.lesson import Lesson
from bptt_viz.views.plain import roomy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bptt_viz.derivation.comparison import Comparison
    from bptt_viz.derivation.result import Derivation
    from bptt_viz.errors import Problem
    from bptt_viz.generation import Sampling
    from bptt_viz.messages import Language, Phrase
    from bptt_viz.notation import Formula, Notation
    from bptt_viz.reasons.reason import Changes, Reason
    from bptt_viz.scenario import Text
    from bptt_viz.tracing import Trace
    from bptt_viz.training.course import Course
    from bptt_viz.views.canvas import Role
    from bptt_viz.working import Axis, Part, Working


__all__ = ["Lesson", "Page", "Scene"]

#: What can have the room under the network, by the name of the command that opens it.
Page = Literal["", "derivation", "sides", "flow", "truncations", "training"]


@dataclass(frozen=True, eq=False)
class Scene:
    """One moment of a lesson, as somebody looks at it.

    Attributes
    ----------
    parameter
        The parameter whose gradient is shown.
    entry
        The entry that is written out with numbers; None leaves the choice to the step.
    problems
        What is wrong with the file as it is now; the lesson is then of its last good state.
    notice
        Something to be told once, already in words.
    keys
        The keys of commands that were remapped, by command.
    plain
        Whether symbols of ambiguous width are replaced; see ``plain``.
    alone
        Whether there is room for one panel under the network only.
    problems_in
        The name of the file that has the problems.
    picked, asked
        The number that is asked about, and those that were on the way to it, the oldest first.
    derivation, comparison, deriving
        The chain-rule terms as far as SymPy has derived them, the engine's beside them, and what is waited for.
    page
        What has the room under the network instead of the usual panels; empty: those.
    term
        Which of the derivation's terms is written out on its page.
    scroll
        Which part of the page is seen where not all has room: any number, the parts come round again.
    rtrl
        Whether the ledger is filled row by row, as the forward recursion does it.
    before
        The lesson before a parameter was changed; numbers that differ from it are marked.
    training
        Where training is, with the lesson's parameters; None before there was any.
    sampling
        How symbols were sampled last; None before there was any.
    """

    lesson: Lesson
    position: int
    language: Language
    notation: Notation
    parameter: str
    entry: int | None = None
    problems: tuple[Problem, ...] = ()
    notice: str = ""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plain: bool = False
    alone: bool = False
    problems_in: str = ""
    picked: Number | None = None
    asked: tuple[Number, ...] = ()
    derivation: Derivation | None = None
    comparison: Comparison | None = None
    deriving: Phrase | None = None
    page: Page = ""
    term: int | None = None
    scroll: int = 0
    rtrl: bool = False
    before: Lesson | None = None
    training: Course | None = None
    sampling: Sampling | None = None

    @property
    def trace(self) -> Trace:
        """The lesson's trace."""
        return self.lesson.trace

    @property
    def course(self) -> Course:
        """Where training is, also where there was none."""
        from bptt_viz.training.course import Course  # noqa: PLC0415  (start-up time: nobody trains before the first paint)

        return Course.of(self.trace) if self.training is None else self.training

    @property
    def trains(self) -> bool:
        """Whether updates are being done, so that the parameters are others in a moment."""
        return self.training is not None and self.training.running

    @property
    def timeline(self) -> Timeline:
        """The lesson's steps."""
        return self.lesson.timeline

    @cached_property
    def step(self) -> Step:
        """Where the cursor is."""
        return self.timeline.step(self.position)

    @cached_property
    def working(self) -> Working | None:
        """What is computed at the cursor; None at the start."""
        return self.working_of(self.step)

    def working_of(self, step: Step) -> Working | None:
        """What is computed at a step."""
        if step.position not in self._workings:
            with np.errstate(all="ignore"):
                self._workings[step.position] = working(self.trace, step, self.parameter)
        return self._workings[step.position]

    @cached_property
    def _workings(self) -> dict[int, Working | None]:
        return {}

    @cached_property
    def reason(self) -> Reason | None:
        """Why the picked number is what it is; None where there is none, or no longer."""
        if self.picked is None:
            return None
        try:
            return self.lesson.reasons.of(self.picked, self.derivation, self._changes)
        except (IndexError, KeyError, ValueError):
            # Another window is derived by now, or the file has changed.
            return None

    @property
    def _changes(self) -> Changes | None:
        """What the parameters have been through."""
        from bptt_viz.reasons import Changes  # noqa: PLC0415  (start-up time: nobody asks before the first paint)

        course = self.training
        return None if course is None else Changes(course.moment.updates, course.undo.by_hand)

    def number(self, position: int, index: int, part: Part, entry: int) -> Number | None:
        """Which number an entry of a working's row is: row ``index`` of what is computed at ``position``."""
        if part.worked is None or part.quantity is not None:
            return part.number(entry)
        return Number(Row(position, self.parameter, index), (entry,))

    @property
    def t(self) -> int:
        """The time step that is looked at: the cursor's, or the nearest one."""
        if self.step.t:
            return self.step.t
        return {Phase.START: 1, Phase.LOSS: self.trace.T}.get(self.step.phase, 1)

    @property
    def backwards(self) -> bool:
        """Whether the cursor is beyond the loss."""
        return self.step.phase in (Phase.BACKWARD, Phase.UPDATE)

    def say(self, key: str, **values: object) -> str:
        """A message in the scene's language."""
        return say(key, self.language, **values)

    def write(self, formula: Formula) -> str:
        """A formula in the scene's notation."""
        return self.writer.write(formula)

    @property
    def writer(self) -> Notation:
        """The notation as it is written here, for what is kept from scene to scene and for layouts."""
        return roomy(self.notation) if self.plain else self.notation

    def text(self, text: Text) -> str:
        """A scenario's text in the scene's language."""
        return text if isinstance(text, str) else str(getattr(text, self.language))

    def role(self, phase: Phase, t: int, operation: Operation) -> Role:
        """``future`` before the cursor has reached a quantity, ``now`` at it, ``known`` after."""
        position = self.timeline.position(phase, t, operation)
        if position > self.position:
            return "future"
        return "now" if position == self.position else "known"

    def labels(self, axis: Axis, size: int) -> list[str]:
        """What the entries of a vector are called: the words of the vocabulary, or 1, 2, …."""
        side = {"input": self.trace.inputs, "output": self.trace.targets}.get(axis)
        if side is not None and side.symbolic:
            return list(side.vocabulary[:size])
        return [] if axis == "none" else [str(index) for index in range(1, size + 1)]

    def quantity(self, name: str, t: int | None = None) -> str:
        """A quantity of the trace format as it is written, at a step if it is one of each: ``dL_dh_2`` is ∂L/∂h⁽²⁾₃."""
        of = name.removeprefix("dL_d")
        symbol = Symbol({"loss": "L"}.get(of, of), None if of == "loss" or is_parameter(of) else t)
        variable, _, layer = of.rpartition("_")
        if layer.isdecimal() and not is_parameter(of):
            symbol = Symbol(variable, t, layer=int(layer))
        if symbol.name == "delta":
            return self.write((ErrorTerm(Symbol("a", t, layer=symbol.layer)),))
        if name == of:
            return self.write(("‖∇‖",) if name == "gradient_norm" else (symbol,))
        return self.write((ErrorTerm(symbol) if of.startswith("a_") else Partial(Symbol("L"), symbol),))

    def at(self, position: int) -> Scene:
        """The same scene with the cursor elsewhere and the same part of its page; an entry is the step's choice."""
        return replace(self, position=self.timeline.clamp(position), entry=None, notice="", term=None)
