"""What is said of notations. Messages only: no imports, no logic."""

from typing import Final

NOTATION_NAMES: Final[dict[str, tuple[str, str]]] = {}
