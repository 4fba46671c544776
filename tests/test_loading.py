"""What ``loading`` says of files that cannot be read, are not TOML, or hold values of wrong types."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from bptt_viz import conversion, document, loading
from bptt_viz.conversion import in_words, members
from bptt_viz.errors import ScenarioError
from bptt_viz.scenario import Scenario, Translated

VALID = """\
title = "two steps"
[sequence]
inputs = [[1], [2.5]]
targets = [[], [0.5]]
[network]
hidden_size = 1
[network.parameters]
U = [[0.5]]
"""


def lines(data: str | bytes, language: str = "en") -> list[str]:
    """What is said of a file with these contents, without its name."""
    with pytest.raises(ScenarioError) as caught:
        loading.parse(data.encode() if isinstance(data, str) else data, "lesson.toml")
    told = caught.value.lines("zh" if language == "zh" else "en")
    assert all(line.startswith("lesson.toml: ") for line in told)
    return [line.removeprefix("lesson.toml: ") for line in told]


def changed(old: str, new: str) -> str:
    """The valid file with one thing different."""
    assert VALID.count(old) == 1, old
    return VALID.replace(old, new)


def test_a_valid_file_loads() -> None:
    scenario = loading.parse(VALID.encode(), "lesson.toml")
    assert scenario.title == "two steps"
    assert scenario.sequence.inputs == ((1.0,), (2.5,))
    assert scenario.sequence.targets == ((), (0.5,))
    assert scenario.network.parameters == {"U": ((0.5,),)}


def test_whole_numbers_become_floats() -> None:
    scenario = loading.parse(VALID.encode(), "lesson.toml")
    assert scenario.sequence.inputs is not None
    assert isinstance(scenario.sequence.inputs[0][0], float)


def test_a_byte_order_mark_and_windows_line_ends_are_fine() -> None:
    data = b"\xef\xbb\xbf" + VALID.replace("\n", "\r\n").encode()
    assert loading.parse(data, "lesson.toml") == loading.parse(VALID.encode(), "lesson.toml")


def test_translated_texts() -> None:
    scenario = loading.parse(changed('"two steps"', '{ en = "two", zh = "两步" }').encode(), "lesson.toml")
    assert scenario.title == Translated("two", "两步")


TYPES = [
    (
        "hidden_size = 1",
        "hidden_size = 1.0",
        "network.hidden_size: expected a positive whole number (at most 134,217,728), found 1.0",
    ),
    (
        "hidden_size = 1",
        "hidden_size = true",
        "network.hidden_size: expected a positive whole number (at most 134,217,728), found true",
    ),
    (
        "hidden_size = 1",
        "hidden_size = 0",
        "network.hidden_size: expected a positive whole number (at most 134,217,728), found 0",
    ),
    ("hidden_size = 1", "hidden_size = 0xffffffffffffffffffff", "found a whole number of 80 bits"),
    ("hidden_size = 1", "hidden_size = 1\nlayers = 1e3", "network.layers: expected a positive whole number"),
    ("hidden_size = 1", 'hidden_size = 1\ncell = "RNN"', 'network.cell: expected one of rnn, lstm, gru, found "RNN"'),
    ("hidden_size = 1", "hidden_size = 1\nbias = 1", "network.bias: expected true or false, found 1"),
    ("hidden_size = 1", "hidden_size = 1\nbias = 2020-01-01", "found the date or time 2020-01-01"),
    ("hidden_size = 1", "", "network.hidden_size: missing; expected a positive whole number (at most 134,217,728)"),
    ("[[0.5]]", "[[nan]]", "network.parameters.U[0][0]: expected a finite number, found nan"),
    ("[[0.5]]", "[[-inf]]", "network.parameters.U[0][0]: expected a finite number, found -inf"),
    ("[[0.5]]", "[[1e999]]", "network.parameters.U[0][0]: expected a finite number, found inf"),
    ("[[0.5]]", "[[true]]", "network.parameters.U[0][0]: expected a number, found true"),
    ("[[0.5]]", '[["0.5"]]', 'network.parameters.U[0][0]: expected a number, found "0.5"'),
    ("[[0.5]]", "[[[0.5]]]", "network.parameters.U[0][0]: expected a number, found an array of length 1"),
    ("[[0.5]]", "0.5", "network.parameters.U: expected an array of numbers, or of rows of numbers, found 0.5"),
    (
        "[[0.5]]",
        f"[[0x1{'0' * 300}]]",
        "network.parameters.U[0][0]: expected a finite number, found a whole number of 1201 bits",
    ),
    ("[], [0.5]", '[], ["0.5"]', 'sequence.targets[1][0]: expected a number, found "0.5"'),
    ("[], [0.5]", "[], 0.5", "sequence.targets[1]: expected a symbol in quotes, or an array of numbers, found 0.5"),
    (
        "[[], [0.5]]",
        "{}",
        "sequence.targets: expected an array of symbols in quotes, or of arrays of numbers, found a table",
    ),
    ('"two steps"', "3", "title: expected text in quotes, or a table of `en` and `zh`, found 3"),
    ('"two steps"', '{ en = "two" }', "title.zh: missing; expected text in quotes"),
    (
        '"two steps"',
        '{ en = "two", zh = "两", de = "zwei" }',
        "title.de: expected a known key (the nearest is en), found de",
    ),
    ("[network]", "[lecture]\nlanguage = 3\n[network]", "lecture.language: expected one of en, zh, found 3"),
    (
        "[network]",
        "[network.initial]\nscale = -1\n[network]",
        "network.initial.scale: expected a number in [0, ∞), found -1",
    ),
    ("[network]", "[update]\nclip = 3\n[network]", "update.clip: expected a table, found 3"),
    (
        "[network]",
        '[update]\nclip = {kind = "norm"}\n[network]',
        "update.clip.threshold: missing; expected a number in (0, ∞)",
    ),
    (
        "[network]",
        "[backward]\nprobability = 0\n[network]",
        "backward.probability: expected a number in (0, 1], found 0",
    ),
    ("[network]", '[lecture]\nlanguage = "de"\n[network]', 'lecture.language: expected one of en, zh, found "de"'),
    (
        "[network]",
        '[lecture]\nbeside = ["scalar-t3", "scalar-t4"]\n[network]',
        ('lecture.beside[1]: expected the name of a bundled scenario (the nearest is scalar-t3), found "scalar-t4"'),
    ),
]


@pytest.mark.parametrize(("old", "new", "said"), TYPES)
def test_wrong_types(old: str, new: str, said: str) -> None:
    assert any(said in line for line in lines(changed(old, new))), lines(changed(old, new))


KEYS = [
    ("title", "titel", "titel: expected a known key (the nearest is title), found titel"),
    ("hidden_size", "hiden_size", "network.hiden_size: expected a known key (the nearest is hidden_size)"),
    ("[network.parameters]", "[network.params]", "network.params: expected a known key (the nearest is parameters)"),
    ("title", "learning_rate = 1\ntitle", "learning_rate: expected this key at update.learning_rate"),
    ("title", '"a\\u001b[31m.b" = 1\ntitle', '"a\\u001b[31m.b": expected a known key'),
]


@pytest.mark.parametrize(("old", "new", "said"), KEYS)
def test_unknown_keys_name_the_nearest(old: str, new: str, said: str) -> None:
    assert any(said in line for line in lines(changed(old, new))), lines(changed(old, new))


@pytest.mark.parametrize("hidden", ["\u202e", "\x9b31m", "\u200b", "\u2028"])
def test_nothing_invisible_reaches_a_terminal(hidden: str) -> None:
    for text in (f'cell = "{hidden}"', f'"{hidden}" = 1', f'[network.parameters]\n"{hidden}" = 1'):
        for line in lines(f"[network]\nhidden_size = 1\n{text}\n"):
            assert line.isprintable()


def test_every_problem_is_told_in_the_order_of_the_file() -> None:
    told = lines("""
