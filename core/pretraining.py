"""Trainings that begin with others: NeuMF from GMF and MLP (He et al., WWW 2017, §3.4.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from musicrec.core import training
from musicrec.core.dataset import Dataset
from musicrec.core.errors import UsageError
from musicrec.core.models.base import GradientModel
from musicrec.core.models.configs import Config, NCFConfig
from musicrec.core.models.ncf import NCF
from musicrec.core.models.pretraining import start_from
from musicrec.core.models.registry import choose_device
from musicrec.core.places import Places
from musicrec.core.records import RunCard
from musicrec.core.runs import check_name, free_name, run_names
from musicrec.core.series import earlier
from musicrec.core.watch import Watch
from musicrec.core.weights import load_model


def train(
    data: Dataset,
    model: str,
    config: Config,
    places: Places,
    run: str | None = None,
    device: str = "auto",
    watch: Watch | None = None,
    told: Callable[[RunCard], object] = lambda card: None,
) -> RunCard:
    """Train as `training.train` does; where `config` asks for pretraining, train gmf and mlp first.

    These are runs of their own, RUN-gmf and RUN-mlp, trained by adam, and `told` of as they end. What is there of them
    already is kept and gone on with: after an interrupt, whose card is the run that it met, the same call goes on.
    Raises UsageError where one of the names belongs to another training, and what `training.train` raises.
    """
    if not (isinstance(config, NCFConfig) and config.pretrain):
        return training.train(data, model, config, places, run, device, watch)
    name = check_name(run) if run else free_name(places, f"{model}-{data.name}")
    if name in run_names(places):
        raise UsageError(f"run {name} exists already: choose another --name, or go on with it by --resume {name}")
    alone = replace(config, pretrain=False, optimizer="adam", lr=config.pretrain_lr)
    cards = []
    for branch in ("gmf", "mlp"):
        card = _train_branch(data, branch, alone, places, f"{name}-{branch}", device, watch)
        if card.status == "interrupted":
            return card
        told(card)
        cards.append(card)

    def initialise(neumf: GradientModel) -> None:
        gmf, mlp = (load_model(places, card, data, choose_device(device)) for card in cards)
        assert isinstance(neumf, NCF)
        assert isinstance(gmf, NCF)
        assert isinstance(mlp, NCF)
        start_from(neumf, gmf, mlp, config.alpha)

    return training.train(data, model, config, places, name, device, watch, initialise)


def _train_branch(
    data: Dataset, branch: str, config: NCFConfig, places: Places, run: str, device: str, watch: Watch | None
) -> RunCard:
    there = earlier(places, run, branch, config, data)
    if there is None:
        return training.train(data, branch, config, places, run, device, watch)
    return there if there.status == "finished" else training.resume(data, places, run, None, device, watch)
