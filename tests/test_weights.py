"""Parameters from .npz and .safetensors files, under this program's names and PyTorch's."""

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
from weights_files import load, problems, safetensors, scenario_text, write

import bptt_viz
from bptt_viz import loading, saving
from bptt_viz.errors import ScenarioError
from bptt_viz.network import build
from bptt_viz.quantities import Given
from bptt_viz.reasons.givens import given as reason_of
from bptt_viz.reasons.reason import Ground
from bptt_viz.ui.source import Source

if TYPE_CHECKING:
    from bptt_viz.activations import Array

#: Written by PyTorch 2.13 with safetensors 0.8, and what PyTorch computes with them.
FOLDER = Path(__file__).parent / "weights"
FORMATS = (".npz", ".safetensors")
#: As PyTorch stacks them.
GATES = {"rnn": ("",), "lstm": ("_i", "_f", "_g", "_o"), "gru": ("_r", "_z", "_n")}


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("cell", GATES)
def test_what_pytorch_wrote_and_computes(tmp_path: Path, cell: str, suffix: str) -> None:
    theirs = json.loads((FOLDER / f"torch-{cell}.json").read_text(encoding="utf-8"))
    shutil.copy(FOLDER / f"torch-{cell}{suffix}", tmp_path)
    network = f'cell = "{cell}"\nlayers = {theirs["layers"]}\n' + ('reset = "after"\n' if cell == "gru" else "")
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
    network = f'cell = "{cell}"\nlayers = {layers}\n' + ('reset = "after"\n' if cell == "gru" else "")
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
    for name, array in build(load(tmp_path, text)).parameters.items():
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
    parameters = build(load(tmp_path, text)).parameters
    np.testing.assert_array_equal(parameters["U"], arrays["encoder.gru.weight_ih_l0"])
    np.testing.assert_array_equal(parameters["W_dec"], arrays["decoder.gru.weight_hh_l0"])
    np.testing.assert_array_equal(parameters["c"], arrays["decoder.fc.bias"])
    del arrays["decoder.gru.weight_hh_l0"]
    write(tmp_path, "w.npz", arrays)
    assert problems(tmp_path, text) == ['network.weights: expected "decoder.gru.weight_hh_l0" too, found nothing']


def test_single_cells(tmp_path: Path) -> None:
    write(tmp_path, "w.npz", {"weight_ih": np.ones((8, 3)), "weight_hh": np.ones((8, 2)), "bias_hh": np.ones(8)})
    assert build(load(tmp_path, scenario_text("w.npz", 'cell = "lstm"'))).parameters["b_o"].tolist() == [1, 1]


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
    assert build(load(tmp_path, scenario_text("w.npz"))).parameters["W"].tolist() == W.astype(float).tolist()
    if dtype[0] == "<":
        write(tmp_path, "w.safetensors", {"W": W})
        assert build(load(tmp_path, scenario_text("w.safetensors"))).parameters["W"].tolist() == W.tolist()


def test_bfloat16(tmp_path: Path) -> None:
    W = {"dtype": "BF16", "shape": [2, 2], "data_offsets": [0, 8]}
    data = np.array([0x3F80, 0xC020, 0x0001, 0x7F7F], "<u2").tobytes()
    (tmp_path / "w.safetensors").write_bytes(safetensors({}, W=W) + data)
    W_read = build(load(tmp_path, scenario_text("w.safetensors"))).parameters["W"]
    assert W_read.tolist() == [[1.0, -2.5], [2.0**-133, (2 - 2**-7) * 2.0**127]]


def test_an_archive_of_python_2(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "w.npz", "w") as archive, (tmp_path / "W.npy").open("w+b") as file:
        np.save(file, np.ones((2, 2)))
        file.seek(0)
        archive.writestr("W.npy", file.read().replace(b"(2, 2), }  ", b"(2L, 2L), }"))
    assert build(load(tmp_path, scenario_text("w.npz"))).parameters["W"].tolist() == [[1, 1], [1, 1]]


