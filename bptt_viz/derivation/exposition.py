"""A derivation and its comparison put into words, as a document. Imports ``document``, ``comparison`` and ``messages``.

What stands first is what a lecture says first: what is given, the rule, the terms, their factors, their values.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from bptt_viz.derivation.chains import PRODUCT, different, differentiated, distinct, is_equation, pair, product, sides
from bptt_viz.derivation.document import (
    COMPARED,
    Display,
    Document,
    Heading,
    Numeral,
    Paragraph,
    Table,
    Words,
    is_whole,
    matrix,
    shape_of,
    symbols,
)
from bptt_viz.derivation.layout import numeral
from bptt_viz.derivation.naming import of_output, state, written
from bptt_viz.derivation.outline import mean
from bptt_viz.messages import say
from bptt_viz.notation import Formula, Gradient, MeanFactor, Partial, Symbol, Total

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bptt_viz.activations import Array
    from bptt_viz.derivation.comparison import Compared, Comparison
    from bptt_viz.derivation.document import Block, Chain, Prose
    from bptt_viz.derivation.result import Derivation, Jacobian
    from bptt_viz.derivation.window import Window
    from bptt_viz.messages import Language
    from bptt_viz.notation import Notation
    from bptt_viz.tracing import Trace

#: Digits of a difference: its size is what matters.
_ROUGH: Final = 2
_FIELD: Final = re.compile("\x00(\\w+)\x00")


class Exposition(Struct, frozen=True):
    """Everything that a document is made from.

    Attributes
    ----------
    title
        Of the scenario, as its file has it.
    """

    title: str
    trace: Trace
    window: Window
    comparison: Comparison
    notation: Notation
    language: Language

    @property
    def derivation(self) -> Derivation:
        """What is compared."""
        return self.comparison.derivation

    def document(self) -> Document:
        """The document, section by section."""
        sections = (
            self._opening,
            self._given,
            self._rule,
            *((self._factors, self._terms) if self.derivation.terms else ()),
            self._total,
            self._direct_and_total,
        )
        return Document(self.language, tuple(block for section in sections for block in section()))

    def _prose(self, key: str, **values: str | int | Formula | Numeral) -> Prose:
        """A message with formulas and numbers among its words."""
        marked = say(key, self.language, **{name: f"\x00{name}\x00" for name in values})
        return tuple(
            _piece(values[text]) if index % 2 else text for index, text in enumerate(_FIELD.split(marked)) if text
        )

    def _opening(self) -> Iterator[Block]:
        notation, trace = self.notation, self.trace
        yield Heading(1, self._prose("derive.title", gradient=self._gradient, title=self.title))
        first, last = self.window.first, self.window.last
        key = "derive.steps" if last > first else "derive.steps.one"
        steps = say(key, self.language, first=first, last=last, T=trace.T)
        yield Paragraph(self._prose("derive.about", steps=steps))
        delta: Formula = (Symbol("delta", "t"),)
        # Not as a Partial: a notation would write δ for it.
        meaning: Formula = ("∂", Symbol("L"), " / ∂", Symbol(notation.delta_is, "t"))
        book = notation.title.zh if self.language == "zh" else notation.title.en
        yield Paragraph(self._prose("derive.notation", title=book, delta=delta, meaning=meaning))
        if trace.overflow is not None:
            step, quantity = trace.overflow.step, trace.overflow.quantity
            yield Paragraph(self._prose("derive.overflow", step=step, quantity=quantity))

    def _given(self) -> Iterator[Block]:
        yield Heading(2, self._prose("derive.given"))
        yield Display(tuple(map(sides, self.derivation.forward)))
        window = self.window
        before = window.first - 1
        if before:
            term, earlier = ("(t, k)",), (f"k < {window.first}",)
            yield Paragraph(self._prose("derive.entering.fixed", term=term, earlier=earlier, parameter=self._parameter))
        else:
            yield Paragraph(self._prose("derive.entering.given"))
        for states in window.numbers.entering:
            for name, value in states.items():
                yield from self._numbers(((Symbol(name, before),),), value)
        if window.numbers.factor != 1.0:
            yield Paragraph(self._prose("derive.mean", factor=self._mean_told()))
        missing = [str(window.first + index) for index, there in enumerate(window.numbers.has_target) if not there]
        if missing:
            key = "derive.no_target" if len(missing) == 1 else "derive.no_target.several"
            yield Paragraph(self._prose(key, steps=say("derive.and", self.language).join(missing)))

    def _rule(self) -> Iterator[Block]:
        derivation = self.derivation
        yield Heading(2, self._prose("derive.rule"))
        yield Display((sides(derivation.rule),))
        yield from self._later()
        values: dict[str, Formula] = {
            "gradient": self._gradient, "term": ("(t, k)",), "loss": (Symbol("L", "t"),),
            "parameter": self._parameter, "step": ("k",),
        }  # fmt: skip
        match derivation.expected:
            case 0:
                yield Paragraph(self._prose("derive.rule.none", gradient=self._gradient))
            case 1:
                yield Paragraph(self._prose("derive.rule.one", **values))
            case count:
                yield Paragraph(self._prose("derive.rule.terms", count=count, **values))
        header = (self._prose("derive.column.term"), self._prose("derive.column.product"))
        rows = tuple(
            ((pair(term.t, term.k),), (self._whole(f.written for f in term.factors),)) for term in derivation.terms
        )
        if rows:
            yield Table(header, rows)

    def _later(self) -> Iterator[Block]:
        """What the steps after the window would add, if they have a loss."""
        last, T = self.window.last, self.trace.T
        if self.trace.has_target[last:].any():
            key = "derive.later" if last + 1 < T else "derive.later.one"
            values: dict[str, Formula] = {
                "loss": (Symbol("L", last + 1),), "final": (Symbol("L", T),),
                "term": ("(t, k)",), "later": (f"t > {last}",),
            }  # fmt: skip
            yield Paragraph(self._prose(key, **values))

    def _factors(self) -> Iterator[Block]:
        yield Heading(2, self._prose("derive.factors"))
        for names, factor in distinct(self.derivation):
            yield from self._sparse(factor)
            equation = sides(factor.form) if is_equation(factor.form) else (*names, factor.form)
            of_one = len(factor.blocks) == 1 and factor.blocks[0].label == equation[0]
            if not of_one:
                yield Display((different(*equation),))
            for block in factor.blocks:
                before = equation if of_one else (block.label,)
                entries = () if block.entries is None else (symbols(block.entries),)
                yield from self._numbers(different(*before, *entries), block.value)

    def _sparse(self, factor: Jacobian) -> Iterator[Block]:
        """Why one matrix is all of a direct derivative; of a single unit that needs no words."""
        label = factor.blocks[0].label[0]
        if factor.sparse and isinstance(label, Partial) and label.of.entry:
            key = "derive.sparse" if len(label.wrt.entry) > 1 else "derive.sparse.vector"
            state = (differentiated(factor),)
            yield Paragraph(
                self._prose(key, factor=factor.written, index=("i",), state=state, parameter=self._parameter)
            )

    def _terms(self) -> Iterator[Block]:
        yield Heading(2, self._prose("derive.terms"))
        for count, compared in enumerate(self.comparison.terms, 1):
            term = compared.term
            yield Heading(3, self._prose("derive.term", term=pair(term.t, term.k)))
            written_out = self._whole(factor.written for factor in term.factors)
            forms = (factor.written if is_equation(factor.form) else factor.form for factor in term.factors)
            yield Display((different(written_out, self._whole(forms)),))
            if term.expanded:
                yield Paragraph(self._prose("derive.expanded"))
                yield Display(((pair(term.t, term.k), term.expanded),))
            yield from self._both(term.value, compared.engine)
            values: dict[str, int | Numeral] = {
                **_differences(compared),
                "count": count,
                "expected": self.derivation.expected,
            }
            if compared.sum.size == 1:
                total = Numeral(compared.sum.item(), COMPARED)
                yield Paragraph(self._prose("derive.difference.number", sum=total, **values))
            else:
                yield Paragraph(self._prose("derive.difference.sum", **values))
                yield from self._numbers((), compared.sum, COMPARED)

    def _total(self) -> Iterator[Block]:
        compared = self.comparison.total
        whole = self.comparison.whole
        yield Heading(2, self._prose("derive.total"))
        if whole:
            yield Paragraph(self._prose("derive.total.whole"))
        else:
            first, last = self.window.first, self.window.last
            key = "derive.total.part" if last > first else "derive.total.part.one"
            yield Paragraph(self._prose(key, first=first, last=last, gradient=self._gradient))
        yield from self._both(compared.value, compared.engine)
        yield Paragraph(self._prose("derive.difference", **_differences(compared)))

    def _direct_and_total(self) -> Iterator[Block]:
        shape, t = self.window.shape, self.window.last
        (direct,) = written("direct", shape, t)
        assert isinstance(direct, Partial)
        total = Total(direct.of, direct.wrt)
        output_only = of_output(shape)
        before = state(shape, t if output_only else t - 1)
        yield Heading(2, self._prose("derive.direct"))
        values: dict[str, Formula] = {
            "direct": (direct,), "total": (total,), "before": (before,), "parameter": self._parameter,
        }  # fmt: skip
        if output_only:
            yield Paragraph(self._prose("derive.direct.output", **values))
        elif t == 1:
            yield Paragraph(self._prose("derive.direct.first", **values))
            yield Display((((total,), (direct,)),))
        else:
            yield Paragraph(self._prose("derive.direct.state", step=t, **values))
            further: Formula = (direct, " + ", Partial(direct.of, before), PRODUCT, Total(before, direct.wrt))
            yield Display((((total,), further),))
        yield Paragraph(self._prose("derive.largest", relative=Numeral(self.comparison.largest, _ROUGH)))

    @property
    def _parameter(self) -> Formula:
        return (Symbol(self.derivation.parameter),)

    @property
    def _gradient(self) -> Formula:
        return (Gradient(Symbol(self.derivation.parameter)),)

    def _whole(self, factors: Iterable[Formula]) -> Formula:
        """The product that is a term's value: the loss's factor has its part in it."""
        front = mean(self.window)[:1]
        return product([front, *factors] if front else factors)

    def _mean_told(self) -> Formula:
        """The loss's factor, 1/T with its number after it."""
        (factor,) = mean(self.window)[:1]
        assert isinstance(factor, MeanFactor)
        # No sequence has 0 steps, so this one is written with its count in every notation.
        number = MeanFactor(factor.count, 0)
        same = self.notation.token(factor) == self.notation.token(number)
        return (factor,) if same else (factor, " = ", number)

    def _both(self, value: Array, engine: Array) -> Iterator[Block]:
        """SymPy's value beside the engine's."""
        names = [Words(say(key, self.language)) for key in ("derive.sympy", "derive.engine")]
        chains = [(name, matrix(array, COMPARED)) for name, array in zip(names, (value, engine), strict=True)]
        yield Display(tuple(chains), beside=True)
        yield from self._size(value)

    def _numbers(self, before: Chain, value: Array, digits: int | None = None) -> Iterator[Block]:
        """``before`` = the numbers, and how many there are where they are too many."""
        numbers = matrix(value) if digits is None else matrix(value, digits)
        if isinstance(numbers, Numeral):
            # ∂⁺o₂/∂c = 1 is a formula and a number.
            before = tuple(part for part in before if part != (numeral(numbers),))
        yield Display(((*before, numbers),))
        yield from self._size(value)

    def _size(self, value: Array) -> Iterator[Block]:
        if not is_whole(value):
            rows, columns = shape_of(value)
            norm = Numeral(float(np.linalg.norm(value)), COMPARED)
            yield Paragraph(self._prose("derive.size", rows=rows, columns=columns, norm=norm))


def _differences(compared: Compared) -> dict[str, Numeral]:
    return {"absolute": Numeral(compared.absolute, _ROUGH), "relative": Numeral(compared.relative, _ROUGH)}


def _piece(value: str | int | Formula | Numeral) -> str | Formula | Numeral:
    return str(value) if isinstance(value, int) else value
