"""Both ways to sum one gradient, side by side: by the uses of the parameter, and by the losses. No textual.

No quantity is computed here. A row is a time step: its two summands, which differ, and the sums as far as either pass
has them there, backward of the uses t..T, forward of the losses 1..t. The totals agree, and always have a row.
A number is shown once the cursor has reached it: on the left with its step backward, on the right with that forward.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from bptt_viz import sensitivity
from bptt_viz.formatting import NARROW, WIDE, fixed, plain
from bptt_viz.notation import Gradient, Partial, Symbol, Total
from bptt_viz.quantities import Number, TermSum
from bptt_viz.timeline import Phase
from bptt_viz.views.canvas import GoTo, Line, Role, Span, fit, left, length, right, width_of, wrap
from bptt_viz.views.ledger_view import norm_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.activations import Array
    from bptt_viz.notation import Formula
    from bptt_viz.sensitivity import TwoSides
    from bptt_viz.views.scene import Scene

#: Between the two summands, and between the two sums, and between these pairs.
_RELATIONS: Final = {True: " = ", False: " ≠ "}
_RELATION: Final = 3
_GAP: Final = 3
#: The columns: what a step adds, and the sums, either way.
_HEADINGS: Final = ("sides.by_use", "sides.by_loss", "sides.sums_by_use", "sides.sums_by_loss")
#: Rows of numbers without which the explanation gives way.
_FEWEST: Final = 3


class _Table(NamedTuple):
    """The four columns: what is shown at each step, and the cells of each thing.

    Attributes
    ----------
    headings
        What the columns are: use, loss, sum by use, sum by loss.
    values
        Of each column, [T, numbers].
    entries
        Which entry each of the numbers is; one without an index is a norm.
    named
        Whether a second heading says which entries these are.
    label, number, columns
        Cells of the steps' names, of one number with its blank, of each column.
    """

    headings: list[str]
    values: list[Array]
    entries: list[tuple[int, ...]]
    named: bool
    label: int
    number: int
    columns: list[int]

    @property
    def width(self) -> int:
        """Cells of a row."""
        return 1 + self.label + sum(self.columns) + 2 * _RELATION + _GAP


def title(scene: Scene) -> str:
    """Whose two sums."""
    return scene.say("sides.title", gradient=scene.write((Gradient(Symbol(scene.parameter)),)))


def subtitle(scene: Scene, _width: int, _height: int) -> Line:
    """What the sign between two summands says, where they differ."""
    ledgers, parameter = scene.lesson.ledgers, scene.parameter
    differ = ledgers.is_recurrent(parameter) and ledgers.two_sides(parameter) is not None
    return (Span(scene.say("sides.sign"), "dim"),) if differ else ()


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """At most ``height`` lines of ``width`` cells: the identity, what it says, the steps' summands and the totals."""
    ledgers, parameter = scene.lesson.ledgers, scene.parameter
    lines = [(Span(" "), *line) for line in wrap(scene.write(identity(scene)), width - 2, "formula")]
    if len(lines) >= height:
        # The totals have the last line.
        lines = []
    sides = ledgers.two_sides(parameter)
    if sides is None:
        lines += [(Span(" "), *line) for line in wrap(_why_not(scene), width - 2)]
        return [fit(line, width) for line in lines[:height]]
    plan = _plan(scene, sides, width, height - len(lines), length(lines[-1]) if len(lines) == 1 else width)
    if plan.beside:
        lines = [(*lines[0], Span("   "), *plan.explained[0])]
    else:
        lines += [(Span(" "), *line) for line in plan.explained]
    below = [(Span(" "), *line) for line in plan.below]
    lines += _rows(scene, sides, plan.table, width, height - len(lines) - len(below), apart=not below)
    return [fit(line, width) for line in (*lines, *below)][:height]


class _Plan(NamedTuple):
    """What stands above and below the table; ``beside`` says whether the explanation is on the identity's line."""

    table: _Table
    explained: list[Line]
    beside: bool
    below: list[Line]


