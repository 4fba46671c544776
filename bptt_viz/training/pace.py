"""How fast training without an end may be shown: slowly at first, so that there is time to speak. Imports nothing."""

from __future__ import annotations

from typing import Final

#: The next state may be further by one update for each so many that there were.
_SLOWNESS: Final = 4


def until(updates: int) -> int:
    """How many updates since it began there may be in the next state that is shown, after one with so many.

    It is further by a quarter, rounded up, and by 1 at least: with four states a second it has come to 100 updates
    after four seconds, and to ten times as many every two and a half seconds from there on.

    >>> states = [0]
    >>> for _ in range(8):
    ...     states.append(until(states[-1]))
    >>> states
    [0, 1, 2, 3, 4, 5, 7, 9, 12]
    """
    return updates + max(-(-updates // _SLOWNESS), 1)
