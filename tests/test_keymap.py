"""Keys of one's own: they work, they are shown, and a wrong file tells all that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from screens import BOARD, app_on, playing

from bptt_viz.commands import COMMANDS
from bptt_viz.errors import ScenarioError
from bptt_viz.keymap import FILE_VARIABLE, own_keys, path_of

if TYPE_CHECKING:
    from pathlib import Path

OWN = """
next = "f7"
back = ["B", "comma"]
quit = "Q"
go_to = "f6"
help = "f1"
"""


def keys_from(folder: Path, text: str) -> dict[str, tuple[str, ...]]:
    path = folder / "keys.toml"
    path.write_text(text, encoding="utf-8")
    return own_keys({FILE_VARIABLE: str(path)})


def problems_of(folder: Path, text: str, language: str = "en") -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        keys_from(folder, text)
    told = caught.value.lines(language)  # type: ignore[arg-type]
    assert all(line.startswith(str(folder / "keys.toml")) for line in told)
    return [line.removeprefix(f"{folder / 'keys.toml'}: ") for line in told]


async def test_own_keys_work_and_the_old_ones_do_not(tmp_path: Path) -> None:
    async with playing(app_on("scalar-t3", keys=keys_from(tmp_path, OWN))) as player:
        await player.press("f7", "f7", "f7")
        assert player.position == 3
        await player.press("right", "space", "pagedown", "l", "left", "h", "g", "question_mark")
        assert player.position == 3
        assert len(player.app.screen_stack) == 1
        await player.press("B")
        assert player.position == 2
        await player.press("comma", "w", "shift+right")
        assert player.position == player.app.scene.timeline.next_time_step(1)
        await player.press("f6", "3", "enter")
        assert "t = 3 of 3" in player.panel("title")[0]
        await player.press("q")
        assert not player.app._exit
        await player.press("Q")
        assert player.app.return_value == 0


async def test_own_keys_are_shown_in_the_footer_and_in_the_help(tmp_path: Path) -> None:
    async with playing(app_on("scalar-t3", keys=keys_from(tmp_path, OWN))) as player:
        footer = player.panel("footer")[0]
        assert " f7 next " in footer
        assert " B back " in footer
        assert " Q quit " in footer
        assert "→ next" not in footer
        await player.press("f1")
        lines: list[str] = []
        while len(player.app.screen_stack) > 1:
            lines += [" ".join(line.strip(" │").split()) for line in player.text().splitlines()]
            await player.press("f7")
        for said in ("f7 Next operation", "B comma Back one operation", "Q Quit", "f1 Keys and what they do"):
            assert any(said in line for line in lines), said
        assert not any("Space PgDn" in line for line in lines)


async def test_a_click_in_the_footer_still_does_the_command(tmp_path: Path) -> None:
    async with playing(app_on("scalar-t3", keys=keys_from(tmp_path, OWN)), BOARD) as player:
        await player.click("footer", " f7 next")
        assert player.position == 1


async def test_own_keys_while_a_number_is_asked_about(tmp_path: Path) -> None:
    own = 'why = "f9"\nnext = "f7"\nback = "backspace"\nundo = "f8"\nlanguage = "1"\n'
    async with playing(app_on("scalar-t3", keys=keys_from(tmp_path, own))) as player:
        await player.press("f7", "f7", "y", "enter")
        before = player.app.scene
        assert before.picked is None
        await player.press("f9")
        first = player.app.scene.picked
        assert first is not None
        await player.press("f7")
        assert (player.position, player.app.scene.picked) == (3, first)
        # Keys that answer are no commands meanwhile, whatever they are else.
        await player.press("1")
        assert (player.app.scene.language, player.app.scene.asked) == ("en", (first,))
        await player.press("backspace")
        assert (player.position, player.app.scene.picked) == (3, first)
        await player.press("f9")
        assert player.app.scene.picked is None
        await player.press("1", "backspace")
        assert (player.position, player.app.scene.language) == (2, "zh")


@pytest.mark.parametrize("command", [command.id for command in COMMANDS])
def test_every_command_can_have_another_key(tmp_path: Path, command: str) -> None:
    assert keys_from(tmp_path, f'{command} = ["f9", "ctrl+t"]\n') == {command: ("f9", "ctrl+t")}


def test_every_problem_of_a_wrong_file_is_told_at_once(tmp_path: Path) -> None:
    text = 'next = 3\nback = []\nnxet = "n"\nhelp = ["f1", 2]\nlast = "q"\nfirst = "f7"\npanel = "f7"\nopen = ""\n'
    told = problems_of(tmp_path, text)
    places = [line.split(":")[0] for line in told]
    assert sorted(places) == sorted(["next", "back", "nxet", "help", "open", "quit", "panel"])
    assert all("expected" in line and "found" in line for line in told)
    by_place = dict(zip(places, told, strict=True))
    assert "the nearest is next" in by_place["nxet"]
    assert "3" in by_place["next"]
    assert "last" in by_place["quit"]
    assert "first" in by_place["panel"]


def test_a_key_may_move_from_one_command_to_another(tmp_path: Path) -> None:
    assert keys_from(tmp_path, 'next = "q"\nquit = "right"\n') == {"next": ("q",), "quit": ("right",)}
    assert any("quit" in line or "next" in line for line in problems_of(tmp_path, 'next = "q"\n'))


def test_syntax_errors_have_a_line_and_a_column(tmp_path: Path) -> None:
    (told,) = problems_of(tmp_path, 'next = "e"\nback = \n')
    assert "line 2, column" in told
    (told,) = problems_of(tmp_path, 'next = "e"\nback = \n', "zh")
    assert "2" in told
    assert "line" not in told


def test_where_the_file_is_looked_for(tmp_path: Path) -> None:
    settings = {"XDG_CONFIG_HOME": str(tmp_path)}
    assert own_keys(settings) == {}
    file = tmp_path / "bptt-viz" / "keys.toml"
    file.parent.mkdir()
    file.write_text('next = "f7"\n')
    assert path_of(settings) == file
    assert own_keys(settings) == {"next": ("f7",)}
    assert own_keys(settings | {FILE_VARIABLE: ""}) == {"next": ("f7",)}
    with pytest.raises(ScenarioError, match="none"):
        own_keys({FILE_VARIABLE: str(tmp_path / "none.toml")})
