"""What is said in a derivation that is printed: headings and sentences. Messages only: no imports, no logic."""

from typing import Final

DERIVE: Final[dict[str, tuple[str, str]]] = {}
