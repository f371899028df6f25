"""What of a model goes into an ONNX graph: a module that takes plain tensors and gives its scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from musicrec.core.dataset import Dataset, Listeners
from musicrec.core.errors import UsageError
from musicrec.core.models.base import Model
from musicrec.core.models.dtnmr import DTNMR, DTNMRScorer
from musicrec.core.models.pairs import PairModel
from musicrec.core.models.sasrec import SASRec
from musicrec.core.ragged import Ragged

PAIR, STATE = ("listener", "song"), ("listener", "songs", "behaviours", "length")
_MEANINGS = {
    "listener": "int64 (batch): number of the listener in listeners.parquet",
    "song": "int64 (batch): number of the song in songs.parquet",
    "songs": "int64 (batch, plays): numbers of the songs played so far, oldest first, then any to fill the row",
    "behaviours": "int64 (batch, plays): how each was found, the place of the name in `behaviours`, then any",
    "length": "int64 (batch): how many of `songs` were played",
}


@dataclass(frozen=True, slots=True)
class Graph:
    """A module in evaluation mode on the CPU, the names of what it takes, and of what it gives."""

    module: nn.Module
    inputs: tuple[str, ...]
    output: str

    @property
    def meanings(self) -> dict[str, str]:
        """Say what every input holds."""
        return {name: _MEANINGS[name] for name in self.inputs}

    @property
    def gives(self) -> str:
        """Say what the output holds."""
        if self.output == "logit":
            return "float32 (batch): the score of each pair"
        return "float32 (batch, songs): the score of every song by its number, of those played, too"


def check_graph(model: Model, name: str) -> None:
    """Raise UsageError where `model`, called `name`, has no graph."""
    if not isinstance(model, PairModel | DTNMR | SASRec):
        raise UsageError(f"{name} has no ONNX graph: ncf, gmf, mlp, mf, dtnmr and sasrec have; leave out --onnx")


def make_graph(model: Model, name: str, data: Dataset) -> Graph:
    """Return what of `model`, called `name` and on the CPU, goes into a graph. Raises as `check_graph` does."""
    check_graph(model, name)
    model.eval()
    match model:
        case PairModel():
            return Graph(model, PAIR, "logit")
        case DTNMR():
            return Graph(DTNMRGraph(model, data).eval(), STATE, "scores")
        case SASRec():
            return Graph(SASRecGraph(model).eval(), ("songs", "length"), "scores")
    raise AssertionError(f"{name} passed as a model with a graph")


def inputs_of(graph: Graph, state: Listeners, songs: Tensor) -> dict[str, Tensor]:
    """Make what the graph takes of listeners (B,) and, for pairs, of as many `songs` (B,)."""
    filled = {
        "listener": state.ids,
        "song": songs,
        "songs": _wide(state.songs.padded()),
        "behaviours": _wide(state.behaviours.padded()),
        "length": state.songs.lengths,
    }
    return {name: filled[name] for name in graph.inputs}


class DTNMRGraph(nn.Module):
    """Scores of the whole catalogue from all that listeners played: the model with its rows of unequal length filled.

    The song vectors are computed once and stand in the graph.
    """

    def __init__(self, model: DTNMR, data: Dataset) -> None:
        super().__init__()
        scorer = cast(DTNMRScorer, model.scorer(data))
        self.config, self.rating = model.config, model.rating
        self.register_buffer("vectors", scorer.vectors)
        self.register_buffer("rated", scorer.rated)
        if self.config.use_static:
            self.usfc = model.usfc
            self.sizes = [cast(nn.EmbeddingBag, table).num_embeddings for table in model.usfc.tables]
            self.register_buffer("static", _filled(model.static_bags, self.sizes[0]))
            self.register_buffer("features", _filled(model.song_bags, self.sizes[1]))
        if self.config.playlists:
            self.udfc = model.udfc

    def forward(self, listener: Tensor, songs: Tensor, behaviours: Tensor, length: Tensor) -> Tensor:
        """Return the scores (B, S) of listeners (B,) who played `songs` (B, N), of which `length` (B,) count."""
        parts = [self._static(listener, songs, length)] if self.config.use_static else []
        parts += [self._playlist(songs, behaviours, length, steps) for steps in self.config.playlists]
        listeners, rated = torch.stack(parts), cast(Tensor, self.rated)
        if self.rating.linear:
            return self.rating.every(listeners, rated)
        return self.rating.own(listeners, rated.expand(listeners.shape[1], -1, -1))

    def _static(self, listener: Tensor, songs: Tensor, length: Tensor) -> Tensor:
        there = torch.arange(songs.shape[1]) < length[:, None]
        union = cast(Tensor, self.features)[songs].masked_fill(~there[:, :, None], self.sizes[1]).flatten(1)
        x: Tensor = self.usfc.bias
        codes = (cast(Tensor, self.static)[listener], union)
        for table, size, each in zip(self.usfc.tables, self.sizes, codes, strict=True):
            # A set of codes as a row of 0 and 1; the last place is that of codes that only fill
            hot = torch.zeros(each.shape[0], size + 1).scatter(1, each.long(), 1.0)[:, :size]
            x = x + hot @ cast(nn.EmbeddingBag, table).weight
        for layer in self.usfc.layers:
            x = layer(torch.relu(x))
        return x

    def _playlist(self, songs: Tensor, behaviours: Tensor, length: Tensor, steps: int) -> Tensor:
        lengths, at = _window(songs, length, steps)
        vectors = F.embedding(songs.gather(1, at), cast(Tensor, self.vectors))
        out: Tensor = self.udfc(vectors, behaviours.gather(1, at), lengths)
        return out


class SASRecGraph(nn.Module):
    """Scores of the whole catalogue from all that listeners played."""

    def __init__(self, model: SASRec) -> None:
        super().__init__()
        self.model = model
        self.register_buffer("vectors", model.all_vectors().detach())

    def forward(self, songs: Tensor, length: Tensor) -> Tensor:
        """Return the scores (B, S) of listeners who played `songs` (B, N), of which `length` (B,) count."""
        lengths, at = _window(songs, length, self.model.config.max_len)
        states = self.model.states(songs.gather(1, at))
        last = (lengths - 1).clamp(min=0)[:, None, None].expand(-1, 1, states.shape[2])
        state = states.gather(1, last).squeeze(1) * (lengths > 0)[:, None]
        return state @ cast(Tensor, self.vectors).T + self.model.bias


def _window(songs: Tensor, length: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    # How many of the last `steps` plays there are (B,), and where they are (B, steps), filled on the right
    lengths = length.clamp(max=steps)
    at = (length - lengths)[:, None] + torch.arange(steps)
    return lengths, at.clamp(max=songs.shape[1] - 1)


def _filled(bags: Ragged, size: int) -> Tensor:
    # int32, as half of the memory counts where songs are many
    return _wide(bags.padded(size)).int()


def _wide(rows: Tensor) -> Tensor:
    # torch.export takes a dimension of 0 or 1 for one that is always so
    return F.pad(rows, (0, max(0, 2 - rows.shape[1])))
