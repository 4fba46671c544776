"""Nothing on screen without its reason: each number that a view draws can be asked about, and the answer agrees."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest
from derivations import derive_and_compare
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from screens import agrees
from test_views import BUNDLED, lesson, scene_of

from bptt_viz import engine
from bptt_viz.derivation.window import window_at
from bptt_viz.quantities import Derived, Result
from bptt_viz.scenario import (
    ClipTable,
    InitialTable,
    LossKind,
    LossTable,
    NetworkTable,
    Scenario,
    SequenceTable,
    UpdateTable,
)
from bptt_viz.timeline import Phase
from bptt_viz.views import (
    derivation_view,
    flow_view,
    gradient_view,
    ledger_view,
    network_view,
    numbers_view,
    operation_view,
    timeline_view,
    title_view,
    two_sides_view,
    why_view,
)
from bptt_viz.views.canvas import ROLES
from bptt_viz.views.scene import Lesson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

    from bptt_viz.derivation.comparison import Comparison
    from bptt_viz.quantities import Number
    from bptt_viz.reasons import Reason
    from bptt_viz.views.canvas import Span
    from bptt_viz.views.scene import Scene

    Views = dict[ModuleType, tuple[tuple[int, int], ...]]

#: What follows the parameter, and everything, with the sizes that they have in the app: a laptop's, a board's.
OF_PARAMETER = {
    operation_view: ((58, 10), (78, 10)),
    gradient_view: ((58, 10), (78, 10), (98, 16)),
    ledger_view: ((42, 7), (78, 10)),
    derivation_view: ((72, 7), (78, 10)),
    two_sides_view: ((118, 7), (78, 10)),
}
VIEWS = {
    network_view: ((118, 10), (78, 7)),
    numbers_view: ((118, 7), (78, 10)),
    title_view: ((120, 1), (80, 1)),
    timeline_view: ((120, 1),),
    flow_view: ((118, 20), (78, 10)),
    **OF_PARAMETER,
}
LARGE = (118, 22)
#: One number, as any view writes it.
NUMERAL = r"[+−]?(?:\d*\.\d+|\d+)(?:e−?\d+)?|[+−]?∞|NaN"
#: What rounding leaves of a difference.
APART = r"(?:0|[\d.]+e−(?:1[4-9]|2\d))"
#: Blocks of the ledger without room for digits.
SHADE = re.compile(r"[-░▒▓█]+")
#: Roles of what is computed; words and formulas have others.
OF_VALUES = {"number", "now", "known", "future", "error", *ROLES[ROLES.index("minus-4") :]}

#: (View, role, what is shown), empty for any: why it is no number to be asked about.
NO_QUANTITY = {
    ("", "dim|current", r"\d+|k=\d+|t = \d+"): "the name of an entry or of a step",
    ("operation_view", "number", r"[^η‖]+"): "the lit entry written out; what it uses is followed from its result",
    ("flow_view", "number", r".+"): "of a matrix's spectrum, which is no step of the computation",
    ("derivation_view", "", r"\(\d,\d\)"): "the name of a term",
    ("derivation_view", "now", r"\(\d,\d\): .*"): "which term of how many is written out",
    ("derivation_view", "", rf"{APART}|.* ≤ {APART}"): "how far two numbers are apart that each have a reason",
}


@cache
def derived(taught: Lesson, parameter: str, first: int) -> Comparison:
    """The derivation of a window beside the engine."""
    return derive_and_compare(taught.trace, parameter, first)


def with_derivation(scene: Scene) -> Scene:
    """The scene with the derivation of the cursor's window."""
    comparison = derived(scene.lesson, scene.parameter, window_at(scene.trace.T, scene.t))
    return replace(scene, derivation=comparison.derivation, comparison=comparison if comparison.terms else None)


def moments(name: str) -> Iterator[tuple[Scene, Views]]:
    """Every position, and where they follow the parameter, what those views say of every other one."""
    base = scene_of(lesson(name))
    for position in range(base.timeline.last + 1):
        for parameter in base.lesson.parameter_names:
            scene = with_derivation(replace(base, parameter=parameter).at(position))
            if parameter == base.parameter:
                yield scene, VIEWS
            elif scene.step.phase is not Phase.FORWARD:
                yield scene, OF_PARAMETER


def spans(scene: Scene, views: Views) -> Iterator[tuple[str, Span]]:
    """Every piece of some views."""
    for view, sizes in views.items():
        for width, height in sizes:
            for rtrl in (False, True) if view is ledger_view else (False,):
                for line in view.draw(replace(scene, rtrl=rtrl), width, height):
                    yield from ((view.__name__.rpartition(".")[2], span) for span in line)


def written_out(scene: Scene) -> Iterator[tuple[str, Span]]:
    """Every part of every term of a derivation."""
    scene = replace(scene, page="derivation")
    assert scene.derivation is not None
    for term in range(len(scene.derivation.terms)):
        pages: list[object] = []
        while len(pages) < 2 or pages[-1] != pages[0]:
            page = derivation_view.draw(replace(scene, term=term, scroll=len(pages)), *LARGE)
            pages.append(page)
            for line in page:
                yield from (("derivation_view", span) for span in line)


def everything(name: str) -> Iterator[tuple[Scene, str, Span]]:
    """Every piece of every view at every moment of a scenario."""
    whole = set()
    for scene, views in moments(name):
        yield from ((scene, *found) for found in spans(scene, views))
        if scene.derivation not in whole:
            whole.add(scene.derivation)
            yield from ((scene, *found) for found in written_out(scene))


