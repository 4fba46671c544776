"""The derivation's terms as a list, in the order in which the backward pass adds them. No textual, no SymPy.

Those that the cursor has added are lit, those of its step are now, the others faint.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from bptt_viz.derivation.document import Numeral
from bptt_viz.derivation.layout import numeral, padded
from bptt_viz.ledger import lengths
from bptt_viz.messages import say
from bptt_viz.notation import MeanFactor
from bptt_viz.quantities import Derived, Number, TermSum
from bptt_viz.timeline import Phase
from bptt_viz.views.canvas import GoTo, Line, Role, Span, right, width_of
from bptt_viz.views.digits import aligned, precise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bptt_viz.activations import Array
    from bptt_viz.derivation.comparison import Comparison
    from bptt_viz.derivation.result import Derivation, Term
    from bptt_viz.messages import Language
    from bptt_viz.notation import Formula, Notation
    from bptt_viz.views.scene import Scene

#: Before the terms that the cursor has added, those of its step, and the others.
_GLYPHS: Final[dict[Role, str]] = {"known": "●", "now": "◉", "future": "○"}
_TIMES: Final = " · "
_TIMES_WEIGHT: Final = "×"
_NORM: Final = "‖·‖ "
_DIFFERENCE: Final = "SymPy − NumPy "
#: Significant digits of a term's value, and of a difference, of which the size matters.
_DIGITS: Final = 3
_ROUGH: Final = 2


class Row(Struct, frozen=True):
    """One term, written; without a comparison there is no difference yet.

    Attributes
    ----------
    pair
        Its name, and where backpropagation is truncated, its weight.
    left_out
        Whether that weight is 0.
    """

    k: int
    pair: str
    factors: tuple[str, ...]
    value: str
    number: Number
    difference: str
    left_out: bool = False

    @property
    def product(self) -> str:
        """All factors."""
        return _TIMES.join(self.factors)


class Columns(Struct, frozen=True):
    """The cells of each column.

    Attributes
    ----------
    pair, product, value
        Widths.
    difference
        0 where it has no room.
    labelled
        Whether a row says itself what its numbers are.
    """

    pair: int
    product: int
    value: int
    difference: int
    labelled: bool


def role_of(scene: Scene, k: int) -> Role:
    """Whether the cursor has added the terms of use ``k``, is at them, or has yet to come to them."""
    if scene.step.phase is Phase.BACKWARD and scene.step.t == k:
        return "now"
    return "known" if (scene.backwards and scene.t < k) or scene.step.phase is Phase.UPDATE else "future"


def added(scene: Scene, derivation: Derivation) -> int:
    """How many terms the backward pass has added at the cursor."""
    ends = (scene.timeline.end_of(Phase.BACKWARD, term.k) for term in derivation.terms)
    return sum(end <= scene.position for end in ends)


def comparison_of(scene: Scene, derivation: Derivation) -> Comparison | None:
    """The engine's values, unless they are of something else."""
    comparison = scene.comparison
    return comparison if comparison is not None and comparison.derivation is derivation else None


def value_of(array: Array) -> str:
    """A single number in six digits, as it is written out; of a matrix the Frobenius norm, in three."""
    if array.size == 1:
        return precise(array.item())
    return numeral(Numeral(float(lengths(array.reshape(1, -1))[0]), _DIGITS))


def difference(value: float) -> str:
    """A difference: ``2.8e−17``."""
    return numeral(Numeral(value, _ROUGH))


def product_of(derivation: Derivation, term: Term) -> tuple[Formula, ...]:
    """What multiplies to the term's value: its factors, before them that of a mean loss."""
    mean: list[Formula] = [(token,) for token in derivation.rule if isinstance(token, MeanFactor)]
    return (*mean, *(factor.written for factor in term.factors))


def steps_of(derivation: Derivation, language: Language) -> str:
    """Which steps its terms are of."""
    first, last = derivation.first, derivation.first + derivation.steps - 1
    return say("derivation.step" if first == last else "derivation.steps", language, first=first, last=last)


@lru_cache(maxsize=2)
def rows_of(derivation: Derivation, comparison: Comparison | None, notation: Notation) -> tuple[Row, ...]:
    """The list; kept, since no key but the notation's changes it. Only the last: its arrays may be large."""
    rows: list[Row] = []
    values = [value_of(term.value) for term in derivation.terms]
    values = aligned(values) if is_single(derivation) else values
    for index, term in enumerate(derivation.terms):
        written = tuple(map(notation.write, product_of(derivation, term)))
        single = term.value.size == 1
        compared = None if comparison is None else comparison.terms[index]
        weight = 1.0 if compared is None else compared.weight
        own = Derived(derivation.parameter, term.t, term.k)
        if single:
            number = Number(own, (0,) * term.value.ndim)
        elif weight == 1.0:
            number = Number(TermSum(derivation.parameter, (term.t, term.t), (term.k, term.k)))
        else:
            number = Number(own)
        apart = "" if compared is None else difference(compared.absolute)
        weighed = f" {_TIMES_WEIGHT}{weight_of(weight)}" if comparison is not None and comparison.truncated else ""
        pair = f"({term.t},{term.k}){weighed}"
        rows.append(Row(term.k, pair, written, values[index], number, apart, left_out=weight == 0.0))
    return tuple(rows)


