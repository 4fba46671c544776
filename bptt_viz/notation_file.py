"""A notation file → its table, checked, or every problem of the file. Imports ``conversion`` and ``lettering``.

Where the files are is in ``notation``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from bptt_viz.conversion import convert_table
from bptt_viz.document import contents, document
from bptt_viz.errors import Problem, ScenarioError
from bptt_viz.lettering import PARAMETERS, QUANTITIES, Letter, Lettering, depths
from bptt_viz.messages import phrase
from bptt_viz.scenario import Translated  # noqa: TC001  (msgspec reads the annotations)
from bptt_viz.wording import found, found_key, key_path, unknown_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

#: A longer letter would leave no room for numbers.
LONGEST: Final = 16
#: What stands side by side in formulas and rows, so that no two may look alike.
_APART: Final = tuple(name for name in QUANTITIES[:9] if name != "L_t") + PARAMETERS


class NotationTable(Struct, frozen=True, forbid_unknown_fields=True):
    """What a notation file states; see ``lettering.Lettering``."""

    title: Translated
    note: Translated
    delta_is: Literal["a", "h"]
    letters: dict[str, Letter] = {}
    mean: Literal["1/count", "1/T"] = "1/count"
    layers: Literal["(l)", "l0"] = "(l)"

    @property
    def lettering(self) -> Lettering:
        """The letters and conventions alone."""
        return Lettering(self.letters, self.delta_is, self.mean, self.layers)


def read(path: Path) -> NotationTable:
    """The notation in the file at ``path``.

    Raises
    ------
    ScenarioError
        With every problem found, if the file cannot be read or is not a valid notation.
    """
    source = str(path)
    table, problems = convert_table(NotationTable, document(contents(path), source))
    if table is not None:
        problems = list(_problems(table))
    if table is None or problems:
        raise ScenarioError(source, tuple(problems))
    return table


def _problems(table: NotationTable) -> Iterator[Problem]:
    for name, letter in table.letters.items():
        where = key_path("letters", name)
        if not _is_known(name):
            yield Problem(where, unknown_key(name, (*QUANTITIES, *PARAMETERS), {}), found_key(name))
        if not (0 < len(letter.unicode) <= LONGEST and letter.unicode.isprintable()) or " " in letter.unicode:
            yield Problem(f"{where}.unicode", phrase("expected.letter", most=LONGEST), found(letter.unicode))
        if not _is_latex(letter.latex):
            yield Problem(f"{where}.latex", phrase("expected.latex"), found(letter.latex))
    yield from _alike(table.letters, table.lettering)


def _alike(letters: Mapping[str, Letter], lettering: Lettering) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    # Letters that the file does not state are taken first: what is wrong is then a key of the file.
    for name in sorted(_APART, key=lambda name: name in letters):
        letter = lettering.of(name).unicode
        if letter in owners:
            taken = phrase("found.letter_taken", letter=letter, name=owners[letter])
            yield Problem(key_path("letters", name), phrase("expected.own_letter"), taken)
        owners.setdefault(letter, name)


def _is_known(name: str) -> bool:
    base, _, suffix = name.partition("_")
    return name in QUANTITIES or (base in (*QUANTITIES, *PARAMETERS) and all(suffix.split("_") if "_" in name else "x"))


def _is_latex(text: str) -> bool:
    """Whether it can stand in mathematics without breaking what is around it."""
    open_braces = depths(text)
    sound = bool(text.strip()) and text.isprintable() and not text.endswith("\\") and "$" not in text
    return sound and min(open_braces) >= 0 and open_braces[-1] == 0
