"""Forward and backward through time, for any cell. Imports ``equations`` and ``cells``; knows no file and no loss.

The two sweeps walk the equations; they contain no formula of their own. Arrays of states and
results have T + 1 rows: row 0 is what was given before the first step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from bptt_viz.cells import Cell, X
from bptt_viz.equations import (
    Affine,
    Equation,
    Expression,
    Scope,
    Sum,
    Variable,
    pull_to_affines,
    pull_to_variables,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bptt_viz.activations import Array

    #: Of what flows from a step to the one before, by variable, that which truncation lets pass.
    Passes = Callable[[int, dict[str, Array]], dict[str, Array]]


class AtStep:
    """The scope of one time step: a variable is one row, [H]."""

    __slots__ = ("_values", "parameters", "t")

    def __init__(self, values: Mapping[str, Array], parameters: Mapping[str, Array], t: int) -> None:
        self._values = values
        self.parameters = parameters
        self.t = t

    def of(self, variable: Variable) -> Array:
        """The variable's value at this step, or ``lag`` steps earlier."""
        row: Array = self._values[variable.name][self.t - variable.lag]
        return row


class AtAllSteps:
    """The scope of all steps at once: a variable is [T, H]."""

    __slots__ = ("_values", "parameters")

    def __init__(self, values: Mapping[str, Array], parameters: Mapping[str, Array]) -> None:
        self._values = values
        self.parameters = parameters

    def of(self, variable: Variable) -> Array:
        """The variable's values at t = 1..T, or each ``lag`` steps earlier."""
        rows = self._values[variable.name]
        return rows[1 - variable.lag : len(rows) - variable.lag]


class Use(Struct, frozen=True, eq=False):
    """All uses of one parameter over time: step t contributes ``adjoint[t] ⊗ operand[t]``.

    Attributes
    ----------
    adjoint
        ∂L/∂(the affine result), [T, out]; at one step [out], or [B, out] for B losses.
    operand
        What the matrix acted on, [T, in] or [in]; None for a bias, whose contribution is the adjoint itself.
    """

    adjoint: Array
    operand: Array | None


def forward(cell: Cell, parameters: Mapping[str, Array], x: Array, initial: Mapping[str, Array]) -> dict[str, Array]:
    """Run one layer over its input.

    Parameters
    ----------
    x
        The layer's input, [T, D].
    initial
        What is given before the first step, by state; other states start at 0.

    Returns
    -------
    dict
        Each equation's name → [T + 1, H], and ``x`` → [T + 1, D].
    """
    steps = len(x)
    values: dict[str, Array] = {X.name: np.concatenate([np.zeros((1, x.shape[1])), x])}
    equations = _hoist(cell.equations, values, parameters)
    size = len(next(iter(initial.values())))
    for equation in cell.equations:
        values[equation.name] = np.zeros((steps + 1, size))
    for state, start in initial.items():
        values[state][0] = start
    for t in range(1, steps + 1):
        scope = AtStep(values, parameters, t)
        for equation in equations:
            values[equation.name][t] = equation.right.value(scope)
    return {name: values[name] for name in (X.name, *(equation.name for equation in cell.equations))}


def pull_back(
    equations: Sequence[Equation], incoming: dict[str, Array], outputs: Mapping[str, Array], scope: Scope
) -> dict[str, Array]:
    """One step of the backward pass: the equations in reverse, each pulling its adjoint to its operands.

    Parameters
    ----------
    incoming
        ∂L/∂v for the step's variables, as far as it comes from outside the step; completed in
        place. Each is [H], or [B, H] for B losses at once.
    outputs
        Each equation's value at this step, [H].

    Returns
    -------
    dict
        The adjoints that flow on to the step before.
    """
    carried: dict[str, Array] = {}
    for equation in reversed(equations):
        adjoint = incoming[equation.name]
        for variable, share in pull_to_variables(equation.right, adjoint, outputs[equation.name], scope):
            reached = carried if variable.lag else incoming
            known = reached.get(variable.name)
            reached[variable.name] = share if known is None else known + share
    return carried


