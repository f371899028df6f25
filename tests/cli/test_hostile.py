"""Every command on a dataset whose every text is hostile: no text steers a terminal, breaks a column or is executed."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rich.cells import cell_len
from worlds import World

from musicrec.core.places import Places

Musicrec = Callable[..., Any]
RAW = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0001]"
)
TEXT = (
    "[/foo][bold red]x[/] \x1b[31mred \x1b]0;owned\x07 \x1b]52;c;aGk=\x07 \x9b2J \x00 \r\n\t \u202eabc\u2066 "
    "\u200f\u200b\ufeff\xad\U000e0001 <script>alert(1)</script> \"' ; DROP TABLE songs; -- {0} %s =1+1"
)
FORMULA = '=HYPERLINK("http://x")'
LONG = "夜" * 10_000


@pytest.fixture(scope="module")
def hostile(kkbox_world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Places, str, str]:
    """A dataset file from somebody who means harm, and ids of a listener and a song in it."""
    folder = tmp_path_factory.mktemp("hostile")
    places = Places(folder / "data", folder / "checkpoints")
    places.data.mkdir()
    target = places.dataset("hostile")
    target.write_bytes(kkbox_world.places.dataset("kkbox").read_bytes())
    with duckdb.connect(str(target)) as connection:
        lists = ("artists", "genres", "genre_names", "composers", "lyricists")
        texts = ", ".join(
            [f"{name} = [$text]" for name in lists] + ["title = $text", "language = $text", "country = $text"]
        )
        connection.execute(f"UPDATE songs SET {texts}, id = $text || id", {"text": TEXT})
        connection.execute("UPDATE songs SET title = $text WHERE song = 1", {"text": LONG})
        connection.execute("UPDATE songs SET title = $text WHERE song = 2", {"text": FORMULA})
        connection.execute("UPDATE listeners SET id = $text || id, city = $text, title = $text", {"text": TEXT})
        connection.execute("UPDATE plays SET behaviour = $text, screen = $text, source = $text", {"text": TEXT})
        connection.execute("UPDATE dataset SET name = 'hostile', split = $text", {"text": TEXT})
        connection.execute("INSERT INTO rejects VALUES ($text, 1, $text, $text, $text)", {"text": TEXT})
        (listener,) = connection.execute("SELECT id FROM listeners WHERE listener = 3").fetchone() or ("",)
        (song,) = connection.execute("SELECT id FROM songs WHERE song = 0").fetchone() or ("",)
    return places, listener, song


@pytest.fixture(scope="module")
def runs(hostile: tuple[Places, str, str], invoke: Musicrec) -> tuple[Places, str, str]:
    """The same with two runs, trained by the command line, of whose words some are changed."""
    places = hostile[0]
    for arguments in (["gmf", "--name", "one", "--epochs", "1"], ["popularity", "--name", "two"]):
        answer = invoke(places, "train", *arguments)
        assert answer.exit_code == 0, answer.stderr
        assert not RAW.search(answer.stdout + answer.stderr)
    return hostile


def _commands(tmp_path: Path) -> list[list[str]]:
    return [
        ["datasets"], ["doctor"], ["listeners"], ["songs"], ["songs", "drop"],
        ["songs", "--sort", "title", "--limit", "1000"], ["listener", "LISTENER"], ["song", "SONG"],
        ["song", "SONG", "--similar", "--run", "one"], ["runs"], ["runs", "one"], ["runs", "one", "two"],
        ["recommend", "LISTENER", "--run", "one"], ["similar", "SONG", "--run", "one"],
        ["recommend", "LISTENER", "--run", "two", "--explain"],
        ["recommend", "LISTENER", "--genre", TEXT, "--run", "one"],
        ["recommend", "LISTENER", "--run", "two", "--genre", f"{TEXT}x"],
        ["what-if", "LISTENER", "--add", "SONG", "--run", "one"], ["evaluate", "one", "--k", "5"],
        ["evaluate", "--by", "genre,language,city", "--k", "5"], ["compare", "one", "two"],
        ["compare", "one", "two", "--listener", "LISTENER"], ["listener", f"{TEXT}nobody"], ["song", LONG],
        ["runs", TEXT], ["recommend", "LISTENER", "--run", TEXT], ["listeners", "--dataset", TEXT],
        ["train", "gmf", "--name", TEXT], ["evaluate", TEXT], ["import", "kkbox", TEXT], ["songs", "--sort", TEXT],
        ["listeners", f"age:{TEXT}"], [TEXT],
        ["report", "one", "--output", str(tmp_path / "page.html"), "--no-baselines"], ["train", TEXT], ["--" + TEXT],
        ["export", str(tmp_path / "out"), "--run", "one", "-k", "5"],
        ["recommend", "LISTENER", "--run", "one", "--output", TEXT],
    ]  # fmt: skip


def test_no_text_steers_the_terminal(runs: tuple[Places, str, str], invoke: Musicrec, tmp_path: Path) -> None:
    places, listener, song = runs
    for arguments in _commands(tmp_path):
        real = [{"LISTENER": listener, "SONG": song}.get(each, each) for each in arguments]
        answer = invoke(places, *real)
        assert isinstance(answer.exception, SystemExit | None), (arguments, answer.exception)
        assert answer.exit_code in (0, 1, 2), arguments
        found = RAW.search(answer.stdout + answer.stderr)
        assert found is None, (arguments, found)
        if answer.exit_code:
            assert answer.stderr.count("\n") == 1, (arguments, answer.stderr)
        for line in answer.stdout.splitlines():
            assert cell_len(line) <= 200 or answer.exit_code, (arguments, cell_len(line))


def test_columns_keep_their_width(runs: tuple[Places, str, str], invoke: Musicrec) -> None:
    places, *_ = runs
    lines = invoke(places, "songs", "--limit", "3", "--reverse").stdout.splitlines()
    widths = {cell_len(line) for line in [line for line in lines if line.strip()][1:-1]}  # no title, no note
    assert len(widths) == 1, widths


def test_json_escapes_and_keeps_every_character(runs: tuple[Places, str, str], invoke: Musicrec) -> None:
    places, listener, song = runs
    for arguments in (
        ["songs"],
        ["listener", listener],
        ["recommend", listener, "--run", "one"],
        ["song", song],
        ["runs"],
    ):
        answer = invoke(places, *arguments, "--json")
        assert answer.exit_code == 0, answer.stderr
        assert not RAW.search(answer.stdout)
        json.loads(answer.stdout)
    shown = json.loads(invoke(places, "song", song, "--json").stdout)
    assert shown["song"]["title"] == TEXT
    assert shown["song"]["id"] == song


def test_the_report_runs_no_script(runs: tuple[Places, str, str], invoke: Musicrec, tmp_path: Path) -> None:
    places, *_ = runs
    page = tmp_path / "page.html"
    assert invoke(places, "evaluate", "one", "two", "--by", "genre", "--k", "5").exit_code == 0
    answer = invoke(places, "report", "one", "two", "--output", str(page), "--no-baselines")
    assert answer.exit_code == 0, answer.stderr
    text = page.read_text("utf-8")
    assert "<script>alert" not in text
    assert not RAW.search(text)


@pytest.mark.parametrize("command", ["songs", "recommend", "similar", "what-if", "recommend-file"])
def test_safe_csv_starts_no_formula(
    command: str, runs: tuple[Places, str, str], invoke: Musicrec, tmp_path: Path
) -> None:
    places, listener, song = runs
    more = {
        "songs": ["--csv"],
        "recommend": [listener, "--run", "two", "--include-heard", "--csv"],
        "similar": [song, "--run", "one", "-k", "1000", "--csv"],
        "what-if": [listener, "--run", "two", "--include-heard", "--csv"],
        "recommend-file": [listener, "--run", "two", "--include-heard", "--output", str(tmp_path / "x.csv")],
    }[command]
    name = command.removesuffix("-file")
    answer = invoke(places, name, *more, "--safe")
    assert answer.exit_code == 0, answer.stderr
    told = (tmp_path / "x.csv").read_text("utf-8") if command.endswith("file") else answer.stdout
    assert "'=HYPERLINK" in told
    assert not re.search(r'(^|,)"?=HYPERLINK', told, re.M)
    plain = invoke(places, name, *more, "--replace") if command.endswith("file") else invoke(places, name, *more)
    told = (tmp_path / "x.csv").read_text("utf-8") if command.endswith("file") else plain.stdout
    assert re.search(r'(^|,)"?=HYPERLINK', told, re.M)


def test_safe_without_csv_is_wrong_use(runs: tuple[Places, str, str], invoke: Musicrec) -> None:
    for arguments in (["songs"], ["listeners"], ["recommend", "x"], ["evaluate"], ["similar", "x"], ["what-if"]):
        answer = invoke(runs[0], *arguments, "--safe")
        assert (answer.exit_code, answer.stderr.count("\n")) == (2, 1)
        assert "--csv" in answer.stderr


def test_another_address_needs_a_word_of_its_own(
    invoke: Musicrec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[str] = []
    monkeypatch.setattr("musicrec.tui.web.serve", lambda command, host, port: served.append(host))
    places = Places(tmp_path, tmp_path)
    for host in ("0.0.0.0", "::", "192.168.0.7", "example.org", " "):
        answer = invoke(places, "tui", "--web", "--host", host)
        assert (answer.exit_code, answer.stderr.count("\n"), served) == (2, 1, []), host
        assert "--open-to-network" in answer.stderr
    assert invoke(places, "tui", "--web", "--host", "0.0.0.0", "--open-to-network").exit_code == 0
    assert invoke(places, "tui", "--web").exit_code == 0
    assert served == ["0.0.0.0", "127.0.0.1"]


def test_the_hostile_text_is_hostile() -> None:
    assert len({unicodedata.category(character) for character in TEXT} & {"Cc", "Cf"}) == 2
    assert RAW.search(TEXT)
