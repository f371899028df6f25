"""Melon files, whole and in part."""

from __future__ import annotations

import gzip
import json
from datetime import datetime

from handmade import Import, imported, playlist, song, write

GENRES = {"GN0100": "발라드", "GN0103": "'90", "GN0200": "댄스", "GN0203": "'90"}


def test_playlists_become_listeners_and_songs_plays_in_order(melon: Import):
    made = melon(
        train=[playlist(7, [3, 1, 3, 2], tags=["비오는날", " 드라이브 ", "비오는날"], plylst_title="밤", like_cnt=5)],
        val=[playlist(8, [1])],
        test=[playlist(9, [])],
    )
    assert made.rows("SELECT id, title, tags, likes, updated, plays FROM listeners ORDER BY listener") == [
        ("7", "밤", ["비오는날", "드라이브"], 5, datetime(2012, 9, 29, 1, 57, 26), 4),
        ("8", None, [], 0, datetime(2012, 9, 29, 1, 57, 26), 1),
    ]
    assert made.playlist("7") == ["3", "1", "3", "2"]
    assert made.counts["left out: playlists without songs"] == 1
    assert [source.rows for source in made.report.card.sources] == [1, 1, 1]


def test_songs_are_described_by_song_meta(melon: Import):
    made = melon(
        train=[playlist(1, [10, 11])],
        song_meta=[
            song(10, "20110300", song_name="노래", artist_name_basket=["가수", "가수", "둘"], album_name="앨범",
                 song_gn_gnr_basket=["GN0100", "GN0200"], song_gn_dtl_gnr_basket=["GN0103", "GN0203", "GN9999"]),
            song(12, "20131399"),
            song(13, "00000000"),
            song(10, "20150101"),
        ],
        genre_gn_all=GENRES,
    )  # fmt: skip
    columns = "id, title, artists, album, genres, genre_names, released"
    assert made.rows(f"SELECT {columns} FROM songs WHERE id = '10'") == [
        (
            "10", "노래", ["가수", "둘"], "앨범", ["GN0100", "GN0200", "GN0103", "GN0203", "GN9999"],
            ["발라드", "댄스", "발라드 · '90", "댄스 · '90", "GN9999"], 20110300,
        )
    ]  # fmt: skip
    assert made.rows("SELECT id, released FROM songs WHERE id <> '10' ORDER BY id") == [
        ("11", None),
        ("12", 20130000),
        ("13", None),
    ]
    assert made.rows("SELECT file, line, reason, text FROM rejects") == [
        ("song_meta.json", 4, "the song stands in an earlier record", "10")
    ]
    assert made.counts["songs without a record in song_meta.json"] == 1


def test_records_that_cannot_be_used_are_kept(melon: Import):
    made = melon(
        train=[
            playlist(1, [5, 6]),
            {"id": 2, "songs": "none"},
            {"songs": [1]},
            {"id": 3, "songs": [5, None, "", 6]},
            {"id": 4, "songs": None},
        ],
        val=[playlist(1, [7])],
    )
    assert made.rows("SELECT file, line, reason, text FROM rejects ORDER BY file, line") == [
        ("train.json", 2, "songs is no list", '"none"'),
        ("train.json", 3, "no playlist id", None),
        ("val.json", 1, "the playlist stands in an earlier record", "1"),
    ]
    assert made.playlist("1") == ["5", "6"]
    assert made.playlist("3") == ["5", "6"]
    assert made.counts["left out: plays without a song id"] == 2
    assert made.counts["left out: playlists without songs"] == 1


def test_the_rule_follows_from_what_is_known(melon: Import):
    lists = [playlist(1, [1, 2, 3])]
    assert melon(train=lists).report.card.split == "last"
    dated = melon(train=lists, song_meta=[song(1, "20200101"), song(2, "20190101"), song(3)])
    assert dated.report.card.split == "latest-issue"
    assert dated.playlist("1", "test") == ["1"]
    assert dated.playlist("1", "validation") == ["2"]


def test_files_may_be_packed_and_begin_with_a_byte_order_mark(tmp_path):
    text = json.dumps([playlist(1, [1, 2])]).encode()
    files = {"train.json.gz": gzip.compress(text), "val.json": b"\xef\xbb\xbf" + text.replace(b'"id": 1', b'"id": 2')}
    made = imported("melon", write(tmp_path / "in", files), tmp_path / "m.duckdb")
    assert [source.file for source in made.report.card.sources] == ["train.json.gz", "val.json"]
    assert made.counts["plays"] == 4
