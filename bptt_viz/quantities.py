"""Which number is meant: references to quantities and their entries, hashable. Imports nothing of the package.

A reference holds no value; ``reasons`` finds the value, the formula and the sources.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct


class Given(Struct, frozen=True):
    """What a scenario gives or its initial values draw: a parameter (``t`` is 0), or at ``t`` ``x``, ``y`` or ``xi``.

    ``xi`` is what truncation multiplies by where the gradient goes from step t to the one before.
    """

    name: str
    t: int = 0


class Result(Struct, frozen=True):
    """What the forward pass computes at ``t``: an equation's result, or ``o``, ``y_hat``, ``L``.

    ``layer`` counts from 0; None for the output layer and what follows it. ``t`` 0 is what was given before t = 1.
    """

    name: str
    t: int
    layer: int | None = None


class Adjoint(Struct, frozen=True):
    """∂L/∂(what ``name`` is at ``t``), or with a ``loss`` the part of it that comes from L_loss alone."""

    name: str
    t: int
    layer: int | None = None
    loss: int = 0


class Normaliser(Struct, frozen=True):
    """Σ_k exp(o_t)_k, what softmax divides by at ``t``; with large logits, of their differences from the largest."""

    t: int


class Contribution(Struct, frozen=True):
    """∂⁺L/∂θ at ``t``."""

    parameter: str
    t: int


class Accumulated(Struct, frozen=True):
    """∇θ as it stands after backward step ``t``; at t = 1 the whole gradient, at T + 1, before the sweep, 0."""

    parameter: str
    t: int


class Update(Struct, frozen=True):
    """A parameter's part in the update: the clipped gradient, η times it, or the new value."""

    kind: Literal["clipped", "step", "new"]
    parameter: str


class Single(Struct, frozen=True):
    """A number that there is one of: L, η, the norm of all gradients, and what clipping does to it."""

    name: Literal["L", "rate", "norm", "threshold", "clip_factor", "clipped_norm"]


class TermSum(Struct, frozen=True):
    """Σ of the chain-rule terms (t, k) of a parameter over t in ``rows`` and k in ``columns``, ends included.

    As a number without an entry it is the Frobenius norm of that sum. A single term has both ranges of length 1.
    """

    parameter: str
    rows: tuple[int, int]
    columns: tuple[int, int]


class Reach(Struct, frozen=True):
    """∂h_t/∂h_k of a layer, from 0, k ≤ t; as a number without an entry its spectral norm."""

    layer: int
    t: int
    k: int


class Row(Struct, frozen=True):
    """A row of a step's working that has no name of its own: part ``index`` at ``position`` of the timeline."""

    position: int
    parameter: str
    index: int


#: The ``factor`` of a :class:`Derived` that is a running sum.
SUM: Final = -2


class Derived(Struct, frozen=True):
    """A block of a factor of the derivation's term (t, k).

    ``factor`` −1 is the term's value, :data:`SUM` the sum of all terms up to it in the derivation's order.
    """

    parameter: str
    t: int
    k: int
    factor: int = -1
    block: int = 0


Quantity = (
    Given
    | Result
    | Adjoint
    | Normaliser
    | Contribution
    | Accumulated
    | Update
    | Single
    | TermSum
    | Reach
    | Row
    | Derived
)


class Number(Struct, frozen=True):
    """One number: a quantity and which entry of it, from 0; no entry where the quantity is a single number."""

    quantity: Quantity
    entry: tuple[int, ...] = ()
