"""What a notation keeps apart: δ, direct, partial and total derivatives, and whatever has a name in a network."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from notations import ENTRIES, TIMES, L, each_notation

from bptt_viz import loading
from bptt_viz.lettering import PARAMETERS
from bptt_viz.network import build
from bptt_viz.notation import ErrorTerm, Notation, Partial, Symbol, Token, Total, Transposed
from bptt_viz.views.plain import plain

if TYPE_CHECKING:
    from bptt_viz.network import Network


@each_notation
def test_delta_stands_for_what_the_textbook_says_and_for_nothing_else(notation: Notation) -> None:
    a, h = Symbol("a", 3, (2,)), Symbol("h", 3, (2,))
    error, hidden = notation.token(ErrorTerm(a)), notation.token(Partial(L, h))
    letters = {name: notation.lettering.of(name).unicode for name in ("a", "h", "L")}
    if notation.delta_is == "a":
        assert (error, hidden) == ("δ₃[2]", f"∂{letters['L']}/∂{letters['h']}₃[2]")
    else:
        assert (error, hidden) == (f"∂{letters['L']}/∂{letters['a']}₃[2]", "δ₃[2]")
    assert notation.delta_defined == f"∂{letters['L']}/∂{letters[notation.delta_is]}_t"
    assert notation.write((ErrorTerm(Symbol("a", "t")),)) != notation.write((Partial(L, Symbol("h", "t")),))
    for other in (Partial(Symbol("L", 3), h), Partial(L, h, direct=True), Total(L, h), Partial(L, Symbol("o", 3))):
        assert "δ" not in notation.token(other)
        assert r"\delta" not in notation.latex((other,))
    assert (r"\delta_{3,2}" in notation.latex((ErrorTerm(a),))) == (notation.delta_is == "a")
    assert (r"\delta_{3,2}" in notation.latex((Partial(L, h),))) == (notation.delta_is == "h")


@each_notation
def test_the_direct_derivative_is_never_written_as_another(notation: Notation) -> None:
    names = [Symbol("h", 3), Symbol("W"), Symbol("L"), Symbol("L", 2)]
    for of, wrt in product(names, names):
        kinds = (Partial(of, wrt), Partial(of, wrt, direct=True), Total(of, wrt))
        assert len({notation.token(kind) for kind in kinds}) == 3
        assert len({notation.latex((kind,)) for kind in kinds}) == 3


#: The quantities of one network and its parameters; those of the other cells come with suffixes.
NAMES = ("x", "a", "h", "o", "y", "y_hat", "delta", *PARAMETERS, "i", "f", "g", "q", "r", "z", "n", "s")


@each_notation
def test_what_differs_is_written_differently(notation: Notation) -> None:
    symbols = [Symbol(name, t, entry) for name in NAMES if name not in PARAMETERS for t in TIMES for entry in ENTRIES
               if t is not None or not entry]  # fmt: skip
    for name in PARAMETERS:
        entries = ENTRIES[1:] if name in "bc" else ((1, 2), (2, 1), (1, 12), (11, 2), ("i", "j"))
        symbols += [Symbol(name), *(Symbol(name, None, entry) for entry in entries)]
    symbols += [Symbol("L", t) for t in TIMES]
    for write in (notation.token, lambda token: notation.latex((token,))):
        written = [write(symbol) for symbol in symbols]
        assert len(set(written)) == len(symbols), sorted(one for one in written if written.count(one) > 1)


def all_of(network: Network) -> list[Token]:
    """Whatever has a name in a network: parameters, and the variables and their adjoints in every layer."""
    several = len(network.cells) > 1
    tokens: list[Token] = [Symbol(name) for name in network.parameters]
    tokens += [Transposed(Symbol(name)) for name, value in network.parameters.items() if value.ndim == 2]
    tokens += [Symbol(name, None, (1, 2)[: value.ndim]) for name, value in network.parameters.items()]
    outer = [Symbol(name, 2) for name in ("x", "o", "y", "y_hat", "L")]
    tokens += [Symbol("L"), Symbol("eta"), *outer, *(Partial(L, symbol) for symbol in outer)]
    for layer, cell in enumerate(network.cells, start=1):
        for equation in cell.equations:
            symbol = Symbol(equation.name, 2, (), layer if several else 0)
            error = ErrorTerm if equation.name in cell.pre_activations else partial(Partial, L)
            tokens += [symbol, error(symbol), replace(symbol, entry=(1,))]
    return tokens


@each_notation
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("cell", ['cell = "rnn"', 'cell = "lstm"', 'cell = "gru"', 'cell = "gru"\nreset = "after"'])
@pytest.mark.parametrize("decoder", ["", "decoder_from = 2"])
def test_nothing_in_a_network_is_written_as_something_else(
    notation: Notation, cell: str, layers: int, decoder: str
) -> None:
    text = f"[sequence]\ninputs = [[1], [1]]\ntargets = [[1], [1]]\n{decoder}\n"
    text += f"[network]\nhidden_size = 1\nlayers = {layers}\n{cell}\n"
    tokens = all_of(build(loading.parse(text.encode(), "lesson.toml")))
    assert len(set(tokens)) == len(tokens)
    for write in (notation.token, lambda token: plain(notation.token(token)), lambda token: notation.latex((token,))):
        written = [write(token) for token in tokens]
        assert len(set(written)) == len(tokens), sorted({one for one in written if written.count(one) > 1})
