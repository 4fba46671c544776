"""How gradients arrive: an adjoint's working, one row for each route of the pullback. Imports the core; no screen.

Every function works on the trace of the whole loss, and as well on that of one step's loss alone (``blame``). What
truncation keeps from the step before is in the rows, so that they add up to the result.
"""

from __future__ import annotations

from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from msgspec import Struct

from bptt_viz.arithmetic import Leaf
from bptt_viz.cells import H_PREVIOUS, X
from bptt_viz.formulas import Formula, Symbol, joined
from bptt_viz.leaves import Site
from bptt_viz.passing import Sent, as_it_is, factor_rows, has_matrix, passed, share_worked
from bptt_viz.quantities import Adjoint, Given, Number
from bptt_viz.working import Part, Working
from bptt_viz.writing import Route, adjoint_symbol, route_written, routes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bptt_viz.activations import Array
    from bptt_viz.arithmetic import Worked
    from bptt_viz.cells import Cell
    from bptt_viz.equations import Equation
    from bptt_viz.tracing import Trace
    from bptt_viz.working import Axis

_H: Final = H_PREVIOUS.name


def adjoint(trace: Trace, name: str, layer: int | None, t: int, loss: int = 0) -> Working:
    """∂L/∂v_t of a layer's variable, or with a ``loss`` ∂L_loss/∂v_t; ``trace`` is then that of this loss alone.

    Of layer 0 the variable may be x, the input itself.
    """
    layer = layer or 0
    left = adjoint_symbol(trace.network.cells[layer], name, t, loss, trace.network.number_of(layer))
    axis: Axis = "input" if name == X.name else "hidden"
    values = (trace.dL_dx if name == X.name else trace.layers[layer].adjoints[name])[t - 1]
    result = Part("=", left, values, axis, Adjoint(name, t, layer, loss))
    arrivals = list(_arrivals(trace, result, t, loss))
    rows = [part for _, _, part in arrivals]
    ways = [way for _, way, _ in arrivals]
    if all(map(_in_common, arrivals, repeat(arrivals[0]))) and (len(ways) > 1 or not ways[0].negative):
        rows = _rows_of(trace, arrivals[0][0], ways, loss)
    right: Formula = ()
    for part in rows:
        right += (f" {part.operator} ", *part.formula) if part.operator else part.formula
    remark = "remark.no_future" if t == trace.T and not loss and any(way.lag for _, way, _ in arrivals) else ""
    return Working((*left, " = ", *right), (*rows, result), remark=remark)


def route_number(cell: Cell, state: str, *, lag: int, carried: bool = False) -> int:
    """Which of the routes into the states of a step a gradient comes on, from 1; 0 for what is no state.

    Into h: 1 from above (the output or the next layer), 2 from the future. Into another state, such as an LSTM's s:
    3 from h of the same step, 4 from the future, and so on. What is ``carried`` over entry by entry to a state that
    matrices act on too has its own number after all of these: 3 by a GRU's z.
    """
    states = (_H, *(one for one in cell.states if one != _H))
    if carried and carriers(cell, state):
        return 1 + 2 * len(states) + states.index(state)
    return 1 + 2 * states.index(state) + lag if state in states else 0


def carriers(cell: Cell, state: str) -> tuple[str, ...]:
    """The gates that carry a state over to the next step past the matrices that act on it too: a GRU's z, else none."""
    ways = [way for equation in cell.equations for way in routes(equation, state, 1) if way.lag]
    return tuple(gates_over(cell.equations, state)) if any(map(has_matrix, ways)) else ()


def gates_over(equations: Sequence[Equation], state: str) -> Iterator[str]:
    """The gates that multiply the state of the step before, where no matrix acts on it: an LSTM's f, a GRU's z."""
    for equation in equations:
        for way in routes(equation, state, 1):
            if way.lag and not has_matrix(way):
                tokens = [token for factor in way.factors for token in factor.formula]
                yield from (token.name for token in tokens if isinstance(token, Symbol))


class _Consumer(Struct, frozen=True, eq=False):
    """An equation that reads a variable, what it calls it, and where: its site, its layer (None: the output)."""

    equation: Equation
    cell: Cell | None
    layer: int | None
    site: Site
    reads: str
    lag: int = 0
    note: str = ""

    @property
    def number(self) -> int:
        """The layer as formulas count it; the output has none."""
        return 0 if self.layer is None else self.site.number


#: A route on which a gradient arrives: what sends it, the route, its row.
_Arrival: TypeAlias = "tuple[_Consumer, Route, Part]"


def _consumers(trace: Trace, layer: int, name: str, t: int) -> Iterator[_Consumer]:
    """All that read the variable: above it at the same step, in its own step, in the next one."""
    cells, own = trace.network.cells_at(t), Site.of(trace, layer, t)
    if name == _H and layer == len(cells) - 1:
        yield _Consumer(trace.network.output, None, None, own, name, note="part.from_output")
    elif name == _H:
        above = Site.of(trace, layer + 1, t)
        for equation in cells[layer + 1].equations:
            yield _Consumer(equation, cells[layer + 1], layer + 1, above, X.name, note="part.from_above")
    for lag in (0, 1):
        cell, site = trace.network.cells_at(t + lag)[layer], Site.of(trace, layer, t + lag)
        for equation in cell.equations:
            yield _Consumer(equation, cell, layer, site, name, lag, _note(cell, name, lag))


