"""``network.weights``: the file it names, found, read and checked against the network. Imports ``weights``.

A check that reads a file, and so stands beside the table in ``checking``.
"""

from __future__ import annotations

import math
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np

from bptt_viz.check_network import MOST_LAYERS
from bptt_viz.check_sequence import SIDES, sizes
from bptt_viz.document import contents
from bptt_viz.errors import Problem, ScenarioError
from bptt_viz.messages import phrase
from bptt_viz.network import parameter_shapes
from bptt_viz.weights.archives import LARGEST, READERS
from bptt_viz.weights.entry import RefusedError
from bptt_viz.weights.naming import WEIGHTS, Placement, place
from bptt_viz.wording import key_path, quoted, shortened

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping
    from pathlib import Path

    from bptt_viz.activations import Array
    from bptt_viz.conversion import Draft
    from bptt_viz.scenario import VectorOrMatrix
    from bptt_viz.weights.entry import Entry

#: Most parameters that are taken from a file.
MOST_NUMBERS: Final = 2**23

#: Paths that must be readable; otherwise the file is left alone, their problems being told already.
_NEEDS: Final = ("network", "sequence.decoder_from", "sequence.vocabulary", *SIDES)


class Given(NamedTuple):
    """What a weights file gives.

    Attributes
    ----------
    parameters
        By name, without those that stand in ``[network.parameters]``.
    """

    parameters: dict[str, VectorOrMatrix]
    problems: list[Problem]


def weights(draft: Draft, folder: Path | None, most: int) -> Given:
    """The parameters of the file that the draft names, if it names one, or the first ``most`` problems with it.

    Parameters
    ----------
    folder
        The scenario file's own, which a path never leaves; None where the scenario is in no file.
    """
    table = draft.scenario.network
    if table.weights is None or table.layers > MOST_LAYERS or not all(map(draft.readable, _NEEDS)):
        return Given({}, [])
    try:
        data = _data(table.weights, folder)
        entries = READERS[_suffix(table.weights)](data)
    except RefusedError as refused:
        return Given({}, [Problem(WEIGHTS, refused.expected, refused.found)])
    inputs, outputs = sizes(draft)
    return _take(draft, entries, (inputs, outputs), most) if inputs and outputs else Given({}, [])


def file_of(weights: str, folder: Path) -> Path:
    """The file that ``network.weights`` means in a scenario of that folder.

    Raises
    ------
    RefusedError
        If the path leaves the folder, or is none of a weights file.
    """
    written = phrase("found.written", value=quoted(weights))
    parts = {*PurePosixPath(weights).parts, *PureWindowsPath(weights).parts}
    # Both readings, so that a scenario is as safe on another system as where it was written.
    anchored = PurePosixPath(weights).anchor or PureWindowsPath(weights).anchor
    if anchored or ".." in parts or _suffix(weights) not in READERS:
        raise RefusedError(phrase("expected.weights_path"), written)
    try:
        path = (folder / weights).resolve()
        inside = path.is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # a NUL in it, or links in a circle
        raise RefusedError(phrase("expected.weights_path"), written) from None
    if not inside:
        raise RefusedError(phrase("expected.weights_path"), phrase("found.leads_out", value=quoted(weights)))
    return path


def _suffix(weights: str) -> str:
    return PurePosixPath(weights).suffix.lower()


def _data(weights: str, folder: Path | None) -> bytes:
    if folder is None:
        raise RefusedError(phrase("expected.own_folder"), phrase("found.written", value=quoted(weights)))
    try:
        return contents(file_of(weights, folder), LARGEST)
    except ScenarioError as error:
        problem = error.problems[0]
        a_file = problem.expected == phrase("expected.file")
        raise RefusedError(phrase("expected.weights_file") if a_file else problem.expected, problem.found) from None


def _take(draft: Draft, entries: Mapping[str, Entry], sides: tuple[int, int], most: int) -> Given:
    """Place all entries; if they fit, read them."""
    table, decodes = draft.scenario.network, draft.scenario.sequence.decoder_from is not None
    known = parameter_shapes(table, *sides, decodes=decodes)
    with_biases = parameter_shapes(msgspec.structs.replace(table, bias=True), *sides, decodes=decodes)
    naming = place(entries, table, with_biases, most)
    used = {
        name: placement
        for name, placement in naming.placements.items()
        if not table.parameters.keys() >= set(placement.parameters)
    }
    problems = [*naming.problems, *_misfits(entries, used)]
    if problems:
        return Given({}, problems[:most])
    sums: dict[str, Array] = {}
    for name, placement in used.items():
        problems += _add(sums, known, entries[name], placement, key_path(WEIGHTS, name))
    taken = {name: sums[name] for name in known if name in sums and name not in table.parameters}
    return Given({} if problems else {name: _as_stated(array) for name, array in taken.items()}, problems[:most])


def _misfits(entries: Mapping[str, Entry], used: Mapping[str, Placement]) -> Iterator[Problem]:
    """Entries that cannot be read or are of another shape than their place, by their headers alone."""
    if not entries:
        yield Problem(WEIGHTS, phrase("expected.any_entry"), phrase("found.nothing"))
    count = sum(math.prod(placement.shape.sizes) for placement in used.values())
    if count > MOST_NUMBERS:
        limit = phrase("expected.few_numbers", limit=MOST_NUMBERS)
        yield Problem(WEIGHTS, limit, phrase("found.count", count=count))
    for name, placement in used.items():
        entry, where = entries[name], key_path(WEIGHTS, name)
        if entry.refused is not None:
            yield Problem(where, entry.refused.expected, entry.refused.found)
        elif entry.shape != placement.shape.sizes:
            written = shortened("×".join(map(str, entry.shape)))
            found = phrase("found.written", value=written) if written else phrase("found.single")
            yield Problem(where, phrase("found.written", value=placement.shape.written), found)


def _add(
    sums: dict[str, Array], known: Container[str], entry: Entry, placement: Placement, where: str
) -> Iterator[Problem]:
    """Put an entry's rows where they belong; biases that the network does not have must not matter."""
    try:
        rows = entry.read()
    except RefusedError as refused:
        yield Problem(where, refused.expected, refused.found)
        return
    wrong = np.argwhere(~np.isfinite(rows))
    if len(wrong):
        yield _wrong_number(rows, tuple(map(int, wrong[0])), "expected.number", where)
        return
    for parameter, block in zip(placement.parameters, np.split(rows, len(placement.parameters)), strict=True):
        if parameter not in known and block.any():
            first = tuple(map(int, np.argwhere(rows)[0]))
            yield _wrong_number(rows, first, "expected.zero_bias", where)
            return
        # Sums of finite numbers may not be finite either.
        with np.errstate(over="ignore"):
            sums[parameter] = sums[parameter] + block if parameter in sums else block
        if not np.isfinite(sums[parameter]).all():
            yield Problem(where, phrase("expected.number"), phrase("found.infinite_sum", parameter=parameter))


def _wrong_number(rows: Array, index: tuple[int, ...], expected: str, where: str) -> Problem:
    written = "".join(f"[{i}]" for i in index)
    return Problem(where + written, phrase(expected), phrase("found.written", value=repr(float(rows[index]))))


def _as_stated(array: Array) -> VectorOrMatrix:
    """The numbers as a scenario file would have them."""
    return tuple(tuple(row) if isinstance(row, list) else row for row in array.tolist())
