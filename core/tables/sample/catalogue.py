"""The catalogue in words: invented artists, titles and writers for the numbers of a world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np

from musicrec.core.tables.sample.names import artist_name, title, writer_name
from musicrec.core.tables.sample.world import World


@dataclass(frozen=True, slots=True)
class SongText:
    """What a catalogue prints of one song; `chance` goes on for whatever else a format draws."""

    song: int
    title: str
    artists: tuple[int, ...]
    language: str
    scene: int
    genres: tuple[str, ...]


def artist_names(world: World) -> list[str]:
    """Return the names of all artists; no two are the same within a language."""
    met: dict[str, int] = {}
    names = []
    for scene in world.artist_scene.tolist():
        language = world.scenes.language[scene]
        lexicon = "zh" if language in ("yue", "nan") else "en" if language == "none" else language
        met[lexicon] = met.get(lexicon, -1) + 1
        names.append(artist_name(lexicon, met[lexicon]))
    return names


def song_texts(world: World, names: list[str], seed: int, chance: Random) -> Iterator[SongText]:
    """Yield every song in a chance order, so that the order of the file tells nothing; draws go on in `chance`."""
    order = np.random.default_rng((seed, 5)).permutation(world.songs)
    for song in order.tolist():
        artist = int(world.song_artist[song])
        scene = int(world.artist_scene[artist])
        language = world.scenes.language[scene]
        guest = (chance.randrange(len(names)),) if chance.random() < 0.016 else ()
        yield SongText(
            song=song,
            title=title(language, chance, names),
            artists=(artist, *(other for other in guest if other != artist)),
            language=language,
            scene=scene,
            genres=_genres(world.scenes.genres[scene], int(world.song_genre[song])),
        )


def writers(world: World, names: list[str], text: SongText, chance: Random) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return composers and lyricists: the artist or the regulars of the scene, whom its artists share; often nobody."""
    artist = text.artists[0]
    crew = (world.scene_first[text.scene + 1] - world.scene_first[text.scene]) // 2 + 3

    def one() -> str:
        if chance.random() < 0.2:
            return names[artist]
        number = int(world.scene_first[text.scene]) + (artist * 31 + chance.randrange(3) * 17) % int(crew)
        return writer_name(text.language, number)

    composers = [one() for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4)))] if chance.random() < 0.58 else []
    lyricists = [one() for _ in range(chance.choice((1, 1, 1, 1, 2)))] if composers and chance.random() < 0.47 else []
    return tuple(dict.fromkeys(composers)), tuple(dict.fromkeys(lyricists))


def _genres(scene: tuple[str, str], which: int) -> tuple[str, ...]:
    return (scene[:1], scene[1:], tuple(dict.fromkeys(scene)), ())[which]
