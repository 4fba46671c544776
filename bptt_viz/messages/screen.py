"""What the screen says. Messages only: no imports, no logic."""

from typing import Final

SCREEN: Final[dict[str, tuple[str, str]]] = {}
