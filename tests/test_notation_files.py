"""Notation files: found by name, read when asked for, and every problem of a wrong one told."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bptt_viz
from bptt_viz import loading, notation, notation_file, template
from bptt_viz.errors import ScenarioError
from bptt_viz.lettering import PARAMETERS, QUANTITIES
from bptt_viz.messages import LANGUAGES, Language
from bptt_viz.notation import GOODFELLOW, NOTATIONS, OWN_FOLDERS, Partial, Symbol, load, names
from bptt_viz.schema import json_schema
from bptt_viz.views.moves import MOVES
from bptt_viz.views.scene import Lesson, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(bptt_viz.__file__).parent / "notations"
BUNDLED = ("goodfellow", "d2l", "hanbingtao", "lecture-zh", "pytorch")

SIXTH = r"""
title = { en = "My lecture", zh = "我的讲义" }
note = { en = "δ_t is ∂J/∂a_t.", zh = "δ_t 指 ∂J/∂a_t。" }
delta_is = "a"

[letters]
L = { unicode = "J", latex = 'J' }
h = { unicode = "s", latex = 's' }
W = { unicode = "W_rec", latex = 'W_{\mathrm{rec}}' }
"""
SCENARIO = '[sequence]\ntokens = ["a", "b"]\n[network]\nhidden_size = 1\n[lecture]\nnotation = "{name}"\n'


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Writes a notation file into a folder of one's own."""
    monkeypatch.setenv(OWN_FOLDERS, str(tmp_path))

    def write(name: str, text: str) -> Path:
        file = tmp_path / f"{name}.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def told(path: Path, language: Language = "en") -> list[str]:
    """What is said of a wrong file, without the file's name."""
    with pytest.raises(ScenarioError) as caught:
        notation.read(path)
    lines = caught.value.lines(language)
    assert all(line.startswith(str(path)) for line in lines)
    return [line.removeprefix(str(path)).lstrip(":： ") for line in lines]


# What there is.


def test_the_bundled_ones() -> None:
    assert names() == BUNDLED == tuple(NOTATIONS)
    assert len(NOTATIONS) == 5
    assert NOTATIONS["goodfellow"] == GOODFELLOW == load("goodfellow")
    assert {name: NOTATIONS[name].delta_is for name in BUNDLED} == {
        "goodfellow": "a", "d2l": "h", "hanbingtao": "a", "lecture-zh": "h", "pytorch": "h",
    }  # fmt: skip
    with pytest.raises(KeyError):
        NOTATIONS["nobody"]
    for name in BUNDLED:
        for text in (NOTATIONS[name].title, NOTATIONS[name].note):
            assert text.en.isprintable()
            assert text.zh.isprintable()
        defined = NOTATIONS[name].delta_defined
        assert defined in NOTATIONS[name].note.en, "the note says which δ"
        assert defined in NOTATIONS[name].note.zh


def test_letters_are_read_as_the_file_states_them() -> None:
    for name in BUNDLED:
        stated = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
        for quantity, letter in stated["letters"].items():
            assert NOTATIONS[name].letter(Symbol(quantity)) == letter["unicode"]
            assert NOTATIONS[name].latex((Symbol(quantity),)) == letter["latex"]


def test_names_are_told_without_reading_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = notation_file.read

    def noted(path: Path) -> notation_file.NotationTable:
        read.append(path.stem)
        return real(path)

    monkeypatch.setattr(notation_file, "read", noted)
    for _ in range(2):
        assert names() == BUNDLED
        json_schema()
        template.template()
        assert loading.parse(SCENARIO.replace("{name}", "d2l").encode(), "lesson.toml").lecture.notation == "d2l"
    assert read == []
    load("d2l")
    assert read == ["d2l"]


# A sixth is a file.


def test_a_sixth_is_a_file(own: Callable[[str, str], Path]) -> None:
    own("mine", SIXTH)
    assert set(names()) == {*BUNDLED, "mine"}
    assert names()[0] == "goodfellow"
    mine = load("mine")
    assert mine.name == "mine"
    formula = (Partial(Symbol("L"), Symbol("h", 3)), " ", Symbol("W", None, (1, 2)), " ", Symbol("L", 2))
    assert mine.write(formula) == "∂J/∂s₃ W_rec[1,2] J₂"
    assert mine.latex(formula) == r"\frac{\partial J}{\partial s_{3}}\,[W_{\mathrm{rec}}]_{12}\,J_{2}"
    scenario = loading.parse(SCENARIO.replace("{name}", "mine").encode(), "lesson.toml")
    assert NOTATIONS[scenario.lecture.notation] == mine
    assert "mine" in json_schema()["$defs"]["LectureTable"]["properties"]["notation"]["enum"]
    assert "mine" in template.template()


