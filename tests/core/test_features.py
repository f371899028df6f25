"""Features of songs and listeners as codes: none lost, none beyond the table, the same every time."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest
import torch
from worlds import World, open_world, write_kkbox

from musicrec.core.dataset import Bags
from musicrec.core.explorer import Explorer
from musicrec.core.models.configs import LISTENER_FEATURES, SONG_FEATURES, DTNMRConfig
from musicrec.core.models.dtnmr_features import scaled_lengths, song_features
from musicrec.core.records import Listener

Owner = Literal["song", "listener"]
OWNERS: list[tuple[Owner, tuple[str, ...]]] = [("song", SONG_FEATURES), ("listener", LISTENER_FEATURES)]


def _rows(found: Bags) -> list[list[int]]:
    return [found.bags.values[a:b].tolist() for a, b in pairwise(found.bags.offsets.tolist())]


@pytest.mark.parametrize("world", ["kkbox_world", "melon_world"])
@pytest.mark.parametrize(("owner", "fields"), OWNERS, ids=["song", "listener"])
@pytest.mark.parametrize(("seldom", "buckets"), [(1, 10), (3, 4), (1000, 1)])
def test_codes_fit_their_table(
    world: str, owner: Owner, fields: tuple[str, ...], seldom: int, buckets: int, request: pytest.FixtureRequest
) -> None:
    data = request.getfixturevalue(world).data
    found = data.bags(owner, fields, seldom, buckets)
    rows = _rows(found)
    assert len(rows) == (data.song_count if owner == "song" else data.listener_count)
    assert all(len(set(row)) == len(row) >= len(fields) for row in rows)  # every field has a value or its "unknown"
    assert int(found.bags.values.min()) >= 0
    assert int(found.bags.values.max()) < found.size
    if seldom == 1000:
        assert found.size == len(fields) * 2  # all values are rare, and share one bucket a field


def test_the_same_file_gives_the_same_codes(kkbox_world: World, tmp_path: Path) -> None:
    again = open_world(tmp_path, "kkbox", kkbox_world.files, "again")
    for owner, fields in OWNERS:
        one, two = (world.data.bags(owner, fields, 3, 16) for world in (kkbox_world, again))
        assert one.size == two.size
        assert torch.equal(one.bags.values, two.bags.values)


def test_what_is_not_known_has_a_code_of_its_own(checkerboard: World) -> None:
    fields = ("genre", "artist", "composer", "language")
    assert _rows(checkerboard.data.bags("song", fields, 3, 16)) == [[0, 1, 2, 3]] * 20


def test_songs_share_the_codes_of_their_artist(described_board: World) -> None:
    explorer = Explorer.open(described_board.places)
    artists = {song.song: song.artists[0] for song in explorer.find_songs(limit=100).items}
    explorer.close()
    rows = _rows(described_board.data.bags("song", ("artist",), 3, 16))
    codes = {artist: {tuple(rows[song]) for song, by in artists.items() if by == artist} for artist in ("Even", "Odd")}
    assert len(codes["Even"]) == len(codes["Odd"]) == 1
    assert codes["Even"] != codes["Odd"]


def test_rare_values_share_buckets_and_common_ones_do_not(tmp_path: Path) -> None:
    artists = {f"S{n}": "Common" if n < 10 else f"Rare {n}" for n in range(60)}
    files = write_kkbox(tmp_path / "raw", [("L", song) for song in artists], artists=artists)
    world = open_world(tmp_path, "kkbox", files, "rare")
    explorer = Explorer.open(world.places)
    common = {song.song for song in explorer.find_songs(limit=100).items if song.artists == ("Common",)}
    explorer.close()
    found = world.data.bags("song", ("artist",), 3, 8)
    rows = _rows(found)
    shared = {tuple(rows[song]) for song in common}
    hashed = {row[0] for song, row in enumerate(rows) if song not in common}
    assert len(shared) == 1
    assert shared.isdisjoint({(code,) for code in hashed})
    assert 1 < len(hashed) <= 8
    assert found.size == 1 + 8 + 1  # unknown, eight buckets, one artist that is common


@pytest.mark.parametrize("least", [0, 1, 4])
def test_song_ids_are_one_more_code_of_songs_played_often_enough(least: int, kkbox_world: World) -> None:
    data = kkbox_world.data
    plain = song_features(DTNMRConfig(song_ids=False), data)
    hybrid = song_features(DTNMRConfig(song_ids=True, song_id_plays=least), data)
    played = [song for song, plays in enumerate(data.popularity.tolist()) if plays >= least]
    assert 0 < len(played) < data.song_count or least == 0
    assert hybrid.size == plain.size + len(played)
    codes = {song: [plain.size + rank] for rank, song in enumerate(played)}
    assert _rows(hybrid) == [[*row, *codes.get(song, [])] for song, row in enumerate(_rows(plain))]


def test_lengths_are_in_standard_deviations_and_unknown_ones_say_so() -> None:
    minute = 60_000.0
    scaled = scaled_lengths(torch.tensor([minute, 2 * minute, 4 * minute, 0.0]))
    assert scaled[:, 1].tolist() == [0, 0, 0, 1]
    assert scaled[3, 0] == 0
    assert scaled[1, 0] == pytest.approx(0, abs=1e-5)  # the middle of three in even steps of the logarithm
    assert float(scaled[2, 0]) == pytest.approx(1.5**0.5, abs=1e-4)
    assert float(scaled[0, 0]) == pytest.approx(-(1.5**0.5), abs=1e-4)


@pytest.mark.parametrize("lengths", [[0.0, 0.0], [180_000.0], [180_000.0, 180_000.0, 0.0], []])
def test_lengths_without_spread_are_finite(lengths: list[float]) -> None:
    scaled = scaled_lengths(torch.tensor(lengths))
    assert scaled.shape == (len(lengths), 2)
    assert bool(torch.isfinite(scaled).all())
    assert not bool(scaled[:, 0].any())


@pytest.mark.parametrize("world", ["kkbox_world", "melon_world"])
@pytest.mark.parametrize(("seldom", "buckets"), [(1, 10), (3, 4), (1000, 1)])
def test_facts_are_encoded_as_those_of_the_datasets_listeners(
    world: str, seldom: int, buckets: int, request: pytest.FixtureRequest
) -> None:
    opened: World = request.getfixturevalue(world)
    explorer = Explorer.open(opened.places, opened.name)
    listeners = explorer.find_listeners(limit=1000).items
    explorer.close()
    rows = _rows(opened.data.bags("listener", LISTENER_FEATURES, seldom, buckets))
    for facts in listeners:
        encoded = opened.data.encode(facts, LISTENER_FEATURES, seldom, buckets)
        assert encoded.values.tolist() == rows[facts.listener]


def test_a_listener_of_whom_nothing_is_known_is_unknown_in_every_field(kkbox_world: World) -> None:
    encoded = kkbox_world.data.encode(Listener(-1, "new"), LISTENER_FEATURES, 3, 16)
    assert encoded.values.tolist() == list(range(len(LISTENER_FEATURES)))
    young = kkbox_world.data.encode(Listener(-1, "new", age=21), LISTENER_FEATURES, 3, 16)
    assert young.values.tolist()[:6] == [1, 2, 3, 4, 5, 6]
    assert len(young.values) == len(LISTENER_FEATURES)
