"""The working of one step, as a board shows it: a formula, and under it its numbers. Imports the core; no screen.

A :class:`Working` is made from the equations and the trace; nothing here knows a particular cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from msgspec import Struct

from bptt_viz.formatting import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.activations import Array
    from bptt_viz.notation import Formula
    from bptt_viz.tracing import Mask

#: What the entries of a vector are counted along.
Axis = Literal["input", "hidden", "output", "time", "none"]

#: More summands than this end in an ellipsis when a number is written out.
MOST_PRODUCTS: Final = 8


class Part(Struct, frozen=True, eq=False):
    """One row of a working.

    Attributes
    ----------
    operator
        What joins it to the row before: ``""``, ``+``, ``−``, ``⊙``; ``=`` for the result; None for
        a row that is only looked at and does not stand in the formula's right side as it is.
    axis
        What the entries are counted along.
    values
        A vector.
    matrix, vector
        Where the row is a product: ``values`` = ``matrix`` @ ``vector``.
    note
        The key of a message that says where the part comes from, or empty.
    meaning
        The formula spelled out further, where there is more to say: ``1 − h₃²`` for ``tanh′(a₃)``.
    entry
        How entry i is written with its numbers, where the value alone would say too little.
    present
        Where there is an entry at all; None: everywhere.
    """

    operator: str | None
    formula: Formula
    values: Array
    axis: Axis
    matrix: Array | None = None
    vector: Array | None = None
    note: str = ""
    meaning: Formula = ()
    entry: Callable[[int], str] | None = None
    present: Mask | None = None

    def in_numbers(self, index: int) -> str:
        """Entry ``index`` with its numbers: ``(0.3·0.86 − 0.7·0.66)``, zeros of one-hot vectors folded."""
        if self.entry is not None:
            return self.entry(index)
        if self.matrix is None or self.vector is None:
            value = float(self.values[index])
            return bracketed(value) if self.operator else plain(value)
        row, used = self.matrix[index], np.flatnonzero(self.vector)
        if len(used) > 1:
            # Only one-hot vectors are folded: a zero among other numbers is one of them.
            used = np.arange(len(self.vector))
        products = [f"{bracketed(row[j])}·{bracketed(self.vector[j])}" for j in used[:MOST_PRODUCTS]]
        if len(used) > MOST_PRODUCTS:
            products.append("…")
        if not products:
            return "0"
        return products[0] if len(products) == 1 else f"({' + '.join(products)})"


class Working(Struct, frozen=True, eq=False):
    """One step's formula and its rows.

    Attributes
    ----------
    formula
        The equation, both sides.
    parts
        The rows; the last is the result where the step has a vector for a result.
    focus
        The entry that is written out unless another is chosen, from 0.
    function
        What is applied to the one row before the result (``tanh``), or empty.
    entry
        How entry i is written with its numbers, where the rows joined by their operators do not say it.
    row
        What entry i gives, where that is a row of a matrix: its first numbers.
    remark
        The key of a message for what needs saying about this step, or empty.
    """

    formula: Formula
    parts: tuple[Part, ...]
    focus: int = 0
    function: str = ""
    entry: Callable[[int], str] | None = None
    row: Callable[[int], Array] | None = None
    remark: str = ""

    @property
    def result(self) -> Part:
        """The last row."""
        return self.parts[-1]

    @property
    def counted(self) -> Part:
        """The row whose entries can be chosen: the result, or the first row where that is no vector."""
        return self.result if self.result.operator == "=" and len(self.result.values) > 1 else self.parts[0]

    def counts(self, part: Part) -> bool:
        """Whether the chosen entry is an entry of this row too."""
        return part is self.counted or (self.counted is self.result and part.axis == self.counted.axis)

    def in_numbers(self, index: int) -> str:
        """The right side of the formula for one entry, with the numbers put in."""
        if self.entry is not None:
            return self.entry(index)
        pieces: list[str] = []
        for part in self.parts[:-1]:
            if part.operator is None:
                continue
            operator = "·" if part.operator == "⊙" else part.operator
            pieces += [operator] * bool(operator) + [part.in_numbers(index)]
        text = " ".join(pieces)
        return f"{self.function}({text})" if self.function else text


def bracketed(value: float) -> str:
    """A number as a factor or a summand: in brackets where it is negative."""
    return f"({plain(value)})" if value < 0 else plain(value)
