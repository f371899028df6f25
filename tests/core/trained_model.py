"""A model that was trained on a sample, as the classes of the contract ask it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from worlds import World

from musicrec.core.dataset import Listeners
from musicrec.core.explorer import Explorer
from musicrec.core.models.base import Scorer
from musicrec.core.models.configs import config_for
from musicrec.core.places import Places
from musicrec.core.records import Recommendations, RunCard
from musicrec.core.training import train
from musicrec.core.weights import load_model

CPU = torch.device("cpu")


class TrainedModel:
    """`settings` train on a sample in a second; `board_settings` recover the diagonal of a checkerboard."""

    model: str
    settings: dict[str, Any]
    board_settings: dict[str, Any]
    board = "checkerboard"
    personal = True  # ranks differently for different listeners
    learns_from_chance = True  # starts from random weights
    reads_order = False  # the same plays in another order score differently
    reads_facts = False  # age, gender and city count

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


def listed(answer: Recommendations) -> list[tuple[str, float]]:
    return [(item.song.id, item.score) for item in answer.items]


def held_out_of(explorer: Explorer, listener: str) -> set[str]:
    return {play.song.id for play in explorer.plays(listener) if play.split == "test"}
