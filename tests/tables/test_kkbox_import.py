"""KKBOX files with the quirks that the real ones have, and some that they might."""

from __future__ import annotations

import gzip
import zipfile
from datetime import date

import pytest
from handmade import MEMBERS, SONGS, TRAIN, Import, imported, write

PLAYS = ["u1,s1,my library,Local playlist more,local-library,1", "u1,s2,,null,,0", "u2,s1,explore,Explore,song,"]


def test_plays_keep_the_order_and_the_context_of_the_file(kkbox: Import):
    made = kkbox(train=PLAYS)
    assert made.playlist("u1") == ["s1", "s2"]
    contexts = made.rows("SELECT behaviour, screen, source, repeated FROM plays ORDER BY listener, position")
    assert contexts == [
        ("my library", "Local playlist more", "local-library", True),
        (None, None, None, False),
        ("explore", "Explore", "song", None),
    ]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])  # cut by DuckDB, and line by line
def test_plays_of_songs_that_nothing_describes_keep_their_place_among_the_others(tmp_path, line_end):
    played = [f"s{place * 7919 % 6007}" for place in range(6000)]
    files = {
        "train.csv": line_end.join([TRAIN, *(f"u1,{song},tab {place},,,1" for place, song in enumerate(played)), ""]),
        "songs.csv": line_end.join([SONGS, *(f"s{number},1,,a,,,3" for number in range(0, 6007, 3)), ""]),
        "members.csv": line_end.join([MEMBERS, "u1,1,26,male,7,20160920,20170809", ""]),
    }
    made = imported("kkbox", write(tmp_path / "in", files), tmp_path / "k.duckdb")
    assert made.playlist("u1") == played
    contexts = made.rows("SELECT behaviour FROM plays ORDER BY position")
    assert contexts == [(f"tab {place}",) for place in range(6000)]  # more of them than have numbers


def test_columns_may_stand_in_any_order(tmp_path):
    files = {"train.csv": "target,song_id,junk,msno\n1,s1,x,u1\n0,s2,x,u1\n"}
    made = imported("kkbox", write(tmp_path / "in", files), tmp_path / "k.duckdb")
    assert made.playlist("u1") == ["s1", "s2"]
    assert made.rows("SELECT repeated FROM plays ORDER BY position") == [(True,), (False,)]
    assert "train.csv has no column source_system_tab, source_screen_name, source_type" in made.report.notes


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_line_ends_and_a_byte_order_mark_do_not_matter(tmp_path, newline, start):
    text = start + newline.join([TRAIN, *PLAYS, "", ",s9,,,,", "u3,s3,,,,1"])
    made = imported("kkbox", write(tmp_path / "in", {"train.csv": text}), tmp_path / "k.duckdb")
    assert made.playlist("u1") == ["s1", "s2"]
    assert made.rows("SELECT line, reason, text FROM rejects") == [(6, "no id", ",s9,,,,")]
    assert made.report.card.sources[0].rows == 5


@pytest.mark.parametrize("form", ["gz", "zip"])
def test_files_may_be_packed(tmp_path, form):
    folder, text = tmp_path / "in", "\n".join([TRAIN, *PLAYS]).encode()
    folder.mkdir()
    if form == "gz":
        (folder / "train.csv.gz").write_bytes(gzip.compress(text))
    else:
        with zipfile.ZipFile(folder / "train.csv.zip", "w") as archive:
            archive.writestr("train.csv", text)
    made = imported("kkbox", folder, tmp_path / "k.duckdb")
    assert made.counts["plays"] == 3
    assert made.report.card.sources[0].file == f"train.csv.{form}"


def test_rows_that_cannot_be_used_are_kept_with_their_line(kkbox: Import):
    made = kkbox(train=[*PLAYS, ",,,,,", "u1,,,,,1", ",s1,,,,1", "u1,s1", "a\x1b[31mb,s1,,,,1"])
    assert made.rows('SELECT file, line, "column", reason, text FROM rejects') == [
        ("train.csv", 5, "msno", "blank row", ",,,,,"),
        ("train.csv", 6, "song_id", "no id", "u1,,,,,1"),
        ("train.csv", 7, "msno", "no id", ",s1,,,,1"),
        ("train.csv", 8, None, "wrong number of fields", "u1,s1"),
        ("train.csv", 9, "msno", "an id that cannot be shown", "ab,s1,,,,1"),
    ]
    assert (made.counts["plays"], made.counts["rejects"]) == (3, 5)


