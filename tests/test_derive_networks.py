"""What ``derive`` prints of gated cells, stacks, decoders and truncated scenarios: true, whole, and in every format."""

from __future__ import annotations

import re
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import pytest
from compiling import COMPILERS, assert_compiles
from derivations import networks
from deriving import derive
from hypothesis import given, settings
from hypothesis import strategies as st
from latex_checker import PAGE, problems, widest
from rich.cells import cell_len

import bptt_viz
from bptt_viz import engine
from bptt_viz.derivation import request
from bptt_viz.derivation.exposition import Exposition
from bptt_viz.derivation.latex_writer import latex
from bptt_viz.derivation.markdown_writer import markdown
from bptt_viz.derivation.text_writer import WIDTH, text
from bptt_viz.derive_command import compared
from bptt_viz.messages import LANGUAGES
from bptt_viz.notation import NOTATIONS

if TYPE_CHECKING:
    from pathlib import Path

    from bptt_viz.scenario import Scenario

SEQUENCE = "[sequence]\ninputs = [[0.5], [-1.0], [0.8]]\ntargets = [[0.3], [-0.2], [0.6]]\n"
LESSONS = {
    "lstm": SEQUENCE + 'initial_state = [0.4, -0.3]\n[network]\ncell = "lstm"\nhidden_size = 2\n',
    "gru": SEQUENCE + 'initial_state = [0.4]\n[network]\ncell = "gru"\nhidden_size = 1\n',
    "stack": SEQUENCE + "initial_state = [[0.4], [-0.3]]\n[network]\nhidden_size = 1\nlayers = 2\n",
    "lstm stack": SEQUENCE + '[network]\ncell = "lstm"\nhidden_size = 1\nlayers = 2\n',
    "large": SEQUENCE + '[network]\ncell = "gru"\nhidden_size = 12\nlayers = 2\n',
    "decoder": SEQUENCE + "decoder_from = 3\n[network]\nhidden_size = 1\n",
    "window": SEQUENCE + '[network]\nhidden_size = 2\n[backward]\nstrategy = "window"\nlength = 2\n',
    "randomized": SEQUENCE
    + '[network]\nhidden_size = 1\n[loss]\nreduction = "mean"\n'
    + '[backward]\nstrategy = "randomized"\nxi = [1.0, 1.25, 0.0]\n',
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the command runs in, with the lessons."""
    monkeypatch.chdir(tmp_path)
    for name, lesson in LESSONS.items():
        (tmp_path / f"{name}.toml").write_text(lesson)
    return tmp_path


@settings(max_examples=25)
@given(scenario=networks(), data=st.data())
def test_documents_of_any_network(scenario: Scenario, data: st.DataObject) -> None:
    """No line too wide, no LaTeX that would not compile; sums are of weighted terms."""
    trace = engine.trace(scenario)
    parameter = data.draw(st.sampled_from(trace.network.parameter_names))
    first = data.draw(st.integers(1, trace.T))
    language = data.draw(st.sampled_from(LANGUAGES))
    notation = NOTATIONS[data.draw(st.sampled_from(list(NOTATIONS)))]
    window = request.Request("x", parameter, None, first).window(trace)
    comparison = compared(window, trace)
    document = Exposition("x", trace, window, comparison, notation, language).document()
    lines = list(text(document, notation))
    assert [line for line in lines if cell_len(line) > WIDTH] == []
    written = "\n".join(latex(document, notation, fragment=True))
    assert problems(written) == []
    assert widest(written) < PAGE
    assert "\\\\" not in "\n".join(markdown(document, notation))
    whole = "\n".join(lines)
    assert ("权重" in whole or "its weight" in " ".join(lines)) == comparison.truncated
    assert whole.count("\n\n\n") == 0
    told = " ".join(lines).replace("−", "-")
    for value in comparison.total.value.ravel()[:4] if comparison.total.value.size <= 9 else ():
        assert re.search(re.escape(f"{float(value):.10g}".replace("e-0", "e-")), told), value


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("lesson", LESSONS)
def test_every_notation(lesson: str, notation: str, language: str) -> None:
    for kind in ("text", "latex", "markdown"):
        done = derive(f"{lesson}.toml", "--notation", notation, "--language", language, "--format", kind)
        assert (done.exit_code, done.stderr) == (0, "")
        assert "@" not in done.stdout.replace("\\@", "")
        if language == "en":
            assert not re.search("[\u4e00-\u9fff]", done.stdout.partition(r"\begin{document}")[2] or done.stdout)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("compiler", COMPILERS)
def test_documents_of_every_network_compile(folder: Path, compiler: str, language: str) -> None:
    """One after the other in one document, as a compiler takes long to start."""
    notations = cycle(NOTATIONS)
    made = [
        derive(f"{lesson}.toml", "--format", "latex", "--notation", next(notations), "--language", language).stdout
        for lesson in LESSONS
    ]
    begin, end = "\\begin{document}\n", "\\end{document}"
    bodies = [one.partition(begin)[2].partition(end)[0] for one in made]
    (folder / "all.tex").write_text(
        made[0].partition(begin)[0] + begin + "".join(bodies) + end + "\n", encoding="utf-8"
    )
    assert_compiles(compiler, folder / "all.tex", too_wide=5.0)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("lesson", LESSONS)
def test_a_check_is_of_every_parameter(lesson: str) -> None:
    done = derive(f"{lesson}.toml", "--check")
    assert (done.exit_code, done.stderr) == (0, "")


def flat(printed: str) -> str:
    """What is printed without its line ends."""
    return " ".join(printed.split())


@pytest.mark.usefixtures("folder")
def test_the_recurrence_is_derived_unless_something_else_is_asked_for() -> None:
    for lesson, name in {"lstm": "W_i", "gru": "W_r", "stack": "W⁽¹⁾", "decoder": "W"}.items():
        assert derive(f"{lesson}.toml").stdout.startswith(f"∇{name} by the chain rule")
    asked = derive("stack.toml", "--parameter", "W⁽²⁾")
    assert asked.stdout == derive("stack.toml", "--parameter", "W_2").stdout


@pytest.mark.usefixtures("folder")
def test_the_states_of_all_layers_are_told_apart() -> None:
    printed = flat(derive("stack.toml").stdout)
    assert "h_t without a layer is the states of all layers together, h⁽¹⁾_t, h⁽²⁾_t, from the lowest up" in printed
    assert "∂h₃/∂h₂ = ⎡∂h⁽¹⁾₃/∂h⁽¹⁾₂ 0 ⎤ ⎣∂h⁽²⁾₃/∂h⁽¹⁾₂ ∂h⁽²⁾₃/∂h⁽²⁾₂⎦" in printed
    assert "∂h⁽²⁾₃/∂h⁽¹⁾₂ = (1 − h⁽²⁾₃²) · U⁽²⁾ · ∂h⁽¹⁾₃/∂h⁽¹⁾₂ = " in printed
    assert "The error takes 3 routes here; the term (3, 1)" in printed
    assert "dh⁽¹⁾₃/dW⁽¹⁾ = ∂⁺h⁽¹⁾₃/∂W⁽¹⁾ + ∂h⁽¹⁾₃/∂h⁽¹⁾₂ · dh⁽¹⁾₂/dW⁽¹⁾" in printed
    assert "without a layer" not in derive("gru.toml").stdout


@pytest.mark.usefixtures("folder")
def test_the_routes_of_an_lstm() -> None:
    printed = flat(derive("lstm.toml", "--parameter", "W_f").stdout)
    assert "along s_t the forget gate alone multiplies it, through h_t matrices do too" in printed
    assert "The error takes 4 routes here; the term (3, 1)" in printed
    assert "∂s₃/∂s₂ = diag(f₃) = ⎡f₃[1] 0 ⎤" in printed


@pytest.mark.usefixtures("folder")
def test_the_weights_of_terms() -> None:
    printed = derive("randomized.toml").stdout
    assert re.findall(r"^ {4}\((\d), (\d)\) .* (\S+)$", printed, re.MULTILINE)[:6] == [
        ("3", "3", "1"), ("2", "2", "1"), ("3", "2", "0"), ("1", "1", "1"), ("2", "1", "1.25"), ("3", "1", "0"),
    ]  # fmt: skip
    told = flat(printed)
    assert told.count("Its weight is 0: truncation leaves it out of ∇W.") == 2
    assert told.count("It enters ∇W with the weight 1.25.") == 1
    assert "the terms, each with its weight, add up to the gradient of the whole truncated backward pass" in told
    assert "Sum of the terms so far (6 of 6), each with its weight" in told
    assert "weight" not in derive("gru.toml").stdout


@pytest.mark.usefixtures("folder")
def test_a_decoders_parameters_are_of_its_own_steps() -> None:
    printed = flat(derive("decoder.toml", "--parameter", "W_dec").stdout)
    assert "a_t = U x_t + W h_{t−1} + b (t < 3) a_t = Uᵈᵉᶜ x_t + Wᵈᵉᶜ h_{t−1} + bᵈᵉᶜ (t ≥ 3)" in printed
    assert "From t = 3 on" in printed
    assert "Here ∇Wᵈᵉᶜ has one term (t, k)" in printed
    assert "As no earlier step uses Wᵈᵉᶜ, h₂ does not depend on it" in printed
    encoder = flat(derive("decoder.toml").stdout)
    assert "only the use of W at step 2 itself is seen" in encoder
    inside = flat(derive("decoder.toml", "--parameter", "W_dec", "--first", "2").stdout)
    assert "It does not depend on Wᵈᵉᶜ, which no earlier step uses" in inside
    assert "None of these steps uses W, and so there is no term" in flat(derive("decoder.toml", "--first", "3").stdout)


@pytest.mark.usefixtures("folder")
def test_of_many_units_the_first_are_printed() -> None:
    printed = derive("large.toml", "--parameter", "W_r_2").stdout
    assert "The other 9 units of h⁽²⁾₃ have matrices of the same form." in printed
    assert "[4]" not in printed.partition("The terms, in the order")[0]


def test_routes_add_up(folder: Path) -> None:
    trace = engine.trace(bptt_viz.load(folder / "lstm stack.toml"))
    window = request.Request("x", "W_f_2", None, 1).window(trace)
    comparison = compared(window, trace)
    for one in comparison.terms:
        if one.routes:
            np.testing.assert_allclose(sum(route.value for route in one.routes), one.value, rtol=1e-12, atol=1e-18)
