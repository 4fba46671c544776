"""The command line opens the app: with which scenario, in which language, and only on a terminal."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from shell import GOOD, run

from bptt_viz import catalog, cli

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "said"), [("scalar-t3", "bptt-viz trace scalar-t3"), ("", "bptt-viz trace wo-zuotian")]
)
def test_without_a_terminal_the_app_names_trace(name: str, said: str) -> None:
    result = run(*name.split())
    assert result.returncode == 2
    assert said in result.stderr
    assert not result.stdout


class Terminal(io.StringIO):
    """What stands for a stream to a terminal."""

    def isatty(self) -> bool:
        return True


def opened(
    monkeypatch: pytest.MonkeyPatch,
    *arguments: str,
    term: str = "xterm",
    locale: str = "en_US.UTF-8",
    status: int = 0,
) -> list[tuple[Any, ...]]:
    """What the app was opened with, on a terminal, and check that its status is the program's."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("LC_ALL", locale)
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setattr(sys, "stderr", Terminal())

    def run_app(*arguments: object) -> int:
        calls.append(arguments)
        return status

    monkeypatch.setitem(sys.modules, "bptt_viz.ui.app", SimpleNamespace(run=run_app))
    with pytest.raises(SystemExit) as stopped:
        cli.program(list(arguments)).main(list(arguments), prog_name="bptt-viz")
    assert stopped.value.code == (status if calls else 2)
    return calls


@pytest.mark.parametrize(
    ("arguments", "locale", "language"),
    [
        (["scalar-t3"], "en_US.UTF-8", "en"),
        (["scalar-t3"], "zh_CN.UTF-8", "zh"),
        (["--language", "zh", "scalar-t3"], "en_US.UTF-8", "zh"),
        (["scalar-t3", "--language", "en"], "zh_CN.UTF-8", "en"),
    ],
)
def test_the_app_opens(monkeypatch: pytest.MonkeyPatch, arguments: list[str], locale: str, language: str) -> None:
    ((path, scenario, chosen),) = opened(monkeypatch, *arguments, locale=locale)
    assert path == catalog.find("scalar-t3")
    assert scenario.network.hidden_size == 1
    assert chosen == language


def test_a_scenario_may_have_its_own_language(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "lesson.toml"
    file.write_text(GOOD + '[lecture]\nlanguage = "zh"\n')
    assert opened(monkeypatch, str(file))[0][2] is None
    assert opened(monkeypatch, str(file), "--language", "en")[0][2] == "en"


def test_the_status_of_the_app_is_that_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(opened(monkeypatch, "scalar-t3", status=1)) == 1


def test_a_dumb_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert opened(monkeypatch, "scalar-t3", term="dumb") == []
    assert isinstance(sys.stderr, Terminal)
    assert "bptt-viz trace scalar-t3" in sys.stderr.getvalue()
