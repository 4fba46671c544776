"""The catalogue of all that is said to people, in English and Chinese. Imports nothing of the package."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, get_args

from bptt_viz.messages.command_line import COMMAND_LINE
from bptt_viz.messages.derivation import DERIVATION
from bptt_viz.messages.derive import DERIVE
from bptt_viz.messages.derive_networks import DERIVE_NETWORKS
from bptt_viz.messages.files import FILES
from bptt_viz.messages.flow import FLOW
from bptt_viz.messages.generation import GENERATION
from bptt_viz.messages.ledger import LEDGER
from bptt_viz.messages.notations import NOTATION_NAMES
from bptt_viz.messages.problems import PROBLEMS
from bptt_viz.messages.reasons import REASONS
from bptt_viz.messages.screen import SCREEN
from bptt_viz.messages.training import TRAINING
from bptt_viz.messages.truncation import TRUNCATION

if TYPE_CHECKING:
    from collections.abc import Mapping

Language = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

#: Message key → (English, Chinese). Placeholders are ``str.format`` fields, the same in both.
CATALOGUE: Final[Mapping[str, tuple[str, str]]] = {
    **SCREEN,
    **LEDGER,
    **DERIVATION,
    **DERIVE,
    **DERIVE_NETWORKS,
    **REASONS,
    **NOTATION_NAMES,
    **PROBLEMS,
    **COMMAND_LINE,
    **FILES,
    **FLOW,
    **TRAINING,
    **TRUNCATION,
    **GENERATION,
}


def say(key: str, language: Language, **values: object) -> str:
    """The message ``key`` in ``language``, with ``values`` put in.

    Raises
    ------
    KeyError
        If the catalogue has no such message or a placeholder has no value.
    """
    return CATALOGUE[key][LANGUAGES.index(language)].format(**values)


@dataclass(frozen=True)
class Phrase:
    """A message that is yet to be said: the key and the values, but no language."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def told(self, language: Language) -> str:
        """The phrase in ``language``; values that are phrases are said in it too."""
        values = {
            name: value.told(language) if isinstance(value, Phrase) else value for name, value in self.values.items()
        }
        return say(self.key, language, **values)


def phrase(key: str, **values: object) -> Phrase:
    """Shorthand for :class:`Phrase`."""
    return Phrase(key, values)
