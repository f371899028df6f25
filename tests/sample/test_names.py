"""Invented names are many, differ, and hold what a screen and a CSV reader must cope with."""

from __future__ import annotations

import unicodedata

import pytest

from musicrec.core.tables.sample.names import artist_name
from musicrec.core.tables.sample.themes import GENRES, THEMES
from musicrec.core.tables.sample.words import LEXICONS


@pytest.mark.parametrize("language", LEXICONS)
def test_artists_have_names_of_their_own(language):
    names = [artist_name(language, number) for number in range(10_000)]
    assert len(set(names)) == len(names)
    assert all(name == name.strip() and "  " not in name and "|" not in name for name in names)


@pytest.mark.parametrize("script", ["CJK UNIFIED", "HANGUL", "HIRAGANA", "THAI", "LATIN"])
def test_titles_are_in_five_scripts(kkbox, script):
    titles = "".join(row["name"] for row in kkbox.rows("song_extra_info.csv"))
    assert any(unicodedata.name(letter, "").startswith(script) for letter in titles)


@pytest.mark.parametrize("part", ["[Live]", "(feat. ", '"', ", ", "|", "🐳", "\u0301", "Ａ", "[/b]", "\u0e31"])
def test_titles_hold_what_is_hard_to_show(kkbox, melon, part):
    titles = [row["name"] for row in kkbox.rows("song_extra_info.csv")]
    titles += [song["song_name"] for song in melon.document("song_meta.json")]
    assert any(part in title for title in titles)


def test_themes_have_words_and_genres_names():
    assert len(THEMES) == 24
    assert all(len(words) >= 5 for words in THEMES)
    assert all(code.startswith("GN") and name for code, name in GENRES.items())
