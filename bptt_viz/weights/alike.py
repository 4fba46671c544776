"""Problems of one kind with many arrays → the first of them, which counts and names the others. Imports messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bptt_viz.errors import Problem
from bptt_viz.messages import phrase
from bptt_viz.weights.naming import ABOUT_NAMES, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

#: Most problems of one kind that are told one by one; one line for two would save nobody's time.
_MOST_APART: Final = 2
#: Most arrays that the line about all of them names.
_MOST_NAMED: Final = 4


def collapsed(problems: Iterable[Problem]) -> list[Problem]:
    """The problems, and in place of more than two of one kind the first, in the order of the first of each kind."""
    kinds: dict[Hashable, list[Problem]] = {}
    for index, problem in enumerate(problems):
        kinds.setdefault(_kind(problem) or index, []).append(problem)
    return [told for alike in kinds.values() for told in (alike if len(alike) <= _MOST_APART else [_first(alike)])]


def _kind(problem: Problem) -> Hashable:
    """What problems have in common that differ in the array alone; nothing where another array is another problem."""
    if not problem.where.startswith(f"{WEIGHTS}."):
        return None
    if problem.expected.key in ABOUT_NAMES:
        return problem.expected.key
    return repr(problem.expected), repr(problem.found)


def _first(alike: list[Problem]) -> Problem:
    first, *others = alike
    names = [problem.where.removeprefix(f"{WEIGHTS}.") for problem in others[:_MOST_NAMED]]
    listed = ", ".join(names) + (", …" if len(others) > len(names) else "")
    return Problem(
        first.where, first.expected, phrase("found.and_more", found=first.found, count=len(others), names=listed)
    )
