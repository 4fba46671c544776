"""How the parts of the flow page are laid out: each is seen, and on one page only, however much room there is."""

from __future__ import annotations

import re

import pytest
from test_flow_view import BOARD, LAPTOP, WALL, settled
from test_views import lesson, scene_of

#: What begins the headings of all parts, but of the first NaN's.
HEADINGS = (r"‖∂h_t/∂h_k‖\s", "against t − k", "eigenvalues and singular values", "butterfly effect")
NAMES = ("lstm-gates", "vanishing", "memory-lstm", "memory-tanh", "gru-after", "wo-zuotian", "non-normal", "one-to-one")


@pytest.mark.parametrize("size", [BOARD, LAPTOP, WALL, (60, 30), (118, 8)])
@pytest.mark.parametrize("name", NAMES)
def test_tab_shows_each_part_once(name: str, size: tuple[int, int]) -> None:
    """Turning over brings nothing that was there already, until the first page is there again."""
    taught = lesson(name)
    first = settled(scene_of(taught, page="flow"), *size)
    counted = re.search(r"Tab: more \(1/(\d+)\)", first)
    count = int(counted[1]) if counted else 1
    pages = [settled(scene_of(taught, page="flow", scroll=scroll), *size) for scroll in range(count + 1)]
    assert pages[-1] == pages[0]
    seen = "\n".join(page + " " for page in pages[:-1])
    headings = [*HEADINGS, *(["by network"] if taught.trace.scenario.lecture.beside else [])]
    assert {heading: len(re.findall(heading, seen)) for heading in headings} == dict.fromkeys(headings, 1)


def test_a_laptop_needs_no_more_pages_than_it_must() -> None:
    """Two columns stand beside each other, so that three take two pages."""
    for name, pages in (("lstm-gates", 2), ("vanishing", 2), ("memory-tanh", 2)):
        assert f"(1/{pages})" in settled(scene_of(lesson(name), page="flow"), *LAPTOP)
