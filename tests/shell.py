"""The program as a shell runs it: a process of its own, for a person with no locale, beside scenarios."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bptt_viz import catalog

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[1]
PROGRAM = (sys.executable, "-m", "bptt_viz")
GOOD = '[sequence]\ntokens = ["a", "b", "c"]\n[network]\nhidden_size = 2\n'
BAD = GOOD + "size = 3\n[network.parameters]\nW = [[1]]\n"


def scenarios_in(folder: Path) -> Path:
    """The folder, with a good and a bad scenario in it."""
    (folder / "good.toml").write_text(GOOD)
    (folder / "bad.toml").write_text(BAD)
    return folder


def environment(variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a person with no locale, plus ``variables``."""
    unset = {"LC_ALL", "LC_MESSAGES", "LANG", catalog.OWN_FOLDERS}
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    return kept | {"PYTHONPATH": str(ROOT), "TERM": "xterm", "PYTHONUTF8": "1"} | dict(variables or {})


def run(
    *arguments: str, folder: Path = ROOT, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the program as a process of its own."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=folder,
        env=environment(variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
