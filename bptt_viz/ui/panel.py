"""A widget that paints what a view draws. Knows no view in particular and computes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from bptt_viz.views.canvas import ROLES, Line, Subject, subject_at

if TYPE_CHECKING:
    from rich.style import Style
    from textual import events

    from bptt_viz.views.scene import Scene


class View(Protocol):
    """A module of ``views``."""

    def draw(self, scene: Scene, width: int, height: int) -> list[Line]:
        """At most ``height`` lines of ``width`` cells."""
        ...


class Panel(Widget, can_focus=False):
    """One view of the scene, as lines.

    A new scene is drawn at once and compared with what stands there, so that a panel whose lines
    stay the same costs no repaint.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"panel--{role}" for role in ROLES}

    class Clicked(Message):
        """Something with a subject was clicked."""

        def __init__(self, subject: Subject) -> None:
            super().__init__()
            self.subject = subject

    def __init__(self, view: View, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id, classes=classes)
        self._view = view
        self._scene: Scene | None = None
        self._lines: list[Line] = []
        self._strips: dict[int, Strip] = {}
        self._styles_by_role: dict[str, Style] = {}

    def show(self, scene: Scene) -> None:
        """Draw a scene; repaints only if a line changed."""
        self._scene = scene
        if self.display:
            self._draw()

    def render_line(self, y: int) -> Strip:
        """One line of the panel."""
        strip = self._strips.get(y)
        if strip is None:
            strip = self._strips[y] = (
                self._paint(self._lines[y]) if y < len(self._lines) else Strip.blank(self.size.width)
            )
        return strip

    def text(self) -> list[str]:
        """The lines as plain text."""
        return ["".join(span.text for span in line) for line in self._lines]

    def notify_style_update(self) -> None:
        """The theme changed: no painted line is good any more."""
        super().notify_style_update()
        self._styles_by_role.clear()
        self._strips.clear()

    def on_resize(self) -> None:
        """Draw again for the new size."""
        self._strips.clear()
        self._draw()
        self.refresh()

    def on_show(self) -> None:
        """Draw what was skipped while hidden."""
        self._draw()

    def on_click(self, event: events.Click) -> None:
        """Tell what was clicked, if it means anything."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y >= len(self._lines):
            return
        subject = subject_at(self._lines[offset.y], offset.x)
        if subject is not None:
            self.post_message(self.Clicked(subject))

    def _draw(self) -> None:
        width, height = self.size
        if self._scene is None or width <= 0 or height <= 0:
            return
        title = getattr(self._view, "title", None)
        if title is not None and self.border_title != (text := title(self._scene)):
            self.border_title = text.replace("[", r"\[")
        lines = self._view.draw(self._scene, width, height)
        changed = [y for y in range(max(len(lines), len(self._lines))) if lines[y : y + 1] != self._lines[y : y + 1]]
        if changed:
            self._lines = lines
            for y in changed:
                self._strips.pop(y, None)
            self.refresh()

    def _paint(self, line: Line) -> Strip:
        return Strip([Segment(span.text, self._style(span.role)) for span in line]).adjust_cell_length(self.size.width)

    def _style(self, role: str) -> Style:
        style = self._styles_by_role.get(role)
        if style is None:
            style = self._styles_by_role[role] = self.get_component_rich_style(f"panel--{role}")
        return style
