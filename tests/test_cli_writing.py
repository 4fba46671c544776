"""What commands write, above all traces: to standard output, files, pipes, a full disk, a reader that goes away."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from shell import PROGRAM, environment, run, scenarios_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good and a bad scenario."""
    return scenarios_in(tmp_path)


def test_a_number_of_updates_is_asked_for_in_our_words(folder: Path) -> None:
    result = run("trace", "good.toml", "--updates", "1.5", folder=folder)
    assert result.returncode == 2
    assert 'expected a whole number in [0, ∞), found "1.5"' in result.stderr


def test_tracing_to_standard_output(folder: Path) -> None:
    result = run("trace", "good.toml", "--updates", "2", folder=folder)
    document = json.loads(result.stdout)
    assert document["T"] == 2
    assert len(document["loss_history"]) == 3
    assert not result.stderr


def test_tracing_to_files(folder: Path) -> None:
    assert run("trace", "good.toml", "-o", "out.json", folder=folder).stdout == ""
    assert run("trace", "good.toml", "--format", "npz", "-o", "out.npz", folder=folder).stdout == ""
    document = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    with np.load(folder / "out.npz") as archive:
        assert archive["loss"] == document["loss"]


def test_an_archive_through_a_pipe(folder: Path) -> None:
    command = [*PROGRAM, "trace", "good.toml", "--format", "npz"]
    result = subprocess.run(command, cwd=folder, env=environment(), stdout=subprocess.PIPE, check=True)
    (folder / "out.npz").write_bytes(result.stdout)
    with np.load(folder / "out.npz") as archive:
        assert archive["layers/0/h"].shape == (2, 2)


def test_overflow_is_said_and_the_trace_still_written(folder: Path) -> None:
    text = (
        '[sequence]\ninputs = [[1], [1]]\ntargets = [[1], [1]]\n[network]\nhidden_size = 1\nactivation = "identity"\n'
    )
    (folder / "wild.toml").write_text(text + "[network.parameters]\nU = [[1e300]]\nW = [[1e300]]\nV = [[1]]\n")
    result = run("trace", "wild.toml", folder=folder)
    assert result.returncode == 0
    assert json.loads(result.stdout)["overflow"] == {"step": 1, "quantity": "L"}
    assert "from t = 1 on, L is not finite" in result.stderr


def test_a_trace_too_large_to_write(folder: Path) -> None:
    tokens = ", ".join(['"a"'] * 20_000)
    (folder / "long.toml").write_text(f"[sequence]\ntokens = [{tokens}]\n[network]\nhidden_size = 1\n")
    result = run("trace", "long.toml", folder=folder)
    assert result.returncode == 1
    assert "numbers in memory; the limit is 268,435,456" in result.stderr
    assert not result.stdout


@pytest.mark.parametrize(
    "arguments", ["trace big.toml", "trace good.toml", "list", "schema", "check big.toml", "--help"]
)
def test_a_reader_that_goes_away(folder: Path, arguments: str) -> None:
    tokens = ", ".join(['"a"', '"b"'] * 100)
    (folder / "big.toml").write_text(f"[sequence]\ntokens = [{tokens}]\n[network]\nhidden_size = 9\n")
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen(
        [*PROGRAM, *arguments.split()],
        cwd=folder,
        env=environment(),
        stdout=writing,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    _, errors = process.communicate(timeout=60)
    assert errors == b""
    assert process.returncode == 1


def test_a_full_disk(folder: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    result = run("trace", "good.toml", "-o", "/dev/full", folder=folder)
    assert result.returncode == 1
    assert result.stderr.startswith("bptt-viz: /dev/full: cannot be written: ")


def test_a_new_scenario(folder: Path) -> None:
    result = run("new", "lesson.toml", folder=folder)
    assert "Written to lesson.toml" in result.stderr
    assert not result.stdout
    assert run("check", "lesson.toml", folder=folder).returncode == 0
    before = (folder / "lesson.toml").read_bytes()
    again = run("new", "lesson.toml", folder=folder)
    assert "expected a new file, found one that exists" in again.stderr
    assert (folder / "lesson.toml").read_bytes() == before
