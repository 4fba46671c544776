"""Moments of training for tests to compare with: from one to another by updates alone. No tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz import engine
from bptt_viz.training.moment import further

if TYPE_CHECKING:
    from bptt_viz.scenario import Scenario
    from bptt_viz.training.moment import Moment


def advance(scenario: Scenario, moment: Moment, updates: int) -> Moment:
    """The moment so many updates later, or fewer where it diverges."""
    return further(moment, engine.run(scenario, moment.network), updates)[0]
