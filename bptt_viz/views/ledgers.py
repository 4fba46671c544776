"""What the ledger's views draw, kept once it is summed: at once where that is quick, else by a worker. No textual.

A view asks with :meth:`Ledgers.grid` or :meth:`Ledgers.two_sides`; None means that somebody has to call
:meth:`Ledgers.compute` with what :attr:`Ledgers.wanted` names, off the thread that draws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from bptt_viz import blocks, sensitivity

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.blocks import Grid
    from bptt_viz.sensitivity import TwoSides
    from bptt_viz.tracing import Trace

#: What may be summed while a key is being answered, in multiplications; some 10 ms.
_AT_ONCE: Final = 10_000_000
#: What one equation of one step costs beside its multiplications, in multiplications.
_PER_EQUATION: Final = 15_000


class Wanted(Struct, frozen=True):
    """What a view waits for: a parameter's ledger in ``count`` × ``count`` blocks, or with 0 its two sides."""

    parameter: str
    count: int = 0


class Ledgers:
    """The grids and the two sides of one trace, by parameter and size.

    Attributes
    ----------
    wanted
        What a view asked for last and did not get.
    """

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._grids: dict[Wanted, Grid] = {}
        self._sides: dict[Wanted, TwoSides] = {}
        self._done: dict[Wanted, int] = {}
        self.wanted: Wanted | None = None

    def grid(self, parameter: str, count: int) -> Grid | None:
        """The ledger in ``count`` × ``count`` blocks; None if it takes too long to be summed here and now."""
        key = Wanted(parameter, count)
        if key not in self._grids and self._cost(key) <= _AT_ONCE:
            self.compute(key)
        self._note(key, there=key in self._grids)
        return self._grids.get(key)

    def two_sides(self, parameter: str) -> TwoSides | None:
        """The gradient summed in both ways; None if it takes too long here and now, or is too large."""
        key = Wanted(parameter)
        if self.too_large(parameter):
            return None
        if key not in self._sides and self._cost(key) <= _AT_ONCE:
            self.compute(key)
        self._note(key, there=key in self._sides)
        return self._sides.get(key)

    def is_recurrent(self, parameter: str) -> bool:
        """Whether the hidden state depends on the parameter."""
        return sensitivity.is_recurrent(self._trace, parameter)

    def too_large(self, parameter: str) -> bool:
        """Whether the two sides take more numbers than are made for anybody."""
        return self.size(parameter) > sensitivity.LARGEST

    def size(self, parameter: str) -> int:
        """How many numbers the two sides take over all steps: of dh_t/dθ, or for V and c of what each step adds."""
        return sensitivity.size(self._trace, parameter)

    def done(self, parameter: str, count: int = 0) -> int:
        """How many of the T steps of what is wanted are summed."""
        return self._done.get(Wanted(parameter, count), 0)

    def compute(
        self,
        wanted: Wanted,
        progress: Callable[[int], None] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Sum what is wanted and keep it; may run in a thread of its own.

        Parameters
        ----------
        progress
            Told every so often how many steps are done; :meth:`done` tells it too.
        cancelled
            Asked every so often whether to stop.

        Returns
        -------
        bool
            Whether it is there now: not if it was cancelled.
        """

        def note(steps: int) -> None:
            self._done[wanted] = steps
            progress(steps)

        if wanted.count:
            grid = blocks.grid(self._trace, wanted.parameter, wanted.count, note, cancelled)
            if grid is not None:
                self._grids[wanted] = grid
            return grid is not None
        sides = sensitivity.two_sides(self._trace, wanted.parameter, note, cancelled)
        if sides is not None:
            self._sides[wanted] = sides
        return sides is not None

    def _note(self, key: Wanted, *, there: bool) -> None:
        if not there:
            self.wanted = key
        elif self.wanted == key:
            self.wanted = None

    def _cost(self, key: Wanted) -> int:
        """Multiplications, about."""
        trace, network = self._trace, self._trace.network
        hidden = len(network.initial_states[0])
        equations = sum(len(cell.equations) for cell in network.cells)
        size = trace.parameters[key.parameter].size
        if key.count:
            return trace.T * (equations * (_PER_EQUATION + key.count * hidden**2) + key.count * size)
        if not self.is_recurrent(key.parameter):
            return trace.T * size
        states = sum(len(cell.states) for cell in network.cells)
        return trace.T * (equations * (_PER_EQUATION + hidden**3) + states * hidden * hidden * size)
