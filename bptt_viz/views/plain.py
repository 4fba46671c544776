"""Symbols for terminals that draw characters of ambiguous width two cells wide. No textual.

Unicode leaves the width of Greek letters, ∂, ●, box lines and others to the terminal (UAX #11,
class A); a terminal set up for Chinese may draw them wide, and then no column stands. Each is replaced by
one character that is narrow everywhere, so that a line keeps its cells. What the program itself writes is in
the table; a scenario's own words may hold any others, and those lose their accents, or else become a question mark.
"""

from __future__ import annotations

import unicodedata
from typing import Final

#: Ambiguous character → one that is narrow everywhere.
NARROW_EVERYWHERE: Final = {
    **dict(zip("₁₂₃₄", "1234", strict=True)),
    **dict(zip("δσφηΣθ", "dsfnSq", strict=True)),
    **dict(zip("∂∇−×·±½²", "dV-x.+~2", strict=True)),
    **dict(zip("←↑→↓⇧", "<^>v^", strict=True)),
    **dict(zip("▲▼◀▶●○◉", "^v<>*o@", strict=True)),
    **dict(zip("─│┃…⋮‖∞≈≫⚠", "-||~:|8~>!", strict=True)),
    **dict(zip("░▒▓█≥", ":=*#>", strict=True)),
    **dict(zip("∏√⊙ξγε", "Pr*xge", strict=True)),
    **dict(zip("′“”‘’—–▏", "'\"\"''--_", strict=True)),
}


class _Table(dict[int, str]):
    """Code point → what is drawn; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        drawn = chr(code)
        if unicodedata.east_asian_width(drawn) == "A":
            base = unicodedata.normalize("NFKD", drawn)[0]
            drawn = base if base.isascii() else "?"
        self[code] = drawn
        return drawn


_TABLE: Final = _Table(str.maketrans(NARROW_EVERYWHERE))


def plain(text: str) -> str:
    """The text with every such character replaced; it takes as many cells as before."""
    return text.translate(_TABLE)
