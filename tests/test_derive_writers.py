"""The three ways in which a derivation is written: nothing cut off or misaligned, nothing that a title can break."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from compiling import COMPILERS, assert_compiles
from hypothesis import given
from hypothesis import strategies as st
from latex_checker import PAGE, problems, widest
from markdown_it import MarkdownIt
from rich.cells import cell_len

from bptt_viz.derivation.document import (
    COMPARED,
    READ,
    Display,
    Document,
    Heading,
    Matrix,
    Numeral,
    Paragraph,
    Table,
    Words,
    matrix,
    symbols,
)
from bptt_viz.derivation.latex_maths import escaped
from bptt_viz.derivation.latex_width import digits_of
from bptt_viz.derivation.latex_writer import latex
from bptt_viz.derivation.layout import Layout, numeral
from bptt_viz.derivation.markdown_writer import markdown
from bptt_viz.derivation.text_writer import WIDTH, text
from bptt_viz.notation import NOTATIONS, Partial, Power, Symbol

if TYPE_CHECKING:
    from pathlib import Path

    from bptt_viz.derivation.document import Block
    from bptt_viz.messages import Language
    from bptt_viz.notation import Formula

HOSTILE = r"50% of_W & #1 $x$ {a} ~b ^c \input{x} `code` *em* [l](u) <b> | ! \\"
LONG: Formula = tuple(
    token
    for k in range(1, 25)
    for token in (
        " + " if k > 1 else "",
        "(",
        Symbol("h", k),
        " − ",
        Symbol("y", k),
        ") · ",
        Power((Symbol("W"),), k),
        " ",
        Partial(Symbol("h", k), Symbol("W"), direct=True),
    )
)
RNG = np.random.default_rng(3)


def entries(rows: int, columns: int) -> tuple[tuple[Formula, ...], ...]:
    """A Jacobian as SymPy would give it."""
    return tuple(
        tuple(
            ("(1 − ", Power((Symbol("h", 2, (i,)),), 2), ") ", Symbol("W", None, (i, j))) for j in range(1, columns + 1)
        )
        for i in range(1, rows + 1)
    )


def document(*blocks: Block, language: Language = "en", title: str = "a lesson") -> Document:
    """A document with every kind of block."""
    factor: Formula = (Partial(Symbol("h", 2), Symbol("h", 1)),)
    form: Formula = ("diag(1 − ", Power((Symbol("h", 2),), 2), ") ", Symbol("W"))
    numbers = RNG.normal(size=(3, 3)) * 10.0 ** RNG.integers(-9, 9, (3, 3))
    return Document(
        language,
        (
            Heading(1, (title,)),
            Paragraph((title + " ", factor, " is the factor, 雅可比矩阵；" * 9, Numeral(0.25))),
            Display(((factor, form, symbols(entries(3, 3)), matrix(numbers)),)),
            Display(((Words("SymPy"), matrix(numbers, COMPARED)), (Words(title[:9]), matrix(numbers))), beside=True),
            Display(((Words("SymPy"), Numeral(0.5)), (Words("x"), Numeral(-3e-20))), beside=True),
            Display(((factor, LONG),)),
            Display(((factor, symbols(entries(4, 9)), matrix(RNG.normal(size=(8, 10)), COMPARED)),)),
            Display(((factor, matrix(RNG.normal(size=(64, 64)))),)),
            Table(((title[:9],), ("因子",)), (((factor,), (title[:9],)), ((form,), ("x",)))),
            Heading(3, (title,)),
            *blocks,
        ),
    )


DOCUMENTS = [document(language=language, title=title) for language in ("en", "zh") for title in ("我的课", HOSTILE)]


# Numbers.


@given(st.floats(-1e300, 1e300), st.sampled_from([READ, COMPARED]))
def test_a_number_is_written_to_its_digits(value: float, digits: int) -> None:
    written = numeral(Numeral(value, digits))
    read = float(written.replace("−", "-"))
    assert read == pytest.approx(value, rel=10.0 ** (1 - digits), abs=0)
    assert "-" not in written.partition("e")[0]
    tex = NOTATIONS["goodfellow"].latex((written,))
    mantissa, _, power = tex.partition(r" \times 10^{")
    assert float(mantissa) * 10.0 ** int(power.rstrip("}") or 0) == pytest.approx(read, rel=1e-12)


@pytest.mark.parametrize(("value", "written"), [(np.nan, "NaN"), (np.inf, "∞"), (-np.inf, "−∞"), (-0.0, "0")])
def test_numbers_that_have_no_digits(value: float, written: str) -> None:
    assert numeral(Numeral(value)) == written


# Text.


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("made", DOCUMENTS)
def test_text_fits_and_brackets_stand_below_each_other(made: Document, notation: str) -> None:
    lines = list(text(made, NOTATIONS[notation]))
    assert max(map(cell_len, lines)) <= WIDTH
    assert not [line for line in lines if line != line.rstrip()]
    for line, below in pairwise(lines):
        for opening, further in (("⎡", "⎢⎣"), ("⎢", "⎢⎣"), ("⎤", "⎥⎦"), ("⎥", "⎥⎦")):
            for place in cells_of(line, opening):
                assert character_at(below, place) in further, (line, below)


def test_what_a_matrix_is_equal_to_stands_at_its_middle() -> None:
    shown = Display(((Words("SymPy"), matrix(np.eye(3)), matrix(np.eye(5))),))
    (level,) = (line for line in text(Document("en", (shown,)), NOTATIONS["goodfellow"]) if "SymPy" in line)
    assert level.split() == ["SymPy", "=", "⎢0", "1", "0⎥", "=", "⎢0", "0", "1", "0", "0⎥"]


def cells_of(line: str, character: str) -> list[int]:
    """In which cells of a line a character stands."""
    return [cell_len(line[:index]) for index, one in enumerate(line) if one == character]


def character_at(line: str, cell: int) -> str:
    """What stands in a cell of a line."""
    return next((one for index, one in enumerate(line) if cell_len(line[:index]) == cell), " ")


@given(st.lists(st.text("ab 雅可，。", min_size=1)))
def test_wrapping_loses_nothing(parts: list[str]) -> None:
    words = " ".join(" ".join(parts).split())
    (heading, blank, *lines) = text(Document("en", (Heading(3, ("x",)), Paragraph((words,)))), NOTATIONS["goodfellow"])
    assert (heading, blank) == ("x", "")
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", words)


@given(st.integers(50, 120))
def test_a_long_formula_is_broken_where_it_allows_and_keeps_all_its_tokens(room: int) -> None:
    notation = NOTATIONS["goodfellow"]
    lines = list(Layout(notation, "en", room).broken(LONG, room))
    assert "".join(map(notation.write, lines)) == notation.write(LONG)
    assert all(cell_len(notation.write(line)) <= room for line in lines)
    # Sums are broken before products, and no bracket is left open.
    assert all(notation.write(line).startswith((" + ", "(")) for line in lines)


@given(st.integers(1, 12), st.integers(1, 30), st.integers(40, 120))
def test_a_wide_matrix_is_shown_in_pieces_that_have_every_column_once(rows: int, columns: int, room: int) -> None:
    layout = Layout(NOTATIONS["d2l"], "en", room)
    whole = symbols(entries(rows, columns))
    placed = layout.placed((whole,))
    assert all(layout.width(item.part) <= room for line in placed for item in line)
    pieces = [item.part for line in placed for item in line if isinstance(item.part, Matrix)]
    if rows * columns > 1:
        assert all(isinstance(item.part, (Matrix, Words)) for line in placed for item in line)
        shown = [tuple(cell for piece in pieces for cell in piece.rows[row]) for row in range(rows)]
        assert tuple(shown) == entries(rows, columns)


def test_a_large_matrix_is_shown_by_its_beginning() -> None:
    lines = list(text(Document("en", (Display(((matrix(np.eye(64)),),)),)), NOTATIONS["goodfellow"]))
    assert [line.count("⋯") + line.count("⋮") + line.count("⋱") for line in lines] == [1, 1, 1, 5]


# LaTeX.


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("made", DOCUMENTS)
@pytest.mark.parametrize("fragment", [False, True])
def test_latex_is_well_formed(made: Document, notation: str, *, fragment: bool) -> None:
    whole = "\n".join(latex(made, NOTATIONS[notation], fragment=fragment))
    assert whole.startswith("% ")
    _, begin, rest = whole.partition(r"\begin{document}")
    body, end, after = rest.partition(r"\end{document}")
    assert (begin, end, after) == (("", "", "") if fragment else (r"\begin{document}", r"\end{document}", ""))
    assert fragment is (r"\usepackage" not in whole)
    assert problems(whole if fragment else body) == []
    assert widest(whole) < PAGE


#: Formulas and how wide pdfTeX sets them, in points, digits being 5 pt wide.
WIDTHS = {
    r"-9.783669823 \times 10^{-5}": 93.5,
    r"h_{3,1}^{(2)}": 16.6,
    r"\frac{\partial^{+} (s, h)_{k}}{\partial W_{i}}": 42.5,
    r"\sum_{t}\,\sum_{k \le t}\,\prod_{j=k+1}^{t}\,\frac{\partial h_{j}}{\partial h_{j-1}}": 91.8,
    r"f_{3,1} \cdot (1 - f_{3,1}) \cdot q_{3,1} \cdot (1 - \tanh(s_{3,1})^{2}) \cdot [W_{f}]_{11} \cdot s_{2,1}": 225.0,
    r"\operatorname{diag}((1 - (\tilde{H}_{3}^{(2)})^{2}) \odot (1 - Z_{3}^{(2)}))\,W_{xh}^{(2)}": 162.1,
    r"\texttt{dec.}\texttt{weight\_hh\_l0}": 84.0,
    r"\text{backward pass} = -0.000174546531": 152.1,
    r"{} + \tfrac{1}{3} (\hat{y}_{2} - y_{2})^{\top}\,V": 73.9,
    r"= (1 - \mathrm{net}_{\tilde{c},2}^{2}) \quad (t \ge 3)": 99.6,
}


@pytest.mark.parametrize(("formula", "points"), WIDTHS.items())
def test_a_formula_is_about_as_wide_as_tex_sets_it(formula: str, points: float) -> None:
    assert 0.97 * points - 1 < 5 * digits_of(formula) < 1.15 * points


@given(st.lists(st.sampled_from([*"ab1{}^_&\\ ", r"\text", r"\frac", r"\hat", r"\sum", r"\,"])))
def test_the_width_of_anything_is_a_width(marks: list[str]) -> None:
    """A notation's letters are a person's own LaTeX."""
    assert digits_of("".join(marks)) >= 0


@pytest.mark.parametrize("label", ["backward pass", "反向传播"])
@pytest.mark.parametrize("shape", [(1, 2), (2, 2), (3, 4)])
def test_powers_of_ten_take_their_room(shape: tuple[int, int], label: str) -> None:
    """They are wider than in Unicode: two matrices of them are not put side by side because 9e−5 is short."""
    values = matrix(-np.full(shape, 9.783669823e-5), COMPARED)
    shown = Display(((Words("SymPy"), values), (Words(label), values)), beside=True)
    body = "\n".join(latex(Document("zh", (shown,)), NOTATIONS["goodfellow"], fragment=True))
    assert body.count(r"\times 10^{-5}") == 2 * values_in(shape)
    assert widest(body) < PAGE


def values_in(shape: tuple[int, int]) -> int:
    """How many there are."""
    return shape[0] * shape[1]


def test_the_left_side_is_hung_where_the_right_one_fills_the_line() -> None:
    """The second row begins below the first one's sign of equality, and has less room the wider the left side is."""
    factor: Formula = (Partial(Symbol("h", 2, layer=1), Symbol("W_2_dec"), direct=True),)
    hung = 0
    for count in range(1, 30):
        sum_of_all: Formula = tuple(token for k in range(count) for token in (" + " if k else "", Symbol("h", k)))
        shown = Display(((factor, (Symbol("y", 1),), sum_of_all),))
        body = "\n".join(latex(Document("en", (shown,)), NOTATIONS["pytorch"], fragment=True))
        assert widest(body) < PAGE
        assert problems(body) == []
        hung += r"} \\" in body
    assert 0 < hung < 20


