"""The scores of NCF, MF and DTNMR for one listener, worked out plainly by torch: every pair, everything anew.

Nothing is folded, kept or split: NCF and MF put each pair through their forward pass, DTNMR embeds every song by its
features, reads both playlists step by step and multiplies. What a model must give is given by this within rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import torch
from torch import Tensor

from musicrec.core.dataset import Dataset
from musicrec.core.models.base import Model
from musicrec.core.models.configs import config_for
from musicrec.core.models.dtnmr import DTNMR
from musicrec.core.models.registry import build
from musicrec.core.records import RunCard

SEED, CHUNK = 7, 8192
# 8 factors and 3 layers for NCF; the other two as they are trained by default
PRESETS = {"ncf": "reference", "mf": "default", "dtnmr": "default"}


def untrained(name: str, data: Dataset) -> Model:
    """Return a model whose weights are drawn: how long scores take does not depend on them."""
    torch.manual_seed(SEED)
    model = build(name, config_for(name, PRESETS[name]), data).eval()
    if name != "dtnmr":  # as they begin, pairs score all but alike
        with torch.no_grad():
            for each in model.parameters():
                each.normal_(std=0.3)
    return model


def card_of(name: str, run: str, data: Dataset, model: Model) -> RunCard:
    """Return what stands in the card of such a run."""
    return RunCard(
        name=run,
        model=name,
        dataset=data.name,
        fingerprint=data.fingerprint,
        config=asdict(config_for(name, PRESETS[name])),
        seed=SEED,
        device="cpu",
        created=datetime(2020, 1, 1),
        status="finished",
        epochs=1,
        best_epoch=1,
        seconds=0.0,
        parameters=sum(each.numel() for each in model.parameters()),
        metrics={},
    )


@torch.no_grad()
def plain_pairs(model: Any, data: Dataset, listener: int) -> Tensor:
    """Score every song for a listener by NCF or MF, pair by pair: (S,)."""
    number = torch.tensor(listener)
    return torch.cat([model(number.expand(len(part)), part) for part in torch.arange(data.song_count).split(CHUNK)])


@torch.no_grad()
def plain_vectors(model: DTNMR) -> Tensor:
    """Embed every song by its features: (S, E)."""
    return torch.cat([model.song_vectors(chunk) for chunk in torch.arange(len(model.song_bags)).split(CHUNK)])


@torch.no_grad()
def plain_dtnmr(
    model: DTNMR, vectors: Tensor, listener: int, songs: Sequence[int], behaviours: Sequence[int]
) -> Tensor:
    """Score all songs, which have `vectors`, for a listener who played `songs`, oldest first: (S,).

    Each has its behaviour. For the default's parts and its dot product.
    """
    bags, static = model.song_bags, model.static_bags
    union = {code for song in songs for code in row(bags, song)}
    inputs = [row(static, listener), sorted(union)]
    x = model.usfc.bias
    for table, codes in zip(model.usfc.tables, inputs, strict=True):
        assert isinstance(table, torch.nn.EmbeddingBag)
        x = x + table.weight[codes].sum(0)
    for layer in model.usfc.layers:
        x = layer(torch.relu(x))
    for length in model.config.playlists if songs else ():
        steps = vectors[list(songs[-length:])]
        if model.udfc.behaviours:
            kinds = torch.nn.functional.one_hot(torch.tensor(behaviours[-length:]), model.udfc.behaviours)
            steps = torch.cat([steps, kinds.to(steps.dtype)], dim=1)
        assert isinstance(model.udfc.lstm, torch.nn.Module)
        states, _ = model.udfc.lstm(steps[None])
        x = x + model.udfc.out(states[0, -1])
    scores: Tensor = vectors @ x
    return scores


def row(rows: Any, number: int) -> list[int]:
    """Return one row of a Ragged."""
    found: list[int] = rows.values[int(rows.offsets[number]) : int(rows.offsets[number + 1])].tolist()
    return found
