"""Editing one entry of one parameter: what may be put where, and the network after it. Imports ``network``."""

from __future__ import annotations

import math
import re
import sys
from typing import TYPE_CHECKING, Final

from bptt_viz.errors import Problem
from bptt_viz.formatting import significant
from bptt_viz.messages import phrase
from bptt_viz.wording import shortened

if TYPE_CHECKING:
    from bptt_viz.network import Network

#: What is taken for a number that somebody types: Python would take more, such as ``1_0`` and ``inf``.
_NUMBER: Final = re.compile(r"[+−-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+−-]?[0-9]+)?")


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
    if not math.isfinite(value):
        found = phrase("found.written", value=value)
        raise ValueError(Problem(name + _written(entry), phrase("expected.number"), found).told())
    values[entry] = value
    values.setflags(write=False)
    return network.with_parameters({**network.parameters, name: values})


def parsed(where: str, text: str) -> float | Problem:
    """The new value that somebody typed for the entry that is written ``where``, or what is wrong with it."""
    typed = text.strip()
    if _NUMBER.fullmatch(typed) is None:
        found = phrase("found.written", value=shortened(typed)) if typed else phrase("found.no_text")
        return Problem(where, phrase("expected.typed_number"), found)
    value = float(typed.replace("−", "-"))
    if math.isfinite(value):
        return value
    expected = phrase("expected.smaller_number", largest=significant(sys.float_info.max))
    return Problem(where, expected, phrase("found.written", value=shortened(typed)))


def problem_of_entry(name: str, shape: tuple[int, ...], entry: tuple[int, ...]) -> Problem | None:
    """What is wrong with an entry, from 0, of a parameter; None where it is there. It is told as people count."""
    if len(entry) == len(shape) and all(0 <= at < size for at, size in zip(entry, shape, strict=True)):
        return None
    first, last = _written((0,) * len(shape)), _written(tuple(size - 1 for size in shape))
    found = phrase("found.written", value=_written(entry))
    return Problem(name, phrase("expected.entry", first=first, last=last), found)


def _written(entry: tuple[int, ...]) -> str:
    return f"[{','.join(str(at + 1) for at in entry)}]"
