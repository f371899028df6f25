"""Titles may hold anything; what the tables hold can be shown."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator

import duckdb
import pytest
from handmade import Import, playlist, song
from hypothesis import given, settings
from hypothesis import strategies as st

from musicrec.core.tables.statements import run_script
from musicrec.core.text import fold

OVERRIDES = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A)), "\ufeff"}


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        run_script(connection, "build/text")
        yield connection


def cleaned(connection: duckdb.DuckDBPyConnection, texts: list[str]) -> list[str | None]:
    rows = connection.execute("SELECT clean(text) FROM (SELECT unnest(?::VARCHAR[]) AS text)", [texts]).fetchall()
    return [text for (text,) in rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Song [Live]", "Song [Live]"),
        ("  a \t\n b  ", "a b"),
        ("全角　空白\u00a0と", "全角 空白 と"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07song", "song"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jcleared", "cleared"),
        ("\x1b]0;never ended", "0;never ended"),
        ("\x1bcreset", "reset"),
        ("a\u202eb\u2066c", "abc"),
        ("nul\x00 bell\x07", "nul bell"),
        ("e\u0301te\u0301", "été"),
        ("각", "각"),
        ("👨\u200d👩\u200d👧 ❤\ufe0f", "👨\u200d👩\u200d👧 ❤\ufe0f"),
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),
        ("\x00\x1b[2J \u202e", None),
        ("", None),
    ],
)
def test_clean(connection, text, expected):
    assert cleaned(connection, [text]) == [expected]


def test_every_character_that_nfc_changes_is_asked_about(connection):
    characters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    changed = [text for text in characters if unicodedata.normalize("NFC", text) != text]
    after = "aAeiouEIOUกあカ\u0915\u09c7\u1100가"
    joined = {
        second
        for second in characters
        if unicodedata.category(second) in ("Mn", "Mc", "Lo") and not 0x3400 <= ord(second) < 0xAC00
        for first in after
        if len(unicodedata.normalize("NFC", first + second)) == 1
    }
    texts = [*changed, *sorted(joined)]
    sql = "SELECT text FROM (SELECT unnest(?::VARCHAR[]) AS text) WHERE NOT unsettled(text)"
    assert connection.execute(sql, [texts]).fetchall() == []


hostile = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from("\x1b[]m;\x07\x9b\x9d\\\u202e\u2067\u200d\x00\t 　éé\u0301\u1100\u1161"),
    ),
    max_size=20,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(hostile, min_size=1, max_size=20))
def test_clean_text_can_be_shown_and_stays_as_it_is(connection, texts):
    found = cleaned(connection, texts)
    for text in found:
        assert text != ""
        if text is None:
            continue
        assert not any(unicodedata.category(character) == "Cc" or character in OVERRIDES for character in text)
        assert "  " not in text
        assert text == text.strip()
        assert unicodedata.is_normalized("NFC", text)
    kept = [text for text in found if text is not None]
    assert cleaned(connection, kept) == kept


def test_hostile_titles_arrive_clean_and_searchable(kkbox: Import, melon: Import):
    made = kkbox(train=["u1,s1,,,,1"], song_extra_info=['s1,"\x1b[31mＥvil\x1b[0m [/b] \u202e‼",'])
    assert made.rows("SELECT title, search FROM songs") == [("Ｅvil [/b] ‼", "evil [/b] !!\n\n\ns1")]
    made = melon(
        train=[playlist(1, [2], plylst_title="a\u0000\u001b[2Jb", tags=["\u202ex", "x"])],
        song_meta=[song(2, song_name="ﬀ\n\tÉ", artist_name_basket=["\u0007", "Ａ", "b"])],
    )
    assert made.rows("SELECT title, tags, search FROM listeners") == [("ab", ["x"], "ab\nx\n1")]
    assert made.rows("SELECT title, artists, search FROM songs") == [("ﬀ É", ["Ａ", "b"], "ff é\na\tb\nalbum\n2")]


def test_text_that_is_folded_without_python_is_folded_alike(connection):
    connection.create_function("fold_text", fold, ["VARCHAR"], "VARCHAR")
    run_script(connection, "build/folding")
    texts = [chr(code) for code in range(0x10000) if not 0xD800 <= code < 0xE000]
    texts += [f"{text}か\u3099{text}각 STRASSE" for text in texts[::97]]
    rows = connection.execute("SELECT folded(text) FROM (SELECT unnest(?::VARCHAR[]) AS text)", [texts]).fetchall()
    assert [text for (text,) in rows] == [fold(text) for text in texts]
