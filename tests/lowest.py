"""Print the lowest versions that pyproject.toml allows, as constraints for pip: `python tests/lowest.py [KEPT ...]`.

Packages that are named stay as constraints.txt pins them.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def lowest(kept: list[str]) -> list[str]:
    """Return one line a package that pyproject.toml names, of all its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = [project["dependencies"], *project["optional-dependencies"].values()]
    bounds = dict(
        re.fullmatch(r"([\w-]+)>=([\w.]+)(?:,<\w+)?", each).groups() for several in needed for each in several
    )
    pinned = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line.split("==")[0] in kept]
    return sorted([*pinned, *(f"{name}=={version}" for name, version in bounds.items() if name not in kept)])


if __name__ == "__main__":
    print("\n".join(lowest(sys.argv[1:])))  # noqa: T201
