"""What is said of notations. Messages only: no imports, no logic."""

from typing import Final

NOTATION_NAMES: Final[dict[str, tuple[str, str]]] = {
    # Commands.
    "command.notation": ("Next notation: another textbook's letters and δ", "换一种记号：另一本教材的字母和 δ"),
    "command.notation.short": ("notation", "记号"),
    "notation.chosen": ("{name}: {delta} is {meaning}", "{name}：{delta} 指 {meaning}"),
    # What is wrong with a notation file, or with the name of one; halves of a sentence.
    "expected.notation": ("one of {choices} (the nearest is {nearest})", "以下之一：{choices}（最接近的是 {nearest}）"),
    "expected.letter": (
        "1 to {most} printable characters without a blank",
        " 1 到 {most} 个可显示的字符，不含空格",
    ),
    "expected.latex": (
        "LaTeX for use in mathematics: no dollar sign, every brace with its partner",
        "可用于数学模式的 LaTeX：不含美元符号，花括号成对",
    ),
    "expected.own_letter": ("a letter that nothing else in its formulas has", "公式中其他量没有用过的字母"),
    "found.letter_taken": ("{letter}, which is the letter of {name}", "{letter}，它已是 {name} 的字母"),
}
