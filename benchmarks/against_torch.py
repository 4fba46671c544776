"""A full trace against PyTorch, both in one interpreter: ``python -m benchmarks.against_torch`` prints JSON.

Runs in whatever interpreter has torch, so it imports nothing of the other measurements but the scenario.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.gated_loops import in_turn, traces, triangle
from benchmarks.programs import scenario
from bptt_viz import engine, loading
from bptt_viz.network import build

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bptt_viz.network import Network
    from bptt_viz.tracing import Trace

STEPS: Final = 1000
SIZE: Final = 128
#: How far gradients may differ, relative to the largest of them.
_TOLERANCE: Final = 1e-9


class Loop:
    """The same equations in torch, step by step, keeping the gradients of a, h and o of every step."""

    def __init__(self, torch: Any, network: Network, trace: Trace) -> None:  # noqa: ANN401  (a module)
        self._torch = torch
        self.parameters = {
            name: torch.tensor(np.array(value), requires_grad=True) for name, value in network.parameters.items()
        }
        self._x = torch.tensor(np.array(trace.x))
        self._start = torch.tensor(np.array(network.initial_states[0]))
        self._symbols = torch.tensor(trace.y.argmax(axis=1))

    def run(self) -> list[tuple[Any, Any, Any]]:
        """Forward and backward; gives a, h and o of every step."""
        for parameter in self.parameters.values():
            parameter.grad = None
        U, W, b, V, c = (self.parameters[name] for name in "UWbVc")
        h: Any = self._start
        total: Any = 0.0
        kept = []
        for t in range(STEPS):
            a = U @ self._x[t] + W @ h + b
            h = self._torch.tanh(a)
            o = V @ h + c
            for quantity in (a, h, o):
                quantity.retain_grad()
            total = total - self._torch.log_softmax(o, 0)[self._symbols[t]]
            kept.append((a, h, o))
        total.backward()
        return kept

    def fused(self) -> Callable[[], None]:
        """Forward and backward of ``torch.nn.RNN``, which keeps no step's gradient."""
        nn = self._torch.nn
        rnn, output = nn.RNN(SIZE, SIZE), nn.Linear(SIZE, SIZE)
        loss = nn.CrossEntropyLoss(reduction="sum")

        def run() -> None:
            rnn.zero_grad()
            output.zero_grad()
            loss(output(rnn(self._x)[0]), self._symbols).backward()

        return run


def measure(rounds: int, threads: int) -> dict[str, object]:
    """Seconds of our trace, the loop and the fused network, in turn; 0 threads means as many as the libraries like."""
    torch = import_module("torch")
    torch.set_default_dtype(torch.float64)
    if threads:
        torch.set_num_threads(threads)
    parsed = loading.parse(scenario(STEPS, SIZE, SIZE).encode(), "generated")
    network = build(parsed)

    trace = engine.run(parsed, network)
    # Both sides are given their inputs as arrays.
    sequence = trace.inputs, trace.targets

    def ours() -> Mapping[str, Any]:
        return engine.run(parsed, network, sequence).gradients

    loop = Loop(torch, network, trace)
    _check(loop, trace)
    seconds = in_turn({"ours": ours, "loop": loop.run, "fused": loop.fused()}, rounds)
    measured: dict[str, object] = {"seconds": seconds, "torch": torch.__version__, "threads": torch.get_num_threads()}
    if threads == 1:
        measured |= {"gated": traces(torch, rounds), "triangle": triangle(torch, max(rounds // 3, 1))}
    return measured


def _check(loop: Loop, trace: Trace) -> None:
    """What is compared for speed has to agree first."""
    kept = loop.run()
    layer = trace.layers[0]
    found = {name: parameter.grad.numpy() for name, parameter in loop.parameters.items()}
    wanted = dict(trace.gradients)
    for column, (name, rows) in enumerate((("a", layer.delta), ("h", layer.dL_dh), ("o", trace.dL_do))):
        found[name] = np.stack([quantities[column].grad.numpy() for quantities in kept])
        wanted[name] = rows
    for name, values in wanted.items():
        error = np.abs(found[name] - values).max() / np.abs(values).max()
        if not error < _TOLERANCE:
            sys.exit(f"{name}: the gradients differ by {error:.1e}")


if __name__ == "__main__":
    asked_for = json.loads(os.environ["BENCHMARK"])
    print(json.dumps(measure(asked_for["rounds"], asked_for["threads"])))
