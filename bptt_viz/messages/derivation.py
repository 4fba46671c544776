"""What is said of a derivation, on the screen and in documents. Messages only: no imports, no logic."""

from typing import Final

DERIVATION: Final[dict[str, tuple[str, str]]] = {}
