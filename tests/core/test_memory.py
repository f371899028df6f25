"""How much memory is left: that of the machine, or of a control group that may take less."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from musicrec.core.models import memory

GB = 10**9
V2 = ("memory.max", "memory.current", "inactive_file")
V1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


def _limited(folder: Path, names: tuple[str, str, str], limit: str, used: int, cached: int = 0) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / names[0]).write_text(f"{limit}\n")
    (folder / names[1]).write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 5\n{names[2]} {cached}\n")


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with 8 GB left."""
    (tmp_path / "meminfo").write_text(f"MemTotal: 99 kB\nMemAvailable: {8 * GB // 1024} kB\n")
    (tmp_path / "own").write_text("0::/\n")
    monkeypatch.setattr(memory, "_LINUX", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "_OWN_GROUPS", tmp_path / "own")
    monkeypatch.setattr(memory, "_GROUPS", tmp_path / "groups")
    return tmp_path / "groups"


def _left() -> float:
    found = memory.available(torch.device("cpu"))
    assert found is not None
    return found / GB


def test_without_limits_it_is_what_the_machine_has_left(groups: Path) -> None:
    assert _left() == pytest.approx(8)
    _limited(groups, V2, "max", 3 * GB)
    assert _left() == pytest.approx(8)


@pytest.mark.parametrize(("names", "controller"), [(V2, ""), (V1, "memory")])
def test_a_group_may_take_less(names: tuple[str, str, str], controller: str, groups: Path, tmp_path: Path) -> None:
    (tmp_path / "own").write_text(f"12:cpu:/x\n5:{controller}:/outer/inner\n")
    top = groups / controller
    _limited(top / "outer", names, str(4 * GB), 1 * GB)
    assert _left() == pytest.approx(3)  # what holds for a group holds for those within
    _limited(top / "outer" / "inner", names, str(2 * GB), 1_800_000_000, cached=500_000_000)
    assert _left() == pytest.approx(0.7)  # files that were read are given back
    _limited(top / "outer" / "inner", names, str(2 * GB), 3 * GB)
    assert _left() == 0
    _limited(top / "outer" / "inner", names, "9223372036854771712", 3 * GB)  # none, as version 1 writes it
    assert _left() == pytest.approx(3)
    _limited(top / "other", names, str(GB), 0)
    assert _left() == pytest.approx(3)


def test_within_a_container_its_group_is_the_outermost(groups: Path, tmp_path: Path) -> None:
    (tmp_path / "own").write_text("0::/docker/0123/and/more\n")  # which is not there
    _limited(groups, V2, str(2 * GB), GB)
    assert _left() == pytest.approx(1)


def test_where_nothing_tells_there_is_no_answer(groups: Path, tmp_path: Path) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 99 kB\n")
    (tmp_path / "own").unlink()
    assert memory.available(torch.device("cpu")) is None
