"""What the page of gradients through time says in words and tables: verdict, spectra, the first NaN. No textual."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from bptt_viz.flow.bounds import plain_recurrence
from bptt_viz.formatting import norm, plain, significant
from bptt_viz.formulas import Symbol
from bptt_viz.views.canvas import Line, Span, fit, left, length, right, width_of
from bptt_viz.views.flow_parts import derivative, layer_of, norm_from, normed, paragraph, step_of, waiting

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.flow.spectra import Spectrum
    from bptt_viz.views.scene import Scene

#: Cells of a number of the table, and of the largest power with its exponent.
_NUMBER: Final = 9
_POWER: Final = 16


def verdict(scene: Scene) -> str:
    """What the norm of the cursor's step does with distance; empty while it is computed."""
    found = scene.lesson.flows.curves(layer_of(scene), step_of(scene))
    if found is None:
        return ""
    judged = found.verdict
    return scene.say(
        f"flow.verdict.{judged.kind}",
        norm=normed(scene, derivative(found.t, "k")),
        final=norm_from(judged.final),
        distance=judged.distance,
        factor=significant(judged.factor, 3),
        peak=norm_from(judged.peak),
        peak_at=judged.peak_at,
        first=judged.from_distance,
    )


def spectrum_heading(scene: Scene) -> str:
    """What the part is called."""
    return scene.say("flow.spectrum")


def draw_spectrum(scene: Scene, width: int, height: int) -> list[Line]:
    """Eigenvalues and singular values of the recurrent matrices and of the cursor's Jacobian, and what they say."""
    layer, t = layer_of(scene), step_of(scene)
    found = scene.lesson.flows.spectra(layer, t)
    if found is None:
        return waiting(scene, width)[:height]
    values = scene.lesson.flows.singular_values(layer, t)
    names = [scene.write((Symbol(one.name),)) for one in found]
    jacobian = scene.write(derivative(t, t - 1))
    label = max(map(width_of, (*names, jacobian))) + 2
    lines = [_columns(scene, names, label)]
    lines += [_matrix(one, name, label) for one, name in zip(found, names, strict=True)]
    lines.append(_jacobian(jacobian, values, label))
    for sentence in _said(scene, found):
        more = paragraph(sentence, width)
        lines += more if len(lines) + len(more) <= height else []
    singular = _all_of(scene, found[0], names[0], width)
    lines += [singular] if len(lines) < height and len(found[0].singular_values) > 2 else []
    return [fit(line, width) for line in lines][:height]


def _columns(scene: Scene, names: list[str], label: int) -> Line:
    texts = ("ρ", "σ_max", "σ_min", scene.say("flow.powers", matrix=names[0] if len(names) == 1 else "·"))
    return (
        Span(" " * label),
        *(Span(right(text, _NUMBER if index < 3 else _POWER), "dim") for index, text in enumerate(texts)),
    )


def _matrix(one: Spectrum, name: str, label: int) -> Line:
    numbers = (one.radius, float(one.singular_values[0]), float(one.singular_values[-1]))
    power = f"{norm_from(float(one.powers[one.peak]))} (k = {one.peak})"
    return (
        Span(left(f" {name}", label), "label"),
        *(Span(right(_short(number), _NUMBER), "number") for number in numbers),
        Span(right(power, _POWER), "number"),
    )


def _jacobian(name: str, values: Array, label: int) -> Line:
    texts = ("", _short(float(values[0])), _short(float(values[-1])))
    return (Span(left(f" {name}", label), "current"), *(Span(right(text, _NUMBER), "number") for text in texts))


def _short(value: float) -> str:
    """Four digits, or three where those have no room."""
    text = plain(value) if not math.isfinite(value) else significant(value, 4)
    return text if len(text) < _NUMBER else norm(value, _NUMBER - 2)


def _said(scene: Scene, found: tuple[Spectrum, ...]) -> list[str]:
    """What eigenvalues and singular values tell, each as far as it is true."""
    sentences: list[str] = []
    recurrence = plain_recurrence(scene.trace.network.cells_at(step_of(scene))[layer_of(scene)])
    if recurrence is not None and math.isfinite(found[0].radius):
        matrix, steepest = recurrence
        factor = float(found[0].singular_values[0]) * steepest
        key = "flow.must_vanish" if factor < 1 else "flow.may_explode"
        sentences.append(scene.say(key, matrix=scene.write((Symbol(matrix),)), factor=significant(factor, 4)))
    elif recurrence is None:
        sentences.append(scene.say("flow.no_bound"))
    for one in found:
        name = scene.write((Symbol(one.name),))
        peak = norm_from(float(one.powers[one.peak]))
        if one.grows_first:
            sentences.append(scene.say("flow.grows_first", matrix=name, peak=peak, power=one.peak))
        elif one.is_normal and len(found) == 1:
            sentences.append(scene.say("flow.normal", matrix=name))
    return sentences


def _all_of(scene: Scene, one: Spectrum, name: str, width: int) -> Line:
    """All singular values, as many as have room."""
    line: list[Span] = [Span(f" {scene.say('flow.singular_values', matrix=name)}", "dim")]
    for value in map(float, one.singular_values):
        more = Span(f" {_short(value)}", "number")
        if length([*line, more]) + 2 > width:
            return (*line, Span(" …", "dim"))
        line.append(more)
    return tuple(line)


def origin_heading(scene: Scene) -> str:
    """What the part is called."""
    return scene.say("flow.origin")


def draw_origin(scene: Scene, width: int, height: int) -> list[Line]:
    """The first number that is not finite, how it was computed, and from what."""
    found = scene.lesson.flows.origin()
    if found is None:
        return paragraph(scene.say("flow.all_finite"), width, "dim")[:height]
    try:
        reason = scene.lesson.reasons.of(found.number)
    except KeyError:
        quantity = scene.quantity(found.quantity)
        return paragraph(scene.say("flow.origin.only", quantity=quantity, t=found.step), width)[:height]
    name = scene.write(reason.name)
    head = (Span(f" {name} = ", "formula"), Span(plain(found.value), "error", None, found.number))
    lines: list[Line] = [head]
    lines += paragraph(f"= {scene.write(reason.formula)}", width, "number")
    lines += paragraph(f"= {scene.write(reason.substituted)}", width, "number")
    if reason.sources:
        largest = max(reason.sources, key=lambda source: abs(source.value))
        said = scene.say("flow.origin.largest", name=scene.write(largest.symbol), value=significant(largest.value))
        lines += paragraph(said, width)
    return [fit(line, width) for line in lines][:height]
