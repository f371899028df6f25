"""SASRec sees the past alone, and each play is predicted once."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_datasets import SONGS, dataset
from torch.nn import functional as F

from musicrec.core.dataset import Listeners, take
from musicrec.core.errors import UsageError
from musicrec.core.models.configs import config_for
from musicrec.core.models.sasrec import SASRec, Shared, Stretches
from musicrec.core.ragged import Ragged

songs = st.integers(0, SONGS - 1)
PAST = [[0, 1, 2, 3, 4, 5, 0], [5, 3], [2], []]


def sasrec(plays: list[list[int]], **chosen: float) -> SASRec:
    torch.manual_seed(3)
    small = {"embedding_size": 8, "max_len": 5, "negatives": SONGS, "batch_size": 2, "dropout": 0.0}
    model = SASRec(config_for("sasrec", chosen=small | chosen), dataset(plays))
    for weights in model.parameters():
        torch.nn.init.normal_(weights, std=0.5)
    model.prepare(dataset(plays))
    return model.eval()


def listeners(*plays: list[int]) -> Listeners:
    rows = Ragged.of(plays)
    return Listeners(torch.arange(len(plays)), rows, Ragged(torch.zeros_like(rows.values), rows.offsets))


@given(st.lists(songs, min_size=5, max_size=5), st.integers(1, 4), st.lists(songs, min_size=4, max_size=4))
@settings(max_examples=20, deadline=None)
def test_a_later_song_changes_no_earlier_prediction(before: list[int], at: int, later: list[int]) -> None:
    model = sasrec(PAST)
    changed = before[:at] + later[: 5 - at]
    one, other = model.states(torch.tensor([before, changed])).detach()
    assert torch.allclose(one[:at], other[:at], atol=1e-6)
    if before[at] != changed[at]:
        assert not torch.allclose(one[at], other[at], atol=1e-3)


@given(st.lists(st.lists(songs, max_size=8), min_size=1, max_size=5))
@settings(max_examples=20, deadline=None)
def test_padding_changes_nothing(plays: list[list[int]]) -> None:
    scorer = sasrec(PAST).scorer(dataset(PAST))
    together = listeners(*plays)
    for row, scores in enumerate(scorer.scores(together)):
        assert torch.allclose(scores, scorer.scores(take(together, torch.tensor([row])))[0], atol=1e-5)


def test_what_came_before_the_last_plays_is_not_read() -> None:
    scorer = sasrec(PAST).scorer(dataset(PAST))
    short, long, other = scorer.scores(listeners([1, 2, 3, 4, 5], [0, 0, 1, 2, 3, 4, 5], [1, 2, 3, 5, 4]))
    assert torch.allclose(short, long, atol=1e-6)
    assert not torch.allclose(short, other, atol=1e-3)


def test_no_plays_leave_the_bias() -> None:
    model = sasrec(PAST)
    assert torch.equal(model.scorer(dataset(PAST)).scores(listeners([]))[0], model.bias.detach())


@pytest.mark.parametrize(
    ("most", "wanted"),
    [
        (3, [[3, 4, 5, 0], [0, 1, 2, 3], [5, 3]]),
        (4, [[2, 3, 4, 5, 0], [0, 1, 2], [5, 3]]),
        (9, [[0, 1, 2, 3, 4, 5, 0], [5, 3]]),
    ],
)
def test_every_play_but_the_first_is_predicted_once(most: int, wanted: list[list[int]]) -> None:
    model = sasrec(PAST, max_len=most)
    found = []
    for batch in model.batches(torch.Generator().manual_seed(1)):
        assert model.weight(batch) == sum(len(row) - 1 for row in _rows(batch.plays))
        found += _rows(batch.plays)
    assert sorted(found) == sorted(wanted)
    assert model.samples() == len(wanted)


def test_the_loss_is_that_of_each_next_song_among_all() -> None:
    model, rows = sasrec(PAST), [[0, 1, 2], [5, 3]]
    scorer = model.scorer(dataset(PAST))
    contexts, following = listeners([0], [0, 1], [5]), torch.tensor([1, 2, 3])
    wanted = F.cross_entropy(scorer.scores(contexts), following)
    assert model.loss(Stretches(Ragged.of(rows), None)).item() == pytest.approx(wanted.item(), abs=1e-5)
    # With each song drawn once nothing is left out, and nothing stands for another
    drawn = Shared(torch.randperm(SONGS, generator=torch.Generator().manual_seed(2)))
    assert model.loss(Stretches(Ragged.of(rows), drawn)).item() == pytest.approx(wanted.item(), abs=1e-5)


def test_drawn_songs_stand_for_their_share_of_the_catalogue() -> None:
    model = sasrec(PAST)
    logits = model.scorer(dataset(PAST)).scores(listeners([0]))[0]
    others = torch.stack([logits[4], logits[6]]).exp().sum() * SONGS / 3  # the third one drawn is the true song
    wanted = -(logits[1] - (logits[1].exp() + others).log())
    loss = model.loss(Stretches(Ragged.of([[0, 1]]), Shared(torch.tensor([4, 6, 1]))))
    assert loss.item() == pytest.approx(wanted.item(), abs=1e-5)


def test_songs_are_drawn_where_the_catalogue_is_larger() -> None:
    drawn = [batch.sampled for batch in sasrec(PAST, negatives=4).batches(torch.Generator().manual_seed(1))]
    assert all(each is not None and len(each.songs) == 4 for each in drawn)
    assert all(batch.sampled is None for batch in sasrec(PAST).batches(torch.Generator()))


def test_a_song_that_nobody_played_has_a_vector_of_zero_and_no_weights() -> None:
    model = sasrec(PAST)
    vectors = model.scorer(dataset(PAST)).song_vectors
    assert vectors is not None
    assert vectors[6].tolist() == [0] * 8
    assert model.songs.num_embeddings == 6
    assert (vectors[:6] != 0).all()


def test_heads_must_share_the_embedding_evenly() -> None:
    with pytest.raises(UsageError, match="embedding_size must be a multiple of attention_heads"):
        config_for("sasrec", chosen={"attention_heads": 3})


def _rows(rows: Ragged) -> list[list[int]]:
    return [part.tolist() for part in rows.values.split(rows.lengths.tolist())]
