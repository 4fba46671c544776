"""Updates of the parameters, and the curves of training: scene → lines. No textual, no quantity computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from bptt_viz.commands import COMMANDS, cap
from bptt_viz.endings import SINGLES, update
from bptt_viz.formatting import told
from bptt_viz.notation import Symbol
from bptt_viz.quantities import Number, Single
from bptt_viz.training.moment import extremes
from bptt_viz.views import update_matrices
from bptt_viz.views.canvas import Line, Run, Span, fit, length, wrap
from bptt_viz.views.plot import Curve, Mark, Plot, draw_plot

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.views.scene import Scene

#: The numbers that there is one of and that are shown here.
_Name = Literal["L", "rate", "norm", "threshold", "clip_factor", "clipped_norm"]
#: Rows of the curves at least; where they have no room beside the matrices, Tab turns to them.
_LEAST_CURVES: Final = 6
_GAP: Final = "   "
#: A longer curve is drawn by the extremes of that many stretches.
_STRETCHES: Final = 1000


def title(scene: Scene) -> str:
    """Which parameter's step is shown."""
    shape = "×".join(map(str, scene.trace.parameters[scene.parameter].shape))
    return scene.say("training.title", parameter=scene.write((Symbol(scene.parameter),)), shape=shape)


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """At most ``height`` lines of ``width`` cells."""
    course = scene.course
    clipping = _clipping(scene, width)
    whole = len(_state(scene, width, "")) + len(clipping) + update_matrices.LEAST_ROWS + _LEAST_CURVES <= height
    # Without room for both, what is seen is what changes; Tab turns to the other.
    parts = ("curves", "step") if course.running else ("step", "curves")
    part, other = parts if scene.scroll % 2 == 0 else parts[::-1]
    if whole or not course.moment.updates:
        part, other = "step", ""
    lines = [fit(line, width) for line in (*_state(scene, width, other), *clipping)][:height]
    room = height - len(lines)
    if part == "curves":
        return [*lines, *_curves(scene, width, room)]
    if not course.moment.updates:
        return [*lines, *update_matrices.draw_all(scene, width, room)]
    matrices = update_matrices.draw(scene, width, room - _LEAST_CURVES if whole else room)
    return [*lines, *matrices, *(_curves(scene, width, room - len(matrices)) if whole else [])]


def _state(scene: Scene, width: int, other: str) -> list[Line]:
    """How far training is, what can be done, and where it broke; ``other`` is what Tab turns to."""
    course, trace = scene.course, scene.trace
    target = course.target
    runs = "rests" if target is None else "runs_to" if target < float("inf") else "runs_on"
    state = [
        Span(" "),
        Span(scene.say(f"training.{runs}", target=target), "dim" if target is None else "now"),
        Span(_GAP),
        Span(scene.say("training.updates", updates=course.moment.updates), "label"),
        Span(_GAP),
        _number(scene, "L", trace.loss),
        Span(_GAP),
        Span(scene.write(update(trace, scene.parameter).formula), "formula"),
        Span(_GAP),
        _number(scene, "rate", trace.scenario.update.learning_rate),
    ]
    keys = _keys(scene, other)
    together = (*state, Span(_GAP), *keys)
    lines: list[Line] = [together] if length(together) <= width else [tuple(state), (Span(" "), *keys)]
    divergence = course.moment.divergence
    if divergence is not None:
        entry = tuple(index + 1 for index in divergence.entry)
        name = "L" if divergence.quantity == "loss" else divergence.quantity
        told = scene.say(
            "training.diverged", place=scene.write((Symbol(name, entry=entry),)), updates=course.moment.updates
        )
        lines += wrap(f" {told}", width, "error")
    if course.failure is not None:
        lines += wrap(f" {course.failure.told(scene.language)}", width, "error")
    return lines


def _keys(scene: Scene, other: str) -> Line:
    """What can be done here, by key."""
    course, spans = scene.course, list[Span]()
    for command in (one for one in COMMANDS if one.group == "train" or (other and one.id == "panel")):
        name = {"train": "stop" if course.running else "train", "panel": other}.get(command.id, command.id)
        key, run = cap(scene.keys.get(command.id, command.keys)[0]), Run(command.id)
        told = scene.say(f"training.key.{name}", count=len(course.undo))
        spans += [Span(f"{key} ", "key", run), Span(f"{told}  ", "dim", run)]
    return tuple(spans)


def _clipping(scene: Scene, width: int) -> list[Line]:
    """What clipping does to the norm of all gradients together."""
    trace = scene.trace
    clip, clipped = trace.scenario.update.clip, trace.clipped_gradients
    norm = _number(scene, "norm", trace.gradient_norm)
    if clip is None or clipped is None:
        return [(Span(" "), norm, Span(_GAP), Span(scene.say("training.no_clip"), "dim"))]
    threshold = _number(scene, "threshold", clip.threshold)
    after = _number(scene, "clipped_norm", trace.clipped_norm)
    if trace.clip_factor is None:
        count = sum(int(trace.cut(name).sum()) for name in clipped)
        size = sum(values.size for values in clipped.values())
        told, numbers = scene.say("training.clip.value", count=count, size=size), [norm, threshold, after]
    elif trace.gradient_norm > clip.threshold:
        factor = _number(scene, "clip_factor", trace.clip_factor)
        told, numbers = scene.say("training.clip.norm"), [norm, threshold, factor, after]
    else:
        told, numbers = scene.say("training.clip.norm.below"), [norm, threshold]
    spans = [span for number in numbers for span in (Span(_GAP), number)]
    line = (Span(f" {told}", "dim"), *spans)
    return [line] if length(line) <= width else [(Span(f" {told}", "dim"),), (Span(" "), *spans[1:])]


def _number(scene: Scene, name: _Name, value: float) -> Span:
    said = scene.say("training.equals", name=scene.write(SINGLES[name]), value=told(value))
    return Span(said, "number", None, Number(Single(name)))


def _curves(scene: Scene, width: int, height: int) -> list[Line]:
    """The loss, and beside it the norm of the gradient on a logarithmic axis."""
    curves, clip = scene.course.moment.curves, scene.trace.scenario.update.clip
    axis, half = scene.say("training.axis"), (width - len(_GAP)) // 2
    left = Plot((_curve(curves.losses),), "linear", axis, scene.write(SINGLES["L"]))
    label = scene.say("training.norm_axis")
    if clip is not None:
        count, updates = int(curves.clipped[:-1].sum()), len(curves) - 1
        label += f" · {scene.say('training.clipped', count=count, updates=updates)}"
    marks = (
        (Mark("y", clip.threshold, scene.write(SINGLES["threshold"])),)
        if clip is not None and clip.kind == "norm"
        else ()
    )
    right = Plot((_curve(curves.norms),), "log", axis, label, marks)
    plots = [draw_plot(plot, half, height, plain=scene.plain) for plot in (left, right)]
    return [(*one, Span(_GAP), *other) for one, other in zip(*plots, strict=True)]


def _curve(ys: Array) -> Curve:
    places = extremes(ys, _STRETCHES)
    return Curve("", places.astype(np.float64), ys[places])
