"""What is said where the app goes on to generate. Messages only: no imports, no logic."""

from typing import Final

GENERATION: Final[dict[str, tuple[str, str]]] = {
    # Why it cannot.
    "generation.only_symbols": (
        "a guess can be read only where inputs and targets are symbols",
        "只有输入和目标都是符号时，才能把预测作为下一步的输入",
    ),
    "generation.only_vectors": (
        "with squared error the prediction is a vector, and can be read only where inputs are vectors",
        "平方误差下预测是向量，只有输入也是向量时才能作为下一步的输入",
    ),
    "generation.sizes": (
        "the prediction has {K} numbers and an input {D}: one cannot be read as the other",
        "预测有 {K} 个数，输入有 {D} 个：预测不能作为下一步的输入",
    ),
    "generation.kind": (
        "nothing follows with {kind}: it takes cross_entropy for symbols, squared_error for vectors",
        "{kind} 无法继续生成：符号须用 cross_entropy，向量须用 squared_error",
    ),
    "generation.nothing_to_draw": (
        "a vector is read as it is predicted: there is nothing to sample",
        "向量预测原样作为输入，无从采样",
    ),
    "generation.not_finite": (
        "the last prediction is not finite: nothing follows from it",
        "最后一步的预测不是有限数，无法继续生成",
    ),
    # Told once.
    "generation.read": ("t = {t} reads what was predicted at {before}", "t = {t} 读入第 {before} 步的预测"),
    "generation.guessed": ("t = {t} reads the guess {symbol}", "t = {t} 读入预测 {symbol}"),
    "generation.sampled": (
        "t = {t} reads {symbol}, sampled at temperature {temperature} with seed {seed}",
        "t = {t} 读入 {symbol}：按温度 {temperature}、种子 {seed} 采样",
    ),
    "generation.ended": ("{symbol}: nothing follows", "{symbol}：到此结束"),
    # Commands.
    "help.guess": ("Going on", "继续生成"),
    "command.generate": ("Go on: the guess is the next input", "继续生成：把预测作为下一步输入"),
    "command.sample": ("Go on: a sampled symbol is the next input", "继续生成：把采样得到的符号作为下一步输入"),
    # On the command line.
    "help.generate": ("Print what a network goes on with.", "打印网络接下来生成的内容。"),
    "help.generate.long": (
        (
            "Go on after the last step of SCENARIO: each further step reads what the step before it\n"
            "predicts. What is read is printed, a symbol or a vector per line; <end> ends it.\n\n"
            "Without options the likeliest symbol is read; with --temperature or --seed it is drawn."
        ),
        (
            "从 SCENARIO 的最后一步继续：之后每一步读入前一步的预测。每行打印一个读入的符号或向量，\n"
            "预测为 <end> 时结束。\n\n"
            "不加选项时读入概率最大的符号；加上 --temperature 或 --seed 则按概率采样。"
        ),
    ),
    "option.steps": ("How many steps to go on at most.", "最多继续多少步。"),
    "option.temperature": (
        "Draw from softmax(o / TAU); 1 if only a seed is given.",
        "从 softmax(o / TAU) 中采样；只给种子时为 1。",
    ),
    "option.seed": (
        "Seed of what is drawn; 1 if only a temperature is given.",
        "采样的随机种子；只给温度时为 1。",
    ),
    # The dialog.
    "sample.prompt": (
        "temperature and seed, as in 1 1; below 1 the likely symbols are likelier still",
        "温度和种子，例如 1 1；温度小于 1 时，大概率的符号更容易被抽中",
    ),
    "sample.wrong": (
        "expected a temperature above 0 and a seed, a whole number from 0; found {found}",
        "应为大于 0 的温度和一个非负整数种子，实为 {found}",
    ),
}
