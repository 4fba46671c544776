"""Scenes with the derivation that belongs to their cursor, and what is read off the panel that draws them."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec import structs
from test_views import lesson, long_lesson, scene_of, text_of

from bptt_viz.derivation.comparison import Comparison, compare
from bptt_viz.derivation.outline import outline
from bptt_viz.derivation.symbolic import terms as derive
from bptt_viz.derivation.window import STEPS, window_at, window_of
from bptt_viz.timeline import Phase
from bptt_viz.views import derivation_view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.derivation.result import Derivation, Term
    from bptt_viz.views.canvas import Line, Span
    from bptt_viz.views.scene import Lesson, Scene

#: As small as it gets, beside the ledger, alone under the network, on a wall; and with all the room.
COMPACT = [(58, 1), (58, 4), (74, 7), (78, 9), (118, 8), (130, 15)]
LARGE = [(58, 8), (78, 12), (118, 21), (198, 36)]
PARTS = {"en": r"part (\d+) of (\d+)", "zh": r"第 (\d+) 部分，共 (\d+) 部分"}


@cache
def compared(taught: Lesson, first: int, parameter: str) -> Comparison:
    """A derivation of a lesson, beside the engine."""
    window = window_of(taught.trace, first, STEPS, parameter)
    return compare(structs.replace(outline(window), terms=tuple(derive(window))), taught.trace)


def with_derivation(scene: Scene) -> Scene:
    """The scene with the derivation that belongs to its cursor."""
    T = scene.trace.T
    comparison = compared(scene.lesson, window_at(T, scene.t), scene.parameter)
    return replace(scene, derivation=comparison.derivation, comparison=comparison)


def at_step(name: str, t: int, **choices: Any) -> Scene:
    """The end of backward step ``t`` of a bundled scenario."""
    taught = lesson(name)
    return with_derivation(scene_of(taught, taught.timeline.end_of(Phase.BACKWARD, t), **choices))


def long_scene(**choices: Any) -> Scene:
    """A window inside twelve steps: the end of backward step 4."""
    taught = long_lesson(12)
    return with_derivation(scene_of(taught, taught.timeline.end_of(Phase.BACKWARD, 4), **choices))


def derivation_of(scene: Scene) -> Derivation:
    """The derivation of a scene that has one."""
    assert scene.derivation is not None
    return scene.derivation


def comparison_of(scene: Scene) -> Comparison:
    """The comparison of a scene that has one."""
    assert scene.comparison is not None
    return scene.comparison


def drawn(scene: Scene, width: int, height: int) -> list[str]:
    """The panel, as text."""
    return [text_of(line) for line in derivation_view.draw(scene, width, height)]


def pages(scene: Scene, width: int, height: int) -> Iterator[list[Line]]:
    """All parts of the chosen term."""
    lines = derivation_view.draw(scene, width, height)
    found = re.search(PARTS[scene.language], "\n".join(map(text_of, lines)))
    for page in range(int(found[2]) if found else 1):
        yield derivation_view.draw(replace(scene, scroll=page), width, height)


def all_text(scene: Scene, width: int, height: int) -> str:
    """All parts of the chosen term, as text."""
    return "\n".join(text_of(line) for lines in pages(scene, width, height) for line in lines)


def in_full(lines: list[Line]) -> list[Line]:
    """What is below the list: the chosen term in full, from its heading on."""
    return lines[next(row for row, line in enumerate(lines) if text_of(line).startswith("──")) :]


def pair_of(term: Term) -> str:
    """A term as the list names it: ``5,4``."""
    return f"{term.t},{term.k}"


def rows(lines: list[Line]) -> Iterator[tuple[str, Line]]:
    """The rows of the list: their terms, as ``pair_of`` says them, and themselves."""
    for line in lines:
        found = re.match(r"[ ↑↓][●◉○]\((\d+,\d+)\)", text_of(line))
        if found:
            yield found[1], line


def spans(lines: list[Line]) -> Iterator[Span]:
    """All spans of some lines."""
    for line in lines:
        yield from line
