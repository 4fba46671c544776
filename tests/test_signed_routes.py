"""Where a gradient comes through 1 − v it is subtracted, and what multiplies one adjoint is written once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from networks import trace_of
from notations import ALL
from test_arithmetic import contains, significant_number
from test_generic_cells import D, H, K
from test_reasons import check_reasons
from test_working import check_rows, walk

from bptt_viz import engine
from bptt_viz.arrivals import adjoint
from bptt_viz.cells import H_PREVIOUS, Cell, Options, output_layer
from bptt_viz.equations import Activation, Equation, OneMinus, Product, Sum, Variable, affines
from bptt_viz.network import Network
from bptt_viz.notation import GOODFELLOW, Notation
from bptt_viz.quantities import Adjoint, Number, Row
from bptt_viz.reasons import Reasons
from bptt_viz.scenario import BackwardTable, NetworkTable, Scenario, SequenceTable
from bptt_viz.timeline import Operation, Phase, Timeline

if TYPE_CHECKING:
    from bptt_viz.tracing import Trace

_G, _Z, _A = Variable("g"), Variable("z"), Variable("a")
#: A cell with 1 − v in front of a variable, an affine expression, a variable of the step before, and inside a product.
ODD = Cell(
    (
        Equation("a", Options().affine()),
        Equation("g", OneMinus(Options().affine(gate="g"))),
        Equation("z", OneMinus(_A)),
        Equation("h", Sum(Product(OneMinus(H_PREVIOUS), _G), Product(OneMinus(_Z), Activation("tanh", _Z)))),
    ),
    states=("h",),
    pre_activations=(),
)
BACKWARDS = {
    "full": BackwardTable(),
    "window": BackwardTable("window", length=2),
    "segments": BackwardTable("segments", length=2),
    "given ξ": BackwardTable("randomized", xi=(1.0, 1.25, 0.0, 2.0)),
}


def odd(backward: BackwardTable) -> Trace:
    """A trace of such a cell."""
    rng = np.random.default_rng(3)
    shapes: dict[str, tuple[int, ...]] = {"V": (K, H), "c": (K,)}
    for affine in (one for equation in ODD.equations for one in affines(equation.right)):
        assert affine.bias is not None
        shapes |= {matrix: (H, D if matrix.startswith("U") else H) for matrix, _ in affine.terms} | {affine.bias: (H,)}
    parameters = {name: rng.normal(scale=0.2, size=shape) for name, shape in shapes.items()}
    network = Network((ODD,), output_layer(bias=True), parameters, (rng.normal(size=H),))
    rows = [tuple(map(tuple, rng.normal(size=(4, size)).tolist())) for size in (D, K)]
    return engine.run(
        Scenario(SequenceTable(inputs=rows[0], targets=rows[1]), NetworkTable(H), backward=backward), network
    )


@pytest.mark.parametrize("backward", BACKWARDS.values(), ids=BACKWARDS)
def test_rows_and_reasons_are_those_of_the_trace(backward: BackwardTable) -> None:
    trace = odd(backward)
    check_rows(trace)
    assert check_reasons(trace, most=400) > 100


def test_how_a_sign_is_written() -> None:
    formulas = {GOODFELLOW.write(found.formula) for _, _, found in walk(odd(BACKWARDS["full"]))}
    assert "∂L/∂a₂ = −∂L/∂z₂" in formulas
    assert "∂L/∂z₂ = (tanh′(z₂) ⊙ (1 − z₂) − tanh(z₂)) ⊙ ∂L/∂h₂" in formulas
    assert "∂L/∂h₂ = Vᵀ ∂L/∂o₂ + Wᵀ ∂L/∂a₃ − W_gᵀ ∂L/∂g₃ − g₃ ⊙ ∂L/∂h₃" in formulas
    assert "∂⁺L/∂W_g (t = 2) = (−∂L/∂g₂) h₁ᵀ" in formulas
    assert not [formula for formula in formulas if "−1" in formula or "+ −" in formula]
    cut = {GOODFELLOW.write(found.formula) for _, _, found in walk(odd(BACKWARDS["given ξ"]))}
    assert any("− ξ₂ · g₂ ⊙ ∂L/∂h₂" in formula for formula in cut)


@pytest.mark.parametrize("notation", ALL, ids=lambda one: one.name)
@pytest.mark.parametrize("cell", ["gru before", "gru after"])
def test_a_gru_s_update_gate_gets_the_difference(cell: str, notation: Notation) -> None:
    found = adjoint(trace_of(cell), "z", 0, 2)
    difference, arriving, _ = found.parts
    for write in (notation.write, notation.latex):
        text = write(found.formula)
        assert text.count(write(arriving.formula)) == 1, "the common adjoint is written once"
        assert write(("−1",)) not in text
        assert write(difference.formula) in text
    np.testing.assert_array_equal(
        difference.values, trace_of(cell).layers[0].h[0] - trace_of(cell).layers[0].values["n"][2]
    )


def test_a_gru_s_difference_as_it_is_read() -> None:
    trace = trace_of("gru before")
    formula = "(h₁ − n₂) ⊙ ∂L/∂h₂"
    assert GOODFELLOW.write(adjoint(trace, "z", 0, 2).formula) == f"∂L/∂z₂ = {formula}"
    reason = Reasons(trace).of(Number(Adjoint("z", 2, 0), (0,)))
    assert GOODFELLOW.write(reason.formula) == "(h₁[1] − n₂[1]) · ∂L/∂h₂[1]"
    contains(GOODFELLOW.write(reason.substituted), float(trace.layers[0].adjoints["z"][1, 0]), significant_number)
    timeline = Timeline.of(trace.network, trace.T)
    position = timeline.position(Phase.BACKWARD, 2, Operation("adjoint", "z", 0))
    row = Reasons(trace).of(Number(Row(position, "W_r", 0), (0,)))
    assert GOODFELLOW.write(row.name) == "(h₁ − n₂)[1]"
