"""Which of the chain-rule terms (t, k) are kept, and with what weight. Imports ``scenario``; knows no network.

The forward pass is never changed. Between two steps j and j − 1 every term (t, k) with k < j ≤ t passes the edge j,
whatever the cell and however many layers there are. So ``segments`` and ``randomized`` are a factor ξ_j at each edge;
``window`` is not, since what an edge lets pass depends on the loss it comes from.

Sources: Williams & Peng, *An efficient gradient-based algorithm for on-line training of recurrent network
trajectories* (1990), for truncation; Tallec & Ollivier, *Unbiasing truncated backpropagation through time* (2017),
for the randomized kind; Zhang et al., *Dive into Deep Learning*, §9.7, for the three side by side.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.scenario import BackwardTable


class Truncation:
    """The weights of all terms of a sequence.

    Parameters
    ----------
    xi
        ξ_j at index j, [T + 1], by which edge j multiplies; indices 0 and 1 are not used. None: 1 everywhere.
    window
        Terms with t − k < ``window`` are kept; 0: whatever their distance.
    """

    def __init__(self, steps: int, xi: Array | None = None, window: int = 0) -> None:
        self.steps = steps
        self.xi = xi
        self.window = window if window < steps else 0

    @property
    def is_full(self) -> bool:
        """Whether every term is kept as it is."""
        return not self.window and (self.xi is None or bool((self.xi[2:] == 1.0).all()))

    def edge(self, j: int) -> float:
        """ξ_j: what passes from step j to step j − 1 is multiplied by this, whichever loss it comes from."""
        return 1.0 if self.xi is None else float(self.xi[j])

    def reaches(self, k: int) -> int:
        """How many losses, counted from L_k, may reach step ``k``."""
        return min(self.window or self.steps, self.steps - k + 1)

    @property
    def longest(self) -> int:
        """How many steps the longest term that is kept spans, t and k included."""
        if self.xi is None:
            return self.window or self.steps
        cuts = np.flatnonzero(np.concatenate([[0.0], self.xi[2:], [0.0]]) == 0.0)
        run = int(np.diff(cuts).max())
        return min(run, self.window) if self.window else run

    def keeps(self, rows: tuple[int, int], columns: tuple[int, int]) -> bool:
        """Whether any term (t, k) with t in ``rows`` and k in ``columns``, ends included, is kept."""
        # Of all of these, the shortest passes no edge that another does not.
        return rows[0] <= columns[1] or self.weight(rows[0], columns[1]) != 0.0

    def weight(self, t: int, k: int) -> float:
        """The weight of term (t, k), k ≤ t."""
        if self.window and t - k >= self.window:
            return 0.0
        return 1.0 if self.xi is None else float(np.prod(self.xi[k + 1 : t + 1]))

    @cached_property
    def weights(self) -> Array:
        """The weights of all terms, [T, T]: row t, column k; zero above the diagonal."""
        weights = np.tri(self.steps) - np.tri(self.steps, k=-self.window) if self.window else np.tri(self.steps)
        if self.xi is not None:
            for row in range(1, self.steps):
                weights[row, :row] = self.xi[row + 1] * weights[row - 1, :row]
        return weights

    def of_loss(self, t: int) -> Truncation:
        """The weights of the terms of L_t alone, for the sequence up to t: a window is then a cut edge."""
        xi = np.ones(t + 1) if self.xi is None else self.xi[: t + 1].copy()
        if self.window and t > self.window:
            xi[t - self.window + 1] = 0.0
        return Truncation(t, xi)

    def starting_at(self, first: int, last: int) -> Truncation:
        """The same weights for steps first..last counted from 1."""
        xi = None if self.xi is None else self.xi[first - 1 : last + 1]
        return Truncation(last - first + 1, xi, self.window)


def of(table: BackwardTable, steps: int) -> Truncation:
    """The truncation that ``[backward]`` asks for over ``steps`` steps."""
    match table.strategy:
        case "window":
            return Truncation(steps, window=table.length or steps)
        case "segments":
            j = np.arange(steps + 1)
            return Truncation(steps, np.where((j - 1) % (table.length or steps) == 0, 0.0, 1.0))
        case "randomized":
            if table.xi is not None:
                return Truncation(steps, np.array([1.0, *table.xi]))
            return Truncation(steps, draw(table.probability or 1.0, steps, np.random.default_rng(table.seed)))
    return Truncation(steps)


def draw(probability: float, steps: int, generator: np.random.Generator) -> Array:
    """ξ_j = 1/π with probability π, else 0, so that E ξ_j = 1; [T + 1], of which 0 and 1 are not used."""
    kept = generator.random(steps + 1) < probability
    return np.where(kept, 1.0 / probability, 0.0)
