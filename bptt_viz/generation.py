"""Going on after the last step: what is predicted becomes the next input. Imports the engine; no text, no screen.

The steps that are added have no target, so that no loss and no gradient changes.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct, structs

from bptt_viz import sweep
from bptt_viz.engine import loss_of
from bptt_viz.errors import BpttVizError
from bptt_viz.losses import softmax
from bptt_viz.messages import phrase
from bptt_viz.passes import forward
from bptt_viz.sequence import Items, sides

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.activations import Array
    from bptt_viz.messages import Phrase
    from bptt_viz.network import Network
    from bptt_viz.scenario import Item, Scenario

#: The symbol that the bundled scenarios end a sequence with: generation ends where it is guessed.
END: Final = "<end>"


class Sampling(Struct, frozen=True):
    """How a symbol is drawn: from softmax(o / temperature).

    Attributes
    ----------
    temperature
        Above 0: towards 0 it is the greedy guess, 1 leaves ŷ as it is, far above all symbols are as likely.
    seed
        0 or more. The symbol read at step t is drawn with the generator seeded by (seed, t), so that going on later
        with the same seed gives what going on at once would have given.
    """

    temperature: float = 1.0
    seed: int = 1


class GenerationError(BpttVizError):
    """Why a scenario has no next input.

    Attributes
    ----------
    reason
        Yet to be said in a language.
    """

    def __init__(self, reason: Phrase) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason.told("en")


def extended(
    scenario: Scenario, network: Network, count: int, sampling: Sampling | None = None, stop: str = ""
) -> Scenario:
    """The scenario with at most ``count`` more steps, each of which reads what the step before predicts.

    Under cross-entropy that is a symbol: the likeliest, or a drawn one with ``sampling``. Under squared error it is
    the prediction itself, a vector [K] with K = D. A language model's ``tokens`` become inputs with targets.

    Parameters
    ----------
    network
        Computes the predictions; its parameters need not be the scenario's.
    stop
        A symbol that is not read: where it is predicted, nothing follows.

    Raises
    ------
    GenerationError
        If a prediction cannot be an input here, is not finite, or leaves nothing to sample.
    """
    inputs, targets = sides(scenario.sequence)
    reason = _refusal(scenario, inputs, targets, sampling)
    if reason is not None:
        raise GenerationError(reason)
    guessed: list[Item] = []
    for item in islice(_predicted(network, inputs, _in_symbols(inputs), sampling), count):
        if stop and item == stop:
            break
        guessed.append(item)
    nothing: Item = "" if _in_symbols(inputs) else ()
    sequence = structs.replace(
        scenario.sequence,
        tokens=None,
        vocabulary=inputs.vocabulary or None,
        inputs=(*inputs.items, *guessed),
        targets=(*targets.items, *(nothing for _ in guessed)),
    )
    xi = scenario.backward.xi
    # What the added edges weigh is nobody's loss.
    backward = structs.replace(scenario.backward, xi=None if xi is None else (*xi, *(1.0 for _ in guessed)))
    return structs.replace(scenario, sequence=sequence, backward=backward)


def _refusal(scenario: Scenario, inputs: Items, targets: Items, sampling: Sampling | None) -> Phrase | None:
    """Why nothing can follow in a scenario, whatever it predicts."""
    match loss_of(scenario, targets).name:
        case "cross_entropy":
            if not (_in_symbols(inputs) and _in_symbols(targets)):
                return phrase("generation.only_symbols")
        case "squared_error":
            if _in_symbols(inputs) or _in_symbols(targets):
                return phrase("generation.only_vectors")
            if inputs.size != targets.size:
                return phrase("generation.sizes", K=targets.size, D=inputs.size)
            if sampling is not None:
                return phrase("generation.nothing_to_draw")
        case kind:
            return phrase("generation.kind", kind=kind)
    return None


def _in_symbols(side: Items) -> bool:
    """Whether the side's items stand for symbols, also where all of them are empty."""
    return bool(side.vocabulary) and all(isinstance(item, str) or not item for item in side.items)


def _predicted(network: Network, inputs: Items, symbolic: bool, sampling: Sampling | None) -> Iterator[Item]:  # noqa: FBT001  # a private helper
    """What is read at T + 1, T + 2, …, without end."""
    with np.errstate(all="ignore"):
        values, o = forward(network, inputs.array)
    t, logits = len(inputs.items), o[-1]
    states = [
        {name: layer[name][-1] for name in cell.states} for cell, layer in zip(network.cells_at(t), values, strict=True)
    ]
    while True:
        t += 1
        if not np.isfinite(logits).all():
            raise GenerationError(phrase("generation.not_finite"))
        if symbolic:
            chosen = _chosen(logits, t, sampling)
            yield inputs.vocabulary[chosen]
            x = np.eye(inputs.size)[chosen]
        else:
            yield tuple(map(float, logits))
            x = logits
        logits = _step(network, t, x, states)


def _chosen(logits: Array, t: int, sampling: Sampling | None) -> int:
    """Which entry of o [K] is read at step ``t``."""
    if sampling is None:
        return int(np.argmax(softmax(logits)))
    with np.errstate(all="ignore"):
        # Subtracted first, so that however small the temperature the largest stays finite.
        likely = softmax((logits - logits.max()) / sampling.temperature)
    return int(np.random.default_rng([sampling.seed, t]).choice(len(likely), p=likely))


def _step(network: Network, t: int, x: Array, states: list[dict[str, Array]]) -> Array:
    """o_t [K] from x_t [D]; the states of all layers become those after step ``t``."""
    with np.errstate(all="ignore"):
        for layer, cell in enumerate(network.cells_at(t)):
            values = sweep.forward(cell, network.parameters, x[None], states[layer])
            states[layer] = {name: values[name][-1] for name in cell.states}
            x = values["h"][-1]
        last = {"h": np.stack([x, x])}
        o: Array = network.output.right.value(sweep.AtAllSteps(last, network.parameters))[-1]
    return o
