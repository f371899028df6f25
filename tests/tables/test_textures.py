"""What a file is known not to hold spares its lines questions; the dataset is the same as if each was asked."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from handmade import MEMBERS, SONGS, TITLES, TRAIN, imported, write
from hypothesis import given, settings
from hypothesis import strategies as st

from musicrec.core.errors import ImportFailed
from musicrec.core.tables import kkbox
from musicrec.core.tables.draft import Draft
from musicrec.core.tables.sources import Source, Texture, is_smooth, texture

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


def unknown(source: Source, candidates: tuple[str, ...]) -> Texture:
    """Say nothing of a file but what stands between fields of no line."""
    return Texture(texture(source, candidates).absent, ascii=False, smooth=False, quotes=True, plain=False)


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
def test_smooth_text_has_no_control_character_and_no_two_spaces(text: bytes, smooth: bool):
    assert is_smooth(text) is smooth


@pytest.mark.parametrize(
    ("text", "plain"),
    [("a,b c\n", True), ("a, b", False), ("a,b ", False), ('a,"b"', False), ("a,é", False), ("a\n b", False)],
)
def test_plain_files_have_fields_that_are_what_they_say(tmp_path: Path, text: str, plain: bool):
    path = tmp_path / "songs.csv"
    path.write_text(text)
    assert texture(Source("songs.csv", path, path), ("\x1f",)).plain is plain


def test_two_spaces_on_both_sides_of_what_is_read_at_once_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("musicrec.core.tables.sources.CHUNK", 4)
    path = tmp_path / "songs.csv"
    path.write_text("abc  def")
    assert not texture(Source("songs.csv", path, path), ("\x1f",)).smooth


def test_ids_that_share_a_hash_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    run = Draft.run

    def colliding(draft: Draft, script: str, /, **values: object) -> list[tuple[object, ...]]:
        found = run(draft, script, **values)
        if script == "kkbox/text":
            draft.connection.execute("CREATE OR REPLACE TEMP MACRO code(id) AS hash(len(id))")
        return found

    monkeypatch.setattr(Draft, "run", colliding)
    folder = write(tmp_path / "in", {"train.csv": f"{TRAIN}\nu1,s1,,,,\nu1,s2,,,,\n"})
    with pytest.raises(ImportFailed, match="two ids with one hash"):
        imported("kkbox", folder, tmp_path / "k.duckdb")
