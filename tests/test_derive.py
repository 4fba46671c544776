"""What ``derive`` prints is what SymPy and the backward pass give, in every format, notation and language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from deriving import BUNDLED, GAPS, SENTENCE, derive, scenarios_in
from hypothesis import given, settings
from hypothesis import strategies as st
from latex_checker import PAGE, problems, widest
from msgspec import structs
from rich.cells import cell_len

import bptt_viz
from bptt_viz import catalog, engine
from bptt_viz.derivation import request
from bptt_viz.derivation.exposition import Exposition
from bptt_viz.derivation.text_writer import WIDTH, text
from bptt_viz.derive_command import FORMATS, compared
from bptt_viz.messages import LANGUAGES
from bptt_viz.notation import NOTATIONS
from bptt_viz.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bptt_viz.activations import Array

#: A number that is no index of an entry.
NUMBER = re.compile(r"(?<![\w.,])(?<!\w\[)−?\d+(?:\.\d+)?(?:e−?\d+)?(?!\w)")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the command runs in."""
    monkeypatch.chdir(tmp_path)
    return scenarios_in(tmp_path)


def numbers(lines: list[str]) -> list[float]:
    """Every number of some lines."""
    return [float(one.replace("−", "-")) for line in lines for one in NUMBER.findall(line)]


def sections(printed: str, heading: str) -> Iterator[list[str]]:
    """The lines below each heading that matches, up to the next one."""
    lines = printed.splitlines()
    for number, line in enumerate(lines):
        if re.match(heading, line):
            rest = lines[number + 1 :]
            yield rest[: next((i for i, one in enumerate(rest) if re.match(r"Term \(|The total|─", one) and i), None)]


def shown(lines: list[str], opening: str, closing: str) -> list[float]:
    """The numbers of a display that begins at one line and ends before another."""
    begin = next(i for i, line in enumerate(lines) if opening in line)
    begin -= next(i for i, line in enumerate(reversed(lines[:begin])) if not line.strip())
    end = next(i for i, line in enumerate(lines) if i > begin and line.startswith(closing))
    return numbers(lines[begin:end])


def agree(printed: list[float], first: Array, second: Array) -> bool:
    """Whether the numbers are those of two arrays, side by side or one below the other."""
    one, other = (array.reshape(len(array) if array.ndim else 1, -1) for array in (first, second))
    beside, below = np.hstack([one, other]).ravel(), np.vstack([one, other]).ravel()
    found = np.array(printed)
    return found.shape == beside.shape and (
        np.allclose(found, beside, rtol=2e-9, atol=0) or np.allclose(found, below, rtol=2e-9, atol=0)
    )


@settings(max_examples=15)
@given(st.from_type(Scenario), st.data())
def test_the_values_that_are_printed_are_those_that_are_compared(scenario: Scenario, data: st.DataObject) -> None:
    trace = engine.trace(scenario)
    parameter = data.draw(st.sampled_from(trace.network.parameter_names))
    first = data.draw(st.integers(1, trace.T))
    window = request.Request("x", parameter, None, first).window(trace)
    # An engine that is wrong by 1 tells its numbers from SymPy's.
    found = compared(window, trace)
    terms = tuple(structs.replace(one, engine=one.engine + 1) for one in found.terms)
    comparison = structs.replace(found, terms=terms, total=structs.replace(found.total, engine=found.total.engine + 1))
    notation = NOTATIONS["goodfellow"]
    lines = list(text(Exposition("x", trace, window, comparison, notation, "en").document(), notation))
    told = list(sections("\n".join(lines), r"Term \(\d+, \d+\)$"))
    assert len(told) == len(terms)
    for below, one in zip(told, terms, strict=True):
        assert agree(shown(below, "SymPy = ", "Difference"), one.term.value, one.engine)
        (begin,) = (index for index, line in enumerate(below) if "Sum of the terms so far" in line)
        last = numbers([" ".join(below[begin:]).partition(":")[2]])
        assert np.allclose(last, one.sum.ravel(), rtol=2e-9, atol=0)
    (below,) = sections("\n".join(lines), "The total$")
    assert agree(shown(below, "SymPy = ", "Difference"), comparison.total.value, comparison.total.engine)
    assert max(map(cell_len, lines)) <= WIDTH


