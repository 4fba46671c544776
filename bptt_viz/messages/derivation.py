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
    "process.status": ("status {status}", "状态 {status}"),
    "process.garbled": ("its answer cannot be read", "其应答无法读取"),
    "derivation.failed": ("SymPy gave up: {reason}", "SymPy 推导失败：{reason}"),
    "derivation.title": ("derivation of {derivative}", "{derivative} 的推导"),
    "derivation.title.steps": (
        "derivation of {derivative}: {steps} of {T}",
        "{derivative} 的推导：{steps}，共 {T} 步",
    ),
    "derivation.steps": ("steps {first}–{last}", "第 {first}–{last} 步"),
    "derivation.step": ("step {first}", "第 {first} 步"),
    "derivation.title.held": ("{title}; {state} held fixed", "{title}；{state} 视为常量"),
    "derivation.title.left_out": ("{title}; {losses} left out", "{title}；不计 {losses}"),
    "derivation.left_out": ("{said} {losses} left out.", "{said}不计 {losses}。"),
    "derivation.idle": ("The terms are derived once you take the first step.", "走出第一步后开始推导。"),
    "derivation.rests": ("SymPy waits until training stops.", "训练停止后 SymPy 再推导。"),
    "derivation.given": ("SymPy is given the forward equations and the loss, no more:", "SymPy 只得到前向方程和损失："),
    "derivation.direct": (
        "{direct} holds {state} fixed; the total {total} does not.",
        "求 {direct} 时把 {state} 视为常量，求全导数 {total} 时则不然。",
    ),
    "derivation.direct.shortly": ("{direct} holds {state} fixed.", "求 {direct} 时把 {state} 视为常量。"),
    "derivation.direct.output": (
        "{direct} holds {state} fixed, which does not depend on {parameter} anyway.",
        "求 {direct} 时把 {state} 视为常量，而它本来就与 {parameter} 无关。",
    ),
    "derivation.none.unused": (
        "No term: {parameter} is not used in {steps}.",
        "没有可推导的项：{steps}没有用到 {parameter}。",
    ),
    "derivation.none.no_loss": (
        "No term of {parameter}: there is no loss in {steps}.",
        "{parameter} 没有可推导的项：{steps}没有损失。",
    ),
    "derivation.none.before": (
        "No term: in {steps} no loss comes after a use of {parameter}.",
        "没有可推导的项：{steps}中，用到 {parameter} 之后没有损失。",
    ),
    "derivation.so_far": ("sum of {count}/{expected}: {sum}", "已加 {count}/{expected} 项：{sum}"),
    "derivation.so_far.weighed": (
        "weighted sum of {count}/{expected}: {sum}",
        "已加 {count}/{expected} 项（加权）：{sum}",
    ),
    "derivation.truncated": (
        "{said} Truncated: each term enters {gradient} with the weight after ×; ×0 is left out.",
        "{said}有截断：每一项乘以 × 后的权重计入 {gradient}，×0 不计入。",
    ),
    "derivation.weight": (
        "{name} enters {gradient} with the weight {weight}",
        "{name} 以权重 {weight} 计入 {gradient}",
    ),
    "derivation.weight.none": (
        "weight {weight}: {name} is left out of {gradient}",
        "权重 {weight}：{name} 不计入 {gradient}",
    ),
    "derivation.route": ("of it by {route}", "其中经由 {route}"),
    "derivation.total": ("of {steps}: {sum}", "{steps}：{sum}"),
    "derivation.total.whole": ("of all: {sum}", "全部：{sum}"),
    "derivation.apart": ("|SymPy − NumPy| ≤ {difference}", "|SymPy − NumPy| ≤ {difference}"),
    "derivation.apart.none": ("|SymPy − NumPy| = 0", "|SymPy − NumPy| = 0"),
    "derivation.apart.relative": ("relative ≤ {difference}", "相对误差 ≤ {difference}"),
    "derivation.written_out": ("{name}: term {count} of {expected}", "{name}：第 {count} 项，共 {expected} 项"),
    "derivation.page": ("part {page} of {pages}", "第 {page} 部分，共 {pages} 部分"),
    "derivation.other_term": ("another term", "另一项"),
    "derivation.column.value": ("value", "值"),
    "derivation.column.apart": ("apart", "相差"),
    "derivation.by_sympy": ("{name} by SymPy", "{name}，SymPy"),
    "derivation.by_numpy": ("{name} by the backward pass", "{name}，反向传播"),
    "derivation.sum": ("sum of the first {count} of {expected}", "前 {count} 项之和，共 {expected} 项"),
    "derivation.sum.one": ("the first of {expected}", "第 1 项，共 {expected} 项"),
    "derivation.sum.weighed": (
        "weighted sum of the first {count} of {expected}",
        "前 {count} 项加权之和，共 {expected} 项",
    ),
    "derivation.all.weighed": ("weighted sum of all {expected} of {steps}", "{steps}全部 {expected} 项加权之和"),
    "derivation.all.whole.weighed": (
        "weighted sum of all {expected} = {derivative}",
        "全部 {expected} 项加权之和 = {derivative}",
    ),
    "derivation.all": ("sum of all {expected} of {steps}", "{steps}全部 {expected} 项之和"),
    "derivation.all.whole": ("sum of all {expected} = {derivative}", "全部 {expected} 项之和 = {derivative}"),
    "derivation.only": ("the only term of {steps}", "{steps}仅有的一项"),
    "derivation.only.whole": ("the only term = {derivative}", "仅有的一项 = {derivative}"),
    "derivation.cut": ("the first {seen} of {of}", "只显示前 {seen}，共 {of}"),
}
