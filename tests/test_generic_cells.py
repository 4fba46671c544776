"""The gated cells and stacks of them against autograd through plain code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import jacobian
from autograd.misc.flatten import flatten

from bptt_viz import cells, ledger, passes, sweep
from bptt_viz.cells import Options, X, output_layer
from bptt_viz.equations import affines
from bptt_viz.network import Network

if TYPE_CHECKING:
    from bptt_viz.cells import Cell

T, D, H, K = 5, 3, 4, 2


def lstm(layer: str = "") -> Cell:
    """The program's own LSTM."""
    return cells.lstm(Options(suffix=layer))


def gru_before(layer: str = "") -> Cell:
    """The GRU with a product inside an affine expression."""
    return cells.gru(Options(reset="before", suffix=layer))


def gru_after(layer: str = "") -> Cell:
    """The GRU with an affine expression inside a product."""
    return cells.gru(Options(reset="after", suffix=layer))


def sigma(a: Any) -> Any:
    """σ, as autograd can differentiate it."""
    return 1 / (1 + anp.exp(-a))


def lstm_step(p: dict[str, Any], x: Any, h: Any, s: Any) -> tuple[Any, Any]:
    """The interface's LSTM, in NumPy."""
    a = {gate: p[f"U_{gate}"] @ x + p[f"W_{gate}"] @ h + p[f"b_{gate}"] for gate in "ifgo"}
    s = sigma(a["f"]) * s + sigma(a["i"]) * anp.tanh(a["g"])
    return sigma(a["o"]) * anp.tanh(s), s


def gru_step(p: dict[str, Any], x: Any, h: Any, s: Any) -> tuple[Any, Any]:
    """The interface's GRU, in NumPy; which of the two says whether there is a b_hn."""
    r, z = (sigma(p[f"U_{gate}"] @ x + p[f"W_{gate}"] @ h + p[f"b_{gate}"]) for gate in "rz")
    if "b_hn" in p:
        n = anp.tanh(p["U_n"] @ x + p["b_n"] + r * (p["W_n"] @ h + p["b_hn"]))
    else:
        n = anp.tanh(p["U_n"] @ x + p["W_n"] @ (r * h) + p["b_n"])
    return (1 - z) * n + z * h, s


CELLS = {"lstm": (lstm, lstm_step), "gru before": (gru_before, gru_step), "gru after": (gru_after, gru_step)}
STACKS = [*((name,) for name in CELLS), ("lstm", "gru after"), ("gru before", "lstm", "gru before")]


def network_of(stack: tuple[str, ...], rng: np.random.Generator) -> Network:
    """The cells one upon the other, with random parameters and states."""
    layers = tuple(CELLS[name][0](f"_{layer}") for layer, name in enumerate(stack, start=1))
    shapes: dict[str, tuple[int, ...]] = {}
    for layer, cell in enumerate(layers):
        for equation in cell.equations:
            for affine in affines(equation.right):
                shapes |= {matrix: (H, D if v == X and layer == 0 else H) for matrix, v in affine.terms}
                shapes |= {affine.bias: (H,)} if affine.bias else {}
    shapes |= {"V": (K, H), "c": (K,)}
    parameters = {name: rng.normal(scale=0.6, size=shape) for name, shape in shapes.items()}
    return Network(layers, output_layer(bias=True), parameters, tuple(rng.normal(size=(len(stack), H))))


def squared_errors(stack: tuple[str, ...], v: dict[str, Any], starts: Any, y: np.ndarray) -> Any:
    """½‖o_t − y_t‖² of each step, every step with copies of its own; o and h of the top can be shifted."""
    h, s = list(starts), [np.zeros(H)] * len(stack)
    losses = []
    for t in range(T):
        below = v["x"][t]
        for layer, name in enumerate(stack):
            ending = f"_{layer + 1}"
            own = {key.removesuffix(ending): value[t] for key, value in v.items() if key.endswith(ending)}
            h[layer], s[layer] = CELLS[name][1](own, below, h[layer], s[layer])
            below = h[layer]
        below = h[-1] = below + v["shift h"][t]
        losses.append(0.5 * anp.sum((v["V"][t] @ below + v["c"][t] + v["shift o"][t] - y[t]) ** 2))
    return anp.array(losses)


