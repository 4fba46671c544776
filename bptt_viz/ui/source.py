"""The scenario file behind the screen: read it, and notice when it changes. Imports no textual."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bptt_viz.engine import trace
from bptt_viz.loading import read
from bptt_viz.views.scene import Lesson

if TYPE_CHECKING:
    from pathlib import Path

    from bptt_viz.scenario import Scenario

#: What tells one state of a file from another: modification time, size, inode. None: there is no file.
Stamp = tuple[int, int, int] | None


@dataclass
class Source:
    """A file and the state in which it was last read."""

    path: Path
    stamp: Stamp = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.stamp = self.current_stamp()

    def current_stamp(self) -> Stamp:
        """The state of the file now."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def changed(self) -> bool:
        """Whether the file is another than when it was last looked at; asking takes note of it."""
        now = self.current_stamp()
        different = now != self.stamp
        self.stamp = now
        return different

    @property
    def gone(self) -> bool:
        """Whether there is no file any more."""
        return self.stamp is None

    def lesson(self, scenario: Scenario | None = None) -> Lesson:
        """The file as it is now, run; or ``scenario``, if it has been read already.

        Raises
        ------
        ScenarioError
            If the file cannot be used.
        """
        return Lesson(trace(read(self.path) if scenario is None else scenario), self.path.name)
