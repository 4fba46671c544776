"""The notations of textbooks, each a TOML file: how they write formulas, where they are found. Imports the writers.

A formula is a tuple of the tokens of ``formulas``, which can be had from here as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from bptt_viz import notation_file
from bptt_viz.catalog import files_in, in_folders_of
from bptt_viz.errors import Problem, ScenarioError
from bptt_viz.formulas import (
    Diagonal,
    ErrorTerm,
    Formula,
    Gradient,
    MeanFactor,
    Over,
    Partial,
    Power,
    Quotient,
    Symbol,
    Token,
    Total,
    Transposed,
    subscript,
    superscript,
)
from bptt_viz.latex import LatexWriter
from bptt_viz.messages import phrase
from bptt_viz.typesetting import UnicodeWriter
from bptt_viz.wording import found, likely

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.lettering import Lettering
    from bptt_viz.messages import Phrase
    from bptt_viz.scenario import Translated

__all__ = [
    "CANONICAL",
    "GOODFELLOW",
    "NOTATIONS",
    "OWN_FOLDERS",
    "Diagonal",
    "ErrorTerm",
    "Formula",
    "Gradient",
    "MeanFactor",
    "Notation",
    "Over",
    "Partial",
    "Power",
    "Quotient",
    "Symbol",
    "Token",
    "Total",
    "Transposed",
    "expected_name",
    "load",
    "names",
    "read",
    "subscript",
    "superscript",
]

#: Environment variable with folders of one's own, separated as in PATH; they come before the bundled ones.
OWN_FOLDERS: Final = "BPTT_VIZ_NOTATIONS"
#: The notation of the program's own names.
CANONICAL: Final = "goodfellow"
_BUNDLED: Final = Path(__file__).resolve().parent / "notations"


@dataclass(frozen=True)
class Notation:
    """How one textbook writes the quantities.

    Attributes
    ----------
    title
        The textbook.
    note
        What it means by δ, and what is special about it.
    lettering
        Its letters and conventions.
    """

    name: str
    title: Translated
    note: Translated
    lettering: Lettering

    def __hash__(self) -> int:
        # The letters are a dictionary, and equal notations have equal names.
        return hash(self.name)

    @property
    def delta_is(self) -> Literal["a", "h"]:
        """Whether δ_t is ∂L/∂a_t or ∂L/∂h_t."""
        return self.lettering.delta_is

    @property
    def delta_defined(self) -> str:
        """What δ_t stands for, written out in the textbook's own letters: ∂L/∂a_t."""
        return self._unicode.as_it_is(Partial(Symbol("L"), Symbol(self.delta_is, "t")))

    def letter(self, symbol: Symbol) -> str:
        """The letter with its layer and group, without the indices of the symbol."""
        placed = self.lettering.of_symbol(symbol)
        return placed.letter.unicode + placed.above.unicode

    def write(self, formula: Formula) -> str:
        """The formula in one line of Unicode; text tokens stand for themselves."""
        return self._unicode.write(formula)

    def token(self, token: Token) -> str:
        """One token in Unicode."""
        return self._unicode.token(token)

    def latex(self, formula: Formula) -> str:
        """The formula as LaTeX: the source of mathematics, without dollar signs around it."""
        return self._latex.write(formula)

    @cached_property
    def _unicode(self) -> UnicodeWriter:
        return UnicodeWriter(self.lettering)

    @cached_property
    def _latex(self) -> LatexWriter:
        return LatexWriter(self.lettering)


def names() -> tuple[str, ...]:
    """All notations that there are, the canonical one first; no file is read."""
    return tuple(_files())


def load(name: str) -> Notation:
    """The notation of a name; one's own takes the place of a bundled one.

    Raises
    ------
    ScenarioError
        If there is none of this name, or with every problem of its file.
    """
    files = _files()
    if name not in files:
        raise ScenarioError(name, (Problem("", expected_name(name), found(name)),))
    return read(files[name])


def read(path: Path) -> Notation:
    """The notation in a file; it is called as the file is.

    Raises
    ------
    ScenarioError
        With every problem found, if the file cannot be read or is not a valid notation.
    """
    table = notation_file.read(path)
    return Notation(path.stem, table.title, table.note, table.lettering)


def expected_name(name: str) -> Phrase:
    """What to write instead of a name that no notation has."""
    known = names()
    meant, choices = likely(name, known), ", ".join(known)
    if not meant:
        return phrase("expected.choice", choices=choices)
    return phrase("expected.notation", choices=choices, nearest=meant)


def _files() -> dict[str, Path]:
    files = dict(files_in(_BUNDLED)) | in_folders_of(OWN_FOLDERS)
    # Names are shown; a file may be called anything.
    shown = [entry for entry in files.items() if entry[0].isprintable()]
    return dict(sorted(shown, key=lambda entry: (entry[0] != CANONICAL, entry[0])))


class _Notations(Mapping[str, Notation]):
    """All notations by name, each read when it is asked for."""

    def __getitem__(self, name: str) -> Notation:
        return read(_files()[name])

    def __iter__(self) -> Iterator[str]:
        return iter(names())

    def __len__(self) -> int:
        return len(names())


#: Goodfellow, Bengio & Courville, *Deep Learning* (2016), ch. 10: the canonical one.
GOODFELLOW: Final = read(_BUNDLED / f"{CANONICAL}.toml")
NOTATIONS: Final[Mapping[str, Notation]] = _Notations()
