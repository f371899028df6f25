"""The compiled loops of ranking: the scores of the model itself, exact tops and exact places."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_datasets import dataset
from torch.nn import functional

from musicrec.core import compiled_ranking
from musicrec.core.dataset import take
from musicrec.core.errors import MusicrecError
from musicrec.core.models.mf import MF
from musicrec.core.models.mf_config import MFConfig
from musicrec.core.models.ncf import NCF
from musicrec.core.models.ncf_config import NCFConfig
from musicrec.core.models.ncf_scorer import NCFScorer
from musicrec.core.ordering import Order, best
from musicrec.core.placing import place
from musicrec.core.ragged import Ragged, offsets_of

loops = pytest.importorskip("musicrec.core.kernels.ranking", reason="there is no numba for this Python")
folded_network = pytest.importorskip("musicrec.core.models.folded_network")
NarrowCatalogue = folded_network.NarrowCatalogue
catalogue_search = pytest.importorskip("musicrec.core.models.catalogue_search")

SONGS = 333  # no multiple of a block
BUILT: list[tuple[tuple[str, ...], dict[str, Any]]] = [
    (("gmf", "mlp"), {}),
    (("gmf", "mlp"), {"bias": True, "factors": 5, "layers": 2}),
    (("mlp",), {"factors": 3, "layers": 4}),
    (("mlp",), {"bias": True, "layers": 1}),
]
# Few distinct scores make many ties; -inf is no candidate
rows = st.lists(st.sampled_from([-torch.inf, -2.0, 0.0, 0.5, 3.0]), min_size=1, max_size=200)


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ranking use the loops in this test alone."""
    monkeypatch.setattr(compiled_ranking, "_loops", loops)


def _scorer(branches: tuple[str, ...], **chosen: Any) -> NCFScorer:
    torch.manual_seed(5)
    model = NCF(NCFConfig(**chosen), dataset([[0, 1], [5], [2, 9], [8]], SONGS), branches).eval()
    with torch.no_grad():
        for each in model.parameters():
            each.normal_(std=0.5)
    return NCFScorer(model, dataset([[0, 1], [5], [2, 9], [8]], SONGS))


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("branches", "chosen"), BUILT)
def test_scores_are_those_of_the_model(
    branches: tuple[str, ...], chosen: dict[str, Any], threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    scorer = _scorer(branches, **chosen)
    past = scorer.data.past("test")
    plain, songs = scorer.scores(past), torch.tensor([[3, SONGS - 1, 3], [0, 64, 63], [9, 7, 5], [1, 2, 3]])
    of_songs = scorer.scores_of(past, songs)
    pairs = scorer.model(past.ids.repeat_interleave(SONGS), torch.arange(SONGS).repeat(len(past.ids)))
    scorer.expect(1e12)
    monkeypatch.setenv("MUSICREC_THREADS", str(threads))
    assert torch.allclose(scorer.scores(past), pairs.view(-1, SONGS), atol=1e-5)
    assert torch.allclose(scorer.scores(past), plain, atol=1e-5)
    assert torch.allclose(scorer.scores_of(past, songs), of_songs, atol=1e-5)
    assert torch.allclose(of_songs, plain.gather(1, songs), atol=1e-5)


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("count", [1, 16, 33, 64, 100, 200])
def test_chosen_songs_score_to_the_bit_what_they_score_in_the_catalogue(count: int) -> None:
    scorer = _scorer(("gmf", "mlp"), bias=True, factors=5, layers=3)
    scorer.expect(1e12)
    past = scorer.data.past("test")
    songs = torch.randint(SONGS, (len(past.ids), count), generator=torch.Generator().manual_seed(count))
    assert torch.equal(scorer.scores_of(past, songs), scorer.scores(past).gather(1, songs))


@pytest.mark.usefixtures("ready")
def test_scores_are_the_same_in_room_that_is_given() -> None:
    compiled = _scorer(("gmf", "mlp"))
    compiled.expect(1e12)
    factorised = MF(MFConfig(), dataset([[0, 1], [5], [2, 9], [8]], SONGS)).eval().scorer(compiled.data)
    for scorer in (compiled, factorised):
        room = torch.full((9, SONGS), torch.nan)
        past = scorer.data.past("test")
        assert torch.equal(scorer.scores_in(past, room), scorer.scores(past))
        assert torch.equal(room[: len(past.ids)], scorer.scores(past))
        assert bool(room[len(past.ids) :].isnan().all())


@pytest.mark.usefixtures("ready")
def test_threads_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = _scorer(("gmf", "mlp"))
    monkeypatch.setattr("musicrec.core.models.folded_network._BLOCKS", 1)
    scorer.expect(1e12)
    found = []
    for threads in (1, 2, 3):
        monkeypatch.setenv("MUSICREC_THREADS", str(threads))
        found.append(scorer.scores(scorer.data.past("test")))
    assert torch.equal(found[0], found[1])
    assert torch.equal(found[0], found[2])


@pytest.mark.usefixtures("ready")
@settings(max_examples=150, deadline=None)
@given(
    kind=st.integers(0, 3), large=st.booleans(), k=st.integers(1, 40), threads=st.integers(1, 3),
    levels=st.sampled_from([0, 0, 1, 3, 150]), heard=st.sets(st.integers(0, SONGS - 1), max_size=60),
    share=st.sampled_from([None, 0.0, 0.02, 0.5, 1.0]),
)  # fmt: skip
def test_the_best_songs_are_those_of_sorting_all_scores(
    kind: int, large: bool, k: int, threads: int, levels: int, heard: set[int], share: float | None
) -> None:
    scorer = _ready(kind, large, levels)
    listener = take(scorer.data.past("test"), torch.tensor([k % 4]))
    allowed = None if share is None else torch.rand(SONGS, generator=torch.Generator().manual_seed(k)) < share
    row = scorer.scores(listener)[0]
    candidate = torch.ones(SONGS, dtype=torch.bool) if allowed is None else allowed.clone()
    candidate[list(heard)] = False
    wanted = best(row.masked_fill(~candidate, -torch.inf), k)[: int(candidate.sum())]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue_search, "_SONGS", 100)
        patch.setattr(catalogue_search, "_PART", 1)
        patch.setenv("MUSICREC_THREADS", str(threads))
        torch.set_num_threads(threads)
        found = scorer.best(listener, len(wanted), torch.tensor(sorted(heard), dtype=torch.int64), allowed)
        torch.set_num_threads(1)
    assert found is not None
    assert torch.equal(found[0], wanted)
    assert torch.equal(found[1], row[wanted])


