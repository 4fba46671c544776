"""What is said of vanishing and exploding gradients: English and Chinese. Messages only: no imports, no logic."""

from typing import Final

#: Message key → (English, Chinese).
FLOW: Final[dict[str, tuple[str, str]]] = {
    "flow.title": ("how the gradient flows through time", "梯度如何在时间中流动"),
}
