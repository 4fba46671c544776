"""What the page of gradients through time says in words and tables: verdict, spectra, the first NaN. No textual."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from bptt_viz.flow.bounds import plain_recurrence
from bptt_viz.formatting import full, norm, plain, significant
from bptt_viz.formulas import Symbol
from bptt_viz.views.canvas import Line, Role, Span, fit, left, length, right, width_of
from bptt_viz.views.flow_parts import (
    derivative,
    jacobian,
    layer_of,
    norm_from,
    normed,
    of_all_states,
    paragraph,
    step_of,
    waiting,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bptt_viz.activations import Array
    from bptt_viz.flow.outlook import Outlook
    from bptt_viz.flow.spectra import Spectrum
    from bptt_viz.views.scene import Scene


class _Cells(NamedTuple):
    """Cells of a row's name, of a number and of the largest power with its exponent; 0 where that has no room."""

    label: int
    number: int
    power: int


#: Cells of a number and of a power, the widest first.
_WIDTHS: Final = ((9, 16), (8, 13), (8, 0))


def verdict(scene: Scene) -> tuple[str, str]:
    """What the norm of the cursor's step does with distance, and what else is known; empty while it is computed."""
    found = scene.lesson.flows.curves(layer_of(scene), step_of(scene))
    if found is None:
        return "", ""
    judged = found.verdict
    said = scene.say(
        f"flow.verdict.{judged.kind}",
        norm=normed(scene, of_all_states(scene, found.t, "k")),
        final=norm_from(judged.final),
        distance=judged.distance,
        factor=significant(judged.factor, 3),
        peak=norm_from(judged.peak),
        peak_at=judged.peak_at,
        trough=norm_from(judged.trough),
        trough_at=judged.trough_at,
        first=judged.from_distance,
    )
    if found.states is not None:
        hidden, final = normed(scene, derivative(scene, found.t, "k")), norm_from(float(found.norms[-1]))
        return said, scene.say("flow.verdict.alone", norm=hidden, final=final)
    # A curve that ends within reach leaves open what becomes of it.
    proved = scene.lesson.flows.outlook(layer_of(scene), found.t)
    open_ended = judged.kind == "hump" and proved is not None and proved.proof == "limit_vanishes"
    return said, _proved(scene, proved) if open_ended and proved is not None else ""


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
    of_step = jacobian(scene, t, t - 1)
    label = max(map(width_of, (*names, of_step))) + 1
    # Powers of a gate's matrix bound nothing.
    with_power = _WIDTHS if len(found) == 1 else ((_WIDTHS[0][0], 0),)
    fitting = (_Cells(label, *widths) for widths in with_power if label + 3 * widths[0] + widths[1] <= width)
    cells = next(fitting, _Cells(label, *_WIDTHS[-1]))
    lines = [_columns(scene, names, cells)]
    lines += [_matrix(one, name, cells) for one, name in zip(found, names, strict=True)]
    lines.append(_jacobian(of_step, values, cells))
    for sentence in _said(scene, found):
        more = paragraph(sentence, width)
        lines += more if len(lines) + len(more) <= height else []
    singular = _all_of(scene, found[0], names[0], width)
    lines += [singular] if len(lines) < height and len(found[0].singular_values) > 2 else []
    return [fit(line, width) for line in lines][:height]


def _columns(scene: Scene, names: list[str], cells: _Cells) -> Line:
    power = scene.say("flow.powers", matrix=names[0])
    return _row(Span(" " * cells.label), ("ρ", "σ_max", "σ_min"), power, cells, "dim")


def _matrix(one: Spectrum, name: str, cells: _Cells) -> Line:
    numbers = (one.radius, float(one.singular_values[0]), float(one.singular_values[-1]))
    power = f"{norm_from(float(one.powers[one.peak]), 6)} (k = {one.peak})"
    shown = [_short(number, cells.number) for number in numbers]
    return _row(Span(left(f" {name}", cells.label), "label"), shown, power, cells, "number")


def _jacobian(name: str, values: Array, cells: _Cells) -> Line:
    shown = ("", _short(float(values[0]), cells.number), _short(float(values[-1]), cells.number))
    return _row(Span(left(f" {name}", cells.label), "current"), shown, "", cells, "number")


def _row(name: Span, numbers: Sequence[str], power: str, cells: _Cells, role: Role) -> Line:
    last = (Span(right(power, cells.power), role),) if cells.power else ()
    return (name, *(Span(right(text, cells.number), role) for text in numbers), *last)


def _short(value: float, width: int = _WIDTHS[0][0]) -> str:
    """Four digits, or three where those have no room."""
    text = plain(value) if not math.isfinite(value) else significant(value, 4)
    return text if len(text) < width else norm(value, width - 2)


def _said(scene: Scene, found: tuple[Spectrum, ...]) -> list[str]:
    """What eigenvalues and singular values tell, each as far as it is true."""
    layer, t = layer_of(scene), step_of(scene)
    if plain_recurrence(scene.trace.network.cells_at(t)[layer]) is None:
        # What a matrix does when it is repeated says nothing there.
        return [scene.say("flow.no_bound")]
    proved = scene.lesson.flows.outlook(layer, t)
    sentences = [_proved(scene, proved)] if proved is not None else []
    for one in found:
        name = scene.write((Symbol(one.name),))
        peak = norm_from(float(one.powers[one.peak]))
        if one.grows_first:
            sentences.append(scene.say("flow.grows_first", matrix=name, peak=peak, power=one.peak))
        elif one.is_normal:
            sentences.append(scene.say("flow.normal", matrix=name))
    return sentences


def _proved(scene: Scene, found: Outlook) -> str:
    """What W and φ prove."""
    matrix = scene.write((Symbol(found.matrix),))
    return scene.say(f"flow.{found.proof}", matrix=matrix, factor=_beside_one(found.factor))


def _beside_one(factor: float) -> str:
    """Four digits, or as many as tell it from 1.

    >>> _beside_one(1.6), _beside_one(0.99996), _beside_one(1.0)
    ('1.6', '0.99996', '1')
    """
    if factor == 1:
        return "1"
    texts = (significant(factor, digits) for digits in range(4, 17))
    return next((text for text in texts if text != "1"), full(factor))


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
    reason = scene.lesson.reasons.of(found.number)
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
