"""A file is asked for by name; its suffix says the format, and nothing is replaced unasked."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st
from textual.app import App
from textual.widgets import Button, Input, Static

from musicrec.tui.dialogs.export import ExportAnswer, ExportDialog, file_name

KINDS = ("csv", "json", "parquet", "txt", "m3u8")
HOSTILE = ("../../etc/passwd", "..", "~root", "-rf", "a\x00b\x1b[31m", "[/foo] [bold]", "夜" * 90, "\ud800", "$(x)\n|y")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text() | st.sampled_from(HOSTILE), max_size=4))
@example(list(HOSTILE))
@example([""])
def test_file_names_are_safe_and_short(parts):
    name = file_name(*parts, suffix=".csv")
    assert name.endswith(".csv")
    assert 5 <= len(name.encode()) <= 120
    assert Path(name).name == name
    assert name[0] not in ".-~ "
    assert not set(name) & set("/\\:*?\"<>|[]$`' \n")
    assert not any(unicodedata.category(letter).startswith("C") for letter in name)


def test_file_names_keep_what_is_harmless():
    assert file_name("musicrec", "Xq0Zw+/=", "dtnmr-2", suffix=".csv") == "musicrec-Xq0Zw+-dtnmr-2.csv"
    assert file_name("musicrec", "비오는 날 [Live]") == "musicrec-비오는_날_Live"
    assert file_name("..") == "musicrec"


class Host(App[None]):
    def __init__(self, suggested: str) -> None:
        super().__init__()
        self.answers: list[ExportAnswer | None] = []
        self._suggested = suggested

    def on_mount(self) -> None:
        self.push_screen(ExportDialog(self._suggested, KINDS), self.answers.append)


def told(app: App[None], what: str) -> str:
    return str(app.screen.query_one(what, Static).content)


async def test_the_suffix_is_the_format(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = Host("夜[/x].csv")
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        name = app.screen.query_one(Input)
        assert told(app, "#path") == str(tmp_path / "夜[/x].csv")
        await pilot.press("down")
        assert name.value == "夜[/x].json"
        await pilot.press("up", "up")
        assert name.value == "夜[/x].m3u8"
        await pilot.click("#kind-parquet")
        await pilot.pause()
        assert name.value == "夜[/x].parquet"
        assert [each.id for each in app.screen.query(Button) if each.variant == "primary"] == ["kind-parquet"]
        assert app.focused is name
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        name.value = "~/mine.v2"
        await pilot.pause()
        assert told(app, "#path") == str(tmp_path / "home" / "mine.v2")
        await pilot.press("enter")
        assert told(app, "#problem").startswith("the name must end in .csv, .json")
        await pilot.press("down", "enter")
        await pilot.pause()
    assert app.answers == [ExportAnswer(tmp_path / "home" / "mine.v2.csv")]


async def test_nothing_is_replaced_unasked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.csv").write_text("")
    (tmp_path / "folder.csv").mkdir()
    app = Host("old.csv")
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.pause()
        name = app.screen.query_one(Input)
        await pilot.press("enter")
        assert told(app, "#problem") == "old.csv exists: press enter once more to replace it"
        await pilot.press("home", "x", "backspace", "enter")  # another name in between: asked again
        assert "exists" in told(app, "#problem")
        assert app.answers == []
        for wrong, problem in {
            "": "the file needs a name",
            "folder.csv": "folder.csv is a folder",
            "old.csv/new.csv": f"{tmp_path / 'old.csv'} is not a folder",
            "~nobody-of-this-name/x.csv": "this cannot be a file",
        }.items():
            name.value = wrong
            await pilot.pause()
            await pilot.press("enter")
            assert told(app, "#problem").startswith(problem)
        name.value = "old.csv"
        await pilot.pause()
        await pilot.press("enter", "enter")
        await pilot.pause()
    assert app.answers == [ExportAnswer(tmp_path / "old.csv", replace=True)]


async def test_escape_writes_nothing():
    app = Host("x.csv")
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("escape")
        await pilot.pause()
    assert app.answers == [None]
