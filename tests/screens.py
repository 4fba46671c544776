"""Reading the running app's screen: its lines, its numbers, and whether they agree with a trace."""

from __future__ import annotations

import asyncio
import math
import re
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace
from rich.cells import cell_len
from textual import events

from bptt_viz import catalog
from bptt_viz.derivation.outline import outline
from bptt_viz.derivation.symbolic import terms
from bptt_viz.loading import read
from bptt_viz.notation import NOTATIONS
from bptt_viz.ui.app import BpttApp
from bptt_viz.ui.panel import Panel
from bptt_viz.ui.source import Source
from bptt_viz.views.scene import Scene

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from textual.geometry import Region
    from textual.pilot import Pilot
    from textual.strip import Strip

    from bptt_viz.derivation.result import Derivation
    from bptt_viz.derivation.window import Window
    from bptt_viz.messages import Language

#: The sizes that DESIGN.md names, and the smallest.
BOARD, LAPTOP, WALL, SMALLEST = (80, 24), (120, 36), (200, 50), (60, 18)
#: Keys that show what is not seen at first, and those that put it away.
ASIDE = (("tab", ("tab", "tab")), ("i", ("i",)), ("d", ("d",)), ("m", ("m",)), ("y", ("escape",)))
#: Seconds after which a condition is given up.
DEADLINE = 10.0

