"""What a file is known not to hold spares its lines questions; the dataset is the same as if each was asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from handmade import MEMBERS, SONGS, TITLES, TRAIN, imported, write
from hypothesis import given, settings
from hypothesis import strategies as st

from musicrec.core.tables import kkbox
from musicrec.core.tables.sources import Source
from musicrec.core.tables.textures import Texture, texture

IDS = st.sampled_from(["a", "b", "c", "dd", "", " a", "x y", "歌"])
WORDS = st.sampled_from(
    [
        "",
        "null",
        "NULL",
        "my library",
        " song",
        "song ",
        "two  spaces",
        'a "q"',
        '"q, r"',
        "é",
        "e\u0301",
        "\x1b[1m",
        "\x7f",
    ]
)
TAME = st.sampled_from(["", "null", "my library", "song", "A & B", "465|458"])


def lines(*fields: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(
        st.one_of(st.tuples(*fields).map(",".join), st.sampled_from([",", "", "a,b", "a,b,,,,,,"])), max_size=8
    )


@st.composite
def folders(draw: st.DrawFn) -> dict[str, str]:
    """Files of KKBOX, some of which hold nothing odd."""
    files = {}
    for name, header, ids in (
        ("train", TRAIN, 2),
        ("songs", SONGS, 1),
        ("song_extra_info", TITLES, 1),
        ("members", MEMBERS, 1),
    ):
        odd = draw(st.booleans())
        fields = [IDS if odd else st.sampled_from("abc")] * ids
        fields += [WORDS if odd else TAME] * (header.count(",") + 1 - ids)
        files[f"{name}.csv"] = "\n".join([header, "a,b,c,d,e,f,g"[: 2 * header.count(",") + 1], *draw(lines(*fields))])
    return files


def unknown(source: Source, candidates: tuple[str, ...], columns: int, stopped: Callable[[], bool]) -> Texture:
    """Say nothing of a file but what stands between fields of no line."""
    known = texture(source, candidates, columns, stopped)
    return Texture(known.absent, ascii=False, smooth=False, quotes=True, plain=False, even=False, lines=known.lines)


@settings(max_examples=15, deadline=None)
@given(folders())
def test_a_dataset_is_the_same_whatever_is_known_of_its_files(files: dict[str, str]):
    with TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        folder = write(Path(place) / "in", files)
        made = imported("kkbox", folder, Path(place) / "known.duckdb")
        patch.setattr(kkbox, "texture", unknown)
        asked = imported("kkbox", folder, Path(place) / "asked.duckdb")
        rejects = "SELECT * FROM rejects ORDER BY ALL"
        assert made.report.card.fingerprint == asked.report.card.fingerprint
        assert made.counts == asked.counts
        assert made.rows(rejects) == asked.rows(rejects)


@pytest.mark.parametrize(
    ("text", "smooth"),
    [
        (b"a b\nc\n", True),
        ("歌\n".encode(), True),
        (b"a  b", False),
        (b"a\r\n", False),
        (b"a\x00", False),
        (b"\x7f", False),
    ],
)
def test_smooth_text_has_no_control_character_and_no_two_spaces(tmp_path: Path, text: bytes, smooth: bool):
    assert texture_of(tmp_path, text).smooth is smooth


@pytest.mark.parametrize(
    ("text", "plain"),
    [("a,b c\n", True), ("a, b", False), ("a,b ", False), ('a,"b"', False), ("a,é", False), ("a\n b", False)],
)
def test_plain_files_have_fields_that_are_what_they_say(tmp_path: Path, text: str, plain: bool):
    assert texture_of(tmp_path, text.encode()).plain is plain


@pytest.mark.parametrize(
    ("text", "even"),
    [
        (b"a,b\n1,2\n", True),
        (b"a,b\n1,2", True),
        (b"a,b\n1,2,\n", False),  # a comma at the end of a line that is full
        (b"a,b\n1\n", False),
        (b"a,b\n\n", False),
        (b"a,b\r\n1,2\r\n", False),
        (b'a,b\n"1,2",3\n"x ""y""",\n"",""\n', True),
        (b'a,b\n1,2"\n', False),
        (b'a,b\n1"",2\n', False),  # doubled outside of quotes
        (b'a,b\n"1" ,2\n', False),
        (b'a,b\n"1,2\n', False),
        (b"a\n1\n", False),
    ],
)
def test_even_files_are_cut_alike_by_whoever_reads_them(tmp_path: Path, text: bytes, even: bool):
    assert texture_of(tmp_path, text, text.split(b"\n")[0].count(b",") + 1).even is even


@pytest.mark.parametrize("text", [b"abc  def", b"ab\nc  def\nab  c\n", b"abcdefg\n  a\n"])
def test_two_spaces_are_found_wherever_reading_pauses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: bytes):
    monkeypatch.setattr("musicrec.core.tables.textures.CHUNK", 4)
    assert not texture_of(tmp_path, text).smooth


def texture_of(folder: Path, text: bytes, columns: int = 2) -> Texture:
    path = folder / "songs.csv"
    path.write_bytes(text)
    return texture(Source("songs.csv", path, path), ("\x1f",), columns)
