"""What the app and the process that trains for it say to each other. Imports ``child`` and ``moment``."""

from __future__ import annotations

from msgspec import Struct

from bptt_viz import child

# Structures' fields are annotated with them; there is no other use at run time.
from bptt_viz.activations import Array  # noqa: TC001
from bptt_viz.scenario import Scenario  # noqa: TC001
from bptt_viz.training.moment import Curves  # noqa: TC001


class Train(Struct, frozen=True, eq=False):
    """Do so many updates from these parameters on, and wait for :class:`Until` after them where that is not ``all``."""

    number: int
    scenario: Scenario
    parameters: dict[str, Array]
    updates: int
    all: bool = True


class Until(Struct, frozen=True):
    """Go on until there are so many updates since the latest request."""

    updates: int


class Stop(Struct, frozen=True):
    """Leave off training."""


class Progress(Struct, frozen=True, eq=False):
    """What request ``number`` has come to since the last such message.

    ``curves`` is what was seen after each update, ``parameters`` are those after the last.
    """

    number: int
    curves: Curves
    parameters: dict[str, Array]


class Ended(Struct, frozen=True):
    """Nothing more comes for request ``number``: it was done, stopped or diverged, or ``failure`` says why not."""

    number: int
    failure: str = ""


def command() -> tuple[str, ...]:
    """How the process is started."""
    return child.command("bptt_viz.training.worker")
