"""A widget that paints what a view draws. Knows no view in particular and computes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from rich.segment import Segment
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.style import Style as Look
from textual.widget import Widget

from bptt_viz.quantities import Given
from bptt_viz.ui.asking import Spot
from bptt_viz.ui.themes import CHANGED, PUT, role_style
from bptt_viz.views.canvas import Line, Role, Span, crop, fit, length, span_at, width_of
from bptt_viz.views.changes import marked
from bptt_viz.views.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.style import Style
    from textual import events
    from textual.geometry import Size

    from bptt_viz.quantities import Number
    from bptt_viz.views.scene import Scene

#: Cells of the upper border that the title leaves to corners, lines and blanks.
_BESIDE_TITLE: Final = 6


class View(Protocol):
    """A module of ``views``; it may have a ``title`` and a ``subtitle`` besides, and say how many ``rows`` it wants."""

    def draw(self, scene: Scene, width: int, height: int) -> list[Line]:
        """At most ``height`` lines of ``width`` cells."""
        ...


class Panel(Widget, can_focus=False):
    """One view of the scene, as lines.

    A new scene is drawn at once and compared with what stands there, so that lines that stay the
    same cost no repaint. Before there is a size, drawing waits for the first paint.
    """

    class Clicked(Message):
        """Something with a subject was clicked."""

        def __init__(self, span: Span) -> None:
            super().__init__()
            self.span = span

    def __init__(self, view: View, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id, classes=classes)
        self._view = view
        self._scene: Scene | None = None
        self._lines: list[Line] = []
        self._drawn: tuple[Scene, Size] | None = None
        self._strips: dict[int, Strip] = {}
        self._styles_of_roles: dict[Role, Style] = {}
        self._foot_painted: tuple[tuple[str, Role], ...] = ()

    def show(self, scene: Scene) -> None:
        """Draw a scene; repaints only the lines that changed."""
        if self._scene is not None and self._scene.plain != scene.plain:
            self._strips.clear()
            self.refresh()
        self._scene = scene
        if self.display:
            self._head()
            # Textual looks for the widget on the screen each time that its size is asked for.
            size = self.size
            self._foot(size)
            changed = self._draw(size) if size.area else ()
            if changed:
                self.refresh(*(Region(0, y, size.width, 1) for y in changed))

    def on_resize(self) -> None:
        """Shorten the title to the new width, and say below what is drawn at the new size."""
        self._head()
        self._foot(self.size)

    def _head(self) -> None:
        """Put the view's title into the border, as much of it as there is room for once there is a size."""
        title = getattr(self._view, "title", None)
        if title is None or self._scene is None:
            return
        text, room = title(self._scene), self.outer_size.width - _BESIDE_TITLE
        # Textual reads markup in titles, and mathematics is full of brackets.
        text = self._symbols(crop(text, room) if room > 0 else text).replace("[", r"\[")
        if self.border_title != text:
            self.border_title = text

    def _foot(self, size: Size) -> None:
        """Put the view's subtitle, a line for a panel of that size, into the lower border."""
        subtitle = getattr(self._view, "subtitle", None)
        if subtitle is None or self._scene is None or not size.area:
            return
        line: Line = subtitle(self._scene, size.width, size.height)
        room = self.outer_size.width - _BESIDE_TITLE
        if length(line) > room:
            line = fit(line, max(room, 0))
        text = tuple((self._symbols(span.text), span.role) for span in line)
        if text == self._foot_painted:
            return
        self._foot_painted = text
        looks = (Look.from_rich_style(role_style(self.app.theme, role)) for _, role in text)
        # Textual makes its own content of it, whose markup need not be the one that it was given.
        self.border_subtitle = Content.assemble(*zip((part for part, _ in text), looks, strict=True)).markup

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The lines that a view wants which says so, as the help does."""
        rows = getattr(self._view, "rows", None)
        if rows is None or self._scene is None:
            return super().get_content_height(container, viewport, width)
        return int(rows(self._scene, width))

    def look_at(self, view: View) -> None:
        """Paint another view of the same scene."""
        self._view, self._drawn = view, None
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a region."""
        self._draw(self.size)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the panel."""
        strip = self._strips.get(y)
        if strip is None:
            line = self._lines[y] if y < len(self._lines) else ()
            strip = self._strips[y] = self._paint(line)
        return strip

    def spots(self) -> Iterator[Spot]:
        """Every number that is seen, and where."""
        self._draw(self.size)
        x, y, width, height = self.content_region
        for row, line in enumerate(self._lines[:height]):
            column = 0
            for span in line:
                cells = width_of(span.text)
                if span.number is not None and column + cells <= width:
                    yield Spot(span.number, x + column, y + row)
                column += cells

    def text(self) -> list[str]:
        """The lines as plain text."""
        self._draw(self.size)
        return ["".join(span.text for span in line) for line in self._lines]

    def notify_style_update(self) -> None:
        """The theme changed: no painted line is good any more."""
        super().notify_style_update()
        self._strips.clear()
        self._styles_of_roles.clear()
        self._foot_painted = ()
        self._foot(self.size)

    def on_click(self, event: events.Click) -> None:
        """Tell what was clicked, if it means anything."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y >= len(self._lines):
            return
        span = span_at(self._lines[offset.y], offset.x)
        if span is not None and (span.subject or span.number) is not None:
            self.post_message(self.Clicked(span))

    def _draw(self, size: Size) -> list[int]:
        """Bring the lines up to the scene and the size; gives the numbers of those that changed."""
        scene = self._scene
        if scene is None or (self._drawn is not None and self._drawn[0] is scene and self._drawn[1] == size):
            return []
        if self._drawn is not None and self._drawn[1] != size:
            self._strips.clear()
        lines, before = self._view.draw(scene, size.width, size.height), self._lines
        if scene.before is not None:
            earlier = replace(scene, lesson=scene.before, before=None)
            lines = marked(lines, self._view.draw(earlier, size.width, size.height))
        if scene.picked is not None:
            lines = [_lit(line, scene.picked) for line in lines]
        self._lines, self._drawn = lines, (scene, size)
        changed = [y for y in range(max(len(lines), len(before))) if lines[y : y + 1] != before[y : y + 1]]
        for y in changed:
            self._strips.pop(y, None)
        return changed

    def _symbols(self, text: str) -> str:
        return plain(text) if self._scene is not None and self._scene.plain else text

    def _paint(self, line: Line) -> Strip:
        segments = [segment for span in line for segment in self._segments(span)]
        # The blanks have a style too: the filter behind NO_COLOR cannot do without.
        return Strip(segments).adjust_cell_length(self.size.width, self._style("text"))

    def _segments(self, span: Span) -> Iterator[Segment]:
        """A span, with the mark of a changed number on the number alone, not on the blanks beside it."""
        text, style = self._symbols(span.text), self._style(span.role)
        if not span.changed:
            yield Segment(text, style)
            return
        number = text.strip()
        before, _, after = text.partition(number)
        given = span.number is not None and isinstance(span.number.quantity, Given)
        marked = (before, style), (number, style + CHANGED + PUT if given else style + CHANGED), (after, style)
        yield from (Segment(part, look) for part, look in marked if part)

    def _style(self, role: Role) -> Style:
        style = self._styles_of_roles.get(role)
        if style is None:
            style = self._styles_of_roles[role] = self.rich_style + role_style(self.app.theme, role)
        return style


def _lit(line: Line, picked: Number) -> Line:
    """The line with the number that is asked about made to stand out, wherever it is seen."""
    if all(span.number != picked for span in line):
        return line
    return tuple(
        Span(span.text, "picked", span.subject, span.number) if span.number == picked else span for span in line
    )
