"""Kinds of sequences and truncation in the network's picture: borders, outputs for nobody, cut arrows, losses."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import KINDS, name_of, trace_of
from screens import agrees
from test_network_view import at, stack
from test_views import text_of

from bptt_viz import engine
from bptt_viz.notation import Symbol, Transposed
from bptt_viz.quantities import Given, Result
from bptt_viz.scenario import InitialTable, NetworkTable, Scenario, SequenceTable
from bptt_viz.timeline import Operation, Phase
from bptt_viz.views import arrows, network_view
from bptt_viz.views.canvas import span_at
from bptt_viz.views.lesson import Lesson
from bptt_viz.views.network_lanes import lanes_of

each_kind = pytest.mark.parametrize("kind", KINDS, ids=name_of)


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
