"""What a person can do: one row per command, for key, footer, help and palette. Imports nothing of the package."""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class Command(Struct, frozen=True):
    """One thing that can be done.

    Attributes
    ----------
    id
        The action's name; ``commands.ID`` is its message, ``commands.ID.short`` the footer's.
    keys
        The keys that do it, the one to be shown first; names as Textual's.
    group
        Under which heading the help lists it.
    footer
        Whether the footer shows it, where there is room.
    """

    id: str
    keys: tuple[str, ...]
    group: str
    footer: bool = False


COMMANDS: Final[tuple[Command, ...]] = (
    Command("next", ("right", "space", "pagedown", "l"), "walk", footer=True),
    Command("back", ("left", "pageup", "h"), "walk", footer=True),
    Command("next_time_step", ("shift+right", "L"), "walk", footer=True),
    Command("previous_time_step", ("shift+left", "H"), "walk"),
    Command("first", ("home",), "walk"),
    Command("last", ("end",), "walk"),
    Command("go_to", ("g",), "walk", footer=True),
    Command("parameter", ("w",), "look", footer=True),
    Command("derivation", ("d",), "look", footer=True),
    Command("why", ("y", "enter"), "look", footer=True),
    Command("recursion", ("m",), "look"),
    Command("sides", ("i",), "look"),
    Command("flow", ("f",), "look"),
    Command("truncations", ("c",), "look"),
    Command("training", ("v",), "look"),
    Command("entry_down", ("down", "j"), "look"),
    Command("entry_up", ("up", "k"), "look"),
    Command("panel", ("tab",), "look"),
    Command("strategy", ("x",), "cut"),
    Command("keep_more", ("right_square_bracket",), "cut"),
    Command("keep_less", ("left_square_bracket",), "cut"),
    Command("draw", ("X",), "cut"),
    Command("generate", ("a",), "guess"),
    Command("sample", ("A",), "guess"),
    Command("update", ("u",), "train"),
    Command("update_ten", ("U",), "train"),
    Command("update_hundred", ("C",), "train"),
    Command("train", ("p",), "train"),
    Command("edit", ("e",), "train"),
    Command("undo", ("backspace",), "train"),
    Command("open", ("o",), "file", footer=True),
    Command("reload", ("r",), "file"),
    Command("save", ("S",), "file"),
    Command("notation", ("n",), "show", footer=True),
    Command("language", ("z",), "show", footer=True),
    Command("theme", ("t",), "show", footer=True),
    Command("blank", ("full_stop", "b"), "show"),
    Command("symbols", ("s",), "show"),
    Command("help", ("question_mark",), "show", footer=True),
    Command("palette", ("ctrl+p", "colon"), "show"),
    Command("quit", ("q",), "show", footer=True),
)

#: How keys are written where their name is not what stands on them.
KEY_CAPS: Final = {
    "right": "→",
    "left": "←",
    "up": "↑",
    "down": "↓",
    "shift+right": "⇧→",
    "shift+left": "⇧←",
    "enter": "Enter",
    "space": "Space",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "home": "Home",
    "end": "End",
    "tab": "Tab",
    "backspace": "Bksp",
    "full_stop": ".",
    "right_square_bracket": "]",
    "left_square_bracket": "[",
    "question_mark": "?",
    "colon": ":",
    "ctrl+p": "^P",
}


def cap(key: str) -> str:
    """A key as people call it."""
    return KEY_CAPS.get(key, key)
