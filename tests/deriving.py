"""Runs of ``derive`` in this process, and the scenarios that its tests run it on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner
from lessons import LESSONS

from bptt_viz import catalog, cli

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

BUNDLED = list(LESSONS)
#: Five steps of a language model.
SENTENCE = '[sequence]\ntokens = ["a", "b", "a", "b", "b", "a"]\n[network]\nhidden_size = 2\n'
#: Four steps, two of which have a target.
GAPS = (
    "[sequence]\ninputs = [[1], [2], [3], [4]]\ntargets = [[], [1], [], [2]]\n"
    '[network]\nhidden_size = 1\n[loss]\nreduction = "mean"\n'
)


def derive(*arguments: str) -> Result:
    """The command with some arguments, for a person with no locale."""
    every = ["derive", *arguments]
    return CliRunner(env={"LC_ALL": "C", catalog.OWN_FOLDERS: ""}).invoke(cli.program(every), every)


def scenarios_in(folder: Path) -> Path:
    """The folder, with both scenarios in it."""
    (folder / "sentence.toml").write_text(SENTENCE)
    (folder / "gaps.toml").write_text(GAPS)
    return folder
