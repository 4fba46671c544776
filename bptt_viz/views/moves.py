"""What the commands that only look and walk make of a scene: scene → scene. No textual."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Final

from msgspec import structs

from bptt_viz import engine, truncation_choice
from bptt_viz.errors import ScenarioError
from bptt_viz.messages import LANGUAGES
from bptt_viz.notation import CANONICAL, NOTATIONS, Symbol, load, names
from bptt_viz.quantities import Row
from bptt_viz.timeline import Phase
from bptt_viz.views.operation_view import chosen_entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from bptt_viz.quantities import Number
    from bptt_viz.scenario import BackwardTable
    from bptt_viz.views.scene import Lesson, Page, Scene


def _next_parameter(scene: Scene) -> Scene:
    names = scene.lesson.parameter_names
    return replace(scene, parameter=names[(names.index(scene.parameter) + 1) % len(names)])


def _entry(scene: Scene, by: int) -> Scene:
    if scene.page == "derivation" and scene.derivation is not None and scene.derivation.terms:
        from bptt_viz.views.derived_terms import chosen_term  # noqa: PLC0415  (start-up time)

        return replace(scene, term=(chosen_term(scene) + by) % len(scene.derivation.terms), scroll=0)
    if scene.page == "truncations":
        # All entries together, and then one by one.
        size = scene.trace.parameters[scene.parameter].size
        place = ((-1 if scene.entry is None else scene.entry % size) + 1 + by) % (size + 1)
        return replace(scene, entry=place - 1 if place else None)
    working = scene.working
    if working is None or not working.parts:
        return scene
    return replace(scene, entry=(chosen_entry(scene, working) + by) % len(working.counted.values))


def _other_language(scene: Scene) -> Scene:
    """The scene in the other language; what was told once was told in the one before."""
    return replace(scene, language=LANGUAGES[(LANGUAGES.index(scene.language) + 1) % len(LANGUAGES)], notice="")


def _next_notation(scene: Scene) -> Scene:
    """The scene in the notation after its own; one whose file cannot be used is passed over, and why is told."""
    known = names()
    after = known.index(scene.notation.name) + 1 if scene.notation.name in known else 0
    wrong = ""
    for name in (*known[after:], *known[:after]):
        try:
            notation = load(name)
        except ScenarioError as error:
            wrong = wrong or f"{name}: {error.problems[0].told(scene.language)}"
            continue
        delta = notation.write((Symbol("delta", "t"),))
        told = scene.say("notation.chosen", name=name, delta=delta, meaning=notation.delta_defined)
        return replace(scene, notation=notation, notice=wrong or told)
    return replace(scene, notice=wrong)


#: The commands that turn to a page, and from it back to the usual panels.
PAGES: Final[tuple[Page, ...]] = ("derivation", "sides", "flow", "truncations", "training")


def _turn_to(page: Page, scene: Scene) -> Scene:
    return replace(scene, page="" if scene.page == page else page, term=None, scroll=0)


def _late(module: str, name: str, *arguments: object) -> Callable[[Scene], Scene]:
    """A move of another module, which is imported when the move is made: start-up time."""

    def move(scene: Scene) -> Scene:
        made: Scene = getattr(import_module(f"bptt_viz.views.{module}"), name)(scene, *arguments)
        return made

    return move


#: Command → the scene after it.
MOVES: Final[dict[str, Callable[[Scene], Scene]]] = {
    "next": lambda scene: scene.at(scene.position + 1),
    "back": lambda scene: scene.at(scene.position - 1),
    "next_time_step": lambda scene: scene.at(scene.timeline.next_time_step(scene.position)),
    "previous_time_step": lambda scene: scene.at(scene.timeline.previous_time_step(scene.position)),
    "first": lambda scene: scene.at(0),
    "last": lambda scene: scene.at(scene.timeline.last),
    "parameter": _next_parameter,
    "entry_down": lambda scene: _entry(scene, 1),
    "entry_up": lambda scene: _entry(scene, -1),
    "notation": _next_notation,
    "language": _other_language,
    "recursion": lambda scene: replace(scene, rtrl=not scene.rtrl),
    **{page: partial(_turn_to, page) for page in PAGES},
    "strategy": lambda scene: with_backward(scene, scene.lesson.choices.next_strategy()),
    "keep_more": lambda scene: with_backward(scene, scene.lesson.choices.kept_more(1)),
    "keep_less": lambda scene: with_backward(scene, scene.lesson.choices.kept_more(-1)),
    "draw": lambda scene: with_backward(scene, scene.lesson.choices.another_draw()),
    "update": _late("training_moves", "train", 1),
    "update_ten": _late("training_moves", "train", 10),
    "update_hundred": _late("training_moves", "train", 100),
    "train": _late("training_moves", "train", None),
    "undo": _late("training_moves", "undo"),
    "generate": _late("generation_moves", "go_on"),
    "symbols": lambda scene: replace(scene, plain=not scene.plain),
}


def ask(scene: Scene, number: Number) -> Scene:
    """The scene with another number asked about, come to by itself."""
    return replace(scene, picked=number, asked=())


def follow(scene: Scene, index: int) -> Scene:
    """The scene with the source ``index``, from 0, of the number asked about in its place, if there is one."""
    if scene.reason is None or index >= len(scene.reason.sources):
        return scene
    number = scene.reason.sources[index].number
    return scene if number is None else ask_further(scene, number)


def ask_further(scene: Scene, number: Number) -> Scene:
    """The scene with another number asked about, come to from the one that was."""
    return replace(scene, picked=number, asked=(*scene.asked, scene.picked) if scene.picked is not None else ())


def go_back(scene: Scene) -> Scene:
    """The scene with the number asked about before."""
    return replace(scene, picked=scene.asked[-1], asked=scene.asked[:-1]) if scene.asked else scene


def ask_no_more(scene: Scene) -> Scene:
    """The scene with nothing asked about."""
    return replace(scene, picked=None, asked=())


#: Key → the scene after it, while a number is asked about.
ANSWERS: Final[dict[str, Callable[[Scene], Scene]]] = {
    "enter": lambda scene: follow(scene, 0),
    **{str(digit): partial(follow, index=digit - 1) for digit in range(1, 10)},
    "backspace": go_back,
    "escape": ask_no_more,
}


def go_to(scene: Scene, text: str) -> Scene | None:
    """The scene at the end of the time step that ``text`` names; None if it names none.

    ``3`` stays in the pass that is being walked; ``f3`` and ``b3`` say which one.
    """
    text = text.strip().lower()
    phase = Phase.BACKWARD if scene.backwards else Phase.FORWARD
    if text[:1] in ("f", "b"):
        phase, text = (Phase.FORWARD if text[0] == "f" else Phase.BACKWARD), text[1:]
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    t = int(text)
    return scene.at(scene.timeline.end_of(phase, t)) if 1 <= t <= scene.trace.T else None


def reloaded(scene: Scene, lesson: Lesson) -> Scene:
    """The scene with another state of the file: the cursor stays on what it was on, as near as there is."""
    position = lesson.timeline.moved(scene.timeline, scene.position)
    parameter = scene.parameter if scene.parameter in lesson.parameter_names else lesson.parameter_names[0]
    # A row of a working is known by its place alone: with other steps or equations that is another row.
    same = lesson.timeline == scene.timeline and lesson.trace.network.cells == scene.trace.network.cells
    asked = [] if scene.picked is None else [scene.picked, *scene.asked]
    lost = not same and any(isinstance(number.quantity, Row) for number in asked)
    return replace(
        ask_no_more(scene) if lost else scene,
        lesson=lesson,
        position=position,
        parameter=parameter,
        problems=(),
        notice="",
        derivation=None,
        comparison=None,
        deriving=None,
        term=None,
        before=None,
        training=None,
        sampling=None,
    )


def with_backward(scene: Scene, backward: BackwardTable) -> Scene:
    """The scene with other chain-rule terms kept: the same forward pass, another backward one."""
    trace = scene.trace
    told = truncation_choice.said(backward).told(scene.language)
    if backward == trace.scenario.backward:
        # Nothing more or less can be kept; with all terms, the keys for it mean nothing.
        return scene if backward.strategy == "full" else replace(scene, notice=told)
    scenario = structs.replace(trace.scenario, backward=backward)
    other = engine.run(scenario, trace.network, (trace.inputs, trace.targets))
    now = scene.lesson
    lesson = replace(now, trace=other, chosen=now.choices.chosen(backward), compared=now.truncations)
    return replace(
        reloaded(scene, lesson),
        notice=told,
        problems=scene.problems,
        derivation=scene.derivation,
        comparison=scene.comparison,
        deriving=scene.deriving,
        training=None if scene.training is None else scene.training.retraced(lesson.trace),
        sampling=scene.sampling,
    )


def opened(scene: Scene, lesson: Lesson) -> Scene:
    """The scene at the start of another lesson, in the notation that this asks for, or else as before."""
    name = lesson.trace.scenario.lecture.notation
    notation = scene.notation if name == CANONICAL else NOTATIONS[name]
    return replace(reloaded(scene, lesson), position=0, notation=notation, picked=None, asked=())
