"""The ledger of chain-rule terms (t, k): what L_t adds through step k's use of a parameter. Imports ``sweep``.

∇θ = Σ_t Σ_{k≤t} (t, k). One backward sweep finds all of them, with a batch of adjoints, one row per
loss: O(T² H²) as matrix products, O(T H) memory besides what the caller keeps.

Source: Pascanu, Mikolov & Bengio, *On the difficulty of training recurrent neural networks* (2013), eqs. 3–5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from bptt_viz.cells import X
from bptt_viz.sweep import AtStep, pull_back, uses
from bptt_viz.truncation import Truncation

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from bptt_viz.activations import Array
    from bptt_viz.equations import Equation
    from bptt_viz.network import Network


class Column(Struct, frozen=True, eq=False):
    """The terms (t, k) of one parameter for one k and all t = k..T.

    Attributes
    ----------
    adjoints
        Row t − k is ∂L_t/∂(the affine result at k) with the term's weight, [B, out]: B losses reach step k.
    operand
        What the matrix acted on at k, [in]; None for a bias.
    """

    k: int
    parameter: str
    adjoints: Array
    operand: Array | None

    def term(self, t: int) -> Array:
        """Term (t, k) itself, of the parameter's shape."""
        row = t - self.k
        adjoint: Array = self.adjoints[row] if row < len(self.adjoints) else np.zeros(self.adjoints.shape[1])
        return adjoint if self.operand is None else np.outer(adjoint, self.operand)

    def norms(self, adjoints: Array) -> Array:
        """The Frobenius norms of the terms, [B], from the lengths of the adjoints: rank one, so a product of two."""
        return adjoints if self.operand is None else adjoints * lengths(self.operand)


def lengths(rows: Array) -> Array:
    """Euclidean norms along the last axis, [..., n] → [...].

    Squares neither overflow nor vanish, as those of terms far from the diagonal would.
    """
    largest = np.abs(rows).max(axis=-1, keepdims=True, initial=0.0)
    scale = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
    norms: Array = np.linalg.norm(rows / scale, axis=-1) * scale[..., 0]
    return norms


class Reached(Struct, frozen=True, eq=False):
    """An equation at step k with the adjoints that reach it, [B, out]: one row per group of losses, the nearest first.

    Attributes
    ----------
    layer
        The index of the layer, from 0; None for the output layer.
    output
        The equation's value at k, [out]; None for the output layer.
    """

    k: int
    layer: int | None
    equation: Equation
    adjoints: Array
    output: Array | None
    scope: AtStep


def sweep_losses(
    network: Network,
    values: Sequence[Mapping[str, Array]],
    dL_do: Array,
    truncation: Truncation,
    groups_end: Container[int],
    last: int,
    first: int = 1,
) -> Iterator[Reached]:
    """The backward sweep k = last..first with the adjoints of groups of losses kept apart.

    Parameters
    ----------
    values
        Each layer's results, as :func:`bptt_viz.sweep.forward` returned them.
    dL_do
        ∂L/∂o_t, [T, K]; a loss that is not meant has a row of zeros.
    truncation
        The weights of the terms. A window knows single losses only: every step must then end a group.
    groups_end
        The steps at which a group of losses ends: there the sweep meets its first loss. ``last`` is one of them.
    """
    parameters = network.parameters
    carried: list[dict[str, Array]] = [{} for _ in network.cells]
    batch = 0
    for k in range(last, first - 1, -1):
        opens = k in groups_end
        batch += opens
        own_losses = np.zeros((batch, dL_do.shape[1]))
        own_losses[0] = dL_do[k - 1]
        scope = AtStep(values[-1], parameters, k)
        yield Reached(k, None, network.output, own_losses, None, scope)
        from_above = np.zeros((batch, len(values[-1]["h"][k])))
        ((_, from_above[:1]),) = network.output.right.pullback(own_losses[:1], None, scope)
        cells = network.cells_at(k)
        for layer in reversed(range(len(cells))):
            equations = cells[layer].equations
            outputs = {equation.name: values[layer][equation.name][k] for equation in equations}
            scope = AtStep(values[layer], parameters, k)
            incoming = {name: _below_a_zero_row(rows) if opens else rows for name, rows in carried[layer].items()}
            incoming["h"] = from_above + incoming["h"] if "h" in incoming else from_above
            pulled = pull_back(equations, incoming, outputs, scope)
            carried[layer] = _within_window(through_edge(truncation, k, pulled), truncation)
            for equation in equations:
                yield Reached(k, layer, equation, incoming[equation.name], outputs[equation.name], scope)
            from_above = incoming[X.name]
        batch = min(batch, truncation.window - 1) if truncation.window else batch


