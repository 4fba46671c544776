"""The scenario file behind the screen, and its weights file: read, and noticed when they change. Imports no textual."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bptt_viz.catalog import bundled
from bptt_viz.engine import trace
from bptt_viz.loading import read
from bptt_viz.views.scene import Lesson

if TYPE_CHECKING:
    from bptt_viz.scenario import Scenario

#: What tells one state of a file from another: modification time, size, inode. None: there is no file.
Stamp = tuple[int, int, int] | None


@dataclass
class Source:
    """A file and the state in which it was last read.

    Attributes
    ----------
    stamps
        Of the file, and of its weights file if it has one.
    weights
        The weights file of the scenario that was last read without a problem.
    """

    path: Path
    stamps: tuple[Stamp, ...] = field(default=(), init=False)
    weights: Path | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.stamps = self.current_stamps()

    def current_stamps(self) -> tuple[Stamp, ...]:
        """The state of the files now."""
        return tuple(_stamp(path) for path in (self.path, self.weights) if path is not None)

    def changed(self) -> bool:
        """Whether a file is another than when it was last looked at; asking takes note of it."""
        now = self.current_stamps()
        different = now != self.stamps
        self.stamps = now
        return different

    @property
    def gone(self) -> bool:
        """Whether there is no file any more."""
        return self.stamps[0] is None

    @property
    def folder(self) -> Path:
        """Where a new file beside it belongs: its own folder, or the current one where it comes with the program."""
        path = self.path.resolve()
        return Path.cwd() if path in {file.resolve() for file in bundled().values()} else self.path.absolute().parent

    def lesson(self, scenario: Scenario | None = None) -> Lesson:
        """The file as it is now, run; or ``scenario``, if it has been read already.

        Raises
        ------
        ScenarioError
            If the file cannot be used.
        """
        loaded = read(self.path) if scenario is None else scenario
        self.weights = _weights_of(loaded, self.path)
        self.stamps = (self.stamps[0], *self.current_stamps()[1:])
        return Lesson(trace(loaded), self.path.name)


def _weights_of(scenario: Scenario, path: Path) -> Path | None:
    if scenario.network.weights is None:
        return None
    from bptt_viz.check_weights import file_of  # noqa: PLC0415  # start-up time: few scenarios name such a file

    return file_of(scenario.network.weights, path.parent)


class Found(NamedTuple):
    """A file that somebody asked for and that can be used."""

    source: Source
    lesson: Lesson


def _stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
