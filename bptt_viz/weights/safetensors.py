"""safetensors files → their entries: 8 bytes of length, a JSON header, raw numbers, all little-endian.

Read here and not by the library of that name, because that has no bfloat16 for NumPy, stops at the first thing wrong
in a file, and is a compiled wheel for what are three lines of arithmetic.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import numpy as np

from bptt_viz.messages import phrase
from bptt_viz.weights.entry import (
    LARGEST_SIZE,
    MOST_AXES,
    MOST_ENTRIES,
    Entry,
    RefusedError,
    other_length,
    too_many,
    unreadable,
)
from bptt_viz.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bptt_viz.activations import Array

_PREFIX: Final = 8
#: Longest header, in bytes; that of a network of hundreds of arrays has some tens of thousands.
_LONGEST_HEADER: Final = 2**20
#: The key of what else the writer wanted to say, as text.
_METADATA: Final = "__metadata__"
_TYPES: Final[Mapping[str, str]] = {"F16": "<f2", "BF16": "<u2", "F32": "<f4", "F64": "<f8"}

_Size = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_SIZE)]


class _Tensor(msgspec.Struct, frozen=True):
    dtype: str
    shape: Annotated[tuple[_Size, ...], msgspec.Meta(max_length=MOST_AXES)]
    data_offsets: tuple[_Size, _Size]


def entries(data: bytes) -> dict[str, Entry]:
    """The arrays of a file by name.

    Raises
    ------
    RefusedError
        If ``data`` does not begin with the format's header, or that is too large.
    """
    start = _PREFIX + int.from_bytes(data[:_PREFIX], "little")
    if len(data) < min(start, _LONGEST_HEADER):
        raise RefusedError(phrase("expected.safetensors"), phrase("found.ends_early"))
    if start > _LONGEST_HEADER:
        raise RefusedError(phrase("expected.safetensors"), phrase("found.damaged"))
    try:
        tensors = msgspec.json.decode(data[_PREFIX:start], type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise RefusedError(phrase("expected.safetensors"), phrase("found.damaged")) from None
    tensors.pop(_METADATA, None)
    if len(tensors) > MOST_ENTRIES:
        raise too_many(len(tensors))
    numbers = memoryview(data)[start:]
    return {name: _entry(raw, numbers) for name, raw in tensors.items()}


def _entry(raw: msgspec.Raw, numbers: memoryview) -> Entry:
    try:
        tensor = msgspec.json.decode(raw, type=_Tensor)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return unreadable(_damaged())
    if tensor.dtype not in _TYPES:
        kinds = ", ".join(_TYPES)
        found = phrase("found.written", value=quoted(tensor.dtype))
        return unreadable(RefusedError(phrase("expected.floats", kinds=kinds), found))
    count = math.prod(tensor.shape)
    if count > LARGEST_SIZE:
        return unreadable(_damaged())
    first, end = tensor.data_offsets
    size = count * np.dtype(_TYPES[tensor.dtype]).itemsize
    inside = max(min(end, len(numbers)) - first, 0)
    if inside != size or end != first + size:
        return unreadable(other_length(tensor.shape, size, inside))
    return Entry(tensor.shape, partial(_numbers, tensor, numbers[first:end]))


def _numbers(tensor: _Tensor, data: memoryview) -> Array:
    stored = np.frombuffer(data, _TYPES[tensor.dtype])
    if tensor.dtype == "BF16":
        # The upper half of a float32.
        stored = (stored.astype(np.uint32) << 16).view(np.float32)
    return stored.astype(np.float64).reshape(tensor.shape)


def _damaged() -> RefusedError:
    return RefusedError(phrase("expected.tensor"), phrase("found.damaged"))
