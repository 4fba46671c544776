"""A derivation and its comparison put into words, as a document. Imports its sections, ``document`` and ``messages``.

What stands first is what a lecture says first: what is given, the rule, the terms, their factors, their values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from bptt_viz.derivation import stack
from bptt_viz.derivation.chains import PRODUCT, pair, sides
from bptt_viz.derivation.document import Display, Document, Heading, Numeral, Paragraph, Table
from bptt_viz.derivation.factor_section import factors
from bptt_viz.derivation.naming import layer_of, of_output, state, written
from bptt_viz.derivation.outline import mean
from bptt_viz.derivation.telling import ROUGH, Telling, differences
from bptt_viz.derivation.term_section import terms, whole
from bptt_viz.formulas import joined
from bptt_viz.messages import say
from bptt_viz.notation import Formula, Gradient, MeanFactor, Partial, Symbol, Total

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.derivation.comparison import Comparison
    from bptt_viz.derivation.document import Block, Prose
    from bptt_viz.derivation.result import Derivation
    from bptt_viz.derivation.window import Window
    from bptt_viz.messages import Language
    from bptt_viz.notation import Notation
    from bptt_viz.tracing import Trace


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
        derived: tuple[Iterator[Block], ...] = ()
        if self.derivation.terms:
            derived = (
                factors(self._telling, self.derivation),
                terms(self._telling, self.comparison, self.window),
            )
        sections = (self._opening(), self._given(), self._rule(), *derived, self._total(), self._direct_and_total())
        return Document(self.language, tuple(block for section in sections for block in section))

    @property
    def _telling(self) -> Telling:
        return Telling(self.language)

    def _prose(self, key: str, **values: str | int | Formula | Numeral) -> Prose:
        return self._telling.prose(key, **values)

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
        yield from self._states()
        window = self.window
        before = window.first - 1
        if before and not (window.shape.reads(1 - before) or window.shape.reads(0)):
            yield self._telling.paragraph("derive.entering.unused", parameter=self._parameter)
        elif before:
            term, earlier = ("(t, k)",), (f"k < {window.first}",)
            yield Paragraph(self._prose("derive.entering.fixed", term=term, earlier=earlier, parameter=self._parameter))
        else:
            yield Paragraph(self._prose("derive.entering.given"))
        layers = len(window.numbers.entering)
        for layer, states in enumerate(window.numbers.entering):
            for name, value in states.items():
                symbol = stack.symbol(stack.placed(name, layer, layers), before)
                yield from self._telling.numbers(((symbol,),), value)
        if window.numbers.factor != 1.0:
            yield Paragraph(self._prose("derive.mean", factor=self._mean_told()))
        missing = [str(window.first + index) for index, there in enumerate(window.numbers.has_target) if not there]
        if missing:
            key = "derive.no_target" if len(missing) == 1 else "derive.no_target.several"
            yield Paragraph(self._prose(key, steps=say("derive.and", self.language).join(missing)))

    def _states(self) -> Iterator[Block]:
        """What is meant by a state without a layer, by several states in brackets, and by two groups of parameters."""
        shape = self.window.shape
        cells = shape.cells
        whole_state: Formula = (state(cells, "t"),)
        if len(cells) > 1:
            own = joined(", ", [(state(cells, "t", layer),) for layer in range(len(cells))])
            step = (Partial(state(cells, "j"), state(cells, "j−1")),)
            yield self._telling.paragraph("derive.stack", state=whole_state, all=own, step=step)
            if not of_output(shape):
                layer: Formula = (state(cells, "k", layer_of(shape)),)
                upward = written("upward", shape, "k")
                yield self._telling.paragraph(
                    "derive.stack.upward", upward=upward, layer=layer, parameter=self._parameter
                )
        if len(cells[-1].states) > 1:
            own = joined(", ", [(Symbol(name, "t"),) for name in cells[-1].states])
            cell, hidden = (Symbol(name, "t") for name in cells[-1].states[-2:])
            yield self._telling.paragraph("derive.states", state=whole_state, all=own, cell=(cell,), hidden=(hidden,))
        change = self.window.first - 1 + shape.decoder_from
        if shape.decoder and 1 < change <= self.trace.T:
            yield self._telling.paragraph("derive.decoder", change=change)

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
            case 0 if not any(map(self.window.shape.reads, range(1, derivation.steps + 1))):
                yield self._telling.paragraph("derive.rule.unused", parameter=self._parameter, gradient=self._gradient)
            case 0:
                yield Paragraph(self._prose("derive.rule.none", gradient=self._gradient))
            case 1:
                yield Paragraph(self._prose("derive.rule.one", **values))
            case count:
                yield Paragraph(self._prose("derive.rule.terms", count=count, **values))
        weighed = self.comparison.truncated
        if weighed:
            yield self._telling.paragraph("derive.truncation", gradient=self._gradient)
        header = ["derive.column.term", "derive.column.product", *(["derive.column.weight"] if weighed else [])]
        rows: list[tuple[Prose, ...]] = []
        for one in self.comparison.terms:
            written_out = whole(self.window, (factor.written for factor in one.term.factors))
            weight: tuple[Prose, ...] = ((Numeral(one.weight),),) if weighed else ()
            rows.append(((pair(one.term.t, one.term.k),), (written_out,), *weight))
        if rows:
            yield Table(tuple(map(self._prose, header)), tuple(rows))

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

    def _total(self) -> Iterator[Block]:
        compared = self.comparison.total
        yield Heading(2, self._prose("derive.total"))
        first, last = self.window.first, self.window.last
        plain, weighed = "derive.total.part.one", "derive.total.part.one.weighed"
        if last > first:
            plain, weighed = "derive.total.part", "derive.total.part.weighed"
        if self.comparison.whole:
            plain, weighed = "derive.total.whole", "derive.total.whole.weighed"
        key = weighed if self.comparison.truncated else plain
        values: dict[str, int | Formula] = {"first": first, "last": last, "gradient": self._gradient}
        if self.comparison.whole:
            values = {}
        yield self._telling.paragraph(key, **values)
        yield from self._telling.both(compared.value, compared.engine)
        yield Paragraph(self._prose("derive.difference", **differences(compared)))

    def _direct_and_total(self) -> Iterator[Block]:
        shape, before_window = self.window.shape, self.window.first - 1
        used = [position for position in range(1, shape.steps + 1) if shape.reads(position)]
        if used:
            t = before_window + used[-1]
            yield Heading(2, self._prose("derive.direct"))
            yield from self._direct(t, used_before=t > 1 and shape.reads(used[-1] - 1))
        yield Paragraph(self._prose("derive.largest", relative=Numeral(self.comparison.largest, ROUGH)))

    def _direct(self, t: int, *, used_before: bool) -> Iterator[Block]:
        """∂⁺ against d at a step that uses the parameter."""
        shape = self.window.shape
        (direct,) = written("direct", shape, t)
        assert isinstance(direct, Partial)
        total = Total(direct.of, direct.wrt)
        before = state(shape.cells, t - 1, layer_of(shape))
        if of_output(shape):
            before = stack.symbol(stack.states(shape.cells)[-1], t)
        values: dict[str, Formula] = {
            "direct": (direct,), "total": (total,), "before": (before,), "parameter": self._parameter,
        }  # fmt: skip
        if of_output(shape):
            yield Paragraph(self._prose("derive.direct.output", **values))
        elif not used_before:
            yield Paragraph(self._prose("derive.direct.first" if t == 1 else "derive.direct.unused", **values))
            yield Display((((total,), (direct,)),))
        else:
            yield Paragraph(self._prose("derive.direct.state", step=t, **values))
            further: Formula = (direct, " + ", Partial(direct.of, before), PRODUCT, Total(before, direct.wrt))
            yield Display((((total,), further),))

    @property
    def _parameter(self) -> Formula:
        return (Symbol(self.derivation.parameter),)

    @property
    def _gradient(self) -> Formula:
        return (Gradient(Symbol(self.derivation.parameter)),)

    def _mean_told(self) -> Formula:
        """The loss's factor, 1/T with its number after it."""
        (factor,) = mean(self.window)[:1]
        assert isinstance(factor, MeanFactor)
        # No sequence has 0 steps, so this one is written with its count in every notation.
        number = MeanFactor(factor.count, 0)
        same = self.notation.token(factor) == self.notation.token(number)
        return (factor,) if same else (factor, " = ", number)
