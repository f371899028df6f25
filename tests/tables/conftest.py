"""Importers of files that a test writes by hand."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no way to their neighbours

import pytest
from handmade import MEMBERS, SONGS, TEST, TITLES, TRAIN, Import, Imported, imported, write

from musicrec.core.tables.options import ImportOptions


@pytest.fixture
def kkbox(tmp_path: Path) -> Import:
    """Import KKBOX files given as lists of lines below their header."""

    def run(options: ImportOptions | None = None, **files: list[str]) -> Imported:
        names = {"train": TRAIN, "test": TEST, "songs": SONGS, "song_extra_info": TITLES, "members": MEMBERS}
        texts = {f"{name}.csv": "\n".join([names[name], *lines]) + "\n" for name, lines in files.items()}
        return imported("kkbox", write(tmp_path / "in", texts), tmp_path / "kkbox.duckdb", options, replace=True)

    return run


@pytest.fixture
def melon(tmp_path: Path) -> Import:
    """Import Melon files given as what their JSON holds."""

    def run(options: ImportOptions | None = None, **files: object) -> Imported:
        texts = {f"{name}.json": content for name, content in files.items()}
        return imported("melon", write(tmp_path / "in", texts), tmp_path / "melon.duckdb", options, replace=True)

    return run
