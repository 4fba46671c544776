"""Values, keys and key paths of a scenario file in words. Imports only ``messages``; never numpy.

Whatever a file holds can end up on somebody's terminal, so nothing here lets a control character
through, and everything is short.
"""

from __future__ import annotations

import json
import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from bptt_viz.messages import Phrase, phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: From this likeness on, one name is taken for another that was mistyped.
LIKELY: Final = 0.6
#: Longest piece of somebody's text that a message quotes, in characters.
LONGEST: Final = 40
#: Only so many names are compared for the nearest one: files may hold any number.
_MOST_NAMES: Final = 200
#: Whole numbers from here on are told by their number of bits; ``str`` refuses huge ones.
_HUGE: Final = 10**18
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


def shortened(text: str, longest: int = LONGEST) -> str:
    """``text`` cut to ``longest`` characters, with an ellipsis."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def quoted(text: str, longest: int = LONGEST) -> str:
    """``text`` as a TOML string, shortened, whatever cannot be printed as an escape."""
    escaped = json.dumps(shortened(text, longest), ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped)


def key_path(table: str, key: str) -> str:
    """The path of ``key`` in the table at the path ``table``, quoted where TOML would quote it."""
    written = shortened(key) if _BARE_KEY.fullmatch(key) else quoted(key)
    return f"{table}.{written}" if table else written


def found(value: object) -> Phrase:
    """A value of a TOML file in words: scalars as they are written, the rest by their kind and length."""
    if isinstance(value, dict):
        return phrase("found.table")
    if isinstance(value, (list, tuple)):
        return phrase("found.array", length=len(value)) if value else phrase("found.empty_array")
    if isinstance(value, int) and abs(value) >= _HUGE:
        return phrase("found.huge", bits=value.bit_length())
    if isinstance(value, (bool, int, float, str)):
        written = quoted(value) if isinstance(value, str) else repr(value)
        return phrase("found.written", value=written.lower() if isinstance(value, bool) else written)
    return phrase("found.date", value=value)


def found_key(key: str) -> Phrase:
    """A key where a value would be told."""
    return phrase("found.written", value=key_path("", key))


def nearest(name: str, known: Iterable[str]) -> str:
    """The one of ``known`` that is written most like ``name``, letter case aside where need be; "" if there is none."""
    candidates = list(known)[:_MOST_NAMES]
    return max(candidates, key=lambda candidate: likeness(name, candidate), default="")


def likely(name: str, known: Iterable[str]) -> str:
    """The one of ``known`` that ``name`` is likely to be, mistyped; "" where none is written much like it."""
    candidate = nearest(name, known)
    return candidate if likeness(name, candidate) >= LIKELY else ""


def likeness(name: str, candidate: str) -> float:
    """How alike two names are, 0 to 1, equal but for letter case counting as nearly 1."""
    if name.lower() == candidate.lower():
        return 0.99 if name != candidate else 1.0
    return SequenceMatcher(None, shortened(name), shortened(candidate)).ratio()


def unknown_key(key: str, known: Iterable[str], elsewhere: Mapping[str, str]) -> Phrase:
    """What to write instead of ``key``: the same key in the table it belongs to, or the nearest one here.

    Parameters
    ----------
    known
        The keys of the table at hand.
    elsewhere
        The keys of other tables, each with its whole path.
    """
    if key in elsewhere:
        return phrase("expected.key_elsewhere", path=elsewhere[key])
    candidate = nearest(key, known)
    return phrase("expected.key", nearest=candidate) if candidate else phrase("expected.no_key")
