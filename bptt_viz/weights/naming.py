"""Names of a weights file → the parameters of the network that they stand for. Imports ``network`` and ``cells``.

Besides the scenario format's own names there are those of PyTorch's ``nn.RNN``, ``nn.LSTM`` and ``nn.GRU`` (and of
their single cells, without ``_l0``), which stack the gates in one matrix and have two biases where the equations have
one sum; source: the documentation of these modules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from bptt_viz.cells import Options
from bptt_viz.errors import Problem
from bptt_viz.messages import Phrase, phrase
from bptt_viz.network import DECODER_SUFFIX, ParameterShape
from bptt_viz.wording import key_path, likely, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bptt_viz.scenario import NetworkTable

#: The key whose file is meant, and the key that a GRU's weights need.
WEIGHTS, RESET = "network.weights", "network.reset"
#: Cell → its gates in the order in which PyTorch stacks them.
GATES: Final[Mapping[str, tuple[str, ...]]] = {"rnn": ("",), "lstm": ("i", "f", "g", "o"), "gru": ("r", "z", "n")}

_RECURRENT: Final = re.compile(
    r"(?P<prefix>(?:.*\.)?)(?P<kind>weight|bias)_(?P<side>ih|hh|hr)(?:_l(?P<layer>\d{1,9})(?P<reverse>_reverse)?)?",
    re.DOTALL,
)
_LINEAR: Final[Mapping[str, str]] = {"weight": "V", "bias": "c"}
#: What modules that have no place here have in their names; what they have is ``weight`` and ``bias`` too.
_STRANGERS: Final = {
    "expected.no_embedding": re.compile(r"(?<![^\W\d_])emb|Emb|embed"),
    "expected.no_normalization": re.compile(
        r"(?<![^\W\d_])(?:(?:layer|batch)?norm(?:ali[sz]\w*)?|[lb]n)(?![^\W\d_])|Norm"
    ),
}
#: Messages of problems that are the same whichever array has the name.
ABOUT_NAMES: Final = frozenset(
    {
        *_STRANGERS,
        "expected.weights_entry",
        "expected.weights_listed",
        "expected.one_module",
        "expected.one_direction",
        "expected.no_projection",
        "expected.layer_of_weights",
    }
)
_DECODER: Final = re.compile(r"(?:.*\.)?decoder\.(?:.*\.)?", re.DOTALL)
#: Most names of output layers, and of arrays that there is a place for, that one message lists.
_MOST_LISTED, _MOST_NAMES = 4, 16


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an entry's rows go.

    Attributes
    ----------
    shape
        What the whole entry has to be.
    parameters
        The parameter of each of as many equal parts of its rows; what several entries give is summed.
    side
        Of PyTorch's two biases, the one this is; otherwise empty.
    """

    shape: ParameterShape
    parameters: tuple[str, ...]
    side: str = ""


class Module(NamedTuple):
    """One PyTorch module, or its layer: what its names begin with, and which cell of the network it is."""

    prefix: str
    layer: int
    group: str


@dataclass
class Naming:
    """The names of one file, placed one by one.

    Attributes
    ----------
    shapes
        Every parameter that the network has, or would have with biases.
    placements
        Entry → its place; without those that have none.
    problems
        About the names alone.
    """

    table: NetworkTable
    shapes: Mapping[str, ParameterShape]
    placements: dict[str, Placement] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def decodes(self) -> bool:
        """Whether the network has a decoder."""
        return any(name.endswith(DECODER_SUFFIX) for name in self.shapes)

    def options(self, module: Module) -> Options:
        """How the parameters of the module's cell are named."""
        return Options(suffix=(f"_{module.layer}" if self.table.layers > 1 else "") + module.group)


def place(names: Iterable[str], table: NetworkTable, shapes: Mapping[str, ParameterShape]) -> Naming:
    """Every name's place in the network, and all problems with the names."""
    naming = Naming(table, shapes)
    naming.problems += _placed(naming, list(names))
    return naming


def _placed(naming: Naming, names: list[str]) -> Iterator[Problem]:
    recurrent = {name: match for name in names if (match := _RECURRENT.fullmatch(name))}
    own = {name: tail for name in names if (tail := name.rpartition(".")[2]) in naming.shapes}
    rest = [name for name in names if name not in recurrent and name not in own]
    strangers = {name: stranger for name in rest if (stranger := _stranger(name))}
    linear = {name: tail for name in rest if name not in strangers and (tail := name.rpartition(".")[2]) in _LINEAR}
    unknown = [name for name in rest if name not in strangers and name not in linear]
    naming.placements |= {name: Placement(naming.shapes[tail], (tail,)) for name, tail in own.items()}
    yield from _place_recurrent(naming, recurrent)
    yield from _place_linear(naming, linear)
    yield from _given_twice(naming)
    for name, expected in strangers.items():
        yield Problem(key_path(WEIGHTS, name), phrase(expected), _written(name))
    known = (*naming.shapes, *_wanted(naming))
    for index, name in enumerate(unknown):
        # Looking for what was meant takes its time, and those after the first few are only counted.
        meant = likely(name, known) if index < _MOST_LISTED else ""
        yield Problem(key_path(WEIGHTS, name), _known(known, meant), _written(name))


def _stranger(name: str) -> str:
    """Why a module of that name has no place, if its name says so."""
    return next((expected for expected, pattern in _STRANGERS.items() if pattern.search(name)), "")


