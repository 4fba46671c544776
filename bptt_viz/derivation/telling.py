"""What all sections of a document are told with: sentences with formulas in them, numbers, values side by side.

Imports ``document`` and ``messages``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from bptt_viz.derivation.document import COMPARED, Display, Numeral, Paragraph, Words, is_whole, matrix, shape_of
from bptt_viz.derivation.layout import numeral
from bptt_viz.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.activations import Array
    from bptt_viz.derivation.comparison import Compared
    from bptt_viz.derivation.document import Block, Chain, Prose
    from bptt_viz.messages import Language
    from bptt_viz.notation import Formula

#: Digits of a difference: its size is what matters.
ROUGH: Final = 2
_FIELD: Final = re.compile("\x00(\\w+)\x00")


class Telling(Struct, frozen=True):
    """Tells things in one language."""

    language: Language

    def prose(self, key: str, **values: str | int | Formula | Numeral) -> Prose:
        """A message with formulas and numbers among its words."""
        marked = say(key, self.language, **{name: f"\x00{name}\x00" for name in values})
        return tuple(
            _piece(values[text]) if index % 2 else text for index, text in enumerate(_FIELD.split(marked)) if text
        )

    def paragraph(self, key: str, **values: str | int | Formula | Numeral) -> Paragraph:
        """The same as a paragraph."""
        return Paragraph(self.prose(key, **values))

    def both(self, value: Array, engine: Array) -> Iterator[Block]:
        """SymPy's value beside the engine's."""
        names = [Words(say(key, self.language)) for key in ("derive.sympy", "derive.engine")]
        chains = [(name, matrix(array, COMPARED)) for name, array in zip(names, (value, engine), strict=True)]
        yield Display(tuple(chains), beside=True)
        yield from self.size(value)

    def numbers(self, before: Chain, value: Array, digits: int | None = None) -> Iterator[Block]:
        """``before`` = the numbers, and how many there are where they are too many."""
        numbers = matrix(value) if digits is None else matrix(value, digits)
        if isinstance(numbers, Numeral):
            # ∂⁺o₂/∂c = 1 is a formula and a number.
            before = tuple(part for part in before if part != (numeral(numbers),))
        yield Display(((*before, numbers),))
        yield from self.size(value)

    def size(self, value: Array) -> Iterator[Block]:
        """How many numbers there are, where not all are printed."""
        if not is_whole(value):
            rows, columns = shape_of(value)
            norm = Numeral(float(np.linalg.norm(value)), COMPARED)
            yield self.paragraph("derive.size", rows=rows, columns=columns, norm=norm)


def differences(compared: Compared) -> dict[str, Numeral]:
    """How far two values are apart, for a message."""
    return {"absolute": Numeral(compared.absolute, ROUGH), "relative": Numeral(compared.relative, ROUGH)}


def _piece(value: str | int | Formula | Numeral) -> str | Formula | Numeral:
    return str(value) if isinstance(value, int) else value
