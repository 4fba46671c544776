"""What is said of vanishing and exploding gradients: English and Chinese. Messages only: no imports, no logic."""

from typing import Final

#: Message key → (English, Chinese).
FLOW: Final[dict[str, tuple[str, str]]] = {
    "flow.title": ("how the gradient flows through time", "梯度如何在时间中流动"),
    "flow.title.layer": (", layer {layer} of {layers}", "，第 {layer} 层，共 {layers} 层"),
    "flow.more": ("Tab: more ({part}/{parts})", "Tab：更多（{part}/{parts}）"),
    "flow.computing": ("computing …", "正在计算……"),
    # What the norm of the product does with distance.
    "flow.verdict.vanishes": (
        "{norm} falls to {final} at t − k = {distance}, × {factor} a step: it vanishes.",
        "{norm} 在 t − k = {distance} 处降到 {final}，平均每步 × {factor}：梯度消失。",
    ),
    "flow.verdict.explodes": (
        "{norm} grows to {final} at t − k = {distance}, × {factor} a step: it explodes.",
        "{norm} 在 t − k = {distance} 处增大到 {final}，平均每步 × {factor}：梯度爆炸。",
    ),
    "flow.verdict.keeps": (
        "{norm} is {final} at t − k = {distance}: it neither vanishes nor explodes.",
        "{norm} 在 t − k = {distance} 处为 {final}：既不消失也不爆炸。",
    ),
    "flow.verdict.within": (
        (
            "{norm} goes from 1 to {final} at t − k = {distance}, × {factor} a step: "
            "at this length it neither vanishes nor explodes."
        ),
        "{norm} 从 1 变到 {final}（t − k = {distance}，平均每步 × {factor}）：在这一长度上既不消失也不爆炸。",
    ),
    "flow.verdict.hump": (
        "{norm} grows to {peak} (t − k = {peak_at}), then falls to {final} ({distance}).",
        "{norm} 先增大到 {peak}（t − k = {peak_at}），再降到 {final}（{distance}）。",
    ),
    "flow.verdict.dips": (
        "{norm} falls to {trough} (t − k = {trough_at}), yet is {final} at the end ({distance}).",
        "{norm} 先降到 {trough}（t − k = {trough_at}），到末端（{distance}）又为 {final}。",
    ),
    "flow.verdict.grows_first": (
        "{norm} grows to {peak} (t − k = {peak_at}), then falls to {final} ({distance}): it vanishes late.",
        "{norm} 先增大到 {peak}（t − k = {peak_at}），再降到 {final}（{distance}）：先增大后消失。",
    ),
    "flow.verdict.zero": (
        "{norm} is exactly 0 from t − k = {first} on: nothing passes.",
        "{norm} 从 t − k = {first} 起恰为 0：梯度完全传不过去。",
    ),
    "flow.verdict.not_finite": (
        "{norm} is no number from t − k = {first} on: the states there are not finite.",
        "{norm} 从 t − k = {first} 起不是有限数：那里的状态已溢出。",
    ),
    "flow.verdict.alone": ("{norm} alone: {final}.", "其中 {norm} 为 {final}。"),
    "flow.verdict.more": ("{verdict} {more}", "{verdict}{more}"),
    # The triangle.
    "flow.shades": ("÷{factor} a shade", "每级 ÷{factor}"),
    "flow.some_steps": ("shown: {count} of {T} steps", "显示 {T} 步中的 {count} 步"),
    # The curves.
    "flow.curves": ("{norm} against t − k, log scale", "{norm} 随 t − k 的变化（对数坐标）"),
    "flow.bound": ("≤ (σ_max({matrix})·max φ′)^(t−k)", "≤ (σ_max({matrix})·max φ′)^(t−k)"),
    "flow.measured": ("≤ {product} σ_max({jacobian})", "≤ {product} σ_max({jacobian})"),
    "flow.route.direct": ("{derivative} through {state} alone", "{derivative} 只经 {state}"),
    "flow.route.hidden": ("{derivative} through some {state}", "{derivative} 途经 {state}"),
    "flow.beside": ("‖∂(states at T)/∂(states at k)‖ by network", "各网络的 ‖∂(T 步状态)/∂(k 步状态)‖"),
    "flow.beside.own": ("this: {title}", "本例：{title}"),
    "flow.butterfly": (
        "butterfly effect: distance, {start} moved by ε",
        "蝴蝶效应：{start} 移动 ε 后的距离",
    ),
    "flow.butterfly.explained": (
        "{start} + εv, v = {direction}: the direction that grows most.",
        "{start} + εv，v = {direction}：增长最大的方向。",
    ),
    # The matrices.
    "flow.spectrum": ("eigenvalues and singular values", "特征值与奇异值"),
    "flow.powers": ("max ‖{matrix}ᵏ‖", "max ‖{matrix}ᵏ‖"),
    "flow.singular_values": ("σ of {matrix}:", "{matrix} 的 σ："),
    "flow.must_vanish": (
        "σ_max({matrix})·max φ′ = {factor} < 1: must vanish.",
        "σ_max({matrix})·max φ′ = {factor} < 1：梯度必然消失。",
    ),
    "flow.must_grow": (
        "φ linear, σ_min({matrix}) = {factor} > 1: must explode.",
        "φ 为线性函数，σ_min({matrix}) = {factor} > 1：梯度必然爆炸。",
    ),
    "flow.kept": (
        "φ linear, ρ({matrix}) = σ_max({matrix}) = {factor}: neither vanishes nor explodes.",
        "φ 为线性函数，ρ({matrix}) = σ_max({matrix}) = {factor}：既不消失也不爆炸。",
    ),
    "flow.cannot_explode": (
        "σ_max({matrix})·max φ′ = {factor}: cannot explode, may vanish.",
        "σ_max({matrix})·max φ′ = {factor}：不会爆炸，但可能消失。",
    ),
    "flow.limit_vanishes": (
        "φ linear, ρ({matrix}) = {factor} < 1: vanishes in the limit.",
        "φ 为线性函数，ρ({matrix}) = {factor} < 1：极限下梯度消失。",
    ),
    "flow.limit_explodes": (
        "φ linear, ρ({matrix}) = {factor} > 1: explodes in the limit.",
        "φ 为线性函数，ρ({matrix}) = {factor} > 1：极限下梯度爆炸。",
    ),
    "flow.may_explode": (
        "σ_max({matrix})·max φ′ = {factor} > 1: may explode, need not.",
        "σ_max({matrix})·max φ′ = {factor} > 1：可能爆炸，但并不一定。",
    ),
    "flow.no_bound": (
        "With gates no power of σ_max bounds the product: see the curves.",
        "有门控时，σ_max 的幂不是乘积的上界：请看曲线。",
    ),
    "flow.grows_first": (
        "{matrix} is not normal: its eigenvalues say shrink, yet ‖{matrix}ᵏ‖ first grows to {peak} at k = {power}.",
        "{matrix} 非正规：特征值预示缩小，但 ‖{matrix}ᵏ‖ 先增大，在 k = {power} 处达到 {peak}。",
    ),
    "flow.normal": (
        "{matrix} is normal: its eigenvalues and its singular values say the same.",
        "{matrix} 是正规矩阵：特征值与奇异值的结论一致。",
    ),
    # The first NaN or ∞.
    "flow.origin": ("the first number that is not finite", "第一个溢出的数"),
    "flow.all_finite": ("All numbers are finite.", "所有数都是有限的。"),
    "flow.origin.largest": (
        "All that it is computed from is finite; the largest is {name} = {value}.",
        "参与计算的数都是有限的，其中最大的是 {name} = {value}。",
    ),
}
