"""What a curve of ‖∂h_t/∂h_k‖ shows, told by its numbers alone. Imports only numpy.

Source: Pascanu, Mikolov & Bengio (2013), §2: exploding and vanishing are about long products, so a whole curve is
judged by where it ends, not by one step's factor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from msgspec import Struct

if TYPE_CHECKING:
    from bptt_viz.activations import Array

#: A norm that ends within this many powers of ten of 1 has neither vanished nor exploded.
KEPT: Final = 1.0

#: A rise of less than this, in powers of ten, is no growth: 5 %.
RISE: Final = 0.02

#: A fall of less than this, in powers of ten, does not make a hump of a curve that stays in reach: a factor of 2.
FALL: Final = float(np.log10(2.0))

Kind = Literal["vanishes", "explodes", "keeps", "within", "grows_first", "hump", "dips", "zero", "not_finite"]


class Verdict(Struct, frozen=True):
    """How a norm behaves with distance.

    Attributes
    ----------
    kind
        ``vanishes``: below 1/10 at the end of the curve, never above 1; ``explodes``: above 10 there; ``keeps``: 1
        there, by what can be seen; ``within``: between, but not 1; ``grows_first``: below 1/10 there but above 1 on the
        way; ``hump``: not below 1/10 there, but it was at least twice as large on the way, and above 1; ``dips``:
        between, but it was below 1/10 on the way; ``zero``: exactly 0 from some distance on; ``not_finite``: some norm
        is no number.
    distance
        The largest t − k.
    final
        log₁₀ of the norm there.
    peak, peak_at
        log₁₀ of the largest norm on the curve, and at which distance it is first reached.
    trough, trough_at
        log₁₀ of the smallest norm on the curve, −∞ for 0, and at which distance it is first reached.
    from_distance
        For ``zero`` and ``not_finite``: the first distance from which on that is true; else 0.
    """

    kind: Kind
    distance: int
    final: float
    peak: float
    peak_at: int
    trough: float
    trough_at: int
    from_distance: int = 0

    @property
    def factor(self) -> float:
        """The mean factor of a step, the geometric mean over the curve."""
        return float(10.0 ** (self.final / self.distance)) if self.distance else 1.0


def verdict(curve: Array) -> Verdict:
    """What a curve of log₁₀ norms by t − k shows, [t + 1]."""
    distance, final = len(curve) - 1, float(curve[-1])
    broken, vanished = np.isnan(curve) | np.isposinf(curve), np.isneginf(curve)
    above, below = np.where(broken, -np.inf, curve), np.where(broken, np.inf, curve)
    peak_at, trough_at = int(np.argmax(above)), int(np.argmin(below))
    peak, trough = float(above[peak_at]), float(below[trough_at])
    kind, since = _kind(final, peak, trough), 0
    if broken.any():
        kind, since = "not_finite", int(np.argmax(broken))
    elif vanished[-1]:
        # A block of a product may be 0 at one distance and not at the next.
        kind, since = "zero", distance + 1 - int(np.argmin(vanished[::-1])) if not vanished.all() else 0
    return Verdict(kind, distance, final, peak, peak_at, trough, trough_at, since)


def _kind(final: float, peak: float, trough: float) -> Kind:
    """What a curve of numbers is, by where it ends and how far it went."""
    if final < -KEPT:
        return "grows_first" if peak > RISE else "vanishes"
    if peak > RISE and (peak - final >= FALL or peak > KEPT >= final):
        return "hump"
    if final > KEPT:
        return "explodes"
    if trough < -KEPT:
        return "dips"
    return "keeps" if abs(final) <= RISE else "within"
