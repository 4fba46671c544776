"""What the app and the process that derives for it say to each other. Imports ``child`` and ``window``.

Neither side ever imports sympy by importing this.
"""

from __future__ import annotations

from msgspec import Struct

from bptt_viz import child

# Structures' fields are annotated with them; there is no other use at run time.
from bptt_viz.derivation.result import Term  # noqa: TC001
from bptt_viz.derivation.window import Window  # noqa: TC001


class Request(Struct, frozen=True, eq=False):
    """Derive the terms of a window."""

    number: int
    window: Window


class Cancel(Struct, frozen=True):
    """Leave off deriving."""


class Ready(Struct, frozen=True):
    """SymPy is loaded."""


class Found(Struct, frozen=True, eq=False):
    """One term of request ``number``."""

    number: int
    term: Term


class Ended(Struct, frozen=True):
    """Nothing more comes for request ``number``: all is derived, or it was cancelled, or ``failure`` says why not."""

    number: int
    failure: str = ""


Answer = Ready | Found | Ended


def command() -> tuple[str, ...]:
    """How the process is started."""
    return child.command("bptt_viz.derivation.worker")
