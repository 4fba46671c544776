"""The cells, each as its equations, and the output layer. Imports only ``equations``.

A new cell is a new row of ``CELLS``: shapes, forward and backward pass, steps and formulas follow.

The logits of the output layer are o, so the LSTM's output gate is q here, as in *Deep Learning*, eq. 10.43; its
parameters keep the names U_o, W_o and b_o of the scenario format.
"""

from __future__ import annotations

from typing import Final, Protocol

from msgspec import Struct

from bptt_viz.equations import Activation, Affine, Equation, Expression, OneMinus, Product, Sum, Variable

#: The layer's input at t and its hidden state before t.
X: Final = Variable("x")
H_PREVIOUS: Final = Variable("h", lag=1)
#: The output gate of the LSTM, the one whose pre-activation and parameters bear another letter.
OUTPUT_GATE: Final = "q"


class Cell(Struct, frozen=True, cache_hash=True):
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


class Options(Struct, frozen=True):
    """What a scenario says of its cells.

    Attributes
    ----------
    suffix
        What the names of the parameters end in: the layer and the group, ``_2``, ``_dec``, ``_2_dec``, or nothing.
    """

    activation: str = "tanh"
    bias: bool = True
    reset: str = "before"
    suffix: str = ""

    def affine(self, vector: Expression = H_PREVIOUS, gate: str = "") -> Affine:
        """U x + W v + b, of a gate U_• x + W_• v + b_•."""
        return Affine(((self.name("U", gate), X), (self.name("W", gate), vector)), self.bias_name(gate))

    def name(self, matrix: str, gate: str = "") -> str:
        """A parameter's name: ``U``, ``W_f``, ``W_f_2_dec``."""
        return f"{matrix}_{gate}{self.suffix}" if gate else f"{matrix}{self.suffix}"

    def bias_name(self, gate: str = "") -> str | None:
        """The bias's name, if there are biases."""
        return self.name("b", gate) if self.bias else None


def rnn(options: Options) -> Cell:
    """The plain cell: a = U x + W h⁻ + b, h = φ(a).

    Source: Goodfellow, Bengio & Courville, *Deep Learning* (2016), eqs. 10.8 and 10.9.
    """
    h = Activation(options.activation, Variable("a"))
    return Cell((Equation("a", options.affine()), Equation("h", h)), states=("h",), pre_activations=("a",))


def lstm(options: Options) -> Cell:
    """i, f, q = σ(…), g = tanh(…), s = f ⊙ s⁻ + i ⊙ g, h = q ⊙ tanh(s).

    Sources: Hochreiter & Schmidhuber, *Long short-term memory* (1997); Gers, Schmidhuber & Cummins (2000) for the
    forget gate; *Deep Learning*, eqs. 10.40 to 10.44.
    """
    s, s_previous = Variable("s"), Variable("s", lag=1)
    gates = (("i", "i", "sigmoid"), ("f", "f", "sigmoid"), ("g", "g", "tanh"), (OUTPUT_GATE, "o", "sigmoid"))
    equations = [one for name, gate, function in gates for one in _gate(options, name, gate, function)]
    kept, added = Product(Variable("f"), s_previous), Product(Variable("i"), Variable("g"))
    equations += [Equation("s", Sum(kept, added)), Equation("h", Product(Variable(OUTPUT_GATE), Activation("tanh", s)))]
    return Cell(tuple(equations), states=("s", "h"), pre_activations=tuple(f"a_{gate}" for _, gate, _ in gates))


def gru(options: Options) -> Cell:
    """r, z = σ(…), n = tanh(…), h = (1 − z) ⊙ n + z ⊙ h⁻; ``reset`` says where r acts.

    ``before`` the matrix, n = tanh(U_n x + W_n (r ⊙ h⁻) + b_n): Cho et al., *Learning phrase representations using RNN
    encoder–decoder* (2014). ``after`` it, n = tanh(U_n x + b_n + r ⊙ (W_n h⁻ + b_hn)): as cuDNN and PyTorch compute it.
    """
    r, z, n = (Variable(name) for name in "rzn")
    equations = [one for gate in "rz" for one in _gate(options, gate, gate, "sigmoid")]
    if options.reset == "before":
        a_n: Expression = options.affine(Product(r, H_PREVIOUS), "n")
    else:
        inner = Affine(((options.name("W", "n"), H_PREVIOUS),), options.bias_name("hn"))
        a_n = Sum(Affine(((options.name("U", "n"), X),), options.bias_name("n")), Product(r, inner))
    h = Sum(Product(OneMinus(z), n), Product(z, H_PREVIOUS))
    equations += [Equation("a_n", a_n), Equation("n", Activation("tanh", Variable("a_n"))), Equation("h", h)]
    return Cell(tuple(equations), states=("h",), pre_activations=("a_r", "a_z", "a_n"))


def _gate(options: Options, name: str, gate: str, function: str) -> tuple[Equation, Equation]:
    """a_• = U_• x + W_• h⁻ + b_• and the gate itself."""
    pre_activation = Variable(f"a_{gate}")
    return (
        Equation(pre_activation.name, options.affine(gate=gate)),
        Equation(name, Activation(function, pre_activation)),
    )


class CellMaker(Protocol):
    """Makes a cell of one kind."""

    def __call__(self, options: Options) -> Cell:
        """The cell as a scenario wants it."""
        ...


#: Cell kind of a scenario → its equations.
CELLS: Final[dict[str, CellMaker]] = {"rnn": rnn, "lstm": lstm, "gru": gru}


def output_layer(*, bias: bool) -> Equation:
    """The logits: o = V h + c (*Deep Learning*, eq. 10.10)."""
    return Equation("o", Affine((("V", Variable("h")),), "c" if bias else None))
