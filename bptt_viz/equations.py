"""The primitives that cells are written in: value and pullback, one class per operation. Imports only ``activations``.

A *pullback* takes the adjoint of a result (the gradient of the loss with respect to it) to the
adjoints of its operands. Adjoints are rows: shape [H], or [B, H] for a batch of losses, or [T, H] for
all steps at once, so that the transposed matrix of the textbook is a product from the right here.

Source: Baydin et al., *Automatic differentiation in machine learning: a survey*, JMLR 18 (2018), §3.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from bptt_viz.activations import ACTIVATIONS, Array

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Scope(Protocol):
    """Where variables and parameters have their values: at one step, or at all steps."""

    parameters: Mapping[str, Array]

    def of(self, variable: Variable) -> Array:
        """The value of ``variable``: [H] at one step, [T, H] at all."""
        ...


class Expression(Protocol):
    """What stands on the right of an equation."""

    def value(self, scope: Scope) -> Array:
        """The value, [H] or [T, H] as the scope has it."""
        ...

    def pullback(self, adjoint: Array, output: Array | None, scope: Scope) -> Iterator[tuple[Expression, Array]]:
        """Each operand with the adjoint that reaches it.

        ``output`` is this expression's own value where the caller has it, so that derivatives
        written in the output cost nothing.
        """
        ...

    @property
    def operands(self) -> tuple[Expression, ...]:
        """The expressions that this one is made of, in writing order."""
        ...


class Variable(Struct, frozen=True):
    """A quantity of the step: ``h`` at t, or with ``lag`` 1 ``h`` at t − 1."""

    name: str
    lag: int = 0

    @property
    def operands(self) -> tuple[Expression, ...]:
        """None: a variable is a leaf."""
        return ()

    def value(self, scope: Scope) -> Array:
        """As the scope has it."""
        return scope.of(self)

    def pullback(self, adjoint: Array, output: Array | None, scope: Scope) -> Iterator[tuple[Expression, Array]]:
        """Nothing below a leaf."""
        return iter(())


class Affine(Struct, frozen=True):
    """Σ M v + bias: the only primitive that uses parameters."""

    terms: tuple[tuple[str, Expression], ...]
    bias: str | None = None

    @property
    def operands(self) -> tuple[Expression, ...]:
        """The vectors that the matrices act on."""
        return tuple(vector for _, vector in self.terms)

    def value(self, scope: Scope) -> Array:
        """Σ M v + bias."""
        products = [vector.value(scope) @ scope.parameters[matrix].T for matrix, vector in self.terms]
        total = sum(products[1:], start=products[0])
        return total if self.bias is None else total + scope.parameters[self.bias]

    def pullback(self, adjoint: Array, output: Array | None, scope: Scope) -> Iterator[tuple[Expression, Array]]:
        """Mᵀ adjoint, for each vector."""
        for matrix, vector in self.terms:
            yield vector, adjoint @ scope.parameters[matrix]


class Activation(Struct, frozen=True):
    """φ(v), entry by entry."""

    function: str
    operand: Expression

    @property
    def operands(self) -> tuple[Expression, ...]:
        """The one argument."""
        return (self.operand,)

    def value(self, scope: Scope) -> Array:
        """φ(v)."""
        return ACTIVATIONS[self.function].value(self.operand.value(scope))

    def pullback(self, adjoint: Array, output: Array | None, scope: Scope) -> Iterator[tuple[Expression, Array]]:
        """φ′(v) ⊙ adjoint."""
        known = self.value(scope) if output is None else output
        yield self.operand, ACTIVATIONS[self.function].derivative(known) * adjoint


class Product(Struct, frozen=True):
    """u ⊙ v, entry by entry (Hadamard)."""

    left: Expression
    right: Expression

    @property
    def operands(self) -> tuple[Expression, ...]:
        """Both factors."""
        return (self.left, self.right)

    def value(self, scope: Scope) -> Array:
        """u ⊙ v."""
        return self.left.value(scope) * self.right.value(scope)

    def pullback(self, adjoint: Array, output: Array | None, scope: Scope) -> Iterator[tuple[Expression, Array]]:
        """To each factor, the other one ⊙ adjoint."""
        yield self.left, self.right.value(scope) * adjoint
        yield self.right, self.left.value(scope) * adjoint


class Sum(Struct, frozen=True):
    """u + v."""

    left: Expression
    right: Expression

    @property
    def operands(self) -> tuple[Expression, ...]:
        """Both summands."""
        return (self.left, self.right)

    def value(self, scope: Scope) -> Array:
        """u + v."""
        return self.left.value(scope) + self.right.value(scope)

    def pullback(self, adjoint: Array, output: Array | None, scope: Scope) -> Iterator[tuple[Expression, Array]]:
        """The adjoint itself, to both: this is why gradients of several uses add up."""
        yield self.left, adjoint
        yield self.right, adjoint


class OneMinus(Struct, frozen=True):
    """1 − v, entry by entry."""

    operand: Expression

    @property
    def operands(self) -> tuple[Expression, ...]:
        """The one argument."""
        return (self.operand,)

    def value(self, scope: Scope) -> Array:
        """1 − v."""
        return 1.0 - self.operand.value(scope)

    def pullback(self, adjoint: Array, output: Array | None, scope: Scope) -> Iterator[tuple[Expression, Array]]:
        """−adjoint."""
        yield self.operand, -adjoint


class Equation(Struct, frozen=True):
    """``name`` = ``right``, once per time step."""

    name: str
    right: Expression


def affines(expression: Expression) -> Iterator[Affine]:
    """Every affine part of an expression, in writing order."""
    if isinstance(expression, Affine):
        yield expression
    for operand in expression.operands:
        yield from affines(operand)


def reads(expression: Expression, parameter: str) -> bool:
    """Whether an expression uses a parameter."""
    return any(
        parameter == affine.bias or any(parameter == matrix for matrix, _ in affine.terms)
        for affine in affines(expression)
    )


def pull_to_variables(
    expression: Expression, adjoint: Array, output: Array | None, scope: Scope
) -> Iterator[tuple[Variable, Array]]:
    """The pullback carried on through nested expressions, down to the variables."""
    for operand, share in expression.pullback(adjoint, output, scope):
        if isinstance(operand, Variable):
            yield operand, share
        else:
            yield from pull_to_variables(operand, share, None, scope)


def pull_to_affines(
    expression: Expression, adjoint: Array, output: Array | None, scope: Scope
) -> Iterator[tuple[Affine, Array]]:
    """The affine parts of an expression, each with the adjoint that reaches it."""
    if isinstance(expression, Affine):
        yield expression, adjoint
    for operand, share in expression.pullback(adjoint, output, scope):
        yield from pull_to_affines(operand, share, None, scope)