def _plan(scene: Scene, sides: TwoSides, width: int, room: int, taken: int) -> _Plan:
    """The most that is said so that every step has a row; where there are too many steps, so that a few have."""
    key = "sides.explained" if scene.lesson.ledgers.is_recurrent(scene.parameter) else "sides.explained.output"
    written = scene.write((Symbol(scene.parameter),))
    whole, short = (wrap(scene.say(one, parameter=written), width - 2, "dim") for one in (key, f"{key}.shortly"))
    beside = len(short) == 1 and taken + 3 + length(short[0]) <= width
    below = wrap(_differences(scene, sides), width - 2) if _complete(scene) else []
    entered, normed = _table(scene, sides, width, norms=False), _table(scene, sides, width, norms=True)
    if normed.width > width:
        # No room for the table: what can be said without it.
        said = [_Plan(normed, explained, False, under) for explained in (whole, short, []) for under in (below, [])]
        return next((plan for plan in said if len(plan.explained) + len(plan.below) <= room), said[-1])
    plans = [
        _Plan(table, explained, aside, under)
        for table in (entered, normed)
        for explained, aside, under in ((whole, False, below), (short, beside, below), (short, beside, []))
    ]
    plans += [_Plan(table, [], False, []) for table in (entered, normed)]
    for rows in (scene.trace.T, min(room * 2 // 3, scene.trace.T), min(_FEWEST, scene.trace.T), 1):
        for plan in plans:
            lines = 0 if plan.beside else len(plan.explained)
            if lines + len(plan.below) + 2 + plan.table.named + rows <= room:
                return plan
    return plans[-1]


def _why_not(scene: Scene) -> str:
    """What is waited for, or what it would take."""
    ledgers, parameter = scene.lesson.ledgers, scene.parameter
    derivative = scene.write((Total(_top(scene), Symbol(parameter)),))
    if not ledgers.too_large(parameter):
        done, T = f"{ledgers.done(parameter):,}", f"{scene.trace.T:,}"
        return scene.say("sides.carrying", derivative=derivative, done=done, T=T)
    size = f"{ledgers.size(parameter):,}"
    if ledgers.is_recurrent(parameter):
        return scene.say("sides.too_large", derivative=derivative, size=size)
    return scene.say("sides.too_large.output", parameter=scene.write((Symbol(parameter),)), size=size)


def identity(scene: Scene) -> Formula:
    """Σ_t ∂L/∂h_t · ∂⁺h_t/∂θ = Σ_t ∂L_t/∂h_t · dh_t/dθ: what θ acts on, and the top layer's h; for V, c o."""
    network, parameter = scene.trace.network, Symbol(scene.parameter)
    name, layer = sensitivity.acted_on(network, scene.parameter)
    through = Symbol(name, "t", layer=network.number_of(layer))
    top = through if layer is None else _top(scene)
    by_use = (Partial(Symbol("L"), through), " · ", Partial(through, parameter, direct=True))
    by_loss = (Partial(Symbol("L", "t"), top), " · ", Total(top, parameter))
    return ("Σ_t ", *by_use, " = Σ_t ", *by_loss)


def _top(scene: Scene) -> Symbol:
    """The hidden state that the output reads."""
    network = scene.trace.network
    return Symbol("h", "t", layer=network.number_of(len(network.cells) - 1))


def _differences(scene: Scene, sides: TwoSides) -> str:
    return scene.say(
        "sides.difference",
        gradient=scene.write((Gradient(Symbol(scene.parameter)),)),
        difference=plain(sides.difference),
        from_gradient=plain(sides.from_gradient),
    )


def _rows(scene: Scene, sides: TwoSides, table: _Table, width: int, room: int, *, apart: bool) -> list[Line]:
    """The headings, the steps around the cursor, and the totals; what is above and below is counted."""
    T = scene.trace.T
    seen = min(T, room - 2 - table.named)
    if table.width > width:
        return []
    if seen < 1:
        return [_total(scene, sides, table, 0, apart=apart)][: max(room, 0)]
    first = min(max(scene.t - seen // 2, 1), T - seen + 1)
    lines = [_step(scene, sides, table, t) for t in range(first, first + seen)]
    total = _total(scene, sides, table, T + 1 - first - seen, apart=apart)
    return [*_headings(table, first - 1), *lines, total]


def _table(scene: Scene, sides: TwoSides, width: int, *, norms: bool) -> _Table:
    """The columns: their entries where all have room and are wanted, or there is but one; else norms."""
    T, shape = scene.trace.T, sides.by_use.shape[1:]
    label = max(width_of(f"t = {T}"), width_of(scene.say("sides.total"))) + 1
    headings = [scene.say(key) for key in _HEADINGS]
    entries: list[tuple[int, ...]] = list(np.ndindex(shape))
    free = width - 1 - label - 2 * _RELATION - _GAP
    for number in (WIDE + 1, NARROW + 1):
        columns = [max(len(entries) * number, width_of(heading)) for heading in headings]
        if sum(columns) <= free and (len(entries) == 1 or not norms):
            arrays = (sides.by_use, sides.by_loss, sides.sums_by_use, sides.sums_by_loss)
            values = [rows.reshape(T, -1) for rows in arrays]
            return _Table(headings, values, entries, len(entries) > 1, label, number, columns)
    headings = [f"‖{heading}‖" for heading in headings]
    columns = [max(WIDE + 1, width_of(heading)) for heading in headings]
    if sum(columns) > free:
        headings, columns = ["‖∂⁺‖", "‖d‖", "‖Σ∂⁺‖", "‖Σd‖"], [WIDE + 1] * 4
    norm_columns = [sides.norms[:, [index]] for index in (0, 2, 1, 3)]
    return _Table(headings, norm_columns, [()], False, label, WIDE + 1, columns)


def _headings(table: _Table, above: int) -> list[Line]:
    """What the columns are, and which entries; and how many steps there are above the first."""
    between = [" " * _RELATION, " " * _GAP, " " * _RELATION, ""]
    parts = zip(table.headings, table.columns, between, strict=True)
    texts = [right(heading, column) + blank for heading, column, blank in parts]
    hidden = Span(f" {left(f'↑ {above}' if above else '', table.label)}", "dim")
    if not table.named:
        return [(hidden, *(Span(text, "dim") for text in texts))]
    entries = "".join(right(",".join(str(index + 1) for index in entry), table.number) for entry in table.entries)
    names = [right(entries, column) + blank for column, blank in zip(table.columns, between, strict=True)]
    blank = Span(" " * (table.label + 1))
    return [(blank, *(Span(text, "dim") for text in texts)), (hidden, *(Span(name, "dim") for name in names))]


def _complete(scene: Scene) -> bool:
    """Whether the cursor has reached the last of the sums."""
    return _reached(scene, Phase.BACKWARD, 1)


def _reached(scene: Scene, phase: Phase, t: int) -> bool:
    return scene.position >= scene.timeline.end_of(phase, t)


def _known(scene: Scene, t: int) -> tuple[bool, ...]:
    """Which of the four columns the cursor has reached at step t: a sum is known with what is added last."""
    return (_reached(scene, Phase.BACKWARD, t), _reached(scene, Phase.FORWARD, t)) * 2


def _step(scene: Scene, sides: TwoSides, table: _Table, t: int) -> Line:
    """The summands of step t, and the sums that either pass has there: of other steps, so they are not compared."""
    name, T = sides.parameter, scene.trace.T
    summands = TermSum(name, (t, T), (t, t)), TermSum(name, (t, t), (1, t))
    sums = TermSum(name, (t, T), (t, T)), TermSum(name, (1, t), (1, t))
    role: Role = "current" if t == scene.step.t else "label"
    subject = GoTo(scene.timeline.end_of(Phase.BACKWARD if scene.backwards else Phase.FORWARD, t))
    text, known = f"t = {t}", _known(scene, t)
    return (
        *(Span(" "), Span(text, role, subject), Span(" " * (table.label - width_of(text)))),
        *_pair(table, 0, (t, t), summands, "number", known, agree=bool(sides.summands_agree[t - 1])),
        Span(" " * _GAP),
        *_pair(table, 2, (t, t), sums, "number", known, agree=None),
    )


def _total(scene: Scene, sides: TwoSides, table: _Table, below: int, *, apart: bool) -> Line:
    """Both sums over all steps: the gradient, if nothing is wrong; before them, the steps below and the difference."""
    T = scene.trace.T
    everything = TermSum(sides.parameter, (1, T), (1, T))
    known = (False, False, _complete(scene), _reached(scene, Phase.FORWARD, T))
    room = sum(table.columns[:2]) + _RELATION + _GAP
    hidden = f"↓ {below}" if below else ""
    said = scene.say("sides.apart", difference=plain(sides.difference)) if apart and _complete(scene) else ""
    if width_of(hidden) + width_of(said) + 2 * _GAP > room:
        said = ""
    told = f"{hidden}{' ' * _GAP if hidden and said else ''}{said}"
    return (
        *(Span(" "), Span(left(scene.say("sides.total"), table.label), "label"), Span(left(told, room), "dim")),
        *_pair(table, 2, (1, T), (everything, everything), "formula", known, agree=sides.totals_agree),
    )


def _pair(
    table: _Table,
    first: int,
    rows: tuple[int, int],
    quantities: tuple[TermSum, TermSum],
    role: Role,
    known: tuple[bool, ...],
    *,
    agree: bool | None,
) -> Iterator[Span]:
    """Two neighbouring columns, each at its step, and whether they agree if asked; what is not known yet is a dot."""
    for column, (quantity, t) in enumerate(zip(quantities, rows, strict=True), start=first):
        if column > first:
            both = known[first] and known[first + 1]
            yield Span(" " * _RELATION) if agree is None or not both else Span(_RELATIONS[agree], "operator")
        yield Span(" " * (table.columns[column] - len(table.entries) * table.number))
        for entry, value in zip(table.entries, map(float, table.values[column][t - 1]), strict=True):
            if not known[column]:
                yield Span(right("·", table.number), "future")
                continue
            text = fixed(value, table.number - 1) if entry else norm_text(value, table.number - 1)
            yield Span(" ")
            yield Span(text, role if math.isfinite(value) else "error", None, Number(quantity, entry))