SQUARE = np.ones((2, 2))
RNN = {"weight_ih_l0": np.ones((2, 3)), "weight_hh_l0": SQUARE}
PYTORCH_LSTM = {
    "weight_ih_l0": np.ones((16, 3)),
    "weight_hh_l0": np.ones((16, 4)),
    "bias_ih_l0": np.ones(16),
    "bias_hh_l0": np.ones(16),
}
EMBEDDING = (
    "network.weights.{where}: expected no embedding E: one-hot inputs and U = W_ih Eᵀ are the same network, "
    'found "{name}"'
)
WRONG: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "shape": ("", {"W": np.ones((2, 3))}, ["network.weights.W: expected 2×2 (hidden_size × hidden_size), found 2×3"]),
    "scalar": (
        "",
        {"W": np.float64(1)},
        ["network.weights.W: expected 2×2 (hidden_size × hidden_size), found a single number"],
    ),
    "gates": (
        'cell = "lstm"',
        {"weight_ih_l0": np.ones((6, 3)), "weight_hh_l0": np.ones((8, 2))},
        ["network.weights.weight_ih_l0: expected 8×3 (4·hidden_size × input_size), found 6×3"],
    ),
    "integers": (
        "",
        {"W": np.ones((2, 2), int)},
        ['network.weights.W: expected floating-point numbers (float16, float32, float64), found "int64"'],
    ),
    "complex": (
        "",
        {"W": np.ones((2, 2), complex)},
        ['network.weights.W: expected floating-point numbers (float16, float32, float64), found "complex128"'],
    ),
    "pickles": (
        "",
        {"W": np.array([[print, 1], [2, 3]], object)},
        [
            (
                "network.weights.W: expected floating-point numbers (float16, float32, float64), "
                "found pickled Python objects, which are never read"
            )
        ],
    ),
    "not a number": (
        "",
        {"W": np.array([[1, 2], [np.nan, 1]])},
        ["network.weights.W[1][0]: expected a finite number, found nan"],
    ),
    "infinite": (
        "",
        {"W": np.array([[1, -np.inf], [2, 1]])},
        ["network.weights.W[0][1]: expected a finite number, found -inf"],
    ),
    "infinite sum": (
        "",
        RNN | {"bias_ih_l0": np.full(2, 1e308), "bias_hh_l0": np.full(2, 1e308)},
        ["network.weights.bias_hh_l0: expected a finite number, found a sum of two biases beyond float64, b"],
    ),
    "unknown": (
        "",
        RNN | {"hidden": SQUARE, "weight_ih_10": SQUARE},
        [
            (
                "network.weights.hidden: expected a name that this network has a place for, "
                'U, W, b, V, c, weight_ih_l0, weight_hh_l0, found "hidden"'
            ),
            (
                "network.weights.weight_ih_10: expected a name that this network has a place for "
                '(the nearest is weight_ih_l0), found "weight_ih_10"'
            ),
        ],
    ),
    "two outputs": (
        "",
        RNN | {"attention.weight": SQUARE, "fc.weight": SQUARE, "fc.bias": np.ones(2)},
        [
            (
                "network.weights: expected nothing besides the recurrent layers but one linear layer, for V and c, "
                'found "attention", "fc"'
            )
        ],
    ),
    "an embedding that fits as V": (
        "",
        RNN | {"embedding.weight": SQUARE},
        [EMBEDDING.format(where='"embedding.weight"', name="embedding.weight")],
    ),
    "an embedding beside V": (
        "",
        RNN | {"encoder.word_embeddings.weight": np.ones((9, 3)), "fc.weight": SQUARE},
        [EMBEDDING.format(where='"encoder.word_embeddings.weight"', name="encoder.word_embeddings.weight")],
    ),
    "an embedding alone": ("", RNN | {"emb": SQUARE}, [EMBEDDING.format(where="emb", name="emb")]),
    "normalization": (
        "",
        RNN | {"layer_norm.weight": np.ones(2), "layer_norm.bias": np.ones(2), "fc.weight": SQUARE},
        [
            f'network.weights."layer_norm.{tail}": expected a network without normalization layers, '
            f'found "layer_norm.{tail}"'
            for tail in ("weight", "bias")
        ],
    ),
    "another hidden size": (
        'cell = "lstm"',
        PYTORCH_LSTM | {"fc.weight": np.ones((2, 4)), "fc.bias": np.ones(2)},
        ['network.weights: expected a hidden size of 2 (network.hidden_size), found 4 ("weight_hh_l0" is 16×4)'],
    ),
    "another hidden size and input size": (
        'cell = "lstm"',
        PYTORCH_LSTM | {"weight_ih_l0": np.ones((16, 5))},
        [
            'network.weights: expected a hidden size of 2 (network.hidden_size), found 4 ("weight_hh_l0" is 16×4)',
            "network.weights.weight_ih_l0: expected 8×3 (4·hidden_size × input_size), found 16×5",
        ],
    ),
    "another cell and hidden size": (
        'cell = "gru"',
        PYTORCH_LSTM,
        [
            'network.weights: expected a hidden size of 2 (network.hidden_size), found 4 ("weight_hh_l0" is 16×4)',
            (
                'network.weights: expected weights of cell = "gru" (network.cell), '
                'found 4 blocks of rows in "weight_hh_l0": an LSTM\'s'
            ),
        ],
    ),
    "another cell": (
        'cell = "lstm"',
        RNN,
        [
            (
                'network.weights: expected weights of cell = "lstm" (network.cell), '
                'found 1 block of rows in "weight_hh_l0": a plain RNN\'s'
            )
        ],
    ),
    "another hidden size by this program's names": (
        "",
        {"U": np.ones((4, 3)), "W": np.ones((4, 4)), "b": np.ones(5)},
        [
            'network.weights: expected a hidden size of 2 (network.hidden_size), found 4 ("W" is 4×4)',
            "network.weights.b: expected 2 (hidden_size), found 5",
        ],
    ),
    "many of one kind": (
        "",
        RNN | {f"{name}_reverse": array for name, array in RNN.items()} | {"bias_ih_l0_reverse": np.ones(2)},
        [
            (
                "network.weights.weight_ih_l0_reverse: expected a network that reads in one direction "
                '(bidirectional = False), found "weight_ih_l0_reverse", and 2 more like it '
                "(weight_hh_l0_reverse, bias_ih_l0_reverse)"
            )
        ],
    ),
    "many of one type": (
        "layers = 2",
        {name: np.ones((2, 2), int) for name in ("W_1", "W_2", "U_2", "V")} | {"U_1": np.ones((2, 3), np.int32)},
        [
            (
                "network.weights.W_1: expected floating-point numbers (float16, float32, float64), "
                'found "int64", and 3 more like it (W_2, U_2, V)'
            ),
            'network.weights.U_1: expected floating-point numbers (float16, float32, float64), found "int32"',
        ],
    ),
    "output of another size": (
        "",
        RNN | {"fc.weight": np.ones((5, 2))},
        ['network.weights."fc.weight": expected 2×2 (output_size × hidden_size), found 5×2'],
    ),
    "both directions": (
        "",
        RNN | {"weight_ih_l0_reverse": np.ones((2, 3))},
        [
            (
                "network.weights.weight_ih_l0_reverse: expected a network that reads in one direction "
                '(bidirectional = False), found "weight_ih_l0_reverse"'
            )
        ],
    ),
    "projection": (
        'cell = "lstm"',
        {"weight_ih_l0": np.ones((8, 3)), "weight_hh_l0": np.ones((8, 2)), "weight_hr_l0": SQUARE},
        ['network.weights.weight_hr_l0: expected a network without projections (proj_size = 0), found "weight_hr_l0"'],
    ),
    "more layers": (
        "",
        RNN | {"weight_ih_l1": SQUARE},
        ['network.weights.weight_ih_l1: expected no layer beyond l0, as network.layers is 1, found "weight_ih_l1"'],
    ),
    "fewer layers": (
        "layers = 2",
        RNN,
        [
            'network.weights: expected "weight_ih_l1" too, found nothing',
            'network.weights: expected "weight_hh_l1" too, found nothing',
        ],
    ),
    "half a module": (
        "",
        {"rnn.weight_ih_l0": np.ones((2, 3))},
        ['network.weights: expected "rnn.weight_hh_l0" too, found nothing'],
    ),
    "two modules": (
        "",
        {f"{module}.{name}": array for module in ("a", "b") for name, array in RNN.items()},
        [
            (
                'network.weights."b.weight_ih_l0": expected names of one recurrent module, beginning with "a.", '
                'found "b.weight_ih_l0"'
            ),
            (
                'network.weights."b.weight_hh_l0": expected names of one recurrent module, beginning with "a.", '
                'found "b.weight_hh_l0"'
            ),
        ],
    ),
    "the same twice": (
        "",
        RNN | {"W": SQUARE},
        ['network.weights.weight_hh_l0: expected one array for W, found "weight_hh_l0" again, as in "W"'],
    ),
    "a bias too many": (
        "",
        RNN | {"bias_hh_l0": np.ones(2), "b": np.ones(2)},
        ['network.weights.bias_hh_l0: expected one array for b, found "bias_hh_l0" again, as in "b"'],
    ),
    "no bias": (
        "bias = false",
        RNN | {"bias_ih_l0": np.array([0, 0.5]), "bias_hh_l0": np.zeros(2)},
        ["network.weights.bias_ih_l0[1]: expected no bias, or zeros, as network.bias is false, found 0.5"],
    ),
    "reset before": (
        'cell = "gru"',
        {"weight_ih_l0": np.ones((6, 3)), "weight_hh_l0": np.ones((6, 2))},
        [
            (
                'network.reset: expected reset = "after", which is how PyTorch\'s GRU, where the weights come from, '
                'computes, found "before"'
            )
        ],
    ),
    "nothing": ("", {}, ["network.weights: expected at least one array, found nothing"]),
}


