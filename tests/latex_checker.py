"""A strict reader of the LaTeX that the program writes, for machines without a compiler: what it refuses, TeX would."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from bptt_viz.derivation.latex_width import digits_of

#: Commands of mathematics and of text, and those that are in both; a document that needs another has to be looked at.
MATHS = set(
    re.findall(
        r"\w+",
        "frac tfrac partial hat delta eta xi sigma varphi nabla Sigma sum prod cdot odot times cdots vdots ddots ldots "
        "quad qquad operatorname mathrm mathtt mathbf top tanh log exp max min text texttt infty le ge ne approx in to "
        "wedge tilde sim displaystyle left right surd alpha gamma varepsilon theta lambda pi tau leftarrow rightarrow "
        "backslash",
    )
)
TEXT = set(
    re.findall(
        r"\w+",
        "begin end section subsection textbackslash textasciicircum textasciitilde textless textgreater textbar "
        "textquotedbl ensuremath allowbreak Large bfseries renewcommand arraystretch hline",
    )
)
ALIGNED = {"align*": 2, "bmatrix": 10, "tabular": 9}
MATHS_ENVIRONMENTS = {"align*", "bmatrix"}
DISPLAY = re.compile(r"\\begin\{align\*\}(.*?)\\end\{align\*\}|\\\[(.*?)\\\]", re.DOTALL)
MATRIX = re.compile(r"\\begin\{bmatrix\}(.*?)\\end\{bmatrix\}", re.DOTALL)
#: What a page of A4 has room for: 17 cm, in digits of 10 pt.
PAGE = 96.7
TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}$&^_%#~]|[^\\{}$&^_%#~]+", re.DOTALL)


@dataclass
class Reader:
    """What is open while a text is read."""

    open: list[str] = field(default_factory=list)
    cells: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def in_maths(self) -> bool:
        """Whether the innermost of what decides it is mathematics."""
        for one in reversed(self.open):
            if one in {"$", r"\[", r"\ensuremath", *MATHS_ENVIRONMENTS}:
                return True
            if one in {r"\text", r"\texttt"}:
                return False
        return False


def problems(latex: str) -> list[str]:
    """Everything that keeps the body of a document from compiling, as far as can be told without TeX."""
    reader = Reader()
    body = "\n".join(line for line in latex.splitlines() if not line.startswith("%"))
    if "\n\n" in "".join(re.findall(r"\\begin\{align\*\}.*?\\end\{align\*\}|\\\[.*?\\\]", body, re.DOTALL)):
        reader.wrong.append("an empty line in mathematics")
    if re.search(r"([\^_])\{[^{}]*\}\1", body):
        reader.wrong.append("two superscripts or two subscripts")
    marks = TOKEN.findall(body)
    if "".join(marks) != body:
        reader.wrong.append("a backslash at the end")
    index = 0
    while index < len(marks):
        index = _read(reader, marks, index)
    if reader.open:
        reader.wrong.append(f"not closed: {reader.open}")
    return reader.wrong


def widest(latex: str) -> float:
    """The width of the widest display in digits: both sides of its alignment, each as wide as the widest row has it."""
    widths = [0.0]
    for aligned, single in DISPLAY.findall(latex):
        rows = [row.partition("&") for row in MATRIX.sub(_as_digits, aligned or single).split(r"\\")]
        widths.append(max(digits_of(before) for before, _, _ in rows) + max(digits_of(after) for _, _, after in rows))
    return max(widths)


def _as_digits(matrix: re.Match[str]) -> str:
    """As many digits as a matrix is as wide as: between columns 8 pt, on either side a bracket of 5 pt."""
    rows = [row.split("&") for row in matrix[1].split(r"\\")]
    columns = [max(map(digits_of, column)) + 1.6 for column in zip(*rows, strict=True)]
    return "0" * math.ceil(sum(columns) + 0.4)


def _read(reader: Reader, marks: list[str], index: int) -> int:
    mark = marks[index]
    following = "".join(marks[index + 1 : index + 4])
    match mark:
        case r"\begin" | r"\end":
            name = re.match(r"\{([a-zA-Z]+\*?)\}", "".join(marks[index + 1 : index + 5]))
            if name is None:
                reader.wrong.append(f"{mark} of nothing")
                return index + 1
            _environment(reader, mark, name[1])
            return index + 4
        case r"\text" | r"\texttt" | r"\ensuremath":
            if not following.startswith("{"):
                reader.wrong.append(f"{mark} of nothing")
            if (mark == r"\text") > reader.in_maths:
                reader.wrong.append(f"{mark} outside of mathematics")
            reader.open.append(mark)
            return index + 2
        case r"\[" | r"\]" | "$" | "{" | "}":
            _delimiter(reader, mark)
        case "^" | "_" if not reader.in_maths:
            reader.wrong.append(f"{mark} outside of mathematics")
        case "&" | r"\\":
            _cell(reader, mark)
        case _:
            _other(reader, mark)
    return index + 1


def _other(reader: Reader, mark: str) -> None:
    if mark in {"#", "~", "%"}:
        reader.wrong.append(f"{mark} as it is")
    if mark.startswith("\\") and mark[1].isalpha():
        _command(reader, mark[1:].rstrip("*"))


def _command(reader: Reader, name: str) -> None:
    if name not in MATHS | TEXT:
        reader.wrong.append(f"unknown command {name}")
    if name in MATHS - TEXT and not reader.in_maths:
        reader.wrong.append(f"{name} outside of mathematics")
    if name in TEXT and reader.in_maths:
        reader.wrong.append(f"{name} in mathematics")


def _environment(reader: Reader, mark: str, name: str) -> None:
    if mark == r"\begin":
        if name == "bmatrix" and not reader.in_maths:
            reader.wrong.append("a matrix outside of mathematics")
        reader.open.append(name)
        reader.cells.append(1)
    elif not reader.open or reader.open.pop() != name:
        reader.wrong.append(f"the end of {name}, which is not open")
    else:
        reader.cells.pop()


def _delimiter(reader: Reader, mark: str) -> None:
    match mark:
        case "$" if reader.open[-1:] == ["$"]:
            reader.open.pop()
        case "$" | r"\[":
            if reader.in_maths:
                reader.wrong.append(f"{mark} in mathematics")
            reader.open.append(mark)
        case "{":
            reader.open.append("{")
        case r"\]":
            if not reader.open or reader.open.pop() != r"\[":
                reader.wrong.append(r"\] without \[")
        case _:
            if not reader.open or reader.open.pop() not in {"{", r"\text", r"\texttt", r"\ensuremath"}:
                reader.wrong.append("} without {")


def _cell(reader: Reader, mark: str) -> None:
    innermost = next((one for one in reversed(reader.open) if one != "{"), "")
    if innermost not in ALIGNED:
        reader.wrong.append(f"{mark} outside of rows")
    elif mark == "&":
        reader.cells[-1] += 1
        if reader.cells[-1] > ALIGNED[innermost]:
            reader.wrong.append(f"more than {ALIGNED[innermost]} cells in a row of {innermost}")
    else:
        reader.cells[-1] = 1


def doubled(latex: str) -> bool:
    """Whether something has two subscripts or two superscripts, which TeX refuses."""
    seen: list[set[str]] = [set()]
    index = 0
    while index < len(latex):
        mark = latex[index]
        if mark == "\\":
            command = re.match(r"\\(?:[A-Za-z]+|.)", latex[index:], re.DOTALL)
            assert command
            index += command.end()
            seen[-1] = set()
            continue
        if mark in "_^":
            if mark in seen[-1]:
                return True
            seen[-1] = seen[-1] | {mark}
            if latex[index + 1] == "{":
                seen.append(set())
            index += 1
        elif mark == "{":
            seen[-1] = set()
            seen.append(set())
        elif mark == "}":
            seen.pop()
        elif mark == "'":
            if "^" in seen[-1]:
                return True
        else:
            seen[-1] = set()
        index += 1
    return False
