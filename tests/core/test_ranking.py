"""Top-k: exact, ties in a known order, as many as there are."""

from __future__ import annotations

from datetime import datetime

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from musicrec.core.dataset import Dataset, Listeners
from musicrec.core.errors import MusicrecError
from musicrec.core.models.base import Model, Parts, Scorer
from musicrec.core.ragged import Ragged, offsets_of
from musicrec.core.ranking import Ranking
from musicrec.core.records import RunCard

CPU = torch.device("cpu")


class Written(Scorer):
    def __init__(self, row: Tensor, vectors: Tensor | None = None) -> None:
        self.row, self.vectors = row, vectors

    @property
    def song_vectors(self) -> Tensor | None:
        return self.vectors

    def scores(self, listeners: Listeners) -> Tensor:
        return self.row.expand(len(listeners), -1).clone()

    def parts(self, listeners: Listeners, songs: Tensor) -> Parts:
        return Parts(("written",), self.scores(listeners).gather(1, songs).unsqueeze(-1))


class Fixed(Model):
    def __init__(self, scorer: Scorer) -> None:
        super().__init__()
        self.given = scorer

    def scorer(self, data: Dataset) -> Scorer:
        return self.given


def _ranking(row: list[float], heard: list[int], vectors: Tensor | None = None) -> Ranking:
    songs, split = torch.tensor(heard, dtype=torch.int64), torch.zeros(len(heard), dtype=torch.uint8)
    data = Dataset(
        name="byhand",
        fingerprint="0",
        listener_count=1,
        song_count=len(row),
        offsets=offsets_of(torch.tensor([len(heard)])),
        songs=songs,
        behaviours=torch.zeros_like(songs),
        split=split,
        behaviour_names=(),
        popularity=torch.arange(len(row), 0, -1).float(),
        lengths=torch.zeros(len(row)),
    )
    card = RunCard(
        name="run",
        model="itemknn",
        dataset="byhand",
        fingerprint="0",
        config={},
        seed=1,
        device="cpu",
        created=datetime(2020, 1, 1),
        status="finished",
        epochs=1,
        best_epoch=1,
        seconds=0.0,
        parameters=0,
        metrics={},
    )
    return Ranking(card, Fixed(Written(torch.tensor(row), vectors)), data, CPU)


@settings(max_examples=60)
@given(
    row=st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=12),
    k=st.integers(1, 15),
    include_heard=st.booleans(),
    picked=st.data(),
)
def test_top_k_is_a_sort(row: list[float], k: int, include_heard: bool, picked: st.DataObject) -> None:
    songs = st.integers(0, len(row) - 1)
    heard = picked.draw(st.lists(songs, max_size=8))
    allowed = picked.draw(st.none() | st.lists(songs, max_size=12, unique=True))
    ranking = _ranking(row, heard)
    candidates = [song for song in range(len(row)) if allowed is None or song in allowed]
    candidates = [song for song in candidates if include_heard or song not in heard]
    wanted = sorted(candidates, key=lambda song: (-row[song], song))[:k]  # lower numbers have more plays
    chosen = None if allowed is None else torch.tensor(allowed, dtype=torch.int64)
    top = ranking.top(ranking.state(0), k, include_heard, chosen)
    assert top.songs.tolist() == wanted
    assert top.scores.tolist() == [row[song] for song in wanted]
    assert top.candidates == len(candidates)


def test_scores_that_are_no_numbers_are_told() -> None:
    ranking = _ranking([1.0, float("nan")], heard=[])
    with pytest.raises(MusicrecError, match=r"run run .*not numbers"):
        ranking.top(ranking.state(0), 1)


def test_similar_songs_are_by_cosine_and_leave_the_song_out() -> None:
    vectors = torch.tensor([[1.0, 0.0], [10.0, 1.0], [0.0, 2.0], [-3.0, 0.0]])
    found = _ranking([0.0] * 4, [], vectors).similar(0, 10)
    assert [song for song, _ in found] == [1, 2, 3]
    assert [value for _, value in found] == pytest.approx([10 / 101**0.5, 0, -1], abs=1e-6)


def test_the_nearest_plays_are_of_the_past_and_not_the_song_itself() -> None:
    vectors = torch.tensor([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [1.0, 0.2]])
    ranking = _ranking([0.0] * 4, [3, 0, 2, 3, 2], vectors)
    assert [song for song, _ in ranking.nearest(ranking.state(0), 0, 5)] == [3, 2]
    assert [song for song, _ in ranking.nearest(ranking.state(0), 1, 1)] == [3]  # 0.2 is nearer to 0.1 by cosine


def test_a_model_without_similarity_says_so() -> None:
    ranking = _ranking([1.0, 0.0], [0])
    assert ranking.nearest(ranking.state(0), 1, 5) == []
    with pytest.raises(MusicrecError, match="no notion of similar songs"):
        ranking.similar(0, 3)


def test_a_changed_state_is_a_value_like_any_other() -> None:
    ranking = _ranking([3.0, 2.0, 1.0], heard=[0])
    new = Listeners(torch.tensor([-1]), Ragged.of([[1]]), Ragged.of([[0]]))
    assert ranking.top(new, 3).songs.tolist() == [0, 2]
    assert ranking.top(ranking.state(0), 3).songs.tolist() == [1, 2]
    assert [ranking.popularity_rank(song) for song in range(3)] == [1, 2, 3]
