"""Files of what is shown, read back by what reads such files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicrec.core.errors import MusicrecError, UsageError
from musicrec.core.exports import SUFFIXES, write_export
from musicrec.core.records import Song
from musicrec.core.tabular import Sheet

SHEET = Sheet(
    'For "L"\n0',
    ("rank", "score", 'the "title"', "mixed", "nothing"),
    ((1, 0.1 + 0.2, "夜色裡的\n星光", 1, None), (2, 5, None, "two", None), (3, None, "[b]", None, None)),
)
SONGS = (
    Song(0, "s0", "夜色裡的星光", ("林小雨", "Ana"), length_ms=201_499),
    Song(1, "#s1", "Two\r\nlines\x1b[31m\u2028of it", ("Some\nOne",)),
    Song(2, "s2", None, ("Nobody",), length_ms=1000),
    Song(3, "s3", "\x00", ()),
    Song(4, "s4", "No artist"),
)


def test_csv(tmp_path: Path) -> None:
    path = write_export(SHEET, tmp_path / "new" / "table.CSV")
    header, *rows = csv.reader(path.read_text("utf-8").splitlines(keepends=True))
    assert header == list(SHEET.columns)
    assert rows[0] == ["1", "0.30000000000000004", "夜色裡的\n星光", "1", ""]


def test_json(tmp_path: Path) -> None:
    rows = json.loads(write_export(SHEET, tmp_path / "table.json").read_text("utf-8"))
    assert rows == [dict(zip(SHEET.columns, row, strict=True)) for row in SHEET.rows]


def test_parquet_keeps_numbers(tmp_path: Path) -> None:
    path = write_export(SHEET, tmp_path / "table's.parquet")
    table = duckdb.read_parquet(str(path))
    assert table.columns == list(SHEET.columns)
    assert [str(kind) for kind in table.types] == ["BIGINT", "DOUBLE", "VARCHAR", "VARCHAR", "VARCHAR"]
    assert table.fetchall() == [
        (1, 0.1 + 0.2, "夜色裡的\n星光", "1", None),
        (2, 5.0, None, "two", None),
        (3, None, "[b]", None, None),
    ]
    empty = write_export(Sheet("none", ("a", "b"), ()), tmp_path / "empty.parquet")
    assert (duckdb.read_parquet(str(empty)).columns, duckdb.read_parquet(str(empty)).fetchall()) == (["a", "b"], [])


def test_a_text_playlist_has_a_line_for_each_song(tmp_path: Path) -> None:
    path = write_export(SHEET, tmp_path / "list.txt", SONGS)
    assert path.read_bytes().decode().split("\n") == [
        "林小雨, Ana - 夜色裡的星光",
        "Some One - Two lines [31m of it",
        "s2",
        "s3",
        "No artist",
        "",
    ]


def test_an_extended_m3u_has_lengths_titles_and_ids(tmp_path: Path) -> None:
    path = write_export(SHEET, tmp_path / "list.m3u8", SONGS)
    assert path.read_bytes().decode().split("\n") == [
        "#EXTM3U",
        '#PLAYLIST:For "L" 0',
        "#EXTINF:201,林小雨, Ana - 夜色裡的星光",
        "s0",
        "#EXTINF:-1,Some One - Two lines [31m of it",
        "%23s1",
        "#EXTINF:1,s2",
        "s2",
        "#EXTINF:-1,s3",
        "s3",
        "#EXTINF:-1,No artist",
        "s4",
        "",
    ]


@given(st.text(st.characters(), max_size=30), st.text(st.characters(), max_size=30))
def test_no_title_breaks_a_line(title: str, artist: str) -> None:
    from musicrec.core.exports import _content

    song = Song(0, "s0", title, (artist,))
    for suffix, lines in ((".txt", 1), (".m3u8", 4)):
        assert len(_content(suffix, SHEET, [song]).decode().splitlines()) == lines


@pytest.mark.parametrize("name", ["list", "list.xml", "list.m3u", ".csv"])
def test_an_unknown_suffix_names_the_known_ones(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"must end in \.csv, \.json, \.parquet, \.txt or \.m3u8"):
        write_export(SHEET, tmp_path / name, SONGS)
    assert list(tmp_path.iterdir()) == []


def test_a_playlist_needs_songs(tmp_path: Path) -> None:
    for name in ("list.txt", "list.m3u8"):
        with pytest.raises(UsageError, match="no songs"):
            write_export(SHEET, tmp_path / name)


def test_a_file_that_is_there_is_replaced_only_when_asked_for(tmp_path: Path) -> None:
    for suffix in SUFFIXES:
        path = tmp_path / f"mine{suffix}"
        path.write_text("mine")
        with pytest.raises(UsageError, match="is there already"):
            write_export(SHEET, path, SONGS)
        assert path.read_text() == "mine"
        write_export(SHEET, path, SONGS, replace=True)
        assert path.read_bytes() != b"mine"


def test_what_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "list.csv", tmp_path / ("x" * 300 + ".csv"), tmp_path / "nul\0.csv"):
        with pytest.raises(MusicrecError) as problem:
            write_export(SHEET, path)
        assert "\n" not in str(problem.value)
