"""Formulas put side by side for a document: products, equations, factors with all their names. Imports ``result``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bptt_viz.formulas import joined
from bptt_viz.notation import Partial

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bptt_viz.derivation.document import Chain, Part
    from bptt_viz.derivation.result import Block, Derivation, Jacobian
    from bptt_viz.notation import Formula, Symbol

PRODUCT: Final = " · "
#: Blocks of a large direct derivative, one for each unit, that are told; the others are like them.
MOST_BLOCKS: Final = 3


def pair(t: int, k: int) -> Formula:
    """The name of a term: (3, 2)."""
    return (f"({t}, {k})",)


def product(factors: Iterable[Formula]) -> Formula:
    """Factors with a dot between them, sums in brackets."""
    return joined(PRODUCT, (("(", *factor, ")") if _is_sum(factor) else factor for factor in factors))


def _is_sum(formula: Formula) -> bool:
    """Whether there is a sign of a sum outside of all brackets."""
    depth = 0
    for character in "".join(token for token in formula if isinstance(token, str)):
        depth += (character in "([{") - (character in ")]}")
        if character in "+−" and not depth:
            return True
    return False


def is_same(block: Block) -> bool:
    """Whether a block is of a state by itself."""
    (label,) = block.label
    return isinstance(label, Partial) and label.of == label.wrt


def overview(factor: Jacobian) -> tuple[tuple[Formula, ...], ...]:
    """Where the blocks of a factor stand, row by row: their names, 0, or of a state by itself I."""
    cells = [_cell(block) for block in factor.blocks]
    return tuple(tuple(cells[start : start + factor.across]) for start in range(0, len(cells), factor.across))


def has_overview(factor: Jacobian) -> bool:
    """Whether a factor is of several states, so that its blocks need to be told apart."""
    return factor.kind != "direct" and len(factor.blocks) > 1


def told_blocks(factor: Jacobian) -> tuple[list[tuple[int, Block]], int]:
    """The blocks that have more to them than the overview says, each with its place, and how many more are like them.

    Of a large network where every unit has a block of its own, only the first are told.
    """
    every = [
        (place, block)
        for place, block in enumerate(factor.blocks)
        if not (has_overview(factor) and (block.zero or is_same(block)))
    ]
    large = factor.kind == "direct" and not factor.sparse and factor.blocks[0].entries is None
    return (every[:MOST_BLOCKS], max(len(every) - MOST_BLOCKS, 0)) if large else (every, 0)


def _cell(block: Block) -> Formula:
    if block.zero:
        return ("0",)
    return ("I" if block.value.size > 1 else "1",) if is_same(block) else block.label


def is_equation(form: Formula) -> bool:
    """Whether a form is an equation of its own: of any one entry, or of each state."""
    return " = " in form


def sides(equation: Formula) -> Chain:
    """The two sides of an equation."""
    sign = equation.index(" = ")
    return (equation[:sign], equation[sign + 1 :])


def different(*parts: Part) -> Chain:
    """Parts that are equal to each other, each but once and none empty."""
    return tuple(part for part in dict.fromkeys(parts) if part != ())


def distinct(derivation: Derivation) -> Iterator[tuple[tuple[Formula, ...], Jacobian]]:
    """Each distinct factor with all its names: ∂o_t/∂h_t is V for every t."""
    found: dict[object, dict[Formula, Jacobian]] = {}
    for factor in (factor for term in derivation.terms for factor in term.factors):
        entries = tuple(block.entries for block in factor.blocks)
        # Without entries the forms alone tell factors apart; without a form too, their names.
        same = (factor.form or factor.written, entries)
        found.setdefault(same, {})[factor.written] = factor
    yield from ((tuple(named), next(iter(named.values()))) for named in found.values())


def differentiated(factor: Jacobian) -> Symbol:
    """What a factor is the derivative of."""
    return next(token.of for token in factor.written if isinstance(token, Partial))
