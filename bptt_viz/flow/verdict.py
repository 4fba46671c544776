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

Kind = Literal["vanishes", "explodes", "keeps", "grows_first", "zero", "not_finite"]


class Verdict(Struct, frozen=True):
    """How a norm behaves with distance.

    Attributes
    ----------
    kind
        ``vanishes``: below 1/10 at the end of the curve; ``explodes``: above 10 there; ``keeps``: between;
        ``grows_first``: below 1/10 there but above 1 on the way; ``zero``: exactly 0 from some distance on;
        ``not_finite``: some norm is no number.
    distance
        The largest t − k.
    final
        log₁₀ of the norm there.
    peak, peak_at
        log₁₀ of the largest norm on the curve, and at which distance it is first reached.
    from_distance
        For ``zero`` and ``not_finite``: the first distance of which that is true; else 0.
    """

    kind: Kind
    distance: int
    final: float
    peak: float
    peak_at: int
    from_distance: int = 0

    @property
    def factor(self) -> float:
        """The mean factor of a step, the geometric mean over the curve."""
        return float(10.0 ** (self.final / self.distance)) if self.distance else 1.0


def verdict(curve: Array) -> Verdict:
    """What a curve of log₁₀ norms by t − k shows, [t + 1]."""
    distance, final = len(curve) - 1, float(curve[-1])
    broken, vanished = np.isnan(curve) | np.isposinf(curve), np.isneginf(curve)
    known = np.where(broken, -np.inf, curve)
    peak_at = int(np.argmax(known))
    peak = float(known[peak_at])
    if broken.any():
        return Verdict("not_finite", distance, final, peak, peak_at, int(np.argmax(broken)))
    if vanished[-1]:
        return Verdict("zero", distance, final, peak, peak_at, int(np.argmax(vanished)))
    kind: Kind = "keeps"
    if final > KEPT:
        kind = "explodes"
    elif final < -KEPT:
        kind = "grows_first" if peak > RISE else "vanishes"
    return Verdict(kind, distance, final, peak, peak_at)
