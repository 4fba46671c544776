"""One array of a weights file, and how it is refused. Imports only messages and errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bptt_viz.errors import BpttVizError
from bptt_viz.messages import phrase
from bptt_viz.wording import shortened

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.activations import Array
    from bptt_viz.messages import Phrase

#: Most arrays in one weights file.
MOST_ENTRIES: Final = 10_000
#: Largest size of an array along one axis, and most axes, that a header may claim.
LARGEST_SIZE: Final = 2**48
MOST_AXES: Final = 64


class RefusedError(BpttVizError):
    """A weights file or an array in it that cannot be used: what was expected, and what was found."""

    def __init__(self, expected: Phrase, found: Phrase) -> None:
        super().__init__(expected, found)
        self.expected = expected
        self.found = found


@dataclass(frozen=True, slots=True)
class Entry:
    """An array by what its header says of it; its numbers stay in the file until they are read.

    Attributes
    ----------
    shape
        As the header claims it, each size ≥ 0; empty where the header is ``refused``.
    read
        → the array, float64 [shape]; raises :class:`RefusedError`. Takes memory as the shape says, not as the file is.
    refused
        What keeps the array from being read, if anything.
    """

    shape: tuple[int, ...]
    read: Callable[[], Array]
    refused: RefusedError | None = None


def unreadable(refused: RefusedError) -> Entry:
    """The entry whose header cannot be used."""

    def read() -> Array:
        raise refused

    return Entry((), read, refused)


def too_many(count: int) -> RefusedError:
    """A file of more arrays than any network has."""
    return RefusedError(phrase("expected.few_entries", limit=MOST_ENTRIES), phrase("found.count", count=count))


def other_length(shape: tuple[int, ...], size: int, found: int) -> RefusedError:
    """An entry of ``found`` bytes, where its shape asks for ``size``."""
    written = shortened("×".join(map(str, shape)) or "1")
    return RefusedError(phrase("expected.bytes", size=size, shape=written), phrase("found.bytes", size=found))
