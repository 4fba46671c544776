"""The ledger on the screen: filled as far as the cursor is, every number true, sums of long sequences in time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_scenes import RAMP, ROOMY, at_end, blocks_shown, lesson_of_length, moments, numbers, sum_of
from screens import agrees, subscript
from test_ledger_blocks import generic_trace
from test_views import BUNDLED, lesson, scene_of, text_of

from bptt_viz.timeline import Phase
from bptt_viz.views import ledger_layout, ledger_view
from bptt_viz.views.canvas import GoTo, Span
from bptt_viz.views.scene import Lesson, Scene

if TYPE_CHECKING:
    from bptt_viz.blocks import Range
    from bptt_viz.quantities import TermSum
    from bptt_viz.views.canvas import Line


def unfilled(lines: list[Line]) -> list[Span]:
    """The blocks that show none."""
    return [span for line in lines for span in line if span.subject is not None and span.number is None]


def check_number(scene: Scene, quantity: TermSum, text: str, largest: float) -> None:
    """A number is rounded from the value; a shade says its power of ten."""
    value, text = sum_of(scene, quantity), text.strip()
    if set(text) <= set(RAMP) and len(set(text)) == 1:
        level = 4 + math.floor(math.log10(value)) - math.floor(math.log10(largest))
        # Where a norm is a power of ten but for rounding, either shade is right.
        near = {min(max(level + by, 0), 4) for by in (0, *((-1, 1) if is_power_of_ten(value, largest) else ()))}
        assert RAMP.index(text[0]) in near, (quantity, text, value)
    elif text == "0":
        assert value <= 1e-15 * max(largest, 1e-290), (quantity, value)
    else:
        # What is nothing but the rounding of a sum is not the same in another order.
        assert agrees(f"+{text}", value) or abs(float(text.replace("−", "-")) - value) < 1e-12 * largest


def is_power_of_ten(*values: float) -> bool:
    """Whether any of them is one, but for rounding."""
    return any(abs(math.log10(value) - round(math.log10(value))) < 1e-9 for value in values if value > 0)


def check_fill(scene: Scene, width: int = ROOMY[0], height: int = ROOMY[1]) -> None:
    """A block is filled if, and only if, the cursor has passed the last of its steps; sums are of what is filled."""
    lines = ledger_view.draw(scene, width, height)
    timeline, T = scene.timeline, scene.trace.T
    count = ledger_layout.layout(scene, width, height).groups
    grid = scene.lesson.ledgers.grid(scene.parameter, count)
    assert grid is not None

    def passed(rows: Range, columns: Range) -> bool:
        if scene.rtrl:
            return scene.position >= timeline.end_of(Phase.FORWARD, rows[1])
        return scene.position >= timeline.end_of(Phase.BACKWARD, columns[0])

    whole = [(rows, columns) for r, rows in enumerate(grid.groups) for columns in grid.groups[: r + 1]]
    filled = [block for block in whole if passed(*block)]
    shown = blocks_shown(lines)
    assert sorted(shown) == sorted(filled)
    assert len(unfilled(lines)) == len(whole) - len(filled)
    assert all(span.text.strip() in ("·", "○") for span in unfilled(lines))
    # Where some steps of a block are done, but not all, it says so.
    begun = [columns if not scene.rtrl else rows for rows, columns in whole if (rows, columns) not in filled]
    begun = [steps for steps in begun if begins(scene, steps)]
    assert sum(span.text.strip() == "○" for span in unfilled(lines)) == len(begun)
    for one, span in numbers(lines):
        check_number(scene, one, span.text, grid.largest)
    # Each margin has a sum for each row and column that has a block, of just these blocks.
    sums = [(one.rows, one.columns) for one, span in numbers(lines) if span.subject is None]
    wanted = [extent([block for block in filled if block[0] == rows]) for rows in sorted({rows for rows, _ in filled})]
    wanted += [extent([block for block in filled if block[1] == columns]) for columns in sorted({c for _, c in filled})]
    wanted += [extent(filled)] if filled else []
    assert sums == wanted
    if len(filled) == len(whole):
        assert sums[-1] == ((1, T), (1, T))


def begins(scene: Scene, steps: Range) -> bool:
    """Whether the first of the steps that the cursor comes to has been done."""
    if scene.rtrl:
        return scene.position >= scene.timeline.end_of(Phase.FORWARD, steps[0])
    return scene.position >= scene.timeline.end_of(Phase.BACKWARD, steps[1])


def extent(cells: list[tuple[Range, Range]]) -> tuple[Range, Range]:
    """The rows and columns that blocks take up."""
    rows, columns = zip(*cells, strict=True)
    return (min(first for first, _ in rows), max(last for _, last in rows)), (
        min(first for first, _ in columns), max(last for _, last in columns))  # fmt: skip


@pytest.mark.parametrize("rtrl", [False, True])
@pytest.mark.parametrize("name", BUNDLED)
def test_it_fills_with_the_cursor_at_every_position(name: str, *, rtrl: bool) -> None:
    taught = lesson(name)
    for position in range(taught.timeline.last + 1):
        for parameter in taught.parameter_names:
            check_fill(scene_of(taught, position, parameter=parameter, rtrl=rtrl))


@settings(max_examples=150)
@given(scene=moments(), width=st.integers(40, 160), height=st.integers(3, 20))
def test_it_fills_with_the_cursor_in_blocks_and_shades_too(scene: Scene, width: int, height: int) -> None:
    check_fill(scene, width, height)


@pytest.mark.parametrize("rtrl", [False, True])
def test_other_cells_fill_alike(*, rtrl: bool) -> None:
    taught = Lesson(generic_trace(("lstm", "gru after"), 3), "stack.toml")
    for parameter in ("W_f_1", "U_n_2", "b_i_1", "V"):
        for t in (1, 3):
            for phase in (Phase.FORWARD, Phase.BACKWARD):
                position = taught.timeline.end_of(phase, t)
                check_fill(scene_of(taught, position, parameter=parameter, rtrl=rtrl), 70, 15)


def test_the_total_is_the_gradient_and_says_so() -> None:
    for name in BUNDLED:
        taught = lesson(name)
        for parameter in taught.parameter_names:
            for rtrl in (False, True):
                scene = at_end(taught, parameter=parameter, rtrl=rtrl)
                shown = [text_of(line) for line in ledger_view.draw(scene, *ROOMY)]
                (corner,) = [line for line in shown if f"= ‖∇{parameter}‖" in line]
                total = corner.partition("=")[0].split()[-1]
                assert agrees(f"+{total}", float(np.linalg.norm(taught.trace.gradients[parameter])))
                before = scene.at(taught.timeline.end_of(Phase.FORWARD, 1) - 1)
                assert not any("= ‖" in text_of(line) for line in ledger_view.draw(before, *ROOMY))


def test_a_click_on_a_block_goes_where_it_is_filled() -> None:
    taught = lesson("wo-zuotian")
    for rtrl in (False, True):
        for start in (0, taught.timeline.last):
            scene = scene_of(taught, start, rtrl=rtrl)
            for line in ledger_view.draw(scene, *ROOMY):
                for span in line:
                    if isinstance(span.subject, GoTo):
                        there = scene.at(span.subject.position)
                        assert there.step.phase is (Phase.FORWARD if rtrl else Phase.BACKWARD)
                        before = scene.at(span.subject.position - 1)
                        assert len(blocks_shown(ledger_view.draw(there, *ROOMY))) > len(
                            blocks_shown(ledger_view.draw(before, *ROOMY))
                        )


@pytest.mark.parametrize("rtrl", [False, True])
def test_what_is_at_the_cursor_is_lit(*, rtrl: bool) -> None:
    taught = lesson("wo-zuotian")
    for position in range(taught.timeline.last + 1):
        scene = scene_of(taught, position, rtrl=rtrl)
        lit = [span.text for line in ledger_view.draw(scene, *ROOMY) for span in line if span.role == "current"]
        at_it = scene.step.phase is (Phase.FORWARD if rtrl else Phase.BACKWARD)
        name = f"L{subscript(scene.t)}" if rtrl else "k=1" if scene.t == 1 else str(scene.t)
        assert lit == ([name] if at_it else [])


def test_lines_that_say_the_same_are_the_same() -> None:
    """Between the ends of two time steps nothing changes, so that nothing is painted again."""
    taught = lesson("wo-zuotian")
    timeline = taught.timeline
    for t in range(1, 5):
        first = timeline.end_of(Phase.BACKWARD, t + 1) + 1
        drawn = [
            ledger_view.draw(scene_of(taught, at), 45, 7) for at in range(first, timeline.end_of(Phase.BACKWARD, t))
        ]
        assert all(lines == drawn[0] for lines in drawn)
        # A column fills: what is above its first row stays as it was.
        before, after = drawn[-1], ledger_view.draw(scene_of(taught, timeline.end_of(Phase.BACKWARD, t)), 45, 7)
        assert before[1:t] == after[1:t]
        assert before[t] != after[t]


def test_a_long_sequence_is_summed_elsewhere_and_says_so() -> None:
    taught = lesson_of_length(3000, 2)
    scene = scene_of(taught, taught.timeline.end_of(Phase.BACKWARD, 1000))
    ledgers = taught.ledgers

    def told() -> str:
        return " ".join(text_of(line).strip() for line in ledger_view.draw(scene, 45, 7))

    assert told() == "summing the terms: step 0 of 3,000"
    wanted = ledgers.wanted
    assert wanted is not None
    assert (wanted.parameter, wanted.count) == ("W", 5)
    seen: list[str] = []

    def look(_: int) -> None:
        seen.append(told())

    # Given up in the middle, it is still wanted.
    assert not ledgers.compute(wanted, look, lambda: len(seen) > 2)
    assert seen[-1] == f"summing the terms: step {ledgers.done('W', 5)} of 3,000"
    assert ledgers.wanted == wanted
    assert ledgers.compute(wanted, look)
    wanted_until_drawn = [ledgers.wanted]
    lines = ledger_view.draw(scene, 45, 7)
    wanted_until_drawn.append(ledgers.wanted)
    assert wanted_until_drawn == [wanted, None]
    assert text_of(lines[3]).startswith(" L₁₂₀₁..")
    check_fill(scene, 45, 7)
    check_fill(scene_of(taught, taught.timeline.end_of(Phase.FORWARD, 1800), rtrl=True), 45, 7)


def test_short_sequences_are_summed_on_the_spot() -> None:
    for steps in (1, 5, 100):
        taught = lesson_of_length(steps, 3)
        for parameter in taught.parameter_names:
            assert taught.ledgers.grid(parameter, min(steps, 20)) is not None
        assert taught.ledgers.wanted is None


def test_inside_a_block_the_sums_say_how_far_they_are() -> None:
    taught = lesson_of_length(12, 2)
    for rtrl, phase, t, said in (
        (False, Phase.BACKWARD, 5, "Σ: k ≥ 7"),
        (False, Phase.BACKWARD, 7, "Σ: k ≥ 7"),
        (True, Phase.FORWARD, 5, "Σ: t ≤ 3"),
    ):
        scene = scene_of(taught, taught.timeline.end_of(phase, t), rtrl=rtrl)
        lines = ledger_view.draw(scene, 42, 7)
        text = text_of(ledger_view.subtitle(scene, 42, 7))
        assert said in text
        assert ("○ begun" in text) == (t == 5)
        total = [one for one, span in numbers(lines) if span.role == "formula"]
        assert [one.columns[0] if not rtrl else one.rows[1] for one in total] == [int(said.split()[-1])]
