"""Cuts a staged dataset down as the options ask, songs first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from musicrec.core.errors import ImportFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from musicrec.core.tables.draft import Draft
    from musicrec.core.tables.options import Format, ImportOptions


@dataclass(frozen=True, slots=True)
class Cut:
    """A bound that was asked for, the option as it is typed and the script that applies it."""

    option: str
    script: str
    bound: float | None


def apply_cuts(draft: Draft, format: Format, options: ImportOptions) -> None:
    """Mark the songs and then the listeners that `options` leave out, in the order of the reference programs.

    A song's plays are counted before any cut; a listener's after the cuts of songs. Melon playlists that the cuts of
    songs left empty go too. Raises ImportFailed naming the cut after which no play remains.
    """
    songs = (
        Cut("--top", "cuts/top", options.top),
        Cut("--max-song-seconds", "cuts/song_length", options.max_song_seconds),
        Cut("--min-song-plays", "cuts/song_plays", options.min_song_plays),
    )
    listeners = (
        Cut("--min-age", "cuts/min_age", options.min_age),
        Cut("--max-age", "cuts/max_age", options.max_age),
        Cut("--min-playlist-len", "cuts/min_playlist", options.min_playlist_len),
        Cut("--max-playlist-len", "cuts/max_playlist", options.max_playlist_len),
    )
    draft.say("cutting", 0.55)
    if format != "melon" and all(cut.bound is None for cut in (*songs, *listeners)):
        return
    draft.run("cuts/song_counts")
    apply_each(draft, songs, 0, "cuts/songs_remain")
    draft.run("cuts/listener_counts")
    apply_each(draft, listeners, len(songs), "cuts/listeners_remain")
    if format == "melon":
        draft.run("cuts/reason", cut=len(songs) + len(listeners), reason="cuts of all their songs")
        draft.run("cuts/emptied")
    draft.run("cuts/counts")


def apply_each(draft: Draft, cuts: Iterable[Cut], start: int, remains: str) -> None:
    """Apply the cuts that have a bound, one after the other; they are numbered from `start`.

    The script `remains` counts what still has plays.
    """
    for number, cut in enumerate(cuts, start):
        if cut.bound is None:
            continue
        draft.run("cuts/reason", cut=number, reason=f"{cut.option} {cut.bound:g}")
        draft.run(cut.script, bound=cut.bound)
        if draft.number(remains) == 0:
            raise ImportFailed(f"nothing remains after {cut.option} {cut.bound:g}: give a looser bound, or none")
