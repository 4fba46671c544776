"""How hypothesis runs here, and how it makes scenarios: small ones of every activation, loss and kind of sequence."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from bptt_viz.network import parameter_shapes
from bptt_viz.scenario import (
    ActivationName,
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
def scenarios(draw: st.DrawFn) -> Scenario:
    """T 1..6; H, D, K 1..4; some inputs and targets missing. Targets are distributions, valid for every loss."""
    T, H = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    # One seed draws all numbers: hypothesis shrinks the sizes, which is what one reads.
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    state = _rounded(rng.normal(size=H)) if draw(st.booleans()) else None
    if draw(st.booleans()):
        words = WORDS[: draw(st.integers(2, len(WORDS)))]
        tokens = tuple(words[k] for k in rng.integers(0, len(words), T + 1))
        sequence = SequenceTable(tokens=tokens, vocabulary=words, initial_state=state)
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
        sequence = SequenceTable(inputs=tuple(inputs), targets=tuple(targets), initial_state=state)
    table = NetworkTable(H, activation=draw(st.sampled_from(get_args(ActivationName))), bias=draw(st.booleans()))
    shapes = parameter_shapes(table, D, K)
    parameters = {name: _rounded(rng.normal(scale=0.7, size=shape.sizes)) for name, shape in shapes.items()}
    return Scenario(
        sequence=sequence,
        network=NetworkTable(H, activation=table.activation, bias=table.bias, parameters=parameters),
        title="a lesson",
        loss=LossTable(draw(st.sampled_from(get_args(LossKind))), draw(st.sampled_from(get_args(Reduction)))),
        update=UpdateTable(learning_rate=0.3),
    )


st.register_type_strategy(Scenario, scenarios())
