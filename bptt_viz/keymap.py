"""A person's own keys: a small TOML file, ``command = "key"`` or a list. Imports no textual."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bptt_viz.commands import COMMANDS
from bptt_viz.document import contents, document
from bptt_viz.errors import Problem, ScenarioError
from bptt_viz.messages import phrase
from bptt_viz.wording import found, found_key, unknown_key

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Environment variable that names the file.
FILE_VARIABLE: Final = "BPTT_VIZ_KEYS"

Keys = dict[str, tuple[str, ...]]


def path_of(environment: Mapping[str, str]) -> Path:
    """The file that ``BPTT_VIZ_KEYS`` names, else ``bptt-viz/keys.toml`` among the person's settings."""
    named = environment.get(FILE_VARIABLE)
    if named:
        return Path(named)
    settings = environment.get("XDG_CONFIG_HOME")
    return (Path(settings) if settings else Path("~/.config").expanduser()) / "bptt-viz" / "keys.toml"


def own_keys(environment: Mapping[str, str] | None = None) -> Keys:
    """Command → its keys, for the commands that the file remaps; nothing where there is no file.

    Raises
    ------
    ScenarioError
        With every problem found in the file.
    """
    environment = os.environ if environment is None else environment
    path = path_of(environment)
    if FILE_VARIABLE not in environment and not path.exists():
        return {}
    return checked(document(contents(path), str(path)), str(path))


def checked(stated: Mapping[str, object], source: str) -> Keys:
    """The file's document as keys.

    Raises
    ------
    ScenarioError
        If a command is unknown, a key is not text, or one key is to do two things.
    """
    known = [command.id for command in COMMANDS]
    problems: list[Problem] = []
    keys: Keys = {}
    for command, value in stated.items():
        names = [value] if isinstance(value, str) else value
        if command not in known:
            problems.append(Problem(command, unknown_key(command, known, {}), found_key(command)))
        elif not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
            problems.append(Problem(command, phrase("expected.keys"), found(value)))
        else:
            keys[command] = tuple(names)
    problems += _clashes(keys)
    if problems:
        raise ScenarioError(source, tuple(problems))
    return keys


def _clashes(keys: Keys) -> list[Problem]:
    owner: dict[str, str] = {}
    problems = []
    for command in COMMANDS:
        for key in keys.get(command.id, command.keys):
            if key in owner:
                clash = phrase("found.key_taken", pressed=key, command=owner[key])
                problems.append(Problem(command.id, phrase("expected.free_key"), clash))
            owner.setdefault(key, command.id)
    return problems
