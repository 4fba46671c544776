"""What a printed derivation consists of: headings, sentences, formulas, matrices, tables. Imports ``notation`` only.

No letter of a textbook and no markup is in here: ``text_writer``, ``latex_writer`` and ``markdown_writer``
turn a document into characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from msgspec import Struct

# A structure's fields are annotated with it; there is no other use at run time.
from bptt_viz.notation import Formula  # noqa: TC001

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.messages import Language

#: Significant digits of numbers that are read, and of numbers that are compared.
READ, COMPARED = 6, 10
#: Rows and columns of a matrix that are written out; of a larger one, the first few.
MOST_ROWS, MOST_COLUMNS = 10, 10
_FIRST_ROWS, _FIRST_COLUMNS = 3, 4


class Numeral(Struct, frozen=True):
    """A number, and how many significant digits of it are written."""

    value: float
    digits: int = READ


class Dots(Struct, frozen=True):
    """What is left out of a matrix."""

    way: Literal["across", "down", "diagonal"]


Cell: TypeAlias = "Formula | Numeral | Dots"


class Matrix(Struct, frozen=True):
    """Cells in brackets, row by row."""

    rows: tuple[tuple[Cell, ...], ...]


class Words(Struct, frozen=True):
    """A name in ordinary letters among formulas."""

    text: str


#: A sentence: strings are words, tuples are formulas.
Prose: TypeAlias = "tuple[str | Formula | Numeral, ...]"
Part: TypeAlias = "Formula | Matrix | Numeral | Words"
#: Parts that are equal to each other.
Chain: TypeAlias = "tuple[Part, ...]"


class Heading(Struct, frozen=True):
    """The title (level 1), a section (2) or a part of one (3)."""

    level: Literal[1, 2, 3]
    words: Prose


class Paragraph(Struct, frozen=True):
    """Sentences."""

    words: Prose


class Display(Struct, frozen=True):
    """Equations apart from the text, below each other; or beside each other where there is room."""

    chains: tuple[Chain, ...]
    beside: bool = False


class Table(Struct, frozen=True):
    """Rows below a header."""

    header: tuple[Prose, ...]
    rows: tuple[tuple[Prose, ...], ...]


Block: TypeAlias = "Heading | Paragraph | Display | Table"


class Document(Struct, frozen=True):
    """A whole derivation, or any other lesson, in one language."""

    language: Language
    blocks: tuple[Block, ...]


def matrix(values: Array, digits: int = READ) -> Matrix | Numeral:
    """An array as it is written: vectors as columns, a single number without brackets, a large one by its beginning."""
    rows = np.atleast_2d(values) if values.ndim != 1 else values[:, np.newaxis]
    if rows.size == 1:
        return Numeral(float(rows[0, 0]), digits)
    return Matrix(_beginning([[Numeral(float(value), digits) for value in row] for row in _seen(rows)], rows.shape))


def is_whole(values: Array) -> bool:
    """Whether :func:`matrix` writes every entry."""
    rows, columns = shape_of(values)
    return rows <= MOST_ROWS and columns <= MOST_COLUMNS


def shape_of(values: Array) -> tuple[int, int]:
    """Rows and columns as :func:`matrix` writes them."""
    return (len(values), values.shape[1] if values.ndim > 1 else 1)


def symbols(entries: tuple[tuple[Formula, ...], ...]) -> Matrix | Formula:
    """Symbolic entries as they are written; a single one without brackets."""
    return entries[0][0] if len(entries) == len(entries[0]) == 1 else Matrix(entries)


def _seen(rows: Array) -> Array:
    height, width = rows.shape
    return rows[: height if height <= MOST_ROWS else _FIRST_ROWS, : width if width <= MOST_COLUMNS else _FIRST_COLUMNS]


def _beginning(seen: list[list[Cell]], shape: tuple[int, ...]) -> tuple[tuple[Cell, ...], ...]:
    """The cells that are written, with dots where rows and columns are left out."""
    further_right, further_down = shape[1] > MOST_COLUMNS, shape[0] > MOST_ROWS
    rows = [[*row, Dots("across")] if further_right else row for row in seen]
    if further_down:
        below: list[Cell] = [Dots("down") for _ in seen[0]]
        rows.append([*below, Dots("diagonal")] if further_right else below)
    return tuple(map(tuple, rows))
