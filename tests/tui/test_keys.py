"""Keys can be changed in one file; what is wrong in it is said in one line."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import Footer, Input

from musicrec.core.errors import UsageError
from musicrec.tui.cells import Cell, Row
from musicrec.tui.dialogs.dialog import Dialog
from musicrec.tui.dialogs.help import keys_of
from musicrec.tui.keys import keymap_file, keymap_toml, known_bindings, read_keymap
from musicrec.tui.row_list import RowList


def written(folder: Path, text: str) -> Path:
    path = folder / "keys.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_complete_file_changes_nothing(tmp_path):
    text = keymap_toml()
    assert read_keymap(written(tmp_path, text)) == {}
    assert '"list.down" = ["j", "down"]  # Go one row down' in text
    told = set(re.findall(r'^"([\w.-]+)" = ', text, re.MULTILINE))
    assert told == set(known_bindings()) >= {"list.choose", "dialog.close", "app.quit"}
    assert all(keys and tooltip for keys, tooltip in known_bindings().values())


def test_the_example_of_the_documentation_is_taken(tmp_path):
    told = (Path(__file__).parents[2] / "docs" / "screen.md").read_text("utf-8")
    text = dedent(told[told.index("    [keys]\n") :].partition("\n\n")[0])
    assert len(read_keymap(written(tmp_path, text))) == text.count(" = ") > 1


def test_keys_are_read_as_textual_names_them(tmp_path):
    text = (
        '[keys]\nlist.down = ["shift+n", "Ctrl+X", "F8", ",", "alt+ctrl++"]\n"list.up" = "夜"\npanel.up = ["up", "k"]'
    )
    assert read_keymap(written(tmp_path, text)) == {"list.down": "N,ctrl+x,f8,comma,alt+ctrl+plus", "list.up": "夜"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[keys]\n"list.dwn" = "n"', "no binding is called list.dwn; did you mean list.down?"),
        ('[keys]\nlist.down = "pgdown"', "list.down: no key is called 'pgdown'; did you mean pagedown?"),
        (
            '[keys]\nlist.down = "crtl+a"',
            "list.down: 'crtl' in 'crtl+a' is none of alt, ctrl, hyper, meta, shift, super",
        ),
        ("[keys]\nlist.down = []", 'list.down needs a key such as "ctrl+f", or a list of keys'),
        ('[keys]\nlist.down = ["n", 3]', 'list.down needs a key such as "ctrl+f", or a list of keys'),
        ('[keys]\nlist.down = "k"', "k is given to both list.down and list.up"),
        ('[keys]\nlist.down = "?"', "? is given to both"),
        ('[keys]\nlist.down = "ctrl+p"', "ctrl+p is given to both list.down and Textual's command palette"),
        ('[keys]\ndialog.close = "j"', "j is given to both dialog.close and"),
        ("[keys", "is not TOML: "),
        ("keys = 3", "keys must be a table, [keys]"),
        ('[bindings]\nx = "y"', "bindings has no meaning; keys stand in a table [keys]"),
    ],
)
def test_wrong_files_are_told_in_one_line(tmp_path, text, told):
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as error:
        read_keymap(path)
    assert str(error.value).startswith(str(path))
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_two_bindings_can_change_places(tmp_path):
    keymap = {"list.down": "k", "list.up": "j"}
    assert read_keymap(written(tmp_path, '[keys]\nlist.down = "k"\nlist.up = "j"')) == keymap
    # What is under a dialog has no keys: those of the app are free in it
    assert read_keymap(written(tmp_path, '[keys]\nsimilar.back = "t"')) == {"similar.back": "t"}


def test_a_file_that_is_asked_for_must_be_there(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="No such file"):
        read_keymap(tmp_path / "keys.toml")
    monkeypatch.setenv("MUSICREC_KEYS", str(tmp_path / "mine.toml"))
    assert keymap_file() == tmp_path / "mine.toml"
    with pytest.raises(UsageError, match=r"mine\.toml"):
        read_keymap()
    monkeypatch.setattr("musicrec.tui.keys.user_config_path", lambda *_, **__: tmp_path / "config")
    monkeypatch.delenv("MUSICREC_KEYS")
    assert read_keymap() == {}


class Rows(RowList):
    def count(self) -> int:
        return 9

    def row(self, index: int, width: int) -> Row:
        return (Cell(str(index)),)


class Box(Dialog[None]):
    CSS_PATH = None

    def compose(self) -> ComposeResult:
        yield Input()


class Host(App[None]):
    BINDINGS = [  # noqa: RUF012
        Binding("question_mark", "note", "Note", id="app.help", key_display="?", tooltip="Explain"),
        Binding("b", "box", "Box", id="app.box", tooltip="Open a box"),
    ]
    noted = 0

    def compose(self) -> ComposeResult:
        yield Rows()
        yield Footer()

    def action_note(self) -> None:
        self.noted += 1

    def action_box(self) -> None:
        self.push_screen(Box())


async def test_changed_keys_work_and_the_usual_ones_do_not(tmp_path):
    text = '[keys]\nlist.down = ["é", "f8"]\nlist.up = "j"\napp.help = "f9"\ndialog.close = ["f7", "ä"]'
    app = Host()
    app.set_keymap(read_keymap(written(tmp_path, text)))
    async with app.run_test(size=(60, 20)) as pilot:
        rows = app.screen.query_one(Rows)
        await pilot.press("é", "f8", "é", "j")
        assert rows.cursor == 2
        await pilot.press("down", "k", "question_mark")
        assert (rows.cursor, app.noted) == (2, 0)
        await pilot.press("f9")
        assert app.noted == 1
        assert ("é f8", "Go one row down") in keys_of(app.screen)
        assert ("f9", "Explain") in keys_of(app.screen)
        shown = {key.key_display for key in app.screen.query("FooterKey")}
        assert "f9" in shown
        assert "?" not in shown
        await pilot.press("b", "ä", "escape")
        assert isinstance(app.screen, Box)
        assert app.screen.query_one(Input).value == "ä"  # what is typed goes before keys
        await pilot.press("f7")
        assert not isinstance(app.screen, Box)
