"""A scenario with a network's parameters as they are now → a scenario file. Imports ``document`` and ``scenario``.

The TOML is written here and not by a library: tomli-w, the one that is kept well, gives every number of a matrix a line
of its own, and a scenario is a file that people read and change.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo, fields, replace

from bptt_viz.document import LARGEST
from bptt_viz.errors import Problem, ScenarioError
from bptt_viz.messages import phrase
from bptt_viz.scenario import Scenario
from bptt_viz.wording import key_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bptt_viz.activations import Array
    from bptt_viz.network import Network

#: Longest line of an array, in characters; but a row of a matrix is never broken.
_LONGEST: Final = 100


def scenario_toml(scenario: Scenario, network: Network, source: str) -> str:
    """The scenario as a file, with all parameters of ``network`` in it and so without ``network.weights``.

    Loaded again, the file gives the same scenario with the same parameters to the last bit. Keys that have their
    default are left out.

    Parameters
    ----------
    source
        What messages call the file that the text is for.

    Raises
    ------
    ScenarioError
        If the file could not be loaded again: numbers that are not finite, or too many of them.
    """
    wrong = tuple(_not_finite(network.parameters))
    if wrong:
        raise ScenarioError(source, wrong)
    values = {name: array.tolist() for name, array in network.parameters.items()}
    stated = {field.name: getattr(scenario, field.name) for field in fields(Scenario)}
    whole = Scenario(**stated | {"network": replace(scenario.network, weights=None, parameters=values)})
    text = "".join(_table(_stated(whole), "")).lstrip()
    size = len(text.encode())
    if size > LARGEST:
        limit = phrase("expected.size", limit=LARGEST // 2**20)
        raise ScenarioError(source, (Problem("", limit, phrase("found.bytes", size=size)),))
    return text


def save(path: Path, text: str, *, overwrite: bool = False) -> None:
    """Write a file, all of it or nothing.

    Raises
    ------
    ScenarioError
        If there is something at ``path`` already and ``overwrite`` does not say that it may go, or if the file cannot
        be written; what was there before is there still.
    """
    try:
        if overwrite and path.exists():
            _put(path.resolve(), text)
            return
        with path.open("xb"):
            pass  # the name is taken: whatever comes now, it is nobody else's file that goes
        try:
            _put(path, text)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    except FileExistsError:
        raise _refusal(path, Problem("", phrase("expected.new_file"), phrase("found.existing"))) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        found = phrase("found.reason", reason=reason)
        raise _refusal(path, Problem("", phrase("expected.writable"), found)) from None


def _refusal(path: Path, problem: Problem) -> ScenarioError:
    return ScenarioError(str(path), (problem,))


def _put(path: Path, text: str) -> None:
    """Replace the file at ``path`` by one with ``text``, which keeps its permissions."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:32]}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, name)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _not_finite(parameters: Mapping[str, Array]) -> Iterator[Problem]:
    for name, array in parameters.items():
        for index in np.argwhere(~np.isfinite(array))[:1]:
            where = key_path("network.parameters", name) + "".join(f"[{i}]" for i in index)
            value = repr(float(array[tuple(index)]))
            yield Problem(where, phrase("expected.number"), phrase("found.written", value=value))


def _stated(struct: Struct) -> dict[str, object]:
    """The keys of a table that do not have their default."""
    values = ((field, getattr(struct, field.name)) for field in fields(struct))
    return {field.name: value for field, value in values if value != _default(field)}


def _default(field: FieldInfo) -> object:
    return field.default_factory() if field.default_factory is not NODEFAULT else field.default


def _table(values: Mapping[str, object], path: str) -> Iterator[str]:
    """The lines of a table and of the tables in it, which come last."""
    inner = {key: value for key, value in values.items() if _has_header(value)}
    if path:
        yield f"\n[{path}]\n"
    yield from (f"{key_path('', key)} = {_written(value)}\n" for key, value in values.items() if key not in inner)
    for key, value in inner.items():
        yield from _table(_stated(value) if isinstance(value, Struct) else _as_dict(value), key_path(path, key))


def _has_header(value: object) -> bool:
    """Whether it is a table that the format documents as one; those of which every key is required stand inline."""
    return isinstance(value, dict) or (isinstance(value, Struct) and not all(field.required for field in fields(value)))


def _as_dict(value: object) -> dict[str, object]:
    assert isinstance(value, dict), "the other kind of table"
    return value


def _written(value: object) -> str:
    """A value as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, (list, tuple)):
        return _array(value)
    if isinstance(value, Struct):
        return "{ " + ", ".join(f"{key} = {_written(inner)}" for key, inner in _stated(value).items()) + " }"
    # Of a float, the shortest digits that give it back.
    return repr(value)


def _string(text: str) -> str:
    lines = [json.dumps(line, ensure_ascii=False)[1:-1].replace("\x7f", "\\u007f") for line in text.split("\n")]
    return f'"{lines[0]}"' if len(lines) == 1 else '"""\n' + "\n".join(lines) + '"""'


def _array(values: Sequence[object]) -> str:
    items = [_row(value) if isinstance(value, (list, tuple)) else _written(value) for value in values]
    joined = ", ".join(items)
    if len(joined) <= _LONGEST:
        return f"[{joined}]"
    lines: list[str] = []
    for item in items:
        # Rows one below the other; of single values as many as a line takes.
        if lines and not item.startswith("[") and len(lines[-1]) + len(item) + 2 <= _LONGEST:
            lines[-1] += f" {item},"
        else:
            lines.append(f"  {item},")
    return "[\n" + "\n".join(lines) + "\n]"


def _row(values: Sequence[object]) -> str:
    return "[" + ", ".join(map(_written, values)) + "]"
