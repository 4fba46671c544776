"""What is said of training and of editing parameters. Messages only: no imports, no logic."""

from typing import Final

TRAINING: Final[dict[str, tuple[str, str]]] = {
    "expected.entry": ("an entry from {first} to {last}", " {first} 至 {last} 之间的元素"),
    # The page.
    "training.title": ("training: {parameter} · {shape}", "训练：{parameter} · {shape}"),
    "training.runs_on": ("▶ training", "▶ 训练中"),
    "training.runs_to": ("▶ training to {target}", "▶ 训练至第 {target} 次"),
    "training.rests": ("at rest", "已停止"),
    "training.updates": ("updates: {updates}", "已更新 {updates} 次"),
    "training.equals": ("{name} = {value}", "{name} = {value}"),
    "training.no_clip": ("no clipping", "不做梯度裁剪"),
    "training.clip.norm": ("clipped by norm, all parameters together:", "按范数裁剪（所有参数合计）："),
    "training.clip.norm.below": ("clipping by norm leaves it: ‖∇‖ ≤ θ", "按范数裁剪：‖∇‖ ≤ θ，梯度不变"),
    "training.clip.value": (
        "clipped by value, into [−θ, θ]: {count} of {size} entries",
        "按值裁剪到 [−θ, θ]：{size} 个元素中裁剪了 {count} 个",
    ),
    "training.axis": ("updates", "更新次数"),
    "training.norm_axis": ("‖∇‖ before clipping", "裁剪前的 ‖∇‖"),
    "training.clipped": ("clipped: {count} of {updates} updates", "{updates} 次更新中有 {count} 次被裁剪"),
    "training.diverged": (
        "⚠ {place} is not finite after update {updates}; training ends here",
        "⚠ 第 {updates} 次更新后 {place} 不再有限，训练到此为止",
    ),
    "training.key.update": ("one", "一次"),
    "training.key.update_ten": ("ten", "十次"),
    "training.key.update_hundred": ("hundred", "百次"),
    "training.key.train": ("train on", "持续训练"),
    "training.key.stop": ("stop", "停止"),
    "training.key.edit": ("edit", "编辑"),
    "training.key.curves": ("curves", "曲线"),
    "training.key.step": ("the step", "更新量"),
    "training.key.undo": ("undo ({count})", "撤销（{count}）"),
    # While the page is not there.
    "status.training": ("▶ update {updates}", "▶ 已更新 {updates} 次"),
    # Told once.
    "training.at": ("after update {updates}: {loss} = {value}", "更新 {updates} 次后：{loss} = {value}"),
    "training.stopped": (
        "training stopped for this, after update {updates}",
        "训练已为此停止（已更新 {updates} 次）",
    ),
    "training.runs": ("training is running", "训练正在进行"),
    "training.no_further": (
        "not finite: there is nothing to update; undo",
        "数值已不再有限，无法继续更新；可撤销",
    ),
    "training.undone.updates": ("undone; back at update {updates}", "已撤销，回到第 {updates} 次更新"),
    "training.undone.edit": ("edit undone", "已撤销编辑"),
    "training.undone.reload": (
        "undone; back to the parameters from before the reload",
        "已撤销，回到重新载入之前的参数",
    ),
    "training.nothing_to_undo": ("nothing to undo", "没有可撤销的操作"),
    "training.no_process": ("training needs a process, which did not start: {reason}", "训练进程未能启动：{reason}"),
    "training.ended": ("the process that trains ended ({reason})", "训练进程已退出（{reason}）"),
    "training.failed": ("training failed: {reason}", "训练失败：{reason}"),
    # Commands.
    "help.train": ("Updates and edits", "更新与编辑"),
    "command.update": ("One update of the parameters", "更新一次参数"),
    "command.update_ten": ("Ten updates", "更新十次"),
    "command.update_hundred": ("A hundred updates", "更新一百次"),
    "command.train": ("Train, slowly at first, until this is pressed again", "持续训练，先慢后快，再按一次停止"),
    "command.edit": ("Edit a parameter", "编辑参数"),
    "command.undo": ("Undo an edit or updates", "撤销一次编辑或更新"),
    # The dialog.
    "edit.now": ("now {value}", "当前值 {value}"),
    "edit.help": (
        "type a number · arrows: another entry · Tab: next parameter · Enter puts it there · Esc goes back",
        "输入数值 · 方向键：换元素 · Tab：换参数 · Enter 确认 · Esc 返回",
    ),
    "edit.done": ("{entry} = {value} (was {before})", "{entry} = {value}（原为 {before}）"),
    "edit.same": ("{entry} is {value} already", "{entry} 已经是 {value}"),
    "expected.typed_number": ("a number such as 0.25", "形如 0.25 的数"),
    "expected.smaller_number": ("a number of at most {largest} in size", "绝对值不超过 {largest} 的数"),
}
