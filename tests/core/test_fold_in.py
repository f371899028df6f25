"""Fold-in: the most probable vector; without an edit it stays, and an added song pulls it to its neighbours."""

from __future__ import annotations

import pytest
import torch
from small_datasets import split_dataset
from torch import Tensor
from torch.nn import functional as F
from without_doubles import MPS, Mps
from worlds import World

from musicrec.core.cold import first_plays
from musicrec.core.dataset import take
from musicrec.core.explorer import Explorer
from musicrec.core.models.configs import config_for
from musicrec.core.models.fold_in import FoldIn
from musicrec.core.models.negatives import sampling_chances
from musicrec.core.models.registry import build
from musicrec.core.places import Places
from musicrec.core.training import train

SONGS, SIZE, NEGATIVES = 40, 3, 4


@pytest.fixture(scope="module")
def vectors() -> Tensor:
    return torch.randn(SONGS, SIZE, generator=torch.Generator().manual_seed(3))


@pytest.fixture(scope="module")
def trained() -> Tensor:
    return torch.randn(200, SIZE, generator=torch.Generator().manual_seed(4)) * torch.tensor([1.0, 0.5, 2.0]) + 0.3


@pytest.fixture(scope="module")
def fold_in(vectors: Tensor, trained: Tensor) -> FoldIn:
    # Logits as GMF has them: linear in the listener's vector
    return FoldIn(lambda p, songs: (vectors[songs] @ p - 1, vectors[songs]), trained, SONGS, NEGATIVES)


def _objective(p: Tensor, plays: list[int], vectors: Tensor, trained: Tensor, chances: Tensor | None = None) -> Tensor:
    logits = vectors.double() @ p - 1
    others = [song for song in range(SONGS) if song not in plays]
    drawn = torch.ones(len(others)).double() if chances is None else chances[others]
    unplayed = (drawn / drawn.sum() * F.softplus(logits[others])).sum()
    loss = F.softplus(-logits[plays]).sum() + NEGATIVES * len(plays) * unplayed
    return loss + (((p - trained.double().mean(0)) / trained.double().std(0, correction=0)) ** 2).sum() / 2


@pytest.mark.parametrize("plays", [[], [5], [5, 5, 7], list(range(12))])
def test_a_new_listener_gets_the_most_probable_vector(
    plays: list[int], fold_in: FoldIn, vectors: Tensor, trained: Tensor
) -> None:
    found = fold_in.new(torch.tensor(plays, dtype=torch.int64))
    p = found.double().requires_grad_()
    (slope,) = torch.autograd.grad(_objective(p, plays, vectors, trained), p)
    assert slope.abs().max() < 2e-2
    if not plays:
        assert torch.allclose(found, trained.mean(0), atol=1e-6)
    assert torch.equal(found, fold_in.new(torch.tensor(plays, dtype=torch.int64)))


@pytest.mark.parametrize("plays", [[5], list(range(12))])
def test_unplayed_songs_count_by_their_chance_of_being_drawn(
    plays: list[int], vectors: Tensor, trained: Tensor
) -> None:
    chances = torch.arange(1, SONGS + 1, dtype=torch.float64) / torch.arange(1, SONGS + 1).sum()
    fold_in = FoldIn(lambda p, songs: (vectors[songs] @ p - 1, vectors[songs]), trained, SONGS, NEGATIVES, chances)
    p = fold_in.new(torch.tensor(plays)).double().requires_grad_()
    (slope,) = torch.autograd.grad(_objective(p, plays, vectors, trained, chances), p)
    assert slope.abs().max() < 2e-2
    (of_even,) = torch.autograd.grad(_objective(p, plays, vectors, trained), p)
    assert of_even.abs().max() > 0.1


