"""Checks of ``[backward]``: rows of the table in ``checking``. Imports ``sequence``.

Each check gets a draft whose keys it needs are readable and yields problems.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bptt_viz.errors import Problem
from bptt_viz.messages import phrase
from bptt_viz.sequence import sides
from bptt_viz.wording import found, found_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.conversion import Draft

_WITH_LENGTH: Final = ("window", "segments")


def length(draft: Draft) -> Iterator[Problem]:
    """``length`` where a window or segments need it, and only there."""
    strategy = draft.scenario.backward.strategy
    where = "backward.length"
    if strategy in _WITH_LENGTH and where not in draft.given:
        yield Problem(where, phrase("expected.length_for", strategy=strategy), phrase("found.nothing"))
    if strategy not in _WITH_LENGTH and where in draft.given:
        yield Problem(where, phrase("expected.length_only", strategy=strategy), found_key("length"))


def randomness(draft: Draft) -> Iterator[Problem]:
    """``probability`` or ``xi`` for the randomized strategy, and only there."""
    strategy = draft.scenario.backward.strategy
    given = [key for key in ("probability", "xi") if f"backward.{key}" in draft.given]
    if strategy == "randomized" and not given:
        yield Problem("backward.probability", phrase("expected.randomness"), phrase("found.nothing"))
    for key in given:
        if strategy != "randomized":
            yield Problem(f"backward.{key}", phrase("expected.randomized_only", strategy=strategy), found_key(key))


def length_of_xi(draft: Draft) -> Iterator[Problem]:
    """One ξ per step."""
    xi = draft.scenario.backward.xi
    steps = len(sides(draft.scenario.sequence)[0].items)
    if xi is not None and steps and len(xi) != steps:
        yield Problem("backward.xi", phrase("expected.xi", steps=steps), found(xi))
