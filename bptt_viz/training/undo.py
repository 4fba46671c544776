"""What can be undone: the parameters before each edit, run of updates and reload of the file. Imports ``moment``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from bptt_viz.training.moment import Curves, Moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.network import Network

#: What somebody does that can be undone; ``reload``: training began anew, with another state of the file.
Deed = Literal["edit", "updates", "reload"]
#: So many points are kept at most, and fewer where their parameters have more bytes than this; always the latest one.
MOST_POINTS: Final = 100
MOST_BYTES: Final = 1 << 28


class NothingToUndoError(LookupError):
    """There is no point to go back to."""


@dataclass(frozen=True, eq=False)
class Point:
    """A moment without what the later ones have in common with it.

    Attributes
    ----------
    shared
        How many entries of the curves of what came later are its own too: one per update before it.
    present
        What was seen there, one entry, or all of its curves where it shares none.
    deed
        What was done there, and is undone by going back.
    """

    network: Network
    shared: int
    present: Curves
    deed: Deed


@dataclass(frozen=True, eq=False)
class Undo:
    """The points that can be gone back to, the latest last. Parameters that two of them share are there once."""

    points: tuple[Point, ...] = ()

    def __len__(self) -> int:
        return len(self.points)

    @property
    def latest(self) -> Deed | None:
        """What going back undoes; None where there is nothing."""
        return self.points[-1].deed if self.points else None

    @property
    def by_hand(self) -> bool:
        """Whether anything but updates can be undone."""
        return any(point.deed != "updates" for point in self.points)

    def noted(self, moment: Moment, deed: Literal["edit", "updates"]) -> Undo:
        """With one more point, at which ``deed`` is done, and as many of the others as there is room for."""
        point = Point(moment.network, moment.updates, moment.curves[-1:], deed)
        return Undo(tuple(_that_fit((*self.points, point)))[::-1])

    def set_aside(self, moment: Moment, network: Network) -> Undo:
        """With one more point, after which training begins anew.

        All points are then of ``network``, but for their parameters, which must be of the same shapes.
        """
        points = [replace(point, network=network.with_parameters(point.network.parameters)) for point in self.points]
        anew = Point(network.with_parameters(moment.network.parameters), 0, moment.curves, "reload")
        return Undo(tuple(_that_fit((*points, anew)))[::-1])

    def back(self, moment: Moment) -> tuple[Moment, Undo]:
        """The moment at the latest point, and what can be undone then.

        ``moment`` must have come out of that point by updates and edits, each of them noted or not.

        Raises
        ------
        NothingToUndoError
            If there is no point.
        """
        if not self.points:
            raise NothingToUndoError
        point = self.points[-1]
        curves = moment.curves[: point.shared] + point.present
        return Moment(point.network, curves), Undo(self.points[:-1])


def _that_fit(points: tuple[Point, ...]) -> Iterator[Point]:
    """The latest points, latest first."""
    known: set[int] = set()
    held = 0
    for count, point in enumerate(reversed(points)):
        arrays = {id(values): values.nbytes for values in point.network.parameters.values()}
        held += sum(size for key, size in arrays.items() if key not in known)
        known |= arrays.keys()
        if count and (count == MOST_POINTS or held > MOST_BYTES):
            return
        yield point
