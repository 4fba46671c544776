"""What is said of truncation: English and Chinese. Messages only: no imports, no logic."""

from typing import Final

#: Message key → (English, Chinese).
TRUNCATION: Final[dict[str, tuple[str, str]]] = {
    "truncation.full": ("full: every term is kept", "完整：保留所有项"),
    "truncation.window": (
        "window, τ = {length}: terms with t − k < {length}",
        "窗口 τ = {length}：保留 t − k < {length} 的项",
    ),
    "truncation.segments": (
        "segments of {length} steps: no term crosses a cut",
        "每 {length} 步一段：任何项都不跨段",
    ),
    "truncation.randomized": (
        "randomized: ξ = 1/π with probability π, else 0",
        "随机截断：ξ 以概率 π 取 1/π，否则取 0",
    ),
    "truncations.title": ("which terms are kept, and what it costs", "保留哪些项、代价多大"),
}