def test_a_sample_stands_for_a_large_catalogue(trained: Tensor) -> None:
    # Songs whose loss lies in the rarely played half: their weight must be their chance, drawn song by song or not
    songs = 50_000
    chances = sampling_chances(torch.arange(songs, 0, -1), 0.75)
    vectors = torch.zeros(songs, SIZE)
    vectors[songs // 2 :, 0] = 1
    share = float(chances[songs // 2 :].sum())

    def linearised(p: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
        return vectors[chosen] @ p, vectors[chosen]

    p = FoldIn(linearised, trained, songs, NEGATIVES, chances).new(torch.tensor([0, 1, 2])).double().requires_grad_()
    loss = 3 * NEGATIVES * (share * F.softplus(p[0]))
    away = ((p - trained.double().mean(0)) / trained.double().std(0, correction=0)) ** 2
    (slope,) = torch.autograd.grad(loss + away.sum() / 2, p)
    assert slope.abs().max() < 2e-2


def test_no_edit_is_no_change_and_nothing_left_is_a_new_listener(fold_in: FoldIn, trained: Tensor) -> None:
    plays = torch.tensor([1, 2, 2, 9])
    assert torch.equal(fold_in.edited(trained[0], plays, plays), trained[0])
    assert torch.equal(fold_in.edited(trained[0], plays, torch.tensor([9, 2, 1, 2])), trained[0])
    nothing = fold_in.edited(trained[0], plays, torch.zeros(0, dtype=torch.int64))
    assert torch.allclose(nothing, trained.mean(0), atol=1e-5)


def test_an_added_song_rises(fold_in: FoldIn, vectors: Tensor, trained: Tensor) -> None:
    plays = torch.tensor([1, 2, 9])
    for song in range(10, 30):
        moved = fold_in.edited(trained[0], plays, torch.tensor([1, 2, 9, song]))
        assert vectors[song] @ moved > vectors[song] @ trained[0]


def test_a_device_without_doubles_finds_the_same_vectors(vectors: Tensor, trained: Tensor, fold_in: FoldIn) -> None:
    plays, edited = torch.tensor([1, 2, 2, 9]), torch.tensor([1, 2, 9, 12])
    expected = fold_in.new(plays), fold_in.edited(trained[0], plays, edited)
    with Mps():
        songs, rows, before, now = (each.to(MPS) for each in (vectors, trained, plays, edited))
        with pytest.raises(TypeError, match="float64"):
            rows.double()
        there = FoldIn(lambda p, chosen: (songs[chosen] @ p - 1, songs[chosen]), rows, SONGS, NEGATIVES)
        found = there.new(before), there.edited(rows[0], before, now)
        assert {each.device for each in found} == {MPS}
        assert all(torch.equal(each.cpu(), one) for each, one in zip(found, expected, strict=True))


@pytest.mark.parametrize("model", ["gmf", "bpr"])
def test_a_new_listener_is_scored_alike_on_a_device_without_doubles(model: str, kkbox_world: World) -> None:
    data = kkbox_world.data
    made = build(model, config_for(model), data)
    for table in made.state_dict().values():
        table.copy_(torch.randn(table.shape, generator=torch.Generator().manual_seed(5)))
    state = first_plays(take(data.past("test"), torch.tensor([0])), 5)
    scorer = made.scorer(data)
    expected = scorer.scores(scorer.adapt(state, None, None))
    with Mps():
        for name, table in [*made.named_buffers(), *made.named_parameters()]:
            owner, _, last = name.rpartition(".")
            module = made.get_submodule(owner)
            (module._buffers if last in module._buffers else module._parameters)[last] = table.detach().to(MPS)
        there, moved = made.scorer(data), state.to(MPS)
        found = there.scores(there.adapt(moved, None, None))
        assert found.device == MPS
        assert torch.allclose(found.cpu(), expected, atol=1e-5)


@pytest.mark.parametrize("model", ["gmf", "mlp", "ncf", "mf", "bpr"])
def test_who_has_no_training_plays_is_scored_as_somebody_new(model: str) -> None:
    # Listener 1 has a play of the validation alone, listener 3 none at all
    data = split_dataset([[(0, 0), (1, 0), (2, 2)], [(3, 1)], [(4, 0), (0, 0)], []], songs=6)
    made = build(model, config_for(model), data)
    for table in made.state_dict().values():
        table.copy_(torch.randn(table.shape, generator=torch.Generator().manual_seed(5)))
    scorer, past = made.eval().scorer(data), data.past("test")
    scores = scorer.scores(past)
    nobody = take(first_plays(past, 0), torch.tensor([0]))
    expected = scorer.scores(scorer.adapt(nobody, None, None))
    assert torch.allclose(scores[[1, 3]], expected.expand(2, -1), atol=1e-5)
    assert not torch.allclose(scores[0], scores[2], atol=1e-3)
    assert not torch.allclose(scores[0], scores[1], atol=1e-3)


def test_whoever_played_everything_has_a_vector(fold_in: FoldIn) -> None:
    assert bool(fold_in.new(torch.arange(SONGS)).isfinite().all())


# Between two kinds of listeners and no others, MLP alone can stop at a kink of its ReLUs half way
@pytest.mark.parametrize(("model", "found"), [("gmf", 4), ("mlp", 2), ("ncf", 4), ("mf", 4)])
def test_the_other_colour_of_the_board_rises_with_its_songs(
    model: str, found: int, checkerboard: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # Who played S0 S2 S4 … and is given S1 S3 S5 … instead must be recommended the rest of those
    places = Places(checkerboard.places.data, tmp_path_factory.mktemp(model))
    settings = {"patience": 1000, "batch_size": 64, "lr": 0.05 if model == "mf" else 0.02, "epochs": 40}
    if model == "gmf":
        settings |= {"epochs": 80, "lr": 0.03, "factors": 16}
    train(checkerboard.data, model, config_for(model, chosen=settings), places, "run", "cpu")
    explorer = Explorer.open(places, checkerboard.name)
    odd = [explorer.song(f"S{n}") for n in range(1, 20, 2)]
    edited, built = explorer.draft("L0"), explorer.draft()
    while edited.plays:
        edited = edited.without(0)
    for song in odd[:6]:
        edited, built = edited.with_song(song), built.with_song(song)
    for draft in (edited, built):
        best = explorer.recommend(draft, "run", k=4).items
        assert len({item.song.id for item in best} & {song.id for song in odd[6:]}) >= found
    explorer.close()
