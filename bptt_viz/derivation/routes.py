"""The routes of the error from a loss back to a use: a term's product multiplied out, block by block. No sympy.

Between two steps the error is carried by one of the states: in an LSTM by s or by h, in a stack by one of the layers. A
product of block matrices is the sum over all sequences of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from bptt_viz.derivation.chains import is_same, product
from bptt_viz.derivation.products import times_direct
from bptt_viz.notation import Partial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.activations import Array
    from bptt_viz.derivation.result import Jacobian, Term
    from bptt_viz.notation import Formula

#: More routes than these are not told one by one.
MOST: Final = 10


class Route(Struct, frozen=True, eq=False):
    """One of them.

    Attributes
    ----------
    written
        The product of its blocks, from ∂L_t/∂o_t to the direct derivative.
    value
        What it adds to the term, of the parameter's shape.
    """

    written: Formula
    value: Array


class _Way(Struct, frozen=True, eq=False):
    """The beginning of a route: its blocks, their product, and which of the states it has come to."""

    written: tuple[Formula, ...]
    row: Array
    state: int = 0


@np.errstate(all="ignore")
def routes(term: Term, factor: float) -> tuple[Route, ...]:
    """The routes of a term, whose sum it is; none where there is a single one, or more than :data:`MOST`.

    ``factor`` is the loss's reduction factor, which the term's value has in it.
    """
    loss, *matrices, direct = term.factors
    ways = [_Way((loss.written,), loss.blocks[0].value[0] * factor)]
    for matrix in matrices:
        ways = [further for way in ways for further in _through(matrix, way)]
    found = [route for way in ways for route in _to_use(direct, way, term.value.shape)]
    return tuple(found) if 1 < len(found) <= MOST else ()


def _through(matrix: Jacobian, way: _Way) -> Iterator[_Way]:
    """On through each block of a row that is not 0."""
    start = way.state * matrix.across
    for state, block in enumerate(matrix.blocks[start : start + matrix.across]):
        if not block.zero:
            written = way.written if is_same(block) else (*way.written, block.label)
            yield _Way(written, way.row @ block.value, state)


def _to_use(direct: Jacobian, way: _Way, shape: tuple[int, ...]) -> Iterator[Route]:
    """The end of a route: what the state that it has come to has of the parameter."""
    count = 1 if direct.sparse else len(way.row)
    blocks = direct.blocks[way.state * count : (way.state + 1) * count]
    if all(block.zero for block in blocks):
        return
    (label,) = blocks[0].label
    assert isinstance(label, Partial)
    use = replace(label, of=replace(label.of, entry=()), wrt=replace(label.wrt, entry=()))
    yield Route(product((*way.written, (use,))), times_direct(way.row, replace(direct, blocks=blocks), shape))
