"""The current operation: formula, rows, one entry in numbers. No textual, no quantity computed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from bptt_viz.arithmetic import in_numbers
from bptt_viz.formatting import plain, signed
from bptt_viz.notation import CANONICAL, Symbol
from bptt_viz.quantities import Number, Single
from bptt_viz.timeline import Phase
from bptt_viz.views.canvas import Line, Role, Span, crop, length, shortened, width_of, wrap
from bptt_viz.views.entry_lines import ending
from bptt_viz.views.rows import Columns, label_width, names_row, value_row

if TYPE_CHECKING:
    from bptt_viz.views.scene import Scene
    from bptt_viz.working import Part, Working


#: Lines of a formula that come before an entry's second line.
_LINES_OF_FORMULA: Final = 2
#: The arithmetic of what is not computed at all.
_NOTHING: Final = ("0",)
#: Cells of an entry's name before its numbers.
_LONGEST_NAME: Final = 12
#: Steps that were generated have none, and say why.
_NO_TARGET: Final = "remark.no_target"


def title(scene: Scene) -> str:
    """What the panel is called: what happens now."""
    step = scene.step
    if step.operation is None:
        return scene.say("operation.total_loss" if step.phase is Phase.LOSS else f"operation.{step.phase.value}")
    return scene.say(f"operation.{step.operation.kind}", t=step.t)


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """At most ``height`` lines of ``width`` cells."""
    working = scene.working
    if working is None:
        return shortened([(Span(" "), *line) for line in _opening(scene, width - 2)], width, height)
    written = scene.write(working.formula)
    formula = wrap(written, width - 2, "formula")
    table: list[Line] = []
    worked: list[Line] = []
    told: list[Line] = []
    if working.parts:
        entry = chosen_entry(scene, working)
        table, told = _part_lines(scene, working, width, entry)
        if len(table) > height - 2:
            table = [line for line in table if not _only_counts(line)]
        # The rows and an entry with its result come first: the answer to "why?" writes the formula out, too.
        most = max(height - len(table) - min(len(formula), _LINES_OF_FORMULA), 1)
        worked = _in_numbers(scene, working, entry, width, most)
    if scene.step.phase is Phase.UPDATE:
        told.append(_rate_and_norm(scene))
        told += [(Span(" "), *line) for line in wrap(clipping(scene), width - 2, "dim")]
    if working.remark == _NO_TARGET and 0 < scene.lesson.generated_from <= scene.t:
        told += [(Span(" "), *line) for line in wrap(scene.say("remark.generated"), width - 2, "dim")]
    elif working.remark:
        told += [(Span(" "), *line) for line in wrap(remark(scene, working.remark), width - 2, "dim")]
    for key, name in working.letters:
        told += [(Span(" "), *line) for line in wrap(_letter(scene, key, name), width - 2, "dim")]
    room = max(height - len(table) - len(worked), 1)
    if len(formula) > room:
        formula = wrap(written, width - 4, "formula")
    shown = shortened([(Span(" "), *line) for line in formula], width, room)
    return shortened([*shown, *table, *worked, *told], width, height)


def _only_counts(line: Line) -> bool:
    """Whether the line heads columns with the numbers 1, 2, …, which go without saying."""
    return all(not span.text.strip() or span.text.strip().isdecimal() for span in line)


def remark(scene: Scene, key: str) -> str:
    """What needs saying about the step."""
    names = scene.parameter, scene.trace.network.in_place_of(scene.parameter)
    parameter, other = (scene.write((Symbol(name),)) for name in names)
    return scene.say(key, T=scene.trace.T, t=scene.t, parameter=parameter, other=other)


def _letter(scene: Scene, key: str, name: str) -> str:
    """What a letter stands for."""
    gate, at_step = (scene.write((Symbol(name, t),)) for t in (None, "t"))
    return scene.say(key, gate=gate, at_step=at_step, pre_activation=scene.write((Symbol("a_o"),)))


def _rate_and_norm(scene: Scene) -> Line:
    """What the gradient is multiplied by, and how long it is."""
    rate, norm = plain(scene.trace.scenario.update.learning_rate), plain(scene.trace.gradient_norm)
    return (
        Span(" "),
        Span(scene.say("operation.rate", rate=rate), "number", None, Number(Single("rate"))),
        Span("   "),
        Span(scene.say("operation.norm", norm=norm), "number", None, Number(Single("norm"))),
    )


def clipping(scene: Scene) -> str:
    """What clipping does to the gradient, if the scenario clips."""
    clip, norm = scene.trace.scenario.update.clip, scene.trace.gradient_norm
    if clip is None:
        return ""
    threshold = plain(clip.threshold)
    if clip.kind == "value":
        return scene.say("remark.clip.value", threshold=threshold)
    if not norm > clip.threshold:
        return scene.say("remark.clip.norm.below", threshold=threshold)
    return scene.say("remark.clip.norm", threshold=threshold, factor=plain(clip.threshold / norm))


def chosen_entry(scene: Scene, working: Working) -> int:
    """The entry that is written out: the chosen one, or the one that the step is about."""
    return working.focus if scene.entry is None else scene.entry % len(working.counted.values)


def _part_lines(scene: Scene, working: Working, width: int, entry: int) -> tuple[list[Line], list[Line]]:
    """A line for each part, with the entries' names above wherever what they count changes; and notes without room."""
    parts = working.parts
    labels = [f"({part.route}) " * (part.route > 0) + scene.write(part.formula) for part in parts]
    notes = [_note(scene, part) or scene.write(part.meaning) for part in parts]
    longest = max(len(part.values) for part in parts)
    label = label_width(labels)
    columns = Columns.within(width, label, longest, entry)
    below: list[Line] = []
    if columns.end + 2 + max(map(width_of, notes)) > width:
        below = _routes(scene, working, width)
        notes = [""] * len(parts)
    lines: list[Line] = []
    axis = ""
    for index, (part, text, note) in enumerate(zip(parts, labels, notes, strict=True)):
        names = scene.labels(part.axis, len(part.values))
        if names and part.axis != axis:
            lines.append(names_row(names, columns, len(part.values)))
        axis = part.axis
        role: Role = "now" if part.operator == "=" else "text"
        lit = entry if len(part.values) > 1 and working.counts(part) else None
        numbers = partial(scene.number, scene.position, index, part)
        row = value_row(part.operator or "", text, part.values, columns, role, lit, part.present, numbers)
        gap = " " * (columns.end + 2 - length(row))
        lines.append((*row, Span(gap), Span(note, "dim")) if note else row)
    return lines, below


