"""What the command line says. Messages only: no imports, no logic."""

from typing import Final

COMMAND_LINE: Final[dict[str, tuple[str, str]]] = {}
