"""Checks of ``[network]`` and of the size of the whole: rows of the table in ``checking``. Imports ``network``.

Each check gets a draft whose keys it needs are readable and yields problems.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import msgspec

from bptt_viz import network
from bptt_viz.cells import CELLS
from bptt_viz.check_sequence import sizes
from bptt_viz.errors import Problem
from bptt_viz.messages import Phrase, phrase
from bptt_viz.sequence import sides
from bptt_viz.wording import found_key, key_path, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.conversion import Draft
    from bptt_viz.network import ParameterShape
    from bptt_viz.scenario import NetworkTable, VectorOrMatrix

#: Most numbers that a scenario may make the program keep: 1 GiB of float64.
MOST_NUMBERS: Final = 2**27
#: Layers that this version computes; the format allows more.
MOST_LAYERS: Final = 1

_PARAMETERS: Final = "network.parameters"
#: Keys that mean something for one kind of cell only.
_ONLY_FOR: Final = {"activation": "rnn", "reset": "gru"}


def cell_keys(draft: Draft) -> Iterator[Problem]:
    """``activation`` only for the plain cell, ``reset`` only for the GRU."""
    cell = draft.scenario.network.cell
    for key, owner in _ONLY_FOR.items():
        where = f"network.{key}"
        if where in draft.given and cell != owner:
            yield Problem(where, phrase("expected.only_for_cell", owner=owner, cell=cell), found_key(key))


def handled_cell(draft: Draft) -> Iterator[Problem]:
    """A cell that this version computes."""
    cell = draft.scenario.network.cell
    if cell not in CELLS:
        expected = phrase("expected.cell_for_now", handled=", ".join(CELLS), found=cell)
        yield Problem("network.cell", expected, phrase("found.written", value=cell))


def handled_layers(draft: Draft) -> Iterator[Problem]:
    """As many layers as this version computes."""
    layers = draft.scenario.network.layers
    if layers > MOST_LAYERS:
        expected = phrase("expected.layers_for_now", most=MOST_LAYERS)
        yield Problem("network.layers", expected, phrase("found.written", value=layers))


def _handled(table: NetworkTable) -> bool:
    return table.cell in CELLS and table.layers <= MOST_LAYERS


def parameter_names(draft: Draft) -> Iterator[Problem]:
    """Parameters that this network has."""
    table = draft.scenario.network
    if not _handled(table):
        return
    known = network.parameter_shapes(table, 0, 0)
    with_biases = network.parameter_shapes(msgspec.structs.replace(table, bias=True), 0, 0)
    prefix = f"{_PARAMETERS}."
    for path in draft.given:
        name = path.removeprefix(prefix)
        if not path.startswith(prefix) or name in known or draft.inside_wrong(path):
            continue
        if name in with_biases:
            yield Problem(prefix + name, phrase("expected.no_bias"), phrase("found.written", value=name))
        else:
            expected = phrase("expected.parameter", nearest=nearest(name, known), known=", ".join(known))
            yield Problem(prefix + name, expected, phrase("found.written", value=name))


def parameter_shapes(draft: Draft) -> Iterator[Problem]:
    """Every parameter in the shape that the sizes ask for."""
    table = draft.scenario.network
    if not _handled(table):
        return
    shapes = network.parameter_shapes(msgspec.structs.replace(table, bias=True), *sizes(draft))
    for name, values in table.parameters.items():
        shape = shapes.get(name)
        if shape is None or not _known(shape):
            continue
        instead = _misshapen(values, shape)
        if instead is not None:
            yield Problem(key_path(_PARAMETERS, name), phrase("found.written", value=shape.written), instead)


def _known(shape: ParameterShape) -> bool:
    # A size of 0 is one that the sequence does not tell; why, is told already.
    return 0 not in shape.sizes


def _misshapen(values: VectorOrMatrix, shape: ParameterShape) -> Phrase | None:
    """What was found instead of ``shape``, if anything."""
    rows = [row for row in values if not isinstance(row, float)]
    widths = tuple(len(row) for row in rows)
    if rows and len(rows) < len(values):
        return phrase("found.rows_and_numbers")
    if len(set(widths)) > 1:
        return phrase("found.ragged", widths=_listed(widths))
    sizes = (len(values), widths[0]) if rows else (len(values),)
    if sizes == shape.sizes:
        return None
    written = "×".join(map(str, sizes))
    if len(sizes) == len(shape.sizes):
        return phrase("found.written", value=written)
    return phrase("found.matrix", shape=written) if rows else phrase("found.vector", length=len(values))


def _listed(widths: tuple[int, ...]) -> str:
    return ", ".join(map(str, widths[:8])) + (", …" if len(widths) > 8 else "")


def size(draft: Draft) -> Iterator[Problem]:
    """Nothing that would not fit in memory: parameters, and what the passes keep of every step."""
    table = draft.scenario.network
    steps = len(sides(draft.scenario.sequence)[0].items)
    inputs, outputs = sizes(draft)
    hidden = table.hidden_size * table.layers
    weights = table.hidden_size * (inputs + outputs + 2 * hidden)
    if _handled(table):
        shapes = network.parameter_shapes(table, inputs, outputs)
        weights = sum(math.prod(shape.sizes) for shape in shapes.values())
    total = weights + steps * (inputs + 4 * hidden + 4 * outputs)
    if total > MOST_NUMBERS:
        sizes_in_words = f"T = {steps:,}, D = {inputs:,}, H = {table.hidden_size:,}, K = {outputs:,}"
        instead = phrase("found.numbers", count=f"{total:,}", sizes=sizes_in_words)
        yield Problem("", phrase("expected.fits_memory", limit=f"{MOST_NUMBERS:,}"), instead)
