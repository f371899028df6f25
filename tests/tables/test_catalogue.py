"""The read-only door to a dataset."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import numpy as np
import pytest
from handmade import MEMBERS, SONGS, TEST, TITLES, TRAIN, imported, playlist, song, write

from musicrec.core.errors import Interrupted, MusicrecError, NotFound, UsageError
from musicrec.core.places import Places
from musicrec.core.tables.cards import BrokenDataset
from musicrec.core.tables.catalogue import Catalogue, datasets, open_catalogue

KKBOX = {
    "train.csv": [
        TRAIN,
        "u1,s1,tab,screen,source,1",
        "u1,s2,,,,0",
        "u1,s1,,,,",
        "u2,s1,,,,1",
        "u2,s3,,,,1",
        "u3,s1,,,,1",
    ],
    "test.csv": [TEST, "0,u1,s4,explore,,", ",,,,,"],
    "songs.csv": [
        SONGS,
        "s1,200000,465|458,張信哲 (Jeff Chang),C,L,3",
        "s2,1000,465,ＢＬＡＣＫ,,,52",
        "s5,1,139,100%_real,,,3",
    ],
    "song_extra_info.csv": [TITLES, "s1,過火 [Live],TWUM71200043", "s2,love's %,USAB19900001"],
    "members.csv": [MEMBERS, "u1,13,28,female,7,20110820,20170920", "u2,1,35,male,9,,", "u4,5,0,,3,,"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    files = {name: "\n".join(lines) + "\n" for name, lines in KKBOX.items()}
    imported("kkbox", write(data / "kkbox", files), data / "kkbox.duckdb")
    lists = [
        playlist(1, [10, 11, 12], tags=["비오는날", "드라이브"], plylst_title="Ｎight"),
        playlist(2, [11], tags=["비"]),
    ]
    meta = [song(10, "20200101", song_gn_gnr_basket=["GN0100"]), song(11, "19991231", song_gn_gnr_basket=["GN0200"])]
    names = {"GN0100": "발라드", "GN0200": "Dance"}
    melon = {"train.json": lists, "song_meta.json": meta, "genre_gn_all.json": names}
    imported("melon", write(data / "melon", melon), data / "melon.duckdb")
    return data


@pytest.fixture(scope="module")
def kkbox_catalogue(folder: Path) -> Iterator[Catalogue]:
    catalogue = open_catalogue(folder / "kkbox.duckdb")
    yield catalogue
    catalogue.close()


@pytest.fixture(scope="module")
def melon_catalogue(folder: Path) -> Iterator[Catalogue]:
    catalogue = open_catalogue(folder / "melon.duckdb")
    yield catalogue
    catalogue.close()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["u1", "u2", "u3", "u4"]),
        ("U2", ["u2"]),
        ("age:20-29", ["u1"]),
        ("age:35", ["u2"]),
        ("city:13 gender:female", ["u1"]),
        ("gender:unknown", ["u3", "u4"]),
        ("plays:>1", ["u1", "u2"]),
        ("plays:0", ["u4"]),
        ("id:u", ["u1", "u2", "u3", "u4"]),
        ("id:1", []),
        ("%", []),
        ("u1 u2", []),
        ("' OR 1=1 --", []),
    ],
)
def test_listeners_are_found(kkbox_catalogue, query, expected):
    page = kkbox_catalogue.find_listeners(query)
    assert ([listener.id for listener in page.items], page.total) == (expected, len(expected))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["s1", "s3", "s2", "s5", "s4"]),
        ("過火", ["s1"]),
        ("[live] jeff", ["s1"]),
        ('artist:"jeff chang"', ["s1"]),
        ("artist:black", ["s2"]),
        ("artist:live", []),
        ("genre:465", ["s1", "s2"]),
        ("genre:46", ["s1", "s2"]),
        ("genre:465 genre:458", ["s1"]),
        ("GENRE:458", ["s1"]),
        ("language:3", ["s1", "s5"]),
        ("year:1990-1999", ["s2"]),
        ("plays:0", ["s2", "s3", "s4", "s5"]),
        ("%", ["s2", "s5"]),
        ("0%_r", ["s5"]),
        ("love's", ["s2"]),
    ],
)
def test_songs_are_found(kkbox_catalogue, query, expected):
    page = kkbox_catalogue.find_songs(query)
    assert (sorted(song.id for song in page.items), page.total) == (sorted(expected), len(expected))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tag:비오는날", ["1"]),
        ("tag:비", ["2"]),
        ("비", ["1", "2"]),
        ("night", ["1"]),
        ("tag:드라이브 비오는날", ["1"]),
    ],
)
def test_playlists_are_found(melon_catalogue, query, expected):
    assert [listener.id for listener in melon_catalogue.find_listeners(query).items] == expected


def test_pages_follow_each_other(kkbox_catalogue):
    pages = [kkbox_catalogue.find_listeners(limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [[listener.listener for listener in page.items] for page in pages] == [[0, 1, 2], [3], []]
    assert {page.total for page in pages} == {4}


def test_a_song_is_whole(kkbox_catalogue):
    song = kkbox_catalogue.song("s1")
    assert (song.song, song.title, song.artists, song.genres) == (
        0,
        "過火 [Live]",
        ("張信哲 (Jeff Chang)",),
        ("465", "458"),
    )
    assert (song.country, song.released, song.length_ms, song.language, song.plays) == ("TW", 20120000, 200000, "3", 4)


def test_a_song_is_found_by_its_id_read_before_or_not(kkbox_catalogue):
    songs = kkbox_catalogue.find_songs(limit=5).items
    fresh = open_catalogue(kkbox_catalogue.path)
    for catalogue in (kkbox_catalogue, fresh):
        assert [catalogue.song(song.id) for song in songs * 2] == [*songs, *songs]
        with pytest.raises(NotFound, match="near"):
            catalogue.song("\udc80 nowhere")
    fresh.close()


def test_the_genres_of_songs(kkbox_catalogue):
    songs = kkbox_catalogue.find_songs(limit=7).items
    found = kkbox_catalogue.genres_of([song.song for song in songs[2:]])
    assert found == {genre for song in songs[2:] for genre in song.genres}
    assert kkbox_catalogue.genres_of([]) == frozenset()


def test_plays_that_several_ask_for_at_once_are_read_once(kkbox_catalogue, monkeypatch):
    read, wanted = [], kkbox_catalogue.plays(1)
    fresh = open_catalogue(kkbox_catalogue.path)
    monkeypatch.setattr(fresh, "_read_plays", lambda listener: read.append(listener) or wanted)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(fresh.plays, [1] * 20)) == [wanted] * 20
    assert read == [1]
    fresh.close()


def test_songs_by_number_come_in_the_order_asked_for(kkbox_catalogue):
    numbers = [3, 0, 3]
    assert [song.song for song in kkbox_catalogue.song_at(numbers)] == numbers
    assert [song.song for song in kkbox_catalogue.song_at(np.array([1], dtype=np.int32))] == [1]
    assert kkbox_catalogue.song_at([]) == ()
    with pytest.raises(NotFound, match="no song number 99: kkbox has 5"):
        kkbox_catalogue.song_at([0, 99])


def test_plays_come_oldest_first_with_their_context(kkbox_catalogue):
    plays = kkbox_catalogue.plays(kkbox_catalogue.listener("u1").listener)
    assert [(play.position, play.song.id, play.split) for play in plays] == [
        (0, "s1", "train"),
        (1, "s2", "validation"),
        (2, "s1", "train"),
        (3, "s4", "test"),
    ]
    assert (plays[0].behaviour, plays[0].screen, plays[0].source, plays[0].repeated) == (
        "tab",
        "screen",
        "source",
        True,
    )
    assert kkbox_catalogue.plays(kkbox_catalogue.listener("u4").listener) == ()
    assert kkbox_catalogue.listener_at(0).id == "u1"


@pytest.mark.parametrize("id", ["s", "' --", "\udcff", "過火", "x" * 500, "a\nb"])
def test_what_is_not_there_is_told_with_what_is_near(kkbox_catalogue, id):
    for ask in (kkbox_catalogue.song, kkbox_catalogue.listener):
        with pytest.raises(NotFound, match=r"^there is no (song|listener) .*; near: ") as failure:
            ask(id)
        assert "\n" not in str(failure.value)
    with pytest.raises(NotFound, match=r"near: s1 \(過火 \[Live\]\), "):
        kkbox_catalogue.song("過火")
    with pytest.raises(NotFound, match="no listener number 7"):
        kkbox_catalogue.listener_at(7)


def test_odd_text_in_a_query_finds_nothing(kkbox_catalogue):
    assert kkbox_catalogue.find_songs("\udcff artist:\udcff").total == 0
    with pytest.raises(UsageError, match="no filter mood:"):
        kkbox_catalogue.find_songs("mood:sad")


def test_songs_of_a_genre_and_a_language(kkbox_catalogue, melon_catalogue):
    assert kkbox_catalogue.genres() == (("465", 2), ("139", 1), ("458", 1))
    assert kkbox_catalogue.languages() == (("3", 2), ("52", 1))
    found = kkbox_catalogue.songs_matching(genre="465", language="3")
    assert (found.dtype, found.tolist()) == (np.int64, [0])
    assert len(kkbox_catalogue.songs_matching()) == 5
    assert (
        melon_catalogue.songs_matching(genre="dance").tolist()
        == melon_catalogue.songs_matching(genre="gn0200").tolist()
    )
    assert melon_catalogue.song("11").genres == ("Dance",)
    with pytest.raises(NotFound, match="no genre 'denc'; near: dance"):
        melon_catalogue.songs_matching(genre="denc")
    with pytest.raises(NotFound, match=r"no language 'x'$"):
        melon_catalogue.songs_matching(language="x")


def test_rejects_can_be_read(kkbox_catalogue):
    (reject,) = kkbox_catalogue.rejects(9).items
    assert (reject.file, reject.line, reject.reason, reject.text) == ("test.csv", 3, "blank row", ",,,,,")


def test_many_threads_may_ask_at_once(kkbox_catalogue):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: kkbox_catalogue.song_at([n % 5])[0].song, range(200)))
    assert answers == [n % 5 for n in range(200)]


def test_closing_calls_off_what_is_asked(folder):
    catalogue = open_catalogue(folder / "kkbox.duckdb")
    slow = "SELECT count(*) FROM range(100000) a, range(100000) b WHERE hash(a.range, b.range) = 1"
    threading.Timer(0.2, catalogue.close).start()
    with pytest.raises(Interrupted):
        catalogue._rows(slow)
    with pytest.raises(Interrupted):
        catalogue.song("s1")


def test_what_cannot_be_opened_says_so_in_one_line(tmp_path):
    with pytest.raises(NotFound, match=r"there is no dataset at .*musicrec import"):
        open_catalogue(tmp_path / "none.duckdb")
    (tmp_path / "text.duckdb").write_text("not a database " * 999)
    with duckdb.connect(str(tmp_path / "other.duckdb")) as connection:
        connection.execute("CREATE TABLE t (i INTEGER)")
    for name in ("text", "other"):
        with pytest.raises(MusicrecError) as failure:
            open_catalogue(tmp_path / f"{name}.duckdb")
        assert "\n" not in str(failure.value)
        assert "import" in str(failure.value)


def test_a_dataset_of_another_version_is_refused(folder, tmp_path):
    path = tmp_path / "old.duckdb"
    path.write_bytes((folder / "melon.duckdb").read_bytes())
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE dataset SET version = 0")
    with pytest.raises(MusicrecError, match="version 0 of the tables, this musicrec reads 1: import it anew"):
        open_catalogue(path)


def test_datasets_are_listed_and_broken_ones_do_not_spoil_the_list(folder):
    (folder / "aged.duckdb").write_bytes(b"torn")
    (folder / "folder.duckdb").mkdir(exist_ok=True)
    broken, kkbox, melon = datasets(Places(folder, folder))
    assert isinstance(broken, BrokenDataset)
    assert (broken.name, kkbox.name, melon.name) == ("aged", "kkbox", "melon")
    assert "damaged" in broken.problem
    assert kkbox.counts["plays"] == kkbox.plays == 7
    assert datasets(Places(folder / "nowhere", folder)) == ()


def test_the_card_tells_what_the_import_told(folder, kkbox_catalogue):
    card = kkbox_catalogue.card
    assert (card.name, card.format, card.split, card.listeners, card.songs) == ("kkbox", "kkbox", "files", 4, 5)
    assert card.bytes == (folder / "kkbox.duckdb").stat().st_size
    assert [source.file for source in card.sources][-2:] == ["train.csv", "test.csv"]
    assert card.options["min_song_plays"] is None
