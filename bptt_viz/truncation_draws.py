"""The mean of many draws of the randomized truncation, on its way to the full gradient. Imports ``sweep``.

Every draw has ξ_j = 1/π with probability π, else 0, so E ξ_j = 1; the ξ of different edges are independent, so the
expected weight ∏ ξ_j of every term is 1 too, and the mean of the gradients goes to the full one as 1/√N.

All draws go through one backward sweep, an adjoint each, as all that is done to an adjoint is linear in it.

Source: Tallec & Ollivier, *Unbiasing truncated backpropagation through time* (2017), §3: a probability at each edge.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from bptt_viz import truncation
from bptt_viz.cells import X
from bptt_viz.equations import reads
from bptt_viz.multiply_adds import of_gradients
from bptt_viz.sweep import AtStep, pull_back, uses
from bptt_viz.truncation import Truncation

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.activations import Array
    from bptt_viz.equations import Equation
    from bptt_viz.tracing import Trace

#: Draws whose mean is looked at, and the fewest where they take long.
DRAWS: Final = 2_000
_FEWEST: Final = 100
#: How many numbers the gradients of all draws may have (32 MB), and those of one sweep; multiply-adds of all sweeps.
_NUMBERS: Final = 4_000_000
_TOGETHER: Final = 2_000_000
_WORK: Final = 2_000_000_000
#: The most sweeps: however few the numbers, each step of one has its price.
_SWEEPS: Final = 4
#: Steps after which somebody may stop a sweep.
_OFTEN: Final = 16
#: Points of a curve.
_POINTS: Final = 240


class Convergence(Struct, frozen=True, eq=False):
    """What a mean over the draws 1..N is, for growing N; [P] each.

    Attributes
    ----------
    counts
        N: every number of draws up to some, then spread evenly over the logarithm.
    values
        The mean, or for all entries together the distance of the mean from the full gradient.
    errors
        The standard error of the mean; of all entries together, the root of the sum of its squares. NaN at N = 1.
    exact
        The full gradient's entry; 0 for all entries together.
    """

    counts: Array
    values: Array
    errors: Array
    exact: float

    @property
    def logarithms(self) -> Array:
        """log₁₀ N, [P]."""
        return np.log10(self.counts)


class Draws:
    """The gradient of one parameter in draws with seeds first, first + 1, ….

    Parameters
    ----------
    gradients
        Of the draws, [N, *shape].
    full
        The full gradient.
    xi_means
        The mean of all ξ drawn up to the n-th draw, [N]; empty where there is no edge.
    """

    def __init__(self, gradients: Array, full: Array, xi_means: Array) -> None:
        self.gradients = gradients
        self.full = full
        self.xi_means = xi_means

    @property
    def count(self) -> int:
        """N."""
        return len(self.gradients)

    def mean(self, count: int) -> Array:
        """The mean of the first ``count`` draws, of the parameter's shape."""
        mean: Array = self.gradients[:count].mean(axis=0)
        return mean

    def after(self, count: int, entry: tuple[int, ...] | None) -> tuple[float, float]:
        """What :meth:`convergence` has at N = ``count``: the value and its standard error."""
        some = Draws(self.gradients[:count], self.full, self.xi_means[:count])
        path = some.convergence(entry)
        return float(path.values[-1]), float(path.errors[-1])

    def convergence(self, entry: tuple[int, ...] | None) -> Convergence:
        """How the mean of one entry goes to the full gradient's, or for None all together."""
        counts, errors, sums = self.counts, self._errors, self._sums
        if entry is None:
            distances = np.sqrt(((sums / counts[:, None]) ** 2).sum(axis=1))
            return Convergence(counts, distances, np.sqrt((errors**2).sum(axis=1)), 0.0)
        index = int(np.ravel_multi_index(entry, self.full.shape))
        exact = float(self.full[entry])
        return Convergence(counts, exact + sums[:, index] / counts, errors[:, index], exact)

    @cached_property
    def counts(self) -> Array:
        """The N that curves have points for, [P]."""
        spread = np.geomspace(1, self.count, min(_POINTS, self.count))
        return np.unique(np.concatenate([np.rint(spread), [self.count]]).astype(int))

    @cached_property
    def _from_full(self) -> Array:
        """What a draw differs by from the full gradient: small sums, so that little cancels; [N, size]."""
        return (self.gradients - self.full).reshape(self.count, -1)

    @cached_property
    def _sums(self) -> Array:
        sums: Array = np.cumsum(self._from_full, axis=0)[self.counts - 1]
        return sums

    @cached_property
    def _errors(self) -> Array:
        """The standard errors of all entries' means, [P, size]."""
        counts = self.counts[:, None]
        squares = np.cumsum(self._from_full**2, axis=0)[self.counts - 1]
        with np.errstate(invalid="ignore", divide="ignore"):
            variances = np.maximum(squares - self._sums**2 / counts, 0.0) / (counts - 1)
            errors: Array = np.sqrt(np.where(counts > 1, variances, np.nan) / counts)
            return errors


