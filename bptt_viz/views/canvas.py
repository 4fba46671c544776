"""Lines made of spans: text with a role and, where it can be clicked, a subject. Imports only rich's cell widths.

A role is a name that the theme gives a style; a view never names a colour.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, get_args

from msgspec import Struct
from rich.cells import cell_len

from bptt_viz.formatting import BINS, colour_bin

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bptt_viz.quantities import Number


class GoTo(Struct, frozen=True):
    """Clicking moves the cursor to a position of the timeline."""

    position: int


class Choose(Struct, frozen=True):
    """Clicking chooses which entry is written out with its numbers."""

    entry: int


class Run(Struct, frozen=True):
    """Clicking runs a command of the table."""

    command: str


class Ask(Struct, frozen=True):
    """Clicking asks for a number's reason."""

    number: Number


Subject = GoTo | Choose | Run | Ask


#: The names that a theme has to style.
Role = Literal[
    "text",
    "dim",
    "label",
    "formula",
    "number",
    "entry",
    "operator",
    "now",
    "known",
    "future",
    "current",
    "picked",
    "forward",
    "backward",
    "error",
    "key",
    "curve-1",
    "curve-2",
    "curve-3",
    "curve-4",
    "curve-5",
    "curve-6",
    "minus-4",
    "minus-3",
    "minus-2",
    "minus-1",
    "zero",
    "plus-1",
    "plus-2",
    "plus-3",
    "plus-4",
]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
#: Role of a number's cell by colour bin, from the most negative to the most positive.
BIN_ROLES: Final = ROLES[-(2 * BINS + 1) :]


class Span(Struct, frozen=True):
    """A piece of a line.

    Attributes
    ----------
    subject
        What a click on it does.
    number
        Which number it shows, where it is one: it can then be asked for its reason.
    changed
        Whether it is another number than before a parameter was changed.
    """

    text: str
    role: Role = "text"
    subject: Subject | None = None
    number: Number | None = None
    changed: bool = False


Line = tuple[Span, ...]


@lru_cache(maxsize=4096)
def width_of(text: str) -> int:
    """How many cells a text takes; CJK takes two each."""
    return cell_len(text)


def heat(value: float, scale: float) -> Role:
    """The role of a number's cell: its colour bin."""
    return BIN_ROLES[colour_bin(value, scale) + BINS]


def crop(text: str, width: int) -> str:
    """The text in at most ``width`` cells; what is cut off is marked by an ellipsis."""
    if width_of(text) <= width:
        return text
    if width <= 0:
        return ""
    kept, room = "", width - 1
    for character in text:
        room -= width_of(character)
        if room < 0:
            break
        kept += character
    return kept + "…"


def left(text: str, width: int) -> str:
    """The text in exactly ``width`` cells, from the left."""
    text = crop(text, width)
    return text + " " * (width - width_of(text))


def centre(text: str, width: int) -> str:
    """The text in exactly ``width`` cells, in the middle."""
    text = crop(text, width)
    free = width - width_of(text)
    return " " * (free // 2) + text + " " * (free - free // 2)


def right(text: str, width: int) -> str:
    """The text in exactly ``width`` cells, from the right."""
    text = crop(text, width)
    return " " * (width - width_of(text)) + text


def length(line: Iterable[Span]) -> int:
    """The cells a line takes."""
    return sum(width_of(span.text) for span in line)


def fit(line: Sequence[Span], width: int) -> Line:
    """The line in exactly ``width`` cells: cropped, or filled with blanks."""
    spans: list[Span] = []
    room = width
    for span in line:
        taken = width_of(span.text)
        if taken > room:
            blank = span.text.isspace()
            spans.append(Span(" " * room if blank else crop(span.text, room), span.role, span.subject))
            room -= width_of(spans[-1].text)
            break
        spans.append(span)
        room -= taken
    if room > 0:
        spans.append(Span(" " * room))
    return tuple(spans)


def shortened(lines: Sequence[Line], width: int, height: int) -> list[Line]:
    """The lines of ``width`` cells that there is room for; what has no room is not cut off in silence."""
    shown = list(lines[:height])
    if shown and len(lines) > height:
        last = fit(shown[-1], width - 2)
        kept = last[:-1] if last and last[-1].text.isspace() else last
        shown[-1] = (*kept, Span(" …", "dim"))
    return [fit(line, width) for line in shown]


def wrap(text: str, width: int, role: Role = "text") -> list[Line]:
    """Running text in lines of at most ``width`` cells; breaks at spaces, and anywhere between CJK."""
    lines: list[Line] = []
    for paragraph in text.splitlines() or [""]:
        current = ""
        for word in _words(paragraph):
            if width_of(current + word.rstrip()) > width and current:
                lines.append((Span(current.rstrip(), role),))
                current = ""
            current += word if current else word.lstrip()
        lines.append((Span(current.rstrip(), role),))
    return lines


def span_at(line: Iterable[Span], column: int) -> Span | None:
    """What is clicked at a cell of a line."""
    for span in line:
        column -= width_of(span.text)
        if column < 0:
            return span
    return None


def _words(text: str) -> Iterable[str]:
    word = ""
    for character in text:
        if width_of(character) == 2 and character not in ",，。、;；:：?？!！”)）」":
            if word:
                yield word
            word = character
            continue
        word += character
        if character == " ":
            yield word
            word = ""
    if word:
        yield word
