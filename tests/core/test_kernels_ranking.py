"""The compiled loops of ranking: the scores of the model itself, exact tops and exact places."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_datasets import dataset

from musicrec.core import compiled_ranking
from musicrec.core.models.ncf import NCF
from musicrec.core.models.ncf_config import NCFConfig
from musicrec.core.models.ncf_scorer import NCFScorer
from musicrec.core.ordering import Order, best

loops = pytest.importorskip("musicrec.core.kernels.ranking", reason="there is no numba for this Python")

SONGS = 333  # no multiple of a block
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
@pytest.mark.parametrize(
    ("branches", "chosen"),
    [
        (("gmf", "mlp"), {}),
        (("gmf", "mlp"), {"bias": True, "factors": 5, "layers": 2}),
        (("mlp",), {"factors": 3, "layers": 4}),
        (("mlp",), {"bias": True, "layers": 1}),
    ],
)
def test_scores_are_those_of_the_model(branches: tuple[str, ...], chosen: dict[str, Any], threads: int) -> None:
    scorer = _scorer(branches, **chosen)
    past = scorer.data.past("test")
    plain, songs = scorer.scores(past), torch.tensor([[3, SONGS - 1, 3], [0, 64, 63], [9, 7, 5], [1, 2, 3]])
    of_songs = scorer.scores_of(past, songs)
    pairs = scorer.model(past.ids.repeat_interleave(SONGS), torch.arange(SONGS).repeat(len(past.ids)))
    scorer.expect(1e12)
    torch.set_num_threads(threads)
    assert torch.allclose(scorer.scores(past), pairs.view(-1, SONGS), atol=1e-5)
    assert torch.allclose(scorer.scores(past), plain, atol=1e-5)
    assert torch.allclose(scorer.scores_of(past, songs), of_songs, atol=1e-5)
    assert torch.allclose(of_songs, plain.gather(1, songs), atol=1e-5)


@pytest.mark.usefixtures("ready")
def test_threads_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = _scorer(("gmf", "mlp"))
    monkeypatch.setattr("musicrec.core.models.folded_network._BLOCKS", 1)
    scorer.expect(1e12)
    found = []
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        found.append(scorer.scores(scorer.data.past("test")))
    torch.set_num_threads(1)
    assert torch.equal(found[0], found[1])
    assert torch.equal(found[0], found[2])


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
@given(table=st.lists(rows, min_size=1, max_size=4), k=st.integers(0, 12), data=st.data())
def test_held_out_songs_are_counted_against_all(table: list[list[float]], k: int, data: st.DataObject) -> None:
    width = min(map(len, table))
    scores = np.array([row[:width] for row in table], np.float32)
    held = [data.draw(st.lists(st.integers(0, width - 1), max_size=3)) for _ in table]
    offsets = np.cumsum([0, *map(len, held)])
    values = np.array([scores[row, at] for row, places in enumerate(held) for at in places], np.float32)
    higher, tied = np.empty((2, len(values)), np.int64)
    lists = np.empty((len(table), k), np.int64)
    loops.place_rows(scores, values, offsets, higher, tied, lists, 0, len(table))
    owner = np.repeat(np.arange(len(table)), np.diff(offsets))
    assert higher.tolist() == (scores[owner] > values[:, None]).sum(1).tolist()
    assert tied.tolist() == (scores[owner] == values[:, None]).sum(1).tolist()
    for own, found in zip(scores, lists, strict=True):
        wanted = best(torch.from_numpy(own), min(k, width)).tolist()
        there = [at for at in wanted if own[at] > -np.inf]
        assert found.tolist() == there + [-1] * (k - len(there))


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
