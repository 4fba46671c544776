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

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bptt_viz.activations import Array
    from bptt_viz.equations import Expression
    from bptt_viz.network import Network


class Column(Struct, frozen=True, eq=False):
    """The terms (t, k) of one parameter for one k and all t = k..T.

    Attributes
    ----------
    adjoints
        Row t − k is ∂L_t/∂(the affine result at k), [T − k + 1, out].
    operand
        What the matrix acted on at k, [in]; None for a bias.
    """

    k: int
    parameter: str
    adjoints: Array
    operand: Array | None

    def term(self, t: int) -> Array:
        """Term (t, k) itself, of the parameter's shape."""
        adjoint = self.adjoints[t - self.k]
        return adjoint if self.operand is None else np.outer(adjoint, self.operand)

    def norms(self) -> Array:
        """The Frobenius norms of the terms, [T − k + 1]: rank one, so a product of two norms."""
        lengths = _lengths(self.adjoints)
        return lengths if self.operand is None else lengths * _lengths(self.operand)


def _lengths(rows: Array) -> Array:
    """Euclidean norms along the last axis; squares neither overflow nor vanish, as terms far from the diagonal do."""
    largest = np.abs(rows).max(axis=-1, keepdims=True, initial=0.0)
    scale = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
    lengths: Array = np.linalg.norm(rows / scale, axis=-1) * scale[..., 0]
    return lengths


def columns(network: Network, values: Sequence[Mapping[str, Array]], dL_do: Array) -> Iterator[Column]:
    """Every column of every parameter's ledger, k = T..1.

    Parameters
    ----------
    values
        Each layer's results, as :func:`bptt_viz.sweep.forward` returned them.
    dL_do
        ∂L/∂o_t, [T, K].
    """
    parameters = network.parameters
    carried: list[dict[str, Array]] = [{} for _ in network.cells]
    for k in range(len(dL_do), 0, -1):
        own_loss_only = np.zeros((len(dL_do) - k + 1, dL_do.shape[1]))
        own_loss_only[0] = dL_do[k - 1]
        scope = AtStep(values[-1], parameters, k)
        yield from _columns_at(k, network.output.right, own_loss_only, None, scope)
        ((_, from_above),) = network.output.right.pullback(own_loss_only, None, scope)
        for layer in reversed(range(len(network.cells))):
            equations = network.cells[layer].equations
            outputs = {equation.name: values[layer][equation.name][k] for equation in equations}
            scope = AtStep(values[layer], parameters, k)
            incoming = {name: _below_a_zero_row(rows) for name, rows in carried[layer].items()}
            incoming["h"] = from_above + incoming["h"] if "h" in incoming else from_above
            carried[layer] = pull_back(equations, incoming, outputs, scope)
            for equation in equations:
                adjoint, output = incoming[equation.name], outputs[equation.name]
                yield from _columns_at(k, equation.right, adjoint, output, scope)
            from_above = incoming[X.name]


def _columns_at(
    k: int, expression: Expression, adjoints: Array, output: Array | None, scope: AtStep
) -> Iterator[Column]:
    for parameter, use in uses(expression, adjoints, output, scope):
        yield Column(k, parameter, use.adjoint, use.operand)


def _below_a_zero_row(rows: Array) -> Array:
    """Later losses' adjoints, with the row of L_k, which nothing after k reaches."""
    return np.concatenate([np.zeros((1, rows.shape[1])), rows])


def triangle(network: Network, values: Sequence[Mapping[str, Array]], dL_do: Array) -> dict[str, Array]:
    """The norms of all terms: name → [T, T], row t, column k, zero above the diagonal."""
    steps = len(dL_do)
    norms = {name: np.zeros((steps, steps)) for name in network.parameters}
    for column in columns(network, values, dL_do):
        norms[column.parameter][column.k - 1 :, column.k - 1] = column.norms()
    return norms
