"""The JSON Schema of scenario files, for editors. Imports ``conversion`` and ``notation``; never numpy.

It says what can be said of one key, and of keys that exclude each other; ``checking`` knows more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from bptt_viz.conversion import tables
from bptt_viz.messages import say
from bptt_viz.notation import names
from bptt_viz.scenario import Scenario
from bptt_viz.wording import key_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bptt_viz.messages import Language

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

#: Table → key → what arrays must hold besides their types.
_LIMITS: Final[Mapping[str, Mapping[str, Mapping[str, object]]]] = {
    "SequenceTable": {
        "tokens": {"minItems": 2},
        "vocabulary": {"minItems": 1, "uniqueItems": True},
        "inputs": {"minItems": 1},
        "targets": {"minItems": 1},
    },
}


def _absent(*keys: str) -> dict[str, object]:
    return {"properties": dict.fromkeys(keys, False)}


def _where(key: str, *values: str) -> dict[str, object]:
    return {"properties": {key: {"enum": list(values)}}, "required": [key]}


#: Table → what one of its keys says about others.
_CONDITIONS: Final[Mapping[str, Mapping[str, object]]] = {
    "SequenceTable": {
        "oneOf": [
            {"required": ["tokens"], **_absent("inputs", "targets")},
            {"required": ["inputs", "targets"], **_absent("tokens")},
        ]
    },
    "NetworkTable": {
        "allOf": [
            {"if": _where("cell", "lstm", "gru"), "then": _absent("activation")},
            {"if": _where("cell", "gru"), "else": _absent("reset")},
        ]
    },
    "BackwardTable": {
        "allOf": [
            {
                "if": _where("strategy", "window", "segments"),
                "then": {"required": ["length"]},
                "else": _absent("length"),
            },
            {
                "if": _where("strategy", "randomized"),
                "then": {"anyOf": [{"required": ["probability"]}, {"required": ["xi"]}]},
                "else": _absent("probability", "xi"),
            },
        ]
    },
}


def json_schema(language: Language = "en") -> dict[str, Any]:
    """The schema, with every key's meaning in ``language``."""
    whole = msgspec.json.schema(Scenario)
    definitions = {name: _without_null(definition) for name, definition in whole["$defs"].items()}
    # One's own notations are among them.
    definitions["LectureTable"]["properties"]["notation"]["enum"] = list(names())
    paths: dict[str, str] = {}
    for kind, path in tables():
        paths.setdefault(kind.__name__, path)
    for name, path in paths.items():
        _annotate(definitions[name], name, path, language)
    return {"$schema": DIALECT, "title": say("schema.title", language), **whole, "$defs": definitions}


def _annotate(definition: dict[str, Any], table: str, path: str, language: Language) -> None:
    # Class names and docstrings are for programmers.
    definition.pop("title", None)
    definition.pop("description", None)
    for key, content in definition["properties"].items():
        content.update(_LIMITS.get(table, {}).get(key, {}), description=say(f"key.{key_path(path, key)}", language))
    definition.update(_CONDITIONS.get(table, {}))


def _without_null(value: Any) -> Any:  # noqa: ANN401  (JSON)
    """A part of a schema without ``null``, which TOML does not have."""
    if isinstance(value, list):
        return [_without_null(item) for item in value if item != {"type": "null"}]
    if not isinstance(value, dict):
        return value
    kept = {key: _without_null(item) for key, item in value.items() if item is not None}
    if len(kept.get("anyOf", ())) == 1:
        kept |= kept.pop("anyOf")[0]
    return kept
