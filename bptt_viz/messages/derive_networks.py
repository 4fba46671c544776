"""What a printed derivation says of several states, decoders and truncation. Messages only: no imports, no logic."""

from typing import Final

DERIVE_NETWORKS: Final[dict[str, tuple[str, str]]] = {
    "derive.entering.unused": (
        (
            "The sequence begins earlier: the state that enters is held fixed at its value. It does not depend on "
            "{parameter}, which no earlier step uses:"
        ),
        (
            "这几步不是序列的开头：进入这几步的状态取已算出的值，视为常量。"
            "更早的时间步都不用 {parameter}，所以它本来就与之无关："
        ),
    ),
    "derive.stack": (
        (
            "{state} without a layer is the states of all layers together, {all}, from the lowest up. Within a step "
            "each layer reads the one below it, so {step} is block lower triangular."
        ),
        (
            "不标层号的 {state} 是各层状态合在一起：{all}，由低到高排列。每一层在同一时间步内读取下一层，"
            "所以 {step} 是分块下三角矩阵。"
        ),
    ),
    "derive.stack.upward": (
        "{upward} is what {layer}, the layer that uses {parameter}, does to all of them within that step.",
        "{upward} 是使用 {parameter} 的那一层 {layer} 在该时间步内对各层状态的影响。",
    ),
    "derive.states": (
        (
            "The cell hands on several states, {all}; {state} is all of them together. So the error goes back on "
            "several routes: along {cell} the forget gate alone multiplies it, through {hidden} matrices do too."
        ),
        (
            "该单元向下一步传递多个状态：{all}，合记为 {state}。因此误差有多条路径往回传："
            "沿 {cell} 时只乘以遗忘门，经过 {hidden} 时还要乘以各个循环矩阵。"
        ),
    ),
    "derive.decoder": (
        "From t = {change} on the steps use the decoder's parameters in the place of the encoder's.",
        "自 t = {change} 起改用解码器的参数，不再用编码器的参数。",
    ),
    "derive.rule.unused": (
        "None of these steps uses {parameter}, and so there is no term of {gradient}.",
        "这几步都不用 {parameter}，{gradient} 在此也就没有任何项。",
    ),
    "derive.truncation": (
        (
            "Backpropagation is truncated. The terms that follow are those of the full derivative; each enters "
            "{gradient} with its weight, and one of weight 0 is left out."
        ),
        "反向传播有截断。下面各项是完整导数的各项；每一项乘以权重后计入 {gradient}，权重为 0 的项不计入。",
    ),
    "derive.column.weight": ("weight", "权重"),
    "derive.weight": ("It enters {gradient} with the weight {weight}.", "该项以权重 {weight} 计入 {gradient}。"),
    "derive.weight.none": (
        "Its weight is 0: truncation leaves it out of {gradient}.",
        "该项权重为 0：被截断，不计入 {gradient}。",
    ),
    "derive.routes": (
        "The error takes {count} routes here; the term {term} is the sum of what they carry:",
        "误差在这里有 {count} 条路径，第 {term} 项等于各条路径之和：",
    ),
    "derive.difference.sum.weighed": (
        (
            "Difference {absolute}, relative {relative}. Sum of the terms so far ({count} of {expected}), each with "
            "its weight:"
        ),
        "相差 {absolute}，相对误差 {relative}。到此为止各项乘以权重之和（第 {count} 项，共 {expected} 项）：",
    ),
    "derive.difference.number.weighed": (
        (
            "Difference {absolute}, relative {relative}. Sum of the terms so far ({count} of {expected}), each with "
            "its weight: {sum}."
        ),
        "相差 {absolute}，相对误差 {relative}。到此为止各项乘以权重之和（第 {count} 项，共 {expected} 项）：{sum}。",
    ),
    "derive.total.whole.weighed": (
        (
            "The steps are the whole sequence, so the terms, each with its weight, add up to the gradient of the whole "
            "truncated backward pass:"
        ),
        "这几步就是整个序列，因此各项乘以权重之和等于整趟截断反向传播的梯度：",
    ),
    "derive.total.part.weighed": (
        (
            "The sum of the terms of steps {first}–{last}, each with its weight, and of the same terms in the backward "
            "pass; what other steps add to {gradient} is not in it:"
        ),
        (
            "第 {first}–{last} 步的各项乘以权重之和，以及反向传播对同样各项求得的和；"
            "其他时间步对 {gradient} 的贡献不在其中："
        ),
    ),
    "derive.total.part.one.weighed": (
        (
            "The sum of the terms of step {first}, each with its weight, and of the same terms in the backward pass; "
            "what other steps add to {gradient} is not in it:"
        ),
        ("第 {first} 步的各项乘以权重之和，以及反向传播对同样各项求得的和；其他时间步对 {gradient} 的贡献不在其中："),
    ),
    "derive.direct.unused": (
        (
            "{direct} is the direct derivative: {before} is held fixed. As no earlier step uses {parameter}, {before} "
            "does not depend on it, and the total derivative {total} is the same:"
        ),
        (
            "{direct} 是直接导数，{before} 保持不变。更早的时间步都不用 {parameter}，{before} 与它无关，"
            "所以全导数 {total} 与之相等："
        ),
    ),
    "derive.other_units": (
        "The other {count} units of {state} have matrices of the same form.",
        "{state} 其余 {count} 个分量的矩阵形式相同，不再列出。",
    ),
}
