"""Which of the numbers that are seen differ from those before a parameter was changed. Compares texts, no values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

if TYPE_CHECKING:
    from bptt_viz.views.canvas import Line


def marked(lines: list[Line], before: list[Line]) -> list[Line]:
    """``lines`` with every number marked that stood there otherwise, or not at all, in ``before``."""
    stood = {(span.number, span.text) for line in before for span in line if span.number is not None}
    return [
        tuple(
            structs.replace(span, changed=True)
            if span.number is not None and (span.number, span.text) not in stood
            else span
            for span in line
        )
        for line in lines
    ]
