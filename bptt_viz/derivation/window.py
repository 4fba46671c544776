"""The few consecutive steps that a derivation is about: their shape and their numbers. Imports the core; never sympy.

The shape is all that the symbols depend on; what was derived for it holds for any numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from bptt_viz.derivation.naming import of_output
from bptt_viz.equations import reads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bptt_viz.activations import Array
    from bptt_viz.cells import Cell
    from bptt_viz.equations import Equation
    from bptt_viz.tracing import Trace

#: Steps of a window: the default, and the least and most that can be asked for.
STEPS: Final = 3
FEWEST, MOST = 2, 4


class Shape(Struct, frozen=True):
    """All that the symbolic derivation depends on; hashable.

    Attributes
    ----------
    cells, output
        The forward equations; one cell per layer.
    D, H, K
        Sizes of input, hidden state and output.
    loss
        The name of the loss.
    steps
        How many time steps, 1..4; the symbols count them from 1.
    parameter
        The parameter whose terms are derived.
    decoder, decoder_from
        The cells from a step of the window on, and that step, which may be before the window or after it.
    """

    cells: tuple[Cell, ...]
    output: Equation
    D: int
    H: int
    K: int
    loss: str
    steps: int
    parameter: str
    decoder: tuple[Cell, ...] = ()
    decoder_from: int = 0

    def cells_at(self, position: int) -> tuple[Cell, ...]:
        """The cell of each layer at a step of the window, from 1."""
        return self.decoder if self.decoder and position >= self.decoder_from else self.cells

    def at(self, position: int) -> Shape:
        """All that what is derived for a step of the window depends on: the same for many of them."""
        return replace(self, cells=self.cells_at(position), decoder=(), decoder_from=0, steps=0)

    def reads(self, position: int) -> bool:
        """Whether a step of the window uses the parameter."""
        equations = [self.output, *(equation for cell in self.cells_at(position) for equation in cell.equations)]
        return any(reads(equation.right, self.parameter) for equation in equations)


class Numbers(Struct, frozen=True, eq=False):
    """What is put into the symbols.

    Attributes
    ----------
    parameters
        Name → value.
    x, y
        Inputs [steps, D] and targets [steps, K].
    entering
        For each layer: state → its value before the window's first step, [H]; held fixed.
    has_target
        Whether a step has a loss, [steps].
    factor
        The loss's reduction factor over the whole sequence.
    """

    parameters: Mapping[str, Array]
    x: Array
    y: Array
    entering: tuple[Mapping[str, Array], ...]
    has_target: tuple[bool, ...]
    factor: float


class Window(Struct, frozen=True, eq=False):
    """Steps ``first`` .. ``first + shape.steps − 1`` of a sequence of ``T`` steps."""

    first: int
    shape: Shape
    numbers: Numbers
    T: int

    @property
    def last(self) -> int:
        """The last step."""
        return self.first + self.shape.steps - 1

    def pairs(self) -> Iterator[tuple[int, int]]:
        """The terms (t, k) in the order of the backward pass: k falls, and for each k, t rises; from 1 in the window.

        A step t without a target has no terms, they would all be 0, and a step k that does not use the parameter has
        none either. Of the output's parameters there is a single one for each t.
        """
        steps = range(1, self.shape.steps + 1)
        output_only = of_output(self.shape)
        for k in reversed(steps):
            if self.shape.reads(k):
                yield from ((t, k) for t in ((k,) if output_only else steps[k - 1 :]) if self.numbers.has_target[t - 1])


def window_of(trace: Trace, first: int, steps: int, parameter: str) -> Window:
    """The window of a trace that starts at step ``first`` (from 1) and has at most ``steps`` steps.

    Raises
    ------
    IndexError
        If ``first`` is no step of the trace.
    KeyError
        If there is no such parameter.
    """
    if not 1 <= first <= trace.T:
        raise IndexError(f"first: expected 1..{trace.T}, found {first}")
    seen = slice(first - 1, min(first - 1 + steps, trace.T))
    network = trace.network
    shape = Shape(
        cells=network.cells,
        output=network.output,
        D=trace.x.shape[1],
        H=len(network.initial_states[0]),
        K=trace.o.shape[1],
        loss=trace.loss_kind.name,
        steps=seen.stop - seen.start,
        parameter=parameter,
        decoder=network.decoder,
        decoder_from=network.decoder_from - first + 1 if network.decoder else 0,
    )
    numbers = Numbers(
        parameters={name: trace.parameters[name] for name in network.parameter_names},
        x=trace.x[seen],
        y=trace.y[seen],
        entering=tuple(
            {state: layer.values[state][first - 1] for state in cell.states}
            for cell, layer in zip(network.cells, trace.layers, strict=True)
        ),
        has_target=tuple(bool(there) for there in trace.has_target[seen]),
        factor=trace.reduction_factor,
    )
    if parameter not in numbers.parameters:
        raise KeyError(parameter)
    return Window(first, shape, numbers, trace.T)


def window_at(T: int, t: int, steps: int = STEPS) -> int:
    """The first step of the window that a cursor at step ``t`` of ``T`` chooses.

    Windows are laid from the end, as the backward pass meets them; the one at the start overlaps its neighbour.
    """
    return max(1, T - (T - t) // steps * steps - steps + 1)
