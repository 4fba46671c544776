"""One term of the derivation in full: factors in symbols and numbers, value, sums. No textual, no quantity computed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from bptt_viz.derivation.chains import has_overview, is_equation, overview, told_blocks
from bptt_viz.formulas import joined
from bptt_viz.messages import say
from bptt_viz.notation import Gradient, Partial, Symbol
from bptt_viz.quantities import SUM, Derived, TermSum
from bptt_viz.views import matrices
from bptt_viz.views.boxes import Box, box
from bptt_viz.views.canvas import Line, Span, crop, fit
from bptt_viz.views.matrices import Shown
from bptt_viz.views.terms import difference, product_of, steps_of, weight_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.derivation.comparison import ComparedTerm, Comparison
    from bptt_viz.derivation.layout import Layout
    from bptt_viz.derivation.result import Block, Derivation, Jacobian, Term
    from bptt_viz.notation import Formula


@lru_cache(maxsize=4)
def boxes(
    derivation: Derivation,
    comparison: Comparison | None,
    index: int,
    layout: Layout,
) -> tuple[tuple[Box, ...], tuple[Box, ...]]:
    """The parts of term ``index``, none wider than the layout's room: what it expands to and factors; value and sums.

    They stay the same while the cursor moves, and so are kept.
    """
    writer = _Writer(derivation, comparison, layout)
    return tuple(writer.factors(index)), tuple(writer.values(index))


class _Writer(Struct, frozen=True):
    derivation: Derivation
    comparison: Comparison | None
    layout: Layout

    def factors(self, index: int) -> Iterator[Box]:
        term = self.derivation.terms[index]
        product = product_of(self.derivation, term)
        if len(product) > len(term.factors):
            # The factor of a mean loss is in no matrix below.
            written = tuple(token for factor in product for token in (" · ", *factor))[1:]
            yield self._formula(f"({term.t},{term.k}) = ", written)
        if term.expanded:
            yield self._formula(f"({term.t},{term.k}) = ", term.expanded)
        for place, factor in enumerate(term.factors):
            yield from self._factor(term, place, factor)

    def values(self, index: int) -> Iterator[Box]:
        yield from self._value(index, self.derivation.terms[index])
        if self.comparison is not None:
            yield from self._sums(index, self.comparison)

    def _factor(self, term: Term, place: int, factor: Jacobian) -> Iterator[Box]:
        if has_overview(factor):
            yield matrices.draw_symbols(self._write(factor.written), overview(factor), self.layout)
        heading, first = factor.written, factor.blocks[0]
        if first.value.size > 1 and factor.form:
            heading = (*heading, ": " if factor.form[:1] == first.label else " = ", *factor.form)
        blocks, others = told_blocks(factor)
        for number, block in blocks:
            quantity = Derived(self.derivation.parameter, term.t, term.k, place, number)
            written = heading if factor.form and not number else _labelled(block)
            if block.zero and not factor.form:
                yield self._zero(written)
            else:
                yield self._matrix(self._write(written), Shown(block.entries, block.value, quantity))
        if others:
            said = self._say("derivation.cut", seen=len(blocks), of=len(factor.blocks))
            yield box([(Span(said, "dim"),)])

    def _zero(self, written: Formula) -> Box:
        """A block that is 0 whatever the numbers are."""
        written = written if is_equation(written) else (*written, " = ", "0")
        return box([(Span(crop(self._write(written), self.layout.room), "label"),)])

    def _value(self, index: int, term: Term) -> Iterator[Box]:
        name, parameter = f"({term.t},{term.k})", self.derivation.parameter
        own = Derived(parameter, term.t, term.k)
        yield self._matrix(self._say("derivation.by_sympy", name=name), Shown.of(term.value, own))
        if self.comparison is None:
            return
        compared = self.comparison.terms[index]
        # With another weight than 1 the ledger has another number for it.
        same = TermSum(parameter, (term.t, term.t), (term.k, term.k)) if compared.weight == 1.0 else None
        yield self._matrix(self._say("derivation.by_numpy", name=name), Shown.of(compared.engine, same))
        yield self._difference(compared.absolute, compared.relative, single=term.value.size == 1)
        for route in compared.routes:
            written = joined(" · ", [*product_of(self.derivation, term)[: -len(term.factors)], route.written])
            yield self._matrix(self._say("derivation.route", route=self._write(written)), Shown.of(route.value, None))
        if self.comparison.truncated:
            key = "derivation.weight" if compared.weight else "derivation.weight.none"
            said = self._say(key, name=name, weight=weight_of(compared.weight), gradient=self._gradient)
            yield box([(Span(crop(said, self.layout.room), "now"),)])

    def _sums(self, index: int, comparison: Comparison) -> Iterator[Box]:
        expected, weighed = self.derivation.expected, comparison.truncated
        if index + 1 < expected:
            plain, other = "derivation.sum", "derivation.sum.weighed"
            if not index and not weighed:
                plain = "derivation.sum.one"
            said = self._say(other if weighed else plain, count=index + 1, expected=expected)
            yield self._sum(said, comparison.terms[index])
        if self.derivation.complete:
            steps = steps_of(self.derivation, self.layout.language)
            if weighed:
                key = "derivation.all.whole.weighed" if comparison.whole else "derivation.all.weighed"
            elif expected == 1:
                key = "derivation.only.whole" if comparison.whole else "derivation.only"
            else:
                key = "derivation.all.whole" if comparison.whole else "derivation.all"
            derivative = self._gradient if weighed else self._derivative
            said = self._say(key, expected=expected, derivative=derivative, steps=steps)
            yield self._sum(said, comparison.terms[-1])

    @property
    def _derivative(self) -> str:
        return self._write((Partial(Symbol("L"), Symbol(self.derivation.parameter)),))

    @property
    def _gradient(self) -> str:
        """What the backward pass makes of it under truncation."""
        return self._write((Gradient(Symbol(self.derivation.parameter)),))

    def _sum(self, label: str, last: ComparedTerm) -> Box:
        quantity = Derived(self.derivation.parameter, last.term.t, last.term.k, SUM)
        return self._matrix(label, Shown.of(last.sum, quantity))

    def _difference(self, absolute: float, relative: float, *, single: bool) -> Box:
        if absolute == 0:
            return box([(Span(self._say("derivation.apart.none"), "label"),)])
        said = [
            self._say("derivation.apart", difference=difference(absolute)),
            self._say("derivation.apart.relative", difference=difference(relative)),
        ]
        return box([(Span(line, "number"),) for line in ([", ".join(said)] if single else said)])

    def _matrix(self, label: str, shown: Shown) -> Box:
        return matrices.draw(label, shown, self.layout)

    def _formula(self, before: str, formula: Formula) -> Box:
        """A formula in as many lines as it takes, nothing beside it."""
        pieces = self.layout.broken(formula, self.layout.room - len(before))
        lines: list[Line] = []
        for piece in pieces:
            text = crop(self._write(piece).strip(), self.layout.room - len(before))
            lines.append((Span(" " * len(before) if lines else before, "label"), Span(text, "formula")))
        return Box(tuple(fit(line, self.layout.room) for line in lines), self.layout.room)

    def _write(self, formula: Formula) -> str:
        return self.layout.notation.write(formula)

    def _say(self, key: str, **values: object) -> str:
        return say(key, self.layout.language, **values)


def _labelled(block: Block) -> Formula:
    """What a block is, with its own form where it has one."""
    if not block.form or is_equation(block.form):
        return block.form or block.label
    same = block.value.size == 1 and block.entries is not None and block.entries[0][0] == block.form
    return block.label if same else (*block.label, " = ", *block.form)
