"""Every step's entry in numbers has its result, at every size and in both languages; what is left out is marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from screens import BOARD, LAPTOP, WALL, app_on, playing
from test_views import lesson, scene_of, text_of

from bptt_viz import catalog
from bptt_viz.formatting import plain, signed
from bptt_viz.messages import LANGUAGES
from bptt_viz.views import operation_view
from bptt_viz.views.entry_lines import ending, left_out
from bptt_viz.views.operation_view import chosen_entry

if TYPE_CHECKING:
    from bptt_viz.views.scene import Scene

#: One scenario of each arrangement of the network.
ARRANGEMENTS = ("length-three", "encoder-decoder", "gru-after", "lstm-gates", "memory-lstm", "stack-2")
SIZES = (BOARD, (100, 30), LAPTOP, WALL)
#: The least content that the operation's panel has at those sizes, which the first test finds out.
NARROWEST = ((78, 10), (48, 13), (56, 9), (58, 10), (67, 8), (98, 16), (114, 13))
#: Of longer sequences only the steps at both ends are gone through: those between do the same.
ENDS = 2


def result_of(scene: Scene) -> str:
    """How the chosen entry has to end; empty where nothing is worked out, or by hand of all entries."""
    working = scene.working
    if working is None or not working.parts:
        return ""
    entry = chosen_entry(scene, working)
    if working.entry(entry) == ("0",):
        return ""
    if working.row is not None:
        return f"= ({', '.join(plain(float(number)) for number in working.row(entry))})"
    values = working.result.values
    if working.result.operator != "=" or (len(values) == 1 and entry != working.focus):
        return ""
    return f"= {signed(float(values[entry if entry < len(values) else 0]))}"


@pytest.mark.parametrize("name", ARRANGEMENTS)
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_panel_is_as_large_as_taken_for_granted_below(name: str, size: tuple[int, int]) -> None:
    async with playing(app_on(name), size) as player:
        await player.step("tab", "right")
        region = player.region("operation")
        assert any(region.width >= width and region.height >= height for width, height in NARROWEST)
        if size[0] >= LAPTOP[0]:
            assert region.width >= 58


@pytest.mark.parametrize("name", catalog.names())
def test_no_step_lacks_an_entry_with_its_result(name: str) -> None:
    taught = lesson(name)
    timeline = taught.timeline
    seen = 0
    for position in range(1, timeline.last + 1):
        if ENDS < timeline.step(position).t <= timeline.T - ENDS:
            continue
        for language in LANGUAGES:
            scene = scene_of(taught, position, language)
            told = result_of(scene)
            for size in NARROWEST if told else ():
                lines = [text_of(line).strip() for line in operation_view.draw(scene, *size)]
                assert told in " ".join(lines), (position, language, size, lines)
                seen += 1
    assert seen > 100


def test_every_unit_of_an_lstm_can_be_chosen_and_is_written_out() -> None:
    taught = lesson("memory-lstm")
    units = taught.trace.scenario.network.hidden_size
    for position in range(taught.timeline.loss_position + 1, taught.timeline.loss_position + 25):
        for entry in range(units):
            scene = scene_of(taught, position, entry=entry)
            told = result_of(scene)
            assert told in " ".join(text_of(line).strip() for line in operation_view.draw(scene, 67, 8))


@pytest.mark.parametrize(
    ("cut", "left"),
    [("6000", "1 + 2·(0.5·3 + 0.25·4 + 1·5)·7 + …"), ("0.25", "1 + 2·(0.5·3 + …)·7 + …"), ("2", "1 + …")],
)
def test_an_ellipsis_stands_for_the_summands_alone(cut: str, left: str) -> None:
    """Factors behind a bracket stay, and so does what a bracket without some of its summands is added to."""
    text = "1 + 2·(0.5·3 + 0.25·4 + 1·5)·7 + 6000"
    assert left_out(text, text.index(cut)) == left
    assert text_of(ending(text, " = 6046.5", len(left) + 9, 1)[0]) == f"{left} = 6046.5"


def test_what_has_room_is_left_whole() -> None:
    assert [text_of(line) for line in ending("1 + 2", " = 3", 9, 1)] == ["1 + 2 = 3"]
    assert [text_of(line) for line in ending("1 + 2", " = 3", 7, 2)] == ["1 + 2 =", "3"]
    assert [text_of(line) for line in ending("1·2·3·4·5", " = 120", 7, 1)] == ["… = 120"]