def language_of(printed: str) -> str:
    """The language of a document without its title."""
    return "zh" if re.search("链式法则", printed) else "en"


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", BUNDLED)
def test_every_format_notation_and_language(name: str, kind: str, language: str, notation: str) -> None:
    done = derive(name, "--format", kind, "--notation", notation, "--language", language)
    assert (done.exit_code, done.stderr) == (0, "")
    assert language_of(done.stdout) == language
    title = catalog.title(catalog.find(name), "zh" if language == "zh" else "en")
    if kind == "latex":
        begin, end = r"\begin{document}", r"\end{document}"
        assert problems(done.stdout.partition(begin)[2].partition(end)[0]) == []
        assert widest(done.stdout) < PAGE
        fragment = derive(name, "--format", kind, "--notation", notation, "--language", language, "--fragment").stdout
        assert not {r"\usepackage", r"\documentclass", begin, end} & set(re.findall(r"\\\w+(?:{document})?", fragment))
        assert fragment.splitlines()[1:] == done.stdout.partition(begin + "\n")[2].partition(end)[0].splitlines()
    else:
        assert title in done.stdout
    if kind == "text":
        assert max(map(cell_len, done.stdout.splitlines())) <= WIDTH
    words = re.sub(r"\\text\{.*?\}", "", done.stdout.replace("\\ ", " ").replace(title, ""))
    if language == "en":
        assert not re.search("[\u4e00-\u9fff]", words)


@pytest.mark.parametrize("name", BUNDLED)
def test_every_term_of_the_rule_is_there_once_in_the_order_of_the_backward_pass(name: str) -> None:
    printed = derive(name).stdout
    pairs = [(int(t), int(k)) for t, k in re.findall(r"^Term \((\d+), (\d+)\)$", printed, re.MULTILINE)]
    assert pairs == [(3, 3), (2, 2), (3, 2), (1, 1), (2, 1), (3, 1)]
    table = re.findall(r"^ {4}\((\d+), (\d+)\) {3}\S", printed, re.MULTILINE)
    assert [(int(t), int(k)) for t, k in table] == pairs


def test_the_worked_example_of_one_neuron() -> None:
    printed = derive("scalar-t3").stdout
    total = next(sections(printed, "The total$"))
    assert numbers(total[1:])[:2] == pytest.approx([-0.1124942483, -0.1124942483], rel=1e-9)
    assert "∂h₃/∂h₂" in printed
    assert "dh₃/dW = ∂⁺h₃/∂W + ∂h₃/∂h₂ · dh₂/dW" in printed
    assert printed.count("In parameters, inputs and targets alone:") == 6
    assert "In parameters, inputs and targets alone:" not in derive("length-three").stdout


@pytest.mark.usefixtures("folder")
def test_a_window_inside_the_sequence_says_what_is_held_fixed() -> None:
    printed = derive("sentence.toml", "--first", "3", "--window", "2").stdout
    state = engine.trace(bptt_viz.load("sentence.toml")).layers[0].h[1]
    above, below = re.findall(r"(?m)^ *(?:h₂ = )?[⎡⎣] *([−\d.]+) *[⎤⎦]$", printed)[:2]
    assert numbers([above, below]) == pytest.approx(list(state), rel=1e-5)
    told = " ".join(printed.split())
    assert "held fixed at its value" in told
    assert "terms (t, k) with k < 3" in told
    assert "the loss L₅ and its terms, (t, k) with t > 4, are left out" in told
    assert "The sum of the terms of steps 3–4" in told
    assert "what other steps add to ∇W is not in it" in told
    assert re.findall(r"Term \((\d), (\d)\)", printed) == [("4", "4"), ("3", "3"), ("4", "3")]
    whole = derive("sentence.toml", "--window", "4").stdout
    assert "held fixed at its value" not in " ".join(whole.split())
    assert "Steps 1 to 4 of 5" in whole
    assert "the losses L₄ to L₅ and their terms, (t, k) with t > 3, are left out" in flat(
        derive("sentence.toml").stdout
    )
    for last in ("sentence.toml", "--first", "3"), ("length-three",):
        assert "The sequence goes on" not in derive(*last).stdout