def backward(
    cell: Cell,
    parameters: Mapping[str, Array],
    values: Mapping[str, Array],
    from_above: Array,
    passes: Passes = lambda _, carried: carried,
    carried: dict[str, Array] | None = None,
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Run one layer's backward pass, t = T..1.

    Parameters
    ----------
    values
        As :func:`forward` returned them.
    from_above
        ∂L/∂h_t as it comes from the output layer or the layer above, [T, H].
    passes
        What of the adjoints that flow from step t to the one before does so.
    carried
        What flows in from beyond the last step.

    Returns
    -------
    dict
        Each equation's name → its adjoint at t = 1..T, [T, H].
    dict
        What flows on from step 1 to the one before.
    """
    # Nothing inside the sweep waits for ∂L/∂x.
    inner = _with_terms(cell.equations, lambda vector: vector != X)
    adjoints = {equation.name: np.empty_like(from_above) for equation in cell.equations}
    carried = carried or {}
    for t in range(len(from_above), 0, -1):
        incoming = dict(carried)
        incoming["h"] = from_above[t - 1] + carried["h"] if "h" in carried else from_above[t - 1]
        outputs = {name: values[name][t] for name in adjoints}
        carried = passes(t, pull_back(inner, incoming, outputs, AtStep(values, parameters, t)))
        for name, rows in adjoints.items():
            rows[t - 1] = incoming[name]
    return adjoints, carried


def uses(
    expression: Expression, adjoint: Array, output: Array | None, scope: AtAllSteps | AtStep
) -> Iterator[tuple[str, Use]]:
    """Every parameter in an expression with the factors of its contributions, over the scope's steps."""
    for affine, share in pull_to_affines(expression, adjoint, output, scope):
        for matrix, vector in affine.terms:
            yield matrix, Use(share, vector.value(scope))
        if affine.bias is not None:
            yield affine.bias, Use(share, None)


def input_adjoint(
    cell: Cell, parameters: Mapping[str, Array], values: Mapping[str, Array], adjoints: Mapping[str, Array]
) -> Array:
    """∂L/∂x_t of a layer, [T, D]: what travels down to the layer below."""
    scope = AtAllSteps(values, parameters)
    total = np.zeros_like(values[X.name][1:])
    for equation in _with_terms(cell.equations, lambda vector: vector == X):
        result = values[equation.name][1:]
        for variable, share in pull_to_variables(equation.right, adjoints[equation.name], result, scope):
            if variable == X:
                total = total + share
    return total


def _with_terms(equations: Sequence[Equation], keeps: Callable[[Expression], bool]) -> tuple[Equation, ...]:
    """The equations with only those matrix products whose vector is one that counts."""

    def kept(expression: Expression) -> Expression:
        if isinstance(expression, Affine):
            return Affine(tuple(term for term in expression.terms if keeps(term[1])), expression.bias)
        if isinstance(expression, Sum):
            return Sum(kept(expression.left), kept(expression.right))
        return expression

    return tuple(Equation(equation.name, kept(equation.right)) for equation in equations)


def _hoist(
    equations: Sequence[Equation], values: dict[str, Array], parameters: Mapping[str, Array]
) -> tuple[Equation, ...]:
    """The equations with what depends on x alone computed once for all steps.

    A loop of T small products U x_t costs more than one product of T rows; the result is put into
    ``values`` under a name of its own, which stands in the equation instead.
    """
    scope = AtAllSteps(values, parameters)

    def hoisted(right: Expression, name: str) -> Expression:
        if isinstance(right, Sum):
            return Sum(hoisted(right.left, f"{name} left"), hoisted(right.right, f"{name} right"))
        if not isinstance(right, Affine) or all(vector != X for _, vector in right.terms):
            return right
        outer = Affine(tuple(term for term in right.terms if term[1] == X), right.bias)
        inner = tuple(term for term in right.terms if term[1] != X)
        ready = Variable(f"{name} from x")
        rows = outer.value(scope)
        values[ready.name] = np.concatenate([np.zeros((1, rows.shape[1])), rows])
        return Sum(ready, Affine(inner)) if inner else ready

    return tuple(Equation(equation.name, hoisted(equation.right, equation.name)) for equation in equations)
