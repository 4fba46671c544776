"""What is said of the ledger of chain-rule terms. Messages only: no imports, no logic."""

from typing import Final

LEDGER: Final[dict[str, tuple[str, str]]] = {
    "ledger.title": ("terms of {gradient}: columns, BPTT", "{gradient} 的各项：按列，BPTT"),
    "ledger.title.rtrl": ("terms of {gradient}: rows, RTRL", "{gradient} 的各项：按行，RTRL"),
    "ledger.scale.less": ("each a tenth of the last", "逐级为前一级的 1/10"),
    "ledger.block": ("a cell sums up to {size} terms", "每格至多 {size} 项之和"),
    "ledger.scale.shortly": ("÷10", "÷10"),
    "ledger.block.shortly": ("cell ≤ {size}", "每格 ≤ {size} 项"),
    "ledger.left_out": ("left out · {kept}", "舍去 · {kept}"),
    "ledger.left_out.shortly": ("left out", "舍去"),
    "ledger.begun": ("begun", "未完"),
    "ledger.corner": ("corner: {sum}", "右下角：{sum}"),
    "ledger.norms": ("Margins: norm of the sum of the terms.", "表边：各项之和的范数。"),
    "ledger.total": ("total so far {sum}", "已累加 {sum}"),
    "ledger.rows_columns": (
        "Row: what the loss of step t adds. Column: what step k's use of {parameter} adds.",
        "行：第 t 步的损失贡献的项。列：第 k 步使用 {parameter} 贡献的项。",
    ),
    "ledger.diagonal_only": (
        "{parameter} acts after the hidden state: a loss reads its own step's use only.",
        "{parameter} 在隐藏状态之后起作用：每步损失只涉及本步对它的使用。",
    ),
    "ledger.summing": (
        "summing the terms: step {done} of {T}",
        "正在累加各项：第 {done} 步，共 {T} 步",
    ),
    # Both sides of the identity.
    "sides.title": ("two ways to sum {gradient}", "{gradient} 的两种求和方式"),
    "sides.explained": (
        (
            "Left: what step t's own use of {parameter} adds (∂⁺: the state before held fixed), a column of the "
            "ledger. Right: what the loss of step t adds through all uses up to t (d: the total derivative), a row. "
            "Summed as either pass goes, Σ t..T backward and Σ 1..t forward, "
            "both end at the same total."
        ),
        (
            "左边：第 t 步自身使用 {parameter} 的贡献（∂⁺：固定前一步的状态），即各项表的一列。"
            "右边：第 t 步的损失经由 t 及以前所有使用的贡献（d：全导数），即一行。"
            "各按自己的方向求和（反向 Σ t..T，前向 Σ 1..t），总和相等。"
        ),
    ),
    "sides.explained.output": (
        (
            "{parameter} acts after the hidden state, so there is no recursion: "
            "a loss reads its own step's use only, and both sides have the same summands."
        ),
        "{parameter} 在隐藏状态之后起作用，没有递推：每步损失只涉及本步对它的使用，两边的加项相同。",
    ),
    "sides.explained.shortly": (
        "left: ledger column t (use of t); right: its row t (loss of t)",
        "左边：各项表第 t 列（一次使用）；右边：第 t 行（一个损失）",
    ),
    "sides.explained.output.shortly": (
        "no recursion: a loss reads its own step's use of {parameter} only",
        "没有递推：每步损失只涉及本步对 {parameter} 的使用",
    ),
    "sides.sign": ("≠: the two of a step differ; only totals must agree", "≠：同一步的两项不等，只有总和应当相等"),
    "sides.apart": ("apart {difference}", "相差 {difference}"),
    "sides.by_use": ("use of t", "第 t 步使用的贡献"),
    "sides.by_loss": ("loss of t", "第 t 步损失的贡献"),
    "sides.sums_by_use": ("Σ t..T", "Σ t..T"),
    "sides.sums_by_loss": ("Σ 1..t", "Σ 1..t"),
    "sides.total": ("all", "总和"),
    "sides.difference": (
        "Largest difference of the two sums, entry by entry: {difference}; from {gradient}: {from_gradient}.",
        "两个总和逐分量的最大差：{difference}；与 {gradient} 的最大差：{from_gradient}。",
    ),
    "sides.carrying": (
        "carrying {derivative} forward: step {done} of {T}",
        "正在向前递推 {derivative}：第 {done} 步，共 {T} 步",
    ),
    "sides.too_large": (
        (
            "{derivative} has {size} numbers over all steps (T × hidden size × parameter): too many to carry forward. "
            "That is why backpropagation through time is used, which carries one vector."
        ),
        (
            "{derivative} 在所有时间步上共有 {size} 个数（T × 隐藏层大小 × 参数个数），多得无法向前递推。"
            "正因如此才用随时间反向传播：它只需传递一个向量。"
        ),
    ),
    "sides.too_large.output": (
        (
            "{parameter} acts after the hidden state: both sides have the same summands, "
            "with {size} numbers over all steps too many to be listed."
        ),
        "{parameter} 在隐藏状态之后起作用：两边的加项相同，所有时间步上共有 {size} 个数，多得无法列出。",
    ),
}
