"""The app: commands in, scenes out, and the file behind them. Draws nothing itself."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType

from bptt_viz.commands import COMMANDS
from bptt_viz.errors import ScenarioError
from bptt_viz.keymap import own_keys
from bptt_viz.notation import NOTATIONS
from bptt_viz.ui import dialogs
from bptt_viz.ui.asking import DIRECTIONS
from bptt_viz.ui.background import Background
from bptt_viz.ui.late import import_for_first_key
from bptt_viz.ui.lesson_screen import LessonScreen
from bptt_viz.ui.source import Source
from bptt_viz.ui.terminal import HUNG_UP, INTERRUPTED, collect_garbage_again, end_with_signals, terminal_is_gone
from bptt_viz.ui.themes import DARK, LIGHT, THEMES
from bptt_viz.views.canvas import Ask, Choose, GoTo, Run
from bptt_viz.views.moves import ANSWERS, MOVES, ask, ask_further, ask_no_more, opened
from bptt_viz.views.plain import plain
from bptt_viz.views.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from textual.screen import Screen

    from bptt_viz.messages import Language
    from bptt_viz.quantities import Number
    from bptt_viz.scenario import Scenario
    from bptt_viz.ui.panel import Panel
    from bptt_viz.ui.source import Found
    from bptt_viz.ui.training import Trainer

#: Seconds between two looks at the file.
WATCH_INTERVAL = 0.5
#: Seconds after the start from which on what the first key needs is imported: the first paint is done.
IDLE = 0.1
#: Environment variable that opens the app with plain symbols if it is ``plain``.
SYMBOLS_VARIABLE = "BPTT_VIZ_SYMBOLS"


class BpttApp(App[int]):
    """Steps through one scenario at a time."""

    CSS_PATH = "app.tcss"
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", show=False, priority=True),
        # Before the lesson's, and with priority like them, so that keys typed in one go keep their order.
        *(Binding(key, f"answer('{key}')", show=False, priority=True) for key in (*DIRECTIONS, *ANSWERS)),
    ]

    def __init__(self, source: Source, scene: Scene) -> None:
        super().__init__()
        self.scene = scene
        self._source = source
        #: What the file said when it was last shown.
        self._stated = scene.trace.scenario
        self._clicked: Number | None = None
        #: Nobody trains before the first paint.
        self._trainer: Trainer | None = None
        self._background = Background(lambda change: self.show(change(self.scene)))
        for theme in THEMES:
            self.register_theme(theme)
        # Setting the theme in the usual way would have all styles parsed, and then parsed again.
        self.set_reactive(App.theme, DARK.name)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_default_screen(self) -> LessonScreen:
        """The lesson."""
        return LessonScreen(self.scene)

    def on_mount(self) -> None:
        """Watch the file; leave the terminal as it was, whatever ends the program."""
        self.set_class(self.scene.plain, "-plain")
        self.set_interval(WATCH_INTERVAL, self._look_around)
        self.set_keymap({command: ",".join(keys) for command, keys in self.scene.keys.items()})
        self.call_after_refresh(collect_garbage_again)
        self.set_timer(IDLE, import_for_first_key)
        self.app_resume_signal.subscribe(self, self._resumed)
        end_with_signals(self.exit)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002  # Textual's signature
        """The table's commands, in the scene's language."""
        for command in COMMANDS:
            if command.id != "palette":
                title = self.scene.say(f"command.{command.id}")
                yield SystemCommand(self._symbols(title), "", partial(self.action_do, command.id))

    def action_command_palette(self) -> None:
        """The palette, asking in the scene's language."""
        from bptt_viz.ui.screens.palette import Palette

        if not isinstance(self.screen, Palette):
            asked = self._symbols(self.scene.say("palette.prompt"))
            self.push_screen(Palette(placeholder=asked, id="--command-palette"))

    def show(self, scene: Scene) -> None:
        """Make a scene the current one."""
        opened, self.scene = scene.page != self.scene.page, scene
        self.set_class(scene.plain, "-plain")
        seen = self._lesson_screen.show(scene)
        self._background.attend(scene, seen)
        if opened:
            # A panel that had no room before draws, and asks for what it has to wait for, once it has some.
            self.call_after_refresh(lambda: self._background.attend(self.scene, seen))
        if self._trainer is None and scene.training is not None:
            from bptt_viz.ui.training import Trainer

            self._trainer = Trainer(lambda change: self.show(change(self.scene)))
        if self._trainer is not None:
            self._trainer.attend(scene)

    def _symbols(self, text: str) -> str:
        return plain(text) if self.scene.plain else text

    @property
    def _lesson_screen(self) -> LessonScreen:
        screen = self.screen_stack[0]
        assert isinstance(screen, LessonScreen)
        return screen

    def on_unmount(self) -> None:
        """Leave nothing running."""
        self._background.close()
        if self._trainer is not None:
            self._trainer.close()

    def action_do(self, command: str) -> None:
        """Carry out a command of the table; what was told once is gone with it."""
        if command in MOVES:
            self.show(MOVES[command](replace(self.scene, notice="")))
        else:
            self._deeds[command]()

    @property
    def _deeds(self) -> dict[str, Callable[[], object]]:
        """The commands that do more than look and walk."""
        return {
            "go_to": partial(dialogs.time_step, self),
            "why": self._why,
            "panel": self._other_panel,
            "edit": partial(dialogs.edit_parameter, self),
            "sample": partial(dialogs.sample_symbol, self),
            "open": partial(dialogs.open_scenario, self),
            "save": partial(dialogs.save_scenario, self),
            "reload": partial(self._load, asked=True),
            "theme": self._other_theme,
            "blank": partial(dialogs.blank, self),
            "help": partial(dialogs.keys, self),
            "palette": self.action_command_palette,
            "quit": lambda: self.exit(0),
        }

    def _other_panel(self) -> None:
        if self.scene.page:
            self.show(replace(self.scene, scroll=self.scene.scroll + 1, notice=""))
            return
        self._lesson_screen.next_choice()
        self.show(replace(self.scene, notice=""))

    def _why(self) -> None:
        """Ask about a number, or no more."""
        if self.scene.picked is not None:
            self.show(ask_no_more(self.scene))
            return
        first = self._lesson_screen.first_number()
        told = replace(self.scene, notice=self.scene.say("why.not_shown"))
        self.show(told if first is None else ask(self.scene, first))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Some keys are about a number only while it is asked about; else they are what the table says."""
        if action == "answer":
            return self.scene.picked is not None and self.screen is self._lesson_screen
        return super().check_action(action, parameters)

    def action_answer(self, key: str) -> None:
        """Go to another number, to where one came from, or back; or ask no more."""
        if key in ANSWERS:
            self.show(ANSWERS[key](self.scene))
            return
        number = self._lesson_screen.number_beside(key)
        if number is not None:
            self.show(ask(self.scene, number))

    def action_interrupt(self) -> None:
        """Ctrl+C."""
        self.exit(INTERRUPTED)

    def on_panel_clicked(self, event: Panel.Clicked) -> None:
        """A click moves the cursor, chooses an entry or runs a command; on a number it may ask for its reason.

        It asks where the click has nothing else to do, and where the number is what was asked about or clicked last.
        """
        number, asks = event.span.number, self.scene.picked is not None or event.span.number == self._clicked
        self._clicked = number
        match event.span.subject:
            case GoTo(position) if not (number and asks):
                self.show(self.scene.at(position))
            case Choose(entry) if not (number and asks):
                self.show(replace(self.scene, entry=entry))
            case Run(command):
                self.action_do(command)
            case Ask(source) if self.scene.picked is not None:
                self.show(ask_further(self.scene, source))
            case _ if number is not None:
                self.show(ask(self.scene, number))

    def _resumed(self, _: App[int]) -> None:
        """Back from Ctrl+Z: whatever stood on the terminal is gone, so paint all of it."""
        self.screen.refresh(layout=True)
        self.refresh(layout=True)

    def _other_theme(self) -> None:
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    @property
    def folder(self) -> Path:
        """The folder for what somebody saves."""
        return self._source.folder

    def opened(self, found: Found | None) -> None:
        """Show another scenario from its start."""
        if found is not None:
            self.workers.cancel_group(self, "load")
            self._source, lesson = found
            self._stated = lesson.trace.scenario
            self.show(opened(self.scene, lesson))

    def _look_around(self) -> None:
        if not self.is_headless and terminal_is_gone():
            self.exit(HUNG_UP)
        self._look_at_file()

    def _look_at_file(self) -> None:
        if not self._source.changed():
            return
        if self._source.gone:
            self.show(replace(self.scene, notice=self.scene.say("status.gone")))
        else:
            self._load(asked=False)

    def _load(self, *, asked: bool) -> None:
        """Read the file while keys go on being answered; the last request wins."""
        self.run_worker(self._loaded(self._source, asked=asked), group="load", exclusive=True)

    async def _loaded(self, source: Source, *, asked: bool) -> None:
        """Show the file's new state; if it cannot be used, its problems over the last good one.

        A file that says what it said before changes nothing, unless somebody ``asked`` for it.
        """
        try:
            lesson = await asyncio.to_thread(source.lesson)
        except ScenarioError as error:
            self.show(replace(self.scene, problems=error.problems, problems_in=source.path.name, notice=""))
            return
        scene = self.scene
        if asked or lesson.trace.scenario != self._stated:
            self._stated = lesson.trace.scenario
            from bptt_viz.views.reloading import reloaded_in_training

            self.show(reloaded_in_training(scene, lesson))
        elif scene.problems or scene.notice == scene.say("status.gone"):
            self.show(replace(scene, problems=(), notice=scene.say("status.reloaded")))


def run(path: Path, scenario: Scenario, language: Language | None = None) -> int:
    """Open the app on a scenario that has been read from ``path``; gives the exit status.

    Raises
    ------
    ScenarioError
        If the person's own keys cannot be used.
    """
    source = Source(path)
    lesson = source.lesson(scenario)
    scene = Scene(
        lesson=lesson,
        position=0,
        language=language or scenario.lecture.language or "en",
        notation=NOTATIONS[scenario.lecture.notation],
        parameter=lesson.parameter_names[0],
        keys=own_keys(),
        plain=os.environ.get(SYMBOLS_VARIABLE) == "plain",
    )
    app = BpttApp(source, scene)
    result = app.run()
    return result if result is not None else app.return_code or 0
