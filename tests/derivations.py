"""What the tests of the derivation share: deriving a window, and the number that a shown formula stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from hypothesis import strategies as st
from msgspec.structs import replace

from bptt_viz import engine
from bptt_viz.derivation.comparison import Comparison, compare
from bptt_viz.derivation.outline import outline
from bptt_viz.derivation.symbolic import deriving, terms
from bptt_viz.derivation.window import window_of
from bptt_viz.notation import MeanFactor, Power, Quotient, Symbol
from bptt_viz.scenario import (
    BackwardTable,
    CellKind,
    InitialTable,
    LossKind,
    LossTable,
    NetworkTable,
    Scenario,
    SequenceTable,
)

if TYPE_CHECKING:
    from bptt_viz.derivation.result import Derivation
    from bptt_viz.notation import Formula
    from bptt_viz.tracing import Trace

TOLERANCE = 1e-9
_SIGNS = {"−": "-", "·": "*", "½": "0.5", "[": "(", "]": ")", "σ(": "sigmoid("}
_FUNCTIONS = {"tanh": np.tanh, "sigmoid": lambda a: 1 / (1 + np.exp(-a)), "relu": lambda a: max(a, 0.0)}


def derive(trace: Trace, parameter: str = "W", first: int = 1, steps: int = 3) -> Derivation:
    """A whole derivation."""
    window = window_of(trace, first, steps, parameter)
    return replace(outline(window), terms=tuple(terms(window)))


def derive_and_compare(trace: Trace, parameter: str = "W", first: int = 1, steps: int = 3) -> Comparison:
    """A derivation beside the engine."""
    return compare(derive(trace, parameter, first, steps), trace)


def forget() -> None:
    """As in a new process: nothing is derived yet."""
    deriving.of_network.cache_clear()
    deriving.of_parameter.cache_clear()


def random_trace(
    H: int,
    D: int,
    K: int,
    activation: str = "tanh",
    loss: str = "squared_error",
    T: int = 3,
    seed: int = 0,
    **more: Any,
) -> Trace:
    """A network of drawn weights over drawn inputs; targets are distributions."""
    rng = np.random.default_rng(seed)
    shapes = {"U": (H, D), "W": (H, H), "b": (H,), "V": (K, H), "c": (K,)}
    parameters = {name: rng.normal(scale=0.7, size=shape).tolist() for name, shape in shapes.items()} | more
    scenario = Scenario(
        sequence=SequenceTable(
            inputs=tuple(map(tuple, rng.normal(size=(T, D)).tolist())),
            targets=tuple(map(tuple, rng.dirichlet(np.ones(K), size=T).tolist())),
            initial_state=tuple(rng.normal(size=H).tolist()),
        ),
        network=NetworkTable(H, activation=activation, parameters=parameters),  # type: ignore[arg-type]
        title="a lesson",
        loss=LossTable(loss),  # type: ignore[arg-type]
    )
    return engine.trace(scenario)


@st.composite
def networks(draw: st.DrawFn, most_units: int = 3) -> Scenario:
    """Every cell, up to three layers, sometimes a decoder, sometimes truncated; T 2..5; two of the targets may miss."""
    cell = draw(st.sampled_from(get_args(CellKind)))
    H, layers, T = draw(st.integers(1, most_units)), draw(st.integers(1, 3)), draw(st.integers(2, 5))
    D, K = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    targets = [tuple(row) for row in rng.dirichlet(np.ones(K), size=T).tolist()]
    for t in draw(st.sets(st.integers(0, T - 2), max_size=2)):
        targets[t] = ()
    state = rng.normal(size=(layers, H)).tolist()
    backward = draw(
        st.sampled_from(
            [
                BackwardTable(),
                BackwardTable("window", length=2),
                BackwardTable("segments", length=2),
                BackwardTable("randomized", xi=tuple(1.5 * float(one) for one in rng.integers(0, 2, T))),
            ]
        )
    )
    return Scenario(
        sequence=SequenceTable(
            inputs=tuple(map(tuple, rng.normal(size=(T, D)).tolist())),
            targets=tuple(targets),
            initial_state=tuple(state[0]) if layers == 1 else tuple(map(tuple, state)),
            decoder_from=draw(st.one_of(st.none(), st.integers(2, T))),
        ),
        network=NetworkTable(
            H,
            cell=cell,
            layers=layers,
            bias=draw(st.booleans()),
            reset=draw(st.sampled_from(["before", "after"])),
            initial=InitialTable("normal", 0.7, draw(st.integers(0, 99))),
        ),
        title="a lesson",
        loss=LossTable(draw(st.sampled_from(get_args(LossKind))), draw(st.sampled_from(["sum", "mean"]))),
        backward=backward,
    )


def number(formula: Formula, trace: Trace) -> float:
    """What a shown formula is worth, its symbols read off the trace."""
    values: dict[str, Any] = dict(_FUNCTIONS)
    return float(eval(_python(formula, trace, values), {"__builtins__": {}}, values))  # noqa: S307  # our own tokens


def _python(formula: Formula, trace: Trace, values: dict[str, Any]) -> str:
    pieces = []
    for token in formula:
        match token:
            case Symbol():
                name = f"v{len(values)}"
                values[name] = _value(token, trace)
                pieces.append(name)
            case Power(base, exponent):
                pieces.append(f"({_python(base, trace, values)})**{exponent}")
            case Quotient(above, below):
                pieces.append(f"({_python(above, trace, values)})/({_python(below, trace, values)})")
            case MeanFactor(count):
                pieces.append(f"(1/{count})*")
            case str():
                text = token
                for sign, meant in _SIGNS.items():
                    text = text.replace(sign, meant)
                pieces.append(text)
            case _:
                raise TypeError(token)
    return "".join(pieces)


def _value(symbol: Symbol, trace: Trace) -> np.float64:
    entry = tuple(int(one) - 1 for one in symbol.entry)
    if symbol.name in trace.parameters:
        assert symbol.t is None
        whole = trace.parameters[symbol.name]
    elif symbol.name in trace.layers[-1].values and symbol.name != "x":
        assert bool(symbol.layer) == (len(trace.layers) > 1)
        whole = trace.layers[max(symbol.layer - 1, 0)].values[symbol.name][int(symbol.t or 0)]
    else:
        assert isinstance(symbol.t, int)
        whole = getattr(trace, symbol.name)[symbol.t - 1]
    # An entry is left out where there is only one.
    return whole[entry] if entry else np.float64(whole.item())
