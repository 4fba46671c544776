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
    def cells(self) -> System:
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
        return factors.step(self._shape, self.cells)


class OfParameter:
    """What is derived for one parameter of a network."""

    def __init__(self, shape: Shape) -> None:
        self.network = of_network(structs.replace(shape, parameter="", steps=0))
        self._shape = shape

    @cached_property
    def upward(self) -> Factor:
        """∂h_t/∂h⁽¹⁾_t, from the layer that reads the parameter up."""
        return factors.upward(self._shape, self.network.cells)

    @cached_property
    def direct(self) -> Factor:
        """∂⁺h_t/∂θ, or ∂⁺o_t/∂θ."""
        return direct(self._shape, self.network.cells, self.network.output_layer)


@lru_cache(_KEPT)
def of_network(shape: Shape) -> OfNetwork:
    """Kept for a shape without parameter and steps."""
    return OfNetwork(shape)


@lru_cache(_KEPT)
def of_parameter(shape: Shape) -> OfParameter:
    """Kept for a shape, whatever its steps."""
    return OfParameter(shape)


def terms(window: Window) -> Iterator[Term]:
    """Each term as soon as it is there, in the order of :meth:`bptt_viz.derivation.window.Window.pairs`.

    The caller may stop after any of them, and what was derived until then is kept.
    """
    deriver = _InWindow(window)
    for t, k in window.pairs():
        yield deriver.term(t, k)


class _InWindow:
    """Makes the terms of one window; positions count from 1 within it."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._expansion = Expansion(window.shape)
        self._made: dict[tuple[str, int], Jacobian] = {}
        with np.errstate(all="ignore"):
            self._values = Values(window.shape, window.numbers)

    def term(self, t: int, k: int) -> Term:
        """Term (t, k)."""
        shape = self._window.shape
        chain = [(self._network(t).loss, t)]
        if not of_output(shape):
            chain += [(self._network(t).output, t), *((self._network(j).step, j) for j in range(t, k, -1))]
            chain += [(self._parameter(k).upward, k)] if len(shape.cells) > 1 else []
        chain.append((self._parameter(k).direct, k))
        with np.errstate(all="ignore"):
            jacobians = tuple(self._at(factor, position) for factor, position in chain)
            numbers = self._window.numbers
            row = jacobians[0].blocks[0].value[0] * numbers.factor
            value = product(row, jacobians[1:], numbers.parameters[shape.parameter].shape)
        before = self._window.first - 1
        expanded = self._expansion.written(chain, before)
        return Term(before + t, before + k, jacobians, value, expanded and (*mean(self._window), *expanded))

    def _network(self, position: int) -> OfNetwork:
        return self._parameter(position).network

    def _parameter(self, position: int) -> OfParameter:
        return of_parameter(self._window.shape.at(position))

    def _at(self, factor: Factor, position: int) -> Jacobian:
        key = (factor.kind, position)
        if key not in self._made:
            self._made[key] = factor.at(self._values, position, self._window.first - 1 + position)
        return self._made[key]
