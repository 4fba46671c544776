"""Large states in the network: a digit before the power wherever the column has room, also beside NaN."""

from __future__ import annotations

import re

import pytest
from test_views import lesson, scene_of, text_of

from bptt_viz.formatting import WIDE, fixed
from bptt_viz.quantities import Result
from bptt_viz.timeline import Phase
from bptt_viz.views import network_view


@pytest.mark.parametrize("width", [78, 118, 130, 198])
@pytest.mark.parametrize("phase", [Phase.FORWARD, Phase.BACKWARD])
def test_a_power_has_its_digit(phase: Phase, width: int) -> None:
    """On a board, on a laptop and on a wall, on the way there and back."""
    taught = lesson("first-nan")
    scene = scene_of(taught, taught.timeline.end_of(phase, 6 if phase is Phase.FORWARD else 1))
    spans = [span for line in network_view.draw(scene, width, 12) for span in line if span.number is not None]
    shown = {}
    for span in spans:
        assert span.number is not None
        quantity = span.number.quantity
        if isinstance(quantity, Result) and quantity.name == "h":
            shown[quantity.t, span.number.entry] = span.text
    large = [key for key in shown if 3 <= key[0] <= 6]
    assert large
    for t, (row,) in large:
        assert shown[t, (row,)] == fixed(float(taught.trace.layers[0].h[t - 1, row]), WIDE)
    text = "\n".join(map(text_of, network_view.draw(scene, width, 12)))
    assert re.search(r"[+−]\de\d{3}│" + ("NaN" if phase is Phase.BACKWARD else ""), text.replace(" ", ""))
    assert not re.search(r"[+−]e\d", text)
