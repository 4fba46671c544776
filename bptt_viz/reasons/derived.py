"""Reasons of what SymPy derived: entries of Jacobians, from the symbols they are written in. Imports the core."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bptt_viz import gradients
from bptt_viz.arithmetic import Leaf, Worked, total
from bptt_viz.derivation.products import times_matrices
from bptt_viz.formatting import significant
from bptt_viz.formulas import Formula, Partial, Power, Symbol, joined, superscript
from bptt_viz.leaves import leaf
from bptt_viz.messages import phrase
from bptt_viz.quantities import SUM, Derived, Given, Number, Quantity, Result
from bptt_viz.reasons.reason import Ground, Reason
from bptt_viz.reasons.sums import term_name
from bptt_viz.writing import mean_factor

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.derivation.result import Derivation, Term
    from bptt_viz.tracing import Trace

#: Entries whose squares are written out under a root.
_MOST_SQUARES = 16


def of_derived(ground: Ground, derivation: Derivation, quantity: Derived, entry: tuple[int, ...]) -> Reason:
    """An entry of a factor's block as SymPy wrote it, or of the term's value."""
    if quantity.parameter != derivation.parameter:
        raise KeyError(quantity)
    (term,) = (one for one in derivation.terms if (one.t, one.k) == (quantity.t, quantity.k))
    if quantity.factor == SUM:
        return _sum(ground, derivation, quantity, entry)
    if quantity.factor < 0 and not entry:
        return _norm(term, quantity)
    if quantity.factor < 0:
        return _value(ground, term, quantity, entry)
    block = term.factors[quantity.factor].blocks[quantity.block]
    one = leaf(block.label, block.value, entry, quantity)
    if block.entries is None:
        return Reason(one.symbol, one.value, origin=phrase("origin.matrix_form"))
    written = block.entries[entry[0]][entry[1]]
    return Reason(one.symbol, one.value, _with_numbers(ground.trace, written), phrase("origin.sympy"))


def _norm(term: Term, quantity: Derived) -> Reason:
    """The Frobenius norm of a term before any truncation."""
    name = quantity.parameter
    written = term_name(name, term.t, term.k)
    squares: list[Worked] = [(leaf(written, term.value, one, quantity), "²") for one in np.ndindex(term.value.shape)]
    return Reason(("‖", *written, "‖"), gradients.norm({name: term.value}), ("√", total(squares, most=_MOST_SQUARES)))


def _sum(ground: Ground, derivation: Derivation, quantity: Derived, entry: tuple[int, ...]) -> Reason:
    """The terms up to (t, k) with their weights, in the order in which the backward pass adds them."""
    name = quantity.parameter
    pairs = [(one.t, one.k) for one in derivation.terms]
    added = derivation.terms[: pairs.index((quantity.t, quantity.k)) + 1]
    parts: list[Worked] = []
    # One after the other, as the comparison sums them: the last digits depend on it.
    value = np.zeros_like(added[0].value)
    for term in added:
        weight = ground.trace.truncation.weight(term.t, term.k)
        one = leaf(term_name(name, term.t, term.k), term.value, entry, Derived(name, term.t, term.k))
        if weight:
            value = value + weight * term.value
            parts.append((one,) if weight == 1.0 else (significant(weight), "·", one))
    first, last = added[0], added[-1]
    said = f" ({first.t},{first.k})..({last.t},{last.k})"
    one = leaf((Partial(Symbol("L"), Symbol(name), direct=True), said), value, entry, quantity)
    return Reason(one.symbol, one.value, (total(parts, bare=True),) if parts else ("0",))


def _value(ground: Ground, term: Term, quantity: Derived, entry: tuple[int, ...]) -> Reason:
    """The product of the factors: what comes before the direct derivative, times it."""
    *before, direct = term.factors
    trace, name = ground.trace, quantity.parameter
    one = leaf(term_name(name, term.t, term.k), term.value, entry, quantity)
    mean = mean_factor(trace.reduction_factor, trace.T)
    front: Worked = (*mean, " · ") if mean else ()
    if all([block.value.size for block in factor.blocks] == [1] for factor in term.factors):
        factors = [(_factor_leaf(term, name, index),) for index in range(len(term.factors))]
        return Reason(one.symbol, one.value, (*front, *joined(" · ", factors)), phrase("origin.sympy"))
    row = times_matrices(np.ones(1), before)
    written = joined(" · ", (factor.written for factor in before))
    place = entry if len(entry) == 2 else (entry[0], 0)
    # A sparse block is of a whole state, whose unit i alone depends on row i; any other block is of one unit.
    units, own = (row.size // len(direct.blocks), entry[0]) if direct.sparse else (1, 0)
    products: list[Worked] = []
    for block, inner in enumerate(direct.blocks):
        last = leaf(inner.label, inner.value, place, Derived(name, term.t, term.k, len(before), block))
        products.append((leaf(written, row, (block * units + own,)), " · ", last))
    return Reason(one.symbol, one.value, (*front, total(products, bare=not mean)), phrase("origin.sympy"))


def _factor_leaf(term: Term, parameter: str, index: int) -> Leaf:
    """A factor that is a single number."""
    block = term.factors[index].blocks[0]
    return leaf(block.label, block.value, (0, 0), Derived(parameter, term.t, term.k, index))


def _with_numbers(trace: Trace, formula: Formula) -> Worked:
    """The formula with a leaf for every symbol of the trace."""
    worked: Worked = ()
    for token in formula:
        match token:
            case Symbol():
                worked = (*worked, _leaf_of(trace, token))
            case Power(base, exponent):
                worked = (*worked, *_with_numbers(trace, base), superscript(exponent))
            case _:
                worked = (*worked, token)
    return worked


def _leaf_of(trace: Trace, symbol: Symbol) -> Leaf:
    name, t = symbol.name, symbol.t
    index = tuple(int(position) - 1 for position in symbol.entry)
    assert t is None or isinstance(t, int)
    values, quantity = (trace.parameters[name], Given(name)) if t is None else _at(trace, symbol, t)
    index = index or (0,) * values.ndim
    return Leaf((symbol,), float(values[index]), Number(quantity, index))


def _at(trace: Trace, symbol: Symbol, t: int) -> tuple[Array, Quantity]:
    """The values of a symbol at a step, and what it is."""
    name = symbol.name
    given = {"x": trace.x, "y": trace.y}
    if name in given:
        return given[name][t - 1], Given(name, t)
    after = {"o": trace.o, "y_hat": trace.y_hat}
    if name in after:
        return after[name][t - 1], Result(name, t)
    layer = max(symbol.layer - 1, 0)
    return trace.layers[layer].values[name][t], Result(name, t, layer)
