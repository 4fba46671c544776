"""The working of one step, as a board shows it: a formula, and under it its numbers. Imports the core; no screen.

A :class:`Working` is made from the equations and the trace; nothing here knows a particular cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from bptt_viz.arithmetic import Leaf
from bptt_viz.leaves import leaf
from bptt_viz.quantities import Number, Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.activations import Array
    from bptt_viz.arithmetic import Worked
    from bptt_viz.formulas import Formula
    from bptt_viz.quantities import Quantity
    from bptt_viz.tracing import Mask

#: What the entries of a vector are counted along.
Axis = Literal["input", "hidden", "output", "time", "none"]


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
    quantity
        What the row is, where it has a name of its own.
    worked
        The arithmetic of entry i, where the row is computed here: ``W₁₁·h₂[1] + …`` for ``W h₂``.
    note
        The key of a message that says where the part comes from, or empty; of what, if it says so, is the meaning.
    meaning
        The formula spelled out further, where there is more to say: ``1 − h₃²`` for ``tanh′(a₃)``.
    present
        Where there is an entry at all; None: everywhere.
    route
        On which of the numbered routes a gradient arrives, see ``arrivals.route_number``; 0 for any other row.
    """

    operator: str | None
    formula: Formula
    values: Array
    axis: Axis
    quantity: Quantity | None = None
    worked: Callable[[int], Worked] | None = None
    note: str = ""
    meaning: Formula = ()
    present: Mask | None = None
    route: int = 0

    def entry(self, index: int) -> Worked:
        """Entry ``index`` as it stands in the step's arithmetic."""
        if self.worked is None:
            return (self.leaf(index),)
        return self.worked(index)

    def leaf(self, index: int) -> Leaf:
        """Entry ``index`` as one number."""
        one = leaf(self.formula, self.values, (index,))
        return Leaf(one.symbol, one.value, self.number(index))

    def number(self, index: int) -> Number | None:
        """Which number entry ``index`` is; None where the row has no name of its own."""
        if self.quantity is None:
            return None
        if self.axis == "time":
            return Number(Result("L", index + 1))
        return Number(self.quantity, () if self.axis == "none" else (index,))


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
    worked
        The arithmetic of entry i, where the rows joined by their operators do not say it.
    row
        What entry i gives, where that is a row of a matrix: its first numbers.
    remark
        The key of a message for what needs saying about this step, or empty.
    letters
        The keys of messages that explain a letter where it is met first, each with the variable that has it.
    """

    formula: Formula
    parts: tuple[Part, ...]
    focus: int = 0
    function: str = ""
    worked: Callable[[int], Worked] | None = None
    row: Callable[[int], Array] | None = None
    remark: str = ""
    letters: tuple[tuple[str, str], ...] = ()

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

    def entry(self, index: int) -> Worked:
        """The right side of the formula for one entry."""
        if self.worked is not None:
            return self.worked(index)
        worked: Worked = ()
        for part in self.parts[:-1]:
            if part.operator is None:
                continue
            operator = "·" if part.operator == "⊙" else part.operator
            worked = (*worked, *([f" {operator} "] if operator else []), *part.entry(index))
        return (self.function, "(", *worked, ")") if self.function else worked
