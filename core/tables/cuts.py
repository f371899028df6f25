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
    apply_each(draft, songs, 0)
    if options.min_playlist_len is not None or options.max_playlist_len is not None:
        draft.run("cuts/past_lengths")
    apply_each(draft, listeners, len(songs))
    if format == "melon":
        draft.run("cuts/reason", cut=len(songs) + len(listeners), reason="cuts of all their songs")
        draft.run("cuts/emptied")
    if draft.number("cuts/any"):
        draft.run("cuts/counts")


def apply_each(draft: Draft, cuts: Iterable[Cut], start: int) -> None:
    """Apply the cuts that have a bound, one after the other; they are numbered from `start`."""
    for number, cut in enumerate(cuts, start):
        if cut.bound is None:
            continue
        draft.run("cuts/reason", cut=number, reason=f"{cut.option} {cut.bound:g}")
        draft.run(cut.script, bound=cut.bound)
        if draft.number("cuts/remains") == 0:
            raise ImportFailed(f"nothing remains after {cut.option} {cut.bound:g}: give a looser bound, or none")
