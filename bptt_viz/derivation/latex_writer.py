r"""A document as LaTeX that compiles as it is, or as a fragment for another document. Imports ``latex_maths``.

pdfLaTeX, XeLaTeX and LuaLaTeX all do for English; where there is Chinese, ``ctex`` sets it with the latter two and
``CJKutf8`` with the first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, assert_never

from msgspec import Struct

from bptt_viz.derivation.document import Display, Heading, Paragraph, Table
from bptt_viz.derivation.latex_maths import ROOM, LatexMaths, escaped
from bptt_viz.derivation.latex_width import PageLayout
from bptt_viz.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bptt_viz.derivation.document import Document, Numeral, Prose
    from bptt_viz.messages import Language
    from bptt_viz.notation import Formula, Notation

_HEADINGS: Final = {2: "section*", 3: "subsection*"}
#: Chinese characters and punctuation, and the kana that every Chinese font has.
_CHINESE: Final = re.compile("[\u3001-\u3011\u3041-\u30ff\u4e00-\u9fff\uff01-\uff5e]")
_SPACED: Final = re.compile(rf"(?<={_CHINESE.pattern}) (?={_CHINESE.pattern})")
#: A row that says what the next one is: no page ends between them.
_CAPTION: Final = re.compile(r"\\text\{[^{}]*\}$")
_STOPPED: Final = re.compile("[、。！），：；？]$")
#: Signs of titles and words that no text font has for certain.
_SIGNS: Final = {
    "∂": r"\partial",
    "∇": r"\nabla",
    "Σ": r"\Sigma",
    "δ": r"\delta",
    "σ": r"\sigma",
    "φ": r"\varphi",
    "−": "-",
    "×": r"\times",
    "→": r"\to",
    "⁺": "^{+}",
    "ᵀ": r"^{\top}",
    **{character: f"_{{{digit}}}" for digit, character in enumerate("₀₁₂₃₄₅₆₇₈₉")},
}
#: What every text font has besides: ASCII, Latin letters with accents, quotation marks and dashes.
_KNOWN: Final = re.compile(r"[\x20-\x7e\u00a1-\u00ac\u00ae-\u0148\u014a-\u017e‘’“”–—…]")


def latex(document: Document, notation: Notation, *, fragment: bool = False) -> Iterator[str]:
    """The document as LaTeX, line by line without line ends; a fragment has no preamble and no document environment."""
    body = list(_body(document, notation))
    if fragment:
        yield f"% {say('derive.latex.fragment', document.language)}"
        yield from body
        return
    yield from _preamble("\n".join(body), document.language)
    yield r"\begin{document}"
    yield from body
    yield r"\end{document}"


def _preamble(body: str, language: Language) -> Iterator[str]:
    chinese = _CHINESE.search(body) is not None
    yield f"% {say('derive.latex.chinese' if chinese else 'derive.latex.engine', language)}"
    yield r"\documentclass[10pt,a4paper]{article}"
    yield r"\usepackage{iftex}"
    yield r"\ifPDFTeX"
    yield r"\usepackage[utf8]{inputenc}"
    yield r"\usepackage[T1]{fontenc}"
    yield r"\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}"
    if chinese:
        yield r"\usepackage{CJKutf8}"
        yield r"\AtBeginDocument{\begin{CJK}{UTF8}{gbsn}}"
        yield r"\AtEndDocument{\clearpage\end{CJK}}"
    if chinese:
        yield r"\else"
        yield rf"\usepackage[{'' if language == 'zh' else 'scheme=plain'}]{{ctex}}"
    yield r"\fi"
    yield r"\usepackage{amsmath}"
    yield r"\usepackage[margin=2cm]{geometry}"
    yield r"\allowdisplaybreaks"
    yield r"\setlength{\arraycolsep}{4pt}"
    # Else brackets and superscripts touch those of the row above.
    yield r"\renewcommand{\arraystretch}{1.2}"
    yield r"\setlength{\parindent}{0pt}"
    yield r"\setlength{\parskip}{4pt}"
    # A formula among words is not broken; the blanks of its line may stretch instead.
    yield r"\setlength{\emergencystretch}{6em}"


def _body(document: Document, notation: Notation) -> Iterator[str]:
    writer = _Writer(LatexMaths(PageLayout(notation, document.language, ROOM)))
    for index, block in enumerate(document.blocks):
        if index:
            yield ""
        match block:
            case Heading(1, words):
                yield rf"\begin{{center}}\Large\bfseries {writer.prose(words)}\end{{center}}"
            case Heading(level, words):
                yield rf"\{_HEADINGS[level]}{{{writer.prose(words)}}}"
            case Paragraph(words):
                yield writer.prose(words)
            case Display():
                yield from writer.display(block)
            case Table(header, rows):
                yield rf"\begin{{center}}\renewcommand{{\arraystretch}}{{2.2}}\begin{{tabular}}{{{'l' * len(header)}}}"
                yield rf"{writer.row(header)} \\ \hline"
                yield from (rf"{writer.row(row)} \\" for row in rows)
                yield r"\end{tabular}\end{center}"
            case _:
                assert_never(block)


class _Writer(Struct, frozen=True):
    maths: LatexMaths

    def prose(self, words: Prose) -> str:
        return self._prose(words, self.maths.sentence)

    def _prose(self, words: Prose, maths: Callable[[Formula | Numeral], str], style: str = "") -> str:
        whole = ""
        for piece in words:
            if isinstance(piece, str):
                whole += _words(piece)
            else:
                # After a Chinese comma pdfLaTeX would not break a line before mathematics.
                whole += r"\allowbreak " if _STOPPED.search(whole) else ""
                whole += f"${style}{maths(piece).strip()}$"
        return whole

    def row(self, cells: tuple[Prose, ...]) -> str:
        return " & ".join(self._prose(cell, self.maths.inline, r"\displaystyle ") for cell in cells)

    def display(self, display: Display) -> Iterator[str]:
        rows = self.maths.rows(display)
        if len(rows) == 1:
            yield from (r"\[", rows[0].strip(), r"\]")
        else:
            yield r"\begin{align*}"
            yield from (rf"{row.strip()} \\{'*' if _CAPTION.search(row) else ''}" for row in rows[:-1])
            yield rows[-1].strip()
            yield r"\end{align*}"


def _words(text: str) -> str:
    # Between two Chinese characters TeX would leave a space out.
    return _SPACED.sub(r"\\ ", "".join(map(_character, text)))


def _character(character: str) -> str:
    if character in _SIGNS:
        return rf"\ensuremath{{{_SIGNS[character]}}}"
    if _KNOWN.match(character) or _CHINESE.match(character):
        return escaped(character)
    # No font can be counted on: pdfLaTeX would stop, the others would leave a blank.
    return f"[U+{ord(character):04X}]"
