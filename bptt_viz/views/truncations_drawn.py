"""One draw of the randomized truncation, and the mean of many on its way to the full gradient. No textual.

No quantity is computed here. The draws are those that the key for another one shows, one after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from bptt_viz.formatting import norm, signed, significant
from bptt_viz.notation import Partial, Symbol
from bptt_viz.views.canvas import Line, Span, fit, left, length, right, width_of, wrap
from bptt_viz.views.plot import Band, Curve, Mark, Plot, draw_plot
from bptt_viz.views.truncations import WantedDraws
from bptt_viz.views.truncations_rows import gradient_rows, keys, label_width, labelled, scale_of

if TYPE_CHECKING:
    from bptt_viz.truncation_comparison import Compared
    from bptt_viz.truncation_draws import Draws
    from bptt_viz.views.scene import Scene

#: Lines that a plot needs, and the fewest that it is drawn in.
_PLOT: Final = 8
_FEWEST: Final = 5
_KEYS: Final = (
    (("draw",), "truncations.keys.draw"),
    (("entry_down", "entry_up"), "truncations.keys.entry"),
    (("keep_less", "keep_more"), "truncations.keys.more"),
)
_TURN: Final = ((("panel",), "truncations.keys.compare"),)
_N: Final = "N"
#: Where a number comes in a message.
_VALUE: Final = "\0"


def chosen_entry(scene: Scene) -> tuple[int, ...] | None:
    """The entry whose mean is drawn; None for all together."""
    if scene.entry is None:
        return None
    shape = scene.trace.parameters[scene.parameter].shape
    return tuple(map(int, np.unravel_index(scene.entry % int(np.prod(shape)), shape)))


def draw(scene: Scene, width: int, height: int, *, alone: bool = True) -> list[Line]:
    """At most ``height`` lines of ``width`` cells; ``alone`` says whether the other part is a key away."""
    choices, truncations = scene.lesson.choices, scene.lesson.truncations
    wanted = WantedDraws(scene.parameter, choices.probability, choices.first_seed)
    draws = truncations.draws(wanted)
    one = truncations.compared(choices.tables["randomized"])
    lines = _xi(scene, one, width)
    if draws is None:
        done, count = truncations.done(wanted)
        told: list[Line] = [
            (Span(" "), Span(scene.say("truncations.drawing", done=f"{done:,}", count=f"{count:,}"), "now"))
        ]
        below: list[Line] = []
    else:
        below = [(Span(" "), *line) for line in wrap(_mean_of_xi(scene, draws), width - 2, "dim")]
        told = [_now(scene, draws, width)]
    below.append(keys(scene, (*_KEYS, *(_TURN if alone else ())), width))
    spare = height - len(lines) - len(told)
    rows = min(len(scene.trace.parameters[scene.parameter]), spare - _PLOT - len(below) - 1)
    if rows > 0 and one is not None:
        lines += _gradients(scene, one, draws, width, rows)
    lines += told
    if height - len(lines) - len(below) < _FEWEST:
        below = below[-1:]
    if height - len(lines) - len(below) < _FEWEST:
        below = []
    room = height - len(lines) - len(below)
    if draws is not None and room >= _FEWEST:
        lines += draw_plot(_plot(scene, draws), width, room, plain=scene.plain)
    return [fit(line, width) for line in (*lines, *below)][:height]


def _name(scene: Scene) -> str:
    """Which draw it is."""
    choices = scene.lesson.choices
    if not choices.drawn:
        return scene.say("truncations.listed")
    return scene.say("truncations.draw", number=choices.drawn, seed=choices.tables["randomized"].seed)


def _xi(scene: Scene, one: Compared | None, width: int) -> list[Line]:
    """The ξ of the draw over time, those around the cursor."""
    steps = scene.trace.T
    if steps == 1 or one is None:
        return [(Span(" "), Span(_name(scene), "now"))]
    values = [(j, one.truncation.edge(j)) for j in range(2, steps + 1)]
    names = [_name(scene), scene.write((Symbol("xi", "t"),))]
    label = label_width(names, 2 * width)
    cell = max(width_of(str(steps)), *(width_of(significant(value, 3)) for _, value in values)) + 2
    count = min(len(values), max((width - label) // cell, 1))
    first = min(max(scene.t - 2 - count // 2, 0), len(values) - count)
    seen = values[first : first + count]
    heads = [Span(right(str(j), cell), "current" if j == scene.step.t else "dim") for j, _ in seen]
    xi = [Span(right(significant(value, 3), cell), "now" if value else "future") for _, value in seen]
    return [labelled(names[0], label, tuple(heads), lit=True), labelled(names[1], label, tuple(xi))]


def _gradients(scene: Scene, one: Compared, draws: Draws | None, width: int, rows: int) -> list[Line]:
    """The draw's gradient, the mean of all draws so far, and the full one."""
    names, parts = [_name(scene)], [one.gradients[scene.parameter]]
    if draws is not None:
        count = min(max(scene.lesson.choices.drawn, 1), draws.count)
        names += [scene.say("truncations.mean", count=f"{count:,}"), scene.say("truncations.exact")]
        parts += [draws.mean(count), draws.full]
    scale, column = scale_of(parts), width // 3
    entry = None if chosen_entry(scene) is None else scene.entry
    heads = tuple(Span(left(f" {name}", column), "label") for name in names)
    made = [gradient_rows(part, column, rows, scale, entry=entry) for part in parts]
    return [heads, *(tuple(span for line in lines for span in line) for lines in zip(*made, strict=True))]


