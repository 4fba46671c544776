"""Parsed TOML → a typed draft of a scenario, with every value of a wrong type. Never imports numpy.

msgspec stops at the first error, so tables are converted field by field and arrays, where something
in them is wrong, item by item. Checks of one key against another are in ``checking``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeGuard, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo, fields

from bptt_viz.errors import Problem
from bptt_viz.messages import Phrase, phrase
from bptt_viz.scenario import Item, NetworkTable, Scenario, SequenceTable, Text, Vector, VectorOrMatrix
from bptt_viz.wording import found, found_key, key_path, unknown_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TableT = TypeVar("TableT", bound=msgspec.Struct)

#: Only so many problems of one file are collected; a file can hold millions.
MOST_PROBLEMS: Final = 200

#: Stands for a value that could not be read.
_WRONG: Final = object()

#: What the draft holds where the file has nothing usable and the format has no default.
_PLACEHOLDERS: Final[Mapping[str, object]] = {
    "sequence": SequenceTable(),
    "network": NetworkTable(hidden_size=1),
    "network.hidden_size": 1,
}

#: Types of the format and the messages that say what they hold; literals, limits and tables are told apart in code.
_IN_WORDS: Final[Mapping[object, str]] = {
    str: "expected.text",
    bool: "expected.truth",
    int: "expected.integer",
    float: "expected.any_number",
    Text: "expected.translated",
    Item: "expected.item",
    Vector: "expected.numbers",
    float | Vector: "expected.number_or_numbers",
    VectorOrMatrix: "expected.vector_or_matrix",
    tuple[str, ...]: "expected.texts",
    tuple[Item, ...]: "expected.items",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What could be read of a scenario file.

    Attributes
    ----------
    scenario
        Typed; whatever could not be read holds its default or a placeholder.
    given
        The paths of all keys that the file states, known or not.
    wrong
        The paths of the keys that could not be read.
    """

    scenario: Scenario
    given: frozenset[str]
    wrong: frozenset[str]

    def readable(self, path: str) -> bool:
        """Whether nothing at ``path``, above it or below it is wrong."""
        return not any(
            path == other or path.startswith(other + ".") or other.startswith(path + ".") for other in self.wrong
        )

    def inside_wrong(self, path: str) -> bool:
        """Whether ``path`` lies inside something that could not be read."""
        return any(path.startswith(other + ".") for other in self.wrong)


def convert(document: Mapping[str, object]) -> tuple[Draft, list[Problem]]:
    """The draft of a parsed file, and what is wrong with its types and keys.

    Values are not checked against each other. With no problem at all, ``draft.scenario`` is the file.
    """
    conversion = _Conversion(_ELSEWHERE)
    scenario = conversion.table(Scenario, document, "")
    assert isinstance(scenario, Scenario), "every required key of the file's top level has a placeholder"
    draft = Draft(scenario, frozenset(_given(document, "")), frozenset(conversion.wrong))
    return draft, conversion.problems


def convert_table(kind: type[TableT], document: Mapping[str, object]) -> tuple[TableT | None, list[Problem]]:
    """A file of another format, whose top level is ``kind``, and what is wrong with its types and keys."""
    whole = _at_once(kind, document)
    if isinstance(whole, kind):
        return whole, []
    conversion = _Conversion({})
    table = conversion.table(kind, document, "")
    return (table if isinstance(table, kind) and not conversion.problems else None), conversion.problems


def _given(table: Mapping[str, object], path: str) -> Iterator[str]:
    for key, value in table.items():
        where = key_path(path, key)
        yield where
        if isinstance(value, dict):
            yield from _given(value, where)


class _Conversion:
    """One walk through a file, collecting problems and the paths of the keys they are about."""

    def __init__(self, elsewhere: Mapping[str, str]) -> None:
        self._elsewhere = elsewhere
        self.problems: list[Problem] = []
        self.wrong: set[str] = set()

    @property
    def full(self) -> bool:
        return len(self.problems) > MOST_PROBLEMS

    def refuse(self, where: str, expected: Phrase, instead: Phrase) -> object:
        if not self.full:
            self.problems.append(Problem(where, expected, instead))
        return _WRONG

    def value(self, hint: object, value: object, where: str) -> object:
        member = next((member for member in members(hint) if _same_kind(member, value)), None)
        if member is None:
            return self.refuse(where, in_words(hint), found(value))
        if isinstance(value, dict):
            return self.table(member, value, where) if _is_struct(member) else self.entries(member, value, where)
        if isinstance(value, list):
            return self.array(member, value, where)
        return self.scalar(hint, member, value, where)

    def scalar(self, hint: object, member: object, value: object, where: str) -> object:
        converted = _at_once(member, value)
        if converted is not _WRONG:
            return converted
        expected = in_words(member, finite=True) if _beyond_numbers(value) else in_words(hint)
        return self.refuse(where, expected, found(value))

    def array(self, hint: object, values: list[object], where: str) -> object:
        converted = _at_once(hint, values)
        if converted is not _WRONG:
            return converted
        for index, item in enumerate(values):
            if self.full:
                break
            self.value(get_args(hint)[0], item, f"{where}[{index}]")
        return _WRONG

    def entries(self, hint: object, values: Mapping[str, object], where: str) -> dict[str, object]:
        kind = get_args(hint)[1]
        converted = {key: self.field(kind, value, key_path(where, key)) for key, value in values.items()}
        return {key: value for key, value in converted.items() if value is not _WRONG}

    def field(self, hint: object, value: object, where: str) -> object:
        converted = self.value(hint, value, where)
        if converted is _WRONG:
            self.wrong.add(where)
        return converted

    def table(self, kind: type[msgspec.Struct], values: Mapping[str, object], where: str) -> object:
        known = {field.name: field for field in fields(kind)}
        self.refuse_unknown(known, values, where)
        converted = {}
        for name, field in known.items():
            path = key_path(where, name)
            content = self.field(field.type, values[name], path) if name in values else self.absent(field, path)
            converted[name] = _PLACEHOLDERS.get(path, field.default) if content is _WRONG else content
        known_values = {name: value for name, value in converted.items() if value is not msgspec.NODEFAULT}
        missing = any(field.required and name not in known_values for name, field in known.items())
        return _WRONG if missing else kind(**known_values)

    def refuse_unknown(self, known: Mapping[str, object], values: Mapping[str, object], where: str) -> None:
        for key in values:
            if key not in known and not self.full:
                self.refuse(key_path(where, key), unknown_key(key, known, self._elsewhere), found_key(key))

    def absent(self, field: FieldInfo, where: str) -> object:
        if not field.required:
            return field.default
        self.wrong.add(where)
        return self.refuse(where, in_words(field.type), phrase("found.nothing"))


