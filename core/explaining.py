"""The why of a recommendation in one sentence that a person can read."""

from __future__ import annotations

from dataclasses import dataclass

from musicrec.core.records import Neighbour, ScorePart, Song


@dataclass(frozen=True, slots=True)
class Case:
    """What is known about one song for one listener. `past` holds everything that they played."""

    song: Song
    parts: tuple[ScorePart, ...]
    nearest: tuple[Neighbour, ...]
    past: tuple[Song, ...]
    popularity_rank: int
    usual: tuple[float, ...]  # what each part is for this listener on average over the catalogue

    @property
    def shared_artists(self) -> tuple[str, ...]:
        """Artists of the song that the listener played before."""
        played = {artist for song in self.past for artist in song.artists}
        return tuple(artist for artist in self.song.artists if artist in played)

    @property
    def shared_genres(self) -> tuple[str, ...]:
        """Genres of the song that the listener played before."""
        played = {genre for song in self.past for genre in song.genres}
        return tuple(genre for genre in self.song.genres if genre in played)


def sentence(case: Case) -> str:
    """Say why, from the strongest reason down: who made it, what it is near to, which part of the score carries it."""
    reasons = [reason for reason in (_artist(case), _near(case), _genre(case), _strongest(case)) if reason]
    reasons.append(_popularity(case))
    text = "; ".join(reasons)
    return text[0].upper() + text[1:] + "."


def _artist(case: Case) -> str:
    if not case.shared_artists:
        return ""
    artist = case.shared_artists[0]
    plays = sum(artist in song.artists for song in case.past)
    return f"by {artist}, played {_times(plays)} before"


def _near(case: Case) -> str:
    near = [neighbour for neighbour in case.nearest[:2] if neighbour.similarity > 0]
    return "nearest to " + " and ".join(f"“{_name(each.song)}”" for each in near) + " of their past" if near else ""


def _genre(case: Case) -> str:
    if case.shared_artists or not case.song.genres:
        return ""
    if not case.shared_genres:
        return f"outside their genres ({case.song.genres[0]})" if case.past else ""
    plays = sum(bool(set(case.shared_genres) & set(song.genres)) for song in case.past)
    return f"{case.shared_genres[0]} is in {plays / len(case.past):.0%} of their plays"


def _strongest(case: Case) -> str:
    # A part that is high for every song says nothing of this one: what counts is how far it lifts it above the others
    compared = zip(case.parts, case.usual, strict=True)
    lifts = [(part.value - usual, part.name) for part, usual in compared if part.name != "bias"]
    lift, name = max(lifts, default=(0.0, ""))
    return f"the {name} part of the score speaks most for it" if len(lifts) > 1 and lift > 0 and case.past else ""


def _popularity(case: Case) -> str:
    if case.song.plays == 0:
        return "nobody has played it yet"
    return f"number {case.popularity_rank:,} of all songs by plays"


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{count} times"


def _name(song: Song) -> str:
    return song.title or f"#{song.id}"
