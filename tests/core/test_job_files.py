"""A training job leaves no file open behind it."""

from __future__ import annotations

import gc
import tempfile
import warnings
from pathlib import Path
from typing import IO

import pytest

from musicrec.core.jobs import Failed, TrainingJob
from musicrec.core.places import Places


def test_a_job_that_has_ended_holds_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[IO[bytes]] = []
    real = tempfile.TemporaryFile

    def open_one() -> IO[bytes]:
        opened.append(real())
        return opened[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", open_one)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        job = TrainingJob.start(Places(tmp_path, tmp_path), "ncf", "nowhere", "default", {})
        (end,) = job.events()
        gc.collect()
    assert isinstance(end, Failed)
    assert "nowhere" in end.message
    assert not job.running
    assert [file.closed for file in opened] == [True]