def through_edge(truncation: Truncation, k: int, carried: dict[str, Array]) -> dict[str, Array]:
    """What flows from step k to the one before, multiplied by ξ_k; ∞ is cut off as everything else."""
    xi = truncation.edge(k)
    if xi == 1.0:
        return carried
    return {name: rows * xi if xi else np.zeros_like(rows) for name, rows in carried.items()}


def _within_window(carried: dict[str, Array], truncation: Truncation) -> dict[str, Array]:
    """Without the adjoints of the loss that is too far away for the step before."""
    return {name: rows[: truncation.window - 1] for name, rows in carried.items()} if truncation.window else carried


def columns(
    network: Network, values: Sequence[Mapping[str, Array]], dL_do: Array, truncation: Truncation | None = None
) -> Iterator[Column]:
    """Every column of every parameter's ledger, k = T..1; a parameter that step k does not use has none there.

    Parameters
    ----------
    values
        Each layer's results, as :func:`bptt_viz.sweep.forward` returned them.
    dL_do
        ∂L/∂o_t, [T, K].
    truncation
        The weights of the terms; None: all terms as they are.
    """
    steps = len(dL_do)
    truncation = truncation or Truncation(steps)
    for reached in sweep_losses(network, values, dL_do, truncation, range(1, steps + 1), steps):
        for parameter, use in uses(reached.equation.right, reached.adjoints, reached.output, reached.scope):
            yield Column(reached.k, parameter, use.adjoint, use.operand)


def window_terms(
    network: Network, values: Sequence[Mapping[str, Array]], dL_do: Array, parameter: str, first: int, last: int
) -> dict[tuple[int, int], Array]:
    """The terms (t, k) of one parameter with ``first`` ≤ k ≤ t ≤ ``last``, each of the parameter's shape.

    It costs what those steps cost, however long the sequence is. Truncation leaves them as they are.
    """
    seen = [{name: rows[first - 1 : last + 1] for name, rows in layer.items()} for layer in values]
    return {
        (t, first - 1 + column.k): column.term(t - first + 1)
        for column in columns(network.starting_at(first), seen, dL_do[first - 1 : last])
        if column.parameter == parameter
        for t in range(first - 1 + column.k, last + 1)
    }


def _below_a_zero_row(rows: Array) -> Array:
    """Later losses' adjoints, with the row of a group that nothing after k reaches."""
    return np.concatenate([np.zeros((1, rows.shape[1])), rows])


def triangle(
    network: Network, values: Sequence[Mapping[str, Array]], dL_do: Array, truncation: Truncation | None = None
) -> dict[str, Array]:
    """The norms of all terms with their weights: name → [T, T], row t, column k, zero above the diagonal."""
    steps = len(dL_do)
    norms = {name: np.zeros((steps, steps)) for name in network.parameters}
    known, adjoints = np.empty(0), np.empty(0)
    for column in columns(network, values, dL_do, truncation):
        # U, W and b of a gate have their adjoints in common, one after the other.
        if column.adjoints is not known:
            known, adjoints = column.adjoints, lengths(column.adjoints)
        first = column.k - 1
        norms[column.parameter][first : first + len(adjoints), first] = column.norms(adjoints)
    return norms
