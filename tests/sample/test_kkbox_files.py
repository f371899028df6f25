"""The sample's KKBOX files have the columns, values and quirks of the real ones."""

from __future__ import annotations

import re

import pytest

HEADERS = {
    "members.csv": "msno,city,bd,gender,registered_via,registration_init_time,expiration_date",
    "songs.csv": "song_id,song_length,genre_ids,artist_name,composer,lyricist,language",
    "song_extra_info.csv": "song_id,name,isrc",
    "train.csv": "msno,song_id,source_system_tab,source_screen_name,source_type,target",
    "test.csv": "id,msno,song_id,source_system_tab,source_screen_name,source_type",
}


@pytest.mark.parametrize(("file", "header"), HEADERS.items())
def test_headers_are_the_real_ones(kkbox, file, header):
    with (kkbox.folder / file).open(encoding="utf-8", newline="") as lines:
        assert lines.readline() == header + "\n"


def test_sizes_are_as_asked(kkbox):
    rows = {file.file: file.rows for file in kkbox.report.files}
    assert rows["members.csv"] == 1000
    assert 0.95 * 2000 < rows["songs.csv"] < 2000
    assert rows["train.csv"] + rows["test.csv"] == pytest.approx(60_000, rel=0.01)
    assert rows["test.csv"] / 60_000 == pytest.approx(0.2, abs=0.04)


def test_report_counts_what_is_in_the_files(kkbox):
    for file in kkbox.report.files:
        assert file.rows == len(kkbox.rows(file.file))
        assert file.bytes == (kkbox.folder / file.file).stat().st_size


def test_ids_look_like_base64_digests(kkbox):
    ids = [row["msno"] for row in kkbox.rows("members.csv")] + [row["song_id"] for row in kkbox.rows("songs.csv")]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9+/]{43}=", one) for one in ids)


def test_train_pairs_are_unique(kkbox):
    pairs = [(row["msno"], row["song_id"]) for row in kkbox.rows("train.csv")]
    assert len(set(pairs)) == len(pairs)


def test_test_is_the_future_of_most_listeners(kkbox):
    past, future = kkbox.rows("train.csv"), [row for row in kkbox.rows("test.csv") if row["msno"]]
    assert [int(row["id"]) for row in future] == list(range(len(future)))
    listeners = {row["msno"] for row in past}
    tested = {row["msno"] for row in future}
    assert 0.7 < len(tested & listeners) / len(listeners) < 0.95
    assert tested - listeners, "a few listeners are new"


def test_test_has_new_songs_repeats_and_blank_rows(kkbox):
    past, future = kkbox.rows("train.csv"), kkbox.rows("test.csv")
    pairs = {(row["msno"], row["song_id"]) for row in past}
    heard = {song for _, song in pairs}
    again = sum((row["msno"], row["song_id"]) in pairs for row in future)
    unheard = {row["song_id"] for row in future if row["song_id"]} - heard
    assert 0 < again < 0.02 * len(future)
    assert unheard
    assert all(not any(row.values()) for row in future[-12:])


def test_catalogue_and_plays_do_not_cover_each_other(kkbox):
    catalogue = {row["song_id"] for row in kkbox.rows("songs.csv")}
    played = {row["song_id"] for row in kkbox.rows("train.csv")}
    assert played - catalogue, "songs without a songs.csv row"
    assert catalogue - played, "songs that nobody played"


def test_catalogue_quirks(kkbox):
    songs, extra = kkbox.rows("songs.csv"), kkbox.rows("song_extra_info.csv")
    assert {row["language"] for row in songs} >= {"3.0", "52.0", "31.0", "17.0", "45.0", "-1.0"}
    assert any("|" in row["genre_ids"] for row in songs)
    assert any(not row["genre_ids"] for row in songs)
    assert any("| " in row["artist_name"] for row in songs)
    assert any("| " in row["composer"] for row in songs)
    assert 0.3 < sum(not row["composer"] for row in songs) / len(songs) < 0.55
    assert all(re.fullmatch(r"[A-Z]{2}[A-Z0-9]{3}\d{7}", row["isrc"]) for row in extra if row["isrc"])
    assert any(not row["isrc"] for row in extra)
    assert any(not row["name"] for row in extra)


def test_member_quirks(kkbox):
    members = kkbox.rows("members.csv")
    ages = [int(row["bd"]) for row in members]
    assert 0.3 < ages.count(0) / len(ages) < 0.5
    assert {row["gender"] for row in members} == {"", "male", "female"}
    assert all(re.fullmatch(r"20[01]\d[01]\d[0-3]\d", row["registration_init_time"]) for row in members)
    assert all(row["registration_init_time"] <= row["expiration_date"] for row in members)


def test_plays_use_the_real_vocabulary(kkbox):
    plays = kkbox.rows("train.csv")
    tabs = {row["source_system_tab"] for row in plays}
    assert {"my library", "discover", "search", "radio", "listen with", "explore", ""} <= tabs
    assert {row["target"] for row in plays} == {"0", "1"}
    assert 0.5 < sum(row["target"] == "1" for row in plays) / len(plays) < 0.85