def test_the_best_are_searched_on_the_threads_that_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer, helpers = _ready(0, False, 0), []
    monkeypatch.setattr(catalogue_search, "_SONGS", 1)
    monkeypatch.setattr(catalogue_search, "alongside", lambda work, count: helpers.append(count))
    listener, heard = take(scorer.data.past("test"), torch.tensor([1])), torch.tensor([], dtype=torch.int64)
    for allowed, of_torch in ((1, 2), (3, 2), (3, 1)):
        monkeypatch.setenv("MUSICREC_THREADS", str(allowed))
        monkeypatch.setattr(torch, "get_num_threads", lambda most=of_torch: most)
        scorer.best(listener, 3, heard, None)
    assert helpers == [0, 1, 0]


@cache
def _ready(kind: int, large: bool, levels: int) -> NCFScorer:
    branches, chosen = BUILT[kind]
    scorer = _scorer(branches, **chosen)
    if levels:  # songs alike in all that is learned of them make ties
        alike = torch.randint(levels, (SONGS,), generator=torch.Generator().manual_seed(levels))
        scorer = NCFScorer(_with_songs(scorer.model, alike), scorer.data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled_ranking, "_loops", loops)
        patch.setattr(folded_network, "_LARGE", 0 if large else 1e12)
        scorer.expect(1e12, best=True)
    return scorer


def _with_songs(model: NCF, songs: torch.Tensor) -> NCF:
    with torch.no_grad():
        model.song_table.weight.copy_(model.song_table.weight[songs])
    return model


@pytest.mark.usefixtures("ready")
def test_who_asks_while_the_loops_are_made_ready_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer, padded, asked = _scorer(("gmf", "mlp")), functional.pad, []
    past = scorer.data.past("test")
    plain = scorer.scores(past)

    def pad(*given: Any) -> torch.Tensor:
        asked.append(torch.allclose(scorer.scores(past), plain, atol=1e-5))
        return padded(*given)

    monkeypatch.setattr(functional, "pad", pad)
    scorer.expect(1e12)
    assert len(asked) > 1
    assert all(asked)


