"""What is said of a number's reason. Messages only: no imports, no logic."""

from typing import Final

REASONS: Final[dict[str, tuple[str, str]]] = {}
