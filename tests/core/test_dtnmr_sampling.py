"""What shares a softmax with the true song: who is drawn how often, and by how much logits are corrected."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from musicrec.core.models.configs import DTNMRConfig
from musicrec.core.models.dtnmr_sampling import Choices, SongSampler

PLAYS = torch.tensor([8.0, 0.0, 4.0, 0.0, 1.0, 3.0])  # songs 1 and 3 were never played
CPU = torch.device("cpu")
WAYS: list[dict[str, Any]] = [
    {"sampling": sampling, "shared_samples": shared}
    for sampling in ("uniform", "popularity", "in-batch")
    for shared in (False, True)
]


def _sampler(**settings: Any) -> SongSampler:
    plain: dict[str, Any] = {"sampling": "uniform", "shared_samples": False, "correction": False}
    return SongSampler(DTNMRConfig(**plain | settings), PLAYS, CPU)


def _draw(sampler: SongSampler, true: list[int], seed: int = 1) -> Choices:
    return sampler.draw(torch.tensor(true), torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("way", WAYS, ids=lambda each: "-".join(map(str, each.values())))
@settings(max_examples=30)
@given(
    st.lists(st.sampled_from([0, 2, 4, 5]), min_size=2, max_size=9),
    st.integers(2, 9),
    st.integers(0, 99),
)
def test_neither_unplayed_songs_nor_the_true_one_are_taught_to_be_wrong(
    way: dict[str, Any], true: list[int], subset: int, seed: int
) -> None:
    choices = _draw(_sampler(subset_size=subset, correction=True, **way), true, seed)
    logits = torch.zeros(len(PLAYS), len(true), requires_grad=True)  # by song, for each point
    others = choices.others if choices.others.dim() == 2 else choices.others.expand(len(true), -1)
    columns = torch.arange(len(true))
    loss = choices.cross_entropy(logits[choices.true, columns], logits[others, columns[:, None]])
    torch.autograd.backward(loss)
    assert math.isfinite(loss.item())
    assert logits.grad is not None
    assert float(logits.grad[[1, 3]].abs().max()) == 0
    assert bool((logits.grad[torch.tensor(true), columns] <= 0).all())  # a true song is only ever pulled up


@pytest.mark.parametrize(
    ("way", "weights"),
    [
        ({"sampling": "uniform"}, [1, 0, 1, 0, 0, 1]),
        ({"sampling": "popularity"}, [8, 0, 4, 0, 1, 3]),
        ({"sampling": "popularity", "popularity_exponent": 0.5}, [8**0.5, 0, 2, 0, 1, 3**0.5]),
        ({"sampling": "popularity", "popularity_exponent": 400.0}, [1, 0, 0, 0, 0, 0]),
        ({"sampling": "popularity", "shared_samples": True}, [8, 0, 4, 0, 1, 3]),
    ],
)
def test_songs_are_drawn_as_often_as_they_should(way: dict[str, Any], weights: list[float]) -> None:
    sampler = _sampler(subset_size=4, **way)  # less than the played songs: they are drawn, not taken
    drawn = [_draw(sampler, [4] * 50, seed).others.flatten() for seed in range(400)]
    share = torch.bincount(torch.cat(drawn), minlength=len(PLAYS)).double()
    wanted = torch.tensor(weights, dtype=torch.float64)
    assert torch.allclose(share / share.sum(), wanted / wanted.sum(), atol=0.03)


def test_uniform_songs_of_a_batch_are_distinct() -> None:
    sampler = _sampler(subset_size=4, shared_samples=True)
    drawn = [_draw(sampler, [0, 2], seed).others for seed in range(200)]
    assert all(len(each.unique()) == len(each) == 3 for each in drawn)
    assert torch.bincount(torch.cat(drawn), minlength=6)[[0, 2, 4, 5]].min() > 120  # of 150 expected


def test_in_batch_songs_are_the_true_ones() -> None:
    choices = _draw(_sampler(sampling="in-batch", correction=True), [0, 5, 0, 4])
    assert choices.others.tolist() == [0, 5, 0, 4]
    assert choices.log_weights.exp().tolist() == pytest.approx([16 / 8 / 3, 16 / 3 / 3, 16 / 8 / 3, 16 / 1 / 3])


def test_a_shared_subset_of_all_songs_is_the_full_softmax() -> None:
    logits = torch.randn(3, len(PLAYS), generator=torch.Generator().manual_seed(3))
    true = torch.tensor([0, 4, 5])
    of_true = logits.gather(1, true[:, None]).squeeze(1)
    for sampling in ("uniform", "popularity"):
        choices = _draw(_sampler(sampling=sampling, shared_samples=True, subset_size=5, correction=True), true.tolist())
        loss = choices.cross_entropy(of_true, logits[:, choices.others])
        wanted = (logits[:, PLAYS > 0].logsumexp(1) - of_true).mean()
        assert float(loss) == pytest.approx(float(wanted), abs=1e-5)


@pytest.mark.parametrize("way", WAYS, ids=lambda each: "-".join(map(str, each.values())))
def test_points_in_two_halves_cost_what_they_cost_together(way: dict[str, Any]) -> None:
    choices = _draw(_sampler(subset_size=3, correction=True, **way), [0, 5, 0, 4, 2])
    logits = torch.randn(5, len(PLAYS), generator=torch.Generator().manual_seed(3))

    def total(index: Tensor) -> float:
        part = choices.rows(index)
        others = part.others if part.others.dim() == 2 else part.others.expand(len(index), -1)
        own = logits[index]
        loss = part.cross_entropy(own.gather(1, part.true[:, None]).squeeze(1), own.gather(1, others))
        return float(loss) * len(index)

    assert total(torch.tensor([3, 0])) + total(torch.tensor([1, 4, 2])) == pytest.approx(
        total(torch.arange(5)), abs=1e-5
    )


def test_the_loss_by_hand() -> None:
    # The true song at logit 1, one at 2 that stands for four, and the true one again, which does not count
    choices = Choices(torch.tensor([0]), torch.tensor([2, 0]), torch.tensor([4.0, 5.0]).log())
    loss = choices.cross_entropy(torch.tensor([1.0]), torch.tensor([[2.0, 9.0]]))
    assert float(loss) == pytest.approx(math.log(1 + 4 * math.e), abs=1e-6)


@pytest.mark.parametrize("corrected", [True, False])
@pytest.mark.parametrize("way", WAYS, ids=lambda each: "-".join(map(str, each.values())))
def test_the_correction_makes_the_softmax_that_over_all_songs_on_average(way: dict[str, Any], corrected: bool) -> None:
    # Where nothing but the draws differs, the sum over the drawn songs is on average that over all but the true one
    worth = torch.tensor([1.0, 100.0, 2.0, 100.0, 4.0, 3.0])
    sampler, generator = _sampler(subset_size=3, correction=corrected, **way), torch.Generator().manual_seed(0)
    sums: dict[int, list[Tensor]] = {0: [], 2: [], 4: [], 5: []}
    for _ in range(1200):
        true = torch.multinomial(PLAYS, 8, replacement=True, generator=generator)
        choices = sampler.draw(true, generator)
        drawn = (worth[choices.others] * choices.log_weights.exp()).masked_fill(choices.others == true[:, None], 0)
        for song, total in zip(true.tolist(), drawn.sum(1), strict=True):
            sums[song].append(total)
    found = {song: float(torch.stack(each).mean()) for song, each in sums.items()}
    wanted = {song: 10.0 - float(worth[song]) for song in sums}
    assert (found == pytest.approx(wanted, rel=0.08)) is corrected
