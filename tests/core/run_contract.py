"""What every model must keep: runs that load as they were, that any seed repeats, and that know no future."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load
from torch import Tensor
from trained_model import CPU, TrainedModel
from worlds import World

from musicrec.core.dataset import Listeners
from musicrec.core.errors import WrongDataset
from musicrec.core.explorer import Explorer
from musicrec.core.models.base import FittedModel
from musicrec.core.models.configs import config_for
from musicrec.core.models.registry import build
from musicrec.core.places import Places
from musicrec.core.records import RunCard
from musicrec.core.runs import TRAINING, WEIGHTS
from musicrec.core.tensor_files import unpack
from musicrec.core.weights import load_model, save_weights


class RunContract(TrainedModel):
    """A run is its weights, and they are all that training made of the past."""

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
                assert unpack(path, path.parent)["progress"]
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
