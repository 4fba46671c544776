"""What going on after the last step makes of a scene: scene → scene. No textual."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bptt_viz import engine
from bptt_viz.formatting import plain
from bptt_viz.generation import END, GenerationError, Sampling, extended
from bptt_viz.timeline import Operation, Phase

if TYPE_CHECKING:
    from bptt_viz.views.scene import Scene


def go_on(scene: Scene, sampling: Sampling | None = None) -> Scene:
    """The scene one step longer, at the new step's prediction; it reads the last one's guess, or a sampled symbol.

    Why nothing follows is told instead, where nothing does. The file as it is comes back when it is read again.
    """
    if scene.course.running:
        return replace(scene, notice=scene.say("training.runs"))
    before, lesson = scene.trace, scene.lesson
    try:
        scenario = extended(before.scenario, before.network, 1, sampling, END)
    except GenerationError as error:
        return replace(scene, notice=error.reason.told(scene.language))
    trace = engine.run(scenario, before.network)
    if before.T == trace.T:
        return replace(scene, notice=scene.say("generation.ended", symbol=END))
    longer = replace(lesson.with_trace(trace), generated_from=lesson.generated_from or trace.T)
    return replace(
        scene,
        lesson=longer,
        position=longer.timeline.position(Phase.FORWARD, trace.T, Operation("prediction", "y_hat")),
        entry=None,
        # The cursor has moved on: what was asked about is not what the panels show now.
        picked=None,
        asked=(),
        notice=_told(scene, trace.inputs.word(trace.T), trace.T, sampling),
        derivation=None,
        comparison=None,
        deriving=None,
        term=None,
        before=None,
        training=None if scene.training is None else scene.training.retraced(trace),
        sampling=sampling or scene.sampling,
    )


def sample_again(scene: Scene) -> Scene:
    """The scene one step longer, sampled as before."""
    return go_on(scene, scene.sampling or Sampling())


def sampling_of(text: str) -> Sampling | None:
    """The temperature and the seed that ``text`` states, the seed 1 if it states none; None if it is neither."""
    words = text.split()
    if not 1 <= len(words) <= 2:
        return None
    try:
        temperature, seed = float(words[0]), int(words[1]) if len(words) == 2 else Sampling().seed
    except ValueError:
        return None
    return Sampling(temperature, seed) if 0 < temperature < float("inf") and seed >= 0 else None


def _told(scene: Scene, symbol: str, t: int, sampling: Sampling | None) -> str:
    if not symbol:
        return scene.say("generation.read", t=t, before=t - 1)
    if sampling is None:
        return scene.say("generation.guessed", t=t, symbol=symbol)
    temperature = plain(sampling.temperature)
    return scene.say("generation.sampled", t=t, symbol=symbol, temperature=temperature, seed=sampling.seed)
