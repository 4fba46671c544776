"""What the page of truncations draws, kept once it is computed: at once where that is quick. No textual.

All is of one forward pass, whichever truncation is in use: a lesson hands it on to the one with other terms kept.
A view asks for a part; None means that somebody has to call :meth:`Truncations.compute` with what
:attr:`Truncations.wanted` names, off the thread that draws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from bptt_viz.scenario import BackwardTable, StrategyKind
from bptt_viz.truncation_comparison import Apart, Compared, apart, compare, rounding
from bptt_viz.truncation_draws import Draws, draws, how_many

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.tracing import Trace

#: What may be computed while a key is being answered, in multiply-adds: some 10 ms.
_AT_ONCE: Final = 10_000_000
#: What one equation of one step costs beside its multiply-adds, in multiply-adds.
_PER_EQUATION: Final = 15_000


class WantedDraws(Struct, frozen=True):
    """The draws of a parameter's gradient with seeds from the first on."""

    parameter: str
    probability: float
    first_seed: int


#: A truncation, or the draws of one.
Wanted = BackwardTable | WantedDraws


class Truncations:
    """The truncations of one forward pass."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._compared: dict[StrategyKind, Compared] = {}
        self._draws: tuple[WantedDraws, Draws] | None = None
        self._done: dict[WantedDraws, int] = {}
        self._missing: dict[type, Wanted] = {}

    @property
    def wanted(self) -> Wanted | None:
        """What was asked for last, of either kind, and is not there."""
        return next(iter(self._missing.values()), None)

    def compared(self, table: BackwardTable) -> Compared | None:
        """The gradients under a truncation; None if it takes too long here and now."""
        if self._known(table) is None and self._cost(table) <= _AT_ONCE:
            self.compute(table)
        known = self._known(table)
        if known is None:
            self._missing[BackwardTable] = table
        elif getattr(self._missing.get(BackwardTable), "strategy", None) == table.strategy:
            del self._missing[BackwardTable]
        return known

    def apart(self, compared: Compared, parameter: str) -> Apart | None:
        """How far a truncation's gradient of a parameter is from the full one."""
        full = self.compared(BackwardTable("full"))
        if full is None:
            return None
        return apart(compared.gradients[parameter], full.gradients[parameter], rounding(self._trace))

    def draws(self, wanted: WantedDraws) -> Draws | None:
        """Many draws, never at once."""
        if self._draws is not None and self._draws[0] == wanted:
            self._missing.pop(WantedDraws, None)
            return self._draws[1]
        self._missing[WantedDraws] = wanted
        return None

    def done(self, wanted: WantedDraws) -> tuple[int, int]:
        """How many draws of how many are made."""
        return self._done.get(wanted, 0), how_many(self._trace, wanted.parameter)

    def compute(
        self,
        wanted: Wanted,
        progress: Callable[[int], None] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Compute what is wanted and keep it; may run in a thread of its own."""
        if isinstance(wanted, BackwardTable):
            self._compared[wanted.strategy] = compare(self._trace, wanted)
            return

        def note(done: int) -> None:
            self._done[wanted] = done
            progress(done)

        count = how_many(self._trace, wanted.parameter)
        made = draws(self._trace, wanted.parameter, wanted.probability, wanted.first_seed, count, note, cancelled)
        if made is not None:
            self._draws = wanted, made

    def _known(self, table: BackwardTable) -> Compared | None:
        known = self._compared.get(table.strategy)
        return known if known is not None and known.table == table else None

    def _cost(self, table: BackwardTable) -> int:
        """Multiply-adds, about."""
        trace = self._trace
        equations = sum(len(cell.equations) for cell in trace.network.cells)
        rows = min(table.length or 1, trace.T) if table.strategy == "window" else 1
        size = sum(values.size for values in trace.parameters.values())
        return trace.T * (equations * _PER_EQUATION + (1 + rows) * size)
