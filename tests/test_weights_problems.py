"""What is wrong with the arrays of a weights file: each problem told with its place, and many alike told once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from weights_files import RNN, SQUARE, problems, scenario_text, write

if TYPE_CHECKING:
    from pathlib import Path

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
