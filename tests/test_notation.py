"""Formulas as a textbook writes them, token by token, in Unicode and in LaTeX; its letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from latex_checker import doubled, problems
from notations import L, W, each_notation
from rich.cells import cell_len

from bptt_viz.lettering import Letter, Lettering, subscripted
from bptt_viz.notation import (
    GOODFELLOW,
    Diagonal,
    ErrorTerm,
    Formula,
    Gradient,
    MeanFactor,
    Notation,
    Over,
    Partial,
    Power,
    Quotient,
    Symbol,
    Token,
    Total,
    Transposed,
    subscript,
    superscript,
)
from bptt_viz.scenario import Translated
from bptt_viz.views.plain import plain

TEXT = Translated("a textbook", "一本教材")


@given(number=st.integers())
def test_indices_read_back(number: int) -> None:
    for written, signs in ((subscript(number), "₀₁₂₃₄₅₆₇₈₉₊₋"), (superscript(number), "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")):
        assert int(written.translate(str.maketrans(signs, "0123456789+-"))) == number
        assert cell_len(written) == len(str(number))


@pytest.mark.parametrize(("token", "written", "latex"), [
    (Symbol("W"), "W", "W"),
    (Symbol("h", 12), "h₁₂", "h_{12}"),
    (Symbol("h", 0), "h₀", "h_{0}"),
    (Symbol("h", "t"), "h_t", "h_{t}"),
    (Symbol("h", "j−1"), "h_{j−1}", "h_{j-1}"),
    (Symbol("h", 3, (2,)), "h₃[2]", "h_{3,2}"),
    (Symbol("h", 3, ("i",)), "h₃[i]", "h_{3,i}"),
    (Symbol("y_hat", 3), "ŷ₃", r"\hat{y}_{3}"),
    (Symbol("L", 3), "L₃", "L_{3}"),
    (Symbol("L", "t"), "L_t", "L_{t}"),
    (Symbol("b", None, (2,)), "b₂", "b_{2}"),
    (Symbol("W", None, (1, 2)), "W₁₂", "W_{12}"),
    (Symbol("W", None, (10, 2)), "W₁₀,₂", "W_{10,2}"),
    (Symbol("W", None, ("i", "j")), "Wᵢⱼ", "W_{ij}"),
    (Symbol("W", None, ("i", "q")), "W[i,q]", "W_{iq}"),
    (Symbol("W_f", None, (1, 2)), "W_f[1,2]", "[W_{f}]_{12}"),
    (Symbol("W_n_1"), "W_n⁽¹⁾", "W_{n}^{(1)}"),
    (Symbol("W_2", None, (1, 2)), "W⁽²⁾₁₂", "W_{12}^{(2)}"),
    (Symbol("W_f_2", None, (1, 2)), "W_f⁽²⁾[1,2]", "[W_{f}^{(2)}]_{12}"),
    (Symbol("W_dec"), "Wᵈᵉᶜ", r"W^{\mathrm{dec}}"),
    (Symbol("b_hn_2_dec"), "b_hn⁽²⁾ᵈᵉᶜ", r"b_{hn}^{(2),\mathrm{dec}}"),
    (Symbol("h", 3, (), 2), "h⁽²⁾₃", "h_{3}^{(2)}"),
    (Symbol("h", "t", (), 12), "h⁽¹²⁾_t", "h_{t}^{(12)}"),
    (Symbol("h", 3, (2,), 1), "h⁽¹⁾₃[2]", "h_{3,2}^{(1)}"),
    (Symbol("a_f", 3, (), 2), "a_f⁽²⁾₃", "a_{f,3}^{(2)}"),
    (Symbol("a_f", 3), "a_f₃", "a_{f,3}"),
    (Symbol("a_dec", 3), "a_dec₃", r"a_{\mathrm{dec},3}"),
    (Symbol("q", None, (2,)), "q[2]", "[q]_{2}"),
    (Symbol("xi", 3), "ξ₃", r"\xi_{3}"),
    (Transposed(W), "Wᵀ", r"W^{\top}"),
    (Transposed(Symbol("h", 2)), "h₂ᵀ", r"h_{2}^{\top}"),
    (Partial(L, Symbol("h", 2)), "∂L/∂h₂", r"\frac{\partial L}{\partial h_{2}}"),
    (Partial(L, W, direct=True), "∂⁺L/∂W", r"\frac{\partial^{+} L}{\partial W}"),
    (Partial(Symbol("h", 3, ("i",)), Symbol("W", None, ("i", "j")), direct=True), "∂⁺h₃[i]/∂Wᵢⱼ",
     r"\frac{\partial^{+} h_{3,i}}{\partial W_{ij}}"),
    (Total(Symbol("h", 3), W), "dh₃/dW", r"\frac{\mathrm{d} h_{3}}{\mathrm{d} W}"),
    (Gradient(W), "∇W", r"\nabla W"),
    (Gradient(Symbol("b", None, (2,))), "∇b₂", r"\nabla b_{2}"),
    (ErrorTerm(Symbol("a", 4)), "δ₄", r"\delta_{4}"),
    (ErrorTerm(Symbol("a", 3, (2,))), "δ₃[2]", r"\delta_{3,2}"),
    (ErrorTerm(Symbol("a", "t")), "δ_t", r"\delta_{t}"),
    (ErrorTerm(Symbol("a")), "δ", r"\delta"),
    (ErrorTerm(Symbol("a", 3, (), 2)), "δ⁽²⁾₃", r"\delta_{3}^{(2)}"),
    (ErrorTerm(Symbol("a_f", 3, (1,), 2)), "δ_f⁽²⁾₃[1]", r"\delta_{f,3,1}^{(2)}"),
    (Transposed(Symbol("W_2")), "W⁽²⁾ᵀ", r"W^{(2)\top}"),
    (Power((Symbol("h", 3, (), 2),), 2), "h⁽²⁾₃²", "(h_{3}^{(2)})^{2}"),
    (Power((Symbol("h", 3),), 2), "h₃²", "h_{3}^{2}"),
    (Power(("(", Symbol("W", None, (1, 1)), ")"), 2), "(W₁₁)²", "(W_{11})^{2}"),
    (Power((Transposed(W),), 3), "Wᵀ³", r"{W^{\top}}^{3}"),
    (Power(("1e−5",), 2), "1e−5²", r"(1 \times 10^{-5})^{2}"),
    (Quotient(("1",), (Symbol("h", 3), " + ", "1")), "1/(h₃ + 1)", r"\frac{1}{h_{3} + 1}"),
    (Diagonal(("1 − ", Power((Symbol("h", 3),), 2))), "diag(1 − h₃²)", r"\operatorname{diag}(1 - h_{3}^{2})"),
    (MeanFactor(5, 5), "1/5", r"\tfrac{1}{5}"),
    (Over("Σ", "k"), "Σₖ", r"\sum_{k}"),
    (Over("Σ", "q"), "Σ_q", r"\sum_{q}"),
    (Over("Σ", "k", last="t"), "Σ_{k≤t}", r"\sum_{k \le t}"),
    (Over("Σ", "t", first="k"), "Σ_{t≥k}", r"\sum_{t \ge k}"),
    (Over("∏", "j", "k+1", "t"), "∏_{j=k+1..t}", r"\prod_{j=k+1}^{t}"),
    (" + ", " + ", " + "),
])  # fmt: skip
def test_tokens(token: Token, written: str, latex: str) -> None:
    assert GOODFELLOW.write((token,)) == GOODFELLOW.token(token) == written
    assert GOODFELLOW.latex((token,)) == latex
    assert problems(rf"\[{latex}\]") == []


@pytest.mark.parametrize(("text", "latex"), [
    (" ⊙ ", r" \odot "),
    ("tanh(", r"\tanh("),
    ("tanh′(", r"\tanh'("),
    ("σ′(", r"\sigma'("),
    ("relu(", r"\operatorname{relu}("),
    ("softmax(", r"\operatorname{softmax}("),
    ("clip(", r"\operatorname{clip}("),
    ("exp(", r"\exp("),
    (" log ", r" \log "),
    (" log(1 − ", r" \log(1 - "),
    ("Σₖ ", r"\sum_{k} "),
    ("½ ", r"\tfrac{1}{2} "),
    ("−y", "-y"),
    ("·", r"\cdot"),
    (")²", ")^{2}"),
    (" ← ", r" \leftarrow "),
    (" − η ", r" - \eta "),
    ("…", r"\ldots"),
    (" (t = 3)", " (t = 3)"),
    (" > 0]", " > 0]"),
    ("0.5371", "0.5371"),
    ("(−1.2e−17)", r"(-1.2 \times 10^{-17})"),
    ("1e12", r"1 \times 10^{12}"),
    ("1e−5²", r"(1 \times 10^{-5})^{2}"),
    ("NaN", r"\text{NaN}"),
    ("−∞", r"-\infty"),
    ("nothing yet", r"\text{nothing yet}"),
    ("起始为零", r"\text{起始为零}"),
    ("50 %", r"50 \%"),
    ("{a_b}", r"\{a\_b\}"),
    (" ", r"\,"),
])  # fmt: skip
def test_text_in_latex(text: str, latex: str) -> None:
    assert GOODFELLOW.latex((text,)) == latex
    assert problems(rf"\[{latex}\]") == []
    assert GOODFELLOW.write((text,)) == text


def test_a_command_does_not_run_into_the_next_letter() -> None:
    assert GOODFELLOW.latex(("η", W)) == r"\eta W"
    assert GOODFELLOW.latex(("log", " ", W, "σ", "x")) == r"\log\,W\sigma x"
    assert GOODFELLOW.latex(("1e−5", "²")) == r"(1 \times 10^{-5})^{2}"


EXAMPLES = {
    "goodfellow": (
        "a₃ = U x₃ + W h₂ + b", "o₃ = V h₃ + c", "δ₃ = φ′(a₃) ⊙ ∂L/∂h₃", "∂L/∂h₃ = Vᵀ ∂L/∂o₃ + Wᵀ δ₄", "W₁₂ b₂ L₃ 1/5",
        "W_{12} b_{2} L_{3} \\tfrac{1}{5}",
    ),
    "d2l": (
        "z₃ = W_hx x₃ + W_hh h₂ + b_h", "o₃ = W_qh h₃ + b_q", "∂L/∂z₃ = φ′(z₃) ⊙ δ₃",
        "δ₃ = W_qhᵀ ∂L/∂o₃ + W_hhᵀ ∂L/∂z₄", "W_hh[1,2] b_h[2] l₃ 1/T", "[W_{hh}]_{12} [b_{h}]_{2} l_{3} \\tfrac{1}{T}",
    ),
    "hanbingtao": (
        "net₃ = U x₃ + W s₂ + b", "netᵒ₃ = V s₃ + b_y", "δ₃ = φ′(net₃) ⊙ ∂E/∂s₃", "∂E/∂s₃ = Vᵀ ∂E/∂netᵒ₃ + Wᵀ δ₄",
        "W₁₂ b₂ E₃ 1/5", "W_{12} b_{2} E_{3} \\tfrac{1}{5}",
    ),
    "lecture-zh": (
        "a₃ = U x₃ + W s₂ + b_a", "o₃ = V s₃ + b_y", "∂L/∂a₃ = φ′(a₃) ⊙ δ₃", "δ₃ = Vᵀ ∂L/∂o₃ + Wᵀ ∂L/∂a₄",
        "W₁₂ b_a[2] L₃ 1/5", "W_{12} [b_{a}]_{2} L_{3} \\tfrac{1}{5}",
    ),
    "pytorch": (
        "a₃ = weight_ih_l0 x₃ + weight_hh_l0 h₂ + bias_l0", "o₃ = out.weight h₃ + out.bias", "∂L/∂a₃ = φ′(a₃) ⊙ δ₃",
        "δ₃ = out.weightᵀ ∂L/∂o₃ + weight_hh_l0ᵀ ∂L/∂a₄", "weight_hh_l0[1,2] bias_l0[2] L₃ 1/5",
        r"[\texttt{weight\_hh\_l0}]_{12} [\texttt{bias\_l0}]_{2} L_{3} \tfrac{1}{5}",
    ),
}  # fmt: skip


@each_notation
def test_the_network_in_each_notation(notation: Notation) -> None:
    x, a, h, o = (Symbol(name, 3) for name in "xaho")
    before, delta, after = Symbol("h", 2), ErrorTerm(a), ErrorTerm(Symbol("a", 4))
    dh, do = Partial(L, h), Partial(L, o)
    several: Formula = (
        Symbol("W", None, (1, 2)),
        " ",
        Symbol("b", None, (2,)),
        " ",
        Symbol("L", 3),
        " ",
        MeanFactor(5, 5),
    )
    formulas: tuple[Formula, ...] = (
        (a, " = ", Symbol("U"), " ", x, " + ", W, " ", before, " + ", Symbol("b")),
        (o, " = ", Symbol("V"), " ", h, " + ", Symbol("c")),
        (delta, " = φ′(", a, ") ⊙ ", dh),
        (dh, " = ", Transposed(Symbol("V")), " ", do, " + ", Transposed(W), " ", after),
        several,
    )
    assert (*map(notation.write, formulas), notation.latex(several).replace(r"\,", " ")) == EXAMPLES[notation.name]
    # A mean over fewer steps than there are is never 1/T.
    assert notation.write((MeanFactor(3, 5),)) == "1/3"


def test_another_textbook_is_another_table() -> None:
    letters = {"h": Letter("s", "s"), "delta": Letter("ε", r"\varepsilon"), "L": Letter("J", "J")}
    other = Notation("other", TEXT, TEXT, Lettering(letters))
    formula = (ErrorTerm(Symbol("a", 2)), " = ", Partial(L, Symbol("h", 2)), " ", Transposed(W), " ", Symbol("L", 2))
    assert other.write(formula) == "ε₂ = ∂J/∂s₂ Wᵀ J₂"
    assert other.latex(formula) == r"\varepsilon_{2} = \frac{\partial J}{\partial s_{2}}\,W^{\top}\,J_{2}"


@pytest.mark.parametrize(("letter", "written"), [
    ("h", "h_{3}"),
    (r"\hat{y}", r"\hat{y}_{3}"),
    ("a_{f}", "a_{f,3}"),
    (r"a_{\mathrm{dec}}", r"a_{\mathrm{dec},3}"),
    ("a_f", "{a_f}_{3}"),
    (r"x_{a}\mathrm{b}", r"{x_{a}\mathrm{b}}_{3}"),
    ("x_{a}^{b}", "{x_{a}^{b}}_{3}"),
    (r"\texttt{w\_h}", r"\texttt{w\_h}_{3}"),
    (r"\mathrm{net}^{o}", r"\mathrm{net}^{o}_{3}"),
])  # fmt: skip
def test_a_letter_has_one_subscript_only(letter: str, written: str) -> None:
    assert subscripted(letter, "3") == written
    assert not doubled(written)
    notation = Notation("own", TEXT, TEXT, Lettering({"h": Letter("h", letter)}))
    assert problems(rf"\[{notation.latex((Symbol('h', 3), Transposed(Symbol('h', 3))))}\]") == []


@each_notation
def test_letters_are_one_cell_a_character(notation: Notation) -> None:
    """A combining accent would be cut from its letter, or take a cell in some terminals."""
    for letter in notation.lettering.letters.values():
        assert len(letter.unicode) == cell_len(letter.unicode) == cell_len(plain(letter.unicode))
        assert letter.latex.isascii()