def members(hint: object) -> tuple[object, ...]:
    """The alternatives of a type; TOML has no null, so ``None`` is not one of them."""
    if get_origin(hint) in (Union, UnionType):
        return tuple(member for member in get_args(hint) if member is not type(None))
    return (hint,)


def _is_struct(hint: object) -> TypeGuard[type[msgspec.Struct]]:
    return isinstance(hint, type) and issubclass(hint, msgspec.Struct)


def _same_kind(hint: object, value: object) -> bool:
    if get_origin(hint) is dict or _is_struct(hint):
        return isinstance(value, dict)
    if get_origin(hint) is tuple:
        return isinstance(value, list)
    return not isinstance(value, (dict, list))


def _at_once(hint: object, value: object) -> object:
    try:
        converted: object = msgspec.convert(value, hint)
    except msgspec.ValidationError:
        return _WRONG
    return converted if _finite(converted) else _WRONG


def _beyond_numbers(value: object) -> bool:
    """Whether it is infinite or NaN as float64."""
    try:
        return isinstance(value, (int, float)) and not math.isfinite(value)
    except OverflowError:
        return True


def _finite(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, tuple) or all(map(_finite, value))


def in_words(hint: object, *, finite: bool = False) -> Phrase:
    """What a value of the type ``hint`` looks like; with ``finite``, what a number lacks that is none of those.

    Raises
    ------
    KeyError
        If the format has got a type that nobody has put into words.
    """
    alternatives = members(hint)
    kind = alternatives[0] if len(alternatives) == 1 else hint
    if get_origin(kind) is Literal:
        return phrase("expected.choice", choices=", ".join(map(str, get_args(kind))))
    if get_origin(kind) is dict or _is_struct(kind):
        return phrase("expected.table")
    if get_origin(kind) is Annotated:
        number, limits = get_args(kind)
        if number is int and limits.ge is not None and limits.le is not None:
            if limits.ge == 1:
                return phrase("expected.positive_integer", most=f"{limits.le:,}")
            return phrase("expected.integer_from", least=f"{limits.ge:,}", most=f"{limits.le:,}")
        return phrase(f"{_word(number, finite=finite)}_in", interval=_interval(limits))
    return phrase(_word(kind, finite=finite))


def _word(kind: object, *, finite: bool) -> str:
    return "expected.number" if finite and kind is float else _IN_WORDS[kind]


def _interval(limits: msgspec.Meta) -> str:
    low = f"[{limits.ge}" if limits.ge is not None else f"({limits.gt}" if limits.gt is not None else "(−∞"
    high = f"{limits.le}]" if limits.le is not None else f"{limits.lt})" if limits.lt is not None else "∞)"
    return f"{low}, {high}"


def tables(kind: type[msgspec.Struct] = Scenario, path: str = "") -> Iterator[tuple[type[msgspec.Struct], str]]:
    """The tables of the format with their paths, outermost first; texts in two languages are tables too."""
    yield kind, path
    for field in fields(kind):
        for member in members(field.type):
            if _is_struct(member):
                yield from tables(member, key_path(path, field.name))


def choices() -> dict[str, tuple[str, ...]]:
    """Key path → the words that the key may be, for keys that take one of a few."""
    return {
        key_path(path, field.name): get_args(member)
        for kind, path in tables()
        for field in fields(kind)
        for member in members(field.type)
        if get_origin(member) is Literal
    }


_PATHS: Final = [(field.name, key_path(path, field.name)) for kind, path in tables() for field in fields(kind)]
_NAMES: Final = [name for name, _ in _PATHS]
#: Keys that exist in one table only → their paths, for keys written into the wrong table.
_ELSEWHERE: Final[Mapping[str, str]] = {name: path for name, path in _PATHS if _NAMES.count(name) == 1}
