"""Eigenvalues, singular values and powers of recurrent matrices; singular values of Jacobians. Imports ``jacobians``.

The spectral radius ρ says what W^k does in the end, the largest singular value what one step may do at once. Where W is
not normal (WᵀW ≠ WWᵀ) they differ, and ‖W^k‖ may grow at first though ρ < 1.

Source: Trefethen & Embree, *Spectra and Pseudospectra* (2005), §14, on transient growth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from bptt_viz.cells import X
from bptt_viz.equations import Affine, Variable, affines
from bptt_viz.flow.scaled import Scaled
from bptt_viz.flow.verdict import RISE
from bptt_viz.jacobians import pieces, step_jacobians

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bptt_viz.activations import Array
    from bptt_viz.cells import Cell
    from bptt_viz.equations import Expression
    from bptt_viz.tracing import Trace

#: Entries of WᵀW − WWᵀ so small beside ‖W‖² are rounding.
_ROUNDING: Final = 1e-10

#: Powers of W beyond this one are not looked at.
MOST_POWERS: Final = 256


class Spectrum(Struct, frozen=True, eq=False):
    """A square matrix by what repeating it does.

    Attributes
    ----------
    eigenvalues
        By descending size, [H], complex.
    singular_values
        Descending, [H].
    is_normal
        Whether WᵀW = WWᵀ but for rounding: then σ_max = ρ, and ‖W^k‖ = ρ^k.
    powers
        log₁₀ ‖W^k‖ by k, [K + 1].
    """

    name: str
    eigenvalues: NDArray[np.complex128]
    singular_values: Array
    is_normal: bool
    powers: Array

    @property
    def radius(self) -> float:
        """ρ(W), the largest absolute value of an eigenvalue."""
        return float(np.abs(self.eigenvalues[0]))

    @property
    def peak(self) -> int:
        """The power whose norm is the largest; 0 where no power is larger than the identity."""
        return int(np.argmax(np.nan_to_num(self.powers, nan=-np.inf)))

    @property
    def grows_first(self) -> bool:
        """Whether some power is larger than the identity, by what can be seen, though all powers end at 0."""
        return self.radius < 1.0 and float(self.powers[self.peak]) > RISE


def recurrent_matrices(cell: Cell) -> tuple[str, ...]:
    """The names of the matrices that act on the step before: W, or the W of each gate."""
    names = (
        matrix
        for equation in cell.equations
        for affine in affines(equation.right)
        for matrix, vector in affine.terms
        if vector != X and _remembers(vector)
    )
    return tuple(dict.fromkeys(names))


def spectrum(name: str, matrix: Array, powers: int) -> Spectrum:
    """The spectrum of a square matrix, and the norms of its powers up to ``powers``, at most :data:`MOST_POWERS`.

    Everything is NaN where an entry is not finite.
    """
    count = min(powers, MOST_POWERS)
    if not np.isfinite(matrix).all():
        nothing = np.full(len(matrix), np.nan)
        return Spectrum(name, nothing.astype(np.complex128), nothing, False, np.full(count + 1, np.nan))
    scaled = Scaled.of(matrix)
    unit = scaled.matrices
    eigenvalues = np.linalg.eigvals(unit).astype(np.complex128)
    order = np.argsort(-np.abs(eigenvalues), kind="stable")
    apart = unit.T @ unit - unit @ unit.T
    size = float(np.abs(unit).max(initial=0.0)) ** 2
    power = Scaled.of(np.eye(len(matrix)))
    norms = [power.log_norms()]
    for _ in range(count):
        power = power @ scaled
        norms.append(power.log_norms())
    return Spectrum(
        name,
        eigenvalues=np.ldexp(1.0, scaled.exponents) * eigenvalues[order],
        singular_values=np.ldexp(np.linalg.svd(unit, compute_uv=False), scaled.exponents),
        is_normal=bool(np.abs(apart).max(initial=0.0) <= _ROUNDING * size * len(matrix)),
        powers=np.array(norms),
    )


def spectra(trace: Trace, t: int, layer: int = -1) -> tuple[Spectrum, ...]:
    """The spectrum of each recurrent matrix that a layer uses at step ``t``; powers up to T."""
    names = recurrent_matrices(trace.network.cells_at(t)[layer])
    return tuple(spectrum(name, trace.parameters[name], trace.T) for name in names)


def jacobian_singular_values(trace: Trace, layer: int = -1, first: int = 1, last: int | None = None) -> Array:
    """The singular values of ∂(states at t)/∂(states at t − 1) for t = first..last, descending: [steps, n].

    NaN where a Jacobian is not finite. Costs steps · n³.
    """
    found = []
    for start, end in pieces(trace, layer, first, trace.T if last is None else last):
        jacobians = step_jacobians(trace, layer, start, end)
        finite = np.asarray(np.isfinite(jacobians).all(axis=(1, 2)))
        values: Array = np.linalg.svd(np.where(finite[:, None, None], jacobians, 0.0), compute_uv=False)
        found.append(np.where(finite[:, None], values, np.nan))
    return np.concatenate(found)


def _remembers(expression: Expression) -> bool:
    """Whether an expression reads the step before."""
    if isinstance(expression, Variable):
        return expression.lag > 0
    # What an affine expression inside reads is its own matrices' affair.
    return not isinstance(expression, Affine) and any(map(_remembers, expression.operands))
