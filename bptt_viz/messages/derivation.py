"""What is said of a derivation, on the screen and in documents. Messages only: no imports, no logic."""

from typing import Final

DERIVATION: Final[dict[str, tuple[str, str]]] = {
    "derivation.loading": ("loading SymPy", "正在加载 SymPy"),
    "derivation.term": ("SymPy derives term {count} of {expected}", "SymPy 正在推导第 {count} 项，共 {expected} 项"),
    "derivation.no_process": (
        "No derivation: the process for it cannot be started ({reason}).",
        "无法推导：推导进程未能启动（{reason}）。",
    ),
    "derivation.ended": (
        "No derivation: the process for it ended ({reason}). The next request starts another.",
        "无法推导：推导进程已退出（{reason}）。下次推导时将重新启动。",
    ),
    "derivation.status": ("status {status}", "状态 {status}"),
    "derivation.garbled": ("its answer cannot be read", "其应答无法读取"),
    "derivation.failed": ("SymPy gave up: {reason}", "SymPy 推导失败：{reason}"),
}
