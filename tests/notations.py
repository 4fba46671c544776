"""The bundled notations as parameters of tests, and the symbols, steps and entries that formulas are made of."""

from __future__ import annotations

import pytest

from bptt_viz.notation import NOTATIONS, Symbol

BUNDLED = ("goodfellow", "d2l", "hanbingtao", "lecture-zh", "pytorch")
ALL = [NOTATIONS[name] for name in BUNDLED]
each_notation = pytest.mark.parametrize("notation", ALL, ids=lambda notation: notation.name)
W, L = Symbol("W"), Symbol("L")
#: Steps and entries: none, numbers of one and of two digits, letters.
TIMES = (None, 0, 1, 2, 12, "t", "j", "j−1")
ENTRIES = ((), (1,), (2,), (12,), ("i",))
