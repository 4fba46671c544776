"""Whole formulas in every notation, drawn ones and all that the operations say: LaTeX that TeX sets."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from latex_checker import doubled, problems
from lessons import LESSONS
from networks import KINDS, name_of, trace_of
from notations import ALL, ENTRIES, TIMES, L, W, each_notation
from rich.cells import cell_len

import bptt_viz
from bptt_viz.lettering import PARAMETERS, QUANTITIES
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
)
from bptt_viz.operations import working
from bptt_viz.timeline import Timeline
from bptt_viz.views.plain import plain

if TYPE_CHECKING:
    from pathlib import Path

    from bptt_viz.tracing import Trace

symbols = st.builds(
    Symbol,
    st.sampled_from([*QUANTITIES, *PARAMETERS, "U_i", "W_f_2", "b_hn", "U_dec", "W_f_2_dec", "a_f", "xi"]),
    st.sampled_from(TIMES),
    st.sampled_from([*ENTRIES, (1, 2), ("i", "j"), ("p", "q")]),
    st.sampled_from([0, 1, 2, 12]),
)
texts = st.sampled_from([
    " = ", " + ", " ⊙ ", "·", "tanh(", "σ′(", ")", " log ", "½ ", "−", "1.5e−7", "0.25", "²", "Σₖ ", " (t = 3)", " ← ",
    "…", "[", " > 0]", " ", "softmax(", "diag", "NaN", "∞", "nothing yet", "‖", "50 %", "a_b",
])  # fmt: skip
simple = st.one_of(
    texts,
    symbols,
    st.builds(Transposed, symbols),
    st.builds(Partial, symbols, symbols, st.booleans()),
    st.builds(Total, symbols, symbols),
    st.builds(Gradient, symbols),
    st.builds(ErrorTerm, symbols),
    st.builds(MeanFactor, st.integers(1, 20), st.integers(1, 20)),
    st.builds(
        Over, st.sampled_from("Σ∏"), st.sampled_from("tkjq"), st.sampled_from(["", "k+1"]), st.sampled_from(["", "t−1"])
    ),
)
parts = st.tuples(st.just("("), simple, st.just(")")) | st.tuples(symbols)
formulas = st.lists(
    simple
    | st.builds(Power, parts, st.integers(2, 3))
    | st.builds(Quotient, parts, parts)
    | st.builds(Diagonal, parts),
    min_size=1,
    max_size=6,
)


@each_notation
@given(tokens=formulas)
def test_any_formula_in_any_notation(notation: Notation, tokens: list[Token]) -> None:
    formula = tuple(tokens)
    latex = notation.latex(formula)
    # Superscripts as text may follow anything; those of tokens never meet another.
    if "²" not in tokens:
        assert not doubled(latex), latex
    assert problems(rf"\[{latex}\]") == []
    assert latex.isascii()
    written = notation.write(formula)
    assert written == "".join(map(notation.token, formula))
    assert cell_len(written) == len(written) == cell_len(plain(written)), "one cell for each character"


def formulas_of(trace: Trace) -> set[Formula]:
    """All that the operations say."""
    timeline, seen = Timeline.of(trace.network, trace.T), set()
    for position in range(timeline.last + 1):
        for parameter in trace.parameters:
            found = working(trace, timeline.step(position), parameter)
            if found is not None:
                parts = found.parts
                seen |= {found.formula, *(part.formula for part in parts), *(part.meaning for part in parts)}
    return seen - {()}


def check_formulas(notation: Notation, formulas: set[Formula]) -> None:
    """TeX can set them."""
    for formula in formulas:
        latex = notation.latex(formula)
        assert latex.isascii()
        assert problems(rf"\[{latex}\]") == [], latex
        assert not doubled(latex), latex
        assert notation.write(formula).strip()


@each_notation
@pytest.mark.parametrize("kind", KINDS[::3], ids=name_of)
def test_every_formula_of_every_kind_of_network(notation: Notation, kind: tuple[str, int, int, str]) -> None:
    check_formulas(notation, formulas_of(trace_of(*kind)))


@each_notation
def test_every_formula_of_the_bundled_scenarios(notation: Notation) -> None:
    seen: set[Formula] = set()
    for name in LESSONS:
        seen |= formulas_of(bptt_viz.trace(bptt_viz.load(name)))
    assert len(seen) > 50
    check_formulas(notation, seen)
    if notation is GOODFELLOW:
        return
    # No letter of the canonical notation is left where this one has another.
    own = {name: letter for name, letter in notation.lettering.letters.items() if letter.unicode != name}
    for name in own.keys() & {"U", "V", "W", "b", "c"}:
        assert not any(re.search(rf"(?<![\w.]){name}(?![\w.])", notation.write(formula)) for formula in seen), name


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex")
def test_tex_sets_every_token_in_every_notation(tmp_path: Path) -> None:
    tokens: tuple[Token, ...] = (
        Symbol("W", None, (1, 2)), Symbol("a_dec", 3, (2,)), Transposed(Symbol("y_hat", 3)), Partial(L, Symbol("h", 3)),
        Partial(Symbol("L", "t"), W, direct=True), Total(Symbol("h", "j−1"), W), Gradient(Symbol("U")),
        ErrorTerm(Symbol("a", 3)), Power((Transposed(W),), 2), Power(("1e−5",), 2), Quotient(("1",), (W,)),
        Diagonal((W,)), MeanFactor(2, 2), Over("∏", "j", "k+1", "t"), " ⊙ tanh′(", " log ", "½ ", "Σₖ ", "nothing yet",
        "50 %", "a_b", "{",
    )  # fmt: skip
    rows = [rf"\[ {notation.latex((token,))} \]" for notation in ALL for token in tokens]
    head = "\\documentclass{article}\\usepackage{amsmath}\\begin{document}\n"
    (tmp_path / "all.tex").write_text(head + "\n".join(rows) + "\n\\end{document}\n", encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"], cwd=tmp_path, capture_output=True,
        check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-1500:]