def _now(scene: Scene, draws: Draws, width: int) -> Line:
    """What the mean is after the draws so far, the full gradient's entry, and the mean of all, where they have room."""
    entry = chosen_entry(scene)
    so_far = min(scene.lesson.choices.drawn, draws.count)
    parts = [_mean(scene, draws, count) for count in dict.fromkeys((so_far, draws.count)) if count]
    if entry is not None:
        exact = Span(signed(float(draws.full[entry])), "formula")
        parts.insert(1, _spanned(scene.say("truncations.exact.value", value=_VALUE), exact))
    line: Line = ()
    for part in parts:
        if length(line) + length(part) + 2 <= width:
            line = (*line, Span("  " if line else " "), *part)
    return line


def _mean(scene: Scene, draws: Draws, count: int) -> Line:
    """The mean of ``count`` draws of the chosen entry with its standard error, or how far all of them are away."""
    entry = chosen_entry(scene)
    value, error = draws.after(count, entry)
    if entry is None:
        said = scene.say("truncations.mean.away", count=f"{count:,}", away=scene.say("truncations.away"), value=_VALUE)
        return _spanned(said, Span(norm(value), "number"))
    line = _spanned(
        scene.say("truncations.mean.value", count=f"{count:,}", value=_VALUE), Span(signed(value), "number")
    )
    if not np.isfinite(error):
        return line
    return (*line, Span(scene.say("truncations.with_error", error=norm(error)), "number"))


def _spanned(said: str, value: Span) -> Line:
    """A message with a number in its place."""
    before, after = said.split(_VALUE)
    return (Span(before, "label"), value, Span(after, "label"))


def _mean_of_xi(scene: Scene, draws: Draws) -> str:
    if not len(draws.xi_means):
        return scene.say("truncations.no_edge")
    return scene.say(
        "truncations.xi",
        xi=scene.write((Symbol("xi", "t"),)),
        probability=scene.lesson.choices.probability,
        count=f"{draws.count:,}",
        mean=f"{draws.xi_means[-1]:.3f}",
    )


def _plot(scene: Scene, draws: Draws) -> Plot:
    """The mean of one entry with its standard error, or how far all entries together are from the full gradient."""
    entry, drawn = chosen_entry(scene), scene.lesson.choices.drawn
    path = draws.convergence(entry)
    marks = [Mark("x", float(np.log10(drawn)), f"{_N} = {drawn:,}")] if 1 <= drawn <= draws.count else []
    x_label = f"log₁₀ {_N}"
    if entry is None:
        curves = (
            Curve(scene.say("truncations.away"), path.logarithms, path.values),
            Curve(scene.say("truncations.expected"), path.logarithms, path.errors),
        )
        return Plot(curves, "log", x_label, marks=tuple(marks))
    written = scene.write((Partial(Symbol("L"), Symbol(scene.parameter, None, tuple(one + 1 for one in entry))),))
    marks.insert(0, Mark("y", path.exact, scene.say("truncations.exact"), "formula"))
    mean = Curve(scene.say("truncations.mean", count=_N), path.logarithms, path.values)
    band = Band(scene.say("truncations.error"), path.logarithms, path.values - path.errors, path.values + path.errors)
    return Plot((mean,), "linear", x_label, written, tuple(marks), (band,))
