"""What a lecturer switches between: the next strategy, a longer or shorter one, another draw. Imports ``scenario``.

A ``[backward]`` table says what its own strategy needs and no more, so what was chosen for the others stands beside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

from msgspec import Struct, structs

from bptt_viz.messages import phrase
from bptt_viz.scenario import BackwardTable, StrategyKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bptt_viz.messages import Phrase

STRATEGIES: Final[tuple[StrategyKind, ...]] = get_args(StrategyKind)
#: π where a lecturer turns to the randomized strategy without having said one.
PROBABILITY: Final = 0.5
#: The most steps of a window or a segment that a lecturer turns to without having said how many.
_LENGTH: Final = 20
#: By how much π grows and shrinks.
_STEP: Final = 0.1

#: How much is said: a sentence, its strategy and number, or its name alone.
Form = Literal["", "shortly", "name"]


class Choices(Struct, frozen=True):
    """What each strategy was last, or would be.

    Attributes
    ----------
    table
        The one that is in use.
    steps
        T.
    first_seed
        The seed of the first draw: the others follow it.
    """

    table: BackwardTable
    steps: int
    tables: Mapping[StrategyKind, BackwardTable]
    first_seed: int

    @classmethod
    def of(cls, table: BackwardTable, steps: int) -> Choices:
        """Those that a scenario's table leaves: a length of its own serves windows and segments."""
        length = table.length or max(2, min((steps + 1) // 2, _LENGTH))
        tables: dict[StrategyKind, BackwardTable] = {
            "full": BackwardTable("full"),
            "window": BackwardTable("window", length=length),
            "segments": BackwardTable("segments", length=length),
            "randomized": BackwardTable("randomized", probability=PROBABILITY, seed=table.seed),
        }
        return cls(table, steps, {**tables, table.strategy: table}, table.seed)

    def chosen(self, table: BackwardTable) -> Choices:
        """The same with ``table`` in use."""
        return structs.replace(self, table=table, tables={**self.tables, table.strategy: table})

    def next_strategy(self) -> BackwardTable:
        """The strategy after this one."""
        return self.tables[STRATEGIES[(STRATEGIES.index(self.table.strategy) + 1) % len(STRATEGIES)]]

    def kept_more(self, by: int) -> BackwardTable:
        """A length of ``by`` steps more, or a probability that is ``by`` tenths larger, within what there is."""
        table = self.table
        if table.length is not None:
            return structs.replace(table, length=max(1, min(table.length + by, max(self.steps, table.length))))
        if table.strategy == "randomized" and table.probability is not None:
            # Tenths, so that steps up and down meet again.
            probability = min(max(round(table.probability + by * _STEP, 1), _STEP), 1.0)
            return structs.replace(table, probability=probability, xi=None)
        return table

    def another_draw(self) -> BackwardTable:
        """The next draw of the ξ, by the seed after this one's; the first after another strategy, or listed ξ."""
        table = self.table
        if table.strategy != "randomized":
            return self.tables["randomized"]
        if table.xi is not None:
            return structs.replace(table, probability=table.probability or PROBABILITY, xi=None)
        return structs.replace(table, seed=table.seed + 1)

    @property
    def drawn(self) -> int:
        """How many draws there have been with the last randomized one; 0 where its ξ are listed."""
        table = self.tables["randomized"]
        return table.seed - self.first_seed + 1 if table.xi is None else 0

    @property
    def probability(self) -> float:
        """π of the randomized strategy."""
        return self.tables["randomized"].probability or PROBABILITY


def said(table: BackwardTable, form: Form = "") -> Phrase:
    """What a table keeps, in words."""
    parts = (table.strategy, "listed" if table.xi is not None else "", form)
    key = ".".join(part for part in parts if part)
    return phrase(f"truncation.{key}", length=table.length, probability=table.probability, seed=table.seed)
