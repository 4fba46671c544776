"""Checks of ``[network]`` and of the size of the whole: rows of the table in ``checking``. Imports ``network``.

Each check gets a draft whose keys it needs are readable and yields problems.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

import msgspec

from bptt_viz import network
from bptt_viz.check_sequence import sizes
from bptt_viz.errors import Problem
from bptt_viz.messages import Phrase, phrase
from bptt_viz.sequence import sides
from bptt_viz.wording import found_key, key_path, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.conversion import Draft
    from bptt_viz.network import ParameterShape
    from bptt_viz.scenario import VectorOrMatrix

#: Most numbers that a scenario may make the program keep: 1 GiB of float64.
MOST_NUMBERS: Final = 2**27
#: Layers of a network, at most: each has equations of its own, and more could not be told apart.
MOST_LAYERS: Final = 256

_PARAMETERS: Final = "network.parameters"
#: How parameters of any network are named.
_NAME: Final = re.compile(
    r"(?P<matrix>[UWbVc])(?:_(?P<gate>[ifogrzn]|hn))?(?:_(?P<layer>[1-9]\d{0,8}))?(?P<group>_dec)?"
)
#: Most parameters that a message lists, of the network and of one letter.
_MOST_LISTED, _MOST_ALIKE = 24, 8
#: Keys that mean something for one kind of cell only.
_ONLY_FOR: Final = {"activation": "rnn", "reset": "gru"}


def cell_keys(draft: Draft) -> Iterator[Problem]:
    """``activation`` only for the plain cell, ``reset`` only for the GRU."""
    cell = draft.scenario.network.cell
    for key, owner in _ONLY_FOR.items():
        where = f"network.{key}"
        if where in draft.given and cell != owner:
            yield Problem(where, phrase("expected.only_for_cell", owner=owner, cell=cell), found_key(key))


def layers(draft: Draft) -> Iterator[Problem]:
    """No more layers than anybody could look at."""
    found_layers = draft.scenario.network.layers
    if found_layers > MOST_LAYERS:
        expected = phrase("expected.layers", most=MOST_LAYERS)
        yield Problem("network.layers", expected, phrase("found.written", value=found_layers))


def _shapes(draft: Draft, *, bias: bool | None = None, sized: bool = False) -> dict[str, ParameterShape]:
    """The parameters of the network that is drafted; with biases even where it has none, where ``bias`` says so."""
    scenario = draft.scenario
    table = scenario.network if bias is None else msgspec.structs.replace(scenario.network, bias=bias)
    decodes = scenario.sequence.decoder_from is not None
    return network.parameter_shapes(table, *(sizes(draft) if sized else (0, 0)), decodes=decodes)


def parameter_names(draft: Draft) -> Iterator[Problem]:
    """Parameters that this network has."""
    if draft.scenario.network.layers > MOST_LAYERS:
        return
    known, with_biases = _shapes(draft), _shapes(draft, bias=True)
    prefix = f"{_PARAMETERS}."
    for path in draft.given:
        name = path.removeprefix(prefix)
        if not path.startswith(prefix) or name in known or draft.inside_wrong(path):
            continue
        expected = phrase("expected.no_bias") if name in with_biases else _instead(draft, name, tuple(known))
        yield Problem(prefix + name, expected, phrase("found.written", value=name))


def _instead(draft: Draft, name: str, known: tuple[str, ...]) -> Phrase:
    """What to write instead of a parameter that the network lacks: which key would give it one, and the nearest."""
    scenario, near = draft.scenario, nearest(name, known)
    layers, written = scenario.network.layers, _NAME.fullmatch(name)
    if written and written["group"] and scenario.sequence.decoder_from is None:
        return phrase("expected.decoder_of_name", nearest=near)
    if written and written["layer"] and int(written["layer"]) > layers:
        last = name[: written.start("layer")] + str(layers) + name[written.end("layer") :]
        return phrase("expected.layer_of_name", layers=layers, nearest=last if last in known else near)
    if written and written["gate"] == "hn" and scenario.network.cell == "gru":
        return phrase("expected.reset_of_name", nearest=near)
    alike = _alike(written, known) if written and not written["gate"] else []
    if alike and len(alike) <= _MOST_ALIKE:
        return phrase("expected.choice", choices=", ".join(alike))
    listed = known if len(known) <= _MOST_LISTED else (*known[:_MOST_LISTED], "…")
    return phrase("expected.parameter", nearest=near, known=", ".join(listed))


def _alike(written: re.Match[str], known: tuple[str, ...]) -> list[str]:
    """The parameters of the same letter and half, and layer where one is written, for each gate."""
    others = filter(None, map(_NAME.fullmatch, known))
    layer = written["layer"]
    return [
        other[0]
        for other in others
        if (other["matrix"], other["group"]) == (written["matrix"], written["group"])
        and layer in (None, other["layer"])
        and other[0] != written["matrix"]
    ]


def parameter_shapes(draft: Draft) -> Iterator[Problem]:
    """Every parameter in the shape that the sizes ask for."""
    table = draft.scenario.network
    if table.layers > MOST_LAYERS:
        return
    shapes = _shapes(draft, bias=True, sized=True)
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
    if table.layers > MOST_LAYERS:
        return
    steps = len(sides(draft.scenario.sequence)[0].items)
    inputs, outputs = sizes(draft)
    weights = sum(math.prod(shape.sizes) for shape in _shapes(draft, sized=True).values())
    results = table.layers * len(network.layers_of(table)[0].equations) * table.hidden_size
    total = weights + steps * (inputs + 2 * results + 4 * outputs)
    if total > MOST_NUMBERS:
        sizes_in_words = f"T = {steps:,}, D = {inputs:,}, H = {table.hidden_size:,}, K = {outputs:,}"
        instead = phrase("found.numbers", count=f"{total:,}", sizes=sizes_in_words)
        yield Problem("", phrase("expected.fits_memory", limit=f"{MOST_NUMBERS:,}"), instead)
