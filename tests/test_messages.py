"""The catalogue: both languages say the same, every message is said somewhere, and nothing is said past it."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

import pytest

import bptt_viz
from bptt_viz.messages import CATALOGUE, LANGUAGES, phrase, say

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(bptt_viz.__file__).parent
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "messages" not in path.parts)
#: Words of people, where a screen or a view has them itself; each with its reason.
NOT_SAID = {
    "lesson-part framed": "style classes of a widget",
}
#: What the textbooks call it, wherever the English has the word.
TERMS = {
    r"\bback(ward|propagation)": "反向",
    r"\bforward\b": "前",
    r"\bgradients?\b": "梯度",
    r"\bloss(es)?\b": "损失",
    r"\bcross-entropy\b": "交叉熵",
    r"\bsquared error\b": "平方误差",
    r"\bhidden (state|unit)s?\b": "隐藏",
    r"\bbias(es)?\b": "偏置",
    r"\bone-hot\b": "独热",
    r"\btime step\b": "时间步",
    r"\bparameters?\b": "参数",
    r"\bclip(s|ped|ping)?\b": "裁剪",
    r"\breset gate\b": "重置门",
    r"\bthe future\b": "未来",
}


@cache
def tree(path: Path) -> ast.Module:
    """A module, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"))


def fields(text: str) -> set[str]:
    """The placeholders of a message."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def calls(path: Path) -> Iterator[tuple[ast.expr, ast.Call]]:
    """Each call of ``say`` or ``phrase``, function or method, with its key."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("say", "phrase"):
                yield node.args[0], node


def pattern(written: ast.JoinedStr) -> str:
    """A regular expression for what an f-string can become."""
    parts = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"([\w.\-]+)" for part in written.values]
    return "".join(parts)


@pytest.mark.parametrize("key", CATALOGUE)
def test_both_languages_say_the_same(key: str) -> None:
    english, chinese = CATALOGUE[key]
    assert english.strip()
    assert chinese.strip()
    assert fields(english) == fields(chinese)
    values = dict.fromkeys(fields(english), 7)
    for language in LANGUAGES:
        assert "{7}" not in say(key, language, **values)


@pytest.mark.parametrize("key", CATALOGUE)
def test_chinese_is_chinese(key: str) -> None:
    english, chinese = CATALOGUE[key]
    assert not re.search(r"[\u4e00-\u9fff][,;:?!]", chinese), "punctuation of the other script"
    # Words of more than a name stand in the English only.
    if re.search(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", re.sub(r"`[^`]*`|\{[^}]*\}", "", english)):
        assert re.search(r"[\u4e00-\u9fff]", chinese)
    named = re.sub(r"`[^`]*`|\{[^}]*\}|\w+\.\w+|\w+_\w+", "", english)
    for english_term, chinese_term in TERMS.items():
        if re.search(english_term, named):
            assert chinese_term in chinese, english_term


def test_a_phrase_is_said_in_any_language_phrases_inside_it_too() -> None:
    inner = phrase("found.array", length=3)
    outer = phrase("problem.sentence", expected=phrase("expected.table"), found=inner)
    for language in LANGUAGES:
        assert inner.told(language) in outer.told(language)
    with pytest.raises(KeyError):
        say("found.array", "en")
    with pytest.raises(KeyError):
        say("no.such.message", "en")


def test_every_key_that_is_asked_for_exists() -> None:
    asked = [(path.name, key, call) for path in SOURCES for key, call in calls(path)]
    assert len(asked) > 100
    for module, key, call in asked:
        if isinstance(key, ast.Constant):
            assert isinstance(key.value, str), module
            assert key.value in CATALOGUE, (module, key.value)
            given = {keyword.arg for keyword in call.keywords}
            assert None in given or given >= fields(CATALOGUE[key.value][0]), (module, key.value)
        elif isinstance(key, ast.JoinedStr):
            assert any(re.fullmatch(pattern(key), known) for known in CATALOGUE), (module, ast.unparse(key))


def test_keys_that_travel_as_data_exist() -> None:
    """Notes and remarks of workings, kinds of problems: strings that look like keys of their group."""
    groups = ("part.", "remark.", "found.", "expected.", "said.", "operation.", "status.")
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(groups):
                assert node.value in CATALOGUE or node.value in groups, (path.name, node.value)


def test_every_message_is_said_somewhere() -> None:
    strings: set[str] = set()
    patterns: set[str] = set()
    for path in SOURCES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                strings.add(node.value)
            # One that is all fields would fit any key: it has to begin or end with words of a key.
            if isinstance(node, ast.JoinedStr) and re.search(r"^[a-z]+\.|[._][a-z]+$", pattern(node).replace("\\", "")):
                patterns.add(pattern(node))
    words = {word for path in SOURCES for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}

    def made(key: str) -> bool:
        """Whether an f-string gives the key, out of words that the sources have."""
        found = [match for one in patterns if (match := re.fullmatch(one, key))]
        return any(set(re.findall(r"\w+", " ".join(match.groups()))) <= words for match in found)

    assert [key for key in CATALOGUE if key not in strings and not made(key)] == []


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """The strings of a module that are no documentation, no annotation and no cause of an error."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(node.value)
        if isinstance(node, ast.Raise | ast.Assert):
            skipped |= set(ast.walk(node))
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if isinstance(annotation, ast.AST):
                skipped |= set(ast.walk(annotation))
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in skipped:
            yield node.lineno, node.value


SCREENS = [path for path in SOURCES if {"ui", "views"} & set(path.parts)]


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_screens_and_views_have_no_words_of_their_own(path: Path) -> None:
    for line, text in literals(path):
        words = re.search(r"[A-Za-z]{2,}[ ,:]+[A-Za-z]{2,}|[\u4e00-\u9fff]", text)
        assert not words or text in NOT_SAID, f"{path.name}:{line}: {text!r}"


def test_the_exceptions_are_still_needed() -> None:
    assert NOT_SAID.keys() <= {text for path in SCREENS for _, text in literals(path)}


@pytest.mark.parametrize("key", CATALOGUE)
def test_keys_are_called_as_on_the_keyboard(key: str) -> None:
    """One name in both languages, the one that the help and the footer write as well."""
    for text in CATALOGUE[key]:
        assert not re.search(r"\bEscape\b|\bBackspace\b|回车|退格|退出键", text)
