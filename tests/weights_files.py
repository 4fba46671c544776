"""Weights files for tests: scenarios that name one, and safetensors written by the format's description."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from bptt_viz import loading
from bptt_viz.errors import ScenarioError
from bptt_viz.messages import LANGUAGES
from bptt_viz.network import build

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from bptt_viz.activations import Array
    from bptt_viz.scenario import Scenario

FORMATS = (".npz", ".safetensors")
#: Arrays that fit the scenario of ``scenario_text``: any square matrix of it, and PyTorch's two of a plain cell.
SQUARE = np.ones((2, 2))
RNN = {"weight_ih_l0": np.ones((2, 3)), "weight_hh_l0": SQUARE}
NAMES = {"float16": "F16", "float32": "F32", "float64": "F64", "int64": "I64"}


def safetensors(arrays: Mapping[str, NDArray[np.generic]], **other: object) -> bytes:
    """A safetensors file: length of the header, header, numbers; ``other`` is put into the header."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    numbers = b""
    for name, array in arrays.items():
        data = np.ascontiguousarray(array).tobytes()
        offsets = [len(numbers), len(numbers) + len(data)]
        header[name] = {"dtype": NAMES[array.dtype.name], "shape": array.shape, "data_offsets": offsets}
        numbers += data
    text = json.dumps(header | other).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + numbers


def write(folder: Path, name: str, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """A weights file of the format that its name ends in."""
    if name.endswith(".npz"):
        np.savez(folder / name, **arrays)  # type: ignore[arg-type]  # NumPy's own stubs mistake the names
    else:
        (folder / name).write_bytes(safetensors(arrays))


def scenario_text(weights: str, network: str = "", parameters: str = "", D: int = 3, K: int = 2, T: int = 4) -> str:
    """A scenario with H = 2 that names a weights file."""
    rows = np.linspace(-1, 1, T * D).reshape(T, D).tolist()
    return (
        f"[sequence]\ninputs = {rows}\ntargets = {[[0.0] * K] * T}\n"
        f"[network]\nhidden_size = 2\nweights = {json.dumps(weights)}\n{network}\n[network.parameters]\n{parameters}\n"
    )


def load(folder: Path, text: str) -> Scenario:
    """The scenario of a file in ``folder``."""
    file = folder / "lesson.toml"
    file.write_text(text, encoding="utf-8")
    return loading.read(file)


def parameters_of(folder: Path, text: str) -> Mapping[str, Array]:
    """The parameters of the network of a scenario in ``folder``."""
    return build(load(folder, text)).parameters


def problems(folder: Path, text: str, language: str = "en") -> list[str]:
    """What is said of a scenario in ``folder``, without the file's name; printable and short in every language."""
    try:
        load(folder, text)
    except ScenarioError as error:
        told = {spoken: error.lines(spoken) for spoken in LANGUAGES}
        assert all(line.isprintable() and len(line) < 1000 for lines in told.values() for line in lines)
        return [line.removeprefix(f"{folder / 'lesson.toml'}: ") for line in told["zh" if language == "zh" else "en"]]
    return []
