"""Draws the README's pictures: the app in a terminal of its own, its screen as SVG. Imports pyte, not the app.

    python docs/picture.py

Each run of equally styled cells is placed at its own column with its own length, so that Chinese
characters keep their two cells whatever font the reader has.
"""

from __future__ import annotations

import fcntl
import html
import os
import pty
import select
import struct
import sys
import termios
import time
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import pyte

if TYPE_CHECKING:
    from pyte.screens import Char

FOLDER = Path(__file__).parent
COLUMNS, ROWS = 120, 36
#: Size of a cell in the picture, in px.
WIDTH, HEIGHT, FONT = 9, 20, 15
GROUND, TEXT = "#0e1116", "#e6e9ef"
RIGHT = b"\x1b[C"

#: Foreground, background, bold, underlined.
Style = tuple[str, str, bool, bool]

#: File → the arguments, and the keys that lead to what it shows.
PICTURES = {
    "screen.svg": (["wo-zuotian", "--language", "en"], [RIGHT] * 34),
    "screen-zh.svg": (["wo-zuotian", "--language", "zh"], [b"t", *[RIGHT] * 32]),
    "lstm.svg": (["lstm-gates", "--language", "en"], [b"\x1b[F", b"H", b"H", *[b"\x1b[D"] * 9]),
    "derivation.svg": (["length-three", "--language", "en"], [*[RIGHT] * 24, b"d"]),
}


def screen_of(arguments: list[str], keys: list[bytes]) -> pyte.Screen:
    """What the terminal shows after the keys."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", LC_ALL="C.UTF-8")
        os.execv(sys.executable, [sys.executable, "-m", "bptt_viz", *arguments])  # noqa: S606  # the app itself
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    _feed(stream, terminal, quiet=1.5)
    for key in keys:
        os.write(terminal, key)
        _feed(stream, terminal, quiet=0.1)
    # SymPy's process may still be at it.
    _feed(stream, terminal, quiet=2.0)
    os.write(terminal, b"q")
    _drain(terminal)
    os.waitpid(child, 0)
    return screen


def _feed(stream: pyte.ByteStream, terminal: int, quiet: float) -> None:
    """Take what comes until nothing has come for ``quiet`` seconds."""
    until = time.monotonic() + quiet
    while (left := until - time.monotonic()) > 0:
        if select.select([terminal], [], [], left)[0]:
            stream.feed(os.read(terminal, 1 << 16).replace(b"\x1b[>25u", b""))
            until = time.monotonic() + quiet


def _drain(terminal: int) -> None:
    try:
        while os.read(terminal, 1 << 16):
            pass
    except OSError:  # the other end is closed
        return


def svg(screen: pyte.Screen) -> str:
    """The screen as a picture."""
    width, height = COLUMNS * WIDTH + 2 * WIDTH, ROWS * HEIGHT + HEIGHT
    grounds, texts = [], []
    for y in range(ROWS):
        for x, cells, style, text in runs(screen.buffer[y]):
            foreground, background, bold, underscore = style
            left, top, length = (x + 1) * WIDTH, y * HEIGHT + HEIGHT // 2, cells * WIDTH
            if background != GROUND:
                grounds.append(f'<rect x="{left}" y="{top}" width="{length}" height="{HEIGHT}" fill="{background}"/>')
            if text.strip():
                look = ' font-weight="bold"' * bold + ' text-decoration="underline"' * underscore
                texts.append(
                    f'<text x="{left}" y="{top + HEIGHT * 0.74:.1f}" textLength="{length}"'
                    f' lengthAdjust="spacingAndGlyphs" fill="{foreground}"{look}>{html.escape(text)}</text>'
                )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-size="{FONT}"'
        " font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC',"
        ' \'WenQuanYi Zen Hei Mono\', monospace" xml:space="preserve">\n'
        f'<rect width="100%" height="100%" rx="8" fill="{_page(screen)}"/>\n'
        + "\n".join(grounds + texts)
        + "\n</svg>\n"
    )


def runs(line: dict[int, Char]) -> list[tuple[int, int, Style, str]]:
    """Column, cells, style and text of each run of equally styled, equally wide cells of a line."""
    cells = [(x, line[x]) for x in range(COLUMNS) if line[x].data]
    found = []
    # Blanks are runs of their own, so that no word is stretched over one.
    for (style, wide, _), group in groupby(cells, key=lambda cell: (*_look(line, cell[0]), cell[1].data == " ")):
        members = list(group)
        text = "".join(cell.data for _, cell in members)
        found.append((members[0][0], len(members) * (2 if wide else 1), style, text))
    return found


def _look(line: dict[int, Char], x: int) -> tuple[Style, bool]:
    return _style(line[x]), _wide(line, x)


def _wide(line: dict[int, Char], x: int) -> bool:
    return x + 1 < COLUMNS and not line[x + 1].data


def _style(cell: Char) -> Style:
    colours = _colour(cell.fg, TEXT), _colour(cell.bg, GROUND)
    foreground, background = reversed(colours) if cell.reverse else colours
    return foreground, background, cell.bold, cell.underscore


def _colour(name: str, default: str) -> str:
    return default if name == "default" else f"#{name}"


def _page(screen: pyte.Screen) -> str:
    """The colour that most cells have."""
    colours = [_colour(screen.buffer[y][x].bg, GROUND) for y in range(ROWS) for x in range(COLUMNS)]
    return max(set(colours), key=colours.count)


if __name__ == "__main__":
    for name, (words, typed) in PICTURES.items():
        (FOLDER / name).write_text(svg(screen_of(words, typed)), encoding="utf-8")