def weight_of(weight: float) -> str:
    """What truncation multiplies a term by: ``1.25``."""
    return numeral(Numeral(weight, _DIGITS))


def is_single(derivation: Derivation) -> bool:
    """Whether the parameter is a single number, so that no norm is needed."""
    return bool(derivation.terms) and derivation.terms[0].value.size == 1


def draw(scene: Scene, derivation: Derivation, width: int, height: int, chosen: int | None = None) -> list[Line]:
    """The terms that have room, those at the cursor or the chosen one among them."""
    rows = rows_of(derivation, comparison_of(scene, derivation), scene.writer)
    if not rows or height <= 0:
        return []
    norm = "" if is_single(derivation) else _NORM
    columns = _columns(rows, norm, width)
    lines: list[Line] = []
    if height > len(rows) and columns.difference and not columns.labelled and rows[0].difference:
        lines.append(_headings(scene, columns, norm, width))
    start = _start(scene, rows, height, chosen)
    end = min(start + height, len(rows))
    for index in range(start, end):
        # What has no room is not left out in silence.
        hidden = "↑" if index == start > 0 else "↓" if index == end - 1 < len(rows) - 1 else " "
        row = rows[index]
        reached, subject = role_of(scene, row.k), GoTo(scene.timeline.end_of(Phase.BACKWARD, row.k))
        role: Role = "dim" if row.left_out else reached
        lines.append(
            (
                Span(hidden, "dim"),
                Span(_GLYPHS[reached], role, subject),
                Span(padded(row.pair, columns.pair), "current" if index == chosen else role, subject),
                Span(f" {padded(_cropped(row.factors, columns.product), columns.product)} ", role, subject),
                *_numbers(row, columns, norm, role),
            )
        )
    return lines


def _headings(scene: Scene, columns: Columns, norm: str, width: int) -> Line:
    """What the two columns of numbers are, where no row says it."""
    value = norm.strip() or scene.say("derivation.column.value")
    apart = scene.say("derivation.column.apart")
    beside = width_of(f"  {'x' * columns.difference}")
    before = 4 + columns.pair + columns.product
    text = right(value, before + columns.value) + right(apart, max(beside, width_of(apart) + 2))
    return (Span(text if width_of(text) <= width else "", "dim"),)


def _cropped(factors: Sequence[str], width: int) -> str:
    """The product in at most ``width`` cells, whole factors only: the last ones to go are the first and the last."""
    whole = _TIMES.join(factors)
    if width_of(whole) <= width:
        return whole
    shorter = [(*factors[:count], "…", factors[-1]) for count in range(len(factors) - 2, 0, -1)]
    shorter += [(*factors[:count], "…") for count in range(len(factors) - 1, 0, -1)]
    written = (_TIMES.join(one) for one in shorter)
    return next((text for text in written if width_of(text) <= width), "…")


def _start(scene: Scene, rows: Sequence[Row], height: int, chosen: int | None) -> int:
    """The first row that is seen."""
    lit = [index for index, row in enumerate(rows) if role_of(scene, row.k) == "now"]
    if chosen is not None:
        lit = [chosen]
    elif scene.step.phase is Phase.UPDATE:
        lit = [len(rows) - 1]
    return max(min(lit[-1] + 1 - height, lit[0]), 0) if lit else 0


def _columns(rows: Sequence[Row], norm: str, width: int) -> Columns:
    """As much as fits: values with their differences and what both are, or without that, or values alone."""
    pair, product, value, apart = (
        max(width_of(text) for text in column)
        for column in zip(*((row.pair, row.product, row.value, row.difference) for row in rows), strict=True)
    )
    fixed = 2 + pair + 2
    for difference_width, labels in ((apart, width_of(norm + _DIFFERENCE) + 2), (apart, 0), (0, 0)):
        room = width - fixed - value - difference_width - 2 * bool(difference_width) - labels
        if room >= product:
            return Columns(pair, product, value, difference_width, labelled=labels > 0)
    return Columns(pair, max(width - fixed - value, 1), value, 0, labelled=False)


def _numbers(row: Row, columns: Columns, norm: str, role: Role) -> Line:
    spans = [Span(norm, "dim")] if columns.labelled and norm else []
    spans.append(Span(right(row.value, columns.value), role, number=row.number))
    if columns.difference and row.difference:
        label = f"   {_DIFFERENCE}" if columns.labelled else "  "
        spans += [Span(label, "dim"), Span(right(row.difference, columns.difference), role)]
    return tuple(spans)