def close(ours: Any, theirs: Any, what: str) -> None:
    """As near as rounding allows."""
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12, err_msg=what)


@pytest.mark.parametrize("stack", STACKS, ids=" + ".join)
@pytest.mark.parametrize("seed", [1, 2])
def test_cells_declared_as_equations(stack: tuple[str, ...], seed: int) -> None:
    rng = np.random.default_rng(seed)
    network, x, y = network_of(stack, rng), rng.normal(size=(T, D)), rng.normal(size=(T, K))
    values, o = passes.forward(network, x)
    layers, uses = passes.backward(network, values, o - y)

    copies = {name: np.array([value] * T) for name, value in network.parameters.items()}
    flat, unflatten = flatten(copies | {"x": x, "shift h": np.zeros((T, H)), "shift o": np.zeros((T, K))})
    starts = network.initial_states
    losses = squared_errors(stack, unflatten(flat), starts, y)
    rows = jacobian(lambda point: squared_errors(stack, unflatten(point), starts, y))(flat)
    exact = {name: np.array([unflatten(row)[name] for row in rows]) for name in unflatten(flat)}

    close(0.5 * ((o - y) ** 2).sum(axis=1), losses, "losses")
    close(o - y, exact["shift o"].sum(axis=0), "o")
    close(layers[-1].dL_dh, exact["shift h"].sum(axis=0), "h")
    dL_dx = sweep.input_adjoint(network.cells[0], network.parameters, layers[0].values, layers[0].adjoints)
    close(dL_dx, exact["x"].sum(axis=0), "x")
    for name, use in uses.items():
        operand = np.ones((T, 1)) if use.operand is None else use.operand
        contributions = np.einsum("to,ti->toi", use.adjoint, operand).reshape(copies[name].shape)
        close(contributions, exact[name].sum(axis=0), name)
    seen = set()
    for column in ledger.columns(network, values, o - y):
        for t in range(column.k, T + 1):
            close(column.term(t), exact[column.parameter][t - 1, column.k - 1], f"{column.parameter} {t} {column.k}")
            seen.add((column.parameter, t, column.k))
    assert seen == {(name, t, k) for name in network.parameters for t in range(1, T + 1) for k in range(1, t + 1)}
    triangle = ledger.triangle(network, values, o - y)
    for name in network.parameters:
        close(triangle[name], np.sqrt((exact[name].reshape(T, T, -1) ** 2).sum(axis=-1)), name)


@pytest.mark.parametrize("name", CELLS)
def test_states_that_are_not_given_start_at_zero(name: str) -> None:
    network = network_of((name,), np.random.default_rng(3))
    ((values,), _) = passes.forward(network, np.zeros((2, D)))
    np.testing.assert_array_equal(values["h"][0], network.initial_states[0])
    for state in set(network.cells[0].states) - {"h"}:
        np.testing.assert_array_equal(values[state][0], np.zeros(H))


@pytest.mark.parametrize("stack", STACKS, ids=" + ".join)
def test_error_terms_are_gradients_by_net_inputs(stack: tuple[str, ...]) -> None:
    """A bias is read once a step, so that its contribution is the δ of its gate; b_hn passes through r."""
    network = network_of(stack, np.random.default_rng(4))
    values, o = passes.forward(network, np.random.default_rng(5).normal(size=(T, D)))
    layers, uses = passes.backward(network, values, o)
    for number, (cell, layer) in enumerate(zip(network.cells, layers, strict=True), start=1):
        for name in cell.pre_activations:
            np.testing.assert_array_equal(uses[f"b_{name[2:]}_{number}"].adjoint, layer.adjoints[name])
        if f"b_hn_{number}" in uses:
            close(uses[f"b_hn_{number}"].adjoint, layer.adjoints["a_n"] * values[number - 1]["r"][1:], "b_hn")
