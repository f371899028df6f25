"""How an import may be cut and split."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Format = Literal["kkbox", "melon"]
SplitRule = Literal["auto", "files", "latest-issue", "last"]
Preset = Literal["all", "reference"]


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


def options_for(format: Format, preset: Preset, **chosen: object) -> ImportOptions:
    """Return the preset's options with every option in `chosen` that is not None laid over them."""
    base = REFERENCE[format] if preset == "reference" else ImportOptions()
    return replace(base, **{name: value for name, value in chosen.items() if value is not None})  # type: ignore[arg-type]
