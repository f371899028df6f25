"""How an import may be cut and split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeVar

Format = Literal["kkbox", "melon"]
SplitRule = Literal["auto", "files", "latest-issue", "last"]
Preset = Literal["all", "reference"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """The cuts of an import; None keeps everything.

    `top` keeps songs whose plays exceed this share of the most played song's. `min_playlist_len` and
    `max_playlist_len` bound a listener's plays (training plays where a file split exists), `min_song_plays` the
    listeners or playlists of a song, `max_song_seconds` a song's length, `min_age` and `max_age` a listener's age. A
    bound drops what is unknown only where the value is what it bounds: an unknown age fails `min_age`.
    """

    split: SplitRule = "auto"
    top: float | None = None
    min_playlist_len: int | None = None
    max_playlist_len: int | None = None
    min_song_plays: int | None = None
    max_song_seconds: int | None = None
    min_age: int | None = None
    max_age: int | None = None


REFERENCE: dict[Format, ImportOptions] = {
    "kkbox": ImportOptions(
        top=0.001, min_playlist_len=20, max_playlist_len=200, max_song_seconds=360, min_age=16, max_age=59
    ),
    "melon": ImportOptions(min_song_plays=25, min_playlist_len=2),
}


def options_for(
    format: Format,
    preset: Preset,
    *,
    split: SplitRule | None = None,
    top: float | None = None,
    min_playlist_len: int | None = None,
    max_playlist_len: int | None = None,
    min_song_plays: int | None = None,
    max_song_seconds: int | None = None,
    min_age: int | None = None,
    max_age: int | None = None,
) -> ImportOptions:
    """Return the preset's options with every option that is not None laid over them."""
    base = REFERENCE[format] if preset == "reference" else ImportOptions()
    return ImportOptions(
        split=_or(split, base.split),
        top=_or(top, base.top),
        min_playlist_len=_or(min_playlist_len, base.min_playlist_len),
        max_playlist_len=_or(max_playlist_len, base.max_playlist_len),
        min_song_plays=_or(min_song_plays, base.min_song_plays),
        max_song_seconds=_or(max_song_seconds, base.max_song_seconds),
        min_age=_or(min_age, base.min_age),
        max_age=_or(max_age, base.max_age),
    )


def _or(value: T | None, otherwise: T) -> T:
    return otherwise if value is None else value
