"""The ledger in blocks, for sequences longer than a screen: sums of terms (t, k), exactly. Imports ``ledger``.

A block is Σ (t, k) over a range of losses t and a range of uses k. One backward sweep with G groups
of losses finds all G × G of them: O(T G H²) operations and O(G (T / G · H + size of θ)) numbers, where all terms by
themselves would be T² matrices. With G = T it is the triangle itself.

Source: the sums regrouped are those of Pascanu, Mikolov & Bengio (2013), eqs. 3–5.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from msgspec import Struct

from bptt_viz.equations import reads
from bptt_viz.ledger import lengths, sweep_losses
from bptt_viz.sweep import uses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bptt_viz.activations import Array
    from bptt_viz.tracing import Trace

#: Steps first..last, ends included.
Range = tuple[int, int]

#: Uses that are multiplied out together: one product of matrices instead of so many outer products.
_TOGETHER: Final = 64


class Grid(Struct, frozen=True, eq=False):
    """The norms of the blocks of one parameter's ledger, and of their sums; g and c count groups from 0.

    Every number is the Frobenius norm of a sum of terms, never a sum of norms.

    Attributes
    ----------
    groups
        The steps of each group, first and last, from the first group on.
    blocks
        ‖Σ (t, k), t in group g, k in group c‖, [G, G]; 0 above the diagonal.
    row_sums
        The row of g as the backward sweep has it after column c: ‖Σ (t, k), t in g, k in c or later‖, [G, G].
    column_sums
        The column of c as the forward recursion has it after row g: ‖Σ (t, k), t in g or earlier, k in c‖, [G, G].
    after_column
        All that is summed after column c, [G]; ‖∇θ‖ at c = 0.
    after_row
        All that is summed after row g, [G]; ‖∇θ‖ at the last.
    largest
        The largest finite norm of a block.
    """

    parameter: str
    groups: tuple[Range, ...]
    blocks: Array
    row_sums: Array
    column_sums: Array
    after_column: Array
    after_row: Array
    largest: float

    def group_of(self, t: int) -> int:
        """The group that step ``t`` is in."""
        return bisect_right(self.groups, t, key=lambda group: group[0]) - 1


class _Use(NamedTuple):
    """Step k's use of the parameter, with the adjoints of the groups of losses that it reaches."""

    k: int
    adjoints: Array
    operand: Array | None