def test_an_unbalanced_quote_takes_no_other_line_with_it(kkbox: Import):
    titles = [
        "s1,\"Love mode feat.PE'Z & VERBAL(m-flo),",
        's2,心債 (電視劇 香城浪子"" 主題曲)",HKE050031109',
        's3,"Damian ""Jr. Gong"", live",TWUM71200043',
        "s4,plain,QMZSY1600015",
    ]
    made = kkbox(train=[f"u1,s{n},,,,1" for n in range(1, 5)], song_extra_info=titles)
    assert made.rows("SELECT id, title, country, released FROM songs ORDER BY id") == [
        ("s1", "Love mode feat.PE'Z & VERBAL(m-flo)", None, None),
        ("s2", '心債 (電視劇 香城浪子" 主題曲)', "HK", 20000000),
        ("s3", 'Damian "Jr. Gong", live', "TW", 20120000),
        ("s4", "plain", "QM", 20160000),
    ]
    assert made.report.card.sources[0].rows == 4


def test_song_fields_are_read_as_they_are_meant(kkbox: Import):
    songs = [
        's1,247640,465|458,A|B| A |,"X ""Y"", Z| W",,3.0',
        "s2,0,,A & B、C,,,52",
        "s3,fast,465,,,,-1",
        "s4,1,,,,,",
    ]
    made = kkbox(train=["u1,s1,,,,1"], songs=songs)
    assert made.rows(
        "SELECT id, length_ms, genres, artists, composers, lyricists, language FROM songs ORDER BY id"
    ) == [
        ("s1", 247640, ["465", "458"], ["A", "B"], ['X "Y", Z', "W"], [], "3"),
        ("s2", None, [], ["A & B、C"], [], [], "52"),
        ("s3", None, ["465"], [], [], [], "-1"),
        ("s4", 1, [], [], [], [], None),
    ]


def test_listener_fields_are_read_as_they_are_meant(kkbox: Import):
    members = [
        "u1,13,28,female,7,20110820,20170920",
        "u2,1,0,,9,20111399,2017",
        "u3,5,101,other,3,20150628,19700101",
        "u4,5,5,Male,3,20150628,20170622",
    ]
    made = kkbox(train=["u1,s1,,,,1", "u9,s1,,,,1"], members=members)
    found = made.rows("SELECT id, age, gender, city, registered_via, registered, expires FROM listeners ORDER BY id")
    assert found == [
        ("u1", 28, "female", "13", "7", date(2011, 8, 20), date(2017, 9, 20)),
        ("u2", None, None, "1", "9", None, None),
        ("u3", None, None, "5", "3", date(2015, 6, 28), date(1970, 1, 1)),
        ("u4", 5, "male", "5", "3", date(2015, 6, 28), date(2017, 6, 22)),
        ("u9", None, None, None, None, None, None),
    ]
    assert made.counts["listeners without a row in members.csv"] == 1


def test_the_catalogue_is_songs_csv_and_what_was_played(kkbox: Import):
    made = kkbox(
        train=["u1,s1,,,,1", "u1,s9,,,,1"],
        songs=["s1,1000,,first,,,", "s2,1000,,,,,", "s1,2000,,second,,,"],
        song_extra_info=["s2,two,", "s7,seven,", "s2,again,"],
    )
    assert made.rows("SELECT id, artists, title FROM songs ORDER BY id") == [
        ("s1", ["first"], None),
        ("s2", [], "two"),
        ("s9", [], None),
    ]
    assert made.counts["left out: titles of songs that are not in the catalogue"] == 1
    assert made.counts["songs without a row in songs.csv"] == 1
    assert made.rows('SELECT file, line, "column", reason, text FROM rejects ORDER BY file') == [
        ("song_extra_info.csv", 4, "song_id", "the id stands on an earlier line", "s2"),
        ("songs.csv", 4, "song_id", "the id stands on an earlier line", "s1"),
    ]


def test_what_is_missing_is_noted(kkbox: Import):
    notes = kkbox(train=PLAYS).report.notes
    assert [note.split(" is missing")[0] for note in notes] == [
        "test.csv",
        "songs.csv",
        "song_extra_info.csv",
        "members.csv",
    ]


def test_songs_and_listeners_are_numbered_by_falling_plays_then_first_play(kkbox: Import):
    train = ["u3,s5,,,,1", "u3,s4,,,,1", "u1,s4,,,,1", "u1,s3,,,,1", "u1,s2,,,,1"]
    made = kkbox(train=train, songs=["s8,,,,,,"])
    assert made.rows("SELECT id, plays FROM listeners ORDER BY listener") == [("u1", 3), ("u3", 2)]
    assert made.rows("SELECT id, plays FROM songs ORDER BY song") == [
        ("s5", 1),
        ("s4", 1),
        ("s8", 0),
        ("s2", 0),
        ("s3", 0),
    ]
