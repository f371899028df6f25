"""The large dataset that the screen is measured on, and a run of each model: made once, then reused."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from musicrec.core.explorer import Explorer
from musicrec.core.places import Places

MUSICREC = Path(sys.executable).with_name("musicrec")
# One pass, few validation listeners, large batches: the runs have the size of real ones, not their quality
SHORT = ("--preset", "quick", "--epochs", "1", "--validation-listeners", "100")
LARGE = ("--batch-size", "8192", "--subset-size", "5", "--l2", "0")
RUNS = {
    "dtnmr-large": ("dtnmr", *SHORT, *LARGE),
    "ncf-large": ("ncf", *SHORT, "--batch-size", "65536"),
}


@dataclass(frozen=True, slots=True)
class World:
    """A folder with one dataset and the runs of `RUNS`."""

    folder: Path

    @property
    def places(self) -> Places:
        """Where dataset and runs are."""
        return Places(self.folder / "data", self.folder / "checkpoints")

    def command(self, *words: str) -> list[str | Path]:
        """Return a command line of musicrec on this world."""
        return [MUSICREC, "--data", self.places.data, "--checkpoints", self.places.checkpoints, *words]

    def make(self, listeners: int, songs: int, plays: int) -> None:
        """Make what is not there yet."""
        if not self.places.dataset("kkbox").exists():
            self._import(listeners, songs, plays)
        for run, words in RUNS.items():
            if not (self.places.run(run) / "model.safetensors").exists():
                subprocess.run(self.command("train", *words, "--name", run), check=True)

    def _import(self, listeners: int, songs: int, plays: int) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        sizes = ("--listeners", str(listeners), "--songs", str(songs), "--plays", str(plays))
        with tempfile.TemporaryDirectory(dir=self.folder) as files:
            subprocess.run(self.command("sample", "kkbox", files, *sizes), check=True, stdout=subprocess.DEVNULL)
            subprocess.run(self.command("import", "kkbox", files), check=True, stdout=subprocess.DEVNULL)

    def sizes(self) -> dict[str, int]:
        """Return how large the dataset is."""
        explorer = Explorer.open(self.places)
        card = explorer.dataset
        explorer.close()
        return {"listeners": card.listeners, "songs": card.songs, "plays": card.plays}

    def listeners(self, first: int, count: int) -> list[str]:
        """Return the ids of `count` listeners of the list from row `first`."""
        explorer = Explorer.open(self.places)
        found = explorer.find_listeners("", limit=count, offset=first).items
        explorer.close()
        return [listener.id for listener in found]

    def titles(self, listener: str, run: str, count: int) -> list[str]:
        """Return the titles that `run` recommends first."""
        command = self.command("recommend", listener, "--run", run, "-k", str(count), "--json")
        answer: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        return [item["song"]["title"] or f"#{item['song']['id']}" for item in answer["items"]]
