"""Why arrays do not fit all at once: the file is of another hidden size, or of another cell. Imports ``naming``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import structs

from bptt_viz.errors import Problem
from bptt_viz.messages import phrase
from bptt_viz.network import parameter_shapes
from bptt_viz.weights.naming import GATES, WEIGHTS, place
from bptt_viz.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bptt_viz.scenario import CellKind, NetworkTable
    from bptt_viz.weights.naming import Naming

#: How many blocks of hidden_size rows PyTorch's matrices have → the cell they are of.
_CELLS: Final[Mapping[int, CellKind]] = {len(GATES["rnn"]): "rnn", len(GATES["gru"]): "gru", len(GATES["lstm"]): "lstm"}
#: Fewest arrays that one cause explains; a single one may be wrong by itself.
_FEWEST: Final = 2


class Cause(NamedTuple):
    """What is told once, and the arrays of which nothing else is to be told.

    Attributes
    ----------
    cell
        That of the file.
    """

    problems: tuple[Problem, ...]
    explained: frozenset[str]
    cell: CellKind


class _Recurrent(NamedTuple):
    """What a recurrent matrix [blocks·size × size] tells of its network."""

    name: str
    size: int
    blocks: int
    cell: CellKind


def cause_of(
    misfits: Mapping[str, tuple[int, ...]],
    shapes: Mapping[str, tuple[int, ...]],
    naming: Naming,
    sides: tuple[int, int],
) -> Cause:
    """What explains shapes that do not fit, if one thing explains several.

    Parameters
    ----------
    misfits
        Array → shape, of those that do not fit where ``naming`` puts them.
    shapes
        The same of all arrays.
    sides
        D and K.
    """
    table = naming.table
    for found in _recurrent(misfits, naming):
        theirs = structs.replace(table, hidden_size=found.size, cell=found.cell, bias=True, reset=_reset(found, table))
        expected = place(shapes, theirs, parameter_shapes(theirs, *sides, decodes=naming.decodes)).placements
        explained = frozenset(
            name for name, shape in misfits.items() if name in expected and expected[name].shape.sizes == shape
        )
        if len(explained) >= _FEWEST:
            return Cause(tuple(_problems(found, table)), explained, found.cell)
    return Cause((), frozenset(), table.cell)


def _reset(found: _Recurrent, table: NetworkTable) -> str:
    return "after" if found.cell == "gru" != table.cell else table.reset


def _recurrent(misfits: Mapping[str, tuple[int, ...]], naming: Naming) -> Iterator[_Recurrent]:
    for name, shape in misfits.items():
        placement = naming.placements[name]
        if not placement.parameters[0].startswith("W") or len(shape) != 2 or not shape[1] or shape[0] % shape[1]:
            continue
        blocks, size = shape[0] // shape[1], shape[1]
        # This program's own matrices are of one gate each, whatever the cell.
        stacked = name.rpartition(".")[2] not in naming.shapes
        if stacked and blocks in _CELLS:
            yield _Recurrent(name, size, blocks, _CELLS[blocks])
        elif not stacked and blocks == 1:
            yield _Recurrent(name, size, blocks, naming.table.cell)


def _problems(found: _Recurrent, table: NetworkTable) -> Iterator[Problem]:
    name = quoted(found.name)
    if found.size != table.hidden_size:
        shape = f"{found.blocks * found.size}×{found.size}"
        instead = phrase("found.size_by", size=found.size, name=name, shape=shape)
        yield Problem(WEIGHTS, phrase("expected.size_of_weights", size=table.hidden_size), instead)
    if found.cell != table.cell:
        key = "found.one_block" if found.blocks == 1 else "found.blocks"
        instead = phrase(key, count=found.blocks, name=name, cell=phrase(f"whose.{found.cell}"))
        yield Problem(WEIGHTS, phrase("expected.cell_of_weights", cell=table.cell), instead)
