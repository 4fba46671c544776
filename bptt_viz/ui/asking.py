"""Which number is next to which on the screen, for the hand that asks about them. Places only; no widget, no value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bptt_viz.quantities import Number


class Spot(NamedTuple):
    """Where a number is seen on the screen."""

    number: Number
    x: int
    y: int


#: Arrow → the direction in cells.
DIRECTIONS: Final = {"right": (1, 0), "left": (-1, 0), "down": (0, 1), "up": (0, -1)}
#: How much farther a cell counts that is not in the direction, along a line and across lines.
_BESIDE: Final = {"right": 12, "left": 12, "down": 1, "up": 1}
#: A line is about as high as two cells are wide, and then some, so that "down" stays in its panel.
_LINE: Final = 4


def beside(spots: Sequence[Spot], here: Spot | None, arrow: str) -> Spot | None:
    """The spot that the arrow leads to; ``here`` where there is none, the first of all where nothing is chosen."""
    if here is None:
        return spots[0] if spots else None
    dx, dy = DIRECTIONS[arrow]

    def ahead(spot: Spot) -> int:
        return (spot.x - here.x) * dx + (spot.y - here.y) * dy

    def distance(spot: Spot) -> tuple[int, int, int]:
        along, across = (abs(spot.x - here.x), abs(spot.y - here.y))[:: 1 if dx else -1]
        scale = (1, _LINE) if dx else (_LINE, 1)
        return (along * scale[0] + across * scale[1] * _BESIDE[arrow], spot.y, spot.x)

    return min((spot for spot in spots if ahead(spot) > 0), key=distance, default=here)


def place_of(spots: Sequence[Spot], number: Number | None, near: Spot | None) -> Spot | None:
    """Where a number is seen: the place nearest to ``near`` where there are several; None if nowhere."""
    seen = [spot for spot in spots if spot.number == number]
    if near is None or not seen:
        return seen[0] if seen else None
    return min(seen, key=lambda spot: abs(spot.x - near.x) + _LINE * abs(spot.y - near.y))
