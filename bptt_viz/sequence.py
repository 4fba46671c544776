"""A sequence as arrays: symbols become one-hot vectors, empty items zero vectors. Imports only ``scenario``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bptt_viz.activations import Array
    from bptt_viz.scenario import Item, SequenceTable


@dataclass(frozen=True)
class Items:
    """One side of the sequence, inputs or targets, with the size of its vectors.

    Attributes
    ----------
    items
        A symbol or a vector per step; ``""`` or an empty vector means nothing at that step.
    size
        D for inputs, K for targets; 0 where nothing in the file tells it.
    """

    items: tuple[Item, ...]
    size: int
    vocabulary: tuple[str, ...]

    @cached_property
    def symbolic(self) -> bool:
        """Whether this side is written in symbols."""
        return any(isinstance(item, str) and item for item in self.items)

    @cached_property
    def array(self) -> Array:
        """[T × size], one-hot where symbolic, zero where empty; read-only."""
        rows = np.zeros((len(self.items), self.size))
        position = {symbol: k for k, symbol in enumerate(self.vocabulary)}
        for t, item in enumerate(self.items):
            if isinstance(item, str):
                if item:
                    rows[t, position[item]] = 1.0
            elif item:
                rows[t] = item
        rows.setflags(write=False)
        return rows

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """Whether there is anything, by step, [T]; read-only."""
        there = np.array([len(item) > 0 for item in self.items])
        there.setflags(write=False)
        return there

    def word(self, t: int) -> str:
        """The symbol at step ``t`` (1..T); empty where there is none."""
        item = self.items[t - 1]
        return item if isinstance(item, str) else ""

    def present(self, t: int) -> bool:
        """Whether there is anything at step ``t`` (1..T)."""
        return bool(self.mask[t - 1])


def distinct(symbols: tuple[Item, ...]) -> tuple[str, ...]:
    """The distinct non-empty symbols, in order of appearance."""
    return tuple(dict.fromkeys(item for item in symbols if isinstance(item, str) and item))


def sides(table: SequenceTable) -> tuple[Items, Items]:
    """The inputs and the targets of a ``[sequence]`` table, of equal length T."""
    if table.tokens is not None:
        inputs: tuple[Item, ...] = table.tokens[:-1]
        targets: tuple[Item, ...] = table.tokens[1:]
        symbols: tuple[Item, ...] = table.tokens
    else:
        inputs, targets = table.inputs or (), table.targets or ()
        symbols = inputs + targets
    vocabulary = table.vocabulary or distinct(symbols)
    return Items(inputs, _size(inputs, vocabulary), vocabulary), Items(targets, _size(targets, vocabulary), vocabulary)


def _size(items: tuple[Item, ...], vocabulary: tuple[str, ...]) -> int:
    lengths = [len(item) for item in items if not isinstance(item, str) and item]
    return lengths[0] if lengths else len(vocabulary)
