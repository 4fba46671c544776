"""Steps in groups of one size: what is summed together or left out between two is the same from cell to cell."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from ledger_scenes import at_end, blocks_shown, lesson_of_length
from test_views import lesson, scene_of

from bptt_viz.blocks import groups_of
from bptt_viz.views import flow_triangle, ledger_view
from bptt_viz.views.ledgers import Wanted


@given(steps=st.integers(1, 12_000), data=st.data())
def test_all_groups_but_the_first_have_one_size_the_least_there_is_room_for(steps: int, data: st.DataObject) -> None:
    most = data.draw(st.integers(1, min(steps, 200)))
    groups = groups_of(steps, most)
    assert [first for first, _ in groups] == [1, *(last + 1 for _, last in groups[:-1])]
    assert groups[-1][1] == steps
    rest, *sizes = (last - first + 1 for first, last in groups)
    size = max(rest, *sizes) if sizes else rest
    assert set(sizes) <= {size}
    assert 1 <= rest <= size
    assert len(groups) <= most
    assert size == 1 or -(-steps // (size - 1)) > most, "smaller groups would have had room"
    assert groups_of(steps, len(groups)) == groups


def test_a_decay_in_blocks_is_seen_as_one() -> None:
    """W at least halves an error at each step: a group of two steps has less than the next, by a factor near all over.

    With groups of different sizes two neighbours looked the same.
    """
    lines = ledger_view.draw(at_end(lesson("vanishing"), parameter="W"), 42, 7)
    last = [float(span.text) for (rows, _), span in blocks_shown(lines).items() if rows[1] == 8]
    factors = [later / earlier for earlier, later in pairwise(last)]
    assert len(factors) == 3
    assert all(2 < factor < 40 for factor in factors), last


def test_a_triangle_of_the_flow_shows_steps_at_equal_distances() -> None:
    for steps in (7, 23, 41, 600):
        taught = lesson_of_length(steps, 2)
        for width, height in ((60, 9), (78, 11), (118, 20), (198, 30)):
            scene = scene_of(taught, page="flow")
            flow_triangle.draw(scene, width, height)
            wanted = taught.flows.wanted
            if wanted is not None:
                taught.flows.compute(wanted)
            lines = flow_triangle.draw(scene, width, height)
            shown = [int(line[0].text.strip()[1:].translate(SUBSCRIPTS)) for line in lines if line[0].subject]
            assert shown[-1] == steps
            assert len({after - before for before, after in pairwise(shown)}) <= 1, shown


#: What a step is written with below a letter.
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def test_long_sequences_are_in_equal_groups_on_the_screen() -> None:
    taught = lesson_of_length(1000, 1)
    taught.ledgers.compute(Wanted("W", 5))
    shown = blocks_shown(ledger_view.draw(at_end(taught, parameter="W"), 42, 7))
    assert {columns for _, columns in shown} == {(1, 200), (201, 400), (401, 600), (601, 800), (801, 1000)}
