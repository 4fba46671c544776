"""NumPy archives → their entries: ``numpy.savez`` and ``savez_compressed`` write them. Never unpickles.

``numpy.load`` makes room for whatever shape a header claims before it looks for the numbers. Here headers are read
first, with NumPy's own functions, and of the numbers no more than the caller has agreed to.
"""

from __future__ import annotations

import io
import math
import tokenize
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

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
    from bptt_viz.activations import Array
    from bptt_viz.messages import Phrase

_SUFFIX: Final = ".npy"
#: What the directory of a zip file has before each member; ``zipfile`` would make an object of every one.
_MEMBER: Final = b"PK\x01\x02"
#: What a zip file begins with, and what the end of its directory begins with.
_FIRST, _LAST = b"PK\x03\x04", b"PK\x05\x06"
#: As NumPy writes them; the others can ask for gigabytes before the first byte.
_COMPRESSIONS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
#: Most bytes before the numbers of a member; NumPy itself refuses to interpret longer headers.
_LONGEST_HEADER: Final = 12_000
_HEADERS: Final = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
_KINDS: Final = ("float16", "float32", "float64")

#: What ``zipfile`` and NumPy's header reader raise on damaged data; RuntimeError is that of encrypted members too.
_DAMAGE: Final = (
    ArithmeticError, EOFError, LookupError, MemoryError, OSError, RuntimeError, SyntaxError, TypeError, ValueError,
    tokenize.TokenError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Header:
    """What stands before a member's numbers, and where they begin."""

    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    in_columns: bool
    offset: int


def entries(data: bytes) -> dict[str, Entry]:
    """The arrays of an archive by name, their headers read.

    Raises
    ------
    RefusedError
        If ``data`` is no zip file, or one of too many members.
    """
    count = data.count(_MEMBER)
    if count > MOST_ENTRIES:
        raise too_many(count)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _DAMAGE:
        cut = data.startswith(_FIRST) and _LAST not in data
        found = phrase("found.ends_early") if cut else phrase("found.damaged")
        raise RefusedError(phrase("expected.npz"), found) from None
    return {info.filename.removesuffix(_SUFFIX): _entry(archive, info) for info in archive.infolist()}


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Entry:
    try:
        header = _header(archive, info)
    except RefusedError as refused:
        return unreadable(refused)
    return Entry(header.shape, partial(_numbers, archive, info, header))


def _header(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> _Header:
    if info.compress_type not in _COMPRESSIONS or not info.filename.endswith(_SUFFIX):
        raise _no_array()
    try:
        with archive.open(info) as member:
            start = io.BytesIO(member.read(_LONGEST_HEADER))
        with warnings.catch_warnings():
            # Of headers that Python 2 wrote.
            warnings.simplefilter("ignore")
            shape, in_columns, dtype = _HEADERS[np.lib.format.read_magic(start)](start)
    except _DAMAGE:
        raise _no_array() from None
    if len(shape) > MOST_AXES or not all(0 <= size <= LARGEST_SIZE for size in shape):
        raise _no_array()
    if dtype.hasobject:
        raise RefusedError(_floats(), phrase("found.pickled"))
    if dtype.name not in _KINDS:
        raise RefusedError(_floats(), phrase("found.written", value=quoted(dtype.name)))
    return _Header(shape, dtype, in_columns, start.tell())


def _numbers(archive: zipfile.ZipFile, info: zipfile.ZipInfo, header: _Header) -> Array:
    size = math.prod(header.shape) * header.dtype.itemsize
    try:
        with archive.open(info) as member:
            # One byte more than there should be: the check sum is that of the whole member, so it is read to its end.
            data = member.read(header.offset + size + 1)
    except _DAMAGE:
        raise _no_array() from None
    if len(data) != header.offset + size:
        whole = info.file_size if len(data) > header.offset + size else len(data)
        raise other_length(header.shape, size, whole - header.offset)
    numbers = np.frombuffer(data, header.dtype, offset=header.offset).astype(np.float64)
    return numbers.reshape(header.shape, order="F" if header.in_columns else "C")


def _no_array() -> RefusedError:
    return RefusedError(phrase("expected.npy"), phrase("found.damaged"))


def _floats() -> Phrase:
    return phrase("expected.floats", kinds=", ".join(_KINDS))
