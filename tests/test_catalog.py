"""Which scenarios have names, and which file a name means."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bptt_viz import catalog
from bptt_viz.errors import ScenarioError

FILE = 'title = { en = "mine", zh = "我的" }\n'


def folder(path: Path, *names: str) -> Path:
    """A folder with scenario files of these names."""
    path.mkdir()
    for name in names:
        (path / f"{name}.toml").write_text(FILE, encoding="utf-8")
    return path


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty package folder, nothing beside it, and no folders of one's own."""
    place = tmp_path / "site" / "bptt_viz"
    place.mkdir(parents=True)
    monkeypatch.setattr(catalog, "_PACKAGE", place)
    monkeypatch.delenv(catalog.OWN_FOLDERS, raising=False)
    return place


def test_the_bundled_files_of_this_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(catalog.OWN_FOLDERS, raising=False)
    assert {"scalar-t3", "length-three"} <= set(catalog.names())
    assert all(path.is_file() for path in catalog.bundled().values())


def test_a_wheel_has_them_inside_the_package(package: Path) -> None:
    inside = folder(package / "scenarios", "b", "a", catalog.DEFAULT)
    folder(package.parent / "scenarios", "other")
    assert catalog.bundled() == {name: inside / f"{name}.toml" for name in (catalog.DEFAULT, "a", "b")}
    assert catalog.names() == (catalog.DEFAULT, "a", "b")


def test_a_checkout_has_them_beside_the_package(package: Path) -> None:
    beside = folder(package.parent / "scenarios", "a")
    assert catalog.bundled() == {"a": beside / "a.toml"}


def test_folders_of_ones_own(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundled = folder(package / "scenarios", "a", "b")
    first, second = folder(tmp_path / "1", "b", "mine"), folder(tmp_path / "2", "mine", "c")
    (second / "notes.txt").write_text("")
    (second / "folder.toml").mkdir()
    monkeypatch.setenv(catalog.OWN_FOLDERS, os.pathsep.join([str(first), "", str(tmp_path / "none"), str(second)]))
    assert catalog.listing() == {
        "a": bundled / "a.toml",
        "b": first / "b.toml",
        "mine": first / "mine.toml",
        "c": second / "c.toml",
    }


def test_finding(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundled = folder(package / "scenarios", "scalar", "folder")
    here = folder(tmp_path / "here", "scalar")
    (here / "folder").mkdir()
    (here / "lonely").mkdir()
    monkeypatch.chdir(here)
    assert catalog.find("scalar") == bundled / "scalar.toml"
    assert catalog.find("scalar.toml") == Path("scalar.toml")
    assert catalog.find(here / "scalar.toml") == here / "scalar.toml"
    assert catalog.find("folder") == bundled / "folder.toml"
    assert catalog.find("lonely") == Path("lonely")
    Path("scalar").write_text(FILE, encoding="utf-8")
    assert catalog.find("scalar") == Path("scalar")


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("scalr", "scalr: expected a file, or the name of a scenario (the nearest is scalar;"),
        ("x" * 5000, "expected a file, or the name of a scenario (`bptt-viz list` shows all), found"),
        ("a\0b", "expected a file, or the name of a scenario (`bptt-viz list` shows all), found"),
        ("scalr.toml", "scalr.toml: expected a scenario file, found no such file"),
        ("here/scalar", "here/scalar: expected a scenario file, found no such file"),
    ],
)
def test_what_is_not_there(package: Path, wanted: str, said: str) -> None:
    folder(package / "scenarios", "scalar", "wo-zuotian")
    with pytest.raises(ScenarioError) as caught:
        catalog.find(wanted)
    assert said in str(caught.value)


@pytest.mark.usefixtures("package")
def test_no_scenarios_at_all() -> None:
    assert catalog.names() == ()
    with pytest.raises(ScenarioError, match="expected a scenario file, found no such file"):
        catalog.find("scalar")


def test_titles(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    for text, english, chinese in [
        (FILE, "mine", "我的"),
        ('title = "both"', "both", "both"),
        ("title = 3", "", ""),
        ('title = { en = 3, zh = "三" }', "", "三"),
        ("", "", ""),
        ("not toml", "", ""),
    ]:
        file.write_text(text, encoding="utf-8")
        assert (catalog.title(file, "en"), catalog.title(file, "zh")) == (english, chinese)
    assert catalog.title(tmp_path / "none.toml", "en") == ""
