"""The exception tree: what can go wrong, as data. Imports only the message catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bptt_viz.messages import Phrase, say

if TYPE_CHECKING:
    from bptt_viz.messages import Language

#: How the keys of findings begin that are whole clauses in Chinese: 数组没有结束.
_CLAUSES = (
    "syntax.",
    "found.no_file",
    "found.no_such_name",
    "found.no_permission",
    "found.nothing_at",
    "found.not_in_file",
    "found.existing",
)


class BpttVizError(Exception):
    """Base of every error the program raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a scenario file.

    Attributes
    ----------
    where
        The key path (``network.parameters.W``, ``sequence.targets[2]``), ``line 3, column 7``
        for syntax, or empty when the whole file is meant.
    expected, found
        The two halves of the sentence, still to be said in a language.
    """

    where: str
    expected: Phrase
    found: Phrase

    def told(self, language: Language = "en") -> str:
        """The problem in one line, without the file's name."""
        expected, found = self.expected.told(language), self.found.told(language)
        sentence = say(_sentence(self.found), language, expected=expected, found=found)
        place = self.place(language)
        return say("problem.at", language, where=place, sentence=sentence) if place else sentence

    def place(self, language: Language) -> str:
        """Where it is, as a person reads it; empty for the whole file."""
        del language  # Key paths are the same in all.
        return self.where


def _sentence(found: Phrase) -> str:
    """Which message joins the two halves: nothing is not a thing that was found, and some findings are clauses."""
    if found.key == "found.nothing":
        return "problem.missing"
    return "problem.clause" if found.key.startswith(_CLAUSES) else "problem.sentence"


class ScenarioError(BpttVizError):
    """A scenario that cannot be used, with every problem found in it.

    Attributes
    ----------
    source
        The file (or the name) as the person gave it.
    problems
        At least one, in the order in which the file states them.
    """

    def __init__(self, source: str, problems: tuple[Problem, ...]) -> None:
        super().__init__(source, problems)
        self.source = source
        self.problems = problems

    def lines(self, language: Language = "en") -> list[str]:
        """One line per problem: ``file: key path: expected …, found …``."""
        return [f"{self.source}: {problem.told(language)}" for problem in self.problems]

    def __str__(self) -> str:
        return "\n".join(self.lines())
