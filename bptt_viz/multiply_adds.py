"""What the gradients of a network cost, in multiply-adds of the backward pass. Imports ``network`` and ``truncation``.

A multiply-add is a product of two numbers that is added to a sum. Counted are those with matrices,

- Mᵀ · adjoint, M's size for each adjoint that goes to a vector somebody needs it of, and
- adjoint ⊗ operand, M's size for each step at which the parameter is used and a loss is to be told of it,

as the equations have them, whatever the cell. Not counted: the forward pass, which is the same for all truncations;
products of vectors entry by entry and biases, H each; and what no parameter's gradient needs: ∂L/∂x of the bottom
layer, adjoints that are 0 as no loss reaches the step, and those that an edge or a window lets go no further.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bptt_viz.cells import X
from bptt_viz.equations import Variable, affines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.activations import Array
    from bptt_viz.equations import Expression
    from bptt_viz.network import Network
    from bptt_viz.tracing import Mask
    from bptt_viz.truncation import Truncation


def of_gradients(network: Network, has_target: Mask, truncation: Truncation) -> int:
    """The multiply-adds that all parameters' gradients take under a truncation.

    Adjoints of several losses are summed and go on as one, unless there is a window, which keeps them apart.

    Parameters
    ----------
    has_target
        Whether step t has a loss, [T].
    """
    there, on = adjoints(has_target, truncation)
    total = 0
    for affine in affines(network.output.right):
        for matrix, _ in affine.terms:
            total += 2 * network.parameters[matrix].size * int(has_target.sum())
    for stage in network.stages(len(has_target)):
        at = slice(stage.first - 1, stage.last)
        used, pulled, passed = int((there[at] > 0).sum()), int(there[at].sum()), int(on[at].sum())
        for layer, cell in enumerate(stage.cells):
            for equation in cell.equations:
                for affine in affines(equation.right):
                    for matrix, vector in affine.terms:
                        read = set(_variables(vector))
                        if any(one != X and not one.lag for one in read) or (X in read and layer > 0):
                            rows = pulled
                        else:
                            rows = passed if any(one.lag for one in read) else 0
                        total += network.parameters[matrix].size * (used + rows)
    return total


def adjoints(has_target: Mask, truncation: Truncation) -> tuple[Array, Array]:
    """How many adjoints there are at each step k, and how many of them go on to step k − 1, [T] both."""
    steps = len(has_target)
    if truncation.window:
        before = np.concatenate([[0], np.cumsum(has_target)])
        first = np.arange(steps)
        there = before[np.minimum(first + truncation.window, steps)] - before[first]
        on = before[np.minimum(first + truncation.window - 1, steps)] - before[first]
    else:
        there, on = np.zeros(steps, dtype=int), np.zeros(steps, dtype=int)
        reached = False
        for k in range(steps, 0, -1):
            reached = reached or bool(has_target[k - 1])
            there[k - 1] = reached
            reached = reached and truncation.edge(k) != 0.0
            on[k - 1] = reached
    on[0] = 0
    return there, on


def _variables(expression: Expression) -> Iterator[Variable]:
    if isinstance(expression, Variable):
        yield expression
    for operand in expression.operands:
        yield from _variables(operand)
