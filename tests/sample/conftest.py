from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from musicrec.core.tables.sample import SampleReport, write_sample


@dataclass(frozen=True)
class Written:
    """A sample on disk, read back."""

    report: SampleReport
    folder: Path

    def rows(self, file: str) -> list[dict[str, str]]:
        with (self.folder / file).open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines, strict=True))

    def document(self, file: str) -> Any:
        return json.loads((self.folder / file).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def kkbox(tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("kkbox")
    return Written(write_sample("kkbox", folder), folder)


@pytest.fixture(scope="session")
def melon(tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("melon")
    return Written(write_sample("melon", folder), folder)
