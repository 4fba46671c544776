"""Parameters from .npz and .safetensors files: the numbers, under this program's names and PyTorch's."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from weights_files import FORMATS, RNN, SQUARE, load, parameters_of, problems, safetensors, scenario_text, write

import bptt_viz
from bptt_viz import loading, saving
from bptt_viz.network import build
from bptt_viz.quantities import Given
from bptt_viz.reasons.givens import given as reason_of
from bptt_viz.reasons.reason import Ground

if TYPE_CHECKING:
    from bptt_viz.activations import Array

#: Written by PyTorch 2.13 with safetensors 0.8, and what PyTorch computes with them.
FOLDER = Path(__file__).parent / "weights"
#: As PyTorch stacks them.
GATES = {"rnn": ("",), "lstm": ("_i", "_f", "_g", "_o"), "gru": ("_r", "_z", "_n")}


def pytorchs_network(cell: str, layers: int) -> str:
    """The table of a network that computes as PyTorch's does."""
    return f'cell = "{cell}"\nlayers = {layers}\n' + ('reset = "after"\n' if cell == "gru" else "")


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("cell", GATES)
def test_what_pytorch_wrote_and_computes(tmp_path: Path, cell: str, suffix: str) -> None:
    theirs = json.loads((FOLDER / f"torch-{cell}.json").read_text(encoding="utf-8"))
    shutil.copy(FOLDER / f"torch-{cell}{suffix}", tmp_path)
    network = pytorchs_network(cell, theirs["layers"])
    trace = bptt_viz.trace(load(tmp_path, scenario_text(f"torch-{cell}{suffix}", network)))
    assert trace.x.tolist() == pytest.approx(np.array(theirs["x"]), abs=1e-15)
    layer = "_1" if theirs["layers"] > 1 else ""
    ours = np.concatenate([trace.gradients[f"W{gate}{layer}"] for gate in GATES[cell]])
    for mine, name in ((trace.o, "o"), (trace.dL_dx, "dL_dx"), (trace.loss, "loss"), (ours, "dL_dW")):
        np.testing.assert_allclose(mine, theirs[name], rtol=1e-12, atol=1e-14, err_msg=name)


def logistic(a: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-a)), dtype=np.float64)


def pytorch_layer(cell: str, x: Array, weights: dict[str, Array], layer: int) -> Array:
    """h of one layer by the formulas of PyTorch's documentation, gates stacked, both biases apart."""
    W_ih, W_hh = weights[f"weight_ih_l{layer}"], weights[f"weight_hh_l{layer}"]
    none = np.zeros(len(W_ih))
    b_ih, b_hh = weights.get(f"bias_ih_l{layer}", none), weights.get(f"bias_hh_l{layer}", none)
    h = c = np.zeros(W_hh.shape[1])
    rows = []
    for x_t in x:
        gi, gh = W_ih @ x_t + b_ih, W_hh @ h + b_hh
        if cell == "rnn":
            h = np.tanh(gi + gh)
        elif cell == "lstm":
            i, f, g, o = np.split(gi + gh, 4)
            c = logistic(f) * c + logistic(i) * np.tanh(g)
            h = logistic(o) * np.tanh(c)
        else:
            (ri, zi, ni), (rh, zh, nh) = np.split(gi, 3), np.split(gh, 3)
            z = logistic(zi + zh)
            h = (1 - z) * np.tanh(ni + logistic(ri + rh) * nh) + z * h
        rows.append(h)
    return np.array(rows)


