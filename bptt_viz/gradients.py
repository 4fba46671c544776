"""Gradients over time, made from their factors when asked for. Imports ``sweep`` only.

A step's contribution to a matrix is rank one, δ_t h_{t−1}ᵀ; T of them would fill T × H × H numbers
where the factors fill 2 × T × H. So nothing here is stored: each mapping computes what is asked, and
numbers that overflow go on as ∞ or NaN there as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from bptt_viz.activations import Array

if TYPE_CHECKING:
    from bptt_viz.sweep import Use

#: "All of it", for a rows or columns argument.
ALL: Final = slice(None)


class _ByParameter(Mapping[str, Array]):
    """A mapping from every parameter's name to arrays that are made when asked for."""

    def __init__(self, uses: Mapping[str, Use]) -> None:
        self._uses = uses

    def __iter__(self) -> Iterator[str]:
        return iter(self._uses)

    def __len__(self) -> int:
        return len(self._uses)


class Contributions(_ByParameter):
    """∂⁺L/∂θ at every t: name → [T × shape of θ], index 0 is t = 1."""

    @np.errstate(all="ignore")
    def __getitem__(self, name: str) -> Array:
        use = self._uses[name]
        if use.operand is None:
            return use.adjoint.copy()
        return use.adjoint[:, :, None] * use.operand[:, None, :]

    @np.errstate(all="ignore")
    def at(self, name: str, t: int, rows: slice = ALL, columns: slice = ALL) -> Array:
        """The contribution of step ``t`` alone, or the block of it that is asked for."""
        use = self._uses[name]
        adjoint = use.adjoint[t - 1, rows]
        return adjoint if use.operand is None else np.outer(adjoint, use.operand[t - 1, columns])


class Accumulated(_ByParameter):
    """∇θ as it stands after backward step t, Σ_{k=t..T} contributions: name → [T × shape of θ]."""

    @np.errstate(all="ignore")
    def __getitem__(self, name: str) -> Array:
        contributions = Contributions(self._uses)[name]
        return np.cumsum(contributions[::-1], axis=0)[::-1]

    @np.errstate(all="ignore")
    def at(self, name: str, t: int, rows: slice = ALL, columns: slice = ALL) -> Array:
        """∇θ after backward step ``t``, or the block of it that is asked for.

        ``t`` = T + 1 is before the sweep: zeros. Costs (T − t + 1) × the block's size.
        """
        use = self._uses[name]
        adjoint = use.adjoint[t - 1 :, rows]
        if use.operand is None:
            total: Array = adjoint.sum(axis=0)
            return total
        return adjoint.T @ use.operand[t - 1 :, columns]


def totals(uses: Mapping[str, Use]) -> dict[str, Array]:
    """∇θ of every parameter: one matrix product instead of a sum of T outer products."""
    return {name: Accumulated(uses).at(name, 1) for name in uses}


def norm(gradients: Mapping[str, Array]) -> float:
    """The Euclidean norm of all parameters' gradients together, safe from overflow in the squares."""
    flat = np.concatenate([values.ravel() for values in gradients.values()])
    largest = float(np.abs(flat).max(initial=0.0))
    if largest == 0.0 or not np.isfinite(largest):
        return largest
    return largest * float(np.linalg.norm(flat / largest))


def clip(gradients: Mapping[str, Array], kind: str, threshold: float) -> dict[str, Array]:
    """The gradients after clipping.

    ``norm``: g ← g · threshold / ‖g‖ if ‖g‖ > threshold, over all parameters together (Pascanu,
    Mikolov & Bengio 2013, algorithm 1); ``value``: each entry into [−threshold, threshold].
    """
    if kind == "value":
        return {name: np.clip(values, -threshold, threshold) for name, values in gradients.items()}
    factor = clip_factor(norm(gradients), threshold)
    return {name: values * factor for name, values in gradients.items()}


def clip_factor(length: float, threshold: float) -> float:
    """What clipping by norm multiplies gradients of norm ``length`` by: threshold / length, or 1 if that is more."""
    return threshold / length if length > threshold else 1.0
