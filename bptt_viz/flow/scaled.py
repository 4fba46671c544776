"""Products of many matrices, beyond the range of floats: entries with a common power of two. Imports only numpy.

0.5^3000 is no float, its logarithm is. A matrix is kept as M·2^e with its largest entry near 1; scaling by powers of
two rounds nothing. Entries below 1e-308 of the largest one are lost.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

if TYPE_CHECKING:
    from bptt_viz.activations import Array

Exponents = NDArray[np.int64]

LOG10_OF_2: Final = math.log10(2.0)


class Scaled(Struct, frozen=True, eq=False):
    """Matrices M·2^e.

    Attributes
    ----------
    matrices
        M, [..., m, n]; the largest entry of each within ½..1 unless all are 0 or one is not finite.
    exponents
        e, [...].
    """

    matrices: Array
    exponents: Exponents

    @classmethod
    def of(cls, matrices: Array, exponents: Exponents | int = 0) -> Scaled:
        """Matrices brought to scale."""
        largest = np.abs(matrices).max(axis=(-2, -1), initial=0.0)
        _, shift = np.frexp(np.where(np.isfinite(largest), largest, 1.0))
        scaled = np.ldexp(matrices, -shift[..., None, None])
        return cls(scaled, np.asarray(exponents + shift.astype(np.int64)))

    def __getitem__(self, index: slice | int | NDArray[np.int64]) -> Scaled:
        return Scaled(self.matrices[index], np.asarray(self.exponents[index]))

    def __matmul__(self, other: Scaled) -> Scaled:
        with np.errstate(all="ignore"):
            return Scaled.of(self.matrices @ other.matrices, self.exponents + other.exponents)

    def log_norms(self, rows: slice = slice(None), columns: slice = slice(None)) -> Array:
        """log₁₀ of the spectral norm (the largest singular value) of a block of each matrix, [...].

        −∞ for a block of zeros, NaN where an entry is not finite.
        """
        blocks = self.matrices[..., rows, columns]
        finite = np.asarray(np.isfinite(blocks).all(axis=(-2, -1)))
        norms = np.linalg.norm(np.where(finite[..., None, None], blocks, 0.0), ord=2, axis=(-2, -1))
        with np.errstate(divide="ignore"):
            logs: Array = np.log10(norms) + self.exponents * LOG10_OF_2
        return np.where(finite, logs, np.nan)
