"""The command ``generate``: its form, and what it prints. What computes is imported when it runs: start-up time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from bptt_viz.command_forms import Form, PositiveNumber, WholeNumber, form, scenario_argument
from bptt_viz.console import FAILED, PROGRAM, fail, printable, read
from bptt_viz.messages import say

if TYPE_CHECKING:
    from bptt_viz.messages import Language
    from bptt_viz.scenario import Item

#: Most steps to go on: far more than anybody waits for, few enough to be counted.
MOST_STEPS: Final = 1_000_000


def generate(language: Language) -> Form:
    """The command, helped in a language."""

    def run(scenario: str, steps: int, temperature: float | None, seed: int | None) -> None:
        from bptt_viz.generation import END, GenerationError, Sampling, extended  # noqa: PLC0415  (imports numpy)
        from bptt_viz.network import build  # noqa: PLC0415  (imports numpy)
        from bptt_viz.sequence import sides  # noqa: PLC0415  (imports numpy)

        _, loaded = read(scenario, language)
        usual = Sampling()
        sampling = Sampling(
            usual.temperature if temperature is None else temperature, usual.seed if seed is None else seed
        )
        greedy = temperature is None and seed is None
        try:
            further = extended(loaded, build(loaded), steps, None if greedy else sampling, END)
        except GenerationError as error:
            fail(f"{printable(scenario)}: {error.reason.told(language)}", FAILED)
        before = len(sides(loaded.sequence)[0].items)
        for item in (further.sequence.inputs or ())[before:]:
            click.echo(_line(item))

    params = (
        scenario_argument("scenario"),
        click.Option(
            ["--steps"], type=WholeNumber(language, 0, MOST_STEPS), default=10, show_default=True, metavar="N",
            help=say("option.steps", language),
        ),
        click.Option(
            ["--temperature"], type=PositiveNumber(language), metavar="TAU",
            help=say("option.temperature", language),
        ),
        click.Option(["--seed"], type=WholeNumber(language, 0), metavar="SEED", help=say("option.seed", language)),
    )  # fmt: skip
    return form(Form, "generate", language, f"{PROGRAM} generate unknown-word --temperature 0.8 --seed 3", run, *params)


def _line(item: Item) -> str:
    """A symbol, or the numbers of a vector, in full."""
    return printable(item) if isinstance(item, str) else " ".join(map(repr, item))
