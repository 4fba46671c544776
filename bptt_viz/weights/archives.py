"""A weights file → its entries, each read only when asked for. Imports the readers of the formats and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bptt_viz.messages import phrase
from bptt_viz.weights import npz, safetensors
from bptt_viz.weights.entry import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bptt_viz.weights.entry import Entry

#: Largest weights file that is read, in bytes.
LARGEST: Final = 64 * 2**20

#: How the name of a weights file ends → its bytes to its entries by name; raises ``RefusedError``.
READERS: Final[Mapping[str, Callable[[bytes], dict[str, Entry]]]] = {
    ".npz": npz.entries,
    ".safetensors": safetensors.entries,
}

#: What a zip file begins with, and the member that ``torch.save`` puts into one.
_ZIP, _PICKLE = b"PK\x03\x04", b"/data.pkl"


def entries(data: bytes, suffix: str) -> dict[str, Entry]:
    """The arrays of a file by name; ``suffix``, one of :data:`READERS`, says of which format.

    Raises
    ------
    RefusedError
        If ``data`` is not of that format, or holds too many arrays.
    """
    if not data:
        raise RefusedError(phrase("expected.weights_file"), phrase("found.empty_file"))
    if data.startswith(_ZIP) and _PICKLE in data:
        raise RefusedError(phrase("expected.weights_file"), phrase("found.pytorch"))
    return READERS[suffix](data)