def test_derivatives_in_a_matrix_are_slashed() -> None:
    """Fractions in neighbouring rows would touch."""
    block = (Partial(Symbol("s", 2), Symbol("h", 1)),)
    shown = Display((((Partial(Symbol("s", 2), Symbol("h", 1)),), Matrix(((block, ("0",)), (block, block)))),))
    body = "\n".join(latex(Document("en", (shown,)), NOTATIONS["goodfellow"], fragment=True))
    assert body.count(r"\frac{\partial s_{2}}{\partial h_{1}}") == 1
    assert body.count(r"\partial s_{2} / \partial h_{1}") == 3


def test_no_page_ends_after_a_caption() -> None:
    wide = symbols(entries(4, 9))
    rows = "\n".join(latex(Document("en", (Display((((Symbol("h", 2),), wide),)),)), NOTATIONS["goodfellow"])).split(
        "\n"
    )
    captions = [row for row in rows if r"\text{column" in row]
    assert len(captions) > 1
    assert all(row.endswith(r"\\*") for row in captions)
    assert sum(row.endswith("*") for row in rows) == len(captions)


def test_words_with_formulas_can_be_broken_into_lines() -> None:
    """What TeX does not do by itself: break after a Chinese comma, stretch blanks, keep them after Chinese letters."""
    formula: Formula = (Symbol("h", 2),)
    whole = "\n".join(latex(Document("zh", (Paragraph(("不变，", formula, "的第 ", formula)),)), NOTATIONS["pytorch"]))
    assert r"不变，\allowbreak $h_{2}$的第 $h_{2}$" in whole
    assert r"\emergencystretch" in whole
    assert "CJK*" not in whole


