"""A derivation that has begun: the rule, its terms as the backward pass adds them, one in full. No textual, no SymPy.

The list is drawn in ``terms``, one term in full in ``jacobians``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec.structs import replace

from bptt_viz.commands import COMMANDS, cap
from bptt_viz.derivation.layout import Layout
from bptt_viz.derivation.naming import state
from bptt_viz.notation import Gradient, Partial, Symbol, Total
from bptt_viz.quantities import Number, TermSum
from bptt_viz.views import terms
from bptt_viz.views.boxes import paged, shelved
from bptt_viz.views.canvas import Line, Run, Span, crop, fit, length, width_of
from bptt_viz.views.derivation_view import waiting, worded
from bptt_viz.views.jacobians import boxes

if TYPE_CHECKING:
    from bptt_viz.activations import Array
    from bptt_viz.derivation.result import Derivation
    from bptt_viz.notation import Formula, Notation
    from bptt_viz.views.boxes import Box
    from bptt_viz.views.scene import Scene

#: Lines of the panel from which on the rule may take two.
_RULE_WRAPS: Final = 6
_NORM: Final = "‖·‖ "
#: Between the parts of the last line.
_APART: Final = "   "
#: The command that shows the next part of a term that has no room.
_NEXT_PART: Final = "panel"
#: Those that choose another term, and the cells of the line besides words and keys.
_OTHER_TERM: Final = ("entry_up", "entry_down")
_LEAST_RULED: Final = 8
_FIELD: Final = re.compile("\x00(\\w+)\x00")


def title(scene: Scene, derivation: Derivation) -> str:
    """Of what, and of which steps."""
    derivative = scene.write((Partial(Symbol("L"), Symbol(derivation.parameter)),))
    first, steps = derivation.first, terms.steps_of(derivation, scene.language)
    said = scene.say("derivation.title.steps", derivative=derivative, steps=steps, T=scene.trace.T)
    if first > 1:
        held = scene.write((state(scene.trace.network.cells, first - 1),))
        said = scene.say("derivation.title.held", title=said, state=held)
    losses = _left_out(scene, derivation)
    # Elsewhere there may be no room for it, and it is said beside the rule.
    told = scene.page == "derivation" and losses
    return scene.say("derivation.title.left_out", title=said, losses=losses) if told else said


def _left_out(scene: Scene, derivation: Derivation) -> str:
    """The losses after the window's last step, of which it has no terms."""
    later = _last(derivation) + 1 + np.flatnonzero(scene.trace.has_target[_last(derivation) :])
    ends = dict.fromkeys((int(later[0]), int(later[-1]))) if len(later) else ()
    return " … ".join(scene.write((Symbol("L", t),)) for t in ends)


def chosen_term(scene: Scene) -> int:
    """The index of the term that is written out: the chosen one, or the first one of the step at the cursor."""
    found = scene.derivation.terms if scene.derivation is not None else ()
    if scene.term is not None:
        return min(scene.term, max(len(found) - 1, 0))
    return next((index for index, term in enumerate(found) if terms.role_of(scene, term.k) == "now"), 0)


def draw(scene: Scene, derivation: Derivation, width: int, height: int) -> list[Line]:
    """At most ``height`` lines of ``width`` cells."""
    draw_it = _large if scene.page == "derivation" else _compact
    return [fit(line, width) for line in draw_it(scene, derivation, width, height)[:height]]


def _compact(scene: Scene, derivation: Derivation, width: int, height: int) -> list[Line]:
    """The rule, as many terms as have room around those at the cursor, and what is summed."""
    if not derivation.expected:
        note = [*_no_terms(scene, derivation, width), *waiting(scene, width)]
        return [*_rule(scene, derivation, width, 1 if height < _RULE_WRAPS else 2)[: max(height - len(note), 0)], *note]
    direct = _direct(scene, derivation, width)
    begun = terms.added(scene, derivation) > 0
    below = waiting(scene, width) or (
        [_sums(scene, derivation, width)] if begun else _direct(scene, derivation, width, 1)
    )
    # As many lines as there will be terms, so that nothing moves when they come.
    spare = height - derivation.expected - len(below)
    above = _rule(scene, derivation, width, 1 if height < _RULE_WRAPS else 2)
    if begun and spare >= len(above) + len(direct):
        above += direct
    return [*above, *terms.draw(scene, derivation, width, height - len(above) - len(below)), *below]


