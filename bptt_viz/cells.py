"""The cells, each as its equations, and the output layer. Imports only ``equations``.

A new cell is a new row of ``CELLS``: shapes, forward and backward pass, steps and formulas follow.
"""

from __future__ import annotations

from typing import Final, Protocol

from msgspec import Struct

from bptt_viz.equations import Activation, Affine, Equation, Variable

#: The layer's input at t and its hidden state before t.
X: Final = Variable("x")
H_PREVIOUS: Final = Variable("h", lag=1)


class Cell(Struct, frozen=True):
    """One layer's recurrence.

    Attributes
    ----------
    equations
        In the order in which a step computes them; the last of ``states`` is read by other layers.
    states
        The variables that reach the next step, besides the given h₀ all starting at 0.
    pre_activations
        The variables whose adjoint is the error term δ (the net-input convention).
    """

    equations: tuple[Equation, ...]
    states: tuple[str, ...]
    pre_activations: tuple[str, ...]


def rnn(activation: str, *, bias: bool) -> Cell:
    """The plain cell: a = U x + W h⁻ + b, h = φ(a).

    Source: Goodfellow, Bengio & Courville, *Deep Learning* (2016), eqs. 10.8 and 10.9.
    """
    a = Affine((("U", X), ("W", H_PREVIOUS)), "b" if bias else None)
    h = Activation(activation, Variable("a"))
    return Cell((Equation("a", a), Equation("h", h)), states=("h",), pre_activations=("a",))


class CellMaker(Protocol):
    """Makes a cell of one kind."""

    def __call__(self, activation: str, *, bias: bool) -> Cell:
        """The cell with a given φ, with or without biases."""
        ...


#: Cell kind of a scenario → its equations, from the φ and whether there are biases.
CELLS: Final[dict[str, CellMaker]] = {"rnn": rnn}


def output_layer(*, bias: bool) -> Equation:
    """The logits: o = V h + c (*Deep Learning*, eq. 10.10)."""
    return Equation("o", Affine((("V", Variable("h")),), "c" if bias else None))
