"""The page of gradients through time: every size, every part, numbers that are the core's, words that are true."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from flow_traces import plain, rotation
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_scenes import moments
from test_flow_spectra import SHEAR
from test_generic_cells import STACKS
from test_ledger_blocks import generic_trace, long_trace
from test_overflow import CASES
from test_views import BUNDLED, check_size, lesson, scene_of, text_of

from bptt_viz import catalog, engine, loading
from bptt_viz.flow import norms
from bptt_viz.flow.curves import beside
from bptt_viz.formatting import BINS
from bptt_viz.messages import LANGUAGES, say
from bptt_viz.quantities import Reach
from bptt_viz.reasons import Reasons
from bptt_viz.views import flow_triangle, flow_view
from bptt_viz.views.canvas import GoTo
from bptt_viz.views.flow_parts import norm_from
from bptt_viz.views.flows import Triangle
from bptt_viz.views.scene import Lesson, Scene

if TYPE_CHECKING:
    from bptt_viz.messages import Language
    from bptt_viz.tracing import Trace

#: The page on a board, on a laptop and on a wall, and where there is hardly any room.
BOARD, LAPTOP, WALL = (78, 11), (118, 20), (198, 30)
SIZES = (BOARD, LAPTOP, WALL, (58, 5), (118, 2), (30, 12))


def settled(scene: Scene, width: int, height: int) -> str:
    """The page once all that it waits for is computed."""
    for _ in range(20):
        text = "\n".join(map(text_of, flow_view.draw(scene, width, height)))
        wanted = scene.lesson.flows.wanted
        if wanted is None:
            return text
        scene.lesson.flows.compute(wanted)
    raise AssertionError(wanted)


def page(trace: Trace, position: int = 0, **choices: Any) -> Scene:
    """The page about a trace."""
    return scene_of(Lesson(trace, "any.toml"), position, page="flow", **choices)


@pytest.mark.parametrize("name", BUNDLED)
def test_every_position_at_every_size(name: str) -> None:
    taught = lesson(name)
    for position in range(taught.timeline.last + 1):
        for index, size in enumerate(SIZES):
            language = LANGUAGES[(position + index) % 2]
            check_size(flow_view, scene_of(taught, position, language, page="flow", scroll=position), *size)


@settings(max_examples=60)
@given(scene=moments(), width=st.integers(20, 220), height=st.integers(2, 60), scroll=st.integers(0, 9))
def test_any_moment_at_any_size(scene: Scene, width: int, height: int, scroll: int) -> None:
    check_size(flow_view, scene_of(scene.lesson, scene.position, scroll=scroll), width, height)


@pytest.mark.parametrize("stack", STACKS, ids=" + ".join)
@pytest.mark.parametrize("size", SIZES)
def test_gates_and_stacks(stack: tuple[str, ...], size: tuple[int, int]) -> None:
    taught = Lesson(generic_trace(stack, 9), "any.toml")
    for parameter in taught.trace.parameters:
        for scroll in range(5):
            check_size(flow_view, scene_of(taught, page="flow", parameter=parameter, scroll=scroll), *size)


@pytest.mark.parametrize("case", CASES)
def test_where_numbers_end(case: str) -> None:
    """The first that is not finite is the first part of the page, with what it is computed from."""
    trace, overflow = CASES[case]
    for size in SIZES:
        check_size(flow_view, page(trace), *size)
    text = settled(page(trace), *LAPTOP)
    assert ("the first number that is not finite" in text) == (overflow is not None)
    if overflow is not None:
        assert "All that it is computed from is finite" in text
        assert re.search(r" = (−?∞|NaN)", text)


def parts(trace: Trace, size: tuple[int, int]) -> set[str]:
    """Which parts are seen by pressing Tab until they come round."""
    headings = {
        "triangle": "‖∂h_t/∂h_k‖ ", "curves": "against t − k", "spectrum": "eigenvalues and singular",
        "butterfly": "butterfly effect",
    }  # fmt: skip
    seen = "".join(settled(page(trace, scroll=scroll), *size) + " \n" for scroll in range(4))
    return {part for part, heading in headings.items() if heading in seen}


@pytest.mark.parametrize("size", [BOARD, LAPTOP, WALL])
@pytest.mark.parametrize("steps", [1, 5, 60])
def test_tab_shows_all_parts(size: tuple[int, int], steps: int) -> None:
    assert parts(plain(SHEAR, steps, "tanh", x=0.3), size) == {"triangle", "curves", "spectrum", "butterfly"}


def test_a_wall_has_room_for_all_at_once() -> None:
    text = settled(page(lesson("wo-zuotian").trace), *WALL)
    assert "Tab" not in text
    for heading in ("‖∂h_t/∂h_k‖", "against t − k", "eigenvalues", "butterfly"):
        assert heading in text


@pytest.mark.parametrize("stack", [("lstm",), ("gru before",), ("lstm", "gru after")], ids=" + ".join)
def test_the_triangle_has_the_norms_and_their_reasons(stack: tuple[str, ...]) -> None:
    trace = generic_trace(stack, 4)
    for layer in range(len(stack)):
        parameter = next(name for name in trace.parameters if name.endswith(f"_{layer + 1}"))
        triangle = norms.triangle(trace, layer, range(trace.T + 1))
        lines = flow_triangle.draw(page(trace, parameter=parameter), 80, 12)
        shown = [span for line in lines for span in line if span.number is not None]
        assert len(shown) == trace.T * (trace.T + 3) // 2
        for span in shown:
            assert span.number is not None
            quantity = span.number.quantity
            assert isinstance(quantity, Reach)
            log = triangle[quantity.t, quantity.k]
            assert quantity.layer == layer
            assert span.text.strip() == norm_from(log)
            assert Reasons(trace).of(span.number).value == pytest.approx(10**log, rel=1e-9)


def test_a_long_triangle_shows_some_steps_exactly() -> None:
    trace = long_trace(900, 3)
    scene = page(trace)
    text = settled(scene, *LAPTOP)
    assert " of 900 steps" in text
    shades = {span.subject for line in flow_triangle.draw(scene, 60, 17) for span in line if "█" in span.text}
    assert shades
    assert all(isinstance(subject, GoTo) for subject in shades)


def test_the_cursor_chooses_the_row_and_the_curve() -> None:
    taught = lesson("wo-zuotian")
    for position in range(1, taught.timeline.last + 1):
        scene = scene_of(taught, position, page="flow")
        t = scene.step.t or taught.trace.T
        lit = [span.text for line in flow_triangle.draw(scene, 80, 12) for span in line if span.role == "current"]
        assert [text.strip() for text in lit] == [f"h{'₀₁₂₃₄₅'[t]}"]
        assert f"∂h{'₀₁₂₃₄₅'[t]}/∂h_k" in text_of(flow_view.draw(scene, *LAPTOP)[0])


WORDS: dict[str, tuple[Any, list[str]]] = {
    "slow": (
        [[0.99]],
        ["from 1 to 0.669 at t − k = 40, × 0.99 a step", "at this length it neither vanishes nor explodes"],
    ),
    "half": ([[0.5]], ["it vanishes", "< 1: must vanish", "W is normal"]),
    "twice": ([[2.0]], ["it explodes", "σ_min(W) = 2 > 1: must explode"]),
    "rotation": (rotation(0.5), ["neither vanishes nor explodes", "W is normal"]),
    "shear": (SHEAR, ["vanishes late", "W is not normal", "ρ(W) = 0.5 < 1: vanishes in the limit"]),
}


@pytest.mark.parametrize("case", WORDS)
def test_words(case: str) -> None:
    W, told = WORDS[case]
    text = "".join(settled(page(plain(W, 40), scroll=scroll), *LAPTOP) for scroll in range(4))
    flat = " ".join(text.replace("|", " ").split())
    for words in told:
        assert words in flat, flat


def test_norms_that_are_no_floats() -> None:
    assert norm_from(-903.09) == "8e−904"
    assert norm_from(641.2) == "1e641"
    assert norm_from(-np.inf) == "0"
    assert norm_from(np.nan) == "NaN"
    assert "e−904" in settled(page(plain([[0.5]], 3000)), *LAPTOP)


def test_scenarios_beside() -> None:
    """Their curves are computed when somebody does, not while a key is answered."""
    scenario = loading.parse(
        catalog.find("scalar-t3").read_bytes() + b'\n[lecture]\nbeside = ["length-three", "wo-zuotian"]\n', "x.toml"
    )
    scene = page(engine.trace(scenario))
    assert "computing" in "".join(map(text_of, flow_view.draw(scene, *WALL)))
    assert scene.lesson.flows.wanted is not None
    text = settled(scene, *WALL)
    assert "computing" not in text
    for name in ("length-three", "wo-zuotian"):
        found = beside(name)
        assert found is not None
        trace = lesson(name).trace
        np.testing.assert_array_equal(found.norms, norms.curve_of_states(trace, trace.T))
        assert scene.text(found.title) in text
    assert beside("no-such") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_network_keeps_its_marker_whichever_is_open(language: Language) -> None:
    """And its label is what its title has of its own, whole at every size; the open one is marked."""
    names = ["memory-tanh", "memory-lstm", "memory-relu"]
    legends = []
    for name in names:
        beside = [other for other in names if other != name]
        source = catalog.find(name).read_text(encoding="utf-8")
        source = re.sub(r"^beside = .*$", f"beside = {beside!r}".replace("'", '"'), source, flags=re.MULTILINE)
        taught = Lesson(engine.trace(loading.parse(source.encode(), f"{name}.toml")), f"{name}.toml")
        for size in (BOARD, LAPTOP, WALL):
            text = settled(scene_of(taught, 0, language, page="flow"), *size)
            own = say("flow.beside.own", language, title="")
            legends.append(re.findall(rf"([x#+])⠒? ({own})?(tanh|LSTM|relu)\b", text))
            assert [label for _, mine, label in legends[-1] if mine] == [
                {"memory-tanh": "tanh", "memory-lstm": "LSTM", "memory-relu": "relu"}[name]
            ]
    for legend in legends:
        assert [(marker, label) for marker, _, label in legend] == [("x", "LSTM"), ("#", "relu"), ("+", "tanh")]


def reaches(scene: Scene, size: tuple[int, int]) -> list[str]:
    """The cells of the triangle."""
    spans = [span for line in flow_view.draw(scene, *size) for span in line if span.number is not None]
    return [span.text for span in spans if span.number is not None and isinstance(span.number.quantity, Reach)]


@pytest.mark.parametrize("size", [BOARD, LAPTOP, (198, 35)])
@pytest.mark.parametrize(
    "name", ["exploding", "memory-tanh", "memory-lstm", "lstm-gates", "gru-after", "non-normal", "vanishing"]
)
def test_the_triangle_looks_alike_in_both_languages(name: str, size: tuple[int, int]) -> None:
    """Numbers or shades, and of which steps: that is no matter of language."""
    scenes = [scene_of(lesson(name), 0, language, page="flow") for language in LANGUAGES]
    assert settled(scenes[0], *size) != settled(scenes[1], *size)
    english, chinese = (reaches(scene, size) for scene in scenes)
    assert english == chinese
    if (name, size) == ("exploding", LAPTOP):
        assert [text.strip() for text in english[-9:]] == [
            "42.9",
            "26.8",
            "16.8",
            "10.5",
            "6.55",
            "4.10",
            "2.56",
            "1.60",
            "1.00",
        ]


@given(top=st.floats(0, 400), spread=st.floats(0, 4000))
def test_shades_tell_norms_apart(top: float, spread: float) -> None:
    """The smallest has a shade, and no finer round factor would leave it one."""
    norms_of = np.array([[top, -np.inf], [top - spread, top]])
    triangle = Triangle((1, 2), norms_of, top, top - spread)
    step = flow_triangle.shade_step(triangle)
    assert flow_triangle.level(triangle, top) == BINS
    assert 0 <= flow_triangle.level(triangle, top - spread) <= BINS
    assert spread <= (BINS + 1) * step * (1 + 1e-9)
    if spread > (BINS + 1) * np.log10(1.1):
        # The next finer factor is at least a third of it, in powers of ten.
        assert flow_triangle.level(triangle, top - spread) <= BINS - 1


def test_what_takes_long_is_left_to_somebody_else() -> None:
    """And what was there last stands meanwhile."""
    trace = long_trace(3000, 4)
    scene = page(trace)
    flow_view.draw(scene, *LAPTOP)
    assert scene.lesson.flows.wanted is not None
    settled(scene, *LAPTOP)
    later = scene.at(scene.timeline.last // 3)
    text = "\n".join(map(text_of, flow_view.draw(later, *LAPTOP)))
    assert scene.lesson.flows.wanted is not None
    assert "falls to" in text or "grows to" in text or "neither" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_limit_and_no_doubt_without_a_reason(language: Language) -> None:
    """Within reach it is told what is seen and what follows; that some steps are shown casts no doubt on others."""
    text = settled(scene_of(lesson("memory-lstm"), 0, language, page="flow", scroll=1), *BOARD)
    flat = "".join(text.split())
    assert "1/10" not in text
    assert ("vanishesnorexplodes" if language == "en" else "既不消失也不爆炸") in flat
    assert re.search(say("flow.some_steps", language, count=r"\d+", T=20), text)
    assert not re.search("exact|精确", text)


@pytest.mark.parametrize("size", [BOARD, LAPTOP, WALL])
@pytest.mark.parametrize("name", ["vanishing", "exploding", "non-normal", "memory-gru"])
def test_the_triangle_has_the_span_of_the_verdict(name: str, size: tuple[int, int]) -> None:
    """Its last row begins where the curve that is judged ends: at h₀."""
    scene = scene_of(lesson(name), page="flow", scroll=int(name == "memory-gru" and size == BOARD))
    settled(scene, *size)
    spans = [span for line in flow_view.draw(scene, *size) for span in line if span.number is not None]
    last = [span for span in spans if span.number and span.number.quantity == Reach(0, scene.trace.T, 0)]
    assert len(last) == 1
    final = float(norms.curve(scene.trace, scene.trace.T)[-1])
    if not set(last[0].text) & set("█▓▒░-"):
        assert last[0].text.strip() == norm_from(final, len(last[0].text))
    assert norm_from(final) in "".join(map(text_of, flow_view.draw(scene, *size)[1:3]))
