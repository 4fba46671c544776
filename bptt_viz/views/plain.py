"""Symbols for terminals that draw characters of ambiguous width two cells wide. No textual.

Unicode leaves the width of Greek letters, ∂, ●, box lines and others to the terminal (UAX #11,
class A); a terminal set up for Chinese may draw them wide, and then no column stands. Each is replaced by
one character that is narrow everywhere, so that a line keeps its cells.
"""

from __future__ import annotations

from typing import Final

#: Ambiguous character → one that is narrow everywhere.
NARROW_EVERYWHERE: Final = {
    **dict(zip("₁₂₃₄", "1234", strict=True)),
    **dict(zip("δσφηΣθ", "dsfnSq", strict=True)),
    **dict(zip("∂∇−×·±½²", "dV-x.+~2", strict=True)),
    **dict(zip("←↑→↓⇧", "<^>v^", strict=True)),
    **dict(zip("▲▼◀▶●○◉", "^v<>*o@", strict=True)),
    **dict(zip("─│┃…⋮‖∞≈≫⚠", "-||~:|8~>!", strict=True)),
    **dict(zip("∏√⊙ξγε", "Pr*xge", strict=True)),
}
_TABLE: Final = str.maketrans(NARROW_EVERYWHERE)


def plain(text: str) -> str:
    """The text with every such character replaced; it takes as many cells as before."""
    return text.translate(_TABLE)
