"""What the command line says. Messages only: imports nothing but messages, no logic."""

from typing import Final

from bptt_viz.messages.scenario_keys import SCENARIO_KEYS

COMMAND_LINE: Final[dict[str, tuple[str, str]]] = {
    **SCENARIO_KEYS,
    "template.head": (
        "A scenario for bptt-viz: change it and open it with `bptt-viz FILE`; `bptt-viz check FILE` finds mistakes.\n"
        "Take away the # in front of a key to use it. The values behind # are the defaults, or examples.",
        "bptt-viz 场景文件：修改之后用 `bptt-viz 文件` 打开，用 `bptt-viz check 文件` 检查错误。\n"
        "去掉键前面的 # 即可启用；# 后面写的是默认值或示例。",
    ),
    "template.title": ("My scenario", "我的场景"),
    "template.description": ("What to watch for", "看点"),
    "template.tokens": ("the cat sat on the mat", "我 昨天 上学 迟到 了 e"),
    "schema.title": ("A scenario of bptt-viz", "bptt-viz 场景"),
}
