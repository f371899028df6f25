"""A file of parameters that is nested without end is told, as one that is no TOML is."""

from __future__ import annotations

from pathlib import Path

import pytest

from musicrec.core.errors import UsageError
from musicrec.core.typed import read_toml


def test_a_file_that_is_nested_too_deep_is_told(tmp_path: Path) -> None:
    path = tmp_path / "deep.toml"
    path.write_text("lr = " + "[" * 100_000)
    with pytest.raises(UsageError, match=r"--config .*deep\.toml"):
        read_toml(path, "--config")
