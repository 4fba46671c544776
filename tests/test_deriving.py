"""The app's end of the process that derives: what is asked for comes, and a newer request cancels an older one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from derivers import Heard, Slow, check_terms, closed, hearing, slowly, window
from screens import DerivesAtOnce, app_on, playing

import bptt_viz
from bptt_viz import engine
from bptt_viz.derivation.window import window_of
from bptt_viz.ui import deriving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="FIFOs and signals")


@pytest.fixture
async def heard() -> AsyncIterator[Heard]:
    """A deriver with its real process."""
    async with hearing() as found:
        yield found


@pytest.fixture
async def slow(tmp_path: Path) -> AsyncIterator[Slow]:
    """A deriver whose process waits before each term."""
    async with slowly(tmp_path) as found:
        yield found


@pytest.mark.parametrize(("name", "parameter"), [("wo-zuotian", "W"), ("wo-zuotian", "V"), ("scalar-t3", "U")])
async def test_the_terms_come_as_sympy_gives_them(heard: Heard, name: str, parameter: str) -> None:
    asked = window(name, 1, parameter)
    check_terms(await heard.whole(asked), asked)
    assert [progress.key for _, progress in heard.told[:1] if progress] == ["derivation.loading"]
    assert heard.progress is None
    counts = [len(derivation.terms) for derivation, _ in heard.told if derivation is not None]
    assert counts == sorted(counts)


async def test_another_window_and_other_weights_go_to_the_same_process(heard: Heard) -> None:
    first = await heard.whole(window())
    pid = heard.pid
    trace = engine.trace(bptt_viz.load("wo-zuotian"), 2)
    for asked in (window(first=1), window_of(trace, 3, 3, "W")):
        check_terms(await heard.whole(asked), asked)
    assert heard.pid == pid
    assert not np.array_equal(first.terms[0].value, heard.derivation.terms[0].value)


async def test_terms_are_told_as_they_come(slow: Slow) -> None:
    slow.heard.deriver.request(window("scalar-t3", 1))
    for count in range(3):
        await slow.at(f"1 {count}")
        slow.open_gate(1)
        await slow.heard.until(partial(slow.heard.has_terms, count + 1))
    told = [progress.told("en") for _, progress in slow.heard.told if progress]
    assert "SymPy derives term 2 of 6" in told
    assert "SymPy derives term 3 of 6" in told


async def test_a_newer_request_cancels_between_terms_and_those_between_are_never_sent(slow: Slow) -> None:
    slow.heard.deriver.request(window(first=1))
    await slow.at("1 0")
    for _ in range(100):
        slow.heard.deriver.request(window(first=2))
    slow.heard.deriver.request(window(first=3))
    await slow.at("Cancel")
    slow.open_gate()
    await slow.at("3 2")
    assert slow.terms == ["1 0", "3 0", "3 1", "3 2"]
    # The thread that listens may note a request after the other one has begun with it.
    await slow.at("Request", 2)
    assert slow.heard_there == ["Request", "Cancel", "Request"]
    await slow.heard.until(lambda: len(slow.heard.derivation.terms) == 3)
    # None of the first window's.
    assert {float(term.value[0, 0]) for term in slow.heard.derivation.terms} == {3.0}
    assert all(not derivation.terms for derivation, _ in slow.heard.told if derivation and derivation.first < 3)


async def test_a_cancelled_request_ends_and_the_next_is_answered(slow: Slow) -> None:
    slow.heard.deriver.request(window(first=1))
    await slow.at("1 0")
    told = len(slow.heard.told)
    slow.heard.deriver.cancel()
    await slow.at("Cancel")
    slow.heard.deriver.request(window(first=2))
    slow.open_gate()
    await slow.at("2 2")
    assert slow.terms == ["1 0", "2 0", "2 1", "2 2"]
    # The thread that listens may note a request after the other one has begun with it.
    await slow.at("Request", 2)
    assert slow.heard_there == ["Request", "Cancel", "Request"]
    assert {derivation.first for derivation, _ in slow.heard.told[told:] if derivation} <= {2}


async def test_nothing_is_told_after_the_end(slow: Slow) -> None:
    slow.heard.deriver.request(window(first=1))
    await slow.at("1 0")
    told = len(slow.heard.told)
    slow.open_gate()
    await closed(slow.heard)
    assert len(slow.heard.told) == told


@pytest.mark.parametrize(("most", "waits"), [(1000.0, True), (0.0, False)])
async def test_keys_go_first_but_not_for_ever(most: float, waits: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001  # a parameter
    monkeypatch.setattr(deriving, "_PATIENCE", 100.0)
    monkeypatch.setattr(deriving, "_MOST_WAITING", most)
    deriver = deriving.Deriver(lambda *_: None)
    deriver.hold()  # nothing is to be told
    deriver._tell_soon()
    assert deriver._timer is not None
    first = deriver._timer.when()
    await asyncio.sleep(0)
    deriver.hold()
    assert (deriver._timer.when() > first) == waits
    deriver.close()


async def test_every_key_holds_what_is_to_be_told_back(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    monkeypatch.setattr(DerivesAtOnce, "hold", lambda _: held.append(1))
    async with playing(app_on("wo-zuotian")) as player:
        await player.press("right")
        held.clear()
        await player.press("right", "right")
    assert len(held) == 2


def test_what_the_first_key_needs_is_imported_before_it() -> None:
    program = (  # another process: in this one all is imported
        "import sys; from bptt_viz.ui.late import import_for_first_key; before = set(sys.modules);"
        "import_for_first_key();"
        "print(sorted({'bptt_viz.views.derived_terms', 'bptt_viz.ui.deriving', 'sympy'} & (set(sys.modules) - before)))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.split("\n")[0] == "['bptt_viz.ui.deriving', 'bptt_viz.views.derived_terms']"