def flat(printed: str) -> str:
    """What is printed without its line ends."""
    return " ".join(printed.split())


def test_later_steps_without_a_target_leave_nothing_out(folder: Path) -> None:
    (folder / "early.toml").write_text(GAPS.replace("[[], [1], [], [2]]", "[[], [1], [], []]"))
    assert "The sequence goes on" not in derive("early.toml").stdout
    assert "the loss L₄ and its terms" in flat(derive("gaps.toml").stdout)


@pytest.mark.usefixtures("folder")
def test_a_step_without_a_target_and_the_factor_of_a_mean() -> None:
    printed = " ".join(derive("gaps.toml", "--first", "2").stdout.split())
    assert "No target at step 3" in printed
    assert "carries the factor 1/2." in printed
    assert re.findall(r"Term \((\d), (\d)\)", printed) == [("4", "4"), ("4", "3"), ("2", "2"), ("4", "2")]


@pytest.mark.parametrize("parameter", ["W", "U", "V", "b", "c"])
def test_the_product_that_is_printed_is_the_value_that_is_printed(folder: Path, parameter: str) -> None:
    mean = GAPS.replace("[[], [1], [], [2]]", "[[1], [1], [], [2]]")
    (folder / "mean.toml").write_text(mean)
    (folder / "sum.toml").write_text(mean.replace('"mean"', '"sum"'))
    for name in ("mean.toml", "sum.toml"):
        printed = derive(name, "--window", "4", "--parameter", parameter).stdout
        values = {"1/3": 1 / 3}
        (factors,) = sections(printed.replace("The factors, each once\n─", "The factors, each once\n"), "The factors")
        for line in factors:
            *names, number = line.strip().split(" = ")
            values |= {one: float(number.replace("−", "-")) for one in names if "=" in line}
        rows = re.findall(r"^ {4}(\(\d+, \d+\)) {3}(\S.*)$", printed, re.MULTILINE)
        told = list(sections(printed, r"Term \(\d+, \d+\)$"))
        assert len(rows) == len(told) >= 3
        for (_, product), below in zip(rows, told, strict=True):
            own = flat("\n".join(below)).partition(" In parameters,")[0]
            assert own.startswith(f"{product} = ")
            factor = "1/3 · " if name == "mean.toml" else ""
            assert own.partition(" = ")[2].startswith(factor)
            value = numbers([next(line for line in below if "SymPy = " in line)])[0]
            assert np.prod([values[one] for one in product.split(" · ")]) == pytest.approx(value, rel=1e-4)
            expanded = next(i for i, line in enumerate(below) if "inputs and targets alone" in line)
            assert f"= {factor.replace(' · ', ' ')}" in flat("\n".join(below[expanded:]))


def test_the_factor_of_a_mean_is_a_number_too_where_the_book_has_1_over_T(folder: Path) -> None:
    (folder / "all.toml").write_text(GAPS.replace("[[], [1], [], [2]]", "[[1], [1], [1], [2]]"))
    assert "carries the factor 1/T = 1/4." in flat(derive("all.toml", "--notation", "d2l").stdout)
    assert "1/T · ∂l₃/∂o₃" in derive("all.toml", "--notation", "d2l").stdout
    assert r"carries the factor $\tfrac{1}{2}$." in derive("gaps.toml", "--format", "latex").stdout


