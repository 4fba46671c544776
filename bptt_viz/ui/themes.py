"""The light and the dark theme, and how each role of a view is drawn under them.

Values are drawn on a blue–orange scale, which the common kinds of colour blindness tell apart; the
sign is a glyph besides.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from rich.style import Style
from textual.theme import Theme

if TYPE_CHECKING:
    from bptt_viz.views.canvas import Role

DARK: Final = Theme(
    name="bptt-dark",
    dark=True,
    primary="#6cb6ff",
    secondary="#ffb454",
    accent="#ffe066",
    foreground="#e6e9ef",
    background="#0e1116",
    surface="#0e1116",
    panel="#1a2029",
    error="#ff9580",
    variables={
        "faint": "#8a94a3",
        "future": "#5d6673",
        "on-current": "#0e1116",
        "curve-1": "#6cb6ff",
        "curve-2": "#ffb454",
        "curve-3": "#4fd1a5",
        "curve-4": "#e29bff",
        "curve-5": "#f5e663",
        "curve-6": "#c9d1d9",
        "minus-1": "#14263b",
        "minus-2": "#1a3b60",
        "minus-3": "#1f5288",
        "minus-4": "#2669b0",
        "plus-1": "#2f2416",
        "plus-2": "#4f3515",
        "plus-3": "#744a12",
        "plus-4": "#9a5f0e",
    },
)

LIGHT: Final = Theme(
    name="bptt-light",
    dark=False,
    primary="#0550ae",
    secondary="#953800",
    accent="#7a3e00",
    foreground="#14181f",
    background="#ffffff",
    surface="#ffffff",
    panel="#eef1f5",
    error="#b3261e",
    variables={
        "faint": "#57606a",
        "future": "#8c959f",
        "on-current": "#ffffff",
        "curve-1": "#0550ae",
        "curve-2": "#b34700",
        "curve-3": "#00705a",
        "curve-4": "#8a3fa0",
        "curve-5": "#7a6000",
        "curve-6": "#24292f",
        "minus-1": "#e6f0fb",
        "minus-2": "#c3dbf5",
        "minus-3": "#99c2ee",
        "minus-4": "#6ea8e6",
        "plus-1": "#fdf0dc",
        "plus-2": "#fadcae",
        "plus-3": "#f5c27a",
        "plus-4": "#efa445",
    },
)

THEMES: Final = (DARK, LIGHT)
#: What a number has besides its role that is another one than before a parameter was changed.
CHANGED: Final = Style(bold=True, underline=True)
#: And what it has where it is not computed but was put there: it stands out without colour, and from "chosen" too.
PUT: Final = Style(reverse=True)


@cache
def role_style(name: str, role: Role) -> Style:
    """How a role is drawn under the theme of that name."""
    theme = _BY_NAME[name]
    colours = {"text": theme.foreground, "accent": theme.accent, **theme.variables}
    if role.startswith(("minus", "plus")):
        return Style(color=theme.foreground, bgcolor=colours[role])
    emphasis = role in _BOLD
    match role:
        case "current":
            return Style(color=colours["on-current"], bgcolor=theme.accent, bold=True)
        case "picked":
            return Style(color=colours["on-current"], bgcolor=theme.primary, bold=True)
        case "dim" | "operator" | "zero":
            return Style(color=colours["faint"])
        case "label" | "forward":
            return Style(color=theme.primary, bold=emphasis)
        case "backward":
            return Style(color=theme.secondary, bold=emphasis)
        case "now" | "key" | "entry":
            return Style(color=theme.accent, bold=emphasis, underline=role == "entry")
        case "error":
            return Style(color=theme.error, bold=emphasis)
        case "future":
            return Style(color=colours["future"])
        case _:
            return Style(color=colours.get(role, theme.foreground), bold=emphasis)


_BY_NAME: Final = {theme.name: theme for theme in THEMES}
_BOLD: Final = frozenset({"formula", "forward", "backward", "now", "key", "entry", "error"})