@given(
    cell=st.sampled_from(list(GATES)),
    layers=st.integers(1, 3),
    biases=st.sampled_from([(), ("ih",), ("hh",), ("ih", "hh")]),
    prefix=st.sampled_from(["", "rnn.", "model.encoder.", "decoder."]),
    output=st.sampled_from(["", "V", "fc.", "decoder.out."]),
    suffix=st.sampled_from(FORMATS),
    seed=st.integers(0, 2**32 - 1),
)
def test_pytorchs_formulas(
    tmp_path_factory: pytest.TempPathFactory,
    cell: str,
    layers: int,
    biases: tuple[str, ...],
    prefix: str,
    output: str,
    suffix: str,
    seed: int,
) -> None:
    tmp_path = tmp_path_factory.mktemp("weights")
    rng = np.random.default_rng(seed)
    rows, weights = 2 * len(GATES[cell]), {}
    for layer in range(layers):
        weights[f"weight_ih_l{layer}"] = rng.normal(size=(rows, 2 if layer else 3))
        weights[f"weight_hh_l{layer}"] = rng.normal(size=(rows, 2))
        weights |= {f"bias_{side}_l{layer}": rng.normal(size=rows) for side in biases}
    V = rng.normal(size=(2, 2))
    arrays = {prefix + name: array for name, array in weights.items()}
    if output:
        arrays["V" if output == "V" else f"{output}weight"] = V
    write(tmp_path, f"w{suffix}", arrays)
    network = pytorchs_network(cell, layers)
    trace = bptt_viz.trace(load(tmp_path, scenario_text(f"w{suffix}", network)))
    h = trace.x
    for layer in range(layers):
        h = pytorch_layer(cell, h, weights, layer)
        np.testing.assert_allclose(trace.layers[layer].h, h, rtol=1e-12, atol=1e-14)
    if output:
        np.testing.assert_array_equal(trace.parameters["V"], V)


@pytest.mark.parametrize("suffix", FORMATS)
def test_own_names_some_of_them_and_the_rest_drawn(tmp_path: Path, suffix: str) -> None:
    U, b = np.array([[0.1, 1e-300, -0.0], [3.0, 5e-324, 1 / 3]]), np.array([1.0, -2.0])
    write(tmp_path, f"w{suffix}", {"model.U": U, "model.b": b})
    network = build(load(tmp_path, scenario_text(f"w{suffix}")))
    drawn = build(load(tmp_path, scenario_text("w.npz").replace('weights = "w.npz"', "")))
    assert network.parameters["U"].tobytes() == U.tobytes()
    assert network.parameters["b"].tolist() == b.tolist()
    for name in ("W", "V", "c"):
        np.testing.assert_array_equal(network.parameters[name], drawn.parameters[name])


def test_own_names_of_gates_layers_and_a_decoder(tmp_path: Path) -> None:
    table = 'cell = "gru"\nreset = "after"\nlayers = 2\n'
    text = scenario_text("w.npz", table).replace("[network]", "decoder_from = 3\n[network]", 1)
    first = build(load(tmp_path, text.replace('weights = "w.npz"', "")))
    rng = np.random.default_rng(0)
    arrays = {name: rng.normal(size=array.shape) for name, array in first.parameters.items()}
    write(tmp_path, "w.npz", arrays)
    for name, array in parameters_of(tmp_path, text).items():
        np.testing.assert_array_equal(array, arrays[name], err_msg=name)


