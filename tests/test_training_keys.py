"""Keys go first while training runs: SymPy waits, and states are shown once keys rest."""

from __future__ import annotations

import asyncio
import itertools
import sys
from typing import TYPE_CHECKING

import pytest
from screens import DEADLINE, DerivesAtOnce, app_on, playing
from test_app_training import moment_of, trained, trainer_of

import bptt_viz
from bptt_viz.ui import training

if TYPE_CHECKING:
    from bptt_viz.derivation.window import Window

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")


async def test_sympy_waits_until_training_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Window] = []
    request = DerivesAtOnce.request

    def noted(deriver: DerivesAtOnce, window: Window) -> None:
        asked.append(window)
        request(deriver, window)

    monkeypatch.setattr(DerivesAtOnce, "request", noted)
    async with playing(app_on("wo-zuotian")) as player:
        await player.press("right", "p")
        await player.until(lambda: moment_of(player).updates > 0)
        await player.press("right", "w", "w")
        assert len(asked) == 1
        assert f"▶ update {moment_of(player).updates} " in player.told()
        assert "SymPy waits until training stops." in "".join(player.panel("derivation"))
        await player.press("p")
        assert "▶" not in player.told()
        assert len(asked) == 2
        assert asked[1].numbers.parameters["W"].tolist() == moment_of(player).network.parameters["W"].tolist()
        assert "∂L₃/∂o₃ · ∂o₃/∂h₃ · ∂⁺h₃/∂b" in "".join(player.panel("derivation"))


@pytest.mark.parametrize(("keys", "quiet", "most"), [(0, 1000.0, 1000.0), (50, 0.3, 1000.0), (None, 1000.0, 0.05)])
async def test_training_is_shown_once_keys_rest_but_a_held_key_does_not_hide_it(
    keys: int | None, quiet: float, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_QUIET", quiet)
    monkeypatch.setattr(training, "_MOST_WAITING", most)
    trace = bptt_viz.trace(bptt_viz.load("scalar-t3"))
    job = training._Job(1, trace, None, trained("scalar-t3", 0), trained("scalar-t3", 0))

    async def press() -> None:
        for _ in itertools.repeat(None) if keys is None else range(keys):
            job.touched.set()
            await asyncio.sleep(0)

    pressing = asyncio.create_task(press())
    await asyncio.sleep(0)
    async with asyncio.timeout(DEADLINE):
        await job.quiet()
    assert pressing.done() == (keys is not None)
    pressing.cancel()


async def test_nothing_is_shown_before_keys_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    rest = asyncio.Event()
    monkeypatch.setattr(training._Job, "quiet", lambda _: rest.wait())
    async with playing(app_on("wo-zuotian")) as player:
        await player.press("p")
        job = trainer_of(player)._job
        assert job is not None
        await player.until(lambda: job.latest.updates > 0)
        assert moment_of(player).updates == 0
        rest.set()
        await player.until(lambda: moment_of(player).updates > 0)


async def test_what_somebody_presses_holds_training_back_and_its_own_frames_do_not() -> None:
    async with playing(app_on("wo-zuotian")) as player:
        await player.press("p")
        await player.until(lambda: moment_of(player).updates > 0)
        job = trainer_of(player)._job
        assert job is not None
        assert not job.touched.is_set()
        await player.step("right")
        assert job.touched.is_set()
