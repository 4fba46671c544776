"""Networks of every kind, each a scenario in TOML text: all cells, stacks, a decoder, under every truncation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from conftest import every_network
from hypothesis import strategies as st
from msgspec import structs

from bptt_viz import engine, loading
from bptt_viz.scenario import BackwardTable, StrategyKind

if TYPE_CHECKING:
    from bptt_viz.scenario import Scenario
    from bptt_viz.tracing import Trace

CELLS: Final = {
    "rnn": 'cell = "rnn"',
    "lstm": 'cell = "lstm"',
    "gru before": 'cell = "gru"',
    "gru after": 'cell = "gru"\nreset = "after"',
}
#: ξ₄ drops what comes from the last step, and ξ₃ is not 1.
TRUNCATIONS: Final = {
    "full": "",
    "window 1": 'strategy = "window"\nlength = 1',
    "window 2": 'strategy = "window"\nlength = 2',
    "window 3": 'strategy = "window"\nlength = 3',
    "segments": 'strategy = "segments"\nlength = 2',
    "given ξ": 'strategy = "randomized"\nxi = [1.0, 1.0, 1.25, 0.0, 2.0]',
    "drawn ξ": 'strategy = "randomized"\nprobability = 0.6\nseed = 2',
}
_TEXT: Final = """
[sequence]
inputs = [[0.5, -1.0], [1.0, 0.25], [], [-0.75, 0.5], [0.3, 0.9]]
targets = [[], [0.3, 0.1], [-0.2, 0.6], [], [0.8, -0.4]]
{decoder}
[network]
hidden_size = 2
layers = {layers}
{cell}
initial = {{ method = "uniform", scale = 0.9, seed = 3 }}
[loss]
reduction = "mean"
[backward]
{truncation}
"""

#: Cell, layers, step from which there is a decoder (0: none), truncation: every value of each with some of the others'.
KINDS: Final = [
    *((cell, layers, 0, "full") for cell in CELLS for layers in (1, 2)),
    ("lstm", 3, 0, "full"),
    *((cell, 1, 3, "full") for cell in CELLS),
    ("gru before", 2, 4, "full"),
    *(("rnn", 1, 0, truncation) for truncation in TRUNCATIONS if truncation != "full"),
    *(("lstm", 2, 0, truncation) for truncation in TRUNCATIONS if truncation != "full"),
    ("gru after", 3, 0, "window 2"),
    ("gru before", 1, 2, "given ξ"),
    ("lstm", 2, 3, "window 3"),
    ("rnn", 2, 3, "segments"),
    ("gru after", 2, 4, "drawn ξ"),
]


def name_of(kind: tuple[str, int, int, str]) -> str:
    """``lstm × 2, decoder from 3, window 2``."""
    cell, layers, decoder, truncation = kind
    return f"{cell} × {layers}{f', decoder from {decoder}' if decoder else ''}, {truncation}"


def scenario_of(cell: str, layers: int = 1, decoder: int = 0, truncation: str = "full") -> Scenario:
    """Five steps, of which two have no target and one no input."""
    text = _TEXT.format(
        cell=CELLS[cell],
        layers=layers,
        decoder=f"decoder_from = {decoder}" if decoder else "",
        truncation=TRUNCATIONS[truncation],
    )
    return loading.parse(text.encode(), "lesson.toml")


def trace_of(cell: str, layers: int = 1, decoder: int = 0, truncation: str = "full") -> Trace:
    """Its trace."""
    return engine.trace(scenario_of(cell, layers, decoder, truncation))


def truncations(steps: int) -> st.SearchStrategy[BackwardTable]:
    """Every strategy, of any length, with any ξ."""
    lengths, xi = st.integers(1, steps + 1), st.sampled_from([0.0, 0.5, 1.0, 1.25, 2.0])
    assert set(get_args(StrategyKind)) == {"full", "window", "segments", "randomized"}
    return st.one_of(
        st.builds(BackwardTable, st.just("full")),
        st.builds(BackwardTable, st.sampled_from(["window", "segments"]), lengths),
        st.builds(BackwardTable, st.just("randomized"), xi=st.tuples(*[xi] * steps)),
        st.builds(BackwardTable, st.just("randomized"), probability=st.sampled_from([0.3, 0.8, 1.0])),
    )


@st.composite
def truncated_networks(draw: st.DrawFn) -> Scenario:
    """Any network under any truncation."""
    scenario = draw(every_network())
    sequence = scenario.sequence
    steps = len(sequence.tokens) - 1 if sequence.tokens is not None else len(sequence.inputs or ())
    return structs.replace(scenario, backward=draw(truncations(steps)))
