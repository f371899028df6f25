"""Where datasets and runs live: from options, then the environment, then the working directory."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

_ORDINARY = re.compile(r"[^/\\\0.][^/\\\0]*")  # a name that is a file in a folder, and in no other
_LONGEST = 240  # bytes of a name that leaves room for an ending


@dataclass(frozen=True, slots=True)
class Places:
    """The two folders of an installation: `data` holds datasets, `checkpoints` holds runs."""

    data: Path
    checkpoints: Path

    @classmethod
    def find(cls, data: Path | None = None, checkpoints: Path | None = None) -> Places:
        """Resolve both folders; a given path wins over MUSICREC_DATA / MUSICREC_CHECKPOINTS, those over ./data and
        ./checkpoints. Neither folder need exist."""
        return cls(
            at_home(data or Path(os.environ.get("MUSICREC_DATA") or "data")),
            at_home(checkpoints or Path(os.environ.get("MUSICREC_CHECKPOINTS") or "checkpoints")),
        )

    def dataset(self, name: str) -> Path:
        """Return the file of the dataset called `name`, in the folder of datasets whatever the name."""
        return self.data / f"{_inside(name)}.duckdb"

    def run(self, name: str) -> Path:
        """Return the folder of the run called `name`, in the folder of runs whatever the name."""
        return self.checkpoints / _inside(name)


def at_home(path: Path) -> Path:
    """Return a path with the folder that a ~ or ~PERSON at its beginning means, where there is such a person."""
    return Path(os.path.expanduser(path))  # noqa: PTH111  Path's own raises where there is none


def _inside(name: str) -> str:
    ordinary = _ORDINARY.fullmatch(name) and len(os.fsencode(name)) <= _LONGEST
    return name if ordinary else "%" + quote(os.fsencode(name), safe="")[:99]  # no name of ours begins so
