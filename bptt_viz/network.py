"""The network of a scenario: its cells, the shapes of its parameters, and their initial values.

Imports ``cells``, ``equations`` and ``scenario``; never a trace.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from msgspec import Struct

from bptt_viz.cells import CELLS, Cell, Options, X, output_layer
from bptt_viz.equations import Affine, affines, reads
from bptt_viz.sequence import sides

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bptt_viz.activations import Array
    from bptt_viz.equations import Equation
    from bptt_viz.scenario import InitialTable, NetworkTable, Scenario

#: What the names of a decoder's own parameters end in.
DECODER_SUFFIX: Final = "_dec"

#: ``[network.initial] scale`` where the file has none.
DEFAULT_SCALE: Final[Mapping[str, float]] = {"uniform": 0.5, "normal": 0.5}


class ParameterShape(Struct, frozen=True):
    """The shape of one parameter, and the words for its axes (``hidden_size``, ``input_size``, …)."""

    sizes: tuple[int, ...]
    axes: tuple[str, ...]

    @property
    def written(self) -> str:
        """``3×3 (hidden_size × hidden_size)``."""
        return f"{'×'.join(map(str, self.sizes))} ({' × '.join(self.axes)})"


@dataclass(frozen=True)
class Network:
    """The cells of all layers, the output layer and the parameters.

    Attributes
    ----------
    cells
        One per layer, from the input upwards, with the layer's own parameter names in the equations.
    parameters
        Name → matrix [out × in] or vector [out], read-only.
    initial_states
        h₀ of each layer, [H].
    decoder
        The cells from step ``decoder_from`` on: the same equations with parameters of their own. Empty: ``cells``
        all along.
    """

    cells: tuple[Cell, ...]
    output: Equation
    parameters: Mapping[str, Array]
    initial_states: tuple[Array, ...]
    decoder: tuple[Cell, ...] = ()
    decoder_from: int = 0

    @cached_property
    def parameter_names(self) -> tuple[str, ...]:
        """In the order in which the equations use them."""
        return tuple(self.parameters)

    def with_parameters(self, parameters: Mapping[str, Array]) -> Network:
        """The same network with other values."""
        return replace(self, parameters=_read_only(parameters))

    def cells_at(self, t: int) -> tuple[Cell, ...]:
        """The cell of each layer at step ``t``; only the names of their parameters change over time."""
        return self.decoder if self.decoder and t >= self.decoder_from else self.cells

    def number_of(self, layer: int | None) -> int:
        """How formulas count layer ``layer`` (from 0): from 1; 0 where there is only one, or none is meant."""
        return 0 if layer is None or len(self.cells) == 1 else layer + 1

    def stages(self, steps: int) -> Iterator[Stage]:
        """The steps 1..``steps`` in runs with the same parameters."""
        if self.decoder and 1 < self.decoder_from <= steps:
            yield Stage(1, self.decoder_from - 1, self.cells)
            yield Stage(self.decoder_from, steps, self.decoder)
        else:
            yield Stage(1, steps, self.cells_at(1))

    def uses(self, cells: tuple[Cell, ...], parameter: str) -> bool:
        """Whether the output layer or one of ``cells`` reads a parameter."""
        equations = [self.output, *(equation for cell in cells for equation in cell.equations)]
        return any(reads(equation.right, parameter) for equation in equations)

    def in_place_of(self, parameter: str) -> str:
        """What the decoder uses where the other steps use ``parameter``, or the other way round."""
        own = parameter.endswith(DECODER_SUFFIX)
        return parameter.removesuffix(DECODER_SUFFIX) if own else parameter + DECODER_SUFFIX

    def starting_at(self, first: int) -> Network:
        """The network for a sequence of which step 1 is step ``first`` of this one's."""
        return replace(self, decoder_from=max(self.decoder_from - first + 1, 1)) if self.decoder else self


