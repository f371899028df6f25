"""Training: one loop for every model trained by gradient steps, and one call for the others."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import datetime
from importlib.metadata import version

import torch

from musicrec.core.claims import claimed, reclaimed
from musicrec.core.dataset import TRAIN, Dataset
from musicrec.core.distributed import current, failing_together
from musicrec.core.errors import MusicrecError, UsageError
from musicrec.core.evaluation import ndcg
from musicrec.core.models.base import FittedModel, GradientModel, Model
from musicrec.core.models.configs import Config, GradientConfig, config_of_run
from musicrec.core.models.pairs import PairModel
from musicrec.core.models.registry import build, choose_device
from musicrec.core.passes import METRIC as METRIC
from musicrec.core.passes import Passes, validation_task
from musicrec.core.places import Places
from musicrec.core.records import RunCard
from musicrec.core.runs import read_card, write_card
from musicrec.core.tasks import protocol_negatives
from musicrec.core.watch import Watch
from musicrec.core.weights import check_dataset, save_weights


def train(
    data: Dataset,
    model_name: str,
    config: Config,
    places: Places,
    run: str | None = None,
    device: str = "auto",
    watch: Watch | None = None,
    initialise: Callable[[GradientModel], None] | None = None,
) -> RunCard:
    """Train a model and keep its best epoch as a run; `initialise` may give it other weights to start from.

    KeyboardInterrupt during training keeps the best epoch so far and returns a card with status `interrupted`. Raises
    UsageError for a name that is taken, MusicrecError where training cannot go on.
    """
    with ExitStack() as held:
        return _begun(held, data, model_name, config, places, run, device, watch or Watch(), initialise)


def _begun(
    held: ExitStack,
    data: Dataset,
    model_name: str,
    config: Config,
    places: Places,
    run: str | None,
    device: str,
    watch: Watch,
    initialise: Callable[[GradientModel], None] | None,
) -> RunCard:
    with failing_together():
        name = held.enter_context(claimed(places, run, f"{model_name}-{data.name}"))
        if not int((data.split == TRAIN).sum()):
            raise MusicrecError(f"dataset {data.name} has no training plays")
        torch.manual_seed(config.seed)
        where = choose_device(device)
        model = build(model_name, config, data).to(where)
        card = _card(name, model_name, config, data, model, where)
        if isinstance(model, FittedModel):
            if current().size > 1:
                raise UsageError(f"{model_name} is computed in one go by one process: train it without torchrun")
            return _fit(model, data, card, places, watch)
        assert isinstance(model, GradientModel)
        assert isinstance(config, GradientConfig)
        if initialise is not None:
            initialise(model)
        spare_negatives(model, data)
    return Passes(model, config, data, card, places, where, watch).run()


def resume(
    data: Dataset, places: Places, run: str, epochs: int | None = None, device: str = "auto", watch: Watch | None = None
) -> RunCard:
    """Go on with a run where it stopped, for up to `epochs` passes in all.

    On the CPU the weights end as if it had never stopped. Raises NotFound where there is nothing to go on from,
    UsageError where no pass is left.
    """
    with ExitStack() as held:
        return _gone_on_with(held, data, places, run, epochs, device, watch or Watch())


def _gone_on_with(
    held: ExitStack, data: Dataset, places: Places, run: str, epochs: int | None, device: str, watch: Watch
) -> RunCard:
    with failing_together():
        read_card(places, run)
        held.enter_context(reclaimed(places, run))
        card = read_card(places, run)
        check_dataset(card, data.name, data.fingerprint)
        config = config_of_run(card.model, card.config | ({} if epochs is None else {"epochs": epochs}))
        if not isinstance(config, GradientConfig):
            raise UsageError(f"run {run}: {card.model} is computed in one go, there is nothing to resume")
        torch.manual_seed(config.seed)
        where = choose_device(device)
        model = build(card.model, config, data).to(where)
        assert isinstance(model, GradientModel)
        card = replace(card, config=asdict(config), device=str(where))
        spare_negatives(model, data)
    training = Passes(model, config, data, card, places, where, watch)
    with failing_together():
        training.restore()
        training.check_left()
    return training.run()


def spare_negatives(model: GradientModel, data: Dataset) -> None:
    """Keep the songs of the sampled protocol out of the negatives of `model`, where it is told to.

    Raises UsageError where the protocol cannot be drawn.
    """
    count = model.config.spare_negatives if isinstance(model, PairModel) else 0
    if not count or not len(data.held_out("test").values):
        return
    assert isinstance(model, PairModel)
    try:
        model.spare(*protocol_negatives(data, "test", count))
    except MusicrecError as error:
        problem = f"the {count} songs of the sampled protocol cannot be kept out of training ({error})"
        raise UsageError(f"{problem}: choose --spare-negatives 0") from error


def _fit(model: FittedModel, data: Dataset, card: RunCard, places: Places, watch: Watch) -> RunCard:
    started = time.perf_counter()
    model.fit(data)
    task = validation_task(data, GradientConfig(seed=card.seed))
    device = torch.device(card.device)
    best = {} if task is None else {METRIC: ndcg(model.eval().scorer(data), task, device)}
    save_weights(places, card.name, model.state_dict())
    seconds = round(time.perf_counter() - started, 3)
    card = replace(card, status="finished", epochs=1, best_epoch=1, seconds=seconds, metrics=best)
    write_card(places, card)
    watch.saved(card)
    return card


def _card(name: str, model_name: str, config: Config, data: Dataset, model: Model, device: torch.device) -> RunCard:
    return RunCard(
        name=name,
        model=model_name,
        dataset=data.name,
        fingerprint=data.fingerprint,
        config=asdict(config),
        seed=config.seed,
        device=str(device),
        created=datetime.now(),
        status="training",
        epochs=0,
        best_epoch=0,
        seconds=0.0,
        parameters=sum(each.numel() for each in model.parameters()),
        metrics={},
        versions={"musicrec": version("musicrec"), "torch": torch.__version__, "python": platform.python_version()},
    )
