r"""A document as Markdown with LaTeX between dollar signs, as GitHub renders it. Imports ``latex_maths``.

Markdown reads the mathematics before LaTeX does: an ``_`` can become emphasis, ``\\`` a single backslash, ``<`` a tag.
So nothing that Markdown acts on is left in a formula; the same words in LaTeX stand there instead.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, assert_never

from msgspec import Struct

from bptt_viz.derivation.document import Display, Heading, Paragraph, Table
from bptt_viz.derivation.latex_maths import LatexMaths
from bptt_viz.derivation.latex_width import PageLayout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bptt_viz.derivation.document import Document, Numeral, Prose
    from bptt_viz.notation import Formula, Notation

#: Digits that go on a line of a page of GitHub.
_ROOM: Final = 100
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|$~&!^])")
#: Escaped signs of LaTeX → the same without a backslash before a sign.
_COMMANDS: Final = {
    r"\\": r"\cr",
    r"\{": r"\lbrace",
    r"\}": r"\rbrace",
    r"\|": r"\Vert",
    r"\,": r"\thinspace",
    r"\;": r"\thickspace",
    r"\!": r"\negthinspace",
    "|": r"\vert",
    "*": r"\ast",
    "<": r"\lt",
    ">": r"\gt",
}
_UNSAFE: Final = re.compile("|".join(map(re.escape, _COMMANDS)))


def markdown(document: Document, notation: Notation) -> Iterator[str]:
    """The document as Markdown, line by line without line ends."""
    writer = _Writer(LatexMaths(PageLayout(notation, document.language, _ROOM)))
    for index, block in enumerate(document.blocks):
        if index:
            yield ""
        match block:
            case Heading(level, words):
                yield f"{'#' * level} {writer.prose(words)}"
            case Paragraph(words):
                yield writer.prose(words)
            case Display():
                yield from writer.display(block)
            case Table(header, rows):
                yield writer.row(header)
                yield f"|{' --- |' * len(header)}"
                yield from map(writer.row, rows)
            case _:
                assert_never(block)


def escaped(text: str) -> str:
    """``text`` with a backslash before everything that Markdown would act on."""
    # A backslash does not keep GitHub from taking a dollar sign for mathematics; a tag around it does.
    return _SPECIAL.sub(r"\\\1", text).replace(r"\$", "<span>$</span>")


def safe(latex: str) -> str:
    r"""The same mathematics with nothing in it that Markdown acts on.

    >>> print(safe(r"W_{12} \\ {x}_{1}"))
    W _{12} \cr  {x} _{1}
    """
    commands = _UNSAFE.sub(lambda match: f"{_COMMANDS[match.group()]} ", latex)
    # An underscore after a blank closes no emphasis, and an escaped one is none; "](" would make a link.
    return re.sub(r"(?<=[^\s\\])_", " _", commands).replace("](", "] (")


class _Writer(Struct, frozen=True):
    maths: LatexMaths

    def prose(self, words: Prose) -> str:
        return self._prose(words, self.maths.sentence)

    def _prose(self, words: Prose, maths: Callable[[Formula | Numeral], str]) -> str:
        whole = ""
        for piece in words:
            if isinstance(piece, str):
                # GitHub takes no $ for the end of mathematics that a letter follows, nor for its beginning
                # unless a blank is before it.
                whole += " " if whole.endswith("$") and piece[0].isalnum() else ""
                whole += escaped(piece)
            else:
                whole += " " if whole and not whole.endswith(" ") else ""
                whole += f"${safe(maths(piece)).strip()}$"
        return whole

    def row(self, cells: tuple[Prose, ...]) -> str:
        return f"| {' | '.join(self._prose(cell, self.maths.inline) for cell in cells)} |"

    def display(self, display: Display) -> Iterator[str]:
        rows = [safe(row).strip() for row in self.maths.rows(display)]
        yield "$$"
        if len(rows) == 1:
            yield from rows
        else:
            yield r"\begin{aligned}"
            # Braces before the row keep a sign at its beginning from making a list or a heading.
            yield from (
                f"{{}} {row} {end}".rstrip() for row, end in zip(rows, [*[r"\cr"] * (len(rows) - 1), ""], strict=True)
            )
            yield r"\end{aligned}"
        yield "$$"
