"""What the command line says. Messages only: imports nothing but messages, no logic."""

from typing import Final

from bptt_viz.messages.scenario_keys import SCENARIO_KEYS

COMMAND_LINE: Final[dict[str, tuple[str, str]]] = {
    **SCENARIO_KEYS,
    "template.head": (
        (
            "A scenario for bptt-viz: change it, open it with `bptt-viz FILE`; `bptt-viz check FILE` finds mistakes.\n"
            "Take away the # in front of a key to use it. The values behind # are the defaults, or examples."
        ),
        (
            "bptt-viz 场景文件：修改之后用 `bptt-viz 文件` 打开，用 `bptt-viz check 文件` 检查错误。\n"
            "去掉键前面的 # 即可启用；# 后面写的是默认值或示例。"
        ),
    ),
    "template.title": ("My scenario", "我的场景"),
    "template.description": ("What to watch for", "看点"),
    "template.tokens": ("the cat sat on the mat", "我 昨天 上学 迟到 了 e"),
    "schema.title": ("A scenario of bptt-viz", "bptt-viz 场景"),
    # Help. Lines are short enough for 80 columns as they are; nothing wraps them.
    "help.bptt-viz": ("Open the app, or do one of the things below.", "打开程序，或执行下列命令。"),
    "help.bptt-viz.long": (
        (
            "Backpropagation through time, step by step, in the terminal.\n\n"
            "bptt-viz SCENARIO opens the app. SCENARIO is a file, or the name of a scenario\n"
            "from `bptt-viz list`; without it, the sentence 我 昨天 上学 迟到 了 e opens."
        ),
        (
            "在终端里一步一步地看随时间反向传播（BPTT）。\n\n"
            "bptt-viz SCENARIO 打开程序。SCENARIO 是场景文件，或 `bptt-viz list` 所列的场景名；\n"
            "不写则打开句子 我 昨天 上学 迟到 了 e。"
        ),
    ),
    "help.more": (
        (
            "Exit status: 0 done; 1 a check failed or a run broke; 2 wrong usage or a wrong\n"
            "scenario. Folders of your own scenarios can be named in BPTT_VIZ_SCENARIOS.\n\n"
            "Completion, in the start-up file of your shell:\n"
            '  bash  eval "$(_BPTT_VIZ_COMPLETE=bash_source bptt-viz)"\n'
            '  zsh   eval "$(_BPTT_VIZ_COMPLETE=zsh_source bptt-viz)"\n'
            "  fish  _BPTT_VIZ_COMPLETE=fish_source bptt-viz | source"
        ),
        (
            "退出状态：0 完成；1 检查未通过或运行失败；2 用法错误或场景有误。\n"
            "自己的场景文件夹可写入环境变量 BPTT_VIZ_SCENARIOS。\n\n"
            "命令补全，写入 shell 的启动文件：\n"
            '  bash  eval "$(_BPTT_VIZ_COMPLETE=bash_source bptt-viz)"\n'
            '  zsh   eval "$(_BPTT_VIZ_COMPLETE=zsh_source bptt-viz)"\n'
            "  fish  _BPTT_VIZ_COMPLETE=fish_source bptt-viz | source"
        ),
    ),
    "help.example": ("Example:\n  {example}", "示例：\n  {example}"),
    "help.open": ("Open the app on a scenario.", "用程序打开场景。"),
    "help.open.long": (
        "Open the app on SCENARIO, a file or the name of a scenario from `bptt-viz list`.",
        "用程序打开 SCENARIO，即场景文件或 `bptt-viz list` 所列的场景名。",
    ),
    "help.list": ("List the scenarios that have names.", "列出有名称的场景。"),
    "help.list.long": (
        (
            "List the scenarios that have names, one per line: the bundled ones, and those in\n"
            "the folders of BPTT_VIZ_SCENARIOS."
        ),
        "列出有名称的场景，每行一个：随程序提供的，以及 BPTT_VIZ_SCENARIOS 各文件夹中的。",
    ),
    "help.check": ("Check scenario files and tell every problem.", "检查场景文件，指出全部错误。"),
    "help.check.long": (
        (
            "Check scenario files. Good ones are listed on standard output; every problem of\n"
            "the others goes to standard error, with its place, what was expected and what\n"
            "was found. Exit status 1 if any file has problems or cannot be read."
        ),
        (
            "检查场景文件。没有错误的文件列在标准输出；其余文件的每处错误写到标准错误，\n"
            "注明位置、要求和实际。任一文件有误或无法读取时，退出状态为 1。"
        ),
    ),
    "help.trace": (
        "Write all numbers of both passes as JSON or NumPy arrays.",
        "以 JSON 或 NumPy 数组写出前向和反向的所有数。",
    ),
    "help.trace.long": (
        (
            "Run SCENARIO forward and backward and write every quantity: hidden states, error\n"
            "terms, contributions, gradients, the triangle of chain-rule terms. Arrays are\n"
            "time-major, index 0 is t = 1; numbers that are not finite are null."
        ),
        (
            "对 SCENARIO 做前向与反向计算，写出所有的量：隐藏状态、误差项、各步贡献、梯度、\n"
            "链式法则各项构成的三角。数组以时间为第一维，下标 0 对应 t = 1；非有限的数写作 null。"
        ),
    ),
    "help.derive": (
        "Print the chain-rule terms by SymPy beside the backward pass.",
        "打印 SymPy 推导的链式法则各项，与反向传播对照。",
    ),
    "help.derive.long": (
        (
            "Derive the gradient of a parameter over a few steps of SCENARIO. SymPy is given\n"
            "the forward equations and the loss only; each term of the chain rule is printed\n"
            "as its factors, in symbols and in numbers, beside the backward pass's value.\n"
            "With --check nothing is printed but whether they agree: exit status 1 where\n"
            "two values differ by more than 1e-9, relatively."
        ),
        (
            "在 SCENARIO 的几个时间步上推导某个参数的梯度。只把前向方程和损失交给 SymPy；\n"
            "链式法则的每一项都写成各因子之积，给出符号和数值，并与反向传播的值对照。\n"
            "加上 --check 则只检查二者是否一致：相对误差超过 1e-9 时退出状态为 1。"
        ),
    ),
    "help.new": ("Write a commented scenario to start from.", "写出一个带注释的场景文件，供修改。"),
    "help.new.long": (
        "Write a commented scenario that names every key to FILE. A file that exists is\nnever overwritten.",
        "把一个列出所有键并带注释的场景写入 FILE。已有的文件绝不覆盖。",
    ),
    "help.schema": (
        "Print the JSON Schema of scenario files, for editors.",
        "打印场景文件的 JSON Schema，供编辑器使用。",
    ),
    "help.schema.long": (
        (
            "Print the JSON Schema of scenario files. An editor that knows TOML schemas then\n"
            "completes and explains the keys; many read a first line `#:schema FILE`."
        ),
        (
            "打印场景文件的 JSON Schema。支持 TOML schema 的编辑器可据此补全并解释各键；\n"
            "许多编辑器读取首行的 `#:schema 文件`。"
        ),
    ),
    "option.help": ("Show this help.", "显示此帮助。"),
    "option.version": ("Show the version.", "显示版本。"),
    "option.language": (
        "Language of messages and of the app (else by LC_ALL, LC_MESSAGES, LANG).",
        "消息和界面的语言（不写则看 LC_ALL、LC_MESSAGES、LANG）。",
    ),
    "option.format": ("What to write.", "输出格式。"),
    "option.output": (
        "Where to write it, in place of a file that exists; - is standard output.",
        "写到何处，已有的文件将被覆盖；- 为标准输出。",
    ),
    "option.fragment": (
        "LaTeX without preamble, to be put into a document.",
        "不带导言区的 LaTeX，可放入其他文档。",
    ),
    "option.parameter": (
        "Whose gradient: W or, in d2l, W_hh (else W; with --check, of all parameters).",
        "推导哪个参数的梯度：W，或 d2l 的 W_hh（不写则为 W；--check 时为全部）。",
    ),
    "option.window": ("How many time steps (else 3).", "多少个时间步（不写则为 3）。"),
    "option.first": (
        "The first of them (else 1; with --check, every one, or 32 spread evenly where there are more).",
        "从第几步开始（不写则为 1；--check 时为每一步，太多则均匀取 32 个窗口）。",
    ),
    "option.notation": (
        "Whose letters: lecture-zh, goodfellow, d2l, hanbingtao, pytorch, or a notation of your own.",
        "采用的记号（lecture-zh / goodfellow / d2l / hanbingtao / pytorch），或自己的记号。",
    ),
    "option.check": ("Only compare SymPy's values with the backward pass.", "只比较 SymPy 与反向传播的值。"),
    "option.updates": ("Steps of gradient descent to take first.", "先做多少步梯度下降。"),
    # What is wrong with options; halves of a sentence.
    "expected.parameter_name": (
        "one of {choices} (the nearest is {nearest})",
        "以下之一：{choices}（最接近的是 {nearest}）",
    ),
    "expected.number_of": (
        "{least} to {most} (the nearest is {nearest})",
        " {least} 到 {most}（最接近的是 {nearest}）",
    ),
    # What commands say.
    "said.interrupted": ("interrupted", "已中断"),
    "said.ok": ("{source}: ok", "{source}: ok"),
    "said.did_you_mean": ("Did you mean the command `{command}`?", "是否想用命令 `{command}`？"),
    "said.no_terminal": (
        "bptt-viz: the app needs a terminal, and this is none. `bptt-viz trace {scenario}` prints the same numbers.",
        "bptt-viz：程序需要终端，而这里不是。`bptt-viz trace {scenario}` 可打印同样的数。",
    ),
    "said.dumb_terminal": (
        "bptt-viz: TERM=dumb cannot show the app. `bptt-viz trace {scenario}` prints the same numbers.",
        "bptt-viz：TERM=dumb 无法显示程序。`bptt-viz trace {scenario}` 可打印同样的数。",
    ),
    "said.npz_to_terminal": (
        "bptt-viz: an npz archive is binary; name a file with --output.",
        "bptt-viz：npz 是二进制格式，请用 --output 指定文件。",
    ),
    "said.too_large": (
        "bptt-viz: the trace of {source} would need {count:,} numbers in memory; the limit is {limit:,}.",
        "bptt-viz：{source} 的计算结果需在内存中保存 {count:,} 个数，上限为 {limit:,} 个。",
    ),
    "said.no_memory": ("bptt-viz: the memory does not suffice for {source}.", "bptt-viz：内存不足以计算 {source}。"),
    "said.overflow": (
        "bptt-viz: from t = {step} on, {quantity} is not finite; such numbers are null.",
        "bptt-viz：自 t = {step} 起 {quantity} 不再是有限的数，此类数写作 null。",
    ),
    "said.cannot_write": ("bptt-viz: {file}: cannot be written: {reason}", "bptt-viz：{file}：无法写入：{reason}"),
    "said.fragment_of_what": (
        "bptt-viz: --fragment: expected with --format latex only.",
        "bptt-viz：--fragment：只能与 --format latex 一起使用。",
    ),
    "said.check_writes_nothing": (
        "bptt-viz: {option}: expected without --check, which writes no derivation.",
        "bptt-viz：{option}：不能与 --check 一起使用，后者不写出推导。",
    ),
    "said.deriving": (
        "deriving {parameter}: {number} of {count}",
        "正在推导 {parameter}：第 {number} 个，共 {count} 个",
    ),
    "said.derivation_holds": (
        "{source}: ok: {terms} ({parameters}; {spread}steps {windows} of {T}), largest relative difference {relative}",
        "{source}: ok：共 {terms}（{parameters}；{spread}第 {windows} 步，序列共 {T} 步），最大相对误差 {relative}",
    ),
    "said.terms": ("{count} terms", "{count} 项"),
    "said.terms.one": ("1 term", "1 项"),
    "said.windows_of": ("{count} of {all} windows: ", "{all} 个窗口中的 {count} 个："),
    "said.derivation_overflows": (
        "bptt-viz: {source}: from t = {step} on, {quantity} is not finite; what is no number agrees with none.",
        "bptt-viz：{source}：自 t = {step} 起 {quantity} 不再是有限的数，无从对照。",
    ),
    "said.derivation_differs": (
        "bptt-viz: {source}: values that differ by more than 1e-9, relatively: {count}.",
        "bptt-viz：{source}：{count} 个值的相对误差超过 1e-9。",
    ),
    "said.value_differs": (
        (
            "{source}: {named}, entry [{entry}]: SymPy {sympy}, backward pass {engine}, "
            "difference {absolute}, relative {relative}"
        ),
        "{source}：{named}，元素 [{entry}]：SymPy {sympy}，反向传播 {engine}，相差 {absolute}，相对误差 {relative}",
    ),
    "said.named.term": ("term ({t}, {k}) of {parameter}", "{parameter} 的第 ({t}, {k}) 项"),
    "said.named.total": (
        "the sum for {parameter} over steps {first}–{last}",
        "{parameter} 在第 {first}–{last} 步的总和",
    ),
    "said.named.factor": ("the factor {factor}", "因子 {factor}"),
    "said.exists": (
        "bptt-viz: {file}: expected a new file, found one that exists; nothing was written.",
        "bptt-viz：{file}：文件已存在，要求新文件；未写入任何内容。",
    ),
    "said.written": (
        "Written to {file}; `bptt-viz {file}` opens it.",
        "已写入 {file}；用 `bptt-viz {file}` 打开。",
    ),
}
