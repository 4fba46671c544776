"""A file → its TOML document, a plain dictionary, or the problem in the way. Imports neither msgspec nor numpy.

What the keys mean is none of its business: see ``conversion``.
"""

from __future__ import annotations

import re
import stat
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bptt_viz.errors import Problem, ScenarioError
from bptt_viz.messages import Phrase, phrase, say
from bptt_viz.wording import quoted

if TYPE_CHECKING:
    from pathlib import Path

    from bptt_viz.messages import Language

#: Largest file that is read, in bytes.
LARGEST: Final = 16 * 2**20
#: Longest dotted key: tomllib's time grows with the square of the parts (8,000 of them took 0.8 s).
LONGEST_DOTTED_KEY: Final = 32

_BOM: Final = b"\xef\xbb\xbf"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
#: Strings and comments, in which dots mean nothing; unclosed ones run to the end of the line or file.
_QUOTED: Final = re.compile(
    r"""
    \"{3} (?: [^"\\]++ | \\. | "(?!"") )*+ (?: "{3,5} | \Z )
  | '{3} (?: [^']++ | '(?!'') )*+ (?: '{3,5} | \Z )
  | " (?: [^"\\\n]++ | \\. )*+ "?
  | ' [^'\n]*+ '?
  | \# [^\n]*+
    """,
    re.DOTALL | re.VERBOSE,
)
_DOTTED: Final = re.compile(rf"(?<![\w\"-])(?:[\w\"-]++[ \t]*+\.[ \t]*+){{{LONGEST_DOTTED_KEY},}}")
_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

#: What tomllib says → the message that says it in the person's language.
_SYNTAX: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), key)
    for pattern, key in (
        (r"Cannot overwrite|Cannot declare|Duplicate|Cannot redefine|Cannot mutate", "syntax.twice"),
        (r"Escaped character|Invalid hex value|Unescaped '\\'", "syntax.escape"),
        (r"Expected '=' after a key", "syntax.equals"),
        (r"Expected '\]", "syntax.header"),
        (r"Expected newline or end of document", "syntax.after"),
        (r"Invalid date", "syntax.date"),
        (r"Invalid initial character for a key", "syntax.key"),
        (r"Invalid statement", "syntax.statement"),
        (r"Invalid value", "syntax.value"),
        (r"Unclosed array", "syntax.array"),
        (r"Unclosed inline table", "syntax.inline_table"),
        (r"Unterminated string|Expected [\"']", "syntax.string"),
        (r"(?:Illegal|Found invalid) character (?P<detail>.*)", "syntax.character"),
        (r"(?P<detail>.*)", "syntax.other"),
    )
)


@dataclass(frozen=True, slots=True)
class ProblemInLine(Problem):
    """A problem with a place in the text instead of a key path; ``where`` has it in English.

    Attributes
    ----------
    line, column
        Both from 1; the column counts characters.
    """

    line: int
    column: int

    def place(self, language: Language) -> str:
        """The line and the column in words."""
        return say("place.line", language, line=self.line, column=self.column)


def contents(path: Path, largest: int = LARGEST) -> bytes:
    """The bytes of the file at ``path``; only regular files of a sensible size are read at all.

    Parameters
    ----------
    largest
        In bytes.

    Raises
    ------
    ScenarioError
        If it cannot be read.
    """
    source = str(path)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _refusal(source, "expected.file", "found.folder" if stat.S_ISDIR(status.st_mode) else "found.device")
        if status.st_size > largest:
            raise _refusal(source, "expected.size", "found.bytes", limit=largest // 2**20, size=status.st_size)
        with path.open("rb") as file:
            return file.read(largest + 1)
    except FileNotFoundError:
        raise _refusal(source, "expected.file", "found.no_file") from None
    except PermissionError:
        raise _refusal(source, "expected.readable", "found.no_permission") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _refusal(source, "expected.readable", "found.reason", reason=reason) from None


def document(data: bytes, source: str) -> dict[str, object]:
    """The TOML document that ``data`` holds.

    Raises
    ------
    ScenarioError
        If it is not UTF-8 or not TOML.
    """
    text = _text(data, source)
    # Same length as the text, so that places stay right.
    bare = _QUOTED.sub(lambda match: '"' * len(match[0]), text)
    long_key = _DOTTED.search(bare)
    if long_key is not None:
        limit = phrase("expected.short_key", limit=LONGEST_DOTTED_KEY)
        raise ScenarioError(source, (_at(text, long_key.start(), limit, phrase("found.long_key")),))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(source, (_syntax_problem(text, str(error)),)) from None
    except RecursionError:
        raise _refusal(source, "expected.flat", "found.nested") from None
    except ValueError:
        # Python refuses to read decimal numbers of thousands of digits, and tomllib does not say where.
        digits = re.search(r"\d[\d_]{4000,}", bare)
        position = digits.start() if digits else 0
        raise ScenarioError(source, (_at(text, position, phrase("expected.number"), phrase("found.digits")),)) from None


def _refusal(source: str, expected: str, found: str, **values: object) -> ScenarioError:
    return ScenarioError(source, (Problem("", phrase(expected, **values), phrase(found, **values)),))


def _text(data: bytes, source: str) -> str:
    if len(data) > LARGEST:
        raise _refusal(source, "expected.size", "found.bytes", limit=LARGEST // 2**20, size=len(data))
    if data.startswith(_UTF_16):
        raise _refusal(source, "expected.utf_8", "found.utf_16")
    if b"\0" in data:
        raise _refusal(source, "expected.utf_8", "found.binary", offset=data.index(b"\0"))
    content = data.removeprefix(_BOM)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode()) + 1
        offset = error.start + len(data) - len(content)
        instead = phrase("found.byte", byte=f"0x{content[error.start]:02x}", offset=offset)
        problem = _in_line(before.count(b"\n") + 1, column, phrase("expected.utf_8"), instead)
        raise ScenarioError(source, (problem,)) from None


def _in_line(line: int, column: int, expected: Phrase, found: Phrase) -> ProblemInLine:
    return ProblemInLine(say("place.line", "en", line=line, column=column), expected, found, line, column)


def _at(text: str, position: int, expected: Phrase, found: Phrase) -> ProblemInLine:
    before = text[:position]
    return _in_line(before.count("\n") + 1, position - before.rfind("\n"), expected, found)


def _syntax_problem(text: str, message: str) -> ProblemInLine:
    place = _PLACE.search(message)
    words = message[: place.start()] if place else message
    instead = next(_said(match, key) for pattern, key in _SYNTAX if (match := pattern.match(words)))
    expected = phrase("expected.toml")
    if place and place[1]:
        return _in_line(int(place[1]), int(place[2]), expected, instead)
    return _at(text, len(text), expected, instead)


def _said(match: re.Match[str], key: str) -> Phrase:
    return phrase(key, **{name: quoted(detail) for name, detail in match.groupdict().items()})
