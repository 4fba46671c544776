"""SymPy's values beside the engine's, factor by factor and term by term. Imports ``pullbacks``; never sympy.

The terms, their factors and their total are compared with what the pullbacks give for the same steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct, structs

from bptt_viz.derivation import pullbacks
from bptt_viz.derivation.products import product
from bptt_viz.derivation.routes import routes
from bptt_viz.derivation.window import window_of
from bptt_viz.ledger import window_terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bptt_viz.activations import Array
    from bptt_viz.derivation.result import Derivation, Jacobian, Term
    from bptt_viz.derivation.routes import Route
    from bptt_viz.derivation.window import Shape
    from bptt_viz.tracing import Trace

#: The largest relative difference of two values that agree.
TOLERANCE: Final = 1e-9
#: Of what the factors multiply to without signs: where cancellation leaves less, rounding is all that is left.
_CANCELLED: Final = 2.0**-16
#: Numbers below have lost digits on their way, or will have lost them all.
_SMALLEST: Final = 1e-290


class Compared(Struct, frozen=True, eq=False):
    """One value twice.

    Attributes
    ----------
    value, engine
        SymPy's and the engine's.
    absolute
        Their largest difference, entry by entry; ∞ if either is not a number.
    relative
        The same by the largest magnitude in either.
    """

    value: Array
    engine: Array
    absolute: float
    relative: float

    @property
    def ok(self) -> bool:
        """Whether they agree."""
        return self.relative <= TOLERANCE


class ComparedTerm(Compared, frozen=True, eq=False):
    """A term before any truncation.

    Attributes
    ----------
    sum
        The sum of SymPy's terms up to it, each with its weight.
    weight
        What truncation multiplies it by in ∇θ; with 0 it is left out.
    routes
        The routes of the error whose sum the term is; none where there is one, or very many.
    """

    term: Term
    sum: Array
    weight: float
    routes: tuple[Route, ...]


class ComparedFactor(Compared, frozen=True, eq=False):
    """A factor at its step; the values are those of all its blocks, one after the other."""

    factor: Jacobian
    t: int


class Comparison(Struct, frozen=True, eq=False):
    """A derivation, as far as it is, beside the engine.

    Attributes
    ----------
    factors
        Each once.
    total
        The sum of the terms with their weights; the engine's is ∇θ where ``whole``, else the sum of its own terms.
    whole
        Whether the terms are all there and the window is the whole sequence.
    """

    derivation: Derivation
    terms: tuple[ComparedTerm, ...]
    factors: tuple[ComparedFactor, ...]
    total: Compared
    whole: bool

    @property
    def truncated(self) -> bool:
        """Whether truncation leaves a term out or weighs it."""
        return any(one.weight != 1.0 for one in self.terms)

    @property
    def largest(self) -> float:
        """The largest relative difference of all."""
        return max(one.relative for one in (*self.terms, *self.factors, self.total))

    @property
    def ok(self) -> bool:
        """Whether everything agrees."""
        return self.largest <= TOLERANCE


@np.errstate(all="ignore")
def compare(derivation: Derivation, trace: Trace) -> Comparison:
    """Both sides of a derivation of this trace."""
    last = derivation.first + derivation.steps - 1
    shape = trace.parameters[derivation.parameter].shape
    values = [layer.values for layer in trace.layers]
    engine = window_terms(trace.network, values, trace.dL_do, derivation.parameter, derivation.first, last)
    terms: list[ComparedTerm] = []
    total, engine_total, scale = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for term in derivation.terms:
        other, magnitude = engine[term.t, term.k], _magnitude(trace, term, shape)
        weight = trace.truncation.weight(term.t, term.k)
        if weight:
            total, engine_total = total + weight * term.value, engine_total + weight * other
            scale = scale + weight * magnitude
        apart, ways = differences(term.value, other, magnitude), routes(term, trace.reduction_factor)
        terms.append(ComparedTerm(term.value, other, *apart, term, total, weight, ways))
    whole = derivation.complete and derivation.steps == trace.T
    if whole:
        engine_total = trace.gradients[derivation.parameter]
    return Comparison(
        derivation=derivation,
        terms=tuple(terms),
        factors=tuple(_factors(derivation, trace)),
        total=Compared(total, engine_total, *differences(total, engine_total, scale)),
        whole=whole,
    )


@np.errstate(all="ignore")
def differences(value: Array, engine: Array, scale: Array) -> tuple[float, float]:
    """The largest difference, and the same by the largest magnitude.

    Rounding is measured by ``scale``, what the value would be without any cancellation: of ŷ − y = −1e−12
    no computation in float64 has nine digits. What is not finite agrees only with its equal.
    """
    apart = np.where(value == engine, 0.0, np.abs(value - engine))
    absolute = float(apart.max(initial=0.0))
    if not np.isfinite(absolute):
        return np.inf, np.inf
    magnitudes = [np.abs(one[np.isfinite(one)]) for one in (value, engine, scale * _CANCELLED)]
    largest = max(float(one.max(initial=0.0)) for one in magnitudes)
    return absolute, absolute / max(largest, _SMALLEST)


def _loss_magnitude(trace: Trace, t: int) -> Array:
    """∂L_t/∂o_t without cancellation, [K]: every loss here has ŷ − y, softmax with ŷ Σ y."""
    y = np.abs(trace.y[t - 1])
    magnitude: Array = np.abs(trace.y_hat[t - 1]) * max(1.0, float(y.sum())) + y
    return magnitude


def _magnitude(trace: Trace, term: Term, shape: tuple[int, ...]) -> Array:
    """The term without cancellation: the product of its factors' magnitudes."""
    unsigned = [
        structs.replace(
            factor, blocks=tuple(structs.replace(block, value=np.abs(block.value)) for block in factor.blocks)
        )
        for factor in term.factors[1:]
    ]
    return product(_loss_magnitude(trace, term.t) * trace.reduction_factor, unsigned, shape)


def _factors(derivation: Derivation, trace: Trace) -> Iterator[ComparedFactor]:
    """Each factor of the terms once, with the step that it belongs to."""
    shape = window_of(trace, derivation.first, derivation.steps, derivation.parameter).shape
    seen: set[tuple[str, int]] = set()
    for term in derivation.terms:
        j = term.t
        for factor in term.factors:
            t = term.k if factor.kind in {"upward", "direct"} else j
            j -= factor.kind == "step"
            if (factor.kind, t) not in seen:
                seen.add((factor.kind, t))
                value, engine = _both(factor, trace, shape, t)
                scale = _loss_magnitude(trace, t) if factor.kind == "loss" else np.zeros(1)
                yield ComparedFactor(value, engine, *differences(value, engine, scale), factor, t)


def _both(factor: Jacobian, trace: Trace, shape: Shape, t: int) -> tuple[Array, Array]:
    """All entries of a factor by SymPy and by the engine's pullbacks, each in a row."""
    value = _in_a_row([block.value for block in factor.blocks])
    engine = _in_a_row(pullbacks.blocks(factor, trace, shape, t))
    # What SymPy found to be 0 has no block, and has to be 0 for the engine too.
    there, beyond = engine[: value.size], engine[value.size :]
    if beyond.any():
        return np.pad(value, (0, beyond.size)), engine
    return value, there.copy() if beyond.size else there


def _in_a_row(blocks: Iterable[Array]) -> Array:
    """All entries; of a single block as they are, not copied."""
    rows = [block.ravel() for block in blocks]
    return rows[0] if len(rows) == 1 else np.concatenate(rows)
