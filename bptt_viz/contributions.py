"""What a step's own use of a parameter adds to its gradient, and what its axes count. Imports the core; no screen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from bptt_viz.arithmetic import MOST_SUMMANDS, Worked
from bptt_viz.cells import X
from bptt_viz.equations import Affine, Equation, Variable, affines
from bptt_viz.formatting import plain
from bptt_viz.formulas import Formula, Partial, Symbol, Transposed
from bptt_viz.leaves import Site, as_factor, variable_quantity
from bptt_viz.passing import as_it_is, share_worked
from bptt_viz.quantities import Adjoint, Contribution
from bptt_viz.working import Axis, Part, Working
from bptt_viz.writing import adjoint_symbol, route_to_affine, route_written, written

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.cells import Cell
    from bptt_viz.tracing import Trace


def contribution(trace: Trace, parameter: str, t: int) -> Working:
    """∂⁺L/∂θ at t: an outer product, so each row of it is one entry of the adjoint times the operand."""
    left = contribution_name(parameter, t)
    if not is_used(trace, parameter, t):
        return Working((*left, " = 0"), (), remark="remark.not_used")
    adjoint, operand = factors_of(trace, parameter, t)
    if operand is None:
        result = Part("=", left, adjoint.values, adjoint.axis, Contribution(parameter, t))
        return Working((*left, " = ", *adjoint.formula), (adjoint, result), worked=adjoint.entry)
    read = operand.formula

    def worked(index: int) -> Worked:
        row = ", ".join(plain(float(value)) for value in operand.values[:MOST_SUMMANDS])
        more = ", …" if len(operand.values) > MOST_SUMMANDS else ""
        return (adjoint.leaf(index), f" · ({row}{more})")

    def row_of(index: int) -> Array:
        with np.errstate(all="ignore"):
            (numbers,) = trace.contributions.at(parameter, t, slice(index, index + 1), slice(8))
        return np.asarray(numbers)

    before = adjoint.formula if len(adjoint.formula) == 1 else ("(", *adjoint.formula, ")")
    after: Formula = (Transposed(read[0]),) if isinstance(read[0], Symbol) and len(read) == 1 else ("(", *read, ")ᵀ")
    return Working((*left, " = ", *before, " ", *after), (adjoint, operand), worked=worked, row=row_of)


def contribution_name(parameter: str, t: int) -> Formula:
    """∂⁺L/∂W (t = 3)."""
    return (Partial(Symbol("L"), Symbol(parameter), direct=True), f" (t = {t})")


def is_used(trace: Trace, parameter: str, t: int) -> bool:
    """Whether step ``t`` uses a parameter: a decoder's own are used from its first step on, the others before it."""
    return trace.network.uses(trace.network.cells_at(t), parameter)


def factors_of(trace: Trace, parameter: str, t: int, loss: int = 0) -> tuple[Part, Part | None]:
    """The two factors of a contribution at ``t``: the adjoint, and what the matrix acted on (None for a bias).

    With a ``loss``, ``trace`` is that of this step's loss alone and the contribution the chain-rule term (loss, t).

    Raises
    ------
    KeyError
        If the network has no such parameter.
    """
    owner = _owner(trace, parameter)
    site = Site.of(trace, len(trace.layers) - 1 if owner.layer is None else owner.layer, t)
    use, axis = trace.uses[parameter], output_axis(trace, parameter)
    adjoint = _adjoint(trace, owner, site, use.adjoint[t - 1], axis, loss)
    if use.operand is None:
        return adjoint, None
    (vector,) = (vector for matrix, vector in owner.affine.terms if matrix == parameter)
    axis, formula, operand = input_axis(trace, parameter), written(vector, t, site.number), use.operand[t - 1]
    if isinstance(vector, Variable):
        read = variable_quantity(vector.name, t - vector.lag, site.layer)
        return adjoint, Part(None, formula, operand, axis, read)
    return adjoint, Part(None, formula, operand, axis, worked=partial(as_factor, vector, site=site))


def output_axis(trace: Trace, parameter: str) -> Axis:
    """What the rows of a parameter are counted along."""
    return "output" if _owner(trace, parameter).layer is None else "hidden"


def input_axis(trace: Trace, parameter: str) -> Axis:
    """What the columns of a matrix are counted along."""
    owner = _owner(trace, parameter)
    reads_x = any(matrix == parameter and vector == X for matrix, vector in owner.affine.terms)
    return "input" if owner.layer == 0 and reads_x else "hidden"


class _Owner(Struct, frozen=True):
    """Where a parameter is used: its layer and cell (None: the output), the equation and the affine part of it."""

    layer: int | None
    cell: Cell | None
    equation: Equation
    affine: Affine


def _owner(trace: Trace, parameter: str) -> _Owner:
    network = trace.network
    places: list[tuple[int | None, Cell | None, Equation]] = [(None, None, network.output)]
    for cells in (network.cells, network.decoder):
        places += [(layer, cell, one) for layer, cell in enumerate(cells) for one in cell.equations]
    for layer, cell, equation in places:
        for affine in affines(equation.right):
            if parameter == affine.bias or parameter in dict(affine.terms):
                return _Owner(layer, cell, equation, affine)
    raise KeyError(parameter)


def _adjoint(trace: Trace, owner: _Owner, site: Site, values: Array, axis: Axis, loss: int) -> Part:
    """∂L/∂(the affine part): the adjoint of the equation's result, or what of it arrives inside the equation."""
    name = owner.equation.name
    quantity = Adjoint(name, site.t, owner.layer, loss)
    formula = adjoint_symbol(owner.cell, name, site.t, loss, trace.network.number_of(owner.layer))
    way = route_to_affine(owner.equation, owner.affine, site.t, site.number)
    if not way.factors and not way.negative:
        return Part(None, formula, values, axis, quantity)
    assert owner.layer is not None
    arriving = as_it_is(formula, trace.layers[owner.layer].adjoints[name][site.t - 1], quantity)
    share = partial(share_worked, way, site, arriving)
    if not way.negative:
        return Part(None, route_written(way, formula), values, axis, worked=share)
    written_out = ("−", *route_written(way, formula))
    return Part(None, written_out, values, axis, worked=lambda index: ("−", *share(index)))
