"""Every check of one key against another: a file that passes, and what is said of one that does not."""

from __future__ import annotations

import string

import pytest

import bptt_viz
from bptt_viz import checking, loading
from bptt_viz.errors import Problem, ScenarioError
from bptt_viz.messages import phrase
from bptt_viz.messages.problems import PROBLEMS

SYMBOLS = '[sequence]\ntokens = ["a", "b", "c"]\n'
VECTORS = "[sequence]\ninputs = [[1], [2], [3]]\ntargets = [[], [0.5, 0.5], [1, 0]]\n"
H2 = "[network]\nhidden_size = 2\n"


def told(data: str, language: str = "en") -> list[str]:
    """What is said of a file with these contents, without its name; nothing of a valid one."""
    try:
        loading.parse(data.encode(), "lesson.toml")
    except ScenarioError as error:
        lines = error.lines("zh" if language == "zh" else "en")
        return [line.removeprefix("lesson.toml: ") for line in lines]
    return []


VALID = {
    "tokens": SYMBOLS + H2,
    "vectors": VECTORS + H2,
    "symbols": '[sequence]\ninputs = ["a", ""]\ntargets = ["", "b"]\n' + H2,
    "[] among symbols": '[sequence]\ninputs = ["a", []]\ntargets = [[], "b"]\n' + H2,
    '"" among vectors': '[sequence]\ninputs = [[1], ""]\ntargets = ["", [1]]\n' + H2,
    "numbers in, symbols out": '[sequence]\ninputs = [[1.5], [2]]\ntargets = ["a", "b"]\n' + H2,
    "no input but a vocabulary": '[sequence]\ninputs = ["", ""]\ntargets = ["a", "b"]\nvocabulary = ["a", "b"]\n' + H2,
    "no target but a vocabulary": '[sequence]\ninputs = ["a"]\ntargets = [""]\nvocabulary = ["a", "b"]\n' + H2,
    "one step": "[sequence]\ninputs = [[1]]\ntargets = [[1]]\n" + H2,
    "initial state": SYMBOLS + "initial_state = [0.1, 0.2]\n" + H2,
    "initial state per layer": SYMBOLS + "initial_state = [[0.1, 0.2]]\n" + H2,
    "all parameters": SYMBOLS + H2 + "[network.parameters]\nU = [[1,2,3],[4,5,6]]\nW = [[1,2],[3,4]]\nb = [1,2]\n"
    "V = [[1,2],[3,4],[5,6]]\nc = [1,2,3]\n",
    "distributions": VECTORS + H2 + '[loss]\nkind = "cross_entropy"\n',
    "a sum off by 1e-7": VECTORS.replace("0.5, 0.5", "0.5, 0.5000001") + H2 + '[loss]\nkind = "cross_entropy"\n',
    "probabilities": VECTORS + H2 + '[loss]\nkind = "binary_cross_entropy"\n',
    "squared error of symbols": SYMBOLS + H2 + '[loss]\nkind = "squared_error"\n',
    "binary cross-entropy of symbols": SYMBOLS + H2 + '[loss]\nkind = "binary_cross_entropy"\n',
    "activation": SYMBOLS + H2 + 'activation = "relu"\n',
    "seed without randomness": SYMBOLS + H2 + "[backward]\nseed = 3\n",
}


@pytest.mark.parametrize("data", VALID.values(), ids=VALID)
def test_valid(data: str) -> None:
    assert told(data) == []


