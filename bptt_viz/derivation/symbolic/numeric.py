"""Numbers put into what SymPy knows: compiled once, float64; the forward pass of a window. Imports ``primitives``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import sympy as sp
from sympy.printing.numpy import NumPyPrinter

from bptt_viz.cells import X
from bptt_viz.derivation import stack
from bptt_viz.derivation.symbolic import primitives
from bptt_viz.derivation.symbolic.entries import LOGITS, Entry, meaning
from bptt_viz.derivation.symbolic.prediction import TARGETS
from bptt_viz.equations import Affine, Variable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bptt_viz.activations import Array
    from bptt_viz.derivation.window import Numbers, Shape
    from bptt_viz.equations import Expression

_LOGIT: Final = Variable("logit")


class Compiled:
    """Expressions as one function of their symbols."""

    def __init__(self, expressions: Iterable[sp.Expr]) -> None:
        given = list(expressions)
        symbols = sorted(set().union(*(expression.free_symbols for expression in given)), key=str)
        self._entries = [meaning(one) for one in symbols]
        self._function = _lambdified(symbols, given)

    def at(self, value_of: Callable[[Entry], Array]) -> list[Array]:
        """The expressions' values; arrays where the symbols' are."""
        found: list[Array] = self._function(*map(value_of, self._entries))
        return found


def _lambdified(symbols: Sequence[sp.Symbol], expressions: list[sp.Expr]) -> Callable[..., list[Array]]:
    # The names are given because lambdify, told "numpy", would import every module of it to look for them.
    printer = NumPyPrinter({"fully_qualified_modules": False, "inline": True, "allow_unknown_functions": True})
    known = {name: getattr(np, name) for name in ("tanh", "exp", "select", "greater", "nan")}
    activations = {name: _activation(name) for name in ("sigmoid", "relu")}
    made: Callable[..., list[Array]] = sp.lambdify(symbols, expressions, [known | activations], printer=printer)
    return made


def _activation(name: str) -> Callable[[Array], Array]:
    """The function by its definition, compiled when it is first called."""

    def value(argument: Array) -> Array:
        (found,) = _defined(name).at(lambda _: argument)
        return found

    return value


def _defined(function: str) -> Compiled:
    definition = sp.exp if function == "exp" else primitives.ACTIVATIONS[function]
    return compiled(definition(primitives.any_entry(_LOGIT)))


@cache
def compiled(expression: sp.Expr) -> Compiled:
    """A single expression, compiled once."""
    return Compiled([expression])


class Values:
    """The values of all quantities in a window, by the forward equations alone; nothing is taken from a trace.

    Attributes
    ----------
    parameters
        Name → value.
    rows
        Name → [steps + 1, size]; row 0 is what entered the window.
    """

    def __init__(self, shape: Shape, numbers: Numbers) -> None:
        self.parameters: Mapping[str, Array] = numbers.parameters
        layers = range(len(shape.cells))
        entering = {
            stack.placed(name, layer, len(layers)): row
            for layer in layers
            for name, row in numbers.entering[layer].items()
        }
        before = {X.name: np.zeros(shape.D), "y": np.zeros(shape.K), **entering}
        self.rows = {name: np.zeros((shape.steps + 1, len(row))) for name, row in before.items()}
        for name, row in before.items():
            self.rows[name][0] = row
        self.rows[X.name][1:], self.rows["y"][1:] = numbers.x, numbers.y
        for equation in (one for layer in layers for one in primitives.layer_equations(shape, layer)):
            self.rows.setdefault(equation.name, np.zeros((shape.steps + 1, shape.H)))
        for name in (LOGITS, "y_hat"):
            self.rows[name] = np.zeros((shape.steps + 1, shape.K))
        for t in range(1, shape.steps + 1):
            here = shape.at(t)
            equations = [one for layer in layers for one in primitives.layer_equations(here, layer)]
            for equation in (*equations, primitives.output_equation(here)):
                self.rows[equation.name][t] = self.of(equation.right, t)
            self.rows["y_hat"][t] = _prediction(shape.loss, self.rows[LOGITS][t])

    def of(self, expression: Expression, t: int) -> Array:
        """The value of an expression at a step of the window, from 1."""
        if not isinstance(expression, Affine):
            (found,) = compiled(primitives.any_entry(expression)).at(self.vectors(t))
            return found
        products = [(vector, self.parameters[name] @ self.of(vector, t)) for name, vector in expression.terms]
        of_x = [product for vector, product in products if _is_input(vector)]
        others = [product for vector, product in products if not _is_input(vector)]
        constant = [] if expression.bias is None else [self.parameters[expression.bias]]
        # The order in which the engine adds: relu′ jumps where a sum is 0, and rounding may decide that.
        ordered = [*of_x, *constant, *others] if of_x else [*others, *constant]
        return sum(ordered[1:], start=ordered[0])

    def vectors(self, t: int) -> Callable[[Entry], Array]:
        """What a symbol stands for where one expression is meant for all entries."""

        def value_of(entry: Entry) -> Array:
            if not isinstance(entry.of, str):
                return self.of(entry.of, t)
            if entry == TARGETS:
                return np.asarray(self.rows["y"][t].sum())
            return self.parameters[entry.of] if entry.t is None else self.rows[entry.of][t + entry.t]

        return value_of

    def entries(self, t: int) -> Callable[[Entry], Array]:
        """What a symbol stands for where each has its own entry."""

        def value_of(entry: Entry) -> Array:
            assert isinstance(entry.of, str)
            whole = self.parameters[entry.of] if entry.t is None else self.rows[entry.of][t + entry.t]
            one: Array = whole[entry.index] if entry.index else whole.reshape(-1)[0]
            return one

        return value_of


def _is_input(vector: Expression) -> bool:
    """Whether a layer reads it from below: x, or a state of this step."""
    return isinstance(vector, Variable) and not vector.lag


def _prediction(loss: str, o: Array) -> Array:
    """ŷ of a step from its logits."""
    if loss == "squared_error":
        return o
    if loss == "binary_cross_entropy":
        return _activation("sigmoid")(o)
    # Softmax is the same for logits that are all less by the largest one, and then no exp overflows.
    (powers,) = _defined("exp").at(lambda _: o - o.max())
    total: Array = powers / powers.sum()
    return total
