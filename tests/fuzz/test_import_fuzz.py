"""Whatever the bytes, an import ends with every row accounted for, or with one line that names the file."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no way to their neighbours

import pytest
from accounting import keeps_its_promise
from hostile_files import HEADERS, Case, draw, zipped
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musicrec.core.tables.sources import MOST_UNPACKED

GOOD = f"{HEADERS['train.csv']}\nu1,s1,,,,1\nu1,s2,,,,1\n".encode()
TEXT = st.characters(exclude_categories=["Cs"], exclude_characters="\n\r")
DELIMITER = "\x1f\x1e\x1f\x1e"


@pytest.mark.parametrize("seed", range(9000, 9010))
def test_drawn_folders(seed: int, tmp_path: Path) -> None:
    keeps_its_promise(draw(Random(seed), 60), tmp_path)


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r"), max_size=40), max_size=30
    )
)
def test_lines_of_any_text(lines: list[str], tmp_path: Path) -> None:
    assert keeps_its_promise(Case("kkbox", {"train.csv": GOOD + "\n".join(lines).encode()}), tmp_path) == "imported"


def test_a_separator_in_a_title_loses_nothing(tmp_path: Path) -> None:
    for n in range(3):
        text = DELIMITER * (n > 0) + "\x1e\x1f\x1f\x1f" * (n > 1)
        lines = f"{text},s3,,,,1\nu2,s4,{text}x,,,1\n".encode()
        assert keeps_its_promise(Case("kkbox", {"train.csv": GOOD + lines}), tmp_path) == "imported"


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("train.csv", "folder", "is a folder, expected a file"),
        ("train.csv.gz", "folder", "is a folder, expected a file"),
        ("songs.csv", "pipe", "is a pipe or a device, expected a file"),
        ("members.csv", "link", "No such file or directory"),
        ("train.csv", GOOD.replace(b"\n", b"\r"), "lines that end in CR alone, expected LF"),
        ("train.csv", b'msno,song_id,"' + b"x" * 200_000 + b'"\n' + GOOD, "has no header that can be read"),
        ("train.csv.zip", zipped({"train.csv": GOOD})[:60], "is no zip that can be read"),
        ("songs.csv", HEADERS["songs.csv"].encode() + b"\ns1," + b"x" * (10 << 20), "cannot be read"),
    ],
    ids=["folder", "packed folder", "pipe", "link", "CR", "endless header", "cut zip", "endless line"],
)
def test_what_is_no_file_of_a_dataset(name: str, content: bytes | str, line: str, tmp_path: Path) -> None:
    files = {} if name.startswith("train") else {"train.csv": GOOD}
    odd = {name: content} if isinstance(content, str) else {}
    files |= {name: content} if isinstance(content, bytes) else {}
    assert line in keeps_its_promise(Case("kkbox", files, odd), tmp_path)


def test_a_member_outside_the_folder_is_read_inside(tmp_path: Path) -> None:
    packed = zipped({"../../../train.csv": GOOD})
    (tmp_path / "root").mkdir()
    assert keeps_its_promise(Case("kkbox", {"train.csv.zip": packed}), tmp_path / "root") == "imported"
    assert [path.name for path in tmp_path.iterdir()] == ["root"]


def _damaged(packed: bytes) -> bytes:
    """A zip whose deflated bytes are no deflate stream."""
    start = packed.index(b"train.csv") + len(b"train.csv")
    return packed[:start] + b"\xff" * 8 + packed[start + 8 :]


def test_a_damaged_member_is_told(tmp_path: Path) -> None:
    case = Case("kkbox", {"train.csv.zip": _damaged(zipped({"train.csv": GOOD * 9}))})
    assert "is no zip that can be read" in keeps_its_promise(case, tmp_path)


@pytest.mark.parametrize("ending", [".gz", ".zip"])
def test_an_archive_without_end_is_refused(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import gzip

    from musicrec.core.tables import sources

    assert MOST_UNPACKED == 1 << 30
    monkeypatch.setattr(sources, "MOST_UNPACKED", 1 << 20)
    content = GOOD + b"\n" * (4 << 20)
    packed = gzip.compress(content) if ending == ".gz" else zipped({"train.csv": content})
    case = Case("kkbox", {f"train.csv{ending}": packed})
    assert "unpacks to more than 100 times its size" in keeps_its_promise(case, tmp_path)


@pytest.mark.parametrize("cut", [20, 40, -9, -1])
def test_a_cut_gz_is_never_taken_for_whole(cut: int, tmp_path: Path) -> None:
    import gzip

    packed = gzip.compress(GOOD + b"".join(b"u%d,s%d,,,,1\n" % (n, n * n) for n in range(300)))
    assert "cannot be read" in keeps_its_promise(Case("kkbox", {"train.csv.gz": packed[:cut]}), tmp_path)


def test_an_import_after_one_that_was_refused(tmp_path: Path) -> None:
    keeps_its_promise(Case("kkbox", {"train.csv": GOOD.replace(b"s1", b"\xff")}), tmp_path)
    assert keeps_its_promise(Case("kkbox", {"train.csv": GOOD}), tmp_path) == "imported"


@pytest.mark.parametrize("deep", [100, 100_000])
def test_json_as_deep_as_can_be(deep: int, tmp_path: Path) -> None:
    records = '[{"id": 1, "songs": [1, 2]}, {"id": 2, "songs": ' + "[" * deep + "]" * deep + "}]"
    keeps_its_promise(Case("melon", {"train.json": records.encode()}), tmp_path)