def _large(scene: Scene, derivation: Derivation, width: int, height: int) -> list[Line]:
    """The same list, and below it the chosen term in full, on as many pages as it takes."""
    about = _direct if derivation.expected else _no_terms
    rule, note = _rule(scene, derivation, width, 2), about(scene, derivation, width)
    lines = [*rule, *note, *waiting(scene, width)]
    if not derivation.terms:
        given: list[Line] = [(), (Span(f" {scene.say('derivation.given')}", "dim"),)]
        return lines + given + [(Span("   "), Span(scene.write(one), "formula")) for one in derivation.forward]
    chosen = chosen_term(scene)
    comparison, layout = terms.comparison_of(scene, derivation), Layout(scene.writer, scene.language, width - 2)
    factors, values = boxes(derivation, comparison, chosen, layout)
    # SymPy's value begins a shelf, so that the backward pass's stands beside it; unless that takes a part more.
    together = shelved((*factors, *values), layout.room)
    apart = [*shelved(factors, layout.room), *shelved(values, layout.room)]
    heads = (lines, [*rule, *waiting(scene, width)])
    laid = [_laid_out(scene, derivation, shelves, heads, (width, height)) for shelves in (apart, together)]
    lines, pages = min(laid, key=lambda one: len(one[1]))
    page = scene.scroll % len(pages)
    lines.append(_ruled(scene, derivation, chosen, (page, len(pages)), width))
    return lines + [(Span(" "), *line) for line in pages[page]]


def _laid_out(
    scene: Scene,
    derivation: Derivation,
    shelves: list[Box],
    heads: tuple[list[Line], list[Line]],
    size: tuple[int, int],
) -> tuple[list[Line], list[list[Line]]]:
    """The lines above the term that is written out, and that on its pages."""
    width, height = size
    highest = max(shelf.height for shelf in shelves)
    # The note and the list give way until the highest matrix is seen whole.
    lines = heads[0] if height - len(heads[0]) - 2 >= highest else heads[1]
    spare = height - len(lines) - 1
    rows = max(min(len(derivation.terms) + 1, spare - highest), 1)
    listed = terms.draw(scene, derivation, width, rows, chosen_term(scene))
    return [*lines, *listed], paged(shelves, max(spare - len(listed), 1))


def _ruled(scene: Scene, derivation: Derivation, index: int, page: tuple[int, int], width: int) -> Line:
    """The line above the term that is written out: which one, and which part of it is seen."""
    term = derivation.terms[index]
    name = f"({term.t},{term.k})"
    left = scene.say("derivation.written_out", name=name, count=index + 1, expected=derivation.expected)
    part, parts = page
    after: Line = ()
    if parts > 1:
        keys = next(command.keys for command in COMMANDS if command.id == _NEXT_PART)
        key, run = cap(scene.keys.get(_NEXT_PART, keys)[0]), Run(_NEXT_PART)
        said = scene.say("derivation.page", page=part + 1, pages=parts)
        after = (Span(f" {key} ", "key", run), Span(said, "dim", run))
    other = _other_terms(scene)
    if len(derivation.terms) > 1 and width_of(left) + length(other) + length(after) + _LEAST_RULED <= width:
        after = (*other, *((Span(" "),) if after else ()), *after)
    dashes = max(width - width_of(left) - length(after) - 5, 0)
    return (Span("── ", "dim"), Span(left, "now"), Span(f" {'─' * dashes}", "dim"), *after)


def _other_terms(scene: Scene) -> Line:
    """The keys that choose another term."""
    keys = {command.id: command.keys for command in COMMANDS}
    caps = [
        Span(f" {cap(scene.keys.get(name, keys[name])[0])}{after}", "key", Run(name))
        for name, after in zip(_OTHER_TERM, ("", " "), strict=True)
    ]
    return (*caps, Span(scene.say("derivation.other_term"), "dim"))


def _rule(scene: Scene, derivation: Derivation, width: int, most: int) -> list[Line]:
    """The rule in at most so many lines."""
    written = _rule_written(derivation.rule, scene.writer, width - 2, most)
    return [(Span("   " if index else " "), Span(text, "formula")) for index, text in enumerate(written)]


@lru_cache(maxsize=32)
def _rule_written(rule: Formula, notation: Notation, width: int, most: int) -> tuple[str, ...]:
    whole = notation.write(rule)
    if width_of(whole) <= width:
        return (whole,)
    # The panel's title says what is derived.
    right = whole.partition(" = ")[2]
    if width_of(right) <= width:
        return (right,)
    if most > 1:
        layout = Layout(notation, "en", width - 2)
        texts = [notation.write(piece).strip() for piece in layout.broken(rule, width - 2)]
        if len(texts) <= most:
            return tuple(texts)
    # What has no room goes by whole factors.
    pieces = Layout(notation, "en", width - 4).broken(rule[rule.index(" = ") + 1 :], width - 4)
    texts = [notation.write(piece).strip() for piece in pieces]
    if len(texts) <= most:
        return tuple(texts)
    return (*texts[: most - 1], crop(f"{texts[most - 1]} …", width - 1))