def _known(known: tuple[str, ...], meant: str) -> Phrase:
    if meant:
        return phrase("expected.weights_entry", nearest=meant)
    listed = ", ".join(known[:_MOST_NAMES]) + (", …" if len(known) > _MOST_NAMES else "")
    return phrase("expected.weights_listed", known=listed)


def _place_recurrent(naming: Naming, matches: Mapping[str, re.Match[str]]) -> Iterator[Problem]:
    if matches and naming.table.cell == "gru" and naming.table.reset != "after":
        written = phrase("found.written", value=quoted(naming.table.reset))
        yield Problem(RESET, phrase("expected.reset_after"), written)
    prefixes: dict[str, str] = {}
    for name, match in matches.items():
        group = DECODER_SUFFIX if naming.decodes and _DECODER.fullmatch(match["prefix"]) else ""
        expected = _unplaceable(naming, match)
        if expected is None and prefixes.setdefault(group, match["prefix"]) != match["prefix"]:
            expected = phrase("expected.one_module", prefix=quoted(prefixes[group]))
        if expected is not None:
            yield Problem(key_path(WEIGHTS, name), expected, _written(name))
            continue
        module = Module(match["prefix"], int(match["layer"] or 0) + 1, group)
        naming.placements[name] = _stacked(naming, module, match["kind"], match["side"])
    yield from _missing(naming, prefixes)


def _unplaceable(naming: Naming, match: re.Match[str]) -> Phrase | None:
    """What this program's networks would have instead of the entry."""
    if match["reverse"]:
        return phrase("expected.one_direction")
    if match["side"] == "hr":
        return phrase("expected.no_projection")
    if int(match["layer"] or 0) >= naming.table.layers:
        return phrase("expected.layer_of_weights", last=naming.table.layers - 1, layers=naming.table.layers)
    return None


def _stacked(naming: Naming, module: Module, kind: str, side: str) -> Placement:
    options, gates = naming.options(module), GATES[naming.table.cell]
    if kind == "weight":
        parts = tuple(options.name("U" if side == "ih" else "W", gate) for gate in gates)
        side = ""
    else:
        # The bias inside r ⊙ (W_n h⁻ + b_hn) is the one that cannot join the other.
        apart = "b_hn" + options.suffix in naming.shapes and side == "hh"
        parts = tuple(options.name("b", "hn" if apart and gate == "n" else gate) for gate in gates)
    first = naming.shapes[parts[0]]
    rows, axis = first.sizes[0] * len(gates), first.axes[0]
    axes = (f"{len(gates)}·{axis}" if len(gates) > 1 else axis, *first.axes[1:])
    return Placement(ParameterShape((rows, *first.sizes[1:]), axes), parts, side)


def _place_linear(naming: Naming, names: Mapping[str, str]) -> Iterator[Problem]:
    """The one linear layer beside the recurrent ones is the output layer."""
    modules = dict.fromkeys(name.rpartition(".")[0] for name in names)
    if len(modules) > 1:
        listed = ", ".join(quoted(module) for module in list(modules)[:_MOST_LISTED])
        more = ", …" if len(modules) > _MOST_LISTED else ""
        yield Problem(WEIGHTS, phrase("expected.one_output_layer"), phrase("found.written", value=listed + more))
        return
    for name, tail in names.items():
        naming.placements[name] = Placement(naming.shapes[_LINEAR[tail]], (_LINEAR[tail],))


def _missing(naming: Naming, prefixes: Mapping[str, str]) -> Iterator[Problem]:
    """A module of PyTorch's is there as a whole: nobody wants to look at half a trained network."""
    if not prefixes:
        return
    given = {name for placement in naming.placements.values() for name in placement.parameters}
    for name, parameters in _wanted(naming, prefixes).items():
        if not given >= set(parameters) - naming.table.parameters.keys():
            yield Problem(WEIGHTS, phrase("expected.whole_module", name=quoted(name)), phrase("found.not_in_file"))


def _wanted(naming: Naming, prefixes: Mapping[str, str] | None = None) -> dict[str, tuple[str, ...]]:
    """PyTorch's names for the matrices of the network's cells → their parameters."""
    wanted = {}
    for group in ("", DECODER_SUFFIX) if naming.decodes else ("",):
        prefix = (prefixes or {}).get(group, "decoder." if group else "")
        for layer in range(naming.table.layers):
            module = Module(prefix, layer + 1, group)
            for side in ("ih", "hh"):
                name = f"{prefix}weight_{side}_l{layer}"
                wanted[name] = _stacked(naming, module, "weight", side).parameters
    return wanted


def _given_twice(naming: Naming) -> Iterator[Problem]:
    """One entry for each parameter, but for PyTorch's two biases."""
    sources: dict[str, str] = {}
    for name, placement in naming.placements.items():
        for parameter in placement.parameters:
            other = sources.setdefault(parameter, name)
            sides = {placement.side, naming.placements[other].side}
            if other != name and sides != {"ih", "hh"}:
                again = phrase("found.again", value=quoted(name), where=quoted(other))
                yield Problem(key_path(WEIGHTS, name), phrase("expected.one_source", parameter=parameter), again)
                break


def _written(name: str) -> Phrase:
    return phrase("found.written", value=quoted(name))
