"""The lanes of the unrolled network: one for each state of each layer, and what its arrows stand for. No textual.

Read off the cells' equations, so that another cell has its lanes without a word about it here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from bptt_viz.arrivals import carriers, route_number
from bptt_viz.cells import X
from bptt_viz.equations import Product, Variable, affines
from bptt_viz.formulas import ErrorTerm, Formula, Partial, Symbol
from bptt_viz.lettering import parsed
from bptt_viz.timeline import Operation, Phase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.cells import Cell
    from bptt_viz.equations import Expression
    from bptt_viz.network import Network
    from bptt_viz.views.scene import Scene

_H: Final = "h"


class Way(Struct, frozen=True):
    """What an arrow passes: matrices, or a gate that multiplies entry by entry.

    Attributes
    ----------
    names
        The matrices, or the one gate.
    carriers
        The gates that carry the state over past the matrices.
    """

    names: tuple[str, ...]
    gate: bool = False
    carriers: tuple[str, ...] = ()


class Lane(Struct, frozen=True):
    """One state of one layer through time.

    Attributes
    ----------
    layer, number
        The layer's index, from 0, and how formulas count it; see ``Network.number_of``.
    error
        The variable whose adjoint stands beside the state on the way back: a of the plain cell, else the state.
    is_delta
        Whether it is an error term: the adjoint of a pre-activation.
    across, under
        What the arrows pass from the step before and from the lane below, of the encoder and of the decoder.
    entered, fed
        The first equation that reads the state of the step before, and the first that reads the lane below.
    future, above, carried
        The numbers of the routes on which gradients come back to the state; ``carried`` only where there is such a one.
    """

    layer: int
    number: int
    state: str
    error: str
    is_delta: bool
    across: tuple[Way, Way]
    under: tuple[Way, Way]
    entered: Operation
    fed: Operation
    future: int
    above: int
    carried: int = 0

    def error_term(self, t: str | None = None) -> Formula:
        """How the adjoint is written."""
        symbol = Symbol(self.error, t, layer=self.number)
        return (ErrorTerm(symbol),) if self.is_delta else (Partial(Symbol("L"), symbol),)

    @property
    def value(self) -> Operation:
        """The forward operation that gives the state."""
        return Operation("equation", self.state, self.layer)

    @property
    def adjoint(self) -> Operation:
        """The backward operation that gives what stands beside the state."""
        return Operation("adjoint", self.error, self.layer)

    @property
    def gathered(self) -> Operation:
        """The backward operation that sums what comes back to the state."""
        return Operation("adjoint", self.state, self.layer)


def has_several_routes(network: Network) -> bool:
    """Whether a gradient has other ways than back through one W: in stacks and in cells with gates."""
    cell = network.cells[0]
    return len(network.cells) > 1 or len(cell.pre_activations) > 1


def lanes_of(scene: Scene, layer: int) -> tuple[Lane, ...]:
    """The lanes of one layer, from the top: h, then what it is made from."""
    network = scene.trace.network
    cell = network.cells[layer]
    other = network.decoder[layer] if network.decoder else cell
    return _lanes(cell, other, layer, network.number_of(layer), scene.notation.delta_is == "a")


@lru_cache(maxsize=512)
def _lanes(cell: Cell, other: Cell, layer: int, number: int, delta_is_of_a: bool) -> tuple[Lane, ...]:  # noqa: FBT001  (a key)
    """The same from what they depend on: nothing of it changes while somebody walks."""
    states = states_of(cell)
    lanes = []
    for index, state in enumerate(states):
        last = index == len(states) - 1
        under = (_from_input(cell), _from_input(other)) if last else (_inside(cell, states[index + 1]),) * 2
        is_delta = state == _H and len(cell.pre_activations) == 1 and delta_is_of_a
        lanes.append(
            Lane(
                layer,
                number,
                state,
                cell.pre_activations[0] if is_delta else state,
                is_delta,
                (_from_before(cell, state), _from_before(other, state)),
                under,
                Operation("equation", _first_reader(cell, Variable(state, 1)), layer),
                Operation("equation", _first_reader(cell, X if last else Variable(states[index + 1])), layer),
                route_number(cell, state, lag=1),
                route_number(cell, state, lag=0),
                route_number(cell, state, lag=1, carried=True) if carriers(cell, state) else 0,
            )
        )
    return tuple(lanes)


def states_of(cell: Cell) -> tuple[str, ...]:
    """The states of a cell, h first."""
    return (_H, *(state for state in cell.states if state != _H))


def lit(scene: Scene) -> tuple[int, str]:
    """The layer, from 0, and the state that the cursor is at; the top layer's h for what is beyond the layers."""
    network, operation = scene.trace.network, scene.step.operation
    if operation is not None and operation.layer is not None:
        return operation.layer, _state_made_with(network.cells[operation.layer], operation.name)
    top = len(network.cells) - 1
    sums = scene.step.phase is Phase.UPDATE or (operation is not None and operation.kind == "contribution")
    number = parsed(scene.parameter)[1] if sums else 0
    return (number - 1 if number else top), _H


def _state_made_with(cell: Cell, name: str) -> str:
    """The state that a variable goes into within its step."""
    for equation in cell.equations:
        if name in cell.states:
            break
        if _mentions(equation.right, Variable(name)):
            name = equation.name
    return name


def _matrices(cell: Cell) -> Iterator[tuple[str, Expression]]:
    for equation in cell.equations:
        for affine in affines(equation.right):
            yield from affine.terms


def _from_input(cell: Cell) -> Way:
    return Way(tuple(matrix for matrix, vector in _matrices(cell) if vector == X))


def _from_before(cell: Cell, state: str) -> Way:
    """The matrices that act on the state of the step before; where there are none, the gate that does."""
    before = Variable(state, 1)
    matrices = tuple(matrix for matrix, vector in _matrices(cell) if _mentions(vector, before))
    return Way(matrices, carriers=carriers(cell, state)) if matrices else _gate(cell, before)


def _inside(cell: Cell, state: str) -> Way:
    """What h is made with from another state of its step."""
    return _gate(cell, Variable(state))


def _gate(cell: Cell, variable: Variable) -> Way:
    for equation in cell.equations:
        for product in _products(equation.right):
            for one, other in ((product.left, product.right), (product.right, product.left)):
                if isinstance(one, Variable) and _mentions(other, variable):
                    return Way((one.name,), gate=True)
    return Way((), gate=True)


def _products(expression: Expression) -> Iterator[Product]:
    if isinstance(expression, Product):
        yield expression
    for operand in expression.operands:
        yield from _products(operand)


def _mentions(expression: Expression, variable: Variable) -> bool:
    return expression == variable or any(_mentions(operand, variable) for operand in expression.operands)


def _first_reader(cell: Cell, variable: Variable) -> str:
    """The first equation that reads a variable; the first of all where none does."""
    for equation in cell.equations:
        if _mentions(equation.right, variable):
            return equation.name
    return cell.equations[0].name
