"""Whatever a weights file holds, loading gives a scenario or tells problems: soon, in little memory, no traceback."""

from __future__ import annotations

import io
import json
import time
import tracemalloc
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from weights_files import problems, safetensors, scenario_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

#: Bytes and seconds that loading a scenario of a hundred numbers may take, whatever its weights file claims.
MOST_MEMORY = 160 * 2**20
LONGEST = 4.0

thorough = settings(max_examples=400)

ARRAYS: dict[str, NDArray[Any]] = {
    "rnn.weight_ih_l0": np.linspace(-1, 1, 24, dtype=np.float32).reshape(8, 3),
    "rnn.weight_hh_l0": np.linspace(-2, 2, 16, dtype=np.float64).reshape(8, 2),
    "rnn.bias_ih_l0": np.linspace(0, 1, 8, dtype=np.float16),
    "fc.weight": np.eye(2),
    "fc.bias": np.ones(2, dtype=np.float32),
}
LSTM = 'cell = "lstm"'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("weights")


@pytest.fixture
def little_memory() -> Iterator[None]:
    """The test must not make the program keep much at any time."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MOST_MEMORY


def npz(arrays: dict[str, NDArray[Any]], save: Callable[..., None] = np.savez) -> bytes:
    """An archive as NumPy writes it."""
    file = io.BytesIO()
    save(file, **arrays)
    return file.getvalue()


VALID = {
    "stored.npz": npz(ARRAYS),
    "deflated.npz": npz(ARRAYS, np.savez_compressed),
    "w.safetensors": safetensors(ARRAYS),
}


def loads(folder: Path, name: str, data: bytes) -> bool:
    """Whether a scenario with this weights file loads; if not, at least one problem is told, of the weights."""
    (folder / name).write_bytes(data)
    start = time.perf_counter()
    told = problems(folder, scenario_text(name, LSTM))
    assert time.perf_counter() - start < LONGEST
    assert all(line.startswith("network.weights") for line in told)
    return not told


@pytest.mark.parametrize("name", VALID)
def test_the_unchanged_files_are_read(folder: Path, name: str) -> None:
    assert loads(folder, name, VALID[name])


@pytest.mark.parametrize("name", VALID)
def test_every_truncation_is_told(folder: Path, name: str) -> None:
    data = VALID[name]
    for length in {*range(0, len(data), 7), len(data) - 1}:
        assert not loads(folder, name, data[:length])


@thorough
@pytest.mark.parametrize("name", VALID)
@given(data=st.data())
def test_bytes(folder: Path, name: str, data: st.DataObject) -> None:
    content = bytearray(VALID[name])
    marks = [i for mark in (b"PK", b"NUMPY", b"descr", b"shape", b"dtype", b"offsets") for i in _places(content, mark)]
    for _ in range(data.draw(st.integers(1, 4))):
        near = data.draw(st.sampled_from(marks)) + data.draw(st.integers(0, 40))
        position = data.draw(st.just(near) | st.integers(0, len(content)))
        piece = data.draw(
            st.binary(max_size=4)
            | st.sampled_from([b"\xff\xff\xff\xff", b"\x00" * 8, b"(", b"9" * 20, b"-1", b"[[[[", b"|O", b"PK\x01\x02"])
        )
        content[position : position + data.draw(st.just(len(piece)) | st.integers(0, 8))] = piece
    loads(folder, name, bytes(content))


def _places(content: bytes | bytearray, mark: bytes) -> list[int]:
    return [i for i in range(len(content)) if content.startswith(mark, i)]


@thorough
@given(data=st.binary(max_size=200), suffix=st.sampled_from(["npz", "safetensors"]))
def test_anything(folder: Path, data: bytes, suffix: str) -> None:
    assert not loads(folder, f"w.{suffix}", data)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["F64", "F32", "BF16", "I64", "我\x1b", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["dtype", "shape", "data_offsets", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)
sizes = st.integers(-1, 9) | st.sampled_from([2**40, 2**62, 2**70])
tensors = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F64", "F32", "F16", "BF16", "U8"]),
        "shape": st.lists(sizes, max_size=3),
        "data_offsets": st.lists(sizes, min_size=1, max_size=3),
    }
)


@thorough
@given(
    header=json_values
    | st.dictionaries(st.sampled_from([*ARRAYS, "W", "\x1b[2J", "__metadata__"]), json_values | tensors),
    numbers=st.binary(max_size=64),
    more=st.integers(-3, 3),
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning:json")
def test_headers_of_safetensors(folder: Path, header: object, numbers: bytes, more: int) -> None:
    text = json.dumps(header).encode()
    loads(folder, "w.safetensors", max(len(text) + more, 0).to_bytes(8, "little") + text + numbers)


@thorough
@given(
    header=st.text("(){}[],:'\"0123456789LTrue -fshapdcorn_<>|O", max_size=80)
    | st.builds(
        "{{'descr': {!r}, 'fortran_order': {}, 'shape': {}}}".format,
        st.sampled_from(["<f8", ">f2", "|O", "<c16", "<M8[s]", "<f16", "V8", "<U3", [("a", "<f8")]]),
        st.sampled_from([True, False, 1, "x"]),
        st.lists(sizes, max_size=3).map(tuple),
    ),
    version=st.sampled_from([b"\x01\x00", b"\x02\x00", b"\x03\x00", b"\x09\x00"]),
    numbers=st.binary(max_size=64),
)
def test_headers_of_numpy(folder: Path, header: str, version: bytes, numbers: bytes) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        length = len(header).to_bytes(2 if version == b"\x01\x00" else 4, "little")
        archive.writestr("fc.weight.npy", b"\x93NUMPY" + version + length + header.encode("latin-1") + numbers)
    loads(folder, "w.npz", file.getvalue())


def member(data: bytes, *, times: int = 1, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive whose V holds ``data`` so many times over."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive, archive.open("V.npy", "w", force_zip64=True) as entry:
        for _ in range(times):
            entry.write(data)
    return file.getvalue()


def header(shape: str) -> bytes:
    """What stands before the numbers of an array of that shape."""
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def crowd(count: int) -> bytes:
    """A zip file that lists one member so many times over."""
    data = npz({"V": np.eye(2)})
    listed, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    directory = data[listed:end] * count
    return data[:listed] + directory + data[end : end + 12] + len(directory).to_bytes(4, "little") + data[end + 16 :]


def with_dictionary(size: int) -> bytes:
    """An LZMA member that wants a dictionary of ``size`` bytes before the first of its own."""
    data = bytearray(member(header("(2, 2)") + bytes(32), compression=zipfile.ZIP_LZMA))
    # After the version of the encoder, the length of its properties, and one of them.
    at = data.index(b"\x05\x00", data.index(b"V.npy")) + 3
    data[at : at + 4] = size.to_bytes(4, "little")
    return bytes(data)


MEBIBYTE = bytes(2**20)
CLAIMS = {"dtype": "F64", "shape": [2**20, 2**20], "data_offsets": [0, 2**43]}
BOMBS = {
    "2⁴⁰ numbers.npz": member(header(f"({2**20}, {2**20})")),
    "more digits than anybody counts.npz": member(header(f"({'9' * 4000},)")),
    "too many dimensions.npz": member(header(f"({'1,' * 3000})")),
    "a number of thousands of digits.npz": member(header(f"(0x{'f' * 9000},)")),
    "a deep header.npz": member(header("(" * 4000)),
    "a gibibyte after four numbers.npz": member(header("(2, 2)") + MEBIBYTE, times=1024),
    "a header of two gibibytes.npz": member(b"\x93NUMPY\x02\x00" + (2**31).to_bytes(4, "little") + MEBIBYTE, times=512),
    "a hundred thousand members.npz": crowd(100_000),
    "a dictionary of a gibibyte.npz": with_dictionary(2**30),
    "2⁴⁰ numbers.safetensors": safetensors({}, V=CLAIMS),
    "too many dimensions.safetensors": safetensors({}, V=CLAIMS | {"shape": [2**40] * 30_000}),
    "many dimensions.safetensors": safetensors({}, V=CLAIMS | {"shape": [2**40] * 60}),
    "a header of exbibytes.safetensors": b"\xff" * 7 + b"\x0f" + b"{}",
    "a header of megabytes.safetensors": (2**24).to_bytes(8, "little") + b" " * 2**24,
    "a deep header.safetensors": (2**19).to_bytes(8, "little") + b'{"V":' + b"[" * (2**19 - 5),
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.usefixtures("little_memory")
def test_bombs(folder: Path, name: str) -> None:
    assert not loads(folder, name, BOMBS[name])


@pytest.mark.usefixtures("little_memory")
def test_a_small_file_of_a_huge_network(folder: Path) -> None:
    """All that is wrong is the number of numbers: header and data agree."""
    H = 4096
    (folder / "huge.npz").write_bytes(npz({"W": np.zeros((H, H), np.float16)}, np.savez_compressed))
    text = scenario_text("huge.npz").replace("hidden_size = 2", f"hidden_size = {H}")
    assert problems(folder, text) == [
        "network.weights: expected at most 8,388,608 numbers from a file, found 16,777,216"
    ]


def test_an_encrypted_member_is_not_asked_about(folder: Path) -> None:
    data = bytearray(VALID["stored.npz"])
    for at in _places(data, b"PK\x01\x02"):
        data[at + 8] |= 1
    for at in _places(data, b"PK\x03\x04"):
        data[at + 6] |= 1
    assert not loads(folder, "locked.npz", bytes(data))
