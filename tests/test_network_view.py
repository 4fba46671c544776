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
from screens import BOARD, LAPTOP, SMALLEST, WALL, agrees, app_on, playing
from test_views import check_size, text_of
from test_visible_numbers import check_digits

from bptt_viz import engine
from bptt_viz.messages import LANGUAGES
from bptt_viz.notation import GOODFELLOW, NOTATIONS, Symbol, Transposed
from bptt_viz.quantities import Adjoint, Given, Result
from bptt_viz.scenario import InitialTable, NetworkTable, Scenario, SequenceTable
from bptt_viz.timeline import Operation, Phase
from bptt_viz.views import arrows, network_view, title_view
from bptt_viz.views.canvas import span_at, width_of
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


# Kinds of sequences and truncation.


def test_encoder_and_decoder_have_a_border_and_names_of_their_own() -> None:
    taught = Lesson(trace_of("rnn", 1, 3), "any.toml")
    for position in range(taught.timeline.last + 1):
        scene = at(taught, position)
        lines = network_view.draw(scene, 198, 12)
        plan = network_view.plan_for(scene, 198, 12)
        before = plan.label + plan.arrow + 2 * (plan.column + plan.arrow)
        cells = [span_at(line, before - 1 - (plan.arrow - 1) // 2) for line in lines]
        border = [span.text.strip() for span in cells if span is not None]
        # Only the arrow crosses it.
        assert border.count("║") >= len(lines) - 3
        text = "\n".join(map(text_of, lines))
        assert text.count("║") == border.count("║")
        assert text.index("encoder") < text.index("decoder")
        for name, steps in (("U", 2), ("U_dec", 3)):
            assert text.count(f"▲ {scene.write((Symbol(name),))} ") == steps
        back = (Transposed(Symbol("W")), Transposed(Symbol("W_dec")))
        ways = [scene.write((one if scene.backwards else one.symbol,)) for one in back]
        assert [text.count(f"─{way}─") for way in ways] == [1 + (not scene.backwards), 3]


@pytest.mark.parametrize(
    ("targets", "only_read"),
    [
        ("...B", {1, 2, 3}),
        ("..BC", {1, 2}),
        ("A.B.", {2}),
        ("ABCD", set()),
        ("A...", set()),
        ("....", set()),
    ],
    ids=["many to one", "encoder-decoder", "gaps", "all", "going on", "none"],
)
def test_an_output_that_is_for_nobody_is_faint(targets: str, only_read: set[int]) -> None:
    """Where no target is yet and none reads the guess; what is generated reads it, and no number is lost by it."""
    said = tuple(one.strip(".") for one in targets)
    sequence = SequenceTable(inputs=("A", "B", "C", "D"), targets=said, vocabulary=("A", "B", "C", "D"))
    table = NetworkTable(2, initial=InitialTable("uniform", 0.9))
    taught = Lesson(engine.trace(Scenario(sequence, table)), "silent.toml")
    output, prediction = Operation("output", "o"), Operation("prediction", "y_hat")
    lane = lanes_of(at(taught, 0), 0)[0]
    for position in range(taught.timeline.last + 1):
        scene = at(taught, position)
        guesses = [
            span
            for line in network_view.draw(scene, 118, 13)
            for span in line
            if span.number is not None and span.number.quantity.name == "y_hat"  # type: ignore[union-attr]
        ]
        for t in range(1, 5):
            own = [one for one in guesses if one.number.quantity.t == t]  # type: ignore[union-attr]
            reached = taught.timeline.position(Phase.FORWARD, t, prediction)
            assert bool(own) == (position >= reached), "faint, but there"
            if own:
                wanted = "now" if position == reached else "dim" if t in only_read else "known"
                assert own[0].role == wanted
            if not scene.backwards:
                start = taught.timeline.position(Phase.FORWARD, t, output)
                lit = position == start if t in only_read else position >= start
                assert (arrows.above(scene, lane, t, 9).role == "forward") == lit


@settings(max_examples=50)
@given(targets=st.lists(st.integers(-40, 40), min_size=2, max_size=8), size=st.sampled_from([(118, 13), (198, 20)]))
def test_losses_beside_each_other_have_as_many_digits(targets: list[int], size: tuple[int, int]) -> None:
    """Otherwise the eye would take the longer for the larger; each is the trace's."""
    sequence = SequenceTable(inputs=((1.0,),) * len(targets), targets=tuple((one / 20,) for one in targets))
    taught = Lesson(engine.trace(Scenario(sequence, NetworkTable(2, initial=InitialTable("uniform", 0.9)))), "l.toml")
    lines = network_view.draw(at(taught, taught.timeline.last), *size)
    shown = {
        span.number.quantity.t: span.text.strip()
        for line in lines
        for span in line
        if span.number is not None and isinstance(span.number.quantity, Result) and span.number.quantity.name == "L"
    }
    assert len(shown) == len(targets)
    for t, text in shown.items():
        assert agrees(f"+{text}", float(taught.trace.losses[t - 1])), text
    digits = {len(text.partition("e")[0].replace(".", "").lstrip("0")) for text in shown.values() if text != "0"}
    assert digits <= {4}, shown


def test_truncation_is_drawn_where_it_acts() -> None:
    taught = Lesson(trace_of("lstm", 2, 0, "given ξ"), "any.toml")
    scene = at(taught, taught.timeline.last)
    lines = network_view.draw(scene, 198, 25)
    told = [(span.text, span.number) for line in lines for span in line if "×" in span.text]
    # Four lanes; ξ is 1 between the first two steps, 0 between 3 and 4.
    assert len(told) == 4 * 2
    for text, number in told:
        assert number is not None
        assert isinstance(number.quantity, Given)
        assert agrees("+" + text.partition("×")[2].strip(" ─"), scene.trace.truncation.edge(number.quantity.t))
    assert sum(text_of(line).count("╳") for line in lines) == 4
    windowed = Lesson(trace_of("lstm", 2, 0, "window 2"), "any.toml")
    lines = network_view.draw(at(windowed, windowed.timeline.last), 198, 25)
    # L₃ does not reach step 1, L₅ not step 3; there are neither an L₁ nor an L₄.
    for loss in ("╳L₃", "╳L₅"):
        assert sum(text_of(line).count(loss) for line in lines) == 4
    assert sum(text_of(line).count("╳") for line in lines) == 8


def test_nothing_goes_on_where_there_is_one_step() -> None:
    taught = stack(1, steps=1)
    for position in range(taught.timeline.last + 1):
        for width in (58, 118):
            text = "\n".join(map(text_of, network_view.draw(at(taught, position), width, 10)))
            assert "…" not in text
            assert text.count("▶") - text.count("▶+") <= 1, "only the given state comes from before"
            assert "◀─" not in text


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
