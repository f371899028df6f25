"""The demonstration: a sample world, imported, with one run of each neural model."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from musicrec.core.places import Places
from musicrec.core.runs import list_runs
from musicrec.core.tables.options import Format, ImportOptions

if TYPE_CHECKING:
    from collections.abc import Callable

MODELS = ("ncf", "dtnmr")  # in the order of training: the newest run is the one that the explorer opens


@dataclass(frozen=True, slots=True)
class Demo:
    """Where a demonstration keeps its files, and what of it is not there yet."""

    places: Places
    format: Format

    @property
    def dataset(self) -> str:
        """Name of the dataset."""
        return f"sample-{self.format}"

    @property
    def files(self) -> Path:
        """Folder of the sample's files."""
        return self.places.data / "raw" / self.dataset

    def run(self, model: str) -> str:
        """Name of the run of `model`."""
        return f"demo-{model}-{self.format}"

    def needs_dataset(self) -> bool:
        """Say whether the dataset is still to be made."""
        return not self.places.dataset(self.dataset).exists()

    def missing_models(self) -> tuple[str, ...]:
        """Models that are still to be trained."""
        done = {card.name for card in list_runs(self.places) if card.status == "finished" and not card.problem}
        return tuple(model for model in MODELS if self.run(model) not in done)

    def make_dataset(self, progress: Callable[[str, float], None]) -> None:
        """Write the sample's files and import them."""
        from musicrec.core.tables.importing import import_dataset
        from musicrec.core.tables.sample import write_sample

        if not self.files.exists():
            draft = self.files.with_name(f".{self.files.name}.draft")
            shutil.rmtree(draft, ignore_errors=True)  # what a demonstration that was killed had begun
            write_sample(self.format, draft, progress=progress)
            draft.rename(self.files)
        target = self.places.dataset(self.dataset)
        import_dataset(self.format, self.files, target, self.dataset, ImportOptions(), progress=progress)
