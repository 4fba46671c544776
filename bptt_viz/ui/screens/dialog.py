"""What the screens that lie over the lesson have in common."""

from __future__ import annotations

from pathlib import Path

from textual.events import Key
from textual.screen import ModalScreen, ScreenResultType


class Dialog(ModalScreen[ScreenResultType]):
    """A screen that somebody leaves with a key; keys typed faster than it goes are not its own."""

    def leave(self, result: ScreenResultType | None = None) -> None:
        """Give the result, once."""
        if self.is_current:
            self.dismiss(result)

    def passed_on(self, event: Key) -> bool:
        """Whether a key came after the screen was left; it is then sent to the one that is there now."""
        event.stop()
        if self.is_current:
            return False
        self.app.post_message(Key(event.key, event.character))
        return True


def path_typed(text: str) -> Path:
    """The path that somebody typed; ``~`` is a home folder, where there is one of that name."""
    path = Path(text)
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def shown(path: Path) -> str:
    """A path, with ``~`` for the home folder that it is in."""
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except (RuntimeError, ValueError):
        return str(path)