@pytest.mark.parametrize(("network", "arrays", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_the_arrays(tmp_path: Path, network: str, arrays: dict[str, Any], said: list[str]) -> None:
    write(tmp_path, "w.npz", arrays)
    assert problems(tmp_path, scenario_text("w.npz", network)) == said


def test_a_bias_of_zeros_is_none(tmp_path: Path) -> None:
    write(tmp_path, "w.npz", RNN | {"bias_ih_l0": np.zeros(2), "c": np.zeros(2)})
    assert list(build(load(tmp_path, scenario_text("w.npz", "bias = false"))).parameters) == ["U", "W", "V"]


def test_problems_of_the_file_and_of_its_weights_come_together(tmp_path: Path) -> None:
    write(tmp_path, "w.npz", {"W": np.ones((3, 3)), "U": np.ones((1, 1))})
    text = scenario_text("w.npz", 'reset = "after"', parameters="Q = [1]") + '[loss]\nkind = "none"\n'
    where = [line.partition(": ")[0] for line in problems(tmp_path, text)]
    assert where == ["network.weights.W", "network.weights.U", "network.reset", "network.parameters.Q", "loss.kind"]


def test_a_file_of_thousands_of_strange_names_is_told_in_a_moment(tmp_path: Path) -> None:
    write(tmp_path, "w.safetensors", {f"strange {k}": np.ones(0) for k in range(9000)})
    (line,) = problems(tmp_path, scenario_text("w.safetensors"))
    assert line.endswith(
        'found "strange 0", and 8999 more like it ("strange 1", "strange 2", "strange 3", "strange 4", …)'
    )


@pytest.mark.parametrize("name", ["member.weight", "ensemble.weight", "abnormal.weight", "cnn.weight", "fc.weight"])
def test_output_layers_whose_names_only_resemble_those_of_other_modules(tmp_path: Path, name: str) -> None:
    write(tmp_path, "w.npz", RNN | {name: 2 * SQUARE})
    assert build(load(tmp_path, scenario_text("w.npz"))).parameters["V"].tolist() == [[2, 2], [2, 2]]


PATHS = [
    "/etc/w.npz",
    "../w.npz",
    "a/../../w.npz",
    "..\\w.npz",
    "C:\\w.npz",
    "C:w.npz",
    "w",
    "w.pt",
    "",
    ".",
    "w\0.npz",
]


@pytest.mark.parametrize("weights", PATHS)
def test_paths_that_are_never_followed(tmp_path: Path, weights: str) -> None:
    folder = tmp_path / "inner" / "folder"
    folder.mkdir(parents=True)
    for place in (tmp_path, folder.parent, folder):
        write(place, "w.npz", {"W": SQUARE})
    (line,) = problems(folder, scenario_text(weights))
    assert line.startswith(
        "network.weights: expected the path of a .npz or .safetensors file in the scenario's own folder"
    )


def test_links_lead_nowhere_else(tmp_path: Path) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    write(outside, "w.npz", {"W": SQUARE})
    write(folder, "w.npz", {"W": SQUARE})
    (folder / "link.npz").symlink_to(outside / "w.npz")
    (folder / "sub").symlink_to(outside)
    (folder / "circle.npz").symlink_to(folder / "circle.npz")
    (folder / "fine.npz").symlink_to("w.npz")
    for weights in ("link.npz", "sub/w.npz"):
        assert problems(folder, scenario_text(weights))[0].endswith(f'found "{weights}", a link that leads out of it')
    assert problems(folder, scenario_text("circle.npz"))
    assert not problems(folder, scenario_text("fine.npz"))
    # The folder itself may be reached through a link.
    (tmp_path / "door").symlink_to(folder)
    assert not problems(tmp_path / "door", scenario_text("w.npz"))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    text = scenario_text("w.npz")
    nowhere = json.dumps(str(tmp_path / "w.npz"), ensure_ascii=False)
    assert problems(tmp_path, text) == [f"network.weights: expected a weights file, found no such file: {nowhere}"]
    (tmp_path / "w.npz").mkdir()
    assert problems(tmp_path, text) == ["network.weights: expected a weights file, found a folder"]
    (tmp_path / "w.npz").rmdir()
    with (tmp_path / "w.npz").open("wb") as file:
        file.truncate(2**30)
    assert problems(tmp_path, text) == ["network.weights: expected a file of at most 64 MiB, found 1,073,741,824 bytes"]


@pytest.mark.parametrize("suffix", FORMATS)
def test_files_that_are_empty_or_end_early(tmp_path: Path, suffix: str) -> None:
    text, file = scenario_text(f"w{suffix}"), tmp_path / f"w{suffix}"
    write(tmp_path, file.name, RNN)
    whole = file.read_bytes()
    file.write_bytes(b"")
    assert problems(tmp_path, text) == ["network.weights: expected a weights file, found an empty file"]
    file.write_bytes(whole[:60])
    (line,) = problems(tmp_path, text)
    assert line.endswith("found a file that ends early")


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_of_torch_save_is_told_as_such(tmp_path: Path, suffix: str) -> None:
    with zipfile.ZipFile(tmp_path / f"w{suffix}", "w") as archive:
        archive.writestr("model/data.pkl", b"\x80\x02}.")
        archive.writestr("model/version", b"3\n")
    assert problems(tmp_path, scenario_text(f"w{suffix}")) == [
        (
            "network.weights: expected a weights file, "
            "found a PyTorch .pt file (pickle), which is never read; save it as safetensors"
        )
    ]


def test_a_scenario_in_no_file_has_no_weights() -> None:
    with pytest.raises(ScenarioError) as caught:
        loading.parse(scenario_text("w.npz").encode(), "<standard input>")
    assert caught.value.lines()[0].endswith('expected no path in a scenario that is in no file, found "w.npz"')


def test_a_subfolder_and_a_name_in_capitals(tmp_path: Path) -> None:
    (tmp_path / "模型").mkdir()
    (tmp_path / "模型" / "w.SAFETENSORS").write_bytes(safetensors({"W": SQUARE}))
    assert not problems(tmp_path, scenario_text("模型/w.SAFETENSORS"))


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


def test_a_changed_weights_file_is_noticed(tmp_path: Path) -> None:
    write(tmp_path, "w.npz", {"W": SQUARE})
    load(tmp_path, scenario_text("w.npz"))
    source = Source(tmp_path / "lesson.toml")
    assert source.lesson().trace.parameters["W"].tolist() == SQUARE.tolist()
    assert not source.changed()
    write(tmp_path, "w.npz", {"W": 2 * SQUARE, "b": np.ones(2)})
    assert source.changed()
    assert not source.changed()
    assert source.lesson().trace.parameters["W"].tolist() == (2 * SQUARE).tolist()
    (tmp_path / "w.npz").unlink()
    assert source.changed()
    assert not source.gone
    load_again = scenario_text("w.npz").replace('weights = "w.npz"', "")
    (tmp_path / "lesson.toml").write_text(load_again, encoding="utf-8")
    assert source.changed()
    source.lesson()
    assert source.weights is None