@given(st.text())
def test_any_title_is_printed_and_not_acted_on(title: str) -> None:
    assert problems(escaped(title.replace("\n", " "))) == []
    assert problems("\n".join(latex(document(title=title.replace("\n", " ")), NOTATIONS["d2l"], fragment=True))) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "$x", "{", "a_b", "a & b", "50%", r"\[ $x$ \]", r"\foo", r"\text{a}", r"$\text{a_b}$", r"\frac{1}{2}",
        r"\begin{align*} a & b & c \end{align*}", r"\begin{bmatrix} 1 \end{bmatrix}", r"$\begin{bmatrix} 1 $",
        "\\[\n\n\\]", "$x_{1}_{2}$", r"$\begin{bmatrix}" + " & " * 10 + r"\end{bmatrix}$",
    ],
)  # fmt: skip
def test_the_reader_of_latex_refuses_what_tex_refuses(wrong: str) -> None:
    assert problems(wrong)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_latex_compiles(tmp_path: Path, compiler: str, language: Language) -> None:
    file = tmp_path / "lesson.tex"
    made = document(Paragraph(("∂L₃/∂W ᵀ 😀 ж naïve “x” – …",)), language=language, title=HOSTILE + "我")
    file.write_text("\n".join(latex(made, NOTATIONS["pytorch"])) + "\n", encoding="utf-8")
    assert_compiles(compiler, file, too_wide=20.0)


