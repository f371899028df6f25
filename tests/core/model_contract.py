"""What every model must do, whatever it is: a test class of a model inherits this and says how the model is trained."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from safetensors.torch import load
from torch import Tensor
from worlds import World

from musicrec.core.dataset import Listeners, take
from musicrec.core.drafts import Filters
from musicrec.core.errors import NotFound, WrongDataset
from musicrec.core.explorer import Explorer
from musicrec.core.models.base import FittedModel, Scorer
from musicrec.core.models.configs import config_for
from musicrec.core.models.registry import build
from musicrec.core.places import Places
from musicrec.core.records import RunCard
from musicrec.core.runs import TRAINING, WEIGHTS
from musicrec.core.training import train
from musicrec.core.weights import load_model, save_weights

CPU = torch.device("cpu")


class ModelContract:
    """`settings` train on a sample in a second; `board_settings` recover the diagonal of a checkerboard."""

    model: str
    settings: dict[str, Any]
    board_settings: dict[str, Any]
    board = "checkerboard"
    personal = True  # ranks differently for different listeners
    learns_from_chance = True  # starts from random weights

    @pytest.fixture(scope="class")
    def places(self, kkbox_world: World, tmp_path_factory: pytest.TempPathFactory) -> Places:
        return Places(kkbox_world.places.data, tmp_path_factory.mktemp(self.model))

    @pytest.fixture(scope="class")
    def card(self, kkbox_world: World, places: Places) -> RunCard:
        return self.trained(kkbox_world, places, "first")

    @pytest.fixture(scope="class")
    def explorer(self, kkbox_world: World, card: RunCard, places: Places) -> Iterator[Explorer]:
        explorer = Explorer.open(places, kkbox_world.name)
        yield explorer
        explorer.close()

    @pytest.fixture(scope="class")
    def scorer(self, kkbox_world: World, card: RunCard, places: Places) -> Scorer:
        return load_model(places, card, kkbox_world.data, CPU).scorer(kkbox_world.data)

    @pytest.fixture(scope="class")
    def past(self, kkbox_world: World) -> Listeners:
        return kkbox_world.data.past("test")

    def trained(self, world: World, places: Places, run: str, **changed: Any) -> RunCard:
        return train(world.data, self.model, config_for(self.model, chosen=self.settings | changed), places, run, "cpu")

    def test_a_batch_scores_like_its_listeners_one_by_one(self, scorer: Scorer, past: Listeners) -> None:
        together = scorer.scores(past)
        alone = torch.cat([scorer.scores(take(past, torch.tensor([row]))) for row in range(len(past))])
        assert together.dtype == torch.float32
        assert torch.allclose(together, alone, atol=1e-5)

    def test_the_order_of_a_batch_is_irrelevant(self, scorer: Scorer, past: Listeners) -> None:
        order = torch.randperm(len(past), generator=torch.Generator().manual_seed(1))
        assert torch.allclose(scorer.scores(past)[order], scorer.scores(take(past, order)), atol=1e-5)

    def test_parts_add_up_to_the_score(self, scorer: Scorer, past: Listeners) -> None:
        scores = scorer.scores(past)
        songs = torch.randint(scores.shape[1], (len(past), 7), generator=torch.Generator().manual_seed(2))
        parts = scorer.parts(past, songs)
        assert parts.values.shape == (len(past), 7, len(parts.names))
        assert torch.allclose(parts.values.sum(2), scores.gather(1, songs), atol=1e-5)

    def test_the_diagonal_of_a_checkerboard_comes_back(self, request: pytest.FixtureRequest, places: Places) -> None:
        board: World = request.getfixturevalue(self.board)
        config = config_for(self.model, chosen=self.board_settings)
        where = Places(board.places.data, places.checkpoints)
        train(board.data, self.model, config, where, "board", "cpu")
        explorer = Explorer.open(where, board.name)
        best = [explorer.recommend(f"L{i}", "board", k=1).items[0] for i in range(20)]
        explorer.close()
        recovered = sum(item.song.id == f"S{i}" for i, item in enumerate(best))
        assert recovered >= 19 if self.personal else recovered < 10  # chance is 2: 11 candidates each

    def test_heard_songs_come_only_when_asked_for(self, explorer: Explorer) -> None:
        for listener in explorer.find_listeners(limit=5).items:
            past = {play.song.id for play in explorer.plays(listener.id) if play.split != "test"}
            fresh = explorer.recommend(listener.id, "first", k=240)
            assert past.isdisjoint(item.song.id for item in fresh.items)
            assert not any(item.heard for item in fresh.items)
            everything = explorer.recommend(listener.id, "first", k=240, filters=Filters(include_heard=True))
            assert {item.song.id for item in everything.items if item.heard} == past

    def test_asking_for_more_than_the_catalogue_gives_all_of_it(self, explorer: Explorer) -> None:
        listener = explorer.find_listeners(limit=1).items[0]
        past = {play.song.id for play in explorer.plays(listener.id) if play.split != "test"}
        answer = explorer.recommend(listener.id, "first", k=10_000)
        songs = [item.song.id for item in answer.items]
        assert len(songs) == len(set(songs)) == answer.candidates == explorer.dataset.songs - len(past)
        scores = [item.score for item in answer.items]
        assert scores == sorted(scores, reverse=True)
        assert [item.rank for item in answer.items] == list(range(1, len(songs) + 1))

    def test_unknown_listeners_and_songs_are_named(self, explorer: Explorer) -> None:
        known = explorer.find_listeners(limit=1).items[0].id
        for ask in (
            lambda: explorer.recommend("nobody", "first"),
            lambda: explorer.explain("nobody", explorer.find_songs(limit=1).items[0].id, "first"),
            lambda: explorer.explain(known, "nobody", "first"),
            lambda: explorer.similar("nobody", "first"),
        ):
            with pytest.raises(NotFound, match="'nobody'") as problem:
                ask()
            assert "\n" not in str(problem.value)

    def test_an_explanation_adds_up_to_the_recommended_score(self, explorer: Explorer) -> None:
        listener = explorer.find_listeners(limit=1).items[0].id
        best = explorer.recommend(listener, "first", k=1).items[0]
        explained = explorer.explain(listener, best.song.id, "first")
        assert explained.score == pytest.approx(best.score, abs=1e-4)
        assert sum(part.value for part in explained.parts) == pytest.approx(explained.score, abs=1e-6)

    def test_loaded_weights_give_the_same_scores_bit_for_bit(
        self, kkbox_world: World, card: RunCard, places: Places, past: Listeners
    ) -> None:
        data, loaded = kkbox_world.data, load_model(places, card, kkbox_world.data, CPU)
        torch.manual_seed(card.seed + 1)
        fresh = build(self.model, config_for(self.model, chosen=dict(card.config)), data)
        if isinstance(fresh, FittedModel):
            fresh.fit(data)
        for model in (loaded, fresh.eval()):
            save_weights(places, card.name, model.state_dict())
            again = load_model(places, card, data, CPU)
            assert torch.equal(model.scorer(data).scores(past), again.scorer(data).scores(past))
        save_weights(places, card.name, loaded.state_dict())

    def test_the_same_seed_gives_the_same_weights(self, kkbox_world: World, card: RunCard, places: Places) -> None:
        first = _weights(places, card.name)
        same = _weights(places, self.trained(kkbox_world, places, "same").name)
        other = _weights(places, self.trained(kkbox_world, places, "other", seed=card.seed + 1).name)
        assert _equal(first, same)
        assert _equal(first, other) is not self.learns_from_chance

    def test_a_run_refuses_another_dataset(self, card: RunCard, places: Places, checkerboard: World) -> None:
        explorer = Explorer.open(Places(checkerboard.places.data, places.checkpoints), checkerboard.name)
        with pytest.raises(WrongDataset, match=card.name) as problem:
            explorer.recommend("L0", card.name)
        assert "\n" not in str(problem.value)
        assert card.name not in {each.name for each in explorer.runs() if each.problem is None}
        explorer.close()

    def test_nothing_in_a_run_is_pickled(self, card: RunCard, places: Places) -> None:
        files = {path.name: path for path in places.run(card.name).rglob("*") if path.is_file()}
        assert {"run.json", WEIGHTS} <= set(files)
        for name, path in files.items():
            if name == TRAINING:
                torch.load(path, weights_only=True)
            elif path.suffix == ".safetensors":
                assert load(path.read_bytes()) or self.model == "itemknn"
            else:
                assert path.suffix in (".json", ".jsonl")
                for document in [path.read_text()] if path.suffix == ".json" else path.read_text().splitlines():
                    json.loads(document)

    def test_what_is_held_out_changes_nothing(
        self, checkerboard: World, other_future: World, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        weights, scores = [], []
        for world in (checkerboard, other_future):
            places = Places(world.places.data, tmp_path_factory.mktemp("future"))
            card = self.trained(world, places, "run")
            weights.append(_weights(places, card.name))
            scores.append(load_model(places, card, world.data, CPU).scorer(world.data).scores(world.data.past("test")))
        assert checkerboard.data.held_out("test").values.tolist() != other_future.data.held_out("test").values.tolist()
        assert _equal(*weights)
        assert torch.equal(*scores)


def _weights(places: Places, run: str) -> dict[str, Tensor]:
    return load((places.run(run) / WEIGHTS).read_bytes())


def _equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())
