"""An entry written out in numbers, in the lines that there are: its result is always there. Imports ``canvas``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bptt_viz.views.canvas import wrap

if TYPE_CHECKING:
    from bptt_viz.views.canvas import Line

#: What stands between summands.
_PLUS: Final = " + "


def ending(text: str, end: str, width: int, height: int) -> list[Line]:
    """``text`` and its ``end``, in at most ``height`` lines where summands can be left out for it."""
    lines = wrap(text + end, width, "number")
    at = len(text)
    while len(lines) > height and at > 0:
        at = text.rfind(_PLUS, 0, at)
        lines = wrap((left_out(text, at + len(_PLUS)) if at > 0 else "…") + end, width, "number")
    return lines


def left_out(text: str, at: int) -> str:
    """The text with an ellipsis for the summands from ``at`` on, in each bracket that is open there and after it.

    >>> left_out("1 + 2·(0.5·3 + 0.25·4 + 1·5)·7 + 6", 15)
    '1 + 2·(0.5·3 + …)·7 + …'
    """
    kept, depth, leaves_out = [text[:at], "…"], 0, True
    for index, character in enumerate(text[at:], start=at):
        closes = character == ")" and depth == 0
        depth += (character == "(") - (character == ")" and not closes)
        if not leaves_out and depth == 0 and text.startswith(_PLUS, index):
            kept.append(f"{_PLUS}…")
            leaves_out = True
        leaves_out = leaves_out and not closes
        if not leaves_out:
            kept.append(character)
    return "".join(kept)
