"""How commands read scenarios, write results, tell what is wrong and end. Imports ``click`` and ``catalog``.

Messages go to standard error, standard output carries only what was asked for. What a command needs is
imported when it runs: ``--help`` and ``list`` load neither numpy nor textual, which take longer than all the rest.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NoReturn

import click

from bptt_viz import catalog
from bptt_viz.errors import ScenarioError
from bptt_viz.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import IO

    from bptt_viz.messages import Language
    from bptt_viz.scenario import Scenario

PROGRAM: Final = "bptt-viz"
#: Exit statuses besides 0.
FAILED, WRONG = 1, 2
#: What stands for standard output where a file is named.
STANDARD_OUTPUT: Final = "-"
#: Tells a terminal to clear what stands right of here.
_REST_OF_LINE: Final = "\x1b[K"


def read(name: str, language: Language) -> tuple[Path, Scenario]:
    """The file that ``name`` means and the scenario in it; anything wrong is told and ends the program."""
    from bptt_viz import loading  # noqa: PLC0415  (imports numpy)

    try:
        path = catalog.find(name)
        return path, loading.read(path)
    except ScenarioError as error:
        tell(error, language)
        sys.exit(WRONG)


def write(output: str, language: Language, write_to: Callable[[IO[bytes]], None]) -> None:
    """Write to a file or to standard output; what keeps it from being written is told and ends the program."""
    try:
        with click.open_file(output, "wb") as file:
            write_to(file)
            # Now, so that a pipe closed at the other end is noticed while click can still be quiet about it.
            file.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        fail(say("said.cannot_write", language, file=printable(output), reason=error.strerror or error), FAILED)


def output_option(language: Language) -> click.Option:
    """``-o``: where to write."""
    return click.Option(
        ["-o", "--output"], type=click.Path(dir_okay=False, allow_dash=True), default=STANDARD_OUTPUT, metavar="FILE",
        help=say("option.output", language),
    )  # fmt: skip


def tell(error: ScenarioError, language: Language) -> None:
    """Every problem on a line of standard error."""
    for line in error.lines(language):
        click.echo(printable(line), err=True)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A function that tells how far something is, on one line of standard error; the line is gone in the end.

    It tells nothing where standard error is no terminal, or one that cannot rewrite a line.
    """
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _: None
        return
    try:
        yield lambda message: click.echo(f"\r{message}{_REST_OF_LINE}", nl=False, err=True)
    finally:
        click.echo(f"\r{_REST_OF_LINE}", nl=False, err=True)


def fail(message: str, status: int) -> NoReturn:
    """Say why on standard error and end the program."""
    click.echo(message, err=True)
    sys.exit(status)


def printable(text: str) -> str:
    """``text`` without what would steer a terminal: file names and titles may hold anything."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
