"""A dataset's connection reaches nothing but the dataset, an import's nothing but its files."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from handmade import TRAIN, imported, write

from musicrec.core.errors import MusicrecError
from musicrec.core.places import Places
from musicrec.core.tables.cards import connect
from musicrec.core.tables.catalogue import open_catalogue
from musicrec.core.tables.columns import read_plays
from musicrec.core.tables.draft import drafting
from musicrec.core.tables.exporting import write_table
from musicrec.core.tables.sealed import open_empty, open_unsealed, seal

GOOD = f"{TRAIN}\nu1,s1,,,,1\nu1,s2,,,,1\n"
SECRET = "the contents of another file"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    (tmp_path / "secret.csv").write_text(SECRET)
    return imported("kkbox", write(tmp_path / "in", {"train.csv": GOOD}), tmp_path / "d.duckdb").path


def _statements(folder: Path) -> list[str]:
    return [
        f"SELECT * FROM read_csv('{folder}/secret.csv')",
        f"SELECT * FROM read_text('{folder}/secret.csv')",
        f"SELECT * FROM '{folder}/secret.csv'",
        f"SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_csv('https://example.org/x.csv')",
        f"COPY (SELECT 1) TO '{folder}/out.csv'",
        f"ATTACH '{folder}/other.duckdb'",
        f"EXPORT DATABASE '{folder}/export'",
        "INSTALL httpfs",
        f"LOAD '{folder}/secret.csv'",
        "SELECT * FROM tmp_path",  # a variable of Python
        "SET enable_external_access = true",
    ]


SETTINGS = [
    "SET threads = 1",
    "SET memory_limit = '1GB'",
    "RESET lock_configuration",
    "SET autoload_known_extensions = true",
]


def test_the_connection_of_a_dataset_is_sealed(dataset: Path, tmp_path: Path) -> None:
    with connect(dataset) as connection, open_empty(1) as empty:
        for statement in [*_statements(tmp_path), *SETTINGS, "CREATE TABLE x (y INTEGER)", "DELETE FROM songs"]:
            with pytest.raises(duckdb.Error):
                connection.execute(statement)
            if "FROM songs" not in statement and "CREATE" not in statement:
                with pytest.raises(duckdb.Error):
                    empty.execute(statement)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d.duckdb", "in", "secret.csv"]


def test_an_import_reads_its_files_alone(dataset: Path, tmp_path: Path) -> None:
    given = tmp_path / "in" / "train.csv"
    with drafting(tmp_path / "new.duckdb", [given], None, None, None) as draft:
        read = f"SELECT count(*) FROM read_csv('{given}', header = true)"
        assert draft.connection.execute(read).fetchone() == (2,)
        for statement in _statements(tmp_path):
            with pytest.raises(duckdb.Error):
                draft.connection.execute(statement)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d.duckdb", "in", "secret.csv"]


def test_a_sealed_connection_reaches_what_it_was_given(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    with open_unsealed() as connection:
        seal(connection, [tmp_path / "out.parquet"], [tmp_path / "room"])
        connection.execute(f"COPY (SELECT 1) TO '{tmp_path}/out.parquet'")
        connection.execute(f"COPY (SELECT 1) TO '{tmp_path}/room/x.csv'")
        for statement in [*_statements(tmp_path), *SETTINGS, f"COPY (SELECT 1) TO '{tmp_path}/room/../y.csv'"]:
            with pytest.raises(duckdb.Error):
                connection.execute(statement)


def test_a_dataset_that_reads_other_files_is_refused(dataset: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(dataset)) as connection:
        connection.execute("ALTER TABLE songs RENAME TO kept")
        connection.execute(
            "CREATE VIEW songs AS SELECT * REPLACE ("
            f"(SELECT content FROM read_text('{tmp_path}/secret.csv')) AS title) FROM kept"
        )
    catalogue = open_catalogue(dataset)
    with pytest.raises(MusicrecError) as failure:
        catalogue.song_at([0])
    assert SECRET not in str(failure.value)
    with pytest.raises(MusicrecError):
        write_table(dataset, "songs", tmp_path / "songs.parquet")
    assert SECRET.encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("songs.parquet"))
    catalogue.close()


def test_several_open_one_dataset_in_one_process(dataset: Path) -> None:
    catalogue = open_catalogue(dataset)
    assert len(read_plays(dataset).song) == 2
    with connect(dataset) as other:
        assert other.execute("SELECT count(*) FROM plays").fetchone() == (2,)
    assert Places(dataset.parent, dataset.parent).dataset("d") == dataset
    catalogue.close()