SEQUENCES = [
    ("", "sequence: expected either `tokens`, or `inputs` and `targets`, found none of them"),
    ('tokens = ["a", "b"]\ninputs = [[1]]\ntargets = [[1]]', "and `targets`, found tokens, inputs, targets"),
    ('tokens = ["a", "b"]\ntargets = [[1]]', "and `targets`, found tokens, targets"),
    ("inputs = [[1]]", "sequence.targets: missing; expected an array as long as sequence.inputs"),
    ("targets = [[1]]", "sequence.inputs: missing; expected an array as long as sequence.targets"),
    (
        "tokens = []",
        "sequence.tokens: expected at least 2 symbols (each is the target of the one before), found an empty",
    ),
    ('tokens = ["a"]', "sequence.tokens: expected at least 2 symbols"),
    ('tokens = ["a", "", "b"]', 'sequence.tokens[1]: expected a symbol of at least one character, found ""'),
    (
        'tokens = ["我", "昨天"]\nvocabulary = ["我", "前天"]',
        'sequence.tokens[1]: expected a symbol of the vocabulary (the nearest is "前天"), found "昨天"',
    ),
    ('tokens = ["a", "b"]\nvocabulary = []', "sequence.vocabulary: expected at least one symbol"),
    (
        'tokens = ["a", "b"]\nvocabulary = ["a", "b", "a"]',
        'sequence.vocabulary[2]: expected every symbol once, found "a" again, as in sequence.vocabulary[0]',
    ),
    ('tokens = ["a", "b"]\nvocabulary = ["a", "b", ""]', "sequence.vocabulary[2]: expected a symbol"),
    ("inputs = []\ntargets = []", "sequence.inputs: expected at least one step, found an empty array"),
    (
        "inputs = [[1], [2]]\ntargets = [[1]]",
        "sequence.targets: expected as many items as in sequence.inputs, 2, found an array of length 1",
    ),
    (
        'inputs = ["a", "x"]\ntargets = ["b", "bb"]\nvocabulary = ["a", "b"]',
        'sequence.targets[1]: expected a symbol of the vocabulary (the nearest is "b"), found "bb"',
    ),
    (
        "inputs = [[1], [], [1, 2]]\ntargets = [[1], [], []]",
        "sequence.inputs[2]: expected an array of length 1, like sequence.inputs[0], found an array of length 2",
    ),
    ('inputs = [[1], [1]]\ntargets = ["", [1]]\n', None),
    (
        "inputs = [[1]]\ntargets = [[1]]\ndecoder_from = 2",
        "sequence.decoder_from: expected at least 2 steps in the sequence, for an encoder and a decoder, found 1",
    ),
    (
        'inputs = [[1], [1]]\ntargets = ["a", [1]]',
        "sequence.targets[1]: expected a symbol in quotes, like sequence.targets[0], found an array of length 1",
    ),
    (
        'inputs = [[1], "a"]\ntargets = [[1], [1]]',
        'sequence.inputs[1]: expected an array of length 1, like sequence.inputs[0], found "a"',
    ),
    (
        "inputs = [[], []]\ntargets = [[1], [1]]",
        "sequence.inputs: expected at least one input, or a vocabulary, to tell the input size, found nothing",
    ),
    ('inputs = [[1], [1]]\ntargets = ["", []]', "sequence.targets: expected at least one target"),
    (
        'tokens = ["a", "b"]\ninitial_state = [1]',
        "sequence.initial_state: expected an array of 2 numbers (hidden_size), found an array of length 1",
    ),
    ('tokens = ["a", "b"]\ninitial_state = []', "found an empty array"),
    ('tokens = ["a", "b"]\ninitial_state = [[1, 2], [3, 4]]', "sequence.initial_state: expected an array of 2 numbers"),
    ('tokens = ["a", "b"]\ninitial_state = [1, [2]]', "sequence.initial_state: expected an array of 2 numbers"),
    ('tokens = ["a", "b"]\ninitial_state = [[1, 2, 3]]', "sequence.initial_state[0]: expected an array of 2 numbers"),
]


@pytest.mark.parametrize(("sequence", "said"), SEQUENCES)
def test_the_sequence(sequence: str, said: str | None) -> None:
    lines = told(f"[sequence]\n{sequence}\n{H2}")
    assert any(said in line for line in lines) if said else not lines, lines


