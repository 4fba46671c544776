"""What is said of training and of editing parameters. Messages only: no imports, no logic."""

from typing import Final

TRAINING: Final[dict[str, tuple[str, str]]] = {
    "training.title": ("updates of the parameters", "参数更新"),
    "expected.entry": ("an entry from {first} to {last}", " {first} 至 {last} 之间的元素"),
}
