"""The commented scenario that one starts from. Imports ``conversion`` and ``messages``, which explain the keys.

A new key of the format is a new row of ``ROWS`` (a test compares them).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bptt_viz.conversion import choices
from bptt_viz.messages import say
from bptt_viz.notation import names

if TYPE_CHECKING:
    from pathlib import Path

    from bptt_viz.messages import Language


@dataclass(frozen=True, slots=True)
class Row:
    """One key of the template.

    Attributes
    ----------
    path
        The key path.
    value
        As TOML writes it; empty for a table of its own.
    active
        Whether the key is in force, or commented out.
    inner
        Paths of keys inside the value, explained with it.
    """

    path: str
    value: str = ""
    active: bool = False
    inner: tuple[str, ...] = ()


#: Values for which people's words are needed: path → message.
_WORDS: Final = {"title": "template.title", "description": "template.description"}
_TOKENS: Final = "sequence.tokens"

ROWS: Final[tuple[Row, ...]] = (
    Row("title", active=True),
    Row("description", active=True),
    Row("sequence"),
    Row("sequence.tokens", active=True),
    Row("sequence.vocabulary", '["a", "b", "c"]'),
    Row("sequence.inputs", "[[0.5], [1.0], []]"),
    Row("sequence.targets", "[[], [0.3], [0.1]]"),
    Row("sequence.initial_state", "[0.0, 0.0]"),
    Row("sequence.decoder_from", "3"),
    Row("network"),
    Row("network.hidden_size", "2", active=True),
    Row("network.cell", '"rnn"'),
    Row("network.layers", "1"),
    Row("network.activation", '"tanh"'),
    Row("network.bias", "true"),
    Row("network.reset", '"before"'),
    Row("network.weights", '"trained.safetensors"'),
    Row("network.initial"),
    Row("network.initial.method", '"uniform"'),
    Row("network.initial.scale", "0.5"),
    Row("network.initial.seed", "1"),
    Row("network.parameters"),
    Row("network.parameters.W", "[[0.1, 0.2], [0.3, 0.4]]", active=True),
    Row("loss"),
    Row("loss.kind", '"cross_entropy"'),
    Row("loss.reduction", '"sum"'),
    Row("backward"),
    Row("backward.strategy", '"full"'),
    Row("backward.length", "2"),
    Row("backward.probability", "0.8"),
    Row("backward.seed", "0"),
    Row("backward.xi", "[1.0, 1.25, 0.0]"),
    Row("update"),
    Row("update.learning_rate", "0.1"),
    Row("update.clip", '{ kind = "norm", threshold = 1.0 }', inner=("update.clip.kind", "update.clip.threshold")),
    Row("lecture"),
    Row("lecture.notation", '"goodfellow"'),
    Row("lecture.language", '"en"'),
    Row("lecture.beside", '["wo-zuotian", "scalar-t3"]'),
)

#: Key path → the words that the key may be.
_CHOICES: Final = choices()
#: Keys that the format leaves to the person, so that it has no message for them.
_UNEXPLAINED: Final = ("network.parameters.W",)


def template(language: Language = "en") -> str:
    """A valid scenario file that names every key, with comments in ``language``."""
    head = "".join(f"# {line}\n" for line in say("template.head", language).splitlines())
    return head + "".join(_written(row, language) for row in ROWS)


def write(path: Path, language: Language = "en") -> None:
    """Write the template to a new file.

    Raises
    ------
    FileExistsError
        If there is something at ``path`` already; it is never overwritten.
    OSError
        If the file cannot be written.
    """
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(template(language))


def _written(row: Row, language: Language) -> str:
    explained = row.path not in _UNEXPLAINED
    comments = f"\n# {say(f'key.{row.path}', language)}\n" if explained else ""
    comments += "".join(f"# {_key(path)}: {say(f'key.{path}', language)}\n" for path in row.inner)
    value = row.value or _in_words(row.path, language)
    if not value:
        return f"{comments}[{row.path}]\n"
    # One's own notations are among them.
    words = _CHOICES | {"lecture.notation": names()}
    alternatives = "  # " + " | ".join(words[row.path]) if row.path in words else ""
    return f"{comments}{'' if row.active else '# '}{_key(row.path)} = {value}{alternatives}\n"


def _key(path: str) -> str:
    return path.rpartition(".")[2]


def _in_words(path: str, language: Language) -> str:
    if path == _TOKENS:
        return json.dumps(say("template.tokens", language).split(), ensure_ascii=False)
    return json.dumps(say(_WORDS[path], language), ensure_ascii=False) if path in _WORDS else ""