def how_many(trace: Trace, parameter: str) -> int:
    """How many draws are made for a parameter: :data:`DRAWS`, or fewer where they take long or much room."""
    cost = of_gradients(trace.network, trace.has_target, Truncation(trace.T))
    most = min(_NUMBERS // trace.parameters[parameter].size, _WORK // max(cost, 1))
    most = min(most, _SWEEPS * _together(trace, parameter))
    return max(min(DRAWS, most), _FEWEST)


def _together(trace: Trace, parameter: str) -> int:
    """How many draws go through one sweep."""
    longest: int = max(trace.parameters[parameter].shape)
    return max(_TOGETHER // (trace.T + longest), 1)


@np.errstate(all="ignore")
def draws(
    trace: Trace,
    parameter: str,
    probability: float,
    first_seed: int,
    count: int,
    progress: Callable[[int], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Draws | None:
    """``count`` draws of a trace's forward pass, whatever its own truncation; None if it was cancelled.

    Parameters
    ----------
    progress
        Told every so often how many draws are done.
    cancelled
        Asked every so often whether to stop.
    """
    steps, shape = trace.T, trace.parameters[parameter].shape
    together = _together(trace, parameter)
    seeds = range(first_seed, first_seed + count)
    found, sums = np.empty((count, *shape)), np.empty(count)
    for first in range(0, count, together):
        drawn = seeds[first : first + together]

        def stop(done: int = first) -> bool:
            progress(done)
            return cancelled()

        xi = np.stack([truncation.draw(probability, steps, np.random.default_rng(seed)) for seed in drawn])
        sums[first : first + len(drawn)] = xi[:, 2:].sum(axis=1)
        gradients = gradients_of(trace, parameter, xi, stop)
        if gradients is None:
            return None
        found[first : first + len(drawn)] = gradients
        progress(first + len(drawn))
        if cancelled():
            return None
    full = gradients_of(trace, parameter, np.ones((1, steps + 1)), cancelled)
    if full is None:
        return None
    numbers = np.arange(1, count + 1) * (steps - 1)
    return Draws(found, full[0], np.cumsum(sums) / numbers if steps > 1 else np.empty(0))


@np.errstate(all="ignore")
def gradients_of(
    trace: Trace, parameter: str, xi: Array, cancelled: Callable[[], bool] = lambda: False
) -> Array | None:
    """The gradient of a parameter for each of B lists of ξ, [B, *shape]; None if it was cancelled.

    Parameters
    ----------
    xi
        ξ_j at index j of a row, [B, T + 1]; indices 0 and 1 are not used.
    """
    network, parameters, batch = trace.network, trace.parameters, len(xi)
    total = np.zeros((batch, *parameters[parameter].shape))
    pending = _Pending(total)
    carried: list[dict[str, Array]] = [{} for _ in network.cells]
    for k in range(trace.T, 0, -1):
        values = [layer.values for layer in trace.layers]
        scope = AtStep(values[-1], parameters, k)
        dL_do = trace.dL_do[k - 1]
        pending.add(network.output, parameter, dL_do, None, scope)
        ((_, from_above),) = network.output.right.pullback(dL_do, None, scope)
        cells = network.cells_at(k)
        for layer in reversed(range(len(cells))):
            equations = cells[layer].equations
            outputs = {equation.name: values[layer][equation.name][k] for equation in equations}
            scope = AtStep(values[layer], parameters, k)
            incoming = dict(carried[layer])
            incoming["h"] = from_above + incoming["h"] if "h" in incoming else from_above
            pulled = pull_back(equations, incoming, outputs, scope)
            edge = xi[:, k, None]
            # ∞ is cut off as everything else.
            carried[layer] = {name: np.where(edge != 0, rows * edge, 0.0) for name, rows in pulled.items()}
            for equation in equations:
                pending.add(equation, parameter, incoming[equation.name], outputs[equation.name], scope)
            from_above = incoming[X.name]
        if k % _OFTEN == 0 and cancelled():
            return None
    pending.sum_up()
    return total


class _Pending:
    """Uses of a parameter that are multiplied out together and added to ``total``, [B, *shape]."""

    def __init__(self, total: Array) -> None:
        self._total = total
        self._adjoints: list[Array] = []
        self._operands: list[Array] = []
        batch, out = total.shape[:2]
        self._most = max(_TOGETHER // (batch * out), 1)

    def add(self, equation: Equation, parameter: str, adjoint: Array, output: Array | None, scope: AtStep) -> None:
        """What an equation adds, if it uses the parameter; ``adjoint`` is [out] where it is the same for all draws."""
        if not reads(equation.right, parameter):
            return
        for name, use in uses(equation.right, adjoint, output, scope):
            if name != parameter:
                continue
            self._adjoints.append(np.broadcast_to(use.adjoint, self._total.shape[:2]))
            if use.operand is not None:
                self._operands.append(use.operand)
        if len(self._adjoints) >= self._most:
            self.sum_up()

    def sum_up(self) -> None:
        """Multiply out what there is."""
        if not self._adjoints:
            return
        adjoints = np.stack(self._adjoints)
        if self._operands:
            flat = adjoints.reshape(len(adjoints), -1).T @ np.stack(self._operands)
            self._total += flat.reshape(self._total.shape)
        else:
            self._total += adjoints.sum(axis=0)
        self._adjoints, self._operands = [], []