def test_a_window_without_any_target(folder: Path) -> None:
    (folder / "none.toml").write_text(GAPS.replace("[[], [1], [], [2]]", "[[], [], [], [2]]"))
    for kind in FORMATS:
        done = derive("none.toml", "--format", kind)
        assert (done.exit_code, done.stderr) == (0, "")
    assert "No target at steps 1, 2, 3: there are" in derive("none.toml").stdout
    assert "no term of ∇W" in derive("none.toml").stdout
    assert "The factors" not in derive("none.toml").stdout
    assert "第 1、2、3 步没有目标" in derive("none.toml", "--language", "zh").stdout
    assert derive("none.toml", "--check", "--first", "1").exit_code == 0


def test_a_short_sequence(folder: Path) -> None:
    (folder / "one.toml").write_text('[sequence]\ntokens = ["a", "b"]\n[network]\nhidden_size = 2\n')
    printed = derive("one.toml").stdout
    assert "Step 1 of 1." in printed
    assert "∇W has one term (t, k):" in printed
    assert "dh₁/dW = ∂⁺h₁/∂W\n" in printed
    assert "dh₀" not in printed
    assert "which depends on W too" not in printed
    assert "dh₅/dW = ∂⁺h₅/∂W + ∂h₅/∂h₄ · dh₄/dW" in derive("sentence.toml", "--first", "5").stdout
    assert "The sum of the terms of step 5, and" in derive("sentence.toml", "--first", "5").stdout
    assert derive("one.toml", "--check").exit_code == 0


def test_a_number_is_not_said_to_be_equal_to_itself() -> None:
    assert "∂⁺o₁/∂c = 1\n" in derive("length-three", "--parameter", "c").stdout


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("kind", ["latex", "markdown"])
def test_among_words_derivatives_are_slashed(kind: str, notation: str, language: str) -> None:
    printed = derive("length-three", "--format", kind, "--notation", notation, "--language", language).stdout
    body = printed.rpartition(r"\begin{document}")[2]
    sentences = [line for line in body.splitlines() if re.search(r"[^$]\$[^$]|^\$[^$]", line) and " & " not in line]
    sentences = [line for line in sentences if not line.startswith("|")]
    assert sentences
    assert not [line for line in sentences if r"\frac" in line]
    assert any(r"\partial^{+} " in line and " / " in line for line in sentences)


def test_a_large_network_is_written_in_matrix_form(folder: Path) -> None:
    (folder / "large.toml").write_text(SENTENCE.replace("hidden_size = 2", "hidden_size = 64"))
    done = derive("large.toml")
    assert (done.exit_code, done.stderr) == (0, "")
    assert len(done.stdout) < 40_000
    assert "A 64×64 matrix, norm" in done.stdout
    assert "diag(" in done.stdout
    assert max(map(cell_len, done.stdout.splitlines())) <= WIDTH
    assert derive("large.toml", "--check", "--first", "1").exit_code == 0


def test_the_language_and_the_notation_of_the_scenario(folder: Path) -> None:
    (folder / "lesson.toml").write_text(SENTENCE + '[lecture]\nlanguage = "zh"\nnotation = "d2l"\n')
    printed = derive("lesson.toml").stdout
    assert language_of(printed) == "zh"
    assert "W_hh" in printed
    assert language_of(derive("lesson.toml", "--language", "en").stdout) == "en"
    assert "W_hh" not in derive("lesson.toml", "--notation", "goodfellow").stdout


@pytest.mark.parametrize("kind", FORMATS)
def test_a_hostile_title(folder: Path, kind: str) -> None:
    title = r"50% of_W & #1 $x$ {a} ~b ^c \\input{x} <b> [l](u)\n\u001b[2J *em* `code`"
    (folder / "wild.toml").write_text(f'title = "{title}"\n{SENTENCE}')
    printed = derive("wild.toml", "--format", kind, "--fragment" if kind == "latex" else "--window", "2").stdout
    assert "\x1b" not in printed
    if kind == "latex":
        assert problems(printed.removesuffix("2")) == []
    else:
        assert len(re.findall("50", printed.splitlines()[0])) == 1
