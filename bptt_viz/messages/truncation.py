"""What is said of truncation: English and Chinese. Messages only: no imports, no logic."""

from typing import Final

#: Message key → (English, Chinese).
TRUNCATION: Final[dict[str, tuple[str, str]]] = {
    "truncation.full": ("full: every term (t, k) is kept", "完整：保留所有项 (t, k)"),
    "truncation.window": (
        "window, τ = {length}: terms with t − k < {length}",
        "窗口 τ = {length}：保留 t − k < {length} 的项",
    ),
    "truncation.segments": (
        "segments of {length} steps: no term crosses a cut",
        "分段，每段 {length} 步：任何项都不跨段",
    ),
    "truncation.randomized": (
        "random π = {probability}, seed {seed}: ξ is 1/π with probability π, else 0",
        "随机 π = {probability}，种子 {seed}：ξ 以概率 π 取 1/π，否则取 0",
    ),
    "truncation.randomized.listed": (
        "random: the ξ are those that the scenario lists",
        "随机：ξ 取场景中列出的值",
    ),
    "truncation.full.shortly": ("full", "完整"),
    "truncation.window.shortly": ("window τ = {length}", "窗口 τ = {length}"),
    "truncation.segments.shortly": ("segments of {length}", "分段，每段 {length} 步"),
    "truncation.randomized.shortly": ("random π = {probability}", "随机 π = {probability}"),
    "truncation.randomized.listed.shortly": ("random, ξ listed", "随机，ξ 已列出"),
    "truncation.full.name": ("full", "完整"),
    "truncation.window.name": ("window", "窗口"),
    "truncation.segments.name": ("segments", "分段"),
    "truncation.randomized.name": ("random", "随机"),
    "truncation.randomized.listed.name": ("random", "随机"),
    # The page.
    "truncations.title": (
        "{gradient} truncated: which terms are kept, and at what cost",
        "截断后的 {gradient}：保留哪些项、代价多大",
    ),
    "truncations.angle": ("angle", "夹角"),
    "truncations.distance": ("distance", "距离"),
    "truncations.cost": ("mult-adds", "乘加次数"),
    "truncations.longest": ("reaches", "最远回溯"),
    "truncations.longest.steps": ("{steps} of {T} steps", "{steps} 步（序列共 {T} 步）"),
    "truncations.undefined": ("undefined", "无定义"),
    "truncations.kept": ("kept", "保留"),
    "truncations.scaled": ("or a number: times that weight", "或数字：乘以该权重"),
    "truncations.left_out": ("left out", "舍去"),
    "truncations.explained": (
        (
            "Rows: losses; columns: uses of {parameter}. All four share one forward pass. Angle and distance are "
            "to the full gradient. Multiply-adds: products with matrices in the backward pass, for all parameters."
        ),
        (
            "行：损失；列：{parameter} 的使用。四者的前向传播相同。夹角与距离相对于完整梯度。"
            "乘加次数：反向传播求所有参数的梯度时，与矩阵相乘的乘加运算。"
        ),
    ),
    "truncations.window_costs": (
        "A window keeps up to {length} losses' adjoints apart, so this need not be cheaper; what it saves is memory.",
        "窗口须将至多 {length} 个损失的伴随量分开传递，计算量未必减少，节省的是内存。",
    ),
    "truncations.undefined.why": (
        "The angle is not defined where a gradient is 0.",
        "梯度为 0 时夹角无定义。",
    ),
    "truncations.rounded": (
        "Differences of at most n ε times the longer gradient, n = T (H + 1) in each layer, are rounding: shown as 0.",
        "差异不超过舍入误差界（较长梯度的 n ε 倍，n 为各层 T (H + 1) 之和）时显示为 0。",
    ),
    "truncations.waiting": ("running the backward passes", "正在进行反向传播"),
    "truncations.keys.strategy": ("strategy", "截断方式"),
    "truncations.keys.more": ("shorter, longer", "减小、增大"),
    "truncations.keys.draw": ("another draw", "再抽一次"),
    "truncations.keys.gradients": ("gradients", "梯度"),
    "truncations.keys.draws": ("draws and mean", "抽样与均值"),
    "truncations.seed": ("{text}, seed {seed}", "{text}，种子 {seed}"),
    "truncations.keys.compare": ("comparison", "并列比较"),
    "truncations.keys.entry": ("entry", "分量"),
    # The draws.
    "truncations.draw": ("draw {number}, seed {seed}", "第 {number} 次抽样，种子 {seed}"),
    "truncations.listed": ("as listed", "按所列"),
    "truncations.mean": ("mean of {count}", "{count} 次均值"),
    "truncations.mean.value": ("mean of {count}: {value}", "{count} 次均值：{value}"),
    "truncations.mean.away": ("mean of {count}: {away} {value}", "{count} 次均值：{away} {value}"),
    "truncations.exact.value": ("full gradient: {value}", "完整梯度：{value}"),
    "truncations.error": ("standard error", "标准误"),
    "truncations.with_error": (" (s.e. {error})", "（标准误 {error}）"),
    "truncations.exact": ("full gradient", "完整梯度"),
    "truncations.expected": ("expected: standard error", "预期：标准误"),
    "truncations.xi": (
        "{xi} = 1/π with probability {probability}, else 0: mean 1; in {count} draws {mean}.",
        "{xi} 以概率 {probability} 取 1/π，否则取 0，期望为 1；{count} 次抽样的均值为 {mean}。",
    ),
    "truncations.no_edge": (
        "One step has no edge to cut: every draw is the full gradient.",
        "只有一步，无边可截：每次抽样都等于完整梯度。",
    ),
    "truncations.drawing": ("drawing: {done} of {count}", "正在抽样：{done}/{count}"),
    "truncations.away": ("‖mean − full‖", "‖均值 − 完整‖"),
}
