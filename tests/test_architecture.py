"""The house rules: who imports whom, what waits for what, how long a module gets, and that the tools are content."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "bptt_viz"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST = 300
#: The tools stand beside the interpreter that runs the tests.
TOOLS = Path(sys.executable).parent


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """A command in the checkout's folder."""
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, encoding="utf-8")


def loaded_by(statement: str) -> set[str]:
    """The top-level packages in memory after ``statement``, in a process of its own."""
    program = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = run(sys.executable, "-c", program)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import bptt_viz", {"numpy", "textual", "sympy", "rich", "msgspec", "click"}),
        ("import bptt_viz.engine", {"textual", "sympy", "rich", "click"}),
        ("import bptt_viz.loading", {"textual", "sympy", "rich", "click"}),
        ("import bptt_viz.operations", {"textual", "sympy", "rich"}),
        ("import bptt_viz.cli", {"numpy", "textual", "sympy"}),
        ("import bptt_viz.views.network_view, bptt_viz.views.moves", {"textual", "sympy"}),
        ("import bptt_viz.ui.app", {"sympy"}),
        ("import bptt_viz.derivation.outline, bptt_viz.derivation.result", {"sympy", "textual", "click"}),
        ("import bptt_viz; bptt_viz.trace(bptt_viz.load('scalar-t3')).triangle", {"textual", "sympy", "click"}),
    ],
)
def test_what_waits_until_it_is_needed(statement: str, absent: set[str]) -> None:
    assert not loaded_by(statement) & absent


def test_imports_run_downward_only() -> None:
    done = run(str(TOOLS / "lint-imports"), "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout
    assert "0 kept" not in done.stdout


def test_ruff_is_content() -> None:
    done = run(str(TOOLS / "ruff"), "check", "--no-cache", "bptt_viz", "tests")
    assert done.returncode == 0, done.stdout


def test_the_formatter_is_content() -> None:
    done = run(str(TOOLS / "ruff"), "format", "--no-cache", "--check", "bptt_viz", "tests")
    assert done.returncode == 0, done.stdout


def test_mypy_is_content() -> None:
    done = run(str(TOOLS / "mypy"))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST
    told = (ast.get_docstring(ast.parse(text)) or "").splitlines()
    assert told, "a module says what it is for"
    assert told[0].strip().endswith((".", "!", "?")), told[0]


def test_only_the_ui_knows_textual_and_nobody_sympy_but_the_derivation() -> None:
    """What the contracts say, for modules they have yet to hear of."""
    for module in MODULES:
        tree = ast.parse(module.read_text(encoding="utf-8"))
        imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
        roots = {name.partition(".")[0] for name in imported}
        assert "textual" not in roots or "ui" in module.parts, module
        assert "sympy" not in roots or module.parent.name == "symbolic", module


def test_every_layer_of_the_house_is_in_the_contract() -> None:
    """A module that no contract names could import anything."""
    contracts = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for module in PACKAGE.glob("*.py"):
        if module.stem != "__init__":
            assert f"bptt_viz.{module.stem}" in contracts, module.stem


def test_tests_wait_for_nothing() -> None:
    """A sleep is a guess about somebody else's machine."""
    for module in (ROOT / "tests").glob("test_*.py"):
        calls = [node for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        names = {ast.unparse(call.func) for call in calls}
        assert "time.sleep" not in names, module.name
