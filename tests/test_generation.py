"""Going on after the last step: nothing before it changes, and what is read is what was predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from bptt_viz import catalog, cli, engine, load
from bptt_viz.generation import GenerationError, Sampling, extended
from bptt_viz.loading import parse
from bptt_viz.network import build
from bptt_viz.saving import scenario_toml
from bptt_viz.scenario import (
    BackwardTable,
    InitialTable,
    LossTable,
    NetworkTable,
    Reduction,
    Scenario,
    SequenceTable,
)
from bptt_viz.sequence import sides

if TYPE_CHECKING:
    from bptt_viz.tracing import Trace

WORDS = ("我", "昨天", "<end>", "e")
SENTENCE = SequenceTable(tokens=("我", "昨天", "e", "我", "昨天", "<end>", "e"))
NETWORKS = [
    NetworkTable(2),
    NetworkTable(3, layers=2, activation="relu"),
    NetworkTable(2, cell="lstm"),
    NetworkTable(2, cell="gru", layers=2, reset="after"),
    NetworkTable(2, cell="lstm", layers=2, bias=False),
]
CUTS = [
    BackwardTable(),
    BackwardTable("window", length=2),
    BackwardTable("segments", length=3),
    BackwardTable("randomized", probability=0.6, seed=3),
    BackwardTable("randomized", xi=(1.0, 2.0, 0.0, 1.5, 1.0, 0.5)),
]


@st.composite
def going_on(draw: st.DrawFn) -> Scenario:
    """Scenarios of every kind that something can follow in; six steps."""
    network = draw(st.sampled_from(NETWORKS))
    seed = draw(st.integers(0, 2**20))
    rng = np.random.default_rng(seed)
    match draw(st.sampled_from(("tokens", "symbols", "vectors"))):
        case "tokens":
            sequence = SENTENCE
        case "symbols":
            words = ["", *WORDS]
            sequence = SequenceTable(
                vocabulary=WORDS,
                inputs=tuple(words[k] for k in rng.integers(0, 5, 6)),
                targets=("e", *(words[k] for k in rng.integers(0, 5, 5))),
                decoder_from=draw(st.sampled_from((None, 3, 6))),
            )
        case _:
            vectors = [tuple(map(float, row)) for row in rng.normal(size=(12, 2)).round(2)]
            sequence = SequenceTable(inputs=((), *vectors[1:6]), targets=(*vectors[6:11], ()))
    initial = InitialTable("normal", 1.0, seed)
    table = NetworkTable(
        network.hidden_size, network.cell, network.layers, network.activation, network.bias, network.reset,
        initial=initial,
    )  # fmt: skip
    reduction = draw(st.sampled_from(get_args(Reduction)))
    return Scenario(sequence, table, loss=LossTable(reduction=reduction), backward=draw(st.sampled_from(CUTS)))


def numbers(trace: Trace, steps: int) -> dict[str, Any]:
    """All that a trace says of the first steps, and its sums."""
    found: dict[str, Any] = {f"gradient {name}": value for name, value in trace.gradients.items()}
    found |= {f"∂L/∂{name} at t": trace.contributions[name][:steps] for name in trace.parameters}
    for layer, own in enumerate(trace.layers):
        found |= {f"{name} of {layer}": rows[: steps + 1] for name, rows in own.values.items()}
        found |= {f"∂{name} of {layer}": rows[:steps] for name, rows in own.adjoints.items()}
    for name in ("o", "y_hat", "losses", "dL_do", "dL_dx", "x", "y", "has_target"):
        found[name] = getattr(trace, name)[:steps]
    return found | {"loss": trace.loss}


@settings(max_examples=120)
@given(scenario=going_on(), count=st.integers(1, 4))
def test_no_earlier_number_changes_and_what_is_read_is_the_guess(scenario: Scenario, count: int) -> None:
    network = build(scenario)
    before = engine.run(scenario, network)
    further = extended(scenario, network, count)
    after = engine.run(further, network)
    assert before.T + count == after.T
    assert not after.has_target[before.T :].any()
    found = numbers(after, before.T)
    for name, value in numbers(before, before.T).items():
        # The last digit is BLAS's, which multiplies matrices of other sizes in another order.
        np.testing.assert_allclose(found[name], value, rtol=1e-13, atol=1e-14, err_msg=name)
    for t in range(before.T, after.T):
        if after.inputs.symbolic:
            assert after.inputs.word(t + 1) == after.inputs.vocabulary[int(np.argmax(after.y_hat[t - 1]))]
        else:
            np.testing.assert_allclose(after.x[t], after.y_hat[t - 1], rtol=1e-12, atol=1e-14)


@settings(max_examples=40)
@given(scenario=going_on())
def test_what_is_generated_can_be_saved_and_read_again(scenario: Scenario) -> None:
    network = build(scenario)
    further = extended(scenario, network, 3)
    again = parse(scenario_toml(further, network, "lesson.toml").encode(), "lesson.toml")
    assert (again.sequence, again.backward) == (further.sequence, further.backward)


@settings(max_examples=40)
@given(scenario=going_on(), seed=st.integers(0, 50), first=st.integers(0, 4))
def test_going_on_later_is_going_on_at_once(scenario: Scenario, seed: int, first: int) -> None:
    network = build(scenario)
    inputs, _ = sides(scenario.sequence)
    how = Sampling(0.8, seed) if inputs.symbolic else None
    at_once = extended(scenario, network, 5, how)
    in_parts = extended(extended(scenario, network, first, how), network, 5 - first, how)
    if inputs.symbolic:
        assert in_parts == at_once
    else:
        later, earlier = (sides(one.sequence)[0].array for one in (in_parts, at_once))
        np.testing.assert_allclose(later, earlier, rtol=1e-12, atol=1e-14)


def with_logits(*logits: float) -> Scenario:
    """A network whose logits are always these."""
    network = NetworkTable(
        1, initial=InitialTable("zeros"), parameters={"c": logits, "V": tuple((0.0,) for _ in logits)}
    )
    return Scenario(SequenceTable(tokens=("我", "e"), vocabulary=WORDS[: len(logits)]), network)


def drawn(scenario: Scenario, sampling: Sampling, count: int = 400) -> list[str]:
    """So many sampled symbols."""
    inputs = extended(scenario, build(scenario), count, sampling).sequence.inputs
    assert inputs is not None
    return [str(item) for item in inputs[-count:]]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_symbols_are_drawn_as_often_as_softmax_says(temperature: float) -> None:
    logits = np.array([1.0, 0.0, -0.5, 0.3])
    likely = np.exp(logits / temperature) / np.exp(logits / temperature).sum()
    symbols = drawn(with_logits(*logits), Sampling(temperature, 7))
    for word, probability in zip(WORDS, likely, strict=True):
        share, error = symbols.count(word) / 400, np.sqrt(probability * (1 - probability) / 400)
        assert abs(share - probability) < 4 * error, word


def test_a_seed_gives_the_same_again_and_another_something_else() -> None:
    scenario = with_logits(1.0, 0.0, -0.5, 0.3)
    assert drawn(scenario, Sampling(1.0, 1)) == drawn(scenario, Sampling(1.0, 1))
    assert drawn(scenario, Sampling(1.0, 1)) != drawn(scenario, Sampling(1.0, 2))


@pytest.mark.parametrize("temperature", [1e-300, 1e-6])
def test_without_warmth_the_likeliest_is_drawn(temperature: float) -> None:
    assert set(drawn(with_logits(700.0, 0.0, 699.0, -700.0), Sampling(temperature, 3), 20)) == {WORDS[0]}


def test_with_all_warmth_all_are_as_likely() -> None:
    symbols = drawn(with_logits(700.0, 0.0, 699.0, -700.0), Sampling(1e300, 3))
    assert min(symbols.count(word) for word in WORDS) > 60


def test_nothing_follows_the_symbol_that_stops() -> None:
    scenario = with_logits(0.0, 1.0, 3.0, 0.0)
    assert extended(scenario, build(scenario), 5, stop="<end>").sequence.inputs == ("我",)
    further = extended(scenario, build(scenario), 5, stop="e").sequence
    assert further.inputs == ("我", *["<end>"] * 5)
    assert further.targets == ("e", *[""] * 5)
    # Whatever is drawn before it is read; it is not.
    scenario = with_logits(0.0, 1.0, 0.0, 0.0)
    symbols = extended(scenario, build(scenario), 50, Sampling(1.0, 1), "<end>").sequence.inputs or ()
    assert 1 < len(symbols) < 51
    assert "<end>" not in symbols


@pytest.mark.parametrize(
    ("sequence", "loss", "sampling", "said"),
    [
        (SequenceTable(inputs=((1.0,), (2.0,)), targets=("我", "e")), None, None, "inputs and targets are symbols"),
        (SequenceTable(inputs=("我", "e"), targets=((0.5, 0.5), ())), "cross_entropy", None, "targets are symbols"),
        (SequenceTable(inputs=((1.0,), ()), targets=((1.0, 2.0), ())), None, None, "has 2 numbers and an input 1:"),
        (SENTENCE, "squared_error", None, "only where inputs are vectors"),
        (SENTENCE, "binary_cross_entropy", None, "nothing follows with binary_cross_entropy"),
        (SequenceTable(inputs=((1.0,), ()), targets=((1.0,), ())), None, Sampling(), "nothing to sample"),
    ],
)
def test_why_nothing_can_follow(sequence: SequenceTable, loss: Any, sampling: Sampling | None, said: str) -> None:
    scenario = Scenario(sequence, NetworkTable(1), loss=LossTable(loss))
    with pytest.raises(GenerationError, match=said) as caught:
        extended(scenario, build(scenario), 1, sampling)
    assert "生成" in caught.value.reason.told("zh") or "输入" in caught.value.reason.told("zh")


def test_nothing_follows_what_is_not_finite() -> None:
    scenario = Scenario(
        SequenceTable(inputs=((1e300,),), targets=((1.0,),)),
        NetworkTable(1, activation="identity", parameters={"U": ((1e300,),)}),
    )
    with pytest.raises(GenerationError, match="not finite"):
        extended(scenario, build(scenario), 1)
    # A vector that overflows on the way: what was generated until then is not kept.
    growing = Scenario(
        SequenceTable(inputs=((1e200,),), targets=((1.0,),)),
        NetworkTable(1, activation="identity", parameters={"U": ((1e50,),), "W": ((0.0,),), "V": ((1.0,),)}),
    )
    inputs = sides(extended(growing, build(growing), 2).sequence)[0].array
    np.testing.assert_allclose(inputs, [[1e200], [1e250], [1e300]])
    with pytest.raises(GenerationError, match="not finite"):
        extended(growing, build(growing), 3)


def run(*arguments: str) -> Any:
    """The command, for a person with no locale."""
    return CliRunner(env={"LC_ALL": "C", catalog.OWN_FOLDERS: ""}).invoke(cli.program([*arguments]), [*arguments])


def test_the_command_prints_what_is_read() -> None:
    scenario = load("unknown-word")
    greedy = extended(scenario, build(scenario), 4).sequence.inputs
    assert greedy is not None
    result = run("generate", "unknown-word", "--steps", "4")
    assert (result.exit_code, result.stdout.splitlines()) == (0, [*greedy[6:]])
    drawn_so = extended(scenario, build(scenario), 10, Sampling(0.8, 3), "<end>").sequence.inputs
    assert drawn_so is not None
    result = run("generate", "unknown-word", "--temperature", "0.8", "--seed", "3")
    assert result.stdout.splitlines() == [*drawn_so[6:]]
    assert run("generate", "unknown-word", "--seed", "1").stdout != run("generate", "unknown-word").stdout
    assert run("generate", "unknown-word", "--seed", "1").stdout == run(
        "generate", "unknown-word", "--temperature", "1").stdout  # fmt: skip


def test_the_command_prints_vectors_in_full() -> None:
    scenario = load("scalar-t3")
    further = extended(scenario, build(scenario), 3).sequence.inputs
    assert further is not None
    lines = run("generate", "scalar-t3", "--steps", "3").stdout.splitlines()
    assert [(float(line),) for line in lines] == [*further[3:]]


def test_the_command_tells_why_nothing_follows() -> None:
    result = run("generate", "length-three")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "length-three: the prediction has 1 numbers and an input 2" in result.stderr
    assert "预测有 1 个数" in run("generate", "length-three", "--language", "zh").stderr


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--temperature", "0", "a number in (0, ∞)"),
        ("--temperature", "-1", "a number in (0, ∞)"),
        ("--temperature", "x", "a number in (0, ∞)"),
        ("--temperature", "nan", "a finite number in (0, ∞)"),
        ("--temperature", "inf", "a finite number in (0, ∞)"),
        ("--seed", "-1", "a whole number in [0, ∞)"),
        ("--steps", "1.5", "a whole number from 0 to 1,000,000"),
        ("--steps", "9" * 30, "a whole number from 0 to 1,000,000"),
    ],
)
def test_options_that_are_no_numbers(option: str, value: str, expected: str) -> None:
    result = run("generate", "unknown-word", option, value)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f'expected {expected}, found "{value}"\n' in result.stderr
    assert f'，实际为 "{value}"\n' in run("generate", "unknown-word", option, value, "--language", "zh").stderr
