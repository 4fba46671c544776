"""The command ``derive``: its form, and what it prints. What it needs, sympy too, is imported when it runs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from bptt_viz import catalog
from bptt_viz.command_forms import Form, form, scenario_argument
from bptt_viz.console import (
    FAILED,
    PROGRAM,
    STANDARD_OUTPUT,
    WRONG,
    fail,
    output_option,
    printable,
    progress,
    read,
    tell,
    write,
)
from bptt_viz.errors import Problem, ScenarioError
from bptt_viz.messages import phrase, say
from bptt_viz.wording import found

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import IO

    from bptt_viz.derivation.comparison import Compared, Comparison
    from bptt_viz.derivation.request import Request
    from bptt_viz.derivation.window import Window
    from bptt_viz.messages import Language, Phrase
    from bptt_viz.notation import Notation
    from bptt_viz.scenario import Scenario
    from bptt_viz.tracing import Trace

FORMATS: Final = ("text", "latex", "markdown")
#: Terms that are told one by one where SymPy and the engine differ.
_MOST_TOLD: Final = 20


@dataclass(frozen=True)
class Options:
    """What stands on the command line; None where an option was left out."""

    scenario: str
    kind: str
    fragment: bool
    parameter: str | None
    window: int | None
    first: int | None
    notation: str | None
    check: bool
    output: str


def derive(asked_for: Language | None, language: Language) -> Form:
    """The command; ``asked_for`` is the language of ``--language``, ``language`` the one that it is helped in."""

    def run(**options: str | int | bool | None) -> None:
        _Derive(Options(**options), asked_for, language).run()  # type: ignore[arg-type]  # click made them so

    params = (
        scenario_argument("scenario"),
        click.Option(
            ["--format", "kind"], type=click.Choice(FORMATS), default="text", show_default=True,
            help=say("option.format", language),
        ),
        click.Option(["--fragment"], is_flag=True, help=say("option.fragment", language)),
        click.Option(["--parameter"], metavar="W", help=say("option.parameter", language)),
        click.Option(["--window"], type=int, metavar="2..4", help=say("option.window", language)),
        click.Option(["--first"], type=int, metavar="T0", help=say("option.first", language)),
        click.Option(
            ["--notation"], metavar="NAME", shell_complete=_notations, help=say("option.notation", language),
        ),
        click.Option(["--check"], is_flag=True, help=say("option.check", language)),
        output_option(language),
    )  # fmt: skip
    return form(Form, "derive", language, f"{PROGRAM} derive scalar-t3 --format latex -o lesson.tex", run, *params)


def _notations(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from bptt_viz import notation  # noqa: PLC0415  (imports msgspec)

    return [CompletionItem(name) for name in notation.names() if name.startswith(incomplete)]


def _is_asked_for(option: str) -> bool:
    """Whether an option stands on the command line, were it with what it would be anyway."""
    return click.get_current_context().get_parameter_source(option) is ParameterSource.COMMANDLINE


@dataclass(frozen=True)
class _Derive:
    options: Options
    asked_for: Language | None
    language: Language

    def run(self) -> None:
        """Print the derivation, or check it; wrong wishes are told and end the program."""
        options = self.options
        for option, there in (
            ("--format", _is_asked_for("kind")),
            ("--fragment", options.fragment),
            ("--output", options.output != STANDARD_OUTPUT),
        ):
            if options.check and there:
                fail(say("said.check_writes_nothing", self.language, option=option), WRONG)
        if options.fragment and options.kind != "latex":
            fail(say("said.fragment_of_what", self.language), WRONG)
        from bptt_viz import engine  # noqa: PLC0415  (imports numpy)
        from bptt_viz.derivation.request import Request  # noqa: PLC0415  (imports numpy)
        from bptt_viz.notation import Symbol  # noqa: PLC0415  (imports msgspec)

        _, scenario = read(options.scenario, self.language)
        source = printable(options.scenario)
        try:
            letters = self._notation(scenario)
            trace = engine.trace(scenario)
            called = {letters.letter(Symbol(name)): name for name in trace.network.parameter_names}
            request = Request(source, options.parameter, options.window, options.first, called)
            if options.check:
                self._check(request, trace)
            else:
                lines = self._lines(request, trace, scenario, letters)
                encoding = encoding_of(options.output)
                write(options.output, self.language, lambda file: _write(file, lines, encoding))
        except ScenarioError as error:
            tell(error, self.language)
            raise SystemExit(WRONG) from None
        except MemoryError:
            fail(say("said.no_memory", self.language, source=source), FAILED)

    def _lines(self, request: Request, trace: Trace, scenario: Scenario, letters: Notation) -> Iterable[str]:
        from bptt_viz.derivation.exposition import Exposition  # noqa: PLC0415  (imports numpy)
        from bptt_viz.derivation.latex_writer import latex  # noqa: PLC0415  (as above)
        from bptt_viz.derivation.markdown_writer import markdown  # noqa: PLC0415  (as above)
        from bptt_viz.derivation.text_writer import text  # noqa: PLC0415  (as above)

        language = self.asked_for or scenario.lecture.language or self.language
        window = request.window(trace)
        path = catalog.find(self.options.scenario)
        title = printable(" ".join(catalog.title(path, language).split())) or path.stem
        comparison = compared(window, trace)
        document = Exposition(title, trace, window, comparison, letters, language).document()
        match self.options.kind:
            case "latex":
                return latex(document, letters, fragment=self.options.fragment)
            case "markdown":
                return markdown(document, letters)
            case _:
                return text(document, letters)

    def _notation(self, scenario: Scenario) -> Notation:
        from bptt_viz import notation  # noqa: PLC0415  (imports msgspec)

        name = self.options.notation
        if name is not None and name not in notation.names():
            problem = Problem("--notation", notation.expected_name(name), found(name))
            raise ScenarioError(printable(self.options.scenario), (problem,))
        return notation.load(name or scenario.lecture.notation)

    def _check(self, request: Request, trace: Trace) -> None:
        windows = list(request.windows(trace))
        comparisons = list(self._compared(windows, trace))
        wrong = [
            (one, named)
            for window, comparison in zip(windows, comparisons, strict=True)
            for one, named in _named(window, comparison)
            if not one.ok
        ]
        if wrong and trace.overflow is not None:
            step, quantity = trace.overflow.step, trace.overflow.quantity
            said = say("said.derivation_overflows", self.language, source=request.source, step=step, quantity=quantity)
            click.echo(said, err=True)
        # A factor is in many terms and in every window that meets it.
        told = dict.fromkeys(self._difference(request, one, named) for one, named in wrong)
        for line in list(told)[:_MOST_TOLD]:
            click.echo(line, err=True)
        if told:
            fail(say("said.derivation_differs", self.language, source=request.source, count=len(told)), FAILED)
        terms = sum(len(comparison.terms) for comparison in comparisons)
        seen = list(dict.fromkeys(f"{window.first}–{window.last}" for window in windows))
        count = request.all_windows(trace)
        spread = say("said.windows_of", self.language, count=len(seen), all=count) if len(seen) < count else ""
        said = say(
            "said.derivation_holds",
            self.language,
            source=request.source,
            terms=say("said.terms.one" if terms == 1 else "said.terms", self.language, count=terms),
            parameters=", ".join(dict.fromkeys(window.shape.parameter for window in windows)),
            spread=spread,
            windows=", ".join(seen),
            T=trace.T,
            relative=f"{max(comparison.largest for comparison in comparisons):.1e}",
        )
        click.echo(said)

    def _compared(self, windows: Sequence[Window], trace: Trace) -> Iterator[Comparison]:
        """One comparison after the other; of a network of many layers each takes a while."""
        with progress() as show:
            for number, window in enumerate(windows, 1):
                name, count = window.shape.parameter, len(windows)
                show(say("said.deriving", self.language, parameter=name, number=number, count=count))
                yield compared(window, trace)

    def _difference(self, request: Request, one: Compared, named: Phrase) -> str:
        import numpy as np  # noqa: PLC0415  (start-up time)

        with np.errstate(all="ignore"):
            apart = np.nan_to_num(np.abs(one.value - one.engine), nan=np.inf)
        worst = np.unravel_index(np.argmax(apart), apart.shape)
        return say(
            "said.value_differs",
            self.language,
            source=request.source,
            named=named.told(self.language),
            entry=",".join(str(int(index) + 1) for index in worst),
            sympy=repr(float(one.value[worst])),
            engine=repr(float(one.engine[worst])),
            absolute=f"{one.absolute:.3g}",
            relative=f"{one.relative:.3g}",
        )


def _named(window: Window, comparison: Comparison) -> Iterator[tuple[Compared, Phrase]]:
    """Everything that is compared, with what it is called: terms first, for they say most."""
    from bptt_viz.notation import GOODFELLOW  # noqa: PLC0415  (imports msgspec)

    parameter = window.shape.parameter
    for term in comparison.terms:
        yield term, phrase("said.named.term", t=term.term.t, k=term.term.k, parameter=parameter)
    yield comparison.total, phrase("said.named.total", parameter=parameter, first=window.first, last=window.last)
    for factor in comparison.factors:
        yield factor, phrase("said.named.factor", factor=GOODFELLOW.write(factor.factor.written))


def compared(window: Window, trace: Trace) -> Comparison:
    """What SymPy gives for a window beside what the engine gave."""
    from msgspec.structs import replace  # noqa: PLC0415  (start-up time)

    from bptt_viz.derivation.comparison import compare  # noqa: PLC0415  (imports numpy)
    from bptt_viz.derivation.outline import outline  # noqa: PLC0415  (imports numpy)
    from bptt_viz.derivation.symbolic import terms  # noqa: PLC0415  (imports sympy)

    return compare(replace(outline(window), terms=tuple(terms(window))), trace)


def encoding_of(output: str) -> str:
    """UTF-8, but on a terminal what the terminal reads."""
    return sys.stdout.encoding if output == STANDARD_OUTPUT and sys.stdout.isatty() else "utf-8"


def _write(file: IO[bytes], lines: Iterable[str], encoding: str) -> None:
    file.writelines(f"{line}\n".encode(encoding, "backslashreplace") for line in lines)
