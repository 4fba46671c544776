"""Backpropagation through time, unrolled: ``load`` a scenario, ``trace`` it. Imports nothing until one is called.

>>> import bptt_viz
>>> trace = bptt_viz.trace(bptt_viz.load("scalar-t3"))
>>> trace.T, round(trace.loss, 4)
(3, 0.194)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from bptt_viz.scenario import Scenario
    from bptt_viz.tracing import Trace

__all__ = ["load", "trace"]


def load(path_or_name: str | Path) -> Scenario:
    """The scenario in a file, or the bundled one of that name.

    Raises
    ------
    bptt_viz.errors.ScenarioError
        With every problem found, if there is no such scenario or it cannot be used.
    """
    from bptt_viz.catalog import find  # noqa: PLC0415  # the command line imports this package for its --help
    from bptt_viz.loading import read  # noqa: PLC0415

    return read(find(path_or_name))


def trace(scenario: Scenario, updates: int = 0) -> Trace:
    """Every quantity of the forward and the backward pass, after ``updates`` steps of gradient descent.

    The result's attributes bear the names of the trace format: ``h`` and ``delta`` of each layer are
    [T, H], ``o`` and ``y_hat`` [T, K], ``gradients["W"]`` is [H, H]. See :class:`bptt_viz.tracing.Trace`.

    Raises
    ------
    ValueError
        If ``updates`` is negative.
    """
    from bptt_viz import engine  # noqa: PLC0415  # numpy waits until there is something to compute

    return engine.trace(scenario, updates)
