"""A weights file → its entries, each read only when asked for. Imports the readers of the formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bptt_viz.weights import npz, safetensors

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