def groups_of(steps: int, most: int) -> tuple[Range, ...]:
    """Steps 1..``steps`` in groups of one size, the least with which there are at most ``most`` of them.

    The first may be smaller: the backward pass goes down from the last step, so what is left over is where it ends. To
    ask again for as many groups as there are gives the same ones.

    Raises
    ------
    ValueError
        If a group would be empty.
    """
    if not 1 <= most <= steps:
        raise ValueError(f"count: expected 1..{steps}, found {most}")
    size = -(-steps // most)
    rest = steps % size or size
    return tuple((max(last - size + 1, 1), last) for last in range(rest, steps + 1, size))


@np.errstate(all="ignore")
def grid(
    trace: Trace,
    parameter: str,
    count: int,
    progress: Callable[[int], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Grid | None:
    """The ledger of a parameter in blocks.

    Parameters
    ----------
    count
        How many groups of steps there are at most, see :func:`groups_of`.
    progress
        Told every so often how many steps are done.
    cancelled
        Asked every so often whether to stop.

    Returns
    -------
    Grid or None
        None if it was cancelled.

    Raises
    ------
    KeyError
        If there is no such parameter.
    """
    groups = groups_of(trace.T, count)
    count = len(groups)
    shape = trace.parameters[parameter].shape
    blocks, row_sums, column_sums = (np.zeros((count, count)) for _ in range(3))
    after_column = np.zeros(count)
    rows = np.zeros((count, *shape))
    column = np.zeros((count, *shape))
    together: list[_Use] = []
    group = count - 1
    for use in _uses_of(trace, parameter, trace.dL_do, [last for _, last in groups], (1, trace.T)):
        together.append(use)
        ends = use.k == groups[group][0]
        if not ends and len(together) < _TOGETHER:
            continue
        column[group:] += _sums(together)
        together.clear()
        progress(trace.T + 1 - use.k)
        if cancelled():
            return None
        if ends:
            rows[group:] += column[group:]
            blocks[group:, group] = _norms(column[group:])
            column_sums[group:, group] = _norms(np.cumsum(column[group:], axis=0))
            row_sums[group:, group] = _norms(rows[group:])
            after_column[group] = _norms(rows.sum(axis=0)[None])[0]
            column[:] = 0.0
            group -= 1
    after_row = _norms(np.cumsum(rows, axis=0))
    largest = float(blocks[np.isfinite(blocks)].max(initial=0.0))
    return Grid(parameter, groups, blocks, row_sums, column_sums, after_column, after_row, largest)


@np.errstate(all="ignore")
def term_sum(trace: Trace, parameter: str, rows: Range, columns: Range) -> Array:
    """Σ (t, k) over t in ``rows`` and k in ``columns``, ends included; terms with k > t are 0.

    The sweep starts at the last of the rows and ends at the first of the columns, so that a block costs
    what lies between them. A single term has two ranges of length 1.

    Returns
    -------
    Array
        Of the parameter's shape.

    Raises
    ------
    IndexError
        If a range is empty or leaves 1..T.
    KeyError
        If there is no such parameter.
    """
    for first, last in (rows, columns):
        if not 1 <= first <= last <= trace.T:
            raise IndexError(f"range: expected first <= last within 1..{trace.T}, found {first}..{last}")
    total = np.zeros_like(trace.parameters[parameter])
    if columns[0] > rows[1]:
        return total
    these_losses = np.zeros_like(trace.dL_do)
    these_losses[rows[0] - 1 : rows[1]] = trace.dL_do[rows[0] - 1 : rows[1]]
    together: list[_Use] = []
    for use in _uses_of(trace, parameter, these_losses, [rows[1]], (columns[0], rows[1])):
        if use.k > columns[1]:
            continue
        together.append(use)
        if len(together) == _TOGETHER or use.k == columns[0]:
            total += _sums(together)[0]
            together.clear()
    return total


def _uses_of(trace: Trace, parameter: str, dL_do: Array, groups_end: list[int], steps: Range) -> Iterator[_Use]:
    """Step k's use of one parameter, k from the last of ``steps`` to the first; of zeros where it does not use it."""
    network, values, truncation = trace.network, [layer.values for layer in trace.layers], trace.truncation
    first, last = steps
    # A window keeps single losses apart; their adjoints are summed to groups where the parameter is used.
    apart = range(1, last + 1) if truncation.window else frozenset(groups_end)
    not_used = np.zeros(trace.parameters[parameter].shape)
    used = [stage for stage in network.stages(trace.T) if network.uses(stage.cells, parameter)]
    for reached in sweep_losses(network, values, dL_do, truncation, apart, last, first):
        k = reached.k
        if reached.layer is None and not any(stage.first <= k <= stage.last for stage in used):
            batch = len(groups_end) - bisect_left(groups_end, k)
            yield _Use(k, np.zeros((batch, len(not_used))), not_used[0] if not_used.ndim > 1 else None)
        if not reads(reached.equation.right, parameter):
            continue
        for name, use in uses(reached.equation.right, reached.adjoints, reached.output, reached.scope):
            if name == parameter:
                adjoints = _grouped(use.adjoint, k, groups_end) if truncation.window else use.adjoint
                yield _Use(k, adjoints, use.operand)


def _grouped(adjoints: Array, k: int, groups_end: list[int]) -> Array:
    """Adjoints of the losses k, k + 1, …, summed over each of the groups that begin to be met by step k."""
    ends = groups_end[bisect_left(groups_end, k) :]
    grouped = np.zeros((len(ends), adjoints.shape[1]))
    first = 0
    for group, end in enumerate(ends):
        grouped[group] = adjoints[first : end - k + 1].sum(axis=0)
        first = end - k + 1
    return grouped


def _sums(together: list[_Use]) -> Array:
    """Σ_k adjoint ⊗ operand for each group of losses, [B, *shape]: the same B at every k."""
    adjoints = np.stack([use.adjoints for use in together])
    if together[0].operand is None:
        total: Array = adjoints.sum(axis=0)
        return total
    operands = np.stack([use.operand for use in together if use.operand is not None])
    steps, batch, size = adjoints.shape
    return (adjoints.reshape(steps, -1).T @ operands).reshape(batch, size, -1)


def _norms(matrices: Array) -> Array:
    return lengths(matrices.reshape(len(matrices), -1))
