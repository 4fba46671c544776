"""What a lecturer switches between: the next strategy, a longer or shorter one, another draw. Imports ``scenario``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from msgspec import structs

from bptt_viz.scenario import BackwardTable, StrategyKind

if TYPE_CHECKING:
    from bptt_viz.scenario import Scenario

STRATEGIES: Final[tuple[StrategyKind, ...]] = get_args(StrategyKind)
#: π where a lecturer turns to the randomized strategy without having said one.
PROBABILITY: Final = 0.5
#: By how much π grows and shrinks.
_STEP: Final = 0.1


def chosen(strategy: StrategyKind, steps: int, table: BackwardTable) -> BackwardTable:
    """``strategy`` with what ``table`` says of its length or probability, or else what suits ``steps`` steps."""
    if strategy in ("window", "segments"):
        return BackwardTable(strategy, length=table.length or max(2, (steps + 1) // 2))
    if strategy == "randomized":
        given = table.strategy == strategy
        return (
            table if given else BackwardTable(strategy, probability=table.probability or PROBABILITY, seed=table.seed)
        )
    return BackwardTable(strategy)


def next_strategy(scenario: Scenario, steps: int) -> BackwardTable:
    """The strategy after the scenario's."""
    table = scenario.backward
    following = STRATEGIES[(STRATEGIES.index(table.strategy) + 1) % len(STRATEGIES)]
    return chosen(following, steps, table)


def kept_more(scenario: Scenario, by: int) -> BackwardTable:
    """A length of ``by`` steps more, or a probability that is ``by`` tenths larger, within what there is."""
    table = scenario.backward
    if table.length is not None:
        return structs.replace(table, length=max(1, table.length + by))
    if table.strategy == "randomized" and table.probability is not None:
        # Tenths, so that steps up and down meet again.
        probability = min(max(round(table.probability + by * _STEP, 1), _STEP), 1.0)
        return structs.replace(table, probability=probability, xi=None)
    return table


def another_draw(scenario: Scenario) -> BackwardTable:
    """The next draw of the ξ, by the seed after this one's; nothing else is drawn."""
    table = scenario.backward
    if table.strategy != "randomized":
        return table
    return structs.replace(table, probability=table.probability or PROBABILITY, seed=table.seed + 1, xi=None)