NETWORKS = [
    (
        "[network.parameters]\nW = [[1, 2], [3, 4], [5, 6]]",
        "network.parameters.W: expected 2×2 (hidden_size × hidden_size), found 3×2",
    ),
    (
        "[network.parameters]\nU = [[1, 2], [3, 4]]",
        "network.parameters.U: expected 2×3 (hidden_size × input_size), found 2×2",
    ),
    ("[network.parameters]\nV = [[1, 2]]", "network.parameters.V: expected 3×2 (output_size × hidden_size), found 1×2"),
    (
        "[network.parameters]\nV = []",
        "network.parameters.V: expected 3×2 (output_size × hidden_size), found a vector of length 0",
    ),
    ("[network.parameters]\nc = [1]", "network.parameters.c: expected 3 (output_size), found 1"),
    (
        "[network.parameters]\nW = [1, 2]",
        "network.parameters.W: expected 2×2 (hidden_size × hidden_size), found a vector",
    ),
    ("[network.parameters]\nb = [[1], [2]]", "network.parameters.b: expected 2 (hidden_size), found a 2×1 matrix"),
    ("[network.parameters]\nW = [[1, 2], [3]]", "found rows of unequal lengths (2, 1)"),
    ("[network.parameters]\nW = [[1, 2], 3]", "found rows and single numbers mixed"),
    (
        "[network.parameters]\nw = [[1, 2], [3, 4]]",
        "network.parameters.w: expected a parameter of this network, U, W, b, V, c (the nearest is W), found w",
    ),
    ('[network.parameters]\n"W x" = [1]', 'network.parameters."W x": expected a parameter of this network'),
    ("[network.parameters]\nU_1 = [[1]]", "network.parameters.U_1: expected a parameter of this network"),
    (
        "bias = false\n[network.parameters]\nb = [1, 2]",
        "network.parameters.b: expected no bias, as network.bias is false, found b",
    ),
    ('reset = "after"', 'network.reset: expected this key only for cell = "gru" (here it is "rnn"), found reset'),
    (
        'cell = "lstm"\nactivation = "tanh"',
        'network.activation: expected this key only for cell = "rnn" (here it is "lstm")',
    ),
    (
        'cell = "lstm"\nlayers = 2\n[network.parameters]\nU_i_3 = [[1]]',
        "U_i_3: expected layer 2 at most, as network.layers is 2 (the nearest is U_i_2), found U_i_3",
    ),
    (
        "[network.parameters]\nW_dec = [[1]]",
        "W_dec: expected names in _dec only with sequence.decoder_from (the nearest is W), found W_dec",
    ),
    (
        'cell = "gru"\n[network.parameters]\nb_hn = [1]',
        'b_hn: expected this parameter only with network.reset = "after" (the nearest is b_n), found b_hn',
    ),
    ('cell = "lstm"\n[network.parameters]\nW = [[1]]', "W: expected one of W_i, W_f, W_g, W_o, found W"),
    ('cell = "lstm"\nlayers = 3\n[network.parameters]\nW_2 = [[1]]', "expected one of W_i_2, W_f_2, W_g_2, W_o_2, f"),
    ("layers = 2\n[network.parameters]\nW = [[1]]", "W: expected one of W_1, W_2, found W"),
    (
        "[network.parameters]\nU_1 = [[1]]",
        "U_1: expected a parameter of this network, U, W, b, V, c (the nearest is U)",
    ),
    ('layers = 200\ncell = "lstm"\n[network.parameters]\nQ = [1]', "b_g_2, U_o_2, W_o_2, b_o_2, … (the nearest is "),
    (
        "[network.initial]\nscale = nan",
        "network.initial.scale: expected a finite number in [0, ∞), found nan",
    ),
    ("layers = 257", "network.layers: expected at most 256 layers, found 257"),
    ("layers = 99_999_999", "network.layers: expected at most 256 layers, found 99999999"),
]


@pytest.mark.parametrize(("network", "said"), NETWORKS)
def test_the_network(network: str, said: str) -> None:
    lines = told(f"{SYMBOLS}{H2}{network}\n")
    assert any(said in line for line in lines), lines


def test_one_list_for_two_layers() -> None:
    assert told(f"{SYMBOLS}initial_state = [1.0, 2.0]\n{H2}layers = 2\n") == [
        (
            "sequence.initial_state: expected one list for each of the 2 layers, of 2 numbers (hidden_size), "
            "found an array of length 2"
        )
    ]


@pytest.mark.parametrize(
    ("lecture", "said"),
    [
        ('notation = "goodfelow"', "(the nearest is goodfellow), found"),
        ('notation = "nope"', "expected one of goodfellow, d2l, "),
        ('beside = ["scalar-t4"]', "expected the name of a bundled scenario (the nearest is scalar-t3)"),
        ('beside = ["nosuch"]', "expected the name of a bundled scenario (`bptt-viz list` shows them), found"),
    ],
)
def test_only_what_was_likely_meant_is_suggested(lecture: str, said: str) -> None:
    (line,) = told(f"{SYMBOLS}{H2}[lecture]\n{lecture}\n")
    assert said in line
    assert line.count("nearest") == said.count("nearest")


def test_both_a_probability_and_its_draws_may_be_given() -> None:
    data = f'{SYMBOLS}{H2}[backward]\nstrategy = "randomized"\nxi = [1, 2]\n'
    drawn, both = (loading.parse(text.encode(), "") for text in (data, f"{data}probability = 0.25\n"))
    for name, gradient in bptt_viz.trace(drawn).gradients.items():
        assert (gradient == bptt_viz.trace(both).gradients[name]).all()


LOSSES = [
    (
        "cross_entropy",
        "[0.5, 0.4]",
        (
            "sequence.targets[0]: expected a probability distribution (numbers ≥ 0 that sum to 1) "
            "for cross_entropy, found the sum 0.9"
        ),
    ),
    ("cross_entropy", "[1.5, -0.5]", "for cross_entropy, found -0.5"),
    ("cross_entropy", "[0, 0]", "for cross_entropy, found the sum 0"),
    ("binary_cross_entropy", "[0.5, 1.5]", "expected numbers in [0, 1] for binary_cross_entropy, found 1.5"),
]


