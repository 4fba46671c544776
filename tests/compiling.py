"""Runs of a real compiler of LaTeX, where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

COMPILERS = [
    pytest.param(name, marks=pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is not installed"))
    for name in ("pdflatex", "xelatex", "lualatex", "tectonic")
]


def assert_compiles(compiler: str, file: Path, too_wide: float) -> None:
    """Nothing stops it, no glyph is missing, nothing is ``too_wide`` points too wide."""
    batch = [] if compiler == "tectonic" else ["-interaction=nonstopmode", "-halt-on-error"]
    done = subprocess.run(
        [compiler, *batch, file.name], cwd=file.parent, capture_output=True, check=False, timeout=300, errors="replace"
    )
    if missing := re.search(r"File `(\S+)' not found", done.stdout):
        pytest.skip(f"{compiler} has no {missing[1]}")
    if "Error in luaotfload" in done.stdout:
        pytest.skip(f"{compiler} cannot load its fonts")
    assert done.returncode == 0, done.stdout[-3000:]
    assert file.with_suffix(".pdf").stat().st_size > 10_000
    log = file.with_suffix(".log")
    said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else done.stdout
    assert "Missing character" not in said
    found = re.findall(r"Overfull \\[hv]box \(([\d.]+)pt too", said)
    assert max(map(float, found), default=0.0) < too_wide
