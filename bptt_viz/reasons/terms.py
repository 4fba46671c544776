"""Reasons of the ledger's numbers: chain-rule terms, sums of them, and their norms. Imports the core."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from bptt_viz import gradients
from bptt_viz.arithmetic import total
from bptt_viz.blocks import term_sum
from bptt_viz.formatting import plain
from bptt_viz.formulas import Gradient, Partial, Symbol, subscript
from bptt_viz.leaves import leaf
from bptt_viz.messages import phrase
from bptt_viz.quantities import TermSum
from bptt_viz.reasons.reason import Ground, Reason
from bptt_viz.reasons.sums import not_used, outer, term_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.arithmetic import Worked
    from bptt_viz.formulas import Formula
    from bptt_viz.messages import Phrase
    from bptt_viz.tracing import Trace

Range = tuple[int, int]

#: A sum of more terms than this is told in halves.
_MOST_TERMS = 8
#: Entries whose squares are written out under a root.
_MOST_SQUARES = 16


def of_terms(ground: Ground, quantity: TermSum, entry: tuple[int, ...]) -> Reason:
    """A term, a sum of terms, or the norm of either."""
    trace, name = ground.trace, quantity.parameter
    values = term_sum(trace, name, quantity.rows, quantity.columns)
    written = name_of(quantity, trace.T)
    if not entry:
        entries = list(np.ndindex(values.shape))
        squares: list[Worked] = [(leaf(written, values, one, quantity), "²") for one in entries]
        value = gradients.norm({name: values})
        # Of a single number the root of the square is its absolute value.
        worked: Worked = ("√", total(squares, most=_MOST_SQUARES)) if len(entries) > 1 else ("|", squares[0][0], "|")
        return Reason(("‖", *written, "‖"), value, worked)
    one = leaf(written, values, entry, quantity)
    pieces = list(_pieces(quantity))
    if pieces == [quantity]:
        (t, _), (k, _) = quantity.rows, quantity.columns
        origin = not_used(trace, name, k) or _weight(trace, t, k)
        return Reason(one.symbol, one.value, outer(ground.blame(t), name, k, entry, loss=t), origin)
    parts: list[Worked] = []
    for piece in pieces:
        inner = term_sum(trace, name, piece.rows, piece.columns)
        parts.append((leaf(name_of(piece, trace.T), inner, entry, piece),))
    return Reason(one.symbol, one.value, (total(parts, bare=True),))


def _weight(trace: Trace, t: int, k: int) -> Phrase | None:
    """What truncation multiplies a term by, where that is not 1."""
    weight = trace.truncation.weight(t, k)
    if t == k or trace.truncation.is_full:
        return None
    if trace.scenario.backward.strategy != "randomized":
        return None if weight else phrase("origin.not_kept")
    edges = [f"ξ{subscript(j)}" for j in range(k + 1, t + 1)]
    shown = edges if len(edges) <= _MOST_TERMS else [*edges[:2], "…", edges[-1]]
    key = "origin.weight" if weight else "origin.weight.zero"
    return phrase(key, edges="·".join(shown), weight=plain(weight))


def name_of(quantity: TermSum, T: int) -> Formula:
    """How a sum of terms is written.

    ∂⁺L₃/∂W (k = 2) for the term (3,2), ∂L₃/∂W for a row, ∂⁺L/∂W (t = 2) for a column, ∇W for all.
    """
    (t, last_t), (k, last_k) = quantity.rows, quantity.columns
    parameter = Symbol(quantity.parameter)
    if (t, last_t, k, last_k) == (1, T, 1, T):
        return (Gradient(parameter),)
    if t == last_t and k == last_k:
        return term_name(quantity.parameter, t, k)
    if t == last_t and k == 1 and last_k >= t:
        return (Partial(Symbol("L", t), parameter),)
    if k == last_k and last_t == T and t <= k:
        return (Partial(Symbol("L"), parameter, direct=True), f" (t = {k})")
    return (Partial(Symbol("L"), parameter, direct=True), f" (t = {t}..{last_t}, k = {k}..{last_k})")


def _pieces(quantity: TermSum) -> Iterator[TermSum]:
    """The single terms where there are few, else halves of the longer range; nothing above the diagonal."""
    (t, last_t), (k, last_k) = quantity.rows, quantity.columns
    name = quantity.parameter
    if (last_t - t + 1) * (last_k - k + 1) <= 2 * _MOST_TERMS:
        terms = [(i, j) for i, j in product(range(t, last_t + 1), range(k, last_k + 1)) if j <= i]
        if len(terms) <= _MOST_TERMS:
            yield from (TermSum(name, (i, i), (j, j)) for i, j in terms)
            return
    for rows, columns in _halves((t, last_t), (k, last_k)):
        if columns[0] <= rows[1]:
            yield TermSum(name, rows, columns)


def _halves(rows: Range, columns: Range) -> list[tuple[Range, Range]]:
    """The longer range cut in the middle."""
    if rows[1] - rows[0] >= columns[1] - columns[0]:
        return [(half, columns) for half in _cut(rows)]
    return [(rows, half) for half in _cut(columns)]


def _cut(both: Range) -> tuple[Range, Range]:
    middle = (both[0] + both[1]) // 2
    return (both[0], middle), (middle + 1, both[1])
