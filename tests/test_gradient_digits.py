"""The gradient's sum is written with as many digits in a large terminal as in a small one, each block of it alike."""

from __future__ import annotations

from itertools import takewhile

import pytest
from screens import numbers_in
from test_views import lesson, scene_of, text_of

from bptt_viz.timeline import Phase
from bptt_viz.views import gradient_view

#: The panel's content in a terminal of 80 × 24.
BOARD = (78, 10)


def written(name: str, position: int, size: tuple[int, int]) -> list[str]:
    """The numbers of the chosen parameter's blocks, in no order."""
    lines = [text_of(line).strip() for line in gradient_view.draw(scene_of(lesson(name), position), *size)]
    return sorted(number for line in takewhile(bool, lines) for number in numbers_in(line))


@pytest.mark.parametrize("name", ["wo-zuotian", "length-three", "scalar-t3", "learns", "memory-lstm"])
@pytest.mark.parametrize("size", [(48, 13), (58, 10), (98, 16)], ids=str)
def test_more_room_never_takes_digits_away(name: str, size: tuple[int, int]) -> None:
    timeline = lesson(name).timeline
    for position in (*(timeline.end_of(Phase.BACKWARD, t) for t in (1, 2)), timeline.last):
        numbers = written(name, position, size)
        assert numbers
        assert numbers == written(name, position, BOARD)
