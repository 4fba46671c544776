"""What is said in a derivation that is printed: headings and sentences. Messages only: no imports, no logic."""

from typing import Final

DERIVE: Final[dict[str, tuple[str, str]]] = {
    "derive.title": ("{gradient} by the chain rule, term by term: {title}", "用链式法则逐项推导 {gradient}：{title}"),
    "derive.steps": ("Steps {first} to {last} of {T}.", "第 {first} 步到第 {last} 步，序列共 {T} 步。"),
    "derive.steps.one": ("Step {first} of {T}.", "第 {first} 步，序列共 {T} 步。"),
    "derive.about": (
        (
            "{steps} SymPy is given the equations below and nothing else, and differentiates them. Beside each of "
            "its values stands the one that the backward pass computed."
        ),
        ("{steps}只把下面的方程交给 SymPy，由它求导；每一项旁边列出反向传播算出的值，以便对照。"),
    ),
    "derive.notation": (
        "The notation is that of {title}; {delta} here means {meaning}.",
        "记号采用 {title}，这里 {delta} 表示 {meaning}。",
    ),
    "derive.overflow": (
        "From t = {step} on, {quantity} is not finite: what follows from it is no number and agrees with none.",
        "自 t = {step} 起 {quantity} 不再是有限的数：由它得到的值不是数，也就无从对照。",
    ),
    "derive.given": ("What SymPy is given", "交给 SymPy 的方程"),
    "derive.entering.given": (
        "The state before the first step is given and depends on no parameter:",
        "第 1 步之前的状态是给定的，不依赖于任何参数：",
    ),
    "derive.entering.fixed": (
        (
            "The sequence begins earlier: the state that enters is held fixed at its value, and the terms {term} with "
            "{earlier}, which reach {parameter} through earlier steps, are left out."
        ),
        (
            "这几步不是序列的开头：进入这几步的状态取已算出的值，视为常量；"
            "{earlier} 的各项 {term}（经由更早的时间步到达 {parameter}）不计在内。"
        ),
    ),
    "derive.mean": (
        "The loss is a mean over the steps that have a target, so every term carries the factor {factor}.",
        "损失是对有目标的时间步取的平均，因此每一项都带有因子 {factor}。",
    ),
    "derive.no_target": (
        "No target at step {steps}: there is no loss there, and its terms, all 0, are left out.",
        "第 {steps} 步没有目标，因而没有损失；相应各项均为 0，不再列出。",
    ),
    "derive.no_target.several": (
        "No target at steps {steps}: there are no losses there, and their terms, all 0, are left out.",
        "第 {steps} 步没有目标，因而没有损失；相应各项均为 0，不再列出。",
    ),
    "derive.and": (", ", "、"),
    "derive.rule": ("The chain rule", "链式法则"),
    "derive.rule.terms": (
        (
            "In these steps {gradient} has {count} terms {term}, each what the loss {loss} adds through the use of "
            "{parameter} at step {step}."
        ),
        (
            "在这几步中 {gradient} 共有 {count} 项 {term}，"
            "每一项是损失 {loss} 经由第 {step} 步所用的 {parameter} 带来的部分。"
        ),
    ),
    "derive.rule.one": (
        (
            "Here {gradient} has one term {term}: what the loss {loss} adds through the use of {parameter} "
            "at step {step}."
        ),
        "这里 {gradient} 只有一项 {term}，它是损失 {loss} 经由第 {step} 步所用的 {parameter} 带来的部分。",
    ),
    "derive.rule.none": (
        "There is no loss here, and so no term of {gradient}.",
        "这里没有损失，{gradient} 在此也就没有任何项。",
    ),
    "derive.later": (
        "The sequence goes on: the losses {loss} to {final} and their terms, {term} with {later}, are left out.",
        "序列并未到此结束：损失 {loss} 到 {final} 及其各项（即 {later} 的 {term}）不计在内。",
    ),
    "derive.later.one": (
        "The sequence goes on: the loss {loss} and its terms, {term} with {later}, are left out.",
        "序列并未到此结束：损失 {loss} 及其各项（即 {later} 的 {term}）不计在内。",
    ),
    "derive.column.term": ("term", "项"),
    "derive.column.product": ("product of its factors", "各因子之积"),
    "derive.factors": ("The factors, each once", "各因子（每个只列一次）"),
    "derive.sparse": (
        (
            "{factor}: unit {index} of {state} depends on row {index} of {parameter} alone, so one matrix holds all "
            "entries that are not zero."
        ),
        (
            "{factor}：{state} 的第 {index} 个分量只依赖于 {parameter} 的第 {index} 行，"
            "所以一个矩阵就列出了所有不恒为零的元素。"
        ),
    ),
    "derive.sparse.vector": (
        (
            "{factor}: unit {index} of {state} depends on entry {index} of {parameter} alone, so one vector holds all "
            "entries that are not zero."
        ),
        (
            "{factor}：{state} 的第 {index} 个分量只依赖于 {parameter} 的第 {index} 个分量，"
            "所以一个向量就列出了所有不恒为零的元素。"
        ),
    ),
    "derive.size": (
        "A {rows}×{columns} matrix, norm {norm}; only its beginning is printed.",
        "{rows}×{columns} 矩阵，范数 {norm}；这里只打印开头部分。",
    ),
    "derive.terms": ("The terms, in the order of the backward pass", "各项（按反向传播的先后）"),
    "derive.term": ("Term {term}", "第 {term} 项"),
    "derive.expanded": ("In parameters, inputs and targets alone:", "只用参数、输入和目标写出："),
    "derive.sympy": ("SymPy", "SymPy"),
    "derive.engine": ("backward pass", "反向传播"),
    "derive.difference": ("Difference {absolute}, relative {relative}.", "相差 {absolute}，相对误差 {relative}。"),
    "derive.difference.sum": (
        "Difference {absolute}, relative {relative}. Sum of the terms so far ({count} of {expected}):",
        "相差 {absolute}，相对误差 {relative}。到此为止各项之和（第 {count} 项，共 {expected} 项）：",
    ),
    "derive.difference.number": (
        "Difference {absolute}, relative {relative}. Sum of the terms so far ({count} of {expected}): {sum}.",
        "相差 {absolute}，相对误差 {relative}。到此为止各项之和（第 {count} 项，共 {expected} 项）：{sum}。",
    ),
    "derive.total": ("The total", "总和"),
    "derive.total.whole": (
        "The steps are the whole sequence, so the terms add up to the gradient of the whole backward pass:",
        "这几步就是整个序列，因此各项之和等于整趟反向传播的梯度：",
    ),
    "derive.total.part": (
        (
            "The sum of the terms of steps {first}–{last}, and of the same terms in the backward pass; what other "
            "steps add to {gradient} is not in it:"
        ),
        "第 {first}–{last} 步的各项之和，以及反向传播对同样各项求得的和；其他时间步对 {gradient} 的贡献不在其中：",
    ),
    "derive.total.part.one": (
        (
            "The sum of the terms of step {first}, and of the same terms in the backward pass; what other steps add to "
            "{gradient} is not in it:"
        ),
        "第 {first} 步的各项之和，以及反向传播对同样各项求得的和；其他时间步对 {gradient} 的贡献不在其中：",
    ),
    "derive.direct": ("Direct and total derivative", "直接导数与全导数"),
    "derive.direct.state": (
        (
            "{direct} is the direct derivative: only the use of {parameter} at step {step} itself is seen, and "
            "{before} is held fixed. The total derivative {total} goes through {before} as well, which depends on "
            "{parameter} too:"
        ),
        (
            "{direct} 是直接导数：只看第 {step} 步本身对 {parameter} 的使用，{before} 保持不变。"
            "全导数 {total} 还要经过 {before}，因为它也依赖于 {parameter}："
        ),
    ),
    "derive.direct.first": (
        (
            "{direct} is the direct derivative: {before} is held fixed. As {before} is given and does not depend on "
            "{parameter}, it equals the total derivative {total}:"
        ),
        (
            "{direct} 是直接导数，{before} 保持不变。由于 {before} 是给定的，不依赖于 {parameter}，"
            "它等于全导数 {total}："
        ),
    ),
    "derive.direct.output": (
        (
            "{direct} is the direct derivative: {before} is held fixed. As {before} does not depend on {parameter}, it "
            "equals the total derivative {total}, and each loss has one term only."
        ),
        (
            "{direct} 是直接导数，{before} 保持不变。由于 {before} 不依赖于 {parameter}，"
            "它等于全导数 {total}，每个损失也就只有一项。"
        ),
    ),
    "derive.largest": (
        "Largest relative difference between SymPy and the backward pass: {relative}.",
        "SymPy 与反向传播之间最大的相对误差：{relative}。",
    ),
    "derive.column": ("column {column}:", "第 {column} 列："),
    "derive.columns": ("columns {first}–{last}:", "第 {first}–{last} 列："),
    "derive.latex.engine": (
        "Compiles with pdflatex, xelatex or lualatex.",
        "可用 pdflatex、xelatex 或 lualatex 编译。",
    ),
    "derive.latex.chinese": (
        "Compiles with xelatex or lualatex (package ctex), or with pdflatex (package CJKutf8).",
        "请用 xelatex 或 lualatex 编译（宏包 ctex），也可用 pdflatex（宏包 CJKutf8）。",
    ),
    "derive.latex.fragment": (
        "A fragment: needs the package amsmath, and for Chinese ctex or CJKutf8.",
        "片段：需要宏包 amsmath，中文另需 ctex 或 CJKutf8。",
    ),
}
