"""The extracts of the real datasets import whole. They lie outside the repository and may be missing."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from handmade import Imported, imported

from musicrec.core.tables.options import ImportOptions, options_for

EXTRACTS = Path(__file__).parents[2].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not EXTRACTS.is_dir(), reason=f"the real extracts are not at {EXTRACTS}")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Imported]:
    folder = tmp_path_factory.mktemp("real")
    return {name: imported(name, EXTRACTS / name, folder / f"{name}.duckdb") for name in ("kkbox", "melon")}  # type: ignore[arg-type]


def test_kkbox(made):
    kkbox = made["kkbox"]
    rows = {source.file: source.rows for source in kkbox.report.card.sources}
    assert rows == {
        "songs.csv": 39_999,
        "song_extra_info.csv": 40_147,
        "members.csv": 34_403,
        "train.csv": 19_999,
        "test.csv": 39_999,
    }
    counts = kkbox.counts
    assert (counts["listeners"], counts["plays"], counts["rejects"]) == (34_403, 24_989, 35_000)
    assert (counts["train"] + counts["validation"], counts["test"]) == (19_999, 4_990)
    assert counts["left out: test plays already in train"] == 9
    assert counts["songs"] == 50_352
    assert kkbox.rows("SELECT DISTINCT reason FROM rejects") == [("blank row",)]
    assert kkbox.rows("SELECT min(line), max(line) FROM rejects") == [(5_001, 40_000)]
    assert kkbox.report.card.split == "files"
    assert kkbox.report.notes == ()


def test_kkbox_titles(made):
    titles = dict(made["kkbox"].rows("SELECT id, title FROM songs WHERE title IS NOT NULL"))
    with (EXTRACTS / "kkbox" / "song_extra_info.csv").open(encoding="utf-8") as opened:
        plain = [line.rstrip("\n").split(",") for line in opened if '"' not in line and line.count(",") == 2]
    known = [(song, " ".join(name.split())) for song, name, _ in plain if song in titles]
    assert len(known) > 4_500
    assert sum(titles[song] == name for song, name in known) > 0.99 * len(known)


def test_kkbox_plays_follow_the_file(made):
    with (EXTRACTS / "kkbox" / "train.csv").open(encoding="utf-8") as opened:
        rows = [(row["msno"], row["song_id"]) for row in csv.DictReader(opened)]
    for listener in {listener for listener, _ in rows[:50]}:
        expected = [song for who, song in rows if who == listener]
        assert made["kkbox"].playlist(listener, "train,validation") == expected


def test_melon(made):
    melon = made["melon"]
    counts = melon.counts
    assert melon.report.card.sources[0].rows == 10_740
    assert counts["left out: playlists without songs"] == 2_043
    assert (counts["listeners"], counts["plays"], counts["rejects"]) == (8_697, 197_648, 0)
    assert melon.report.card.split == "last"
    playlists = json.loads((EXTRACTS / "melon" / "test.json").read_text("utf-8"))
    for record in playlists[:20]:
        assert melon.playlist(str(record["id"])) == [str(song) for song in record["songs"]]


@pytest.mark.parametrize("name", ["kkbox", "melon"])
def test_nothing_held_out_is_trained_on(made, name):
    leaks = made[name].rows(
        "SELECT count(*) FROM plays a JOIN plays b USING (listener, song)"
        " WHERE a.split = 'train' AND b.split <> 'train'"
    )
    assert leaks == [(0,)]
    dense = "SELECT count(*), min({0}), max({0}), count(DISTINCT {0}) FROM {0}s"
    for table in ("song", "listener"):
        count, low, high, distinct = made[name].rows(dense.format(table))[0]
        assert (low, high, distinct) == (0, count - 1, count)


@pytest.mark.parametrize("options", [{"min_song_plays": 5}, {"min_playlist_len": 5}], ids=str)
@pytest.mark.parametrize("name", ["kkbox", "melon"])
def test_cuts(tmp_path, made, name, options):
    cut = imported(name, EXTRACTS / name, tmp_path / "cut.duckdb", ImportOptions(**options))
    assert 0 < cut.counts["plays"] < made[name].counts["plays"]
    assert cut.report.card.fingerprint != made[name].report.card.fingerprint


@pytest.mark.parametrize(("name", "listeners", "plays"), [("kkbox", 4, 108), ("melon", 2_801, 16_450)])
def test_the_reference_cuts(tmp_path, name, listeners, plays):
    cut = imported(name, EXTRACTS / name, tmp_path / "cut.duckdb", options_for(name, "reference"))
    assert (cut.counts["listeners"], cut.counts["plays"]) == (listeners, plays)
