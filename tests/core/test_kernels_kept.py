"""Compiled code is kept for the sources that it was made of, and for no others."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from musicrec.core.kernels import compiled

Ask = Callable[[], str]
INNER = """
from musicrec.core.kernels.compiled import compiled

@compiled
def inner():
    return {}
"""
OUTER = """
from musicrec.core.kernels.compiled import compiled
from musicrec.core.kernels.inner import inner

@compiled
def outer():
    return inner() + 1
"""
ASK = "from musicrec.core.kernels.outer import outer; print(outer(), len(outer.stats.cache_hits))"


@pytest.fixture
def kernels(tmp_path: Path) -> Path:
    """A folder of two kernels, of which one is compiled into the other."""
    folder = tmp_path / "musicrec" / "core" / "kernels"
    folder.mkdir(parents=True)
    (tmp_path / "musicrec" / "__init__.py").touch()
    shutil.copy(compiled.__file__, folder)
    (folder / "inner.py").write_text(INNER.format(1))
    (folder / "outer.py").write_text(OUTER)
    return folder


@pytest.fixture
def ask(kernels: Path, tmp_path: Path) -> Ask:
    """Say what the outer kernel returns, and how many times it was found compiled."""
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    environment |= {"PYTHONPATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def call() -> str:
        done = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True)
        return done.stdout.strip() or done.stderr

    return call


def test_a_change_in_one_kernel_reaches_those_that_it_is_compiled_into(kernels: Path, ask: Ask) -> None:
    assert ask() == "2 0"
    (kernels / "inner.py").write_text(INNER.format(5))
    assert [ask(), ask()] == ["6 0", "6 1"]
    assert len(list((kernels / "__pycache__").glob("numba-*"))) == 1


def test_what_cannot_be_kept_beside_the_sources_is_kept_for_the_user(kernels: Path, tmp_path: Path, ask: Ask) -> None:
    (kernels / "__pycache__").write_text("no folder can be made here")
    assert [ask(), ask()] == ["2 0", "2 1"]
    assert list((tmp_path / "cache" / "musicrec").glob("numba-*"))


def test_where_nothing_can_be_kept_nothing_is_and_all_works(kernels: Path, tmp_path: Path, ask: Ask) -> None:
    for name in ("cache", "musicrec/core/kernels/__pycache__"):
        (tmp_path / name).write_text("no folder can be made here")
    assert ask() == "2 0"
    assert not list(tmp_path.rglob("*.nb?"))
