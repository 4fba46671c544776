"""The frozen structure of a scenario file: its tables, their keys and defaults. Imports only msgspec.

Nothing here reads a file or checks one key against another: see ``loading`` and ``checking``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

CellKind = Literal["rnn", "lstm", "gru"]
ActivationName = Literal["tanh", "relu", "sigmoid", "identity"]
LossKind = Literal["cross_entropy", "squared_error", "binary_cross_entropy"]
Reduction = Literal["sum", "mean"]
StrategyKind = Literal["full", "window", "segments", "randomized"]

Vector = tuple[float, ...]
#: A vector, or a matrix row by row; ``checking`` refuses a mixture (msgspec cannot tell two kinds of list apart).
VectorOrMatrix = tuple[float | Vector, ...]
#: One step's input or target: a symbol, a vector, or ``""`` / ``[]`` for nothing.
Item = str | Vector
#: The upper bound is far beyond what fits in memory together; ``checking`` says what does.
Count = Annotated[int, Meta(ge=1, le=2**27)]
Seed = Annotated[int, Meta(ge=0)]
Positive = Annotated[float, Meta(gt=0)]


class Translated(Struct, frozen=True, forbid_unknown_fields=True):
    """A text in both languages."""

    en: str
    zh: str


Text = str | Translated


class SequenceTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``[sequence]``: ``tokens`` (a language model), or ``inputs`` with ``targets``.

    From step ``decoder_from`` on a second set of the cells' parameters is used, whose names end in ``_dec``.
    """

    tokens: tuple[str, ...] | None = None
    vocabulary: tuple[str, ...] | None = None
    inputs: tuple[Item, ...] | None = None
    targets: tuple[Item, ...] | None = None
    initial_state: VectorOrMatrix | None = None
    decoder_from: Annotated[int, Meta(ge=2)] | None = None


class InitialTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``[network.initial]``: how parameters that the file does not give are drawn.

    ``scale`` is the half-width of ``uniform``, the standard deviation of ``normal`` and a factor
    for the others; absent, it is 0.5 for the first two and 1 for the rest.
    """

    method: Literal["uniform", "normal", "xavier", "orthogonal", "identity", "zeros"] = "uniform"
    scale: Annotated[float, Meta(ge=0)] | None = None
    seed: Seed = 1


class NetworkTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``[network]``; ``weights`` is the path of a file with parameters, from the scenario's own folder."""

    hidden_size: Count
    cell: CellKind = "rnn"
    layers: Count = 1
    activation: ActivationName = "tanh"
    bias: bool = True
    reset: Literal["before", "after"] = "before"
    weights: str | None = None
    initial: InitialTable = InitialTable()
    parameters: dict[str, VectorOrMatrix] = {}


class LossTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``[loss]``; without a ``kind``: cross_entropy for symbols, squared_error for numbers."""

    kind: LossKind | None = None
    reduction: Reduction = "sum"


class BackwardTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``[backward]``: which of the chain-rule terms are kept."""

    strategy: StrategyKind = "full"
    length: Count | None = None
    probability: Annotated[float, Meta(gt=0, le=1)] | None = None
    seed: Seed = 0
    xi: Vector | None = None


class ClipTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``clip``: by the norm of all parameters' gradients together, or entry by entry."""

    kind: Literal["norm", "value"]
    threshold: Positive


class UpdateTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``[update]``: one step of stochastic gradient descent."""

    learning_rate: Annotated[float, Meta(ge=0)] = 0.1
    clip: ClipTable | None = None


class LectureTable(Struct, frozen=True, forbid_unknown_fields=True):
    """``[lecture]``: how the app opens; notations are files, so that ``checking`` knows their names.

    ``beside`` names bundled scenarios, whose gradients are drawn beside this one's.
    """

    notation: str = "goodfellow"
    language: Literal["en", "zh"] | None = None
    beside: tuple[str, ...] = ()


class Scenario(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole scenario file; every default of the format is here and only here."""

    sequence: SequenceTable
    network: NetworkTable
    title: Text = ""
    description: Text = ""
    loss: LossTable = LossTable()
    backward: BackwardTable = BackwardTable()
    update: UpdateTable = UpdateTable()
    lecture: LectureTable = LectureTable()

    @property
    def given_parameters(self) -> Mapping[str, VectorOrMatrix]:
        """The parameters that are not drawn."""
        return self.network.parameters


class ScenarioWithWeights(Scenario, frozen=True, forbid_unknown_fields=True):
    """A scenario file with what the file holds that its ``network.weights`` names.

    ``from_weights`` has no parameter that stands in ``[network.parameters]``.
    """

    from_weights: dict[str, VectorOrMatrix] = {}

    @property
    def given_parameters(self) -> Mapping[str, VectorOrMatrix]:
        """The parameters that are not drawn."""
        return {**self.from_weights, **self.network.parameters}
