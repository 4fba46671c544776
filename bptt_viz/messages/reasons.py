"""What is said of a number's reason. Messages only: no imports, no logic."""

from typing import Final

REASONS: Final[dict[str, tuple[str, str]]] = {
    "command.why": ("Why is a number what it is? Choose any on the screen", "任选屏幕上一个数，查看它的由来"),
    "command.why.short": ("why?", "由来"),
    "why.title": ("why this number?", "这个数怎么来的？"),
    "why.sources": ("it came from", "由以下各数得出"),
    "why.not_shown": ("Nothing to be asked about is on the screen.", "屏幕上没有可以查询的数。"),
    "why.keys": (
        "arrows: another number · 1–9 or Enter: where it came from · Bksp: back · Esc: close",
        "方向键：换一个数 · 1–9 或 Enter：查看来源 · Bksp：返回 · Esc：关闭",
    ),
    "why.more": ("and {count} more", "另有 {count} 个"),
    "origin.initial_state": ("given: sequence.initial_state", "由 sequence.initial_state 给定"),
    "origin.zero_state": ("the state before t = 1 is zero", "t = 1 之前的状态为零"),
    "origin.one_hot": (
        "one-hot: the word is {word}, this entry is that of {own}",
        "独热向量：该词为“{word}”，此分量对应“{own}”",
    ),
    "origin.sequence": ("given by the scenario for t = {t}", "由场景给定，t = {t}"),
    "origin.empty": ("nothing is given for t = {t}, so all entries are 0", "t = {t} 处未给出，各分量为 0"),
    "origin.generated": (
        "what was predicted at t = {before}, read as the next input",
        "第 {before} 步的预测，作为这一步的输入",
    ),
    "origin.generated.word": (
        "{item}; the word was chosen by the prediction at t = {before}",
        "{item}；该词由第 {before} 步的预测选出",
    ),
    "origin.at_first": ("{value} at the start, {origin}", "初值 {value}，{origin}"),
    "origin.updated": ("{start}; updates since then: {count}", "{start}；此后更新了 {count} 次"),
    "origin.updated.edited": (
        "{start}; since then changed by hand, and by updates: {count}",
        "{start}；此后手动修改过，并更新了 {count} 次",
    ),
    "origin.edited": ("{start}; since then changed by hand", "{start}；此后手动修改过"),
    "origin.network": ("given with the network", "随网络一并给定"),
    "origin.file": ("given: {place}", "由 {place} 给定"),
    "origin.before_sweep": ("nothing is summed yet: the sum starts at 0", "尚未开始累加，初始为 0"),
    "origin.zero": ("starts at 0", "初始为 0"),
    "origin.drawn": (
        "drawn: network.initial ({method}, scale {scale}, seed {seed})",
        "随机抽取：network.initial（{method}，scale {scale}，seed {seed}）",
    ),
    "origin.same_state": (
        "the same state: 1 where the indices agree, else 0",
        "同一状态：两个下标相同处为 1，其余为 0",
    ),
    "origin.pulled_back": (
        "the backward pass of the steps between, given a unit vector; the other states of step k held fixed",
        "对其间各步做反向传播，以单位向量为起点；第 k 步的其他状态固定不变",
    ),
    "origin.largest_singular_value": (
        "the largest singular value of this matrix of {size} entries",
        "这个含 {size} 个分量的矩阵的最大奇异值",
    ),
    "origin.not_used": ("step {t} does not use this parameter", "第 {t} 步没有使用这个参数"),
    "origin.not_kept": ("truncation does not keep this term: its weight is 0", "截断没有保留这一项：权重为 0"),
    "origin.weight": (
        "truncation multiplies this term by {edges} = {weight}, which its factors contain",
        "截断把这一项乘以 {edges} = {weight}，已计入其因子",
    ),
    "origin.weight.zero": (
        "truncation does not keep this term: {edges} = 0",
        "截断没有保留这一项：{edges} = 0",
    ),
    "origin.edge.kept": (
        "drawn with seed {seed}: kept, with probability {probability}, and divided by it",
        "随机抽取（seed {seed}）：以概率 {probability} 保留，并除以该概率",
    ),
    "origin.edge.cut": (
        "drawn with seed {seed}: cut, with probability {probability}",
        "随机抽取（seed {seed}）：以概率 {probability} 截断",
    ),
    "origin.edge.generated": (
        "step {t} was generated and has no loss: 1",
        "第 {t} 步是继续生成的，没有损失，因此取 1",
    ),
    "origin.rate": ("given: update.learning_rate", "由 update.learning_rate 给定"),
    "origin.matrix_form": (
        "too large to be written entry by entry; the matrix form above it says how it is made",
        "规模较大，不逐项写出；算法见上方的矩阵形式",
    ),
    "origin.sympy": ("derived by SymPy from the forward equations", "由 SymPy 从前向方程求导得出"),
}
