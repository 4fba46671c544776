"""The terms of a derivation as a section of a document: products, values, routes, sums. Imports ``telling``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.derivation.chains import different, is_equation, pair, product
from bptt_viz.derivation.document import COMPARED, Display, Heading, Numeral
from bptt_viz.derivation.outline import mean
from bptt_viz.derivation.telling import differences
from bptt_viz.formulas import Formula, Gradient, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bptt_viz.derivation.comparison import ComparedTerm, Comparison
    from bptt_viz.derivation.document import Block
    from bptt_viz.derivation.telling import Telling
    from bptt_viz.derivation.window import Window


def terms(telling: Telling, comparison: Comparison, window: Window) -> Iterator[Block]:
    """Each term, and the sum so far."""
    yield Heading(2, telling.prose("derive.terms"))
    expected = comparison.derivation.expected
    for count, compared in enumerate(comparison.terms, 1):
        term = compared.term
        yield Heading(3, telling.prose("derive.term", term=pair(term.t, term.k)))
        written_out = whole(window, (factor.written for factor in term.factors))
        forms = [one.written if is_equation(one.form) else one.form for one in term.factors]
        yield Display((different(written_out, whole(window, forms) if all(forms) else ()),))
        if term.expanded:
            yield telling.paragraph("derive.expanded")
            yield Display(((pair(term.t, term.k), term.expanded),))
        yield from telling.both(term.value, compared.engine)
        yield from _routes(telling, compared, window)
        if comparison.truncated:
            yield _weight(telling, compared, comparison.derivation.parameter)
        values: dict[str, int | Numeral] = {**differences(compared), "count": count, "expected": expected}
        if compared.sum.size == 1:
            key = "derive.difference.number.weighed" if comparison.truncated else "derive.difference.number"
            yield telling.paragraph(key, sum=Numeral(compared.sum.item(), COMPARED), **values)
        else:
            key = "derive.difference.sum.weighed" if comparison.truncated else "derive.difference.sum"
            yield telling.paragraph(key, **values)
            yield from telling.numbers((), compared.sum, COMPARED)


def whole(window: Window, factors: Iterable[Formula]) -> Formula:
    """The product that is a term's value: the loss's factor has its part in it."""
    front = mean(window)[:1]
    return product([front, *factors] if front else factors)


def _routes(telling: Telling, compared: ComparedTerm, window: Window) -> Iterator[Block]:
    """The term once more, apart by the states that carry the error between the steps."""
    if compared.routes:
        name = pair(compared.term.t, compared.term.k)
        yield telling.paragraph("derive.routes", count=len(compared.routes), term=name)
    for route in compared.routes:
        yield from telling.numbers((whole(window, (route.written,)),), route.value)


def _weight(telling: Telling, compared: ComparedTerm, parameter: str) -> Block:
    """What truncation makes of a term."""
    gradient: Formula = (Gradient(Symbol(parameter)),)
    if not compared.weight:
        return telling.paragraph("derive.weight.none", gradient=gradient)
    return telling.paragraph("derive.weight", gradient=gradient, weight=Numeral(compared.weight))
