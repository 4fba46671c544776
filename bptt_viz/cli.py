"""The commands. What they look like is in ``command_forms``; what a command needs is imported when it runs.

Start-up time is why: ``--help`` and ``list`` load neither numpy nor textual, which take longer than
all the rest. Messages go to standard error, standard output carries only what was asked for.
"""

from __future__ import annotations

import gc
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from bptt_viz import catalog
from bptt_viz.command_forms import (
    Door,
    Form,
    WholeNumber,
    form,
    language_asked_for,
    language_of_locale,
    scenario_argument,
    unwrapped,
)
from bptt_viz.console import FAILED, PROGRAM, STANDARD_OUTPUT, WRONG, fail, output_option, printable, read, tell, write
from bptt_viz.errors import ScenarioError
from bptt_viz.messages import Language, say

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    from bptt_viz.scenario import Scenario
    from bptt_viz.tracing import Trace

#: Exit statuses above this one mean that a signal ended the app, as shells count them.
SIGNALLED: Final = 128


def main() -> None:
    """Run the program with the arguments and the environment of the process."""
    # One time step's products are small: threads cost them more than they gain, and stall on a busy machine.
    # OpenBLAS, which NumPy computes with, reads this when it is loaded.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets its number, not a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    program(sys.argv[1:]).main(prog_name=PROGRAM)


def program(arguments: list[str]) -> Door:
    """The program, in the language that the arguments or else the environment ask for."""
    asked_for = language_asked_for(arguments)
    language = asked_for or language_of_locale(os.environ)
    door = form(Door, PROGRAM, language, f"{PROGRAM} scalar-t3", _open_default(asked_for, language), _version(language))
    door.subcommand_metavar = "[SCENARIO | COMMAND ...]"
    door.invoke_without_command = True
    door.no_args_is_help = False
    door.epilog = f"{door.epilog}\n\n{unwrapped(say('help.more', language))}"
    door.makers = {
        "list": partial(_list, language),
        "check": partial(_check, language),
        "trace": partial(_trace, language),
        "derive": partial(_derive, asked_for, language),
        "generate": partial(_generate, language),
        "new": partial(_new, language),
        "schema": partial(_schema, language),
        Door.opening: partial(_open, asked_for, language),
    }
    return door


def _version(language: Language) -> click.Option:
    def show(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:  # noqa: FBT001  (click's call)
        if wanted and not context.resilient_parsing:
            from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  (start-up time)

            try:
                number = version(PROGRAM)
            except PackageNotFoundError:  # run from a checkout that is not installed
                number = "?"
            click.echo(f"{PROGRAM} {number}")
            context.exit()

    return click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show,
        help=say("option.version", language),
    )


def _open_default(asked_for: Language | None, language: Language) -> Callable[[], None]:
    def run() -> None:
        if click.get_current_context().invoked_subcommand is None:
            _open_app(catalog.DEFAULT, asked_for, language)

    return run


def _open(asked_for: Language | None, language: Language) -> Form:
    def run(scenario: str) -> None:
        _open_app(scenario, asked_for, language)

    return form(Form, Door.opening, language, f"{PROGRAM} scalar-t3", run, scenario_argument("scenario"))


def _open_app(name: str, asked_for: Language | None, language: Language) -> None:
    # Garbage collection among the objects of the imports finds nothing and takes a tenth of the start;
    # the app turns it on again after its first paint.
    gc.disable()
    path, scenario = read(name, language)
    for refusal, applies in (
        # The screen is drawn on standard error, as Textual does it.
        ("said.no_terminal", not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty())),
        ("said.dumb_terminal", os.environ.get("TERM") == "dumb"),
    ):
        if applies:
            fail(say(refusal, language, scenario=click.format_filename(name)), WRONG)
    from bptt_viz.ui.app import run  # noqa: PLC0415  (textual and the screens: only the app itself needs them)

    try:
        status = run(path, scenario, asked_for or (None if scenario.lecture.language else language))
    except ScenarioError as error:
        tell(error, language)
        sys.exit(WRONG)
    if status > SIGNALLED:
        click.echo(say("said.interrupted", language), err=True)
    sys.exit(status)