titel = 1
description = 4
[network]
cell = "rn"
hidden_size = 2
[network.parameters]
W = [[0.1, "a"], [nan, 1]]
[sequence]
inputs = [[1], ["x"], true]
targets = ["a", "b"]
""")
    assert [line.split(":")[0] for line in told] == [
        "titel",
        "description",
        "network.cell",
        "network.parameters.W[0][1]",
        "network.parameters.W[1][0]",
        "sequence.inputs[1][0]",
        "sequence.inputs[2]",
    ]


def test_a_table_that_is_none() -> None:
    told = lines("network = 3\nsequence = [1]")
    assert told == ["network: expected a table, found 3", "sequence: expected a table, found an array of length 1"]


def test_nothing_in_the_file_still_names_what_is_missing() -> None:
    assert lines("") == ["sequence: missing; expected a table", "network: missing; expected a table"]


SYNTAX = [
    ("a = [1,\n2", "line 2, column 2: expected valid TOML, found an array that is not closed"),
    ("a = {b = 1", "line 1, column 11: expected valid TOML, found an inline table that is not closed"),
    ("a = ", "line 1, column 5: expected valid TOML, found no valid value"),
    ("[x\n", "line 1, column 3: expected valid TOML, found a table header without its closing bracket"),
    ("\nx", "line 2, column 2: expected valid TOML, found a key without = after it"),
    ("a=1\na=2", "line 2, column 4: expected valid TOML, found a key or table that is already defined"),
    ("[a]\n[a]", "line 2, column 3: expected valid TOML, found a key or table that is already defined"),
    ("[[a]]\n[a]", "line 2, column 3: expected valid TOML, found a key or table that is already defined"),
    ("a={b=1,b=2}", "found a key or table that is already defined"),
    ('a="\\q"', "found an invalid escape sequence in a string"),
    ('a="\\ud800"', "found an invalid escape sequence in a string"),
    ("a='b", "line 1, column 5: expected valid TOML, found a string that is not closed"),
    ('a="""b', "line 1, column 7: expected valid TOML, found a string that is not closed"),
    ("a=1 2", "line 1, column 5: expected valid TOML, found something more on the line, after the value"),
    ("a=2020-02-30", "line 1, column 3: expected valid TOML, found an impossible date or time"),
    ("é=1", "line 1, column 1: expected valid TOML, found neither `key = value` nor `[table]`"),
    ("a.é=1", "line 1, column 3: expected valid TOML, found a character that cannot start a key"),
    ('a="\x01"', "line 1, column 4: expected valid TOML, found the character \"'\\\\x01'\", which is not allowed here"),
    ("b=0\na=[1" + "1" * 5000 + "]", "line 2, column 4: expected a finite number, found one with thousands of digits"),
    ("a=" + "[" * 5000, "expected a few levels of tables and arrays, found arrays or inline tables nested too deeply"),
    (
        "a=" + "{a=" * 5000,
        "expected a few levels of tables and arrays, found arrays or inline tables nested too deeply",
    ),
    ("b='''\nx.'''\n[" + "a." * 40 + "a]", "line 3, column 2: expected a dotted key of at most 32 parts"),
    (b"a=1\nb='\xce\xd2'", "line 2, column 4: expected UTF-8 text, found the byte 0xce at offset 7"),
    (b"\xef\xbb\xbfb='\xff'", "line 1, column 4: expected UTF-8 text, found the byte 0xff at offset 6"),
    ("我".encode("utf-16"), "expected UTF-8 text, found UTF-16"),
    (b"PK\x03\x04\0", "expected UTF-8 text, found binary data (a NUL at byte 4)"),
]