def _note(scene: Scene, part: Part) -> str:
    """Where a row comes from, if that is told."""
    return scene.say(part.note, gate=scene.write(part.meaning)) if part.note else ""


def _routes(scene: Scene, working: Working, width: int) -> list[Line]:
    """Where the gradients of the numbered routes come from, each route once."""
    told = {f"({part.route}) {_note(scene, part)}": None for part in working.parts if part.route and part.note}
    return [(Span(" "), *line) for line in wrap("   ".join(told), width - 2, "dim")]


def _in_numbers(scene: Scene, working: Working, entry: int, width: int, height: int) -> list[Line]:
    """``[1]  (−0.2)·1 + (…) = −0.729``: the formula with the numbers of one entry, its result whatever the room."""
    result = working.result
    axis = working.counted.axis
    names = scene.labels(axis, entry + 1)
    name = crop(names[entry], _LONGEST_NAME) if entry < len(names) and axis != "time" else ""
    value = result.values[entry if entry < len(result.values) else 0] if result.operator == "=" else None
    worked = working.entry(entry)
    if worked == _NOTHING:
        return []
    end = ""
    if value is not None and (len(result.values) > 1 or entry == working.focus):
        end = f" = {signed(float(value))}"
    if working.row is not None:
        end += f" = ({', '.join(plain(float(number)) for number in working.row(entry))})"
    head = (Span(" "), Span(f"[{name}]", "entry"), Span(" ")) if name else (Span(" "),)
    # Two cells are left for the ellipsis of what does not fit below.
    lines = ending(scene.write(in_numbers(worked)), end, width - length(head) - 2, height)
    indent = (Span(" " * length(head)),)
    return [(*(indent if index else head), *line) for index, line in enumerate(lines)]


def _opening(scene: Scene, width: int) -> list[Line]:
    scenario = scene.trace.scenario
    name = scene.text(scenario.title) or scene.lesson.source
    lines = [*wrap(name, width, "formula")]
    lines += wrap(scene.say("operation.how_to_begin"), width, "number")
    if scene.notation.name != CANONICAL:
        lines += [(), *wrap(scene.text(scene.notation.title), width, "label")]
        lines += wrap(scene.text(scene.notation.note), width, "dim")
    if scene.text(scenario.description):
        lines += [(), *wrap(scene.text(scenario.description), width)]
    return lines
