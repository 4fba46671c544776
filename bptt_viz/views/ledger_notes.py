"""What is said of the ledger's triangle, and in which words it has room in the lower border. No textual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bptt_viz.formatting import BINS
from bptt_viz.notation import Gradient, Symbol, superscript
from bptt_viz.truncation_choice import said
from bptt_viz.views.canvas import BIN_ROLES, Line, Role, Span, length, width_of
from bptt_viz.views.ledger_layout import BEGUN, LEFT_OUT, RAMP

if TYPE_CHECKING:
    from bptt_viz.views.ledger_layout import Picture
    from bptt_viz.views.scene import Scene

#: Cells of a panel's width that the text in its lower border leaves to lines and blanks.
_BESIDE_BORDER: Final = 4
_BETWEEN: Final = Span("  ")
#: A note and its shorter forms, the best first.
Note = list[Line]


def is_gradient(scene: Scene) -> str:
    """What the total is at the end."""
    return f" = ‖{scene.write((Gradient(Symbol(scene.parameter)),))}‖"


def shared(picture: Picture, width: int) -> tuple[Line, list[Note]]:
    """What the border says, and the notes that have no room there: those that can be missed most easily."""
    room = width - _BESIDE_BORDER
    shown: list[Note] = []
    others: list[Note] = []
    for note in [*_legend(picture), *_state(picture, width), *_block(picture)]:
        fits = length(_joined([one[-1] for one in (*shown, note)])) <= room
        (shown if fits else others).append(note)
    lines = [note[-1] for note in shown]
    for index, note in enumerate(shown):
        longer = [[*lines[:index], form, *lines[index + 1 :]] for form in note]
        lines = next((forms for forms in longer if length(_joined(forms)) <= room), lines)
    return _joined(lines), others


def _joined(lines: list[Line]) -> Line:
    return tuple(span for line in lines for span in (_BETWEEN, *line))[1:]


def _state(picture: Picture, width: int) -> list[Note]:
    """How far the sums are in groups of steps; at the end what they are, where that has no room beside them."""
    scene, plan, filled, _ = picture
    notes: list[Note] = []
    if filled.complete:
        gradient = is_gradient(scene)
        if plan.groups > 1 and plan.width + width_of(gradient) > width:
            forms = f"‖Σ_t Σ_k‖{gradient}", f"Σ_t Σ_k{gradient}".replace("‖", "")
            named = scene.say("ledger.corner", sum=forms[0])
            notes.append([(Span(form, "formula"),) for form in (named, *forms)])
    elif plan.groups < scene.trace.T:
        if filled.begun:
            notes.append([(Span(f"{BEGUN} ", "now"), Span(scene.say("ledger.begun"), "dim"))])
        if filled.reached is not None:
            notes.append([(Span(f"Σ: {'t ≤' if filled.rtrl else 'k ≥'} {filled.reached}", "formula"),)])
    return notes


def _legend(picture: Picture) -> list[Note]:
    """What the shades mean."""
    scene, plan, filled, top = picture
    roles: list[Role] = [BIN_ROLES[BINS + level] for level in range(BINS, 0, -1)]
    samples = [" "] * BINS
    if plan.shades:
        roles = ["forward" if filled.rtrl else "backward"] * BINS
        samples = list(RAMP[:0:-1])
    spans = [Span(samples[0], roles[0]), Span(f"≥10{superscript(top)} ", "dim")]
    spans += [Span(sample, role) for sample, role in zip(samples[1:], roles[1:], strict=True)]
    notes: list[Note] = []
    if not scene.trace.truncation.is_full:
        kept = said(scene.trace.scenario.backward, "shortly").told(scene.language)
        told = [scene.say(key, kept=kept) for key in ("ledger.left_out", "ledger.left_out.shortly")]
        notes.append([(Span(LEFT_OUT, "future"), Span(f" {text}", "dim")) for text in told])
    if plan.groups > 1 and filled.grid.largest > 0:
        words = [scene.say(key) for key in ("ledger.scale.less", "ledger.scale.shortly")]
        notes.append([(*spans, Span(f" {text}", "dim")) for text in words])
    return notes


def _block(picture: Picture) -> list[Note]:
    """What a cell is, where it is no single term."""
    scene, plan, _, _ = picture
    if plan.groups == scene.trace.T:
        return []
    size = -(-scene.trace.T // plan.groups)
    words = [scene.say(key, size=f"{size}×{size}") for key in ("ledger.block", "ledger.block.shortly")]
    return [[(Span(text, "dim"),) for text in words]]
