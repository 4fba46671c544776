"""The scenarios that can be opened by name: the bundled ones and the person's own. Never imports msgspec or numpy.

A wheel carries the bundled files inside the package, a source checkout beside it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bptt_viz.document import contents, document
from bptt_viz.errors import Problem, ScenarioError
from bptt_viz.messages import phrase
from bptt_viz.wording import likely

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bptt_viz.messages import Language

#: The bundled scenario that opens when none is named.
DEFAULT: Final = "wo-zuotian"
#: Environment variable with folders of one's own, separated as in PATH; they come before the bundled ones.
OWN_FOLDERS: Final = "BPTT_VIZ_SCENARIOS"
SUFFIX: Final = ".toml"

_PACKAGE: Final = Path(__file__).resolve().parent


def files_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """The name and the path of each TOML file in a folder, by name."""
    try:
        files = sorted(folder.iterdir())
    except OSError:
        # As in PATH: a folder that is not there holds nothing.
        return
    yield from ((file.stem, file) for file in files if file.suffix == SUFFIX and file.is_file())


def in_folders_of(variable: str) -> dict[str, Path]:
    """Name → TOML file in the folders that an environment variable lists; the first folder wins."""
    folders = [Path(folder) for folder in os.environ.get(variable, "").split(os.pathsep) if folder]
    return dict(entry for folder in reversed(folders) for entry in files_in(folder))


def bundled() -> dict[str, Path]:
    """Name → file of the scenarios that come with the program, the default first."""
    installed = _PACKAGE / "scenarios"
    files = files_in(installed if installed.is_dir() else _PACKAGE.parent / "scenarios")
    return dict(sorted(files, key=lambda entry: (entry[0] != DEFAULT, entry[0])))


def own() -> dict[str, Path]:
    """Name → file of the scenarios in the folders of ``BPTT_VIZ_SCENARIOS``; the first folder wins."""
    return in_folders_of(OWN_FOLDERS)


def listing() -> dict[str, Path]:
    """Name → file of all scenarios; one's own take the place of bundled ones of the same name."""
    return bundled() | own()


def names() -> tuple[str, ...]:
    """All names that :func:`find` knows."""
    return tuple(listing())


def find(path_or_name: str | Path) -> Path:
    """The file that a path or a name means; a file that exists comes before a name.

    Raises
    ------
    ScenarioError
        If there is neither; it names the nearest name.
    """
    path, source = Path(path_or_name), str(path_or_name)
    known = listing()
    if _is_there(path) and not (source in known and path.is_dir()):
        return path
    if source in known:
        return known[source]
    missing = phrase("found.no_file")
    if source.endswith(SUFFIX) or os.sep in source or not known:
        raise ScenarioError(source, (Problem("", phrase("expected.file"), missing),))
    meant = likely(source, known)
    expected = phrase("expected.file_or_name", nearest=meant) if meant else phrase("expected.file_or_listed")
    raise ScenarioError(source, (Problem("", expected, phrase("found.no_such_name")),))


def title(path: Path, language: Language) -> str:
    """The title that a scenario file has in ``language``; empty where it has none or cannot be read."""
    try:
        stated = document(contents(path), str(path)).get("title", "")
    except ScenarioError:
        return ""
    text = stated.get(language, "") if isinstance(stated, dict) else stated
    return text if isinstance(text, str) else ""


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        # A name too long for a file, or a NUL in it.
        return False