#: One number as the panels write it; ``·`` is not known yet, ``–`` is not there.
NUMBER = re.compile(r"[+−](?:\d+(?:\.\d+)?(?:e−?\d+)?|∞)|0|NaN|·|–")
#: Keys whose names are not what they type.
_NAMES = {"\r": "enter", "\x1b": "escape", "\x7f": "backspace", "\t": "tab",
          "?": "question_mark", ".": "full_stop", "→": "right"}  # fmt: skip
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class DerivesAtOnce:
    """In the place of the process that derives: the same terms, all there when the key is answered."""

    def __init__(self, on_update: Callable[[Derivation | None, None], None]) -> None:
        self._on_update = on_update

    def request(self, window: Window) -> None:
        """Derive a window and tell it."""
        self._on_update(derived(window), None)

    def cancel(self) -> None:
        """Nothing runs."""

    def hold(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing runs."""


def derived(window: Window) -> Derivation:
    """The complete derivation of a window."""
    return replace(outline(window), terms=tuple(terms(window)))


def app_on(
    scenario: str | Path,
    *,
    language: Language = "en",
    notation: str = "",
    keys: Mapping[str, tuple[str, ...]] | None = None,
    plain: bool = False,
    process: bool = False,
) -> BpttApp:
    """The app on a scenario, at its start.

    It derives in this process, unless a ``process`` is asked for, so that no screen depends on how far SymPy is.
    """
    path = catalog.find(scenario)
    source = Source(path)
    lesson = source.lesson(read(path))
    letters = NOTATIONS[notation or lesson.trace.scenario.lecture.notation]
    scene = Scene(lesson, 0, language, letters, lesson.parameter_names[0], keys=dict(keys or {}), plain=plain)
    app = BpttApp(source, scene)
    if not process:
        app._background._deriver = DerivesAtOnce(app._background._tell)  # type: ignore[assignment]
    return app


class Player(NamedTuple):
    """A running app and the hand on its keys."""

    app: BpttApp
    pilot: Pilot[int]

    async def press(self, *keys: str) -> None:
        """Press keys and wait until all they caused is done."""
        await self.pilot.press(*keys)

    async def step(self, *keys: str) -> None:
        """Press keys that only redraw panels; waits for the queues of messages, not for the clock."""
        for key in keys:
            self.app.post_message(events.Key(key, key if len(key) == 1 else None))
            for _ in range(2):
                assert await self.pilot._wait_for_screen()

    async def type(self, keys: str) -> None:
        """Keys that come in one go: the next before the first is answered."""
        for key in keys:
            self.app.post_message(events.Key(_NAMES.get(key, key), key))
        await self.pilot.pause()
        await self.pilot.pause()

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for a condition, with a deadline."""
        end = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < end, "\n".join(self.screen())
            await self.pilot.pause()
            await asyncio.sleep(0.01)
        await self.pilot.pause()

    @property
    def position(self) -> int:
        """Where the cursor is."""
        return self.app.scene.position

    def strips(self) -> list[Strip]:
        """What the terminal shows, with its styles."""
        return self.app.screen._compositor.render_strips()

    def screen(self) -> list[str]:
        """What the terminal shows."""
        return [strip.text for strip in self.strips()]

    def text(self) -> str:
        """What the terminal shows, as one text."""
        return "\n".join(self.screen())

    def widget(self, name: str) -> Panel:
        """A panel."""
        return self.app.screen_stack[0].query_one(f"#{name}", Panel)

    def shown(self) -> set[str]:
        """The panels that are seen."""
        return {str(panel.id) for panel in self.app.screen_stack[0].query(Panel) if panel.region.area}

    def region(self, name: str) -> Region:
        """Where a panel's content stands on the screen."""
        return self.widget(name).content_region

    def panel(self, name: str) -> list[str]:
        """A panel's content as it stands on the screen; where nothing lies over it, the panel draws the same."""
        x, y, width, height = self.region(name)
        lines = [strip.crop(x, x + width).text for strip in self.strips()[y : y + height]]
        drawn = self.widget(name).text()
        drawn += [""] * (height - len(drawn))
        for row, (line, own) in enumerate(zip(lines, drawn, strict=True), start=y):
            assert self.covered(name, row) or line.rstrip() == own.rstrip()
        return lines

    def covered(self, name: str, row: int) -> bool:
        """Whether something lies over a panel at a row of the screen."""
        over = [self.widget(one).region for one in self.shown() & {"why", "problems"} - {name}]
        return any(region.y <= row < region.bottom for region in over)

    def told(self) -> str:
        """What the timeline's line and the footer say: a notice stands in one of them."""
        return "\n".join(self.panel("timeline") + self.panel("footer"))

    def title(self, name: str) -> str:
        """What stands in a panel's upper border."""
        return self.screen()[self.widget(name).region.y].strip()

    async def click(self, name: str, text: str, nth: int = 0) -> None:
        """Click the nth occurrence of ``text`` in a panel."""
        x, y, _, _ = self.region(name)
        places = [
            (x + cell_len(line[: match.start()]), y + row)
            for row, line in enumerate(self.panel(name))
            for match in re.finditer(re.escape(text), line)
        ]
        assert await self.pilot.click(offset=places[nth])
        await self.pilot.pause()


@asynccontextmanager
async def playing(app: BpttApp, size: tuple[int, int] = LAPTOP) -> AsyncIterator[Player]:
    """The app running in a terminal of a size."""
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Player(app, pilot)


def numbers_in(line: str) -> list[str]:
    """The numbers that stand by themselves in a line, the ellipsis after the last one aside."""
    return [word for word in line.replace("…", " ").split() if NUMBER.fullmatch(word)]


def rows_of_numbers(lines: list[str]) -> list[list[str]]:
    """The numbers of each line that has any."""
    return [numbers for numbers in map(numbers_in, lines) if numbers]


def agrees(shown: str, value: float) -> bool:
    """Whether a number on the screen is the value rounded to the digits that are shown, or its sign alone."""
    shown = shown.strip()
    if shown in ("+", "−"):
        return value > 0 if shown == "+" else value < 0
    if not math.isfinite(value) or shown in ("NaN", "·", "–") or shown.endswith("∞"):
        return shown == ("NaN" if math.isnan(value) else f"{'−' if value < 0 else '+'}∞")
    digits = shown.lstrip("+−")
    if value == 0 or digits == "0":
        return value == 0 and digits == "0"
    if shown.startswith("−") != (value < 0):
        return False
    mantissa, _, exponent = digits.partition("e")
    unit = 10.0 ** (int(exponent.replace("−", "-") or 0) - len(mantissa.partition(".")[2]))
    return abs(float(mantissa) * 10.0 ** int(exponent.replace("−", "-") or 0) - abs(value)) <= 0.5001 * unit


def subscript(t: int) -> str:
    """A time step as formulas write it."""
    return str(t).translate(SUBSCRIPTS)
