"""Formulas as a textbook writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from bptt_viz.lettering import Letter, Lettering
from bptt_viz.notation import GOODFELLOW, ErrorTerm, Gradient, Notation, Partial, Symbol, Token, Transposed, subscript
from bptt_viz.scenario import Translated

TEXT = Translated("a textbook", "一本教材")


@given(number=st.integers())
def test_subscripts_read_back(number: int) -> None:
    back = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋", "0123456789+-")
    assert int(subscript(number).translate(back)) == number
    assert cell_len(subscript(number)) == len(str(number))


@pytest.mark.parametrize(("token", "written"), [
    (Symbol("W"), "W"),
    (Symbol("h", 12), "h₁₂"),
    (Symbol("h", 0), "h₀"),
    (Symbol("y_hat", 3), "ŷ₃"),
    (Transposed(Symbol("W")), "Wᵀ"),
    (Transposed(Symbol("h", 2)), "h₂ᵀ"),
    (Partial(Symbol("L"), Symbol("h", 2)), "∂L/∂h₂"),
    (Partial(Symbol("L"), Symbol("W"), direct=True), "∂⁺L/∂W"),
    (Gradient(Symbol("W")), "∇W"),
    (ErrorTerm(Symbol("a", 4)), "δ₄"),
    (ErrorTerm(Symbol("a")), "δ"),
    (" + ", " + "),
])  # fmt: skip
def test_tokens(token: Token, written: str) -> None:
    assert GOODFELLOW.write((token,)) == GOODFELLOW.token(token) == written


def test_the_direct_derivative_is_never_written_as_the_total_one() -> None:
    names = [Symbol("h", 3), Symbol("W"), Symbol("L")]
    for of in names:
        for wrt in names:
            assert GOODFELLOW.token(Partial(of, wrt)) != GOODFELLOW.token(Partial(of, wrt, direct=True))


def test_a_hat_is_one_character() -> None:
    """A combining accent would be cut from its letter, or take a cell in some terminals."""
    assert len(GOODFELLOW.write((Symbol("y_hat"),))) == cell_len("ŷ") == 1


def test_another_textbook_is_another_table() -> None:
    other = Notation("other", TEXT, TEXT, Lettering({"h": Letter("s", "s"), "delta": Letter("ε", r"\varepsilon")}))
    formula = (ErrorTerm(Symbol("a", 2)), " = ", Partial(Symbol("L"), Symbol("h", 2)), " ", Transposed(Symbol("W")))
    assert other.write(formula) == "ε₂ = ∂L/∂s₂ Wᵀ"
