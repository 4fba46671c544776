"""What views say is so: numbers are the trace's, and clicks lead where they seem to."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from test_views import BUNDLED, lesson, long_lesson, scene_of, text_of

from bptt_viz.arithmetic import in_numbers
from bptt_viz.commands import COMMANDS
from bptt_viz.messages import LANGUAGES, Language
from bptt_viz.notation import subscript
from bptt_viz.timeline import Phase
from bptt_viz.views import (
    footer_view,
    gradient_view,
    help_view,
    network_view,
    numbers_view,
    operation_view,
    timeline_view,
    title_view,
)
from bptt_viz.views.canvas import Choose, GoTo, Run, span_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.views.canvas import Line, Span
    from bptt_viz.views.scene import Lesson, Scene

# Numbers.


def stands_for(shown: str, value: float) -> bool:
    """Whether ``shown`` is what its digits can say of ``value``: sign, point and exponent."""
    shown = shown.strip()
    if not np.isfinite(value):
        return shown == ("NaN" if np.isnan(value) else "−∞" if value < 0 else "+∞")
    if shown == "0":
        return value == 0
    found = re.fullmatch(r"([+−])(\d+(?:\.(\d+))?)(?:e(−?\d+))?", shown)
    if not found:
        return False
    sign, digits, decimals, power = found.groups()
    scale = 10.0 ** int((power or "0").replace("−", "-"))
    number = float(digits) * scale * (-1 if sign == "−" else 1)
    half = 0.5 * 10.0 ** -len(decimals or "") * scale
    return (sign == "−") == (value < 0) and abs(number - value) <= half * (1 + 1e-9)


def quantities(scene: Scene) -> dict[str, np.ndarray]:
    """What each label of the plain cell means, computed from the trace's arrays alone."""
    trace, (layer,), t = scene.trace, scene.trace.layers, scene.t
    p, now, before, after = trace.parameters, subscript(t), subscript(t - 1), subscript(t + 1)
    h, delta = layer.values["h"], np.vstack([layer.delta, np.zeros_like(layer.delta[:1])])
    y, o, y_hat = trace.y[t - 1], trace.o[t - 1], trace.y_hat[t - 1]
    found = {
        f"U x{now}": p["U"] @ trace.x[t - 1], f"W h{before}": p["W"] @ h[t - 1], f"V h{now}": p["V"] @ h[t],
        f"a{now}": layer.a[t - 1], f"h{now}": h[t], f"o{now}": o, f"ŷ{now}": y_hat, f"y{now}": y,
        f"½ (o{now} − y{now})²": 0.5 * (o - y) ** 2, f"L{now}": trace.losses[t - 1 : t],
        f"−y{now} log ŷ{now}": -y * np.log(np.where(y > 0, y_hat, 1.0)),
        "L_t": trace.losses, "L": np.array([trace.losses.sum()]),
        f"∂L/∂o{now}": trace.dL_do[t - 1], f"Vᵀ ∂L/∂o{now}": p["V"].T @ trace.dL_do[t - 1],
        f"Wᵀ δ{after}": p["W"].T @ delta[t], f"∂L/∂h{now}": layer.dL_dh[t - 1], f"tanh′(a{now})": 1 - h[t] ** 2,
        f"δ{now}": delta[t - 1], f"x{now}": trace.x[t - 1], f"h{before}": h[t - 1],
        f"∂L/∂x{now}": trace.dL_dx[t - 1],
        **{name: p[name] for name in ("b", "c") if name in p},
    }  # fmt: skip
    bias = {f"∂⁺L/∂{name} (t = {t})": found[f"{of}{now}"] for name, of in (("b", "δ"), ("c", "∂L/∂o"))}
    return found | bias


def numbers_in(line: Line) -> Iterator[tuple[str, int, Span]]:
    """Each number of a line with the label before it and its entry."""
    label = ""
    for span in line:
        if span.subject is None and span.role in ("label", "now") and span.text.strip():
            # A route's number is none of the step's numbers.
            label = re.sub(r"^\(\d\) ", "", span.text.strip())
        elif isinstance(span.subject, Choose) and span.role != "dim":
            yield label, span.subject.entry, span


@pytest.mark.parametrize("name", BUNDLED)
def test_numbers_shown_are_the_trace(name: str) -> None:
    taught = lesson(name)
    seen: set[str] = set()
    for position in range(taught.timeline.last + 1):
        for parameter in taught.parameter_names:
            scene = scene_of(taught, position, parameter=parameter)
            known = quantities(scene)
            views = (operation_view, numbers_view) if parameter == taught.parameter_names[0] else (operation_view,)
            for line in (line for view in views for line in view.draw(scene, 200, 40)):
                for label, entry, span in numbers_in(line):
                    assert stands_for(span.text, float(known[label][entry])), (position, label, entry, span.text)
                    seen.add(label[:2])
    assert {"U ", "W ", "h₁", "o₁", "δ₁", "∂L", "Vᵀ", "Wᵀ", "L", "ta"} <= seen


@pytest.mark.parametrize("name", BUNDLED)
def test_all_numbers_of_the_step_are_shown_once_they_are_known(name: str) -> None:
    taught = lesson(name)
    H, K = taught.trace.layers[0].h.shape[1], taught.trace.o.shape[1]
    scene = scene_of(taught, taught.timeline.end_of(Phase.BACKWARD, 1))
    counts: dict[str, int] = {}
    for line in numbers_view.draw(scene, 220, 40):
        for label, _, _ in numbers_in(line):
            counts[label] = counts.get(label, 0) + 1
    assert counts.items() >= {"a₁": H, "h₁": H, "o₁": K, "ŷ₁": K, "L₁": 1, "∂L/∂o₁": K, "∂L/∂h₁": H, "δ₁": H}.items()
    before_all = numbers_view.draw(scene_of(taught, 0), 220, 40)
    assert not any(list(numbers_in(line)) for line in before_all), "nothing is known at the start"


