"""What is said of the ledger of chain-rule terms. Messages only: no imports, no logic."""

from typing import Final

LEDGER: Final[dict[str, tuple[str, str]]] = {}