# Markdown.

SEEN_BY_MARKDOWN = re.compile(r"\\[^A-Za-z _]|[*<>|`~]|\]\(|(?<=[^\s\\])_")


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("made", DOCUMENTS)
def test_markdown_leaves_the_mathematics_alone(made: Document, notation: str) -> None:
    lines = list(markdown(made, NOTATIONS[notation]))
    displays = "\n".join(lines).split("$$")[1::2]
    assert len(displays) == sum(isinstance(block, Display) for block in made.blocks)
    written = [line.replace("<span>$</span>", "") for line in lines]
    inline = [maths for line in written for maths in re.findall(r"(?<!\\)\$([^$\n]+?)(?<!\\)\$", line)]
    for maths in [re.sub(r"\\text\{.*?\}(?= )", "", one) for one in displays] + inline:
        assert not SEEN_BY_MARKDOWN.search(maths), maths
    tokens = MarkdownIt().enable("table").parse("\n".join(lines))
    kinds = {token.type for token in tokens} | {one.type for token in tokens for one in token.children or ()}
    assert not kinds & {"em_open", "strong_open", "bullet_list_open", "ordered_list_open", "code_inline"}
    tags = {one.content for token in tokens for one in token.children or () if one.type == "html_inline"}
    assert tags <= {"<span>", "</span>"}
    assert "table_open" in kinds


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1))
def test_any_title_is_a_heading_of_markdown(title: str) -> None:
    (line, *_) = markdown(document(title=title), NOTATIONS["goodfellow"])
    opened, inline, closed = MarkdownIt().parse(line)
    assert (opened.tag, closed.type) == ("h1", "heading_close")
    seen = [token for token in inline.children or () if token.type != "html_inline"]
    assert "".join(token.content for token in seen) == title
    assert sum(token.type == "html_inline" for token in inline.children or ()) == 2 * title.count("$")


@pytest.mark.parametrize("made", DOCUMENTS)
def test_github_sees_where_mathematics_begins_and_ends(made: Document) -> None:
    """As it does: a blank or nothing before the first sign, no letter and no digit after the second."""
    lines = [line.replace("<span>$</span>", "") for line in markdown(made, NOTATIONS["goodfellow"]) if line != "$$"]
    signs = [(line, place) for line in lines for place, character in enumerate(line) if character == "$"]
    assert len(signs) >= 8
    assert len(signs) % 2 == 0
    for line, place in signs[::2]:
        assert line[:place][-1:] in {"", " "}
    for line, place in signs[1::2]:
        assert not line[place + 1 : place + 2].isalnum()
