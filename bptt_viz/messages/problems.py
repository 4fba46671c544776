"""What is said of a wrong scenario file. Messages only: no imports, no logic."""

from typing import Final

PROBLEMS: Final[dict[str, tuple[str, str]]] = {
    "problem.at": ("{where}: expected {expected}, found {found}", "{where}:应为 {expected},实为 {found}"),
    "problem.whole": ("expected {expected}, found {found}", "应为 {expected},实为 {found}"),
}
