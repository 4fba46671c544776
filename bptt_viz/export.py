"""A trace as JSON or as a NumPy archive, piece by piece. Imports msgspec and numpy; no text for people.

Both hold the same arrays, time-major, index 0 being t = 1. Only one array of the large ones (T × a
parameter's shape, T × T) is made at a time, and in JSON only one of its steps is written out at a time.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

if TYPE_CHECKING:
    from typing import IO

    from bptt_viz.layer_trace import LayerTrace
    from bptt_viz.network import Network
    from bptt_viz.tracing import Trace

#: Most numbers that a trace may make the program keep at a time while it is written: 2 GiB of float64.
MOST_NUMBERS: Final = 2**28

#: A layer's quantities: attribute and key → the variable that a cell must have for it.
_LAYER_KEYS: Final = {"h": "h", "dL_dh": "h", "a": "a", "delta": "a", "cell": "s", "dL_dcell": "s"}

#: Products of what has overflowed are no news: the trace says itself where that began.
_quiet: Final = np.errstate(all="ignore")

#: What one key of a trace holds: a number, an array, layers, or names with arrays.
Content = Any


def entries(trace: Trace) -> Iterator[tuple[str, Content]]:
    """The keys of a trace with their contents, in the order in which they are written.

    ``clipped_gradients`` is there with a clip only, ``xi`` if the strategy is randomized, ``loss_history`` after
    updates only, and ``overflow`` if some number is not finite.
    """
    for name in ("T", "loss", "losses", "x", "o", "y_hat", "dL_do", "dL_dx"):
        yield name, getattr(trace, name)
    yield "layers", [_quantities(layer) for layer in trace.layers]
    yield "parameters", trace.parameters
    yield "gradients", trace.gradients
    if trace.clipped_gradients is not None:
        yield "clipped_gradients", trace.clipped_gradients
    yield "gradient_norm", trace.gradient_norm
    yield "contributions", trace.contributions
    yield "accumulated", trace.accumulated
    yield "triangle", trace.triangle
    if trace.xi is not None:
        yield "xi", trace.xi
    if trace.loss_history is not None:
        yield "loss_history", trace.loss_history
    if trace.overflow is not None:
        yield "overflow", {"step": trace.overflow.step, "quantity": trace.overflow.quantity}


def _quantities(layer: LayerTrace) -> dict[str, Content]:
    return {key: getattr(layer, key) for key, variable in _LAYER_KEYS.items() if variable in layer.values}


def numbers_needed(network: Network, steps: int) -> int:
    """How many numbers writing the trace of ``steps`` steps keeps at a time, at most."""
    shapes = [array.size for array in network.parameters.values()]
    return len(shapes) * steps**2 + 2 * steps * max(shapes)


def json_parts(trace: Trace) -> Iterator[bytes]:
    """The trace as one JSON object in UTF-8, in pieces, with a line end after each key.

    Float64 in as many digits as reading them back takes; numbers that are not finite are null, and so
    is the loss of a step without a target.
    """
    opening = b"{"
    for key, content in entries(trace):
        yield opening + msgspec.json.encode(key) + b": "
        yield from _json(content)
        opening = b",\n "
    yield b"}\n"


@_quiet
def as_json(trace: Trace) -> str:
    """The trace as one JSON object; see :func:`json_parts`."""
    return b"".join(json_parts(trace)).decode()


@_quiet
def write_json(trace: Trace, file: IO[bytes]) -> None:
    """Write the trace as one JSON object, a piece at a time; see :func:`json_parts`."""
    file.writelines(json_parts(trace))


@_quiet
def as_npz(trace: Trace, file: IO[bytes]) -> None:
    """Write the trace to a NumPy archive that ``numpy.load`` reads without pickles.

    Keys are those of the JSON form, nested ones joined by ``/``: ``layers/0/h``, ``contributions/W``,
    ``overflow/step``. Numbers have 0 dimensions. Numbers that are not finite stay as they are, and
    ``losses`` has NaN where a step has no target.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for key, content in entries(trace):
            for name, array in _flat(key, content):
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)


def _json(content: Content) -> Iterator[bytes]:
    if isinstance(content, Mapping):
        yield from _listed(b"{", content.items(), b"}", named=True)
    elif isinstance(content, list) or np.ndim(content) > 1:
        yield from _listed(b"[", enumerate(content), b"]", named=False)
    else:
        # msgspec writes null for numbers that are not finite.
        yield msgspec.json.encode(content.tolist() if isinstance(content, np.ndarray) else content)


def _listed(opening: bytes, items: Iterable[tuple[object, Content]], closing: bytes, *, named: bool) -> Iterator[bytes]:
    yield opening
    for position, (key, content) in enumerate(items):
        yield (b", " if position else b"") + (msgspec.json.encode(key) + b": " if named else b"")
        yield from _json(content)
    yield closing


def _flat(name: str, content: Content) -> Iterator[tuple[str, Content]]:
    if isinstance(content, (Mapping, list)):
        for key, inner in content.items() if isinstance(content, Mapping) else enumerate(content):
            yield from _flat(f"{name}/{key}", inner)
    else:
        yield name, content
