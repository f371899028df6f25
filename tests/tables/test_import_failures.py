"""What cannot be imported says so in one line, and leaves everything as it was."""

from __future__ import annotations

import gzip
import re
import zipfile

import duckdb
import pytest
from handmade import SONGS, TRAIN, imported, playlist, write

from musicrec.core.errors import ImportFailed, MusicrecError, UsageError
from musicrec.core.tables.options import ImportOptions

GOOD = f"{TRAIN}\nu1,s1,,,,1\n"
SLIP = b"PK\x03\x04 no zip"

KKBOX = [
    ({"readme.txt": "x"}, r"holds no train\.csv \(nor train\.csv\.gz"),
    ({"train.json": "[]"}, r"musicrec import melon"),
    ({"train.csv": ""}, r"train\.csv is empty"),
    ({"train.csv": TRAIN}, r"train\.csv holds a header and no rows"),
    ({"train.csv": TRAIN + "\n\n\n"}, r"train\.csv holds a header and no rows"),
    ({"train.csv": TRAIN + "\n,,,,,\n"}, r"no row of train\.csv is a play"),
    ({"train.csv": "msno,song\nu1,s1\n"}, r"train\.csv has no column song_id; it has msno, song"),
    ({"train.csv": GOOD, "songs.csv": "id,name\n1,x\n"}, r"songs\.csv has no column song_id; it has id, name"),
    ({"train.csv": GOOD, "songs.csv": SONGS}, r"songs\.csv holds a header and no rows"),
    ({"train.csv": GOOD, "test.csv": b""}, r"test\.csv is empty"),
    ({"train.csv": GOOD.encode("utf-16")}, r"train\.csv is UTF-16 or UTF-32 text"),
    (
        {"train.csv": GOOD, "songs.csv": f"{SONGS}\ns1,1,,周杰倫,,,\n".encode("big5")},
        r"songs\.csv is no UTF-8.*offset 75",
    ),
    ({"train.csv.gz": gzip.compress(GOOD.encode())[:20]}, r"train\.csv\.gz cannot be read"),
    ({"train.csv.gz": b"plain"}, r"train\.csv\.gz cannot be read"),
    ({"train.csv.zip": SLIP}, r"train\.csv\.zip is no zip that can be read"),
    ({"train.csv.7z": b"7z"}, r"unpack it first \(7z x train\.csv\.7z\)"),
]
MELON = [
    ({"readme.txt": "x"}, r"holds none of train\.json, val\.json, test\.json"),
    ({"train.csv": "x"}, r"musicrec import kkbox"),
    ({"train.json": ""}, r"train\.json is empty"),
    ({"train.json": "[]"}, r"train\.json holds no playlists"),
    ({"train.json": {"id": 1}}, r"train\.json is no list of playlists"),
    ({"train.json": [1, 2]}, r"train\.json is no list of playlists"),
    ({"train.json": [playlist(1, [2]), 3]}, r"train\.json cannot be read: .*record"),
    ({"train.json": '[{"id": 1, "songs": [1, 2'}, r"train\.json cannot be read: Malformed JSON"),
    ({"train.json": [{"id": 1, "tracks": []}]}, r"train\.json has no column songs; it has id, tracks"),
    ({"train.json": [playlist(1, [])]}, r"no row of train\.json is a play"),
    ({"train.json": '[{"id": 1, "songs": [1], "plylst_title": "é"}]'.encode("latin-1")}, r"no UTF-8.*offset 42"),
    ({"train.json": [playlist(1, [1])], "song_meta.json": [{"song": 1}]}, r"song_meta\.json has no column id"),
    ({"train.json": [playlist(1, [1])], "genre_gn_all.json": [1]}, r"genre_gn_all\.json cannot be read"),
]  # fmt: skip
CASES = [("kkbox", files, line) for files, line in KKBOX] + [("melon", files, line) for files, line in MELON]


@pytest.mark.parametrize(("format", "files", "line"), CASES, ids=[line[:40] for _, _, line in CASES])
def test_a_failure_is_one_line_and_leaves_nothing(tmp_path, format, files, line):
    folder, data = write(tmp_path / "in", files), tmp_path / "data"
    with pytest.raises(ImportFailed) as failure:
        imported(format, folder, data / "d.duckdb")
    assert re.search(line, str(failure.value)), str(failure.value)
    assert "\n" not in str(failure.value)
    assert not data.exists() or list(data.iterdir()) == []
    assert sorted(path.name for path in folder.iterdir()) == sorted(files)


def test_a_missing_folder_and_a_file_for_a_folder(tmp_path):
    with pytest.raises(ImportFailed, match="does not exist: give the folder"):
        imported("kkbox", tmp_path / "nowhere", tmp_path / "d.duckdb")
    (tmp_path / "file").write_text("x")
    with pytest.raises(ImportFailed, match="is a file: give the folder"):
        imported("melon", tmp_path / "file", tmp_path / "d.duckdb")


def test_a_zip_of_several_files_is_refused(tmp_path):
    folder = write(tmp_path / "in", {})
    with zipfile.ZipFile(folder / "train.csv.zip", "w") as archive:
        archive.writestr("a.csv", GOOD)
        archive.writestr("b.csv", GOOD)
    with pytest.raises(ImportFailed, match=r"holds 2 files, expected one, called train\.csv"):
        imported("kkbox", folder, tmp_path / "d.duckdb")


