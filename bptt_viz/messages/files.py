"""What is said of files that are opened, read again and saved from the app. Messages only: no imports, no logic."""

from typing import Final

FILES: Final[dict[str, tuple[str, str]]] = {
    "found.no_text": ("nothing", "空"),
    "expected.path": ("a path to save to", "保存路径"),
    "save.no_folder": ("{path}: the folder {folder} does not exist", "{path}：文件夹 {folder} 不存在"),
    "status.reloaded.undo": ("reloaded; undo brings back what was there", "已重新载入；撤销可恢复之前的参数"),
    "status.reloaded.dropped": (
        "reloaded; other names or shapes of parameters: dropped training (updates: {updates}, undo: {count})",
        "已重新载入；参数的名称或形状已变，训练已舍弃（更新 {updates} 次，可撤销 {count} 步）",
    ),
    "open.more": ("… and more: {count}", "……另有 {count} 处"),
}
