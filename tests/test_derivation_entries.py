"""SymPy's Jacobians entry by entry against central differences of the forward pass, which knows no derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from derivations import derive, random_trace

from bptt_viz import passes
from bptt_viz.activations import ACTIVATIONS
from bptt_viz.losses import LOSSES
from bptt_viz.network import Network
from bptt_viz.sweep import AtStep

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.derivation.result import Jacobian
    from bptt_viz.tracing import Trace

STEP = 1e-6


def differences(function: Callable[[np.ndarray], np.ndarray], point: np.ndarray) -> np.ndarray:
    """[size of the function's value, *shape of the point]."""
    columns = []
    for entry in np.ndindex(point.shape):
        step = np.zeros_like(point)
        step[entry] = STEP
        columns.append((function(point + step) - function(point - step)) / (2 * STEP))
    return np.stack(columns, axis=-1).reshape(-1, *point.shape)


def one_step(trace: Trace, t: int, h: np.ndarray, changed: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """h_t and o_t from h_{t−1}."""
    network = trace.network
    again = Network(network.cells, network.output, dict(trace.parameters) | changed, (h,))
    ((values,), o) = passes.forward(again, trace.x[t - 1 : t])
    return values["h"][1], o[0]


def by_differences(factor: Jacobian, trace: Trace, parameter: str, t: int) -> np.ndarray:
    """The Jacobian at step t; for a direct one [entry of the result, *shape of the parameter]."""
    before, now = (trace.layers[0].values["h"][step] for step in (t - 1, t))
    match factor.kind:
        case "loss":
            y = trace.y[t - 1 : t]
            return differences(lambda o: trace.loss_kind.value(o[np.newaxis], y), trace.o[t - 1])
        case "output":
            output = trace.network.output.right
            return differences(lambda h: output.value(AtStep({"h": h[np.newaxis]}, trace.parameters, 0)), now)
        case "step":
            return differences(lambda h: one_step(trace, t, h, {})[0], before)
        case _:
            which = 1 if parameter in {"V", "c"} else 0
            return differences(
                lambda value: one_step(trace, t, before, {parameter: value})[which], trace.parameters[parameter]
            )


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", [(1, 1, 1), (1, 3, 2), (3, 1, 1), (4, 2, 3)])
def test_every_entry(sizes: tuple[int, int, int], activation: str, loss: str) -> None:
    trace = random_trace(*sizes, activation, loss, seed=sum(sizes))
    seen = set()
    for parameter in trace.parameters:
        for term in derive(trace, parameter).terms:
            # Of the steps t, t−1, …, the last is that of the direct derivative.
            steps = [term.t, term.t, *range(term.t, term.k, -1)]
            if parameter in {"V", "c"}:
                steps = [term.t]
            for factor, t in zip(term.factors, [*steps, term.k], strict=True):
                if (parameter, factor.kind, t) in seen:
                    continue
                seen.add((parameter, factor.kind, t))
                expected = by_differences(factor, trace, parameter, t)
                if factor.kind == "direct":
                    units = range(len(expected))
                    rows = expected.reshape(len(expected), len(expected), -1)
                    # Entry i depends on row i of the parameter alone: that is what the single block stands for.
                    assert factor.sparse
                    elsewhere = rows[~np.eye(len(expected), dtype=bool)]
                    np.testing.assert_allclose(elsewhere, 0.0, atol=1e-9)
                    expected = rows[units, units]
                np.testing.assert_allclose(factor.blocks[0].value, expected, rtol=1e-6, atol=1e-8)
    assert len(seen) > 3 * len(trace.parameters)