def _list(language: Language) -> Form:
    def run() -> None:
        scenarios = catalog.listing()
        width = max(map(len, scenarios), default=0)
        for name, path in scenarios.items():
            click.echo(printable(f"{name:{width}}  {catalog.title(path, language)}").rstrip())

    return form(Form, "list", language, f"{PROGRAM} list", run)


def _check(language: Language) -> Form:
    def run(files: tuple[str, ...]) -> None:
        from bptt_viz import loading  # noqa: PLC0415  (imports numpy)

        sound = True
        for file in files:
            try:
                loading.read(catalog.find(file))
            except ScenarioError as error:
                tell(error, language)
                sound = False
            else:
                click.echo(say("said.ok", language, source=printable(file)))
        sys.exit(0 if sound else FAILED)

    return form(Form, "check", language, f"{PROGRAM} check lesson.toml", run, scenario_argument("files", many=True))


def _trace(language: Language) -> Form:
    def run(scenario: str, kind: str, output: str, updates: int) -> None:
        _, loaded = read(scenario, language)
        if kind == "npz" and output == STANDARD_OUTPUT and sys.stdout.isatty():
            fail(say("said.npz_to_terminal", language), WRONG)
        try:
            trace = _traced(loaded, updates, scenario, language)
            write(output, language, lambda file: _write_trace(file, trace, kind))
        except MemoryError:
            fail(say("said.no_memory", language, source=printable(scenario)), FAILED)
        if trace.overflow is not None:
            said = say("said.overflow", language, step=trace.overflow.step, quantity=trace.overflow.quantity)
            click.echo(said, err=True)

    kinds = click.Option(
        ["--format", "kind"], type=click.Choice(["json", "npz"]), default="json", show_default=True,
        help=say("option.format", language),
    )  # fmt: skip
    updates = click.Option(
        ["--updates"], type=WholeNumber(language, 0), default=0, metavar="N", help=say("option.updates", language)
    )
    example = f"{PROGRAM} trace scalar-t3 --updates 10 | python -m json.tool"
    return form(
        Form, "trace", language, example, run, scenario_argument("scenario"), kinds, output_option(language), updates
    )


def _traced(scenario: Scenario, updates: int, source: str, language: Language) -> Trace:
    from bptt_viz import engine, export  # noqa: PLC0415  (import numpy)
    from bptt_viz.network import build  # noqa: PLC0415  (imports numpy)
    from bptt_viz.sequence import sides  # noqa: PLC0415  (imports numpy)

    count = export.numbers_needed(build(scenario), len(sides(scenario.sequence)[0].items))
    if count > export.MOST_NUMBERS:
        said = say("said.too_large", language, source=printable(source), count=count, limit=export.MOST_NUMBERS)
        fail(said, FAILED)
    return engine.trace(scenario, updates)


def _write_trace(file: IO[bytes], trace: Trace, kind: str) -> None:
    from bptt_viz import export  # noqa: PLC0415  (imports numpy)

    if kind == "npz":
        export.as_npz(trace, file)
    else:
        export.write_json(trace, file)


def _derive(asked_for: Language | None, language: Language) -> Form:
    from bptt_viz.derive_command import derive  # noqa: PLC0415  (start-up time)

    return derive(asked_for, language)


def _generate(language: Language) -> Form:
    from bptt_viz.generate_command import generate  # noqa: PLC0415  (start-up time)

    return generate(language)


def _new(language: Language) -> Form:
    def run(file: str) -> None:
        from bptt_viz import template  # noqa: PLC0415  (imports msgspec)

        try:
            template.write(Path(file), language)
        except FileExistsError:
            fail(say("said.exists", language, file=printable(file)), WRONG)
        except OSError as error:
            fail(say("said.cannot_write", language, file=printable(file), reason=error.strerror or error), WRONG)
        click.echo(say("said.written", language, file=printable(file)), err=True)

    argument = click.Argument(["file"], type=click.Path())
    return form(Form, "new", language, f"{PROGRAM} new lesson.toml", run, argument)


def _schema(language: Language) -> Form:
    def run() -> None:
        import json  # noqa: PLC0415  (start-up time)

        from bptt_viz.schema import json_schema  # noqa: PLC0415  (imports msgspec)

        click.echo(json.dumps(json_schema(language), indent=2, ensure_ascii=False))

    return form(Form, "schema", language, f"{PROGRAM} schema > bptt-viz.schema.json", run)