@pytest.mark.parametrize(("text", "said"), SYNTAX)
def test_what_is_not_toml(text: str | bytes, said: str) -> None:
    (line,) = lines(text)
    assert said in line


@pytest.mark.parametrize(
    "text",
    ["." * 60, "a.b " * 60, '"""' + "a." * 60 + '""" ""', "\\\\" + "x.y." * 20, "#" + "a." * 60],
    ids=["dots", "words", "quotes", "escapes", "comment"],
)
def test_dots_in_texts_are_no_dotted_keys(text: str) -> None:
    for written in (f"'''{text}'''", f'"""{text.replace(chr(34), "")}"""', f'"x" # {text}'):
        assert loading.parse(changed('"two steps"', written).encode(), "lesson.toml")


HARD = {
    "dotted key": "a." * 400_000 + "a=1",
    "dotted header": "[" + "a." * 400_000 + "a]",
    "one long word": "a" * 2_000_000,
    "one long string": 'a="' + "x." * 1_000_000,
    "quotes": 'a="""' + '"' * 1_000_000,
    "backslashes": 'a="""' + "\\" * 1_000_001,
    "unknown keys": "".join(f"k{i}=1\n" for i in range(20_000)),
    "unknown long key": "k" * 1_000_000 + "=1",
    "wrong items": "[sequence]\ninputs=[" + "1," * 200_000 + "]",
    "unknown symbols": '[network]\nhidden_size=1\n[sequence]\ntokens=["a",'
    + '"bcdefghij",' * 50_000
    + "]\nvocabulary=["
    + ",".join(f'"{i}"' for i in range(5000))
    + "]",
}