def _note(cell: Cell, name: str, lag: int) -> str:
    """Where a gradient comes from; in a cell with several states, on which of them it travels."""
    if name not in cell.states or (len(cell.states) == 1 and not lag):
        return ""
    if len(cell.states) == 1:
        return "part.from_future"
    return "part.through_cell" if lag and name != _H else "part.through_hidden"


def _arrivals(trace: Trace, result: Part, t: int, loss: int) -> Iterator[_Arrival]:
    """Every route on which a gradient arrives at the variable at ``t``, with its row."""
    assert isinstance(result.quantity, Adjoint)
    name, layer, operator = result.quantity.name, result.quantity.layer or 0, ""
    for consumer in _consumers(trace, layer, name, t):
        site = consumer.site
        ways = [
            way for way in routes(consumer.equation, consumer.reads, site.t, site.number) if way.lag == consumer.lag
        ]
        if not ways or (loss and not _reached(consumer, loss)):
            continue
        arriving = _sent(trace, consumer, loss)
        edge = _edge(trace, site.t) if consumer.lag else None
        for way in ways:
            beyond = site.t > trace.T
            values = np.zeros_like(result.values) if beyond else passed(way.factors, arriving.values, site)
            formula = route_written(way, arriving.formula)
            worked: Callable[[int], Worked] = _nothing if beyond else partial(share_worked, way, site, arriving)
            note = consumer.note
            meaning: Formula = ()
            carried = bool(consumer.lag) and not has_matrix(way)
            if carried and consumer.note == "part.from_future":
                note, meaning = "part.carried", joined(" ⊙ ", (factor.formula for factor in way.factors))
            if edge is not None:
                values = values * edge.value if edge.value else np.zeros_like(values)
                formula = (*edge.symbol, " · ", *formula)
                worked = partial(_across, edge, worked)
                note = note if edge.value else "part.cut"
            sign, values, formula, worked = _signed(way, operator, values, formula, worked)
            number = route_number(trace.network.cells[layer], name, lag=consumer.lag, carried=carried)
            row = Part(sign, formula, values, result.axis, worked=worked, note=note, meaning=meaning, route=number)
            yield consumer, way, row
            operator = "+"


def _signed(
    way: Route, operator: str, values: Array, formula: Formula, worked: Callable[[int], Worked]
) -> tuple[str, Array, Formula, Callable[[int], Worked]]:
    """A route's row with its sign: what joins it to the rows before, or, in the first row, in front of it."""
    if not way.negative:
        return operator, values, formula, worked
    if operator:
        return "−", values, formula, worked
    return operator, 0.0 - values, ("−", *formula), lambda index: ("−", *worked(index))


def _reached(consumer: _Consumer, loss: int) -> bool:
    """Whether L_loss reaches a consumer: the output only at its own step, nothing after it."""
    return consumer.site.t == loss if consumer.layer is None else consumer.site.t <= loss


def _nothing(_: int) -> Worked:
    """What arrives from beyond the last step."""
    return ("0",)


def _edge(trace: Trace, j: int) -> Leaf | None:
    """ξ_j, where truncation multiplies by it what passes from step j to the one before; 0 where it cuts there."""
    if j > trace.T:
        return None
    xi = trace.truncation.edge(j)
    if trace.scenario.backward.strategy == "randomized":
        return Leaf((Symbol("xi", j),), xi, Number(Given("xi", j)))
    return Leaf(("0",), xi) if xi != 1.0 else None


def _across(edge: Leaf, worked: Callable[[int], Worked], index: int) -> Worked:
    return ("0",) if edge.number is None else (edge, "·", *worked(index))


def _sent(trace: Trace, consumer: _Consumer, loss: int) -> Sent:
    """What a consumer sends back; to the step before without the loss that a window keeps from it."""
    name, t, layer, number = consumer.equation.name, consumer.site.t, consumer.layer, consumer.number
    formula = adjoint_symbol(consumer.cell, name, t, loss, number)
    if t > trace.T:
        return Sent(formula, np.zeros(0), _nothing)
    values = (trace.dL_do if layer is None else trace.layers[layer].adjoints[name])[t - 1]
    whole = as_it_is(formula, values, Adjoint(name, t, layer, loss))
    farthest = t + trace.truncation.window - 1
    if not consumer.lag or t > farthest or farthest > trace.T or not trace.has_target[farthest - 1]:
        return whole
    assert layer is not None
    other = adjoint_symbol(consumer.cell, name, t, farthest, number)
    dropped = trace.layers[layer].dropped[name][t - 1]
    gone = as_it_is(other, dropped, Adjoint(name, t, layer, farthest))
    return Sent(
        ("(", *formula, " − ", *other, ")"),
        values - dropped,
        lambda index: ("(", *whole.worked(index), " − ", *gone.worked(index), ")"),
    )


def _in_common(one: _Arrival, other: _Arrival) -> bool:
    """Whether one route brings, entry by entry, the same adjoint of its step as another one."""
    consumer, way, row = one
    # A state's routes are numbered, and stay apart.
    return consumer is other[0] and not way.lag and not has_matrix(way) and (one is other or not row.route)


def _rows_of(trace: Trace, consumer: _Consumer, ways: list[Route], loss: int) -> list[Part]:
    """The rows of routes that bring the same adjoint: what multiplies it, then the adjoint itself."""
    site, name = consumer.site, consumer.equation.name
    values = trace.layers[site.layer].adjoints[name][site.t - 1]
    formula = adjoint_symbol(consumer.cell, name, site.t, loss, site.number)
    factors = factor_rows(ways, site, len(values))
    return [*factors, Part("⊙" if factors else "", formula, values, "hidden", Adjoint(name, site.t, site.layer, loss))]
