"""Editing one entry of one parameter: what may be put where, and the network after it. Imports ``network``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bptt_viz.errors import Problem
from bptt_viz.messages import phrase

if TYPE_CHECKING:
    from bptt_viz.network import Network


def edited(network: Network, name: str, entry: tuple[int, ...], value: float) -> Network:
    """The network with ``value`` at an entry, from 0, of the parameter ``name``; all other arrays are shared.

    Raises
    ------
    KeyError
        If there is no such parameter.
    IndexError
        If it has no such entry.
    ValueError
        If the value is not finite.
    """
    if name not in network.parameters:
        raise KeyError(f"parameter: expected one of {', '.join(network.parameters)}, found {name}")
    values = network.parameters[name].copy()
    problem = problem_of_entry(name, values.shape, entry)
    if problem is not None:
        raise IndexError(problem.told())
    problem = problem_of_value(name, entry, value)
    if problem is not None:
        raise ValueError(problem.told())
    values[entry] = value
    values.setflags(write=False)
    return network.with_parameters({**network.parameters, name: values})


def parsed(name: str, entry: tuple[int, ...], text: str) -> float | Problem:
    """The new value that somebody typed, or what is wrong with it."""
    try:
        value = float(text.strip().replace("−", "-"))
    except ValueError:
        found = phrase("found.written", value=text.strip() or "…")
        return Problem(f"{name} {_written(entry)}", phrase("expected.number"), found)
    return problem_of_value(name, entry, value) or value


def problem_of_entry(name: str, shape: tuple[int, ...], entry: tuple[int, ...]) -> Problem | None:
    """What is wrong with an entry, from 0, of a parameter; None where it is there. It is told as people count."""
    if len(entry) == len(shape) and all(0 <= at < size for at, size in zip(entry, shape, strict=True)):
        return None
    first, last = _written((0,) * len(shape)), _written(tuple(size - 1 for size in shape))
    found = phrase("found.written", value=_written(entry))
    return Problem(name, phrase("expected.entry", first=first, last=last), found)


def problem_of_value(name: str, entry: tuple[int, ...], value: float) -> Problem | None:
    """What is wrong with a new value; None where it is finite."""
    if math.isfinite(value):
        return None
    return Problem(f"{name} {_written(entry)}", phrase("expected.number"), phrase("found.written", value=value))


def _written(entry: tuple[int, ...]) -> str:
    return " ".join(str(at + 1) for at in entry)
