"""Cells that are declared as equations only: SymPy's terms of an LSTM and both GRUs against the engine's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from derivations import TOLERANCE, forget
from msgspec.structs import replace
from test_generic_cells import CELLS

from bptt_viz import ledger, passes
from bptt_viz.cells import X, output_layer
from bptt_viz.derivation.outline import outline
from bptt_viz.derivation.symbolic import factors, terms
from bptt_viz.derivation.symbolic.expansion import LONGEST
from bptt_viz.derivation.window import Numbers, Shape, Window
from bptt_viz.equations import affines
from bptt_viz.network import Network
from bptt_viz.notation import GOODFELLOW

if TYPE_CHECKING:
    from bptt_viz.activations import Array

T, D, K = 4, 3, 2


class Cast:
    """A network of one such cell, run over T steps; the window is the last three of them."""

    def __init__(self, name: str, H: int) -> None:
        rng = np.random.default_rng(H)
        cell, output = CELLS[name][0](), output_layer(bias=True)
        shapes: dict[str, tuple[int, ...]] = {}
        for equation in cell.equations:
            for affine in affines(equation.right):
                shapes |= {matrix: (H, D if vector == X else H) for matrix, vector in affine.terms}
                shapes |= {affine.bias: (H,)} if affine.bias else {}
        shapes |= {"V": (K, H), "c": (K,)}
        parameters = {name: rng.normal(scale=0.6, size=shape) for name, shape in shapes.items()}
        self.network = Network((cell,), output, parameters, (rng.normal(size=H),))
        self.x, self.y = rng.normal(size=(T, D)), rng.normal(size=(T, K))
        self.values, self.o = passes.forward(self.network, self.x)
        self.cell, self.H = cell, H

    def window(self, parameter: str) -> Window:
        """Steps 2..4."""
        numbers = Numbers(
            parameters=self.network.parameters,
            x=self.x[1:],
            y=self.y[1:],
            entering=({state: self.values[0][state][1] for state in self.cell.states},),
            has_target=(True,) * 3,
            factor=1.0,
        )
        shape = Shape((self.cell,), self.network.output, D, self.H, K, "squared_error", 3, parameter)
        return Window(2, shape, numbers, T)

    def engine(self, parameter: str) -> dict[tuple[int, int], Array]:
        """The engine's terms."""
        return ledger.window_terms(self.network, self.values, self.o - self.y, parameter, 2, 4)


@pytest.mark.parametrize("written_out", [True, False])
@pytest.mark.parametrize("H", [1, 2])
@pytest.mark.parametrize("name", CELLS)
def test_terms(name: str, H: int, *, written_out: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not written_out:
        monkeypatch.setattr(factors, "MOST_UNITS", 0)
        forget()
    cast = Cast(name, H)
    for parameter in cast.network.parameters:
        window, expected = cast.window(parameter), cast.engine(parameter)
        derived = list(terms(window))
        assert len(derived) == outline(window).expected
        for term in derived:
            np.testing.assert_allclose(
                term.value, expected[term.t, term.k], rtol=TOLERANCE, atol=1e-12, err_msg=parameter
            )
            assert all((block.entries is not None) == written_out for one in term.factors for block in one.blocks)
    if not written_out:
        monkeypatch.undo()
        forget()


def forms(name: str, parameter: str) -> dict[str, str]:
    """How the factors of the term (3, 2) are written."""
    found = {(term.t, term.k): term for term in terms(Cast(name, 2).window(parameter))}[3, 2]
    return {GOODFELLOW.write(factor.written): GOODFELLOW.write(factor.form) for factor in found.factors}


def test_an_entry_may_depend_on_every_row() -> None:
    """The reset gate of a GRU reaches every unit through W_n."""
    cast = Cast("gru before", 2)
    (direct,) = (factor for factor in next(terms(cast.window("W_r"))).factors if factor.kind == "direct")
    assert not direct.sparse
    assert [GOODFELLOW.write(block.label) for block in direct.blocks] == ["∂⁺h₄[1]/∂W_r", "∂⁺h₄[2]/∂W_r"]
    assert forms("gru before", "W_r")["∂⁺h₂/∂W_r"] == (
        "∂⁺h₂[i]/∂W_r[l,j] = (1 − n₂[i]²) (1 − z₂[i]) W_n[i,l] r₂[l] (1 − r₂[l]) h₁[l] h₁[j]"
    )


def test_the_ways_through_a_gru() -> None:
    assert forms("gru before", "W_z")["∂h₃/∂h₂"].split(" + ") == [
        "diag((h₂ − n₃) ⊙ z₃ ⊙ (1 − z₃)) W_z",
        "diag((1 − n₃²) ⊙ (1 − z₃)) W_n diag(r₃ ⊙ (1 − r₃) ⊙ h₂) W_r",
        "diag((1 − n₃²) ⊙ (1 − z₃)) W_n diag(r₃)",
        "diag(z₃)",
    ]


def block_forms(name: str, parameter: str) -> dict[str, str]:
    """How the blocks of the factors of the term (3, 2) are written."""
    found = {(term.t, term.k): term for term in terms(Cast(name, 2).window(parameter))}[3, 2]
    blocks = [block for factor in found.factors for block in factor.blocks]
    return {GOODFELLOW.write(block.label): "0" if block.zero else GOODFELLOW.write(block.form) for block in blocks}


def test_an_lstm_has_two_states() -> None:
    """What goes through s within a step is told by the chain rule: the two routes of the error stand apart."""
    assert list(forms("lstm", "W_f")) == ["∂L₃/∂o₃", "∂o₃/∂(s, h)₃", "∂(s, h)₃/∂(s, h)₂", "∂⁺(s, h)₂/∂W_f"]
    found = block_forms("lstm", "W_f")
    assert (found["∂o₃/∂s₃"], found["∂o₃/∂h₃"]) == ("0", "V")
    assert found["∂s₃/∂s₂"] == "diag(f₃)"
    assert found["∂h₃/∂s₂"] == "diag(q₃ ⊙ (1 − tanh(s₃)²)) · ∂s₃/∂s₂"
    assert found["∂h₃/∂h₂"] == ("diag(q₃ ⊙ (1 − q₃) ⊙ tanh(s₃)) W_o + diag(q₃ ⊙ (1 − tanh(s₃)²)) · ∂s₃/∂h₂")
    assert [label for label in found if label.startswith("∂⁺")] == ["∂⁺s₂[i]/∂W_f[i,j]", "∂⁺h₂[i]/∂W_f[i,j]"]
    assert found["∂⁺h₂[i]/∂W_f[i,j]"].endswith("= q₂[i] (1 − tanh(s₂[i])²) · ∂⁺s₂[i]/∂W_f[i,j]")
    assert block_forms("lstm", "W_o")["∂⁺s₂[i]/∂W_o[i,j]"] == "0"


def test_gates_are_written_out_as_long_as_that_can_be_read() -> None:
    """Put into each other, the equations of a GRU grow about fivefold with every step."""
    window = Cast("gru after", 1).window("W_n")
    shape = replace(window.shape, D=1, K=1)
    single = replace(window.numbers, x=window.numbers.x[:, :1], y=window.numbers.y[:, :1])
    single = replace(
        single,
        parameters={name: value[:1] if value.ndim == 1 else value[:1, :1] for name, value in single.parameters.items()},
    )
    lengths = {(term.t, term.k): len(term.expanded) for term in terms(Window(2, shape, single, T))}
    assert lengths[2, 2] > 0
    assert lengths[4, 2] == 0
    assert max(lengths.values()) < LONGEST