@pytest.mark.parametrize("text", HARD.values(), ids=HARD)
def test_nothing_hangs_or_floods(text: str) -> None:
    start = time.perf_counter()
    told = lines(text)
    assert time.perf_counter() - start < 10
    assert len(told) <= conversion.MOST_PROBLEMS + 1
    assert max(map(len, told)) < 500


def test_the_rest_of_very_many_problems_is_said_to_be_left_out() -> None:
    told = lines("[sequence]\ninputs=[" + "1," * 1000 + "]")
    assert told[-1] == "expected at most 200 problems, found more; the rest is not listed"


def test_a_name_on_the_disk(tmp_path: Path) -> None:
    file = tmp_path / "课 1.toml"
    file.write_text(VALID, encoding="utf-8")
    assert loading.read(file).title == "two steps"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    huge = tmp_path / "huge.toml"
    with huge.open("wb") as file:
        file.truncate(document.LARGEST + 1)
    loop = tmp_path / "loop.toml"
    loop.symlink_to(loop)
    for path, said in [
        (tmp_path / "none.toml", "expected a scenario file, found no such file"),
        (tmp_path, "expected a scenario file, found a folder"),
        (pipe, "expected a scenario file, found a device or a pipe"),
        (Path("/dev/zero"), "expected a scenario file, found a device or a pipe"),
        (huge, "expected a file of at most 16 MiB, found 16,777,217 bytes"),
        (loop, "expected a readable file, found the error: "),
        (tmp_path / ("x" * 5000), "expected a readable file, found the error: "),
        (tmp_path / "a\0b", "expected a readable file, found the error: "),
    ]:
        with pytest.raises(ScenarioError) as caught:
            loading.read(path)
        (line,) = caught.value.lines()
        assert line.startswith(f"{path}: {said}")


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret.toml"
    file.write_text(VALID)
    file.chmod(0)
    if os.access(file, os.R_OK):  # root reads everything, so the refusal is made up
        monkeypatch.setattr(Path, "open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    with pytest.raises(ScenarioError, match="expected a readable file, found no permission to read it"):
        loading.read(file)


def test_problems_in_chinese() -> None:
    assert lines(changed("[[0.5]]", "[[nan]]"), "zh") == ["network.parameters.U[0][0]：要求有限的数，实际为 nan"]
    assert lines("a = [1,\n2", "zh") == ["第 2 行第 2 列：数组没有结束；要求合法的 TOML"]


def every_type(kind: type[msgspec.Struct]) -> list[object]:
    """All types in the tables of the format, down to the items of arrays."""
    waiting: list[object] = [field.type for field in msgspec.structs.fields(kind)]
    seen = []
    while waiting:
        hint = waiting.pop()
        seen.append(hint)
        for member in members(hint):
            if isinstance(member, type) and issubclass(member, msgspec.Struct):
                waiting += every_type(member)
            elif str(member).startswith("tuple["):
                waiting.append(get_args(member)[0])
    return seen


def test_every_type_of_the_format_has_words() -> None:
    hints = every_type(Scenario)
    assert len(hints) > 30
    for hint in hints:
        assert in_words(hint).told("en")
        assert in_words(hint).told("zh")