@pytest.mark.parametrize(("kind", "target", "said"), LOSSES)
def test_targets_against_the_loss(kind: str, target: str, said: str) -> None:
    (line,) = told(f'[sequence]\ninputs = [[1], [1]]\ntargets = [{target}, []]\n{H2}[loss]\nkind = "{kind}"\n')
    assert said in line


BACKWARD = [
    ('strategy = "window"', "backward.length: missing; expected a whole number of steps for strategy window"),
    ('strategy = "segments"', "backward.length: missing; expected a whole number of steps for strategy segments"),
    (
        "length = 2",
        "backward.length: expected this key only for window and segments (the strategy is full), found length",
    ),
    ('strategy = "randomized"\nprobability = 0.5\nlength = 2', "(the strategy is randomized), found length"),
    (
        'strategy = "randomized"',
        "backward.probability: missing; expected `probability` or `xi` for strategy randomized",
    ),
    ("probability = 0.5", "backward.probability: expected this key only for randomized (the strategy is full)"),
    ("xi = [1, 1]", "backward.xi: expected this key only for randomized (the strategy is full)"),
    ('strategy = "randomized"\nxi = [1]', "backward.xi: expected 2 numbers, one per step, found an array of length 1"),
]


@pytest.mark.parametrize(("backward", "said"), BACKWARD)
def test_backpropagation(backward: str, said: str) -> None:
    lines = told(f"{SYMBOLS}{H2}[backward]\n{backward}\n")
    assert any(said in line for line in lines), lines


@pytest.mark.parametrize(
    ("network", "said"),
    [
        ("hidden_size = 100_000", "found 10,001,500,033 (T = 2, D = 3, H = 100,000, K = 3)"),
        ("hidden_size = 134_217_728", "expected a scenario of at most 134,217,728 numbers in memory"),
        ('cell = "lstm"\nhidden_size = 100_000', "expected a scenario of at most 134,217,728 numbers in memory"),
    ],
)
def test_nothing_exhausts_the_memory(network: str, said: str) -> None:
    lines = told(f"{SYMBOLS}[network]\n{network}\n")
    assert any(said in line for line in lines), lines


def test_a_wrong_type_does_not_hide_other_problems() -> None:
    lines = told("""
[sequence]
inputs = [["x"], [2]]
targets = [[1], [1, 2]]
[network]
hidden_size = 2
bias = false
[network.parameters]
W = [[1]]
b = "none"
V = [[1, 2]]
[backward]
length = 2
""")
    assert [line.split(":")[0] for line in lines] == [
        "sequence.inputs[0][0]",
        "sequence.targets[1]",
        "network.parameters.W",
        "network.parameters.b",
        "network.parameters.b",
        "backward.length",
    ]


def test_shapes_wait_for_a_sequence_that_can_be_read() -> None:
    lines = told(f"[sequence]\ntokens = 3\n{H2}[network.parameters]\nU = [[1, 2], [3, 4]]\nc = [1]\nW = [[1]]\n")
    assert [line.split(":")[0] for line in lines] == ["sequence.tokens", "network.parameters.W"]


def test_problems_in_chinese() -> None:
    assert told(f"{SYMBOLS}{H2}[network.parameters]\nW = [[1]]\n", "zh") == [
        "network.parameters.W：要求 2×2 (hidden_size × hidden_size)，实际为 1×1"
    ]
    (line,) = told(f"{SYMBOLS}{H2}layers = 300\n", "zh")
    assert line == "network.layers：要求不超过 256 层，实际为 300"


def test_every_check_has_a_key_to_need() -> None:
    assert all(row.needs for row in checking.CHECKS)


@pytest.mark.parametrize("key", PROBLEMS)
def test_both_languages_take_the_same_values(key: str) -> None:
    english, chinese = ({name for _, name, _, _ in string.Formatter().parse(text) if name} for text in PROBLEMS[key])
    assert english == chinese


def test_what_is_missing_or_a_clause_is_said_as_people_say_it() -> None:
    """Nothing is not a thing that was found; in Chinese a finding that is a clause comes first."""
    length = Problem("backward.length", phrase("expected.length_for", strategy="window"), phrase("found.nothing"))
    assert length.told() == "backward.length: missing; expected a whole number of steps for strategy window"
    assert length.told("zh") == "backward.length：缺少此项；要求步数（整数），策略 window 需要它"
    there = Problem("", phrase("expected.new_file"), phrase("found.existing"))
    assert there.told() == "expected a name that no file has yet, found a file that is there already"
    assert there.told("zh") == "文件已存在；要求尚未使用的文件名"
