"""A scenario file → a checked Scenario, or every problem of the file at once. Never imports numpy itself.

Reading TOML is in ``document``, types are in ``conversion``, checks across keys in ``checking``.
Nothing in a file is evaluated. One key names another file, ``network.weights``: see ``check_weights``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bptt_viz.checking import check
from bptt_viz.conversion import MOST_PROBLEMS, convert
from bptt_viz.document import contents, document
from bptt_viz.errors import Problem, ScenarioError
from bptt_viz.messages import phrase
from bptt_viz.scenario import ScenarioWithWeights

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bptt_viz.scenario import Scenario, VectorOrMatrix


def read(path: Path) -> Scenario:
    """The scenario in the file at ``path``.

    Raises
    ------
    ScenarioError
        With every problem found, if the file cannot be read or is not a valid scenario.
    """
    return parse(contents(path), str(path), path.parent)


def parse(data: bytes, source: str, folder: Path | None = None) -> Scenario:
    """The scenario that ``data`` holds, as the bytes of a file.

    Parameters
    ----------
    source
        What messages call the file.
    folder
        Where the file is, if it is one: where its ``network.weights`` starts from.

    Raises
    ------
    ScenarioError
        With every problem found, in the order in which the file states the keys.
    """
    stated = document(data, source)
    draft, problems = convert(stated)
    problems += check(draft, MOST_PROBLEMS + 1 - len(problems))
    scenario = draft.scenario
    if scenario.network.weights is not None:
        from bptt_viz.check_weights import weights  # noqa: PLC0415  # start-up time: few scenarios name such a file

        from_weights, more = weights(draft, folder, MOST_PROBLEMS + 1 - len(problems))
        problems += more
        scenario = _with(scenario, from_weights)
    if problems:
        problems.sort(key=lambda problem: _position(stated, problem.where))
        raise ScenarioError(source, _bounded(problems))
    return scenario


def _with(scenario: Scenario, from_weights: dict[str, VectorOrMatrix]) -> ScenarioWithWeights:
    stated = {field: getattr(scenario, field) for field in scenario.__struct_fields__}
    return ScenarioWithWeights(**stated, from_weights=from_weights)


def _bounded(problems: list[Problem]) -> tuple[Problem, ...]:
    if len(problems) <= MOST_PROBLEMS:
        return tuple(problems)
    more = Problem("", phrase("expected.fewer_problems", limit=MOST_PROBLEMS), phrase("found.more_problems"))
    return (*problems[:MOST_PROBLEMS], more)


def _position(stated: Mapping[str, object], where: str) -> tuple[int, ...]:
    """Where the file states the key path: the index of each of its parts in the table or array around it."""
    indices: list[int] = []
    inside: object = stated
    for key, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", where):
        if isinstance(inside, dict) and key in inside:
            indices.append(list(inside).index(key))
            inside = inside[key]
        elif index:
            indices.append(int(index))
        else:
            indices.append(len(inside) if isinstance(inside, dict) else 0)
            break
    return tuple(indices)
