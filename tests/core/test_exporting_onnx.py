"""Models as ONNX graphs: ONNX Runtime gives the scores of the model, for batches and histories of any length."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnxruntime
import pytest
import torch
from worlds import World

from musicrec.core import onnx_files
from musicrec.core.dataset import Listeners, take
from musicrec.core.errors import MusicrecError, UsageError
from musicrec.core.models.configs import config_for
from musicrec.core.models.registry import build
from musicrec.core.onnx_files import check_installed, largest_difference, write_onnx
from musicrec.core.onnx_graphs import Graph, inputs_of, make_graph
from musicrec.core.standings import baseline

CPU = torch.device("cpu")
SMALL: dict[str, Any] = {
    "feature_hidden": (16, 8), "embedding_size": 8, "lstm_hidden": 8, "short_term_len": 2, "long_term_len": 3,
}  # fmt: skip
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "ncf": ("ncf", {"factors": 4, "layers": 2, "bias": True, "dropout": 0.5}),
    "lstm": ("dtnmr", SMALL | {"lstm_layers": 2, "song_ids": True}),
    "gru": (
        "dtnmr",
        SMALL
        | {"cell": "gru", "lstm_layers": 1, "short_term_len": 1, "long_term_len": 2}
        | {"rating": "mlp", "use_static": False, "use_behaviours": False},
    ),
    "attention": (
        "dtnmr",
        SMALL | {"cell": "attention", "lstm_layers": 1, "temperature": 0.2, "use_short_term": False},
    ),
    "sasrec": ("sasrec", {"embedding_size": 8, "max_len": 6, "attention_heads": 2, "attention_blocks": 1}),
}


def _built(case: str, world: World, seed: int = 3) -> Any:
    torch.manual_seed(seed)
    name, chosen = CASES[case]
    model = build(name, config_for(name, chosen=chosen), world.data)
    with torch.no_grad():  # as far from their start as training takes them
        for weights in model.parameters():
            weights.add_(0.1 * torch.randn_like(weights))
    return model.eval()


def _states(world: World) -> tuple[Listeners, ...]:
    """Batches of one and of many, a listener who played nothing, one who played once, one who played a lot."""
    past = world.data.past("test")
    cut = torch.tensor([0, 1, 2, 40])
    some = torch.tensor([3, 9, 1, 0])
    lengths = torch.minimum(cut, past.songs.lengths[some])
    short = Listeners(past.ids[some], past.songs.prefixes(some, lengths), past.behaviours.prefixes(some, lengths))
    rows = torch.arange(len(past))
    return short, take(short, torch.tensor([0])), take(past, rows[5:6]), take(past, rows[10:33])


@pytest.mark.parametrize("case", CASES)
def test_a_graph_gives_the_scores_of_the_model(case: str, kkbox_world: World, tmp_path: Path) -> None:
    data, model, path = kkbox_world.data, _built(case, kkbox_world), tmp_path / "model.onnx"
    scorer, graph = model.scorer(data), make_graph(model, CASES[case][0], data)
    write_onnx(graph, data.past("test"), path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    assert [each.name for each in session.get_inputs()] == list(graph.inputs)
    for state in _states(kkbox_world):
        songs = torch.arange(len(state)) * 5 % data.song_count
        expected = scorer.scores(state)
        if graph.output == "logit":
            expected = expected.gather(1, songs[:, None]).squeeze(1)
        taken = {name: value.numpy() for name, value in inputs_of(graph, state, songs).items()}
        found = torch.from_numpy(session.run([graph.output], taken)[0])
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
    if case in ("ncf", "lstm"):
        past = data.past("test")
        apart = largest_difference(path, graph, scorer, past)
        assert apart is not None
        assert apart < 1e-5
        other = _built(case, kkbox_world, seed=4).scorer(data)
        with pytest.raises(MusicrecError, match="other scores than the model"):
            largest_difference(path, graph, other, past)


def test_what_fills_a_row_does_not_count(kkbox_world: World) -> None:
    data = kkbox_world.data
    graph = make_graph(_built("lstm", kkbox_world), "dtnmr", data)
    state = take(data.past("test"), torch.tensor([0, 30, 59]))
    inputs = inputs_of(graph, state, torch.tensor([0, 0, 0]))
    filler = torch.arange(inputs["songs"].shape[1]) >= inputs["length"][:, None]
    assert bool(filler.any())
    other = inputs | {"songs": inputs["songs"].masked_fill(filler, 17), "behaviours": inputs["behaviours"] * ~filler}
    with torch.no_grad():
        assert torch.equal(graph.module(*inputs.values()), graph.module(*other.values()))


def test_the_inputs_are_described(kkbox_world: World) -> None:
    graph = make_graph(_built("ncf", kkbox_world), "ncf", kkbox_world.data)
    assert list(graph.meanings) == ["listener", "song"]
    assert inputs_of(graph, take(kkbox_world.data.past("test"), torch.tensor([4])), torch.tensor([8])) == {
        "listener": torch.tensor([4]),
        "song": torch.tensor([8]),
    }


def test_other_models_have_no_graph(kkbox_world: World) -> None:
    model = build("popularity", config_for("popularity"), kkbox_world.data)
    with pytest.raises(UsageError, match="popularity has no ONNX graph: ncf, gmf"):
        make_graph(model, "popularity", kkbox_world.data)


def test_a_package_that_is_missing_is_named(
    kkbox_world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(onnx_files, "find_spec", lambda name: None if name in ("onnxscript", "onnxruntime") else name)
    with pytest.raises(MusicrecError, match=r"onnxscript: pip install 'musicrec\[onnx\]'"):
        check_installed()
    data = kkbox_world.data
    graph = Graph(torch.nn.Identity(), (), "scores")
    assert largest_difference(tmp_path, graph, baseline("popularity", data, CPU), data.past("test")) is None
