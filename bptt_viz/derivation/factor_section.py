"""The factors of a derivation as a section of a document: forms, entries, numbers. Imports ``telling``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.derivation.chains import (
    different,
    differentiated,
    distinct,
    has_overview,
    is_equation,
    overview,
    sides,
    told_blocks,
)
from bptt_viz.derivation.document import Display, Heading, Matrix, symbols
from bptt_viz.formulas import Partial, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.derivation.document import Block as Told
    from bptt_viz.derivation.result import Block, Derivation, Jacobian
    from bptt_viz.derivation.telling import Telling
    from bptt_viz.formulas import Formula


def factors(telling: Telling, derivation: Derivation) -> Iterator[Told]:
    """Each distinct factor once."""
    yield Heading(2, telling.prose("derive.factors"))
    for names, factor in distinct(derivation):
        yield from _sparse(telling, derivation, factor)
        if has_overview(factor):
            yield Display(((*names, Matrix(overview(factor))),))
        if factor.form:
            yield from _of_one_form(telling, names, factor)
            continue
        for _, block in told_blocks(factor)[0]:
            yield from _block(telling, block)


def _block(telling: Telling, block: Block) -> Iterator[Told]:
    """A block with its own form, where it has one, then its entries and its numbers."""
    parts = sides(block.form) if is_equation(block.form) else (block.label, block.form)
    if block.zero:
        yield Display((different(*parts, ("0",)),))
        return
    entries = () if block.entries is None else symbols(block.entries)
    if parts[0] != block.label:
        yield Display((different(*parts),))
        parts = (block.label,)
    yield from telling.numbers(different(*parts, entries), block.value)


def _of_one_form(telling: Telling, names: tuple[Formula, ...], factor: Jacobian) -> Iterator[Told]:
    equation = sides(factor.form) if is_equation(factor.form) else (*names, factor.form)
    of_one = len(factor.blocks) == 1 and factor.blocks[0].label == equation[0]
    if not of_one:
        yield Display((different(*equation),))
    blocks, others = told_blocks(factor)
    for _, block in blocks:
        before = equation if of_one else (block.label,)
        entries = () if block.entries is None else (symbols(block.entries),)
        yield from telling.numbers(different(*before, *entries), block.value)
    if others:
        yield telling.paragraph("derive.other_units", count=others, state=(differentiated(factor),))


def _sparse(telling: Telling, derivation: Derivation, factor: Jacobian) -> Iterator[Told]:
    """Why one matrix is all of a direct derivative; of a single unit that needs no words."""
    label = factor.blocks[0].label[0]
    if factor.sparse and isinstance(label, Partial) and label.of.entry:
        key = "derive.sparse" if len(label.wrt.entry) > 1 else "derive.sparse.vector"
        state, parameter = (differentiated(factor),), (Symbol(derivation.parameter),)
        yield telling.paragraph(key, factor=factor.written, index=("i",), state=state, parameter=parameter)
