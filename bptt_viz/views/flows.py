"""What the page of gradients through time draws, kept once it is computed: at once where that is quick. No textual.

A view asks for a part; None means that somebody has to call :meth:`Flows.compute` with what :attr:`Flows.wanted` names,
off the thread that draws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from msgspec import Struct

from bptt_viz.blocks import groups_of
from bptt_viz.equations import reads
from bptt_viz.flow import costs
from bptt_viz.flow.curves import beside, curves
from bptt_viz.flow.norms import triangle
from bptt_viz.flow.origin import origin
from bptt_viz.flow.outlook import outlook
from bptt_viz.flow.perturbation import SIZES, growing_direction, perturb
from bptt_viz.flow.spectra import jacobian_singular_values, spectra

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.activations import Array
    from bptt_viz.flow.curves import Beside, Curves
    from bptt_viz.flow.origin import Origin
    from bptt_viz.flow.outlook import Outlook
    from bptt_viz.flow.perturbation import Perturbation
    from bptt_viz.flow.spectra import Spectrum
    from bptt_viz.tracing import Trace

#: What may be computed while a key is being answered: some 5 ms.
_AT_ONCE: Final = costs.CHEAP // 2

#: How many parts of one kind are kept: curves of long sequences are long themselves.
_KEPT: Final = 64

#: What a computation gives that was cancelled.
_GIVEN_UP: Final = object()

Kind = Literal["triangle", "curves", "spectra", "outlook", "jacobian", "perturbations", "origin", "beside"]


class Triangle(Struct, frozen=True, eq=False):
    """log₁₀ ‖∂h_t/∂h_k‖ at chosen steps, t by row and k by column; before the first column that of k = 0.

    Attributes
    ----------
    steps
        All of 1..T, or the last ones of groups.
    norms
        [G, G + 1] for G steps.
    top, bottom
        The largest and the smallest finite logarithm.
    """

    steps: tuple[int, ...]
    norms: Array
    top: float
    bottom: float

    def nearest(self, t: int) -> int:
        """The row that step ``t`` is in."""
        return next(row for row, step in enumerate(self.steps) if step >= t)


class Wanted(Struct, frozen=True):
    """A part that is to be computed; ``number`` is the step that it is of, or the size of a triangle."""

    kind: Kind
    layer: int = 0
    number: int = 0


class Flows:
    """The parts of one trace."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._found: dict[Wanted, Any] = {}
        self._missing: dict[Kind, Wanted] = {}
        self._latest: Curves | None = None

    @property
    def wanted(self) -> Wanted | None:
        """What was asked for last, of any kind, and is not there."""
        return next(iter(self._missing.values()), None)

    def layer_of(self, parameter: str) -> int:
        """The layer whose recurrence a parameter belongs to; the top one for V and c."""
        network = self._trace.network
        for cells in (network.cells, network.decoder):
            for layer, cell in enumerate(cells):
                if any(reads(equation.right, parameter) for equation in cell.equations):
                    return layer
        return len(network.cells) - 1

    def triangle(self, layer: int, count: int) -> Triangle | None:
        """The norms at ``count`` steps at equal distances, the last of them T; fewer where T has no such steps."""
        found: Triangle | None = self._part(
            Wanted("triangle", layer, count), costs.of_triangle(self._trace, layer, count + 1)
        )
        return found

    def curves(self, layer: int, t: int) -> Curves | None:
        """The curves of step ``t``; while they are not there, those of the layer that were there last."""
        found: Curves | None = self._part(Wanted("curves", layer, t), costs.of_curves(self._trace, t, layer))
        self._latest = found or self._latest
        return self._latest if self._latest is not None and self._latest.layer == layer else None

    def spectra(self, layer: int, t: int) -> tuple[Spectrum, ...] | None:
        """The spectra of the recurrent matrices that are used at step ``t``."""
        found: tuple[Spectrum, ...] | None = self._part(
            Wanted("spectra", layer, self._stage_from(t)), costs.of_spectra(self._trace, layer)
        )
        return found

    def outlook(self, layer: int, t: int) -> Outlook | None:
        """What the matrices of steps 1..t prove; None also where there is nothing to be proved."""
        found: Outlook | None = self._part(
            Wanted("outlook", layer, self._stage_from(t)), costs.of_spectra(self._trace, layer)
        )
        return found

    def _stage_from(self, t: int) -> int:
        """The first step that uses the same parameters as step ``t``."""
        return next(stage.first for stage in self._trace.network.stages(self._trace.T) if t <= stage.last)

    def singular_values(self, layer: int, t: int) -> Array:
        """Those of the Jacobian of step ``t``."""
        found: Array = self._part(Wanted("jacobian", layer, t), 0)
        return found

    def perturbations(self, layer: int) -> tuple[Perturbation, ...] | None:
        """h₀ moved along the direction that grows most, by each of the sizes."""
        cost = len(SIZES) * costs.of_perturbation(self._trace, layer)
        found: tuple[Perturbation, ...] | None = self._part(Wanted("perturbations", layer), cost)
        return found

    def beside(self) -> tuple[Beside, ...] | None:
        """The curves of the scenarios that the lesson is compared with; never at once, as files are read for them."""
        if not self._trace.scenario.lecture.beside:
            return ()
        found: tuple[Beside, ...] | None = self._part(Wanted("beside"), _AT_ONCE + 1)
        return found

    def origin(self) -> Origin | None:
        """Where the first number that is not finite arises."""
        found: Origin | None = self._part(Wanted("origin"), 0)
        return found

    def compute(
        self,
        wanted: Wanted,
        progress: Callable[[int], None] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Compute what is wanted and keep it; may run in a thread of its own. ``progress`` is told of each piece."""
        found = self._computed(wanted, progress, cancelled)
        if found is _GIVEN_UP:
            return
        of_steps = [one for one in self._found if one.kind == wanted.kind]
        if len(of_steps) >= _KEPT:
            del self._found[of_steps[0]]
        self._found[wanted] = found
        # Nobody may ask again: what has room may have changed.
        if self._missing.get(wanted.kind) == wanted:
            del self._missing[wanted.kind]

    def _computed(self, wanted: Wanted, progress: Callable[[int], None], cancelled: Callable[[], bool]) -> object:
        trace, layer, number = self._trace, wanted.layer, wanted.number
        match wanted.kind:
            case "triangle":
                return _triangle(trace, layer, number)
            case "curves":
                return curves(trace, number, layer)
            case "spectra":
                return spectra(trace, number, layer)
            case "outlook":
                return outlook(trace, number, layer)
            case "jacobian":
                return jacobian_singular_values(trace, layer, number, number)[0]
            case "perturbations":
                direction = growing_direction(trace, layer)
                return tuple(perturb(trace, size, direction, layer) for size in SIZES)
            case "origin":
                return origin(trace)
            case "beside":
                return _beside(trace, progress, cancelled)

    def _part(self, wanted: Wanted, cost: int) -> Any:  # noqa: ANN401  # each kind has a type of its own
        if wanted not in self._found and cost <= _AT_ONCE:
            self.compute(wanted)
        if wanted in self._found:
            self._missing.pop(wanted.kind, None)
        else:
            self._missing[wanted.kind] = wanted
        return self._found.get(wanted)


def _beside(trace: Trace, progress: Callable[[int], None], cancelled: Callable[[], bool]) -> object:
    found = []
    for count, name in enumerate(trace.scenario.lecture.beside, start=1):
        if cancelled():
            return _GIVEN_UP
        found.append(beside(name))
        progress(count)
    return tuple(one for one in found if one is not None)


def _triangle(trace: Trace, layer: int, count: int) -> Triangle:
    steps = tuple(last for _, last in groups_of(trace.T, count))
    # h₀ is no row: it is its own derivative, and nobody's before it.
    norms = triangle(trace, layer, (0, *steps))[1:]
    finite = norms[np.isfinite(norms)]
    return Triangle(steps, norms, float(finite.max(initial=0.0)), float(finite.min(initial=0.0)))
