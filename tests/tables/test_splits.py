"""Which plays are held out: by hand, and whatever the playlists are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import duckdb
import pytest
from handmade import Import, playlist
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musicrec.core.errors import ImportFailed
from musicrec.core.tables.options import ImportOptions
from musicrec.core.tables.statements import run_script

Lists = list[list[int]]
SONGS = range(6)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def held_out(
    connection: duckdb.DuckDBPyConnection, rule: str, past: Lists, future: Lists | None = None, dates: str = "000000"
) -> list[list[tuple[int, str]]]:
    """Split playlists of songs 0 to 5, whose dates are a digit each, and return (song, split) in order."""
    connection.execute("DETACH DATABASE IF EXISTS stage")
    connection.execute("ATTACH ':memory:' AS stage")
    connection.execute("CREATE TYPE IF NOT EXISTS split AS ENUM ('train', 'validation', 'test')")
    run_script(connection, "build/staging")
    for number in SONGS:
        row = [number, str(number), number, int(dates[number]) * 10_000_000 or None]
        connection.execute("INSERT INTO stage.songs BY NAME SELECT ? AS key, ? AS id, ? AS row, ? AS released", row)
    plays = [(place, who, song, False) for who, songs in enumerate(past) for place, song in enumerate(songs)]
    plays += [
        (99 + place, who, song, True) for who, songs in enumerate(future or []) for place, song in enumerate(songs)
    ]
    for who in range(len(past)):
        connection.execute("INSERT INTO stage.listeners BY NAME SELECT ? AS key, ? AS id, [] AS tags", [who, str(who)])
    if plays:
        connection.executemany(
            "INSERT INTO stage.plays BY NAME SELECT ? AS seq, ? AS listener, ? AS song, ? AS future", plays
        )
    run_script(connection, "build/splits", rule=rule)
    rows = connection.execute(
        "SELECT listener, song, CAST(split AS VARCHAR) FROM stage.split_plays ORDER BY listener, position"
    ).fetchall()
    return [[(song, split) for who, song, split in rows if who == listener] for listener in range(len(past))]


def marks(plays: list[tuple[int, str]]) -> str:
    """One letter a play: `t` train, `v` validation, `T` test."""
    return "".join({"train": "t", "validation": "v", "test": "T"}[split] for _, split in plays)


@pytest.mark.parametrize(
    ("songs", "expected"),
    [
        ([0], "t"),
        ([0, 1], "tT"),
        ([0, 1, 2], "tvT"),
        ([0, 1, 2, 3], "ttvT"),
        ([0, 0], "tt"),
        ([0, 1, 1], "Ttt"),
        ([0, 1, 2, 1], "vtTt"),
        ([2, 0, 1, 0], "vtTt"),
        ([0, 0, 1], "ttT"),
    ],
)
def test_last(connection, songs, expected):
    assert marks(held_out(connection, "last", [songs])[0]) == expected


@pytest.mark.parametrize(
    ("songs", "dates", "expected"),
    [
        ([0, 1, 2], "321000", "Tvt"),
        ([0, 1, 2], "111000", "tvT"),
        ([0, 1, 2], "000000", "tvT"),
        ([0, 1, 2, 3], "010000", "tTtv"),
        ([0, 1], "210000", "Tt"),
        ([0, 1, 0, 2], "912000", "tvtT"),
    ],
)
def test_latest_issue(connection, songs, dates, expected):
    assert marks(held_out(connection, "latest-issue", [songs], dates=dates)[0]) == expected


def test_latest_issue_takes_the_later_play_of_songs_that_came_out_together(connection):
    assert marks(held_out(connection, "latest-issue", [[0, 1, 2]], dates="122000")[0]) == "tvT"


@pytest.mark.parametrize(
    ("past", "future", "expected"),
    [
        ([0, 1], [2, 3], "tvTT"),
        ([0], [1], "tT"),
        ([], [1], "T"),
        ([0, 1, 1], [], "vtt"),
        ([0, 0], [3], "ttT"),
    ],
)
def test_files(connection, past, future, expected):
    assert marks(held_out(connection, "files", [past], [future])[0]) == expected


lists = st.lists(st.lists(st.sampled_from(SONGS), max_size=9), min_size=1, max_size=3)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(past=lists, rule=st.sampled_from(["last", "latest-issue"]), dates=st.text("012", min_size=6, max_size=6))
def test_no_song_is_held_out_from_those_who_train_on_it(connection, past, rule, dates):
    for songs, plays in zip(past, held_out(connection, rule, past, dates=dates), strict=True):
        assert [song for song, _ in plays] == songs
        splits = Counter(split for _, split in plays)
        once = sum(count == 1 for count in Counter(songs).values())
        assert splits["test"] == (1 if len(songs) > 1 and once else 0)
        assert splits["validation"] == (1 if len(songs) > 2 and once > 1 else 0)
        train = {song for song, split in plays if split == "train"}
        assert train.isdisjoint(song for song, split in plays if split != "train")
        assert not songs or splits["train"] > 0


def test_files_drop_what_is_no_news(kkbox: Import):
    made = kkbox(
        train=["u1,s1,,,,1", "u1,s2,,,,1", "u2,s1,,,,1"],
        test=["0,u1,s3,a,,", "1,u1,s2,b,,", "2,u1,s3,c,,", "3,u2,s2,d,,", ",,,,,"],
    )
    assert made.report.card.split == "files"
    assert made.playlist("u1") == ["s1", "s2", "s3"]
    assert made.playlist("u1", "test") == ["s3"]
    assert made.playlist("u1", "validation") == ["s2"]
    assert made.playlist("u2", "test") == ["s2"]
    assert made.counts["left out: test plays already in train"] == 1
    assert made.counts["left out: test plays that repeat another"] == 1
    assert made.rows("SELECT behaviour FROM plays WHERE split = 'test' ORDER BY behaviour") == [("a",), ("d",)]


def test_the_rule_can_be_chosen(kkbox: Import):
    made = kkbox(ImportOptions(split="last"), train=["u1,s1,,,,1", "u1,s2,,,,1"], test=["0,u1,s3,,,"])
    assert made.playlist("u1", "train,validation") == ["s1", "s2"]
    assert made.rows("SELECT plays FROM songs ORDER BY song") == [(1,), (0,), (0,)]


def test_a_rule_that_the_files_do_not_allow_is_refused(kkbox: Import, melon: Import):
    with pytest.raises(ImportFailed, match=r"test\.csv.*--split last"):
        kkbox(ImportOptions(split="files"), train=["u1,s1,,,,1"])
    with pytest.raises(ImportFailed, match="--split latest-issue or --split last"):
        melon(ImportOptions(split="files"), train=[playlist(1, [1])])
