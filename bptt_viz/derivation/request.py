"""Which windows of a trace somebody asks to have derived: names and numbers checked. Imports ``window``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from bptt_viz.derivation.window import FEWEST, MOST, STEPS, Window, window_of
from bptt_viz.errors import Problem, ScenarioError
from bptt_viz.messages import phrase
from bptt_viz.wording import found, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bptt_viz.tracing import Trace

#: What is derived unless something else is asked for: what the recurrence multiplies by, or the first of that name.
PARAMETER: Final = "W"
#: Most windows of a long sequence that are checked unless one is asked for.
MOST_WINDOWS: Final = 32


class Request(Struct, frozen=True):
    """What was asked for; None is what was left open.

    Attributes
    ----------
    source
        The scenario as the person named it, for what is said.
    steps, first
        The window's length and its first step.
    letters
        What a notation calls a parameter → the parameter; the program's own name comes first.
    """

    source: str
    parameter: str | None = None
    steps: int | None = None
    first: int | None = None
    letters: Mapping[str, str] = {}

    def window(self, trace: Trace) -> Window:
        """The one window that is meant: the first W's first three steps, as far as nothing else is asked for.

        Raises
        ------
        ScenarioError
            If there is no such parameter, step or window; it says what there is.
        """
        parameter = self._parameter(trace)
        if self.parameter is None:
            parameter = next(name for name in trace.parameters if name.partition("_")[0] == PARAMETER)
        first = self._first(trace)
        return window_of(trace, first, self._steps(trace, first), parameter)

    def windows(self, trace: Trace) -> Iterator[Window]:
        """Every window that is meant: of all parameters and all of the sequence, as far as none is asked for.

        Of a long sequence :data:`MOST_WINDOWS` windows stand for all, the first and the last among them.

        Raises
        ------
        ScenarioError
            As :meth:`window`.
        """
        names = trace.network.parameter_names if self.parameter is None else (self._parameter(trace),)
        steps = self._steps(trace, self._first(trace))
        firsts = [self._first(trace)]
        if self.first is None:
            last = self.all_windows(trace)
            firsts = np.unique(np.linspace(1, last, min(last, MOST_WINDOWS)).round().astype(int)).tolist()
        for name in names:
            for first in firsts:
                yield window_of(trace, first, steps, name)

    def all_windows(self, trace: Trace) -> int:
        """How many windows there are of each parameter, those too that others stand for.

        Raises
        ------
        ScenarioError
            As :meth:`window`.
        """
        first = self._first(trace)
        return 1 if self.first is not None else trace.T - self._steps(trace, first) + 1

    def _parameter(self, trace: Trace) -> str:
        known = trace.network.parameter_names
        name = known[0] if self.parameter is None else self.parameter
        if name not in known:
            name = self.letters.get(name, name)
        if name not in known:
            choices = tuple(dict.fromkeys((*known, *self.letters)))
            expected = phrase("expected.parameter_name", choices=", ".join(choices), nearest=nearest(name, choices))
            raise self._wrong(Problem("--parameter", expected, found(name)))
        return name

    def _first(self, trace: Trace) -> int:
        first = 1 if self.first is None else self.first
        self._check("--first", first, 1, trace.T)
        return first

    def _steps(self, trace: Trace, first: int) -> int:
        most = min(MOST, trace.T - first + 1)
        if self.steps is None:
            return min(STEPS, most)
        self._check("--window", self.steps, min(FEWEST, most), most)
        return self.steps

    def _check(self, option: str, number: int, least: int, most: int) -> None:
        if not least <= number <= most:
            expected = phrase("expected.number_of", least=least, most=most, nearest=min(max(number, least), most))
            raise self._wrong(Problem(option, expected, found(number)))

    def _wrong(self, problem: Problem) -> ScenarioError:
        return ScenarioError(self.source, (problem,))