def _direct(scene: Scene, derivation: Derivation, width: int, most: int | None = None) -> list[Line]:
    """What ∂⁺ is, and what it is not; where there are ``most`` lines, as much of it as can be said whole."""
    direct = derivation.rule[-1]
    assert isinstance(direct, Partial)
    written = {"direct": scene.write((direct,)), "parameter": scene.write((direct.wrt,))}
    if direct.of.t != "k":
        network = scene.trace.network
        top = Symbol("h", "t", (), network.number_of(len(network.cells) - 1))
        key, state = "derivation.direct.output", scene.write((top,))
    else:
        key, state = "derivation.direct", scene.write((replace(direct.of, t="k−1"),))
        written["total"] = scene.write((Total(direct.of, direct.wrt),))
    long, short = (scene.say(one, state=state, **written) for one in (key, "derivation.direct.shortly"))
    gradient = scene.write((Gradient(direct.wrt),))
    forms = [_with_left_out(scene, derivation, said) for said in (long, short)] + [short]
    if not scene.trace.truncation.is_full:
        forms = [scene.say("derivation.truncated", said=said, gradient=gradient) for said in forms[:2]] + forms[1:]
    laid = [worded(said, width, "dim") for said in forms]
    return laid[0] if most is None else next((lines for lines in laid if len(lines) <= most), [])


def _no_terms(scene: Scene, derivation: Derivation, width: int) -> list[Line]:
    """Why these steps have none: the parameter is not used, nothing is lost, or it is lost before the first use."""
    network, first, last = scene.trace.network, derivation.first, _last(derivation)
    if not any(network.uses(network.cells_at(t), derivation.parameter) for t in range(first, last + 1)):
        key = "derivation.none.unused"
    elif not any(scene.trace.has_target[first - 1 : last]):
        key = "derivation.none.no_loss"
    else:
        key = "derivation.none.before"
    steps = terms.steps_of(derivation, scene.language)
    said = scene.say(key, steps=steps, parameter=scene.write((Symbol(derivation.parameter),)))
    return worded(_with_left_out(scene, derivation, said), width, "text")


def _with_left_out(scene: Scene, derivation: Derivation, said: str) -> str:
    """What is said, and which losses are left out, unless the page's title says it."""
    losses = "" if scene.page == "derivation" else _left_out(scene, derivation)
    return scene.say("derivation.left_out", said=said, losses=losses) if losses else said


def _sums(scene: Scene, derivation: Derivation, width: int) -> Line:
    """What is summed at the cursor, what there is in all, and how far SymPy and the engine are apart."""
    comparison = terms.comparison_of(scene, derivation)
    if comparison is None:
        return ()
    count = terms.added(scene, derivation)
    apart = max(one.absolute for one in comparison.terms)
    whole = derivation.steps == scene.trace.T
    so_far, total = (_sum(derivation, comparison.terms[to - 1].sum, to) for to in (count, len(derivation.terms)))
    parts = [
        _spans(
            scene,
            "derivation.so_far.weighed" if comparison.truncated else "derivation.so_far",
            count=count,
            expected=derivation.expected,
            sum=so_far,
        ),
        _spans(
            scene,
            "derivation.total.whole" if whole else "derivation.total",
            sum=total,
            steps=terms.steps_of(derivation, scene.language),
        ),
        _spans(scene, "derivation.apart", difference=Span(terms.difference(apart), "number"))
        if apart
        else _spans(scene, "derivation.apart.none"),
    ]
    line: Line = (Span(" "),)
    for part in parts:
        if length(line) + length(part) + len(_APART) <= width:
            line = (*line, *((Span(_APART),) if len(line) > 1 else ()), *part)
    return line


def _sum(derivation: Derivation, value: Array, count: int) -> Span:
    """The sum of the first ``count`` terms: all of the last uses."""
    first, last = derivation.terms[count - 1].k, _last(derivation)
    single = terms.is_single(derivation)
    entry = (0,) * value.ndim if single else ()
    number = Number(TermSum(derivation.parameter, (first, last), (first, last)), entry)
    return Span(("" if single else _NORM) + terms.value_of(value), "number", number=number)


def _spans(scene: Scene, key: str, **values: Span | int | str) -> Line:
    """A message with numbers among its words."""
    said = scene.say(key, **{name: f"\x00{name}\x00" if isinstance(one, Span) else one for name, one in values.items()})
    spans: list[Span] = []
    for index, text in enumerate(_FIELD.split(said)):
        value = values[text] if index % 2 else None
        spans.append(value if isinstance(value, Span) else Span(text, "label"))
    return tuple(spans)


def _last(derivation: Derivation) -> int:
    return derivation.first + derivation.steps - 1
