"""What training has come to at one time, and what more updates make of it. Imports ``engine`` and what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from bptt_viz import engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from bptt_viz.activations import Array
    from bptt_viz.network import Network
    from bptt_viz.tracing import Mask, Trace

#: The loss, ‖∇‖ before any clipping, and whether clipping changes the gradient, with the parameters of one moment.
Seen = tuple[float, float, bool]

# Roughly, in seconds on an ordinary machine: an update, an equation of it at a step, and a weight at a step.
_PER_UPDATE: Final = 1e-4
_PER_EQUATION: Final = 1e-5
_PER_WEIGHT: Final = 1e-9


class Divergence(Struct, frozen=True):
    """What is not finite any more.

    Attributes
    ----------
    quantity
        The first parameter with such an entry, or ``loss``: where that began is in the trace's ``overflow``.
    entry
        The parameter's first such entry, from 0; empty for the loss.
    """

    quantity: str
    entry: tuple[int, ...] = ()


class Curves(Struct, frozen=True, eq=False):
    """What was seen with each of n sets of parameters that follow each other by one update.

    Attributes
    ----------
    losses
        L, float64 [n].
    norms
        ‖∇‖ over all parameters together, before any clipping, float64 [n].
    clipped
        Whether the scenario's clipping changes that gradient, [n].
    """

    losses: Array
    norms: Array
    clipped: Mask

    @classmethod
    def of(cls, seen: Sequence[Seen]) -> Curves:
        """Of what was seen, in order."""
        losses, norms, clipped = zip(*seen, strict=True) if seen else ((), (), ())
        return cls(np.array(losses, dtype=np.float64), np.array(norms, dtype=np.float64), np.array(clipped, dtype=bool))

    def __len__(self) -> int:
        return len(self.losses)

    def __getitem__(self, part: slice) -> Curves:
        return Curves(self.losses[part], self.norms[part], self.clipped[part])

    def __add__(self, more: Curves) -> Curves:
        return Curves(
            np.concatenate([self.losses, more.losses]),
            np.concatenate([self.norms, more.norms]),
            np.concatenate([self.clipped, more.clipped]),
        )


@dataclass(frozen=True, eq=False)
class Moment:
    """The state of training after n updates.

    Attributes
    ----------
    network
        With its parameters as they are now.
    curves
        What was seen before each update and is seen now: n + 1 entries, index i after i updates.
    """

    network: Network
    curves: Curves

    @classmethod
    def of(cls, trace: Trace) -> Moment:
        """Before any update."""
        return cls(trace.network, Curves.of([seen_in(trace)]))

    @property
    def updates(self) -> int:
        """How many updates were done."""
        return len(self.curves) - 1

    @cached_property
    def divergence(self) -> Divergence | None:
        """What ends the training here: a parameter or the loss that is not finite; None where it can go on."""
        return divergence(self.network, float(self.curves.losses[-1]))

    def after(self, curves: Curves, network: Network) -> Moment:
        """After further updates, with what was seen after each and the network after the last."""
        return Moment(network, self.curves + curves)

    def at(self, trace: Trace) -> Moment:
        """After as many updates, but with the parameters of a trace: they were edited."""
        return Moment(trace.network, self.curves[:-1] + Curves.of([seen_in(trace)]))


def further(moment: Moment, trace: Trace, updates: int) -> tuple[Moment, Trace]:
    """So many steps of gradient descent later, or fewer where :attr:`Moment.divergence` ends them, and the trace there.

    ``trace`` is that of ``moment``.

    Raises
    ------
    ValueError
        If ``updates`` is negative.
    """
    if updates < 0:
        raise ValueError(f"updates: expected 0 or more, found {updates}")
    seen: list[Seen] = []
    for later in islice(descent(trace), updates):
        seen.append(seen_in(later))
        trace = later
    return moment.after(Curves.of(seen), trace.network), trace


def descent(trace: Trace) -> Iterator[Trace]:
    """The traces after one more update, and one more, until a parameter or the loss is not finite."""
    while divergence(trace.network, trace.loss) is None:
        trace = engine.updated(trace)
        yield trace


def expected_seconds(network: Network, T: int, updates: int) -> float:
    """About how long updates over T steps take: good enough to tell what may be done between two keys."""
    equations = sum(len(cell.equations) for cell in network.cells)
    weights = sum(values.size for values in network.parameters.values())
    return updates * (_PER_UPDATE + T * (_PER_EQUATION * equations + _PER_WEIGHT * weights))


def seen_in(trace: Trace) -> Seen:
    """What the curves tell of a trace."""
    clipped = trace.clipped_gradients
    acts = clipped is not None and any(not np.array_equal(clipped[name], trace.gradients[name]) for name in clipped)
    return trace.loss, trace.gradient_norm, acts


def divergence(network: Network, loss: float) -> Divergence | None:
    """What is not finite of some parameters and their loss, the parameters first; None where all is."""
    for name, values in network.parameters.items():
        finite = np.isfinite(values)
        if not finite.all():
            first = np.unravel_index(int(np.argmin(finite)), values.shape)
            return Divergence(name, tuple(int(index) for index in first))
    return None if np.isfinite(loss) else Divergence("loss")


def extremes(ys: Array, stretches: int) -> NDArray[np.intp]:
    """Where, ascending, the least and the largest of each of so many stretches are, and both ends of the curve.

    All of a short curve. NaN counts as an extreme.
    """
    length = -(-len(ys) // stretches)
    if length <= 2:
        return np.arange(len(ys))
    # The last stretch is filled up with what ends it.
    rows = np.concatenate([ys, np.full(-len(ys) % length, ys[-1])]).reshape(-1, length)
    starts = length * np.arange(len(rows))
    places = np.concatenate([starts + rows.argmin(axis=1), starts + rows.argmax(axis=1), [0, len(ys) - 1]])
    return np.unique(np.minimum(places, len(ys) - 1))
