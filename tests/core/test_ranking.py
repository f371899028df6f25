"""A run that answers: who is ranked for whom, what is like what, and no work done twice."""

from __future__ import annotations

from datetime import datetime

import pytest
import torch
from small_datasets import dataset
from torch import Tensor

from musicrec.core import compiled_ranking
from musicrec.core.dataset import Dataset, Listeners
from musicrec.core.drafts import Draft, new_draft
from musicrec.core.errors import MusicrecError
from musicrec.core.models.base import Model, Parts, Scorer
from musicrec.core.models.ncf import NCF
from musicrec.core.models.ncf_config import NCFConfig
from musicrec.core.ordering import LazyOrder
from musicrec.core.ragged import offsets_of
from musicrec.core.ranking import Ranking
from musicrec.core.records import Listener, Play, RunCard, Song

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


def test_heard_songs_and_those_not_allowed_are_no_candidates() -> None:
    ranking = _ranking([5.0, 4.0, 3.0, 2.0, 1.0], heard=[0, 3, 0])
    assert ranking.order(0).top(10).songs.tolist() == [1, 2, 4]
    assert ranking.order(0, include_heard=True).top(10).songs.tolist() == [0, 1, 2, 3, 4]
    allowed = torch.tensor([True, True, False, True, False])
    assert ranking.order(0, allowed=allowed).top(10).songs.tolist() == [1]
    assert ranking.order(0, True, allowed).top(10).songs.tolist() == [0, 1, 3]
    assert allowed.tolist() == [True, True, False, True, False]


def test_scores_that_are_no_numbers_are_told() -> None:
    ranking = _ranking([1.0, float("nan")], heard=[])
    with pytest.raises(MusicrecError, match=r"run run .*not numbers"):
        ranking.order(0)


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


def test_an_edited_listener_is_ranked_like_any_other() -> None:
    ranking = _ranking([3.0, 2.0, 1.0], heard=[0])
    origin = Listener(0, "u", plays=1)
    draft = Draft(origin, (Play(0, Song(0, "a")),), origin)
    assert ranking.order(draft).top(3).songs.tolist() == ranking.order(0).top(3).songs.tolist() == [1, 2]
    assert ranking.order(draft.with_song(Song(1, "b"))).top(3).songs.tolist() == [2]
    assert ranking.order(draft.without(0)).top(3).songs.tolist() == [0, 1, 2]
    assert ranking.order(new_draft().with_song(Song(1, "b"))).top(3).songs.tolist() == [0, 2]
    assert [ranking.popularity_rank(song) for song in range(3)] == [1, 2, 3]


class Counted(Written):
    asked = 0

    def adapt(self, state: Listeners, origin: Listeners | None, facts: Listener | None) -> Listeners:
        self.asked += 1
        return state


def test_a_draft_is_worked_out_once_and_one_without_edits_never() -> None:
    ranking = _ranking([3.0, 2.0, 1.0], heard=[0])
    ranking.scorer = scorer = Counted(torch.tensor([3.0, 2.0, 1.0]))
    origin = Listener(0, "u", plays=1)
    draft = Draft(origin, (Play(0, Song(0, "a")),), origin)
    for each in (draft, draft.with_song(Song(1, "b")).without(1)):
        ranking.order(each)
        assert scorer.asked == 0
    edited = draft.with_song(Song(1, "b"))
    for each in (edited, edited.with_song(Song(2, "c")), edited):
        assert torch.equal(ranking.state(each).songs.values, torch.tensor([play.song.song for play in each.plays]))
        ranking.order(each)
    assert scorer.asked == 2
    ranking.state(draft.with_facts(age=30, gender=None, city=None))
    assert scorer.asked == 3


@pytest.mark.parametrize("include_heard", [False, True])
@pytest.mark.parametrize("allowed", [None, torch.arange(9) % 2 == 0])
def test_the_best_of_compiled_loops_are_those_of_all_scores(
    monkeypatch: pytest.MonkeyPatch, include_heard: bool, allowed: Tensor | None
) -> None:
    loops = pytest.importorskip("musicrec.core.kernels.ranking", reason="there is no numba for this Python")
    monkeypatch.setattr(compiled_ranking, "_loops", loops)
    ranking = _ranking([0.0] * 9, heard=[0, 3, 0, 8])
    data = dataset([[0, 3, 0, 8]], 9)
    ranking.scorer = NCF(NCFConfig(bias=True), data).eval().scorer(data)
    draft = new_draft().with_song(Song(4, "e"))
    plain = [ranking.order(who, include_heard, allowed).top(20) for who in (0, draft)]
    ranking.scorer.expect(1e12)
    for who, other in zip((0, draft), plain, strict=True):
        order = ranking.order(who, include_heard, allowed)
        assert isinstance(order, LazyOrder)
        top = order.top(20)
        assert (top.songs.tolist(), top.candidates) == (other.songs.tolist(), other.candidates)
        assert torch.allclose(top.scores, other.scores, atol=1e-5)
        assert order.ranks(top.songs.tolist()) == list(range(1, top.candidates + 1))
