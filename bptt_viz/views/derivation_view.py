"""The panel of the derivation: what it waits for, until there are terms. No textual, no SymPy.

How a derivation is drawn is in ``derived_terms``, which is imported with the first one: the first paint has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bptt_viz.notation import Partial, Symbol
from bptt_viz.views.canvas import Line, Role, Span, fit, wrap

if TYPE_CHECKING:
    from bptt_viz.views.scene import Scene

#: What is waited for, rather than what went wrong.
_PROGRESS: Final = ("derivation.loading", "derivation.term")


def title(scene: Scene) -> str:
    """Of what, and of which steps."""
    if scene.derivation is None:
        return scene.say("derivation.title", derivative=scene.write((Partial(Symbol("L"), Symbol(scene.parameter)),)))
    from bptt_viz.views import derived_terms  # noqa: PLC0415  (start-up time)

    return derived_terms.title(scene, scene.derivation)


def draw(scene: Scene, width: int, height: int) -> list[Line]:
    """At most ``height`` lines of ``width`` cells."""
    if scene.derivation is None:
        lines = waiting(scene, width) or worded(scene.say("derivation.idle"), width, "dim")
        return [fit(line, width) for line in lines[:height]]
    from bptt_viz.views import derived_terms  # noqa: PLC0415  (start-up time)

    return derived_terms.draw(scene, scene.derivation, width, height)


def waiting(scene: Scene, width: int) -> list[Line]:
    """What the derivation waits for, or why it does not come."""
    if scene.trains:
        return worded(scene.say("derivation.rests"), width, "dim")
    if scene.deriving is None:
        return []
    role: Role = "now" if scene.deriving.key in _PROGRESS else "error"
    return worded(scene.deriving.told(scene.language), width, role)


def worded(said: str, width: int, role: Role) -> list[Line]:
    """What is said, in as many lines as it takes."""
    return [(Span(" "), *line) for line in wrap(said, width - 2, role)]
