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
from bptt_viz.weights import archives
from bptt_viz.weights.alike import collapsed
from bptt_viz.weights.archives import LARGEST, READERS
from bptt_viz.weights.cause import cause_of
from bptt_viz.weights.entry import RefusedError
from bptt_viz.weights.naming import RESET, WEIGHTS, Placement, place
from bptt_viz.wording import key_path, quoted, shortened

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping
    from pathlib import Path

    from bptt_viz.activations import Array
    from bptt_viz.conversion import Draft
    from bptt_viz.scenario import VectorOrMatrix
    from bptt_viz.weights.entry import Entry
    from bptt_viz.weights.naming import Naming

#: Most parameters that are taken from a file.
MOST_NUMBERS: Final = 2**23

#: Longest path that a message shows, in characters.
_LONGEST_PATH: Final = 400
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
        entries = archives.entries(data, _suffix(table.weights))
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
        expected, found = problem.expected, problem.found
        if expected == phrase("expected.file"):
            expected = phrase("expected.weights_file")
        if found == phrase("found.no_file"):
            found = phrase("found.nothing_at", path=quoted(str(folder / weights), _LONGEST_PATH))
        raise RefusedError(expected, found) from None


def _take(draft: Draft, entries: Mapping[str, Entry], sides: tuple[int, int], most: int) -> Given:
    """Place all entries; if they fit, read them."""
    table, decodes = draft.scenario.network, draft.scenario.sequence.decoder_from is not None
    known = parameter_shapes(table, *sides, decodes=decodes)
    with_biases = parameter_shapes(msgspec.structs.replace(table, bias=True), *sides, decodes=decodes)
    naming = place(entries, table, with_biases)
    used = {
        name: placement
        for name, placement in naming.placements.items()
        if not table.parameters.keys() >= set(placement.parameters)
    }
    problems = [*_causes(entries, used, naming, sides), *_unreadable(entries, used)]
    if problems:
        return Given({}, collapsed(problems)[:most])
    sums: dict[str, Array] = {}
    for name, placement in used.items():
        problems += _add(sums, known, entries[name], placement, key_path(WEIGHTS, name))
    taken = {name: sums[name] for name in known if name in sums and name not in table.parameters}
    given = {} if problems else {name: _as_stated(array) for name, array in taken.items()}
    return Given(given, collapsed(problems)[:most])


def _causes(
    entries: Mapping[str, Entry], used: Mapping[str, Placement], naming: Naming, sides: tuple[int, int]
) -> Iterator[Problem]:
    """What is wrong with names and with shapes; first what explains several of them."""
    shapes = {name: entry.shape for name, entry in entries.items()}
    misfits = {
        name: shapes[name]
        for name, placement in used.items()
        if entries[name].refused is None and shapes[name] != placement.shape.sizes
    }
    cause = cause_of(misfits, shapes, naming, sides)
    yield from cause.problems
    for problem in naming.problems:
        # What is no GRU's has no reset gate.
        if problem.where != RESET or cause.cell == naming.table.cell:
            yield problem
    for name, shape in misfits.items():
        if name not in cause.explained:
            written = shortened("×".join(map(str, shape)))
            found = phrase("found.written", value=written) if written else phrase("found.single")
            yield Problem(key_path(WEIGHTS, name), phrase("found.written", value=used[name].shape.written), found)


def _unreadable(entries: Mapping[str, Entry], used: Mapping[str, Placement]) -> Iterator[Problem]:
    """What cannot be read, by the headers alone."""
    if not entries:
        yield Problem(WEIGHTS, phrase("expected.any_entry"), phrase("found.not_in_file"))
    count = sum(math.prod(placement.shape.sizes) for placement in used.values())
    if count > MOST_NUMBERS:
        limit = phrase("expected.few_numbers", limit=MOST_NUMBERS)
        yield Problem(WEIGHTS, limit, phrase("found.count", count=count))
    for name in used:
        refused = entries[name].refused
        if refused is not None:
            yield Problem(key_path(WEIGHTS, name), refused.expected, refused.found)


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
