"""What a derivation gives: plain formulas and arrays, which need no sympy to be read. Imports ``notation`` only.

Everything counts time steps as the sequence does: a window at steps 4..6 has terms (4, 4) .. (6, 6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.notation import Formula

#: ∂L_t/∂o_t, ∂o_t/∂h_t, ∂h_j/∂h_{j−1}, in a stack from a layer up ∂h_k/∂h⁽¹⁾_k, and ∂⁺h_k/∂θ (for V and c: ∂⁺o_k/∂θ).
FactorKind = Literal["loss", "output", "step", "upward", "direct"]


class Block(Struct, frozen=True, eq=False):
    """A matrix that is shown: its symbols beside its numbers.

    Attributes
    ----------
    label
        What it holds: ``∂h₂/∂h₁``; for a direct derivative an entry by letters, ``∂⁺h₂[i]/∂W[i,j]``.
    entries
        Row by row, each entry as SymPy derived it; None where the network is too large to write it out.
    value
        Its numbers, [rows, columns]: SymPy's expressions with the numbers put in.
    form
        Where a factor has blocks of several states, the block's own matrix form; with the first block of a state that
        has one for each unit, the equation of any entry.
    zero
        Whether it is 0 whatever the numbers are.
    """

    label: Formula
    entries: tuple[tuple[Formula, ...], ...] | None
    value: Array
    form: Formula = ()
    zero: bool = False


class Jacobian(Struct, frozen=True, eq=False):
    """One factor of a term.

    Attributes
    ----------
    written
        What it is: ∂h₂/∂h₁.
    form
        Its matrix form: diag(1 − h₂²) W; empty where it is of several states, whose blocks have forms.
    blocks
        Its entries, row by row of blocks: one for every two states; of a direct derivative one for each state, or each
        unit.
    sparse
        Whether entry i of the state depends on row i of the parameter alone, so that one block says it all.
    across
        How many blocks are beside each other.
    """

    kind: FactorKind
    written: Formula
    form: Formula
    blocks: tuple[Block, ...]
    sparse: bool = False
    across: int = 1


class Term(Struct, frozen=True, eq=False):
    """The chain-rule term (t, k).

    Attributes
    ----------
    factors
        From ∂L_t/∂o_t to the direct derivative, as they are multiplied.
    value
        Their product with the loss's factor, of the parameter's shape.
    expanded
        For networks of single numbers: the term in parameters, inputs and targets alone; else empty.
    """

    t: int
    k: int
    factors: tuple[Jacobian, ...]
    value: Array
    expanded: Formula = ()


class Derivation(Struct, frozen=True, eq=False):
    """The terms of one window and parameter, as far as they are derived.

    Attributes
    ----------
    first, steps
        The window.
    forward
        The forward equations and the loss, which is all that SymPy was given.
    rule
        The chain rule with indices t, k, j.
    terms
        In the order in which the backward pass adds them: k falls, and for each k, t rises.
    expected
        How many terms there will be.
    """

    parameter: str
    first: int
    steps: int
    forward: tuple[Formula, ...]
    rule: Formula
    terms: tuple[Term, ...]
    expected: int

    @property
    def complete(self) -> bool:
        """Whether all terms are there."""
        return len(self.terms) == self.expected