def test_the_first_folder_wins_and_all_win_over_the_bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [tmp_path / name for name in ("one", "two", "none")]
    for folder, letter in zip(folders[:2], "JK", strict=True):
        folder.mkdir()
        for name in ("mine", "goodfellow"):
            (folder / f"{name}.toml").write_text(SIXTH.replace('"J"', f'"{letter}"'), encoding="utf-8")
    (folders[0] / "README.md").write_text("not a notation")
    (folders[0] / "a\x1b.toml").write_text(SIXTH)
    monkeypatch.setenv(OWN_FOLDERS, ":".join(map(str, folders)))
    assert set(names()) == {*BUNDLED, "mine"}
    for name in ("mine", "goodfellow"):
        assert load(name).write((Symbol("L"),)) == "J"
    assert GOODFELLOW.write((Symbol("L"),)) == "L", "the canonical one is the program's own"
    monkeypatch.setenv(OWN_FOLDERS, "")
    assert names() == BUNDLED


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_notation_names_the_nearest(own: Callable[[str, str], Path], language: Language) -> None:
    own("mine", SIXTH)
    with pytest.raises(ScenarioError) as caught:
        loading.parse(SCENARIO.replace("{name}", "pytorsch").encode(), "lesson.toml")
    (line,) = caught.value.lines(language)
    assert "lecture.notation" in line
    assert all(name in line for name in (*BUNDLED, "mine", '"pytorsch"'))
    assert {"en": "nearest is pytorch", "zh": "最接近的是 pytorch"}[language] in line
    with pytest.raises(ScenarioError) as caught:
        load("pytorsch")
    assert "pytorch" in str(caught.value)
    with pytest.raises(ScenarioError, match=r"lecture\.notation: expected text in quotes, found 3"):
        loading.parse(SCENARIO.replace('"{name}"', "3").encode(), "lesson.toml")


# Wrong files.


@pytest.mark.parametrize(("old", "new", "place", "words"), [
    ('"a"\n', '"b"\n', "delta_is", ("a, h", '"b"')),
    ('delta_is = "a"\n', "", "delta_is", ("missing",)),
    ('delta_is = "a"\n', 'delta_is = "a"\nmean = "1/N"\n', "mean", ("1/count, 1/T", '"1/N"')),
    ('delta_is = "a"\n', 'delta_is = "a"\nmeans = "1/T"\n', "means", ("nearest is mean",)),
    ('{ en = "My lecture", zh = "我的讲义" }', '"My lecture"', "title", ("a table",)),
    (', zh = "我的讲义"', "", "title.zh", ("missing",)),
    ("[letters]\n", "[letters]\nhh = { unicode = 'q', latex = 'q' }\n", "letters.hh", ("known key", "hh")),
    ("[letters]\n", "[letters]\nW_ = { unicode = 'q', latex = 'q' }\n", "letters.W_", ("known key",)),
    ("[letters]\n", "[letters]\nx = 'q'\n", "letters.x", ("a table", '"q"')),
    ("[letters]\n", "[letters]\nx = { unicode = 'q' }\n", "letters.x.latex", ("missing",)),
    ("[letters]\n", "[letters]\nx = { unicode = 3, latex = 'q' }\n", "letters.x.unicode", ("text", "3")),
    ("[letters]\n", "[letters]\nx = { unicode = 'q', latex = 'q', tex = 'q' }\n", "letters.x.tex", ("known key",)),
    ("[letters]\n", "[letters]\nx = { unicode = '', latex = 'q' }\n", "letters.x.unicode", ("1 to 16",)),
    ("[letters]\n", "[letters]\nx = { unicode = 'a b', latex = 'q' }\n", "letters.x.unicode", ("blank",)),
    ("[letters]\n", '[letters]\nx = { unicode = "\\u001b[2J", latex = "q" }\n', "letters.x.unicode",
     ("printable", "u001b")),
    ("[letters]\n", f"[letters]\nx = {{ unicode = '{'q' * 17}', latex = 'q' }}\n", "letters.x.unicode", ("16",)),
    ("[letters]\n", "[letters]\nx = { unicode = 'q', latex = '{q' }\n", "letters.x.latex", ("brace", "{q")),
    ("[letters]\n", "[letters]\nx = { unicode = 'q', latex = 'q}{' }\n", "letters.x.latex", ("brace",)),
    ("[letters]\n", "[letters]\nx = { unicode = 'q', latex = '$q$' }\n", "letters.x.latex", ("dollar",)),
    ("[letters]\n", "[letters]\nx = { unicode = 'q', latex = 'q\\' }\n", "letters.x.latex", ("LaTeX",)),
    ("[letters]\n", "[letters]\nx = { unicode = 's', latex = 's' }\n", "letters.h", ("nothing else", "letter of x")),
    ("[letters]\n", "[letters]\nx = { unicode = 'V', latex = 'V' }\n", "letters.x", ("nothing else", "letter of V")),
    ("[letters]\n", "[letters\n", "", ("TOML",)),
])  # fmt: skip
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_file_is_told(
    own: Callable[[str, str], Path], language: Language, old: str, new: str, place: str, words: tuple[str, ...]
) -> None:
    assert SIXTH.count(old) == 1
    lines = told(own("mine", SIXTH.replace(old, new)), language)
    if language == "en":
        assert any(line.startswith(place) and all(word in line for word in words) for line in lines), lines
        assert all("expected" in line and re.search("found|missing", line) for line in lines)
    else:
        assert any(line.startswith(place) for line in lines), lines
        assert all(re.search("实际为.|.；要求", line) for line in lines)


