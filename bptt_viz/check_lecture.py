"""Checks of ``[lecture]``: rows of the table in ``checking``. Imports ``catalog`` and ``notation``.

Each check gets a draft whose keys it needs are readable and yields problems.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.catalog import bundled
from bptt_viz.errors import Problem
from bptt_viz.messages import phrase
from bptt_viz.notation import expected_name, names
from bptt_viz.wording import found, likely

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.conversion import Draft


def known_notation(draft: Draft) -> Iterator[Problem]:
    """A notation that there is; its file is not read."""
    name = draft.scenario.lecture.notation
    if name not in names():
        yield Problem("lecture.notation", expected_name(name), found(name))


def bundled_beside(draft: Draft) -> Iterator[Problem]:
    """Names of scenarios that come with the program: a file names no other file."""
    known = bundled()
    for index, name in enumerate(draft.scenario.lecture.beside):
        if name not in known:
            meant = likely(name, known)
            expected = phrase("expected.bundled", nearest=meant) if meant else phrase("expected.bundled_listed")
            yield Problem(f"lecture.beside[{index}]", expected, found(name))