class Stage(NamedTuple):
    """Steps first..last, ends included, and the cells that compute them."""

    first: int
    last: int
    cells: tuple[Cell, ...]

    def seen(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """The rows of its steps and of the one before, of a layer's values [T + 1, …]."""
        return {name: rows[self.first - 1 : self.last + 1] for name, rows in values.items()}

    def own(self, adjoints: Mapping[str, Array]) -> dict[str, Array]:
        """The rows of its steps, of a layer's adjoints [T, H]."""
        return {name: rows[self.first - 1 : self.last] for name, rows in adjoints.items()}


def layers_of(table: NetworkTable, group: str = "") -> tuple[Cell, ...]:
    """The cell of each layer; with a ``group`` its own parameters' names end in it."""
    return tuple(
        CELLS[table.cell](
            Options(table.activation, table.bias, table.reset, (f"_{layer}" if table.layers > 1 else "") + group)
        )
        for layer in range(1, table.layers + 1)
    )


def parameter_shapes(
    table: NetworkTable, input_size: int, output_size: int, *, decodes: bool = False
) -> dict[str, ParameterShape]:
    """Every parameter of the network by name, read off its equations; with a decoder, its own ones too."""
    hidden = ("hidden_size", table.hidden_size)
    shapes: dict[str, ParameterShape] = {}
    for group in ("", DECODER_SUFFIX) if decodes else ("",):
        below = ("input_size", input_size)
        for cell in layers_of(table, group):
            for equation in cell.equations:
                for affine in affines(equation.right):
                    _note_shapes(shapes, affine, hidden, {X.name: below}, hidden)
            below = hidden
    for affine in affines(output_layer(bias=table.bias).right):
        _note_shapes(shapes, affine, ("output_size", output_size), {}, hidden)
    return shapes


def _note_shapes(
    shapes: dict[str, ParameterShape],
    affine: Affine,
    out: tuple[str, int],
    special: Mapping[str, tuple[str, int]],
    default: tuple[str, int],
) -> None:
    for matrix, vector in affine.terms:
        into = special.get(getattr(vector, "name", ""), default)
        shapes[matrix] = ParameterShape((out[1], into[1]), (out[0], into[0]))
    if affine.bias is not None:
        shapes[affine.bias] = ParameterShape((out[1],), (out[0],))


def build(scenario: Scenario) -> Network:
    """The network of a checked scenario, parameters given or drawn."""
    inputs, targets = sides(scenario.sequence)
    table, decoder_from = scenario.network, scenario.sequence.decoder_from
    shapes = parameter_shapes(table, inputs.size, targets.size, decodes=decoder_from is not None)
    given = scenario.given_parameters
    parameters = {
        name: np.asarray(given[name], dtype=np.float64) if name in given else draw(table.initial, name, shape)
        for name, shape in shapes.items()
    }
    states = np.zeros((table.layers, table.hidden_size))
    if scenario.sequence.initial_state is not None:
        states[:] = np.asarray(scenario.sequence.initial_state, dtype=np.float64).reshape(states.shape)
    return Network(
        layers_of(table),
        output_layer(bias=table.bias),
        _read_only(parameters),
        tuple(states),
        layers_of(table, DECODER_SUFFIX) if decoder_from is not None else (),
        decoder_from or 0,
    )


def draw(initial: InitialTable, name: str, shape: ParameterShape) -> Array:
    """One parameter's initial value; biases are 0.

    Each parameter has a generator of its own, seeded by ``seed`` and its name, so that giving one
    parameter in the file leaves the others as they were.

    Sources: Glorot & Bengio (2010), eq. 16, for ``xavier``; Saxe et al. (2014) for ``orthogonal``;
    Le, Jaitly & Hinton (2015) for ``identity``.
    """
    if len(shape.sizes) == 1 or initial.method == "zeros":
        return np.zeros(shape.sizes)
    scale = DEFAULT_SCALE.get(initial.method, 1.0) if initial.scale is None else initial.scale
    rows, columns = shape.sizes
    if initial.method == "identity":
        return scale * np.eye(rows, columns)
    generator = np.random.default_rng([initial.seed, zlib.crc32(name.encode())])
    if initial.method == "orthogonal":
        q, r = np.linalg.qr(generator.standard_normal((max(rows, columns), min(rows, columns))))
        q = q * np.where(np.diag(r) < 0, -1.0, 1.0)
        return scale * (q if rows >= columns else q.T)
    if initial.method == "normal":
        return scale * generator.standard_normal(shape.sizes)
    limit = scale * math.sqrt(6.0 / (rows + columns)) if initial.method == "xavier" else scale
    return generator.uniform(-limit, limit, shape.sizes)


def _read_only(parameters: Mapping[str, Array]) -> dict[str, Array]:
    """The parameters for good: copies, but of those that nobody can write to any more."""
    frozen = {}
    for name, values in parameters.items():
        frozen[name] = values if values.base is None and not values.flags.writeable else values.copy()
        frozen[name].setflags(write=False)
    return frozen
