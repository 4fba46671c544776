"""The terms of a window, one after the other, from factors that are kept for the network's shape. Imports ``factors``.

What depends on no parameter is kept for all of them; new numbers derive nothing anew.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import structs

from bptt_viz.derivation.naming import of_output
from bptt_viz.derivation.outline import mean
from bptt_viz.derivation.products import product
from bptt_viz.derivation.result import Term
from bptt_viz.derivation.symbolic import factors, system
from bptt_viz.derivation.symbolic.direct import direct
from bptt_viz.derivation.symbolic.expansion import Expansion
from bptt_viz.derivation.symbolic.numeric import Values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.derivation.result import Jacobian
    from bptt_viz.derivation.symbolic.patterns import Factor
    from bptt_viz.derivation.symbolic.system import System
    from bptt_viz.derivation.window import Shape, Window

#: How many shapes are kept.
_KEPT: Final = 64


class OfNetwork:
    """What is derived for a network, whatever the parameter; each factor when it is first asked for."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    @cached_property
    def cell(self) -> System:
        """The equations of a step, entry by entry; none of a large network."""
        return system.step(self._shape) if factors.is_small(self._shape) else system.NOTHING

    @cached_property
    def output_layer(self) -> System:
        """The equation of the output, entry by entry; none of a large network."""
        return system.output(self._shape) if factors.is_small(self._shape) else system.NOTHING

    @cached_property
    def loss(self) -> Factor:
        """∂L_t/∂o_t."""
        return factors.loss(self._shape)

    @cached_property
    def output(self) -> Factor:
        """∂o_t/∂h_t."""
        return factors.output(self._shape, self.output_layer)

    @cached_property
    def step(self) -> Factor:
        """∂h_t/∂h_{t−1}."""
        return factors.step(self._shape, self.cell)


class OfParameter:
    """What is derived for one parameter of a network."""

    def __init__(self, shape: Shape) -> None:
        self.network = of_network(structs.replace(shape, parameter="", steps=0))
        self._shape = shape

    @cached_property
    def direct(self) -> Factor:
        """∂⁺h_t/∂θ, or ∂⁺o_t/∂θ."""
        return direct(self._shape, self.network.cell, self.network.output_layer)

    @cached_property
    def expansion(self) -> Expansion:
        """The terms of networks of single numbers, written out."""
        return Expansion(self._shape)


@lru_cache(_KEPT)
def of_network(shape: Shape) -> OfNetwork:
    """Kept for a shape without parameter and steps."""
    return OfNetwork(shape)


@lru_cache(_KEPT)
def of_parameter(shape: Shape) -> OfParameter:
    """Kept for a shape, whatever its steps."""
    return OfParameter(shape)


def terms(window: Window) -> Iterator[Term]:
    """Each term as soon as it is there, in the order of the backward pass: k falls, and for each k, t rises.

    Terms (t, k) of a step t without a target are left out; all their entries would be 0. The caller may
    stop after any of them, and what was derived until then is kept.

    Raises
    ------
    NotImplementedError
        If the network has several layers.
    """
    shape = window.shape
    if len(shape.cells) > 1:
        raise NotImplementedError(f"layers: expected 1, found {len(shape.cells)}")
    deriver = _InWindow(window)
    steps = range(1, shape.steps + 1)
    for k in reversed(steps):
        for t in (k,) if of_output(shape) else steps[k - 1 :]:
            if window.numbers.has_target[t - 1]:
                yield deriver.term(t, k)


class _InWindow:
    """Makes the terms of one window; positions count from 1 within it."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._derived = of_parameter(structs.replace(window.shape, steps=0))
        self._made: dict[tuple[str, int], Jacobian] = {}
        with np.errstate(all="ignore"):
            self._values = Values(window.shape, window.numbers)

    def term(self, t: int, k: int) -> Term:
        """Term (t, k)."""
        network = self._derived.network
        chain = [(network.loss, t)]
        if not of_output(self._window.shape):
            chain += [(network.output, t), *((network.step, j) for j in range(t, k, -1))]
        chain.append((self._derived.direct, k))
        with np.errstate(all="ignore"):
            jacobians = tuple(self._at(factor, position) for factor, position in chain)
            numbers = self._window.numbers
            row = jacobians[0].blocks[0].value[0] * numbers.factor
            value = product(row, jacobians[1:], numbers.parameters[self._window.shape.parameter].shape)
        before = self._window.first - 1
        expanded = self._derived.expansion.written(chain, before)
        return Term(before + t, before + k, jacobians, value, expanded and (*mean(self._window), *expanded))

    def _at(self, factor: Factor, position: int) -> Jacobian:
        key = (factor.kind, position)
        if key not in self._made:
            self._made[key] = factor.at(self._values, position, self._window.first - 1 + position)
        return self._made[key]
