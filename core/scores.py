"""Scores that another program wrote to a file, in the place of a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from musicrec.core.dataset import Listeners
from musicrec.core.models.base import Parts, Scorer
from musicrec.core.tables.scores import ScoreTable, open_scores
from musicrec.core.tasks import Task

MODEL = "file"  # what stands where runs have their model


@dataclass(frozen=True, slots=True)
class ScoreFile:
    """A file of scores under the name by which it stands among the runs."""

    name: str
    table: ScoreTable

    def notices(self, task: Task) -> tuple[str, ...]:
        """Say what in the file could not be used as it is, and whom it leaves out, a line each."""
        missing = self.table.missing(task.past.ids.numpy())
        absent = f"{missing:,} of {len(task.past):,} listeners are not in the file: for them all songs tie"
        return (*self.table.notices, *([absent] if missing else []))


class FileScorer(Scorer):
    """Scores as they stand in a file; songs that it does not have for a listener come after all that it has, tied.

    On the CPU, as not every device has float64.
    """

    def __init__(self, file: ScoreFile, songs: int) -> None:
        self._file, self._songs = file, songs

    def scores(self, listeners: Listeners) -> Tensor:
        """Return float64 scores (B, S), as the file may tell more apart than float32 can."""
        lowest = torch.finfo(torch.float64).min
        scores = torch.full((len(listeners), self._songs), lowest, dtype=torch.float64)
        row, song, score = (torch.from_numpy(part) for part in self._file.table.rows(listeners.ids.numpy()))
        scores[row, song] = score
        return scores

    def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
        return Parts(("file",), self.scores(listeners).gather(1, songs).unsqueeze(-1))


@contextmanager
def score_file(file: Path | None, name: str, dataset: Path) -> Iterator[ScoreFile | None]:
    """Read `file` for as long as it is measured; nothing where there is none. Raises as `open_scores` does."""
    if file is None:
        yield None
    else:
        with open_scores(file, dataset) as table:
            yield ScoreFile(name, table)
