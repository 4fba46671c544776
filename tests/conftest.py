"""How hypothesis runs here, and how it makes scenarios: small ones of every activation, loss and kind of sequence."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from msgspec import structs

from bptt_viz.network import parameter_shapes
from bptt_viz.scenario import (
    ActivationName,
    CellKind,
    LossKind,
    LossTable,
    NetworkTable,
    Reduction,
    Scenario,
    SequenceTable,
    UpdateTable,
)

settings.register_profile(
    "repeatable",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("repeatable")

WORDS = ("我", "昨天", "naïve", "e", "了")


def _rounded(values: Any) -> Any:
    """Nested tuples of numbers with three decimals, as somebody would type them."""
    return tuple(_rounded(row) for row in values) if np.ndim(values) else round(float(values), 3)


@st.composite
def scenarios(draw: st.DrawFn, *, cells: tuple[CellKind, ...] = ("rnn",), most_layers: int = 1) -> Scenario:
    """T 1..6; H, D, K 1..4; some inputs and targets missing. Targets are distributions, valid for every loss.

    With several layers allowed there are decoders too.
    """
    T, H = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    layers = draw(st.integers(1, most_layers))
    decoder_from = draw(st.none() | st.integers(2, T)) if most_layers > 1 and T > 1 else None
    # One seed draws all numbers: hypothesis shrinks the sizes, which is what one reads.
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    states = _rounded(rng.normal(size=(layers, H)) if layers > 1 else rng.normal(size=H))
    state = states if draw(st.booleans()) else None
    if draw(st.booleans()):
        words = WORDS[: draw(st.integers(2, len(WORDS)))]
        tokens = tuple(words[k] for k in rng.integers(0, len(words), T + 1))
        sequence = SequenceTable(tokens=tokens, vocabulary=words, initial_state=state, decoder_from=decoder_from)
        D = K = len(words)
    else:
        D, K = draw(st.integers(1, 4)), draw(st.integers(1, 4))
        inputs = list(_rounded(rng.normal(size=(T, D))))
        # Not rounded: a distribution has to sum to 1.
        targets = [tuple(map(float, row)) for row in rng.dirichlet(np.ones(K), size=T)]
        for items, kept in ((inputs, draw(st.integers(0, T - 1))), (targets, draw(st.integers(0, T - 1)))):
            for t in np.flatnonzero(rng.random(T) < 0.3):
                if t != kept:
                    items[t] = ()
        sequence = SequenceTable(
            inputs=tuple(inputs), targets=tuple(targets), initial_state=state, decoder_from=decoder_from
        )
    cell = draw(st.sampled_from(cells))
    table = NetworkTable(
        H,
        cell=cell,
        layers=layers,
        activation=draw(st.sampled_from(get_args(ActivationName))) if cell == "rnn" else "tanh",
        bias=draw(st.booleans()),
        reset="after" if cell == "gru" and draw(st.booleans()) else "before",
    )
    shapes = parameter_shapes(table, D, K, decodes=decoder_from is not None)
    parameters = {name: _rounded(rng.normal(scale=0.7, size=shape.sizes)) for name, shape in shapes.items()}
    return Scenario(
        sequence=sequence,
        network=structs.replace(table, parameters=parameters),
        title="a lesson",
        loss=LossTable(draw(st.sampled_from(get_args(LossKind))), draw(st.sampled_from(get_args(Reduction)))),
        update=UpdateTable(learning_rate=0.3),
    )


def every_network() -> st.SearchStrategy[Scenario]:
    """Scenarios of every cell, up to three layers high, some with a decoder."""
    return scenarios(cells=get_args(CellKind), most_layers=3)


st.register_type_strategy(Scenario, scenarios())
