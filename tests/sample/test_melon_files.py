"""The sample's Melon files have the keys, values and quirks of the real ones."""

from __future__ import annotations

import re
from datetime import datetime

PLAYLIST = ["tags", "id", "plylst_title", "songs", "like_cnt", "updt_date"]
SONG = [
    "song_gn_dtl_gnr_basket", "issue_date", "album_name", "album_id", "artist_id_basket", "song_name",
    "song_gn_gnr_basket", "artist_name_basket", "id",
]  # fmt: skip


def test_keys_are_the_real_ones_in_their_order(melon):
    assert all(list(playlist) == PLAYLIST for playlist in melon.document("train.json"))
    assert all(list(song) == SONG for song in melon.document("song_meta.json"))


def test_sizes_are_as_asked(melon):
    playlists, songs = melon.document("train.json"), melon.document("song_meta.json")
    assert sorted(playlist["id"] for playlist in playlists) == list(range(1000))
    assert sorted(song["id"] for song in songs) == list(range(2000))
    assert 59_000 < sum(len(playlist["songs"]) for playlist in playlists) <= 60_000
    assert [file.rows for file in melon.report.files][1:] == [2000, 1000]


def test_playlists_hold_a_song_once_and_some_hold_none(melon):
    playlists = melon.document("train.json")
    assert all(len(set(playlist["songs"])) == len(playlist["songs"]) for playlist in playlists)
    assert sum(not playlist["songs"] for playlist in playlists) == 40


def test_dates(melon):
    songs = {song["id"]: song["issue_date"] for song in melon.document("song_meta.json")}
    assert all(re.fullmatch(r"\d{8}", date) for date in songs.values())
    assert any(date == "00000000" for date in songs.values())
    assert any(date.endswith("0000") and date[0] != "0" for date in songs.values())
    for playlist in melon.document("train.json"):
        updated = datetime.strptime(playlist["updt_date"], "%Y-%m-%d %H:%M:%S.%f")
        assert all(songs[song] <= f"{updated:%Y%m%d}" for song in playlist["songs"])


def test_genres_are_named(melon):
    names = melon.document("genre_gn_all.json")
    for song in melon.document("song_meta.json"):
        assert all(code in names for code in song["song_gn_gnr_basket"] + song["song_gn_dtl_gnr_basket"])
        assert len(song["artist_id_basket"]) == len(song["artist_name_basket"]) >= 1


def test_tags_and_titles_are_korean_and_sometimes_missing(melon):
    playlists = melon.document("train.json")
    tags = {tag for playlist in playlists for tag in playlist["tags"]}
    assert {"기분전환", "휴식", "드라이브"} <= tags
    assert any(not playlist["tags"] for playlist in playlists)
    assert any(not playlist["plylst_title"] for playlist in playlists)