def test_pytorchs_encoder_and_decoder(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    arrays = {
        f"{module}.gru.{name}": rng.normal(size=shape)
        for module in ("encoder", "decoder")
        for name, shape in {"weight_ih_l0": (2, 3), "weight_hh_l0": (2, 2)}.items()
    }
    arrays["decoder.fc.bias"] = rng.normal(size=2)
    write(tmp_path, "w.npz", arrays)
    text = scenario_text("w.npz").replace("[network]", "decoder_from = 3\n[network]", 1)
    parameters = parameters_of(tmp_path, text)
    np.testing.assert_array_equal(parameters["U"], arrays["encoder.gru.weight_ih_l0"])
    np.testing.assert_array_equal(parameters["W_dec"], arrays["decoder.gru.weight_hh_l0"])
    np.testing.assert_array_equal(parameters["c"], arrays["decoder.fc.bias"])
    del arrays["decoder.gru.weight_hh_l0"]
    write(tmp_path, "w.npz", arrays)
    assert problems(tmp_path, text) == ['network.weights: expected "decoder.gru.weight_hh_l0" too, found nothing']


def test_single_cells(tmp_path: Path) -> None:
    write(tmp_path, "w.npz", {"weight_ih": np.ones((8, 3)), "weight_hh": np.ones((8, 2)), "bias_hh": np.ones(8)})
    assert parameters_of(tmp_path, scenario_text("w.npz", 'cell = "lstm"'))["b_o"].tolist() == [1, 1]


def test_what_the_scenario_gives_wins_and_need_not_fit(tmp_path: Path) -> None:
    write(tmp_path, "w.npz", {"weight_ih_l0": np.ones((2, 3)), "weight_hh_l0": np.ones((2, 2)), "V": np.ones((9, 9))})
    parameters = "V = [[1, 2], [3, 4]]\nU = [[1, 2, 3], [4, 5, 6]]"
    scenario = load(tmp_path, scenario_text("w.npz", parameters=parameters))
    assert build(scenario).parameters["V"].tolist() == [[1, 2], [3, 4]]
    assert build(scenario).parameters["U"].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert build(scenario).parameters["W"].tolist() == [[1, 1], [1, 1]]
    assert "U" in scenario.network.parameters
    assert "W" not in scenario.network.parameters


@pytest.mark.parametrize("dtype", ["<f2", "<f4", "<f8", ">f2", ">f4", ">f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numbers_of_every_width(tmp_path: Path, dtype: str, order: Any) -> None:
    W = np.array([[0.1, -2.5], [6e-5, 1000.5]]).astype(dtype).copy(order=order)
    np.savez_compressed(tmp_path / "w.npz", W=W)
    assert parameters_of(tmp_path, scenario_text("w.npz"))["W"].tolist() == W.astype(float).tolist()
    if dtype[0] == "<":
        write(tmp_path, "w.safetensors", {"W": W})
        assert parameters_of(tmp_path, scenario_text("w.safetensors"))["W"].tolist() == W.tolist()


def test_bfloat16(tmp_path: Path) -> None:
    W = {"dtype": "BF16", "shape": [2, 2], "data_offsets": [0, 8]}
    data = np.array([0x3F80, 0xC020, 0x0001, 0x7F7F], "<u2").tobytes()
    (tmp_path / "w.safetensors").write_bytes(safetensors({}, W=W) + data)
    W_read = parameters_of(tmp_path, scenario_text("w.safetensors"))["W"]
    assert W_read.tolist() == [[1.0, -2.5], [2.0**-133, (2 - 2**-7) * 2.0**127]]


def test_an_archive_of_python_2(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "w.npz", "w") as archive, (tmp_path / "W.npy").open("w+b") as file:
        np.save(file, np.ones((2, 2)))
        file.seek(0)
        archive.writestr("W.npy", file.read().replace(b"(2, 2), }  ", b"(2L, 2L), }"))
    assert parameters_of(tmp_path, scenario_text("w.npz"))["W"].tolist() == [[1, 1], [1, 1]]


def test_a_bias_of_zeros_is_none(tmp_path: Path) -> None:
    write(tmp_path, "w.npz", RNN | {"bias_ih_l0": np.zeros(2), "c": np.zeros(2)})
    assert list(parameters_of(tmp_path, scenario_text("w.npz", "bias = false"))) == ["U", "W", "V"]


@pytest.mark.parametrize("name", ["member.weight", "ensemble.weight", "abnormal.weight", "cnn.weight", "fc.weight"])
def test_output_layers_whose_names_only_resemble_those_of_other_modules(tmp_path: Path, name: str) -> None:
    write(tmp_path, "w.npz", RNN | {name: 2 * SQUARE})
    assert parameters_of(tmp_path, scenario_text("w.npz"))["V"].tolist() == [[2, 2], [2, 2]]


def test_a_number_says_which_file_it_is_from(tmp_path: Path) -> None:
    write(tmp_path, "w.npz", {"W": SQUARE, "U": np.ones((2, 3))})
    trace = bptt_viz.trace(load(tmp_path, scenario_text("w.npz", parameters="U = [[1, 2, 3], [4, 5, 6]]")))
    origins = {name: reason_of(Ground(trace), Given(name), (0, 0)).origin for name in "UWV"}
    told = {name: origin.told("en") for name, origin in origins.items() if origin is not None}
    assert told["W"] == 'given: network.weights = "w.npz"'
    assert told["U"] == "given: network.parameters.U"
    assert told["V"].startswith("drawn")


def test_saved_with_the_parameters_and_without_the_file(tmp_path: Path) -> None:
    write(tmp_path, "w.npz", {"W": np.array([[1 / 3, 2], [3, 1e-300]])})
    trace = bptt_viz.trace(load(tmp_path, scenario_text("w.npz")), updates=1)
    text = saving.scenario_toml(trace.scenario, trace.network, "new.toml")
    assert "weights" not in text
    loaded = loading.parse(text.encode(), "new.toml")
    for name, array in build(loaded).parameters.items():
        assert array.tobytes() == trace.parameters[name].tobytes(), name
