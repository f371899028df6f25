"""Tasks: who is judged by what, and the songs that are sampled for them."""

from __future__ import annotations

import pytest
import torch
from small_datasets import sets_of, split_dataset
from worlds import World

from musicrec.core.dataset import Held
from musicrec.core.errors import MusicrecError
from musicrec.core.ragged import Ragged
from musicrec.core.tasks import make_task, protocol_negatives


def test_a_song_heard_before_cannot_be_a_goal() -> None:
    data = split_dataset([[(0, 0), (1, 0), (1, 2), (2, 2)], [(3, 0), (3, 2)], [(0, 0), (4, 2), (4, 2)]], songs=6)
    task = make_task(data, "test")
    assert task.past.ids.tolist() == [0, 2]  # all that listener 1 has in the future is heard already
    assert sets_of(task.held) == [{2}, {4}]
    assert task.held.lengths.tolist() == [1, 1]
    assert task.protocol.listeners == 2


def test_listeners_without_a_past_are_not_judged() -> None:
    data = split_dataset([[(0, 2)], [(1, 0), (2, 2)]], songs=4)
    assert make_task(data, "test").past.ids.tolist() == [1]


@pytest.mark.parametrize("split", ["validation", "test"])
def test_nothing_held_out_is_told(split: Held) -> None:
    data = split_dataset([[(0, 0), (1, 0)], [(2, 0)]], songs=4)
    with pytest.raises(MusicrecError, match=rf"handmade .* {split}"):
        make_task(data, split)


def test_sampled_songs_were_never_played_and_are_drawn_once(melon_world: World) -> None:
    data = melon_world.data
    task, same = (make_task(data, negatives=15, seed=3) for _ in range(2))
    other = make_task(data, negatives=15, seed=4)
    assert task.negatives is not None
    assert same.negatives is not None
    assert other.negatives is not None
    assert torch.equal(task.negatives, same.negatives)
    assert not torch.equal(task.negatives, other.negatives)
    played = sets_of(Ragged(data.songs, data.offsets))
    for listener, songs in zip(task.past.ids.tolist(), task.negatives.tolist(), strict=True):
        assert len(set(songs)) == 15
        assert played[listener].isdisjoint(songs)
    assert (task.protocol.candidates, task.protocol.negatives, task.protocol.seed) == ("sampled", 15, 3)
    assert "15 sampled" in task.protocol.label


def test_more_samples_than_songs_left_is_told(kkbox_world: World) -> None:
    with pytest.raises(MusicrecError, match="--protocol full"):
        make_task(kkbox_world.data, negatives=239)


def test_fewer_listeners_are_drawn_once(kkbox_world: World) -> None:
    one, two, other = (make_task(kkbox_world.data, most=10, seed=seed) for seed in (1, 1, 2))
    assert len(one.past) == one.protocol.listeners == 10
    assert one.past.ids.tolist() == two.past.ids.tolist() == sorted(set(one.past.ids.tolist()))
    assert one.past.ids.tolist() != other.past.ids.tolist()


def test_fewer_listeners_have_the_same_sampled_songs(melon_world: World) -> None:
    few, all_of_them = (make_task(melon_world.data, negatives=9, most=most) for most in (10, None))
    assert few.negatives is not None
    assert all_of_them.negatives is not None
    songs = dict(zip(all_of_them.past.ids.tolist(), all_of_them.negatives.tolist(), strict=True))
    assert [songs[listener] for listener in few.past.ids.tolist()] == few.negatives.tolist()
    assert len(few.past) == 10


@pytest.mark.parametrize("split", ["validation", "test"])
def test_what_training_keeps_clear_of_is_what_the_protocol_samples(melon_world: World, split: Held) -> None:
    task = make_task(melon_world.data, split, (5,), negatives=12, seed=4)
    listeners, songs = protocol_negatives(melon_world.data, split, 12, 4)
    assert torch.equal(listeners, task.past.ids)
    assert task.negatives is not None
    assert torch.equal(songs, task.negatives)


def test_one_long_past_changes_no_sampled_song_of_others() -> None:
    songs, count = 3_000, 5
    others = [[(song, 0), (song + 1, 2)] for song in range(40)]
    giant = [(song, 0) for song in range(2_980)] + [(2_990, 2)]
    alone = make_task(split_dataset(others, songs), negatives=count).negatives
    together = make_task(split_dataset([*others, giant], songs), negatives=count).negatives
    assert alone is not None
    assert together is not None
    assert torch.equal(together[:-1], alone)
    left = together[-1].tolist()
    assert len(set(left)) == count
    assert set(left) <= set(range(2_980, songs)) - {2_990}
