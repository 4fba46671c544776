"""How commands look on the command line: help in two languages, scenario names, completion. Imports click only, early.

What the commands do is in ``cli``. Start-up imports nothing that a command at hand may not need.
"""

from __future__ import annotations

import math
from contextlib import suppress
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from click.shell_completion import CompletionItem

from bptt_viz import catalog
from bptt_viz.errors import Problem, ScenarioError
from bptt_viz.messages import LANGUAGES, Language, phrase, say
from bptt_viz.wording import likely, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bptt_viz.messages import Phrase

LANGUAGE_OPTION: Final = "--language"
FormKind = TypeVar("FormKind", bound="Form")

#: Where a locale is looked for, the strongest first.
_LOCALE_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")


def language_asked_for(arguments: Sequence[str]) -> Language | None:
    """The language that ``--language`` names among the arguments, before click has read any of them."""
    for argument, following in pairwise([*arguments, ""]):
        option, _, value = argument.partition("=")
        if option == LANGUAGE_OPTION:
            return next((language for language in LANGUAGES if language == (value or following)), None)
    return None


def language_of_locale(environment: Mapping[str, str]) -> Language:
    """The language of the first locale variable that is set: Chinese for ``zh…``, else English."""
    locale = next((environment[name] for name in _LOCALE_VARIABLES if environment.get(name)), "")
    return "zh" if locale.startswith("zh") else "en"


def completions(incomplete: str) -> list[CompletionItem]:
    """What a half-typed scenario can become: names, and whatever files the shell finds."""
    names = [CompletionItem(name) for name in catalog.names() if name.startswith(incomplete)]
    return [*names, CompletionItem(incomplete, type="file")]


def scenario_argument(name: str, *, required: bool = True, many: bool = False) -> click.Argument:
    """An argument that is a file or the name of a scenario, or several."""
    return click.Argument(
        [name],
        required=required,
        nargs=-1 if many else 1,
        shell_complete=lambda _context, _parameter, incomplete: completions(incomplete),
    )


class WholeNumber(click.IntRange):
    """A whole number in an interval, refused in the catalogue's words."""

    def __init__(self, language: Language, least: int, most: int | None = None) -> None:
        super().__init__(min=least, max=most)
        self.language = language

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401  (click's)
        """Return the number that ``value`` writes; raises ``click.BadParameter`` if there is none in the interval."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            expected = phrase("expected.integer_in", interval=f"[{self.min}, ∞)")
            if self.max is not None:
                expected = phrase("expected.integer_from", least=self.min, most=f"{self.max:,}")
            self.fail(_refusal(expected, value, self.language), param, ctx)


class PositiveNumber(click.FloatRange):
    """A finite number above 0, refused in the catalogue's words."""

    def __init__(self, language: Language) -> None:
        super().__init__(min=0, min_open=True)
        self.language = language

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401  (click's)
        """Return the number that ``value`` writes; raises ``click.BadParameter`` if there is none above 0."""
        key, interval = "expected.any_number_in", "(0, ∞)"
        with suppress(click.BadParameter):
            number = super().convert(value, param, ctx)
            if math.isfinite(number):
                return number
            # No comparison with NaN holds, so that click takes it for a number of any interval.
            key = "expected.number_in"
        return self.fail(_refusal(phrase(key, interval=interval), value, self.language), param, ctx)


def _refusal(expected: Phrase, value: object, language: Language) -> str:
    return Problem("", expected, phrase("found.written", value=quoted(str(value)))).told(language)


class Form(click.Command):
    """A command that speaks one language."""

    language: Language = "en"

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option for help, explained in the catalogue's words."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = say("option.help", self.language)
        return option


class Door(Form, click.Group):
    """The program itself: a first argument that is no command is a scenario to open."""

    #: The command that gets such an argument; neither the help nor a hint names it.
    opening = "open"
    #: Name → how its form is made; nobody pays for the forms that are not asked for.
    makers: Mapping[str, Callable[[], Form]] = MappingProxyType({})

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """Return the names of the commands that a person can ask for."""
        return sorted(set(self.makers) - {self.opening})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  (click's signature)
        """Return a command, made now."""
        return self.makers[cmd_name]() if cmd_name in self.makers else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first argument names, or the one that opens it."""
        if args[0] in self.makers or args[0].startswith("-"):
            return super().resolve_command(ctx, args)
        if not ctx.resilient_parsing:
            self._refuse_mistyped(ctx, args[0])
        return self.opening, self.get_command(ctx, self.opening), args

    def _refuse_mistyped(self, ctx: click.Context, name: str) -> None:
        command = likely(name, self.list_commands(ctx))
        if not command:
            return
        try:
            catalog.find(name)
        except ScenarioError as error:
            lines = error.lines(self.language)
            hint = say("said.did_you_mean", self.language, command=command)
            raise click.UsageError("\n".join([*lines, hint]), ctx) from None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands, and scenarios to open."""
        return [*super().shell_complete(ctx, incomplete), *completions(incomplete)]


def form(
    kind: type[FormKind],
    name: str,
    language: Language,
    example: str,
    callback: Callable[..., object],
    *params: click.Parameter,
) -> FormKind:
    """A command with its help from the catalogue, an example below it, and ``--language``."""
    chosen = click.Option(
        [LANGUAGE_OPTION], type=click.Choice(LANGUAGES), expose_value=False, help=say("option.language", language)
    )
    made = kind(
        name,
        params=[*params, chosen],
        callback=callback,
        help=unwrapped(say(f"help.{name}.long", language)),
        short_help=say(f"help.{name}", language),
        epilog=unwrapped(say("help.example", language, example=example)),
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    made.language = language
    return made


def unwrapped(text: str) -> str:
    """``text`` with click's mark before each paragraph that keeps its lines as they are."""
    return "\n\n".join(f"\b\n{paragraph}" for paragraph in text.split("\n\n"))