def is_a_number(span: Span) -> bool:
    """Whether what stands there is the value of something, as far as can be seen."""
    text = span.text.strip()
    if span.role.startswith("curve"):
        # The points of a plot: what is 0 has a mark on the edge of a logarithmic axis.
        return False
    # An entry in symbols may be 0 or 1.
    alone = re.fullmatch(NUMERAL, text) is not None and (span.role not in ("text", "label") or not text.isdecimal())
    named = span.role == "text" and re.fullmatch(rf"\S+ = ({NUMERAL})", text) is not None
    return (
        alone or named or (span.role in OF_VALUES and "∂" not in text and re.search(r"[0-9]|∞|NaN", text) is not None)
    )


def exception(view: str, span: Span) -> tuple[str, str, str] | None:
    """Why there is nothing to be asked about."""
    for one in NO_QUANTITY:
        of, role, pattern = one
        if of in ("", view) and re.fullmatch(role or ".*", span.role) and re.fullmatch(pattern, span.text.strip()):
            return one
    return None


def check_digits(text: str, value: float, where: str) -> None:
    """What is shown is the value: in digits, as a sign, or as a shade."""
    found = re.findall(NUMERAL, text)
    if found:
        assert agrees(f"+{found[-1]}" if found[-1] == "∞" else found[-1], value), (where, value)
    elif SHADE.fullmatch(text.strip()):
        assert value > 0, where
    else:
        assert agrees(text, value), (where, value)


def check_answer(scene: Scene, number: Number, reason: Reason, where: str) -> None:
    """The answer's lines are whole, and what it says that the number came from is so and has a reason in turn."""
    asking = replace(scene, picked=number)
    lines = why_view.draw(asking, 118, 10)
    assert 2 <= len(lines) <= 10, where
    sources = {span.number: span.text for line in lines for span in line if span.number is not None}
    for source in reason.sources:
        assert source.number is not None
        inner = scene.lesson.reasons.of(source.number, scene.derivation)
        assert inner.value == pytest.approx(source.value, rel=1e-9, abs=1e-300), (where, source.number)
        if source.number in sources:
            check_digits(sources[source.number], inner.value, where)


def check(pieces: Iterable[tuple[Scene, str, Span]]) -> int:
    """Ask about every number; gives how many there are."""
    seen: set[tuple[object, ...]] = set()
    asked: set[tuple[object, ...]] = set()
    for scene, view, span in pieces:
        number, derivation = span.number, id(scene.derivation)
        key = (view, span.text, span.role, number, derivation if number else 0)
        if key in seen:
            continue
        seen.add(key)
        where = f"{view} at {scene.position} ({scene.parameter}): {span}"
        if number is None:
            assert not is_a_number(span) or exception(view, span), where
            continue
        reason = scene.lesson.reasons.of(number, scene.derivation)
        check_digits(span.text, reason.value, where)
        question = (number, derivation if isinstance(number.quantity, Derived) else 0)
        if question not in asked:
            asked.add(question)
            check_answer(scene, number, reason, where)
    return len(asked)


@pytest.mark.parametrize("name", BUNDLED)
def test_every_visible_number_is_explained(name: str) -> None:
    assert check(everything(name)) > 150


@settings(max_examples=12)
@given(
    scenario=st.from_type(Scenario),
    clip=st.sampled_from((None, ClipTable("norm", 0.3), ClipTable("value", 0.1))),
    data=st.data(),
)
def test_and_at_any_moment_of_any_lesson(scenario: Scenario, clip: ClipTable | None, data: st.DataObject) -> None:
    changed = structs.replace(scenario, update=UpdateTable(0.3, clip))
    taught = Lesson(engine.trace(changed), "any.toml")
    parameter = data.draw(st.sampled_from(taught.parameter_names))
    for _ in range(2):
        position = data.draw(st.integers(0, taught.timeline.last))
        scene = with_derivation(scene_of(taught, position, parameter=parameter))
        check((scene, *found) for found in (*spans(scene, VIEWS), *written_out(scene)))


def test_no_exception_is_made_for_nothing() -> None:
    made = {
        exception(view, span)
        for name in BUNDLED
        for _, view, span in everything(name)
        if span.number is None and is_a_number(span)
    }
    assert made == {*NO_QUANTITY}


@pytest.mark.parametrize(("loss", "pattern"), [("cross_entropy", r"\.\d\d"), ("squared_error", r"[+−]\d(\.\d\d|e−\d)")])
@pytest.mark.parametrize("width", [60, 78, 100, 118, 158])
def test_a_long_word_leaves_the_guess_whole(width: int, loss: LossKind, pattern: str) -> None:
    sequence = SequenceTable(tokens=("a", "sequence", "representation", "反向传播算法", "a"))
    drawn = NetworkTable(2, initial=InitialTable("normal", 1.0, seed=3))
    taught = Lesson(engine.trace(Scenario(sequence, drawn, loss=LossTable(loss))), "long.toml")
    scene = scene_of(taught, taught.timeline.loss_position)
    shown = [span for line in network_view.draw(scene, width, 10) for span in line if is_a_guess(span)]
    assert len(shown) >= 4
    for span in shown:
        assert span.number is not None
        assert re.fullmatch(rf" *\S+ {pattern} *", span.text), span.text
        check_digits(span.text, scene.lesson.reasons.of(span.number).value, span.text)


def is_a_guess(span: Span) -> bool:
    return span.number is not None and isinstance(span.number.quantity, Result) and span.number.quantity.name == "y_hat"