def test_gradient_blocks_add_up_to_the_trace() -> None:
    taught = lesson("length-three")
    trace = taught.trace
    for t in (3, 2, 1):
        lines = gradient_view.draw(scene_of(taught, taught.timeline.end_of(Phase.BACKWARD, t)), 120, 4)
        rows = [re.findall(r"[+−][\d.]+(?:e−?\d+)?|(?<= )0(?= |$)", text_of(line)) for line in lines[-2:]]
        blocks = [trace.accumulated.at("W", t + 1), trace.contributions.at("W", t), trace.accumulated.at("W", t)]
        for shown, wanted in zip(rows, np.hstack(blocks), strict=True):
            assert len(shown) == len(wanted), shown
            assert all(stands_for(text, float(value)) for text, value in zip(shown, wanted, strict=True)), shown


# Clicks.


@pytest.mark.parametrize("width", [60, 118, 220])
@pytest.mark.parametrize("taught", [lesson("wo-zuotian"), long_lesson(40)], ids=["words", "numbers"])
def test_clicking_the_network_goes_to_that_time_step(taught: Lesson, width: int) -> None:
    for position in range(0, taught.timeline.last + 1, 3):
        scene = scene_of(taught, position)
        phase = Phase.BACKWARD if scene.backwards else Phase.FORWARD
        plan = network_view.plan_for(scene, width, 14)
        seen = range(plan.first, plan.first + plan.count)
        assert scene.t in seen
        for line in network_view.draw(scene, width, 14):
            spans = [span_at(line, column) for column in range(width)]
            clicked = [span.subject if span is not None else None for span in spans]
            steps = [taught.timeline.step(go.position) for go in clicked if isinstance(go, GoTo)]
            assert all(step.phase is phase for step in steps)
            times = [step.t for step in steps]
            assert times == sorted(times)
            assert set(times) in ({*seen}, set())
            assert all(go.position == taught.timeline.end_of(phase, taught.timeline.step(go.position).t)
                       for go in clicked if isinstance(go, GoTo))  # fmt: skip


def test_clicking_the_timeline_goes_through_all_of_it_in_order() -> None:
    taught = lesson("wo-zuotian")
    timeline = taught.timeline
    ends = [timeline.end_of(Phase.FORWARD, t) for t in range(1, 6)] + [timeline.loss_position]
    ends += [timeline.end_of(Phase.BACKWARD, t) for t in range(5, 0, -1)] + [timeline.last]
    for position in range(timeline.last + 1):
        (line,) = timeline_view.draw(scene_of(taught, position), 100, 1)
        marks = [span for span in line if isinstance(span.subject, GoTo)]
        assert [span.subject for span in marks] == [GoTo(end) for end in ends]
        reached = [span.text for span in marks]
        # Behind the cursor all is full, at it there is one mark, after it all is empty.
        assert re.fullmatch("●*◉?○*", "".join(reached)), reached
        assert reached.count("◉") == (position > 0)


@pytest.mark.parametrize("width", [60, 118, 220])
def test_a_long_timeline_is_seen_from_end_to_end(width: int) -> None:
    taught = long_lesson(1000)
    timeline = taught.timeline
    (line,) = timeline_view.draw(scene_of(taught, timeline.loss_position), width, 1)
    goals = [span.subject.position for span in line if isinstance(span.subject, GoTo)]
    assert goals == sorted(set(goals))
    assert {timeline.end_of(Phase.FORWARD, 1000), timeline.loss_position, timeline.last} <= set(goals)
    assert timeline.end_of(Phase.BACKWARD, 1) in goals
    assert len(goals) < width


def test_clicking_a_word_of_the_title_goes_to_its_time_step() -> None:
    taught = lesson("wo-zuotian")
    for position in (0, 7, taught.timeline.loss_position, taught.timeline.last):
        scene = scene_of(taught, position)
        (line,) = title_view.draw(scene, 160, 1)
        steps = [taught.timeline.step(span.subject.position) for span in line if isinstance(span.subject, GoTo)]
        assert [step.t for step in steps] == [1, 2, 3, 4, 5]
        assert {step.phase for step in steps} == {Phase.BACKWARD if scene.backwards else Phase.FORWARD}


@pytest.mark.parametrize("language", LANGUAGES)
def test_clicking_a_key_runs_its_command(language: Language) -> None:
    scene = scene_of(lesson("scalar-t3"), 3, language)
    known = {command.id for command in COMMANDS}
    for view, width, height in ((footer_view, 160, 1), (help_view.Page(), 100, 60), (footer_view, 60, 1)):
        runs = {span.subject.command for line in view.draw(scene, width, height) for span in line
                if isinstance(span.subject, Run)}  # fmt: skip
        assert runs <= known
        assert {"next", "back", "help", "quit"} <= runs
        assert view is footer_view or runs == known


def test_clicking_a_number_writes_it_out() -> None:
    taught = lesson("wo-zuotian")
    scene = scene_of(taught, taught.timeline.end_of(Phase.BACKWARD, 3) - 1)
    entries = {entry for line in operation_view.draw(scene, 120, 20) for _, entry, _ in numbers_in(line)}
    assert entries == {0, 1, 2}
    assert scene.working is not None
    for entry in entries:
        shown = "".join(map(text_of, operation_view.draw(replace(scene, entry=entry), 120, 20)))
        assert f"[{entry + 1}] {scene.write(in_numbers(scene.working.entry(entry)))} = " in shown
