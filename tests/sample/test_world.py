"""The world behind the sample has structure: order, taste and demographics each say something about the next play."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from random import Random

import numpy as np
import pytest

from musicrec.core.tables.sample.crowd import gather, lean
from musicrec.core.tables.sample.flavours import FLAVOURS
from musicrec.core.tables.sample.world import build_world, spread


def _share_same(sequences: list[list[str]]) -> float:
    pairs = [one == other for sequence in sequences for one, other in pairwise(sequence)]
    return sum(pairs) / len(pairs)


def _shuffled(sequences: list[list[str]]) -> list[list[str]]:
    chance = Random(1)
    return [chance.sample(sequence, len(sequence)) for sequence in sequences]


def _pooled(sequences: list[list[str]]) -> float:
    counts = Counter(value for sequence in sequences for value in sequence)
    return sum((number / counts.total()) ** 2 for number in counts.values())


def _by_listener(kkbox, value) -> list[list[str]]:
    songs = {row["song_id"]: row for row in kkbox.rows("songs.csv")}
    listened = defaultdict(list)
    for row in kkbox.rows("train.csv"):
        if row["song_id"] in songs:
            listened[row["msno"]].append(value(row, songs[row["song_id"]]))
    return list(listened.values())


@pytest.mark.parametrize(
    ("column", "over_shuffled", "over_pooled"),
    [("artist_name", 2.5, 8.0), ("genre_ids", 1.1, 1.2), ("language", 1.2, 1.5)],
)
def test_recent_plays_say_more_than_taste_and_taste_more_than_popularity(kkbox, column, over_shuffled, over_pooled):
    sequences = _by_listener(kkbox, lambda play, song: song[column])
    in_order, shuffled = _share_same(sequences), _share_same(_shuffled(sequences))
    assert in_order > over_shuffled * shuffled
    assert shuffled > _pooled(sequences)
    assert in_order > over_pooled * _pooled(sequences)


def test_sessions_keep_their_tab(kkbox):
    assert _share_same(_by_listener(kkbox, lambda play, song: play["source_system_tab"])) > 0.9


def test_popularity_is_skewed_but_not_all(kkbox):
    plays = np.sort(list(Counter(row["song_id"] for row in kkbox.rows("train.csv")).values()))
    ranks = 2 * np.arange(len(plays)) - len(plays) + 1
    assert 0.4 < (ranks * plays).sum() / (len(plays) * plays.sum()) < 0.75


def test_the_library_is_repeated_more_than_the_radio(kkbox):
    again = defaultdict(list)
    for row in kkbox.rows("train.csv"):
        again[row["source_system_tab"]].append(row["target"] == "1")
    assert np.mean(again["my library"]) > np.mean(again["discover"]) > np.mean(again["radio"])


def test_demographics_hint_at_taste():
    flavour = FLAVOURS["kkbox"]
    world = build_world(flavour, 2000, 7)
    crowd = gather(flavour, 4000, 40_000, 2000, 7, 0.2)
    taste = lean(world, flavour, crowd, slice(0, 4000), None, np.random.default_rng(0)).taste
    older = world.scenes.age > np.average(world.scenes.age, weights=world.scenes.weight)
    share = taste[:, older].sum(axis=1)
    assert share[crowd.age > 40].mean() > 1.1 * share[crowd.age < 22].mean()
    feminine = world.scenes.gender > 0
    assert (
        taste[crowd.female > 0][:, feminine].sum(axis=1).mean()
        > taste[crowd.female < 0][:, feminine].sum(axis=1).mean()
    )


def test_playlist_order_drifts(melon):
    artists = {song["id"]: song["artist_id_basket"][0] for song in melon.document("song_meta.json")}
    playlists = [[artists[song] for song in playlist["songs"]] for playlist in melon.document("train.json")]
    assert _share_same(playlists) > 2 * _share_same(_shuffled(playlists))


def test_tags_tell_of_the_songs(melon):
    genre = {song["id"]: song["song_gn_gnr_basket"][:1] for song in melon.document("song_meta.json")}
    by_tag = defaultdict(Counter)
    for playlist in melon.document("train.json"):
        for tag in playlist["tags"]:
            by_tag[tag].update(code for song in playlist["songs"] for code in genre[song])
    overall = sum(by_tag.values(), Counter())
    distances = [
        sum(abs(counts[code] / counts.total() - overall[code] / overall.total()) for code in overall) / 2
        for counts in by_tag.values()
        if counts.total() > 2000
    ]
    assert np.mean(distances) > 0.1


def test_spread_adds_up_within_its_bounds():
    numbers = spread(1000, np.random.default_rng(0).lognormal(0, 2, 100), 1, 60)
    assert numbers.sum() == 1000
    assert numbers.min() >= 1
    assert numbers.max() <= 60
