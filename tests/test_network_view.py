"""The network as it is drawn, of any kind: its numbers are the trace's, its arrows those of the operation's rows."""

from __future__ import annotations

import re
import unicodedata
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import CELLS, KINDS, name_of, trace_of, truncated_networks
from screens import BOARD, LAPTOP, SMALLEST, WALL, app_on, playing
from test_views import check_size, text_of
from test_visible_numbers import check_digits

from bptt_viz import engine
from bptt_viz.messages import LANGUAGES
from bptt_viz.notation import GOODFELLOW, NOTATIONS
from bptt_viz.quantities import Adjoint, Given, Result
from bptt_viz.scenario import InitialTable, NetworkTable, Scenario, SequenceTable
from bptt_viz.timeline import Operation, Phase
from bptt_viz.views import arrows, network_view, title_view
from bptt_viz.views.canvas import width_of
from bptt_viz.views.lesson import Lesson
from bptt_viz.views.network_lanes import lanes_of
from bptt_viz.views.plain import plain
from bptt_viz.views.scene import Scene

if TYPE_CHECKING:
    from pathlib import Path

    from bptt_viz.quantities import Number
    from bptt_viz.tracing import Trace
    from bptt_viz.views.canvas import Line
    from bptt_viz.views.network_lanes import Lane

each_kind = pytest.mark.parametrize("kind", KINDS, ids=name_of)


def is_adjoint_of(number: Number, name: str, layer: int) -> bool:
    quantity = number.quantity
    return isinstance(quantity, Adjoint) and (quantity.name, quantity.layer) == (name, layer)


def at(taught: Lesson, position: int) -> Scene:
    return Scene(taught, position, "en", GOODFELLOW, taught.parameter_names[0])


def stack(layers: int, cell: str = "rnn", hidden_size: int = 3, steps: int = 4) -> Lesson:
    """A lesson of any depth and length."""
    table = NetworkTable(hidden_size, cell=cell, layers=layers, initial=InitialTable("uniform", 0.9))  # type: ignore[arg-type]
    sequence = SequenceTable(inputs=((1.0,),) * steps, targets=((0.5,),) * steps)
    return Lesson(engine.trace(Scenario(sequence, table)), "stack.toml")


def value_of(trace: Trace, number: Number) -> float | None:
    """What the trace has for a number of the network, None for what is asked of its reason instead."""
    match number.quantity:
        case Result(name, t, int(layer)):
            return float(trace.layers[layer].values[name][t][number.entry])
        case Adjoint("x", t):
            return float(trace.dL_dx[t - 1][number.entry])
        case Adjoint(name, t, int(layer)):
            return float(trace.layers[layer].adjoints[name][t - 1][number.entry])
        case Given("xi", t):
            return trace.truncation.edge(t)
    return None


def states_shown(lines: list[Line]) -> list[tuple[str, Number]]:
    """The numbers of the states and of what comes back to them."""
    spans = [span for line in lines for span in line]
    return [
        (span.text, span.number)
        for span in spans
        if span.number is not None
        and isinstance(span.number.quantity, Result | Adjoint)
        and (span.number.quantity.layer is not None)
    ]


@st.composite
def moments(draw: st.DrawFn) -> Scene:
    """Any position of any network, in any notation and language."""
    taught = Lesson(engine.trace(draw(truncated_networks())), "any.toml")
    position = draw(st.integers(0, taught.timeline.last))
    notation = NOTATIONS[draw(st.sampled_from(sorted(NOTATIONS)))]
    parameter = draw(st.sampled_from(taught.parameter_names))
    return Scene(taught, position, draw(st.sampled_from(LANGUAGES)), notation, parameter)


