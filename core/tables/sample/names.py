"""Invented names: artists and writers by number, titles by chance."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from random import Random

from musicrec.core.tables.sample.words import ENGLISH, LEXICONS, Lexicon

_STRIDE = 7_368_787  # prime, so that it walks through every combination of any lexicon before one comes back
_EMOJI = ("🌙", "🐳", "☔️", "✨", "👩‍🚀", "🇹🇼", "🎈", "❤️‍🔥")
_VERSIONS = (" (Live)", " [Live]", " (Remix)", " - Remastered", " (Acoustic Version)", " [Demo]")
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def artist_name(language: str, number: int) -> str:
    """Return the name of the artist with this number among those of its language; every number has its own name.

    Two in five are persons, the others groups; some Chinese ones carry a second name in brackets.
    """
    lexicon = LEXICONS[language]
    if number % 5 < 2:
        name = _person(lexicon, number // 5 * 2 + number % 5)
    else:
        name = _group(lexicon, number // 5 * 3 + number % 5 - 2)
    if language in ("zh", "yue", "nan") and number % 3 == 0:
        name = f"{name} ({_group(ENGLISH, number) if number % 5 >= 2 else _person(ENGLISH, number)})"
    return name


def writer_name(language: str, number: int) -> str:
    """Return the name of a composer or lyricist; numbers far apart may share one."""
    lexicon = LEXICONS[language]
    size = len(lexicon.families) * len(lexicon.firsts) * len(lexicon.lasts)
    return _person(lexicon, (number + size // 2) % size)


def title(language: str, chance: Random, guests: Sequence[str]) -> str:
    """Return a song title; a few carry versions, guests, emoji, markup, full-width letters or decomposed marks."""
    lexicon = LEXICONS[language]
    text = chance.choice(lexicon.titles)
    for slot, words in (("{a}", lexicon.adjectives), ("{n}", lexicon.nouns), ("{f}", lexicon.firsts)):
        while slot in text:
            text = text.replace(slot, chance.choice(words), 1)
    if language == "vi" and chance.random() < 0.5:
        text = unicodedata.normalize("NFD", text)
    return _decorated(text, chance, guests)


def _decorated(text: str, chance: Random, guests: Sequence[str]) -> str:
    draw = chance.random()
    if draw < 0.76:
        return text
    if draw < 0.86:
        return text + chance.choice(_VERSIONS)
    if draw < 0.91:
        return f"{text} (feat. {chance.choice(guests)})"
    if draw < 0.93:
        return f"{text} {chance.choice(_EMOJI)}"
    if draw < 0.94:
        return text.translate(_FULL_WIDTH)
    if draw < 0.95:
        return chance.choice(('"{}"', "{}, Pt. 2", "[b]{}[/b]", "{} \\ Intro", "'{}'", "{}|Interlude")).format(text)
    return unicodedata.normalize("NFD", text) if draw < 0.98 else f"{text} {chance.choice(('II', 'III', '0', 'No.5'))}"


def _group(lexicon: Lexicon, number: int) -> str:
    adjective, noun, gathering, again = _pick(number, lexicon.adjectives, lexicon.nouns, lexicon.gatherings)
    return lexicon.group.format(a=adjective, n=noun, g=gathering) + again


def _person(lexicon: Lexicon, number: int) -> str:
    family, first, last, again = _pick(number, lexicon.families, lexicon.firsts, lexicon.lasts)
    return lexicon.person.format(s=family, f=first, l=last) + again


def _pick(number: int, *lists: tuple[str, ...]) -> tuple[str, str, str, str]:
    one, two, three = lists
    size = len(one) * len(two) * len(three)
    lap, place = divmod(number, size)
    place = place * _STRIDE % size
    again = f" {lap + 1}" if lap else ""
    return one[place % len(one)], two[place // len(one) % len(two)], three[place // len(one) // len(two)], again
