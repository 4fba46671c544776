"""Forward and backward through all layers of a network. Imports ``sweep`` and ``ledger``; knows no file and no loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bptt_viz import sweep
from bptt_viz.cells import X
from bptt_viz.equations import pull_to_variables
from bptt_viz.layer_trace import LayerTrace
from bptt_viz.ledger import sweep_losses, through_edge
from bptt_viz.sweep import AtAllSteps, Use
from bptt_viz.truncation import Truncation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bptt_viz.activations import Array
    from bptt_viz.cells import Cell
    from bptt_viz.network import Network, Stage

#: Every layer's results, and what they are used for: by the names of the equations or of the parameters.
_Values = dict[str, "Array"]


def forward(network: Network, x: Array) -> tuple[list[_Values], Array]:
    """Every layer's results, from the input upwards, each name → [T + 1, H], and the logits o [T, K]."""
    values: list[_Values] = []
    for layer, start in enumerate(network.initial_states):
        values.append(_forward(network, layer, x, start))
        x = values[-1]["h"][1:]
    return values, network.output.right.value(AtAllSteps(values[-1], network.parameters))


def _forward(network: Network, layer: int, x: Array, start: Array) -> _Values:
    """One layer's results, stage by stage: each starts from the states in which the one before has ended."""
    pieces: list[_Values] = []
    initial = {"h": start}
    for stage in network.stages(len(x)):
        cell = stage.cells[layer]
        pieces.append(sweep.forward(cell, network.parameters, x[stage.first - 1 : stage.last], initial))
        initial = {state: pieces[-1][state][-1] for state in cell.states}
    first, *others = pieces
    if not others:
        return first
    return {name: np.concatenate([rows, *(piece[name][1:] for piece in others)]) for name, rows in first.items()}


def backward(
    network: Network, values: Sequence[_Values], dL_do: Array, truncation: Truncation | None = None
) -> tuple[tuple[LayerTrace, ...], Mapping[str, Use]]:
    """Every layer's adjoints, and the factors of every parameter's contributions.

    What truncation leaves out, or weighs, is left out or weighed in all of them.
    """
    truncation = truncation or Truncation(len(dL_do))
    if truncation.window:
        layers = _windowed(network, values, dL_do, truncation)
    else:
        layers = _through_edges(network, values, dL_do, truncation)
    scope = AtAllSteps(values[-1], network.parameters)
    uses = dict(sweep.uses(network.output.right, dL_do, None, scope))
    for stage in network.stages(len(dL_do)):
        for cell, layer in zip(stage.cells, layers, strict=True):
            uses |= _uses_of_stage(cell, layer, stage, network.parameters, len(dL_do))
    steps = len(dL_do)
    return layers, {name: uses.get(name) or _no_use(value, steps) for name, value in network.parameters.items()}


def _through_edges(
    network: Network, values: Sequence[_Values], dL_do: Array, truncation: Truncation
) -> tuple[LayerTrace, ...]:
    """Layer after layer, from the output down; each edge multiplies all that passes it by its ξ."""
    parameters = network.parameters
    ((_, from_above),) = network.output.right.pullback(dL_do, None, AtAllSteps(values[-1], parameters))
    layers: list[LayerTrace] = []
    stages = list(network.stages(len(dL_do)))
    for layer in reversed(range(len(network.cells))):
        adjoints: dict[str, list[Array]] = {}
        below: list[Array] = []
        carried: _Values = {}
        for stage in reversed(stages):
            cell, seen = stage.cells[layer], stage.seen(values[layer])

            def passes(t: int, flowing: _Values, first: int = stage.first) -> _Values:
                return through_edge(truncation, first - 1 + t, flowing)

            rows = from_above[stage.first - 1 : stage.last]
            own, carried = sweep.backward(cell, parameters, seen, rows, passes, carried)
            for name, piece in own.items():
                adjoints.setdefault(name, []).insert(0, piece)
            if layer:
                below.insert(0, sweep.input_adjoint(cell, parameters, seen, own))
        layers.append(LayerTrace(values[layer], {name: _whole(rows) for name, rows in adjoints.items()}, from_above))
        from_above = _whole(below) if layer else from_above
    return tuple(reversed(layers))


def _windowed(
    network: Network, values: Sequence[_Values], dL_do: Array, truncation: Truncation
) -> tuple[LayerTrace, ...]:
    """All layers in step, with the losses kept apart: each is dropped where it is too far away, the rest is summed."""
    steps = len(dL_do)
    sizes = [len(layer["h"][0]) for layer in values]
    names = [[equation.name for equation in cell.equations] for cell in network.cells]
    summed, dropped = (
        [{name: np.zeros((steps, size)) for name in own} for own, size in zip(names, sizes, strict=True)]
        for _ in range(2)
    )
    inputs = [np.zeros((steps, layer[X.name].shape[1])) for layer in values]
    for reached in sweep_losses(network, values, dL_do, truncation, range(1, steps + 1), steps):
        if reached.layer is None:
            continue
        at, name, layer = reached.k - 1, reached.equation.name, reached.layer
        summed[layer][name][at] = reached.adjoints.sum(axis=0)
        if len(reached.adjoints) == truncation.window:
            dropped[layer][name][at] = reached.adjoints[-1]
        for variable, share in pull_to_variables(
            reached.equation.right, summed[layer][name][at], reached.output, reached.scope
        ):
            if variable == X:
                inputs[layer][at] += share
    ((_, from_output),) = network.output.right.pullback(dL_do, None, AtAllSteps(values[-1], network.parameters))
    above = [*inputs[1:], from_output]
    return tuple(map(LayerTrace, values, summed, above, dropped))


def _uses_of_stage(
    cell: Cell, layer: LayerTrace, stage: Stage, parameters: Mapping[str, Array], steps: int
) -> dict[str, Use]:
    """A layer's uses of its parameters in a stage; of zeros at the steps that are not of it."""
    seen, own = stage.seen(layer.values), stage.own(layer.adjoints)
    scope = AtAllSteps(seen, parameters)
    found: dict[str, Use] = {}
    for equation in cell.equations:
        found |= sweep.uses(equation.right, own[equation.name], seen[equation.name][1:], scope)
    if stage.last - stage.first + 1 == steps:
        return found
    around = ((stage.first - 1, steps - stage.last), (0, 0))
    return {
        name: Use(np.pad(use.adjoint, around), None if use.operand is None else np.pad(use.operand, around))
        for name, use in found.items()
    }


def _no_use(parameter: Array, steps: int) -> Use:
    """A parameter that none of the steps uses: a decoder's, where they end before it."""
    operand = np.zeros((steps, parameter.shape[1])) if parameter.ndim > 1 else None
    return Use(np.zeros((steps, len(parameter))), operand)


def _whole(pieces: list[Array]) -> Array:
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
