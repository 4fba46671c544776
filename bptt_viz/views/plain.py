"""Symbols for terminals that draw characters of ambiguous width two cells wide. No textual.

Unicode leaves the width of Greek letters, ∂, ●, box lines and others to the terminal (UAX #11,
class A); a terminal set up for Chinese may draw them wide, and then no column stands. Each is replaced by
one character that is narrow everywhere, so that a line keeps its cells. A symbol of mathematics gets a look-alike
that no formula uses, never a letter, digit or sign that means something else. What the program itself writes is in
the table; a scenario's own words may hold any others, and those lose their accents, or else become a question mark.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bptt_viz.notation import Notation

if TYPE_CHECKING:
    from bptt_viz.notation import Formula

#: Ambiguous character → one that is narrow everywhere.
NARROW_EVERYWHERE: Final = {
    **dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)),
    **dict(zip("¹²³⁴", "ᶦᶻᶾᶣ", strict=True)),
    **dict(zip("δσφηΣθξγεπρ", "ẟơɸƞƩɵƺɣɛϖҏ", strict=True)),
    **dict(zip("∂∇∏√⊙‖∞", "ə▿⊓✓⊚ǁɷ", strict=True)),
    **dict(zip("−×·÷", "-⨯⋅/", strict=True)),
    **dict(zip("≤≥≠≈", "⋜⋝≢≃", strict=True)),
    **dict(zip("←↑→↓⇧", "⇠⇡⇢⇣⇑", strict=True)),
    **dict(zip("▲▼◀▶●○◉", "^v<>*o@", strict=True)),
    **dict(zip("─│┃…⋮⚠", "-||⋯:!", strict=True)),
    **dict(zip("║╳", "|⨯", strict=True)),
    **dict(zip("┤└┬┈┊", "||'-:", strict=True)),
    **dict(zip("░▒▓█", ":=*#", strict=True)),
    **dict(zip("τ°", "ʈᵒ", strict=True)),
    **dict(zip("′“”‘’—–▏", "'\"\"''--_", strict=True)),
}

#: Tokens of several cells that have a usual spelling of as many.
_HALF: Final = ("½ ", ".5")
_POWER_OF_TEN: Final = re.compile(r"(?<![\d.])10⁻([⁰¹²³⁴-⁹]+)")
_LAYER_AND_STEP: Final = re.compile(r"(⁾)([₀-₉])")
_LAYER: Final = re.compile(r"⁽([⁰¹²³⁴-⁹]+)⁾")


class _Table(dict[int, str]):
    """Code point → what is drawn; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        drawn = chr(code)
        if unicodedata.east_asian_width(drawn) == "A":
            base, *marks = list(unicodedata.normalize("NFKD", drawn))
            # Without its stroke ≠ would be =, and without its denominator ¼ would be 1.
            drawn = base if base.isascii() and base.isalnum() and all(map(unicodedata.combining, marks)) else "?"
        self[code] = drawn
        return drawn


_TABLE: Final = _Table(str.maketrans(NARROW_EVERYWHERE))


class _Roomy(Notation):
    """A notation whose layers, once plain, are told from the step after them: ``h⁽²⁾₁`` gets a cell for ``h(2)_1``."""

    def write(self, formula: Formula) -> str:
        return _LAYER_AND_STEP.sub(r"\1_\2", super().write(formula))


@lru_cache(maxsize=16)
def roomy(notation: Notation) -> Notation:
    """The notation as it is written where :func:`plain` is to follow, so that what measures it measures that."""
    return _Roomy(notation.name, notation.title, notation.note, notation.lettering)


def plain(text: str) -> str:
    """The text with every such character replaced; it takes as many cells as before.

    ``½ (o − y)²`` is ``.5(o - y)ᶻ``, ``10⁻²`` is ``1e-2``, and the layer of ``h⁽²⁾`` is ``(2)``.
    """
    if "½" in text:
        text = text.replace(*_HALF)
    if "⁻" in text:
        text = _POWER_OF_TEN.sub(lambda power: "1e-" + unicodedata.normalize("NFKC", power[1]), text)
    if "⁽" in text:
        text = _LAYER.sub(lambda layer: unicodedata.normalize("NFKC", layer[1]).join("()"), text)
    return text.translate(_TABLE)