@settings(max_examples=200)
@given(scene=moments(), width=st.integers(58, 220), height=st.integers(1, 45))
def test_any_moment_of_any_network_at_any_size(scene: Scene, width: int, height: int) -> None:
    check_size(network_view, scene, width, height)
    check_size(title_view, scene, width, 1)
    lines = network_view.draw(scene, width, height)
    for line in lines:
        assert not any(unicodedata.east_asian_width(one) == "A" for one in plain(text_of(line)))
        for span in line:
            if span.number is None:
                continue
            value = value_of(scene.trace, span.number)
            if value is None:
                value = scene.lesson.reasons.of(span.number).value
            check_digits(span.text, value, f"{span} at {scene.position}")
    for _, number in states_shown(lines):
        quantity = number.quantity
        assert isinstance(quantity, Result | Adjoint)
        back = isinstance(quantity, Adjoint)
        name = scene.trace.network.cells[0].equations[0].name if quantity.name == "x" else quantity.name
        operation = Operation("adjoint" if back else "equation", name, quantity.layer)
        phase = Phase.BACKWARD if back else Phase.FORWARD
        assert scene.timeline.position(phase, quantity.t, operation) <= scene.position, "not computed yet"


@settings(max_examples=30)
@given(scene=moments(), data=st.data())
def test_every_number_of_any_network_has_its_reason(scene: Scene, data: st.DataObject) -> None:
    lines = network_view.draw(scene, 118, data.draw(st.integers(7, 25)))
    numbers = [span for line in lines for span in line if span.number is not None]
    for span in numbers[:: max(len(numbers) // 8, 1)]:
        assert span.number is not None
        check_digits(span.text, scene.lesson.reasons.of(span.number).value, str(span))


@each_kind
def test_with_room_every_state_and_what_comes_back_to_it_is_a_number(kind: tuple[str, int, int, str]) -> None:
    taught = Lesson(trace_of(*kind), "any.toml")
    trace = taught.trace
    for position, back in ((taught.timeline.loss_position, False), (taught.timeline.last, True)):
        scene = at(taught, position)
        lines = network_view.draw(scene, 200, network_view.lines_wanted(scene, 60) or 10)
        shown = {number for text, number in states_shown(lines) if any(map(str.isdigit, text))}
        kinds = {(type(one.quantity), one.quantity.name, one.quantity.layer) for one in shown}  # type: ignore[union-attr]
        states = trace.network.cells[0].states
        wanted: set[tuple[type, str, int]] = {
            (Result, one, layer) for layer in range(len(trace.layers)) for one in states
        }
        error = "a" if kind[0] == "rnn" else None
        if back:
            wanted |= {(Adjoint, error or state, layer) for _, state, layer in wanted}
            wanted |= {(Adjoint, "x", 0)} if len(trace.layers) > 1 or kind[0] != "rnn" else set()
        assert kinds == wanted
        # Two units, or two inputs, at each of five steps.
        assert len(shown) == 2 * trace.T * len(wanted)


@each_kind
def test_arrows_have_the_numbers_and_the_names_of_the_rows(kind: tuple[str, int, int, str]) -> None:
    taught = Lesson(trace_of(*kind), "any.toml")
    layers = [lanes_of(at(taught, 0), layer) for layer in range(len(taught.trace.layers))]
    lanes: list[Lane] = [lane for layer in reversed(layers) for lane in layer]
    compared = 0
    for t in range(1, taught.trace.T):
        for index, lane in enumerate(lanes):
            scene = at(taught, taught.timeline.position(Phase.BACKWARD, t, lane.gathered))
            assert scene.working is not None
            rows = {part.route: "" for part in scene.working.parts if part.operator != "="}
            for part in scene.working.parts:
                rows[part.route] = rows.get(part.route, "") + scene.write(part.formula) * (part.operator != "=")
            over = arrows.between(scene, lanes[index - 1], lane, t, 60) if index else arrows.above(scene, lane, t, 60)
            across = arrows.across(scene, lane, t, 90, "", alone=True, several=True)
            carried = (lane.carried,) if lane.carried else ()
            assert bool(carried) == (taught.trace.scenario.network.cell == "gru")
            for routes, arrow in (((lane.above,), over), ((lane.future, *carried), across)):
                if "╳" in arrow.text and "L" not in arrow.text:
                    assert scene.trace.truncation.edge(t + 1) == 0 or scene.trace.truncation.window == 1
                    continue
                named = re.findall(r"\((\d+)\) ?([^\s(×╳─]+)", arrow.text)
                assert [int(number) for number, _ in named] == list(routes)
                for number, name in named:
                    assert name in rows[int(number)], (arrow.text, rows)
                compared += 1
    assert compared


@each_kind
def test_arrows_are_lit_when_they_have_been_travelled(kind: tuple[str, int, int, str]) -> None:
    taught = Lesson(trace_of(*kind), "any.toml")
    timeline, trace = taught.timeline, taught.trace
    lanes = [lane for layer in range(len(trace.layers)) for lane in lanes_of(at(taught, 0), layer)]
    for position in range(timeline.last + 1):
        scene = at(taught, position)
        for t in range(1, trace.T):
            for lane in lanes:
                arrow = arrows.across(scene, lane, t, 9, "", alone=True, several=True)
                if position <= timeline.loss_position:
                    assert arrow.text.endswith("▶")
                    reached = position >= timeline.position(Phase.FORWARD, t + 1, lane.entered)
                    assert (arrow.role == "forward") == reached
                else:
                    assert arrow.text.startswith("◀")
                    cut = trace.truncation.edge(t + 1) == 0 or trace.truncation.window == 1
                    reached = position >= timeline.position(Phase.BACKWARD, t, lane.gathered)
                    assert (arrow.role == "backward") == (reached and not cut)
            if position > timeline.loss_position:
                begun = position >= timeline.position(Phase.BACKWARD, t, Operation("loss_gradient", "o"))
                lit = arrows.above(scene, lanes[0], t, 9).role == "backward"
                assert lit == (begun and bool(trace.has_target[t - 1])), "no gradient comes from where no loss is"


@pytest.mark.parametrize("cell", CELLS)
def test_what_the_cursor_is_at_is_framed(cell: str) -> None:
    taught = Lesson(trace_of(cell, 2), "any.toml")
    for position in range(1, taught.timeline.last):
        scene = at(taught, position)
        operation = scene.step.operation
        lines = network_view.draw(scene, 200, 40)
        framed = [[span for span in line if span.text == "┃"] for line in lines]
        assert {len(spans) for spans in framed} <= {0, 2}
        assert sum(map(bool, framed)) == 2, "the two units of one lane"
        if operation is None or operation.layer is None or operation.name not in ("h", "s"):
            continue
        own = [
            number for text, number in states_shown([line for line, spans in zip(lines, framed, strict=True) if spans])
        ]
        if scene.backwards:
            own = [number for number in own if isinstance(number.quantity, Result)]
        assert own
        assert {(one.quantity.name, one.quantity.layer) for one in own} <= {(operation.name, operation.layer)}  # type: ignore[union-attr]


# Depth and length.


def test_layers_that_are_not_seen_cost_nothing_and_are_told() -> None:
    for width, height in ((78, 7), (118, 13), (198, 25)):
        for position in ("middle", "top", "bottom"):
            counts = []
            for depth in (128, 256):
                taught = stack(depth)
                layer = {"middle": depth // 2, "top": depth - 1, "bottom": 0}[position]
                operation = Operation("adjoint", "h", layer)
                scene = at(taught, taught.timeline.position(Phase.BACKWARD, 2, operation))
                check_size(network_view, scene, width, height)
                lines = network_view.draw(scene, width, height)
                assert height - 1 <= len(lines) <= height
                seen = {number.quantity.layer for _, number in states_shown(lines)}  # type: ignore[union-attr]
                assert seen or position == "bottom"
                framed = [line for line in lines if any(span.text == "┃" for span in line)]
                assert len(framed) == 1
                signs = sum("⋮" in text_of(line) for line in lines)
                assert signs == (2 if position == "middle" else 1)
                assert text_of(lines[-1]).startswith(" x_t ")
                counts.append(sum(map(len, lines)))
            assert abs(counts[0] - counts[1]) <= 12


def test_steps_that_are_not_seen_cost_nothing_in_a_stack() -> None:
    counts = []
    for steps in (100, 3000):
        taught = stack(2, "lstm", steps=steps)
        scene = at(taught, taught.timeline.end_of(Phase.BACKWARD, steps // 2))
        counts.append(sum(map(len, network_view.draw(scene, 118, 13))))
    assert abs(counts[0] - counts[1]) <= 12


@pytest.mark.parametrize("width", [58, 78, 118, 198])
@pytest.mark.parametrize("height", [7, 10, 13, 25])
def test_units_without_room_are_signs_and_no_unit_is_left_out_in_silence(width: int, height: int) -> None:
    for hidden_size in (2, 9, 30, 200):
        taught = stack(2, "lstm", hidden_size)
        scene = at(taught, taught.timeline.last)
        lines = network_view.draw(scene, width, height)
        plan = network_view.plan_for(scene, width, height)
        for t in range(plan.first, plan.first + plan.count):
            of_step = [(text, one) for text, one in states_shown(lines) if one.quantity.t == t]  # type: ignore[union-attr]
            for layer, name in product((0, 1), ("h", "s")):
                units = [one.entry[0] for _, one in of_step if is_adjoint_of(one, name, layer)]
                assert units == list(range(len(units)))
                assert len(units) == hidden_size or any("…│" in text_of(line) for line in lines)


# The title and the room.


def test_the_title_says_cell_layers_and_truncation() -> None:
    for kind, told in (
        (("rnn", 1, 0, "full"), {"en": "tanh · D 2 · H 2 · K 2 · squared error",
                                      "zh": "tanh · D 2 · H 2 · K 2 · 平方误差"}),
        (("lstm", 2, 0, "window 2"), {"en": "lstm · 2 layers · D 2 · H 2 · K 2 · squared error · window τ = 2",
                                      "zh": "2 层 LSTM · D 2 · H 2 · K 2 · 平方误差 · 窗口 τ = 2"}),
        (("gru before", 1, 0, "full"), {"en": "gru · D 2", "zh": "GRU · D 2"}),
    ):  # fmt: skip
        taught = Lesson(trace_of(*kind), "any.toml")
        for language in LANGUAGES:
            scene = Scene(taught, 3, language, GOODFELLOW, taught.parameter_names[0])
            assert told[language] in text_of(title_view.draw(scene, 160, 1)[0])
            narrow = text_of(title_view.draw(scene, 70, 1)[0])
            assert width_of(narrow) == 70


LESSON = """
[sequence]
tokens = ["我", "昨天", "上学", "迟到", "了", "e"]
[network]
cell = "{cell}"
layers = {layers}
hidden_size = 3
"""


@pytest.mark.parametrize("size", [SMALLEST, BOARD, (90, 30), (90, 40), (110, 30), LAPTOP, WALL], ids=str)
@pytest.mark.parametrize(("cell", "layers"), [("rnn", 2), ("lstm", 1), ("lstm", 3), ("gru", 2)])
async def test_the_network_takes_rows_only_from_who_can_spare_them(
    tmp_path: Path, size: tuple[int, int], cell: str, layers: int
) -> None:
    path = tmp_path / "deep.toml"
    path.write_text(LESSON.format(cell=cell, layers=layers), encoding="utf-8")
    async with playing(app_on(path), size) as player:
        await player.press("end", "shift+left")
        rows = player.region("network").height
        assert rows == 7 if size[1] < 28 else rows >= 10
        for name in player.shown() & {"operation", "gradient"}:
            assert player.region(name).height >= (8 if size != SMALLEST else 4)
        drawn = player.widget("network").text()
        assert len(drawn) == rows or rows <= 11
        await player.press("o", *"scalar-t3", "enter")
        await player.until(lambda: len(player.app.screen_stack) == 1)
        assert player.region("network").height == {24: 7, 18: 7, 50: 11}.get(size[1], 10)


@given(st.integers(1, 40), st.integers(1, 6), st.sampled_from(["rnn", "lstm", "gru"]), st.integers(13, 40))
@settings(max_examples=60)
def test_no_line_that_is_asked_for_stays_empty(hidden_size: int, layers: int, cell: str, most: int) -> None:
    taught = stack(layers, cell, hidden_size)
    scene = at(taught, taught.timeline.last)
    wanted = network_view.lines_wanted(scene, most)
    assert wanted <= most
    if wanted:
        assert len(network_view.draw(scene, 118, wanted)) == wanted
        assert np.all([text_of(line).strip() for line in network_view.draw(scene, 118, wanted)])
    else:
        assert (layers, cell) == (1, "rnn")
