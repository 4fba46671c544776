"""Factors put together and multiplied: for ``symbolic``, ``comparison``, ``reasons``. Imports ``result``; no sympy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bptt_viz.activations import Array
    from bptt_viz.derivation.result import Jacobian


def whole(jacobian: Jacobian) -> Array:
    """The matrix of any factor but the direct derivative, put together from the blocks of all states."""
    blocks = [block.value for block in jacobian.blocks]
    return np.block([blocks[start : start + jacobian.across] for start in range(0, len(blocks), jacobian.across)])


def product(row: Array, jacobians: Sequence[Jacobian], shape: tuple[int, ...]) -> Array:
    """A row by all outputs times the factors that follow ∂L_t/∂o_t: an array of the parameter's shape."""
    *matrices, direct = jacobians
    return times_direct(times_matrices(row, matrices), direct, shape)


def times_matrices(row: Array, matrices: Iterable[Jacobian]) -> Array:
    """A row times one matrix after the other: ∂L_t/∂o_t times what follows it is a row by all states."""
    for matrix in matrices:
        row = row @ whole(matrix)
    return row


def times_direct(row: Array, direct: Jacobian, shape: tuple[int, ...]) -> Array:
    """A row by all states (or outputs) times their direct derivative: an array of the parameter's shape."""
    blocks = [block.value for block in direct.blocks]
    if direct.sparse:
        rows = np.split(row, len(blocks))
        total = sum((one[:, np.newaxis] * block for one, block in zip(rows, blocks, strict=True)), start=np.zeros(1))
    else:
        total = sum((one * block for one, block in zip(row, blocks, strict=True)), start=np.zeros(1))
    return np.asarray(total).reshape(shape)