def test_an_older_dataset_stays_until_the_new_one_is_whole(tmp_path):
    target = tmp_path / "d.duckdb"
    folder = write(tmp_path / "in", {"train.csv": GOOD})
    imported("kkbox", folder, target)
    before = target.read_bytes()
    with pytest.raises(MusicrecError, match="--replace"):
        imported("kkbox", folder, target)
    with pytest.raises(ImportFailed, match="--min-song-plays 9"):
        imported("kkbox", folder, target, ImportOptions(min_song_plays=9), replace=True)
    assert target.read_bytes() == before
    made = imported("kkbox", write(folder, {"train.csv": GOOD + "u2,s2,,,,1\n"}), target, replace=True)
    assert made.counts["plays"] == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d.duckdb", "in"]


@pytest.mark.parametrize(
    ("raised", "seen"),
    [
        (KeyboardInterrupt(), KeyboardInterrupt),
        (RuntimeError("Query interrupted"), KeyboardInterrupt),
        (RuntimeError("else"), RuntimeError),
        (ZeroDivisionError(), ZeroDivisionError),
    ],
    ids=repr,
)
def test_what_stops_an_import_leaves_nothing(tmp_path, raised, seen):
    def stop(stage: str, fraction: float) -> None:
        if fraction > 0.6:
            raise raised

    with pytest.raises(seen):
        imported("kkbox", write(tmp_path / "in", {"train.csv": GOOD}), tmp_path / "out" / "d.duckdb", progress=stop)
    assert not (tmp_path / "out").exists() or list((tmp_path / "out").iterdir()) == []


def test_a_place_that_cannot_be_written_to_is_told(tmp_path):
    folder = write(tmp_path / "in", {"train.csv": GOOD})
    with pytest.raises(ImportFailed, match="nothing can be written to"):
        imported("kkbox", folder, folder / "train.csv" / "d.duckdb")
    (tmp_path / "d.duckdb").mkdir()
    with pytest.raises(ImportFailed, match=r"the import failed: .*directory"):
        imported("kkbox", folder, tmp_path / "d.duckdb", replace=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d.duckdb", "in"]


def test_a_memory_limit_that_is_none_is_wrong_use(tmp_path):
    with pytest.raises(UsageError, match="--memory-limit 'lots'"):
        imported("kkbox", write(tmp_path / "in", {"train.csv": GOOD}), tmp_path / "d.duckdb", memory_limit="lots")


def test_progress_rises_to_one_and_names_stages(tmp_path):
    told: list[tuple[str, float]] = []
    imported(
        "melon", write(tmp_path / "in", {"val.json": [playlist(1, [1])]}), tmp_path / "d.duckdb",
        progress=lambda stage, fraction: told.append((stage, fraction)), memory_limit="500MB",
    )  # fmt: skip
    fractions = [fraction for _, fraction in told]
    assert fractions == sorted(fractions)
    assert told[0][0] == "reading val.json"
    assert told[-1] == ("done", 1.0)


@pytest.mark.parametrize("folder", ["a [b] 'c'", "日本 *", "-- x"])
def test_folders_may_have_any_name(tmp_path, folder):
    made = imported("kkbox", write(tmp_path / folder, {"train.csv": GOOD}), tmp_path / folder / "d.duckdb")
    assert made.counts["plays"] == 1


def test_the_same_files_give_the_same_dataset_with_any_number_of_threads(tmp_path):
    lines = [f"u{n % 700},s{n * n % 999},,,,{n % 2}" for n in range(60_000)]
    folder = write(tmp_path / "in", {"train.csv": "\n".join([TRAIN, *lines]), "songs.csv": f"{SONGS}\ns5,1,,x,,,\n"})
    made = [imported("kkbox", folder, tmp_path / f"{threads}.duckdb", threads=threads) for threads in (1, 2)]
    assert len({one.report.card.fingerprint for one in made}) == 1
    with duckdb.connect() as connection:
        for table in ("songs", "listeners", "plays"):
            for number, one in enumerate(made):
                connection.execute(f"ATTACH '{one.path}' AS d{number} (READ_ONLY)")
            differ = connection.execute(
                f"SELECT count(*) FROM d0.{table} AS a POSITIONAL JOIN d1.{table} AS b"
                " WHERE a::VARCHAR IS DISTINCT FROM b::VARCHAR"
            ).fetchone()
            assert differ == (0,)
            connection.execute("DETACH d0; DETACH d1")
    by_hand: dict[str, list[str]] = {}
    for line in lines:
        listener, song = line.split(",")[:2]
        by_hand.setdefault(listener, []).append(song)
    assert all(made[1].playlist(listener) == by_hand[listener] for listener in ("u0", "u350", "u699"))


def test_other_contents_have_another_fingerprint(tmp_path):
    def fingerprint(text: str, **options: object) -> str:
        folder = write(tmp_path / "in", {"train.csv": f"{TRAIN}\n{text}"})
        return imported(
            "kkbox", folder, tmp_path / "d.duckdb", ImportOptions(**options), replace=True
        ).report.card.fingerprint  # type: ignore[arg-type]

    texts = ["u1,s1,,,,1\nu1,s2,,,,1", "u1,s2,,,,1\nu1,s1,,,,1", "u1,s1,x,,,1\nu1,s2,,,,1", "u1,s1,,x,,1\nu1,s2,,,,1"]
    assert len({fingerprint(text) for text in texts}) == 4
    assert fingerprint(texts[0]) == fingerprint(texts[0], split="last")
