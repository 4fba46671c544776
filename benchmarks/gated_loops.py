"""The gated cells in torch, step by step, keeping the gradients of every result; and their terms, loss by loss.

Runs in whatever interpreter has torch. What is compared for speed has to agree first.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.programs import scenario
from bptt_viz import engine, loading
from bptt_viz.network import build

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bptt_viz.activations import Array
    from bptt_viz.network import Network
    from bptt_viz.scenario import Scenario
    from bptt_viz.sequence import Items
    from bptt_viz.tracing import Trace

STEPS: Final = 200
SIZE: Final = 64
#: How far gradients and norms may differ, relative to the largest of them.
_TOLERANCE: Final = 1e-9
#: What ``[network]`` says of each contestant.
CELLS: Final = {"lstm": 'cell = "lstm"', "gru": 'cell = "gru"', "gru, reset after": 'cell = "gru"\nreset = "after"'}


class GatedLoop:
    """One layer of a gated cell under cross-entropy."""

    def __init__(self, torch: Any, trace: Trace) -> None:  # noqa: ANN401  (a module)
        self._torch = torch
        self._step = self._lstm if trace.scenario.network.cell == "lstm" else self._gru
        self._after = trace.scenario.network.reset == "after"
        self.parameters = {
            name: torch.tensor(np.array(value), requires_grad=True) for name, value in trace.parameters.items()
        }
        self._x = torch.tensor(np.array(trace.x))
        self._symbols = torch.tensor(trace.y.argmax(axis=1))
        self._kept: list[Any] = []

    def losses(self) -> list[Any]:
        """Forward: every step's loss; the gradient of every result will be kept."""
        p = self.parameters
        for parameter in p.values():
            parameter.grad = None
        self._kept = []
        h = s = self._torch.zeros(SIZE)
        losses = []
        for t in range(STEPS):
            h, s = self._step(self._x[t], h, s)
            o = self._keep(p["V"] @ h + p["c"])
            losses.append(-self._torch.log_softmax(o, 0)[self._symbols[t]])
        return losses

    def run(self) -> None:
        """Forward and backward."""
        sum(self.losses(), start=self._torch.zeros(())).backward()

    def terms(self, wanted: list[int]) -> dict[str, list[Any]]:
        """The gradients of single losses, each with respect to all parameters: rows of the ledger, summed over k."""
        losses = self.losses()
        names = list(self.parameters)
        rows: dict[str, list[Any]] = {name: [] for name in names}
        for t in wanted:
            of_one = self._torch.autograd.grad(losses[t], [self.parameters[name] for name in names], retain_graph=True)
            for name, row in zip(names, of_one, strict=True):
                rows[name].append(row)
        return rows

    def _keep(self, quantity: Any) -> Any:  # noqa: ANN401  (a tensor)
        quantity.retain_grad()
        self._kept.append(quantity)
        return quantity

    def _affine(self, gate: str, x: Any, v: Any) -> Any:  # noqa: ANN401  (tensors)
        p = self.parameters
        return self._keep(p[f"U_{gate}"] @ x + p[f"W_{gate}"] @ v + p[f"b_{gate}"])

    def _lstm(self, x: Any, h: Any, s: Any) -> tuple[Any, Any]:  # noqa: ANN401  (tensors)
        keep, sigmoid, tanh = self._keep, self._torch.sigmoid, self._torch.tanh
        i, f, q = (keep(sigmoid(self._affine(gate, x, h))) for gate in "ifo")
        g = keep(tanh(self._affine("g", x, h)))
        s = keep(f * s + i * g)
        return keep(q * tanh(s)), s

    def _gru(self, x: Any, h: Any, s: Any) -> tuple[Any, Any]:  # noqa: ANN401  (tensors)
        keep, p = self._keep, self.parameters
        r, z = (keep(self._torch.sigmoid(self._affine(gate, x, h))) for gate in "rz")
        if self._after:
            a_n = keep(p["U_n"] @ x + p["b_n"] + r * (p["W_n"] @ h + p["b_hn"]))
        else:
            a_n = self._affine("n", x, r * h)
        n = keep(self._torch.tanh(a_n))
        return keep((1 - z) * n + z * h), s


def traces(torch: Any, rounds: int) -> dict[str, dict[str, list[float]]]:  # noqa: ANN401  (a module)
    """Seconds of a whole trace, ours and the loop's, in turn, by cell."""
    found = {}
    for cell, said in CELLS.items():
        parsed = loading.parse(scenario(STEPS, SIZE, SIZE, said).encode(), "generated")
        network = build(parsed)
        trace = engine.run(parsed, network)
        loop = GatedLoop(torch, trace)
        loop.run()
        for name, parameter in loop.parameters.items():
            _agree(name, parameter.grad.numpy(), trace.gradients[name])
        ours = partial(_gradients, parsed, network, (trace.inputs, trace.targets))
        found[cell] = in_turn({"ours": ours, "loop": loop.run}, rounds)
    return found


def _gradients(parsed: Scenario, network: Network, sequence: tuple[Items, Items]) -> Mapping[str, Array]:
    return engine.run(parsed, network, sequence).gradients


def triangle(torch: Any, rounds: int) -> dict[str, list[float]]:  # noqa: ANN401  (a module)
    """Seconds of all term norms of an LSTM, and of torch taking each step loss's gradient apart."""
    parsed = loading.parse(scenario(STEPS, SIZE, SIZE, CELLS["lstm"]).encode(), "generated")
    trace = engine.run(parsed, build(parsed))
    loop = GatedLoop(torch, trace)
    every = list(range(STEPS))
    some = [0, STEPS // 2, STEPS - 1]
    for position, t in enumerate(some):
        for name, rows in loop.terms(some).items():
            _agree(f"{name}, L_{t + 1}", rows[position].numpy(), engine.blame(trace, t + 1).gradients[name])
    contestants = {
        "ours": lambda: replace(trace).triangle,
        "loop": lambda: loop.terms(every),
    }
    return in_turn(contestants, rounds)


def in_turn(contestants: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each, one after the other, round after round; the first is the warm-up."""
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for name, run in contestants.items():
            begin = perf_counter()
            run()
            if turn:
                seconds[name].append(perf_counter() - begin)
    return seconds


def _agree(what: str, theirs: Any, ours: Any) -> None:  # noqa: ANN401  (arrays)
    error = np.abs(theirs - ours).max() / max(np.abs(ours).max(), 1e-300)
    if not error < _TOLERANCE:
        sys.exit(f"{what}: differs by {error:.1e}")