@pytest.mark.usefixtures("ready")
def test_the_catalogue_in_16_bits_is_made_for_lists_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    def catalogue(*given: Any) -> Any:
        made.append(NarrowCatalogue(*given))
        return made[-1]

    monkeypatch.setattr(folded_network, "_LARGE", 0)
    monkeypatch.setattr(folded_network, "NarrowCatalogue", catalogue)
    scorer = _scorer(("gmf", "mlp"))
    scorer.expect(1e12)
    scorer.scores(scorer.data.past("test"))
    assert not made
    scorer.expect(1e12, best=True)
    assert len(made) == 1
    scorer.best(take(scorer.data.past("test"), torch.tensor([1])), 3, torch.tensor([], dtype=torch.int64), None)
    assert len(made) == 1


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("wrong", [torch.nan, torch.inf, -torch.inf])
def test_the_best_are_not_told_where_a_score_that_counts_is_no_number(wrong: float) -> None:
    scorer, heard = _scorer(("gmf", "mlp"), bias=True), torch.tensor([], dtype=torch.int64)
    assert scorer.song_bias is not None
    scorer.song_bias[7 if wrong != -torch.inf else slice(None)] = wrong
    scorer.expect(1e12)
    assert scorer.best(take(scorer.data.past("test"), torch.tensor([1])), 3, heard, None) is None


@settings(max_examples=80, deadline=None)
@given(row=rows, k=st.integers(0, 30))
def test_the_best_are_a_sort(row: list[float], k: int) -> None:
    wanted = sorted((at for at, score in enumerate(row) if score > -torch.inf), key=lambda at: (-row[at], at))
    assert loops.find_best(np.array(row, np.float32), k).tolist() == wanted[:k]


@pytest.mark.usefixtures("ready")
def test_a_score_of_minus_infinity_stands_before_what_is_barred() -> None:
    scores, barred = torch.tensor([-torch.inf, 1.0, -torch.inf, 2.0]), torch.tensor([False, False, True, False])
    assert Order(scores, barred).top(4).songs.tolist() == [3, 1, 0]
    assert best(scores, 4).tolist() == [3, 1, 0, 2]


@settings(max_examples=60, deadline=None)
@given(
    width=st.integers(1, 200), rows=st.integers(1, 4), k=st.integers(1, 12), some=st.booleans(), seed=st.integers(0, 99)
)
def test_held_out_songs_are_counted_against_all(width: int, rows: int, k: int, some: bool, seed: int) -> None:
    draw = torch.Generator().manual_seed(seed)
    scores = torch.randint(4, (rows, width), generator=draw).float()
    parts = torch.randint(4, (rows, width), generator=draw)
    let_in = torch.rand(width, generator=draw) < 0.7 if some else None
    candidate = (parts != 1) & (torch.ones(width, dtype=torch.bool) if let_in is None else let_in)
    barred, held = (
        Ragged(each.nonzero()[:, 1], offsets_of(each.sum(1))) for each in (parts == 1, (parts == 2) & candidate)
    )
    plain = place(scores.clone(), barred, let_in, held, k)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled_ranking, "_loops", loops)
        found = place(scores.clone(), barred, let_in, held, k)
    assert torch.equal(found.higher, plain.higher)
    assert torch.equal(found.tied, plain.tied)
    assert torch.equal(found.candidates, plain.candidates)
    assert torch.equal(found.lists, plain.lists)
    for own, there, columns in zip(scores, candidate, found.lists, strict=True):
        wanted = best(own.masked_fill(~there, -torch.inf), min(k, width))[: int(there.sum())].tolist()
        assert columns.tolist() == wanted + [-1] * (k - len(wanted))


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("wrong", [torch.nan, torch.inf, -torch.inf])
def test_scores_that_are_not_numbers_are_told(wrong: float) -> None:
    none = Ragged.of([[], []])
    with pytest.raises(MusicrecError, match="not numbers"):
        place(torch.tensor([[1.0, 2.0], [wrong, 1.0]]), none, None, none, 2)


def test_without_numba_torch_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_ranking, "_loops", None)
    monkeypatch.setattr(compiled_ranking, "find_spec", lambda name: None)
    scorer = _scorer(("gmf", "mlp"))
    scorer.expect(1e12)
    assert compiled_ranking.loops() is None
    assert scorer.scores(scorer.data.past("test")).shape == (4, SONGS)


def test_little_work_compiles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_ranking, "_loops", None)
    assert not compiled_ranking.prepare(1000)