def test_all_problems_of_a_file_are_told_at_once(own: Callable[[str, str], Path]) -> None:
    text = SIXTH.replace('delta_is = "a"', 'delta_is = "x"\nmeen = "1/T"').replace("[letters]", "[letters]\nx = 3")
    assert [line.split(":")[0] for line in told(own("mine", text))] == ["meen", "delta_is", "letters.x"]
    text = SIXTH.replace(
        "[letters]", "[letters]\nx = { unicode = '', latex = '{' }\nhh = { unicode = 'q', latex = 'q' }"
    )
    assert {line.split(":")[0] for line in told(own("mine", text))} == {
        "letters.x.unicode",
        "letters.x.latex",
        "letters.hh",
    }


def test_what_is_no_file_or_no_text(own: Callable[[str, str], Path], tmp_path: Path) -> None:
    assert "no such file" in told(tmp_path / "none.toml")[0]
    file = own("mine", "")
    file.write_bytes(b"\xff\xfe")
    assert "UTF-16" in told(file)[0]
    file.write_bytes(b"")
    assert {line.split(":")[0] for line in told(file)} == {"title", "note", "delta_is"}


letters = st.text("abcWδ_\\{}$ ^\x1b\n我", max_size=6)


@given(
    letter=st.fixed_dictionaries({"unicode": letters, "latex": letters}),
    name=st.sampled_from([*QUANTITIES, *PARAMETERS, "W_f", "W_", "_", "", "hh", "L_t_2"]),
)
def test_no_letter_leads_to_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, name: str, letter: dict[str, str]
) -> None:
    quoted = {key: "".join(f"\\u{ord(one):04x}" for one in text) for key, text in letter.items()}
    row = f'"{name}" = {{ unicode = "{quoted["unicode"]}", latex = "{quoted["latex"]}" }}\n'
    file = tmp_path_factory.mktemp("notation") / "mine.toml"
    file.write_text(SIXTH.replace("[letters]\n", f"[letters]\n{row if f'{chr(10)}{name} =' not in SIXTH else ''}"))
    lines: list[str] = []
    try:
        mine = notation.read(file)
    except ScenarioError as error:
        lines = error.lines()
    else:
        mine.write((Symbol(name, 3, (1,)),))
        mine.latex((Symbol(name, 3, (1,)),))
    assert all("expected" in line and "found" in line and line.isprintable() for line in lines)


# The key.


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    return Lesson(bptt_viz.trace(bptt_viz.load("scalar-t3")), "scalar-t3.toml")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_key_goes_round_and_says_which_delta(lesson: Lesson, language: Language) -> None:
    scene = Scene(lesson, 3, language, GOODFELLOW, "W")
    said = []
    for name in (*BUNDLED[1:], BUNDLED[0]):
        scene = MOVES["notation"](scene)
        assert scene.notation.name == name
        said.append(scene.notice)
    joins = {"en": (": δ_t is ", ""), "zh": ("：δ_t 指 ", "")}[language]
    defined = ("∂L/∂h_t", "∂E/∂net_t", "∂L/∂s_t", "∂L/∂h_t", "∂L/∂a_t")
    assert said == [f"{name}{joins[0]}{one}" for name, one in zip((*BUNDLED[1:], BUNDLED[0]), defined, strict=True)]
    assert scene.at(4).notice == ""
    assert scene.position == 3


def test_the_key_passes_over_a_broken_one_and_says_why(own: Callable[[str, str], Path], lesson: Lesson) -> None:
    own("dull", SIXTH.replace('"a"', '"b"'))
    scene = replace(Scene(lesson, 0, "en", GOODFELLOW, "W"), notation=load("d2l"))
    after = MOVES["notation"](scene)
    assert after.notation.name == "hanbingtao"
    assert after.notice.startswith("dull: delta_is: expected one of a, h")
    # It may have been mended meanwhile; and one that is gone leaves all others.
    own("dull", SIXTH)
    assert MOVES["notation"](scene).notation.name == "dull"
    gone = replace(scene, notation=replace(GOODFELLOW, name="gone"))
    assert MOVES["notation"](gone).notation.name == "goodfellow"


def test_the_key_where_all_are_broken(own: Callable[[str, str], Path], lesson: Lesson) -> None:
    for name in BUNDLED:
        own(name, "")
    scene = Scene(lesson, 0, "zh", GOODFELLOW, "W")
    after = MOVES["notation"](scene)
    assert after.notation is GOODFELLOW
    assert after.notice.startswith("d2l: title：缺少此项；要求")
