"""What the tests of the derivation share: deriving a window, and the number that a shown formula stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace

from bptt_viz import engine
from bptt_viz.derivation.comparison import Comparison, compare
from bptt_viz.derivation.outline import outline
from bptt_viz.derivation.symbolic import deriving, terms
from bptt_viz.derivation.window import window_of
from bptt_viz.notation import MeanFactor, Power, Quotient, Symbol
from bptt_viz.scenario import LossTable, NetworkTable, Scenario, SequenceTable

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
        whole = trace.layers[-1].values[symbol.name][int(symbol.t or 0)]
    else:
        assert isinstance(symbol.t, int)
        whole = getattr(trace, symbol.name)[symbol.t - 1]
    # An entry is left out where there is only one.
    return whole[entry] if entry else np.float64(whole.item())
