"""Numbers to be compared or multiplied by hand, in six digits, their points below each other. Imports formatting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bptt_viz.derivation.layout import padded
from bptt_viz.formatting import significant
from bptt_viz.views.canvas import width_of

if TYPE_CHECKING:
    from collections.abc import Sequence


def precise(value: float, digits: int = 6) -> str:
    """A signed number to so many significant digits.

    >>> precise(0.1234567), precise(-2.0), precise(0.0)
    ('+0.123457', '−2', '0')
    """
    return ("+" if value > 0 else "") + significant(value, digits)


def aligned(texts: Sequence[str]) -> list[str]:
    """The numbers in equal widths, their points in one column."""
    before = [len(text.partition("e")[0].partition(".")[0]) for text in texts]
    moved = [" " * (max(before) - width) + text for text, width in zip(texts, before, strict=True)]
    return [padded(text, max(map(width_of, moved))) for text in moved]
