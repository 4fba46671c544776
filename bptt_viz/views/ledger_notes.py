"""What is said in the few cells beside the ledger's triangle, and where it has room. No textual."""

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

#: Cells left free around a note above the diagonal.
AROUND: Final = 2
#: A note and its shorter forms, the best first.
Note = list[Line]


def is_gradient(scene: Scene) -> str:
    """What the total is at the end."""
    return f" = ‖{scene.write((Gradient(Symbol(scene.parameter)),))}‖"


def state(picture: Picture, width: int) -> list[Note]:
    """How far the sums are in groups of steps; at the end what they are, where that has no room beside them."""
    scene, plan, filled, _ = picture
    notes: list[Note] = []
    if filled.complete:
        gradient = is_gradient(scene)
        if plan.groups > 1 and plan.width + width_of(gradient) > width:
            notes.append([(Span(f"‖Σ_t Σ_k‖{gradient}", "formula"),), (Span(f"Σ_t Σ_k{gradient}".replace("‖", "")),)])
    elif plan.groups < scene.trace.T:
        if filled.reached is not None:
            notes.append([(Span(f"Σ: {'t ≤' if filled.rtrl else 'k ≥'} {filled.reached}", "formula"),)])
        if filled.begun:
            notes.append([(Span(f"{BEGUN} ", "now"), Span(scene.say("ledger.begun"), "dim"))])
    return notes


def legend(picture: Picture) -> list[Note]:
    """What the shades mean, and what a block is."""
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
    if plan.groups < scene.trace.T:
        size = -(-scene.trace.T // plan.groups)
        words = [scene.say(key, size=f"{size}×{size}") for key in ("ledger.block", "ledger.block.shortly")]
        notes.append([(Span(text, "dim"),) for text in words])
    return notes


def placed(picture: Picture, notes: list[Note], width: int) -> dict[int, Line]:
    """Each note on a row where it has room: the first ones low, above the diagonal, so that long ones find theirs."""
    plan = picture.plan
    found: dict[int, Line] = {}
    for note in notes:
        for line in note:
            aside = plan.width + length(line) + 2 <= width
            room = [length(line) <= (plan.groups - 1 - row) * plan.cell - AROUND or aside for row in range(plan.groups)]
            rows = [row for row, has_room in enumerate(room) if has_room and row not in found]
            if rows:
                found[rows[-1]] = line
                break
    return found
