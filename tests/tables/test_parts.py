"""Large files are read in parts and looked through ahead of their turn; the dataset is the same as without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from threading import active_count

import duckdb
import pytest
from handmade import SONGS, TRAIN, imported, write

from musicrec.core.errors import ImportFailed
from musicrec.core.tables import kkbox
from musicrec.core.tables.lookahead import Lookahead
from musicrec.core.tables.sources import Source
from musicrec.core.tables.textures import Texture, texture

KNOWN = Texture("\x1f", ascii=True, smooth=True, quotes=False, plain=True, even=True, lines=11)


@pytest.mark.parametrize(
    ("known", "path", "threads", "starts"),
    [
        (KNOWN, "train.csv", 3, [0, 3, 6]),
        (KNOWN, "train.csv", 1, [0]),
        (KNOWN, "train.csv", 64, [0, 2, 5, 7]),
        (KNOWN, "train.csv.gz", 3, [0]),
        (Texture("\x1f", True, True, True, False, True, 11), "train.csv", 3, [0]),
        (Texture("\x1f", True, True, False, True, True, 2), "train.csv", 3, [0]),
    ],
)
def test_parts_are_as_many_as_threads_where_lines_can_be_counted_off(monkeypatch, known, path, threads, starts):
    monkeypatch.setattr(kkbox, "PART", 1)
    assert kkbox.part_starts(Source("train.csv", Path(path), Path(path)), known, threads) == starts


@pytest.mark.parametrize("part", [1, 3])
@pytest.mark.parametrize(
    "odd", [None, "", "u1,s1,,,,1,", "u1,s1", '"u1",s1,,,,1', "u1,s1,a  b,,,1", "u1,s1,é,,,1\r", "nobody,s9,x,,,0"]
)
def test_a_file_read_in_parts_is_the_file_read_whole(tmp_path, monkeypatch, part, odd):
    lines = [f"u{n % 3},s{n * n % 7},tab {n % 2},,,{n % 2}" for n in range(20)]
    lines[7:7] = [] if odd is None else [odd]
    folder = write(tmp_path / "in", {"train.csv": "\n".join([TRAIN, *lines]), "songs.csv": f"{SONGS}\ns1,1,,x,,,\n"})
    made = []
    for size in (500_000, part):
        monkeypatch.setattr(kkbox, "PART", size)
        made.append(imported("kkbox", folder, tmp_path / f"{size}.duckdb", threads=4))
    assert made[0].report.card.fingerprint == made[1].report.card.fingerprint
    assert made[0].counts == made[1].counts
    rejects = "SELECT * FROM rejects ORDER BY ALL"
    assert made[0].rows(rejects) == made[1].rows(rejects)


def test_plays_and_songs_stand_in_the_order_of_large_files(tmp_path, monkeypatch):
    monkeypatch.setattr(kkbox, "PART", 50_000)
    draw = Random(5)
    plays = [(draw.randrange(900), draw.randrange(250_000)) for _ in range(400_000)]
    lines = "\n".join(f"listener {who:020},song {song:030},tab,a screen of some length,,1" for who, song in plays)
    songs = "\n".join(f"song {song:030},1,{song % 5},{'an artist' * 8},,," for song in range(250_000))
    folder = write(tmp_path / "in", {"train.csv": f"{TRAIN}\n{lines}\n", "songs.csv": f"{SONGS}\n{songs}\n"})
    made = imported("kkbox", folder, tmp_path / "d.duckdb", threads=4)
    by_hand: dict[str, list[int]] = {}
    for who, song in plays:
        by_hand.setdefault(f"listener {who:020}", []).append(song)
    found = made.rows(
        """SELECT l.id, list(CAST(s.id[6:] AS INTEGER) ORDER BY p.position)
        FROM plays AS p JOIN songs AS s USING (song) JOIN listeners AS l USING (listener) GROUP BY l.id"""
    )
    assert dict(found) == by_hand
    silent = [int(song[5:]) for (song,) in made.rows("SELECT id FROM songs WHERE plays = 0 ORDER BY song")]
    assert silent == sorted(silent)
    assert len(silent) > 40_000


def test_what_is_wrong_with_a_file_is_told_when_its_turn_comes(tmp_path):
    sources = [Source(name, tmp_path / name, tmp_path / name) for name in ("train.csv", "test.csv")]
    (tmp_path / "train.csv").write_text("a,b\n1,2\n")
    with Lookahead(lambda source, stopped: texture(source, ("\x1f",), 2, stopped), sources) as ahead:
        assert ahead.at(sources[0]).even
        with pytest.raises(ImportFailed, match=r"test\.csv cannot be read"):
            ahead.at(sources[1])


def test_a_look_that_nobody_waits_for_is_given_up(tmp_path):
    endless = Endless(tmp_path / "endless.csv")
    before = active_count()

    def look(source: Source, stopped: Callable[[], bool]) -> Texture:
        return texture(source, ("\x1f",), 2, stopped)

    with pytest.raises(KeyboardInterrupt), Lookahead(look, [endless]):
        raise KeyboardInterrupt
    assert active_count() == before


class Endless(Source):
    """A file without an end."""

    __slots__ = ()

    def __init__(self, path: Path) -> None:
        super().__init__(path.name, path, path)

    def open(self):
        return EndlessLines()


class EndlessLines:
    """As many lines as are asked for."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def read(self, size: int) -> bytes:
        return b"a,b\n" * (size // 4)

    def readline(self, size: int) -> bytes:
        return b"a,b\n"


def test_a_file_is_read_as_one_part_where_there_is_no_memory_for_several(tmp_path, monkeypatch):
    monkeypatch.setattr(kkbox, "PART", 1)
    tried: list[int] = []
    cut = kkbox.even_cells

    def short(columns: tuple[str, ...], names: tuple[str, ...], starts: list[int]) -> str:
        if names[0] == "msno" and "song_id" in names:
            tried.append(len(starts))
            if len(starts) > 1:
                raise duckdb.OutOfMemoryException("too large")
        return cut(columns, names, starts)

    monkeypatch.setattr(kkbox, "even_cells", short)
    folder = write(tmp_path / "in", {"train.csv": f"{TRAIN}\nu1,s1,,,,1\nu1,s2,,,,1\nu1,s3,,,,1\n"})
    assert imported("kkbox", folder, tmp_path / "d.duckdb", threads=2).playlist("u1") == ["s1", "s2", "s3"]
    assert tried == [2, 1]
