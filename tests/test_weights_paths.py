"""Weights files as files: which paths and links are followed, what cannot be read, and that a change is noticed."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest
from weights_files import FORMATS, RNN, SQUARE, load, problems, safetensors, scenario_text, write

from bptt_viz import loading
from bptt_viz.errors import ScenarioError
from bptt_viz.ui.source import Source

if TYPE_CHECKING:
    from pathlib import Path

PATHS = [
    "/etc/w.npz",
    "../w.npz",
    "a/../../w.npz",
    "..\\w.npz",
    "C:\\w.npz",
    "C:w.npz",
    "w",
    "w.pt",
    "",
    ".",
    "w\0.npz",
]


@pytest.mark.parametrize("weights", PATHS)
def test_paths_that_are_never_followed(tmp_path: Path, weights: str) -> None:
    folder = tmp_path / "inner" / "folder"
    folder.mkdir(parents=True)
    for place in (tmp_path, folder.parent, folder):
        write(place, "w.npz", {"W": SQUARE})
    (line,) = problems(folder, scenario_text(weights))
    assert line.startswith(
        "network.weights: expected the path of a .npz or .safetensors file in the scenario's own folder"
    )


def test_links_lead_nowhere_else(tmp_path: Path) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    write(outside, "w.npz", {"W": SQUARE})
    write(folder, "w.npz", {"W": SQUARE})
    (folder / "link.npz").symlink_to(outside / "w.npz")
    (folder / "sub").symlink_to(outside)
    (folder / "circle.npz").symlink_to(folder / "circle.npz")
    (folder / "fine.npz").symlink_to("w.npz")
    for weights in ("link.npz", "sub/w.npz"):
        assert problems(folder, scenario_text(weights))[0].endswith(f'found "{weights}", a link that leads out of it')
    assert problems(folder, scenario_text("circle.npz"))
    assert not problems(folder, scenario_text("fine.npz"))
    # The folder itself may be reached through a link.
    (tmp_path / "door").symlink_to(folder)
    assert not problems(tmp_path / "door", scenario_text("w.npz"))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    text = scenario_text("w.npz")
    nowhere = json.dumps(str(tmp_path / "w.npz"), ensure_ascii=False)
    assert problems(tmp_path, text) == [f"network.weights: expected a weights file, found no such file: {nowhere}"]
    (tmp_path / "w.npz").mkdir()
    assert problems(tmp_path, text) == ["network.weights: expected a weights file, found a folder"]
    (tmp_path / "w.npz").rmdir()
    with (tmp_path / "w.npz").open("wb") as file:
        file.truncate(2**30)
    assert problems(tmp_path, text) == ["network.weights: expected a file of at most 64 MiB, found 1,073,741,824 bytes"]


@pytest.mark.parametrize("suffix", FORMATS)
def test_files_that_are_empty_or_end_early(tmp_path: Path, suffix: str) -> None:
    text, file = scenario_text(f"w{suffix}"), tmp_path / f"w{suffix}"
    write(tmp_path, file.name, RNN)
    whole = file.read_bytes()
    file.write_bytes(b"")
    assert problems(tmp_path, text) == ["network.weights: expected a weights file, found an empty file"]
    file.write_bytes(whole[:60])
    (line,) = problems(tmp_path, text)
    assert line.endswith("found a file that ends early")


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_of_torch_save_is_told_as_such(tmp_path: Path, suffix: str) -> None:
    with zipfile.ZipFile(tmp_path / f"w{suffix}", "w") as archive:
        archive.writestr("model/data.pkl", b"\x80\x02}.")
        archive.writestr("model/version", b"3\n")
    assert problems(tmp_path, scenario_text(f"w{suffix}")) == [
        (
            "network.weights: expected a weights file, "
            "found a PyTorch .pt file (pickle), which is never read; save it as safetensors"
        )
    ]


def test_a_scenario_in_no_file_has_no_weights() -> None:
    with pytest.raises(ScenarioError) as caught:
        loading.parse(scenario_text("w.npz").encode(), "<standard input>")
    assert caught.value.lines()[0].endswith('expected no path in a scenario that is in no file, found "w.npz"')


def test_a_subfolder_and_a_name_in_capitals(tmp_path: Path) -> None:
    (tmp_path / "模型").mkdir()
    (tmp_path / "模型" / "w.SAFETENSORS").write_bytes(safetensors({"W": SQUARE}))
    assert not problems(tmp_path, scenario_text("模型/w.SAFETENSORS"))


def test_a_changed_weights_file_is_noticed(tmp_path: Path) -> None:
    write(tmp_path, "w.npz", {"W": SQUARE})
    load(tmp_path, scenario_text("w.npz"))
    source = Source(tmp_path / "lesson.toml")
    assert source.lesson().trace.parameters["W"].tolist() == SQUARE.tolist()
    assert not source.changed()
    write(tmp_path, "w.npz", {"W": 2 * SQUARE, "b": np.ones(2)})
    assert source.changed()
    assert not source.changed()
    assert source.lesson().trace.parameters["W"].tolist() == (2 * SQUARE).tolist()
    (tmp_path / "w.npz").unlink()
    assert source.changed()
    assert not source.gone
    load_again = scenario_text("w.npz").replace('weights = "w.npz"', "")
    (tmp_path / "lesson.toml").write_text(load_again, encoding="utf-8")
    assert source.changed()
    source.lesson()
    assert source.weights is None
