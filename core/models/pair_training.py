"""NCF trained by the compiled kernel: what goes into it from a model and torch's Adam, and what comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from musicrec.core.kernels import lazy_adam, pair_gradients, pair_steps
from musicrec.core.models.ncf import NCF
from musicrec.core.threads import Crew, threads

_TOGETHER = 65_536  # pairs laid out at once, about: some hundredths of a second

Floats = NDArray[np.float32]


class FusedSteps:
    """The steps of a pass by `kernels.pair_steps`. Between passes model and optimiser are as torch would have them."""

    def __init__(self, model: NCF, optimizer: torch.optim.Optimizer) -> None:
        self.model, self.optimizer = model, optimizer
        layers = [each for each in model.hidden if isinstance(each, nn.Linear)]
        mlp, gmf = _filled(model.mlp_size), _filled(model.gmf_size)
        after = _filled(layers[-1].out_features) if layers else 0
        outputs = [*(_filled(each.out_features) for each in layers), 16]
        self.inputs = np.array([2 * mlp, *outputs[:-2], after + gmf] if layers else [gmf], np.int64)
        self.outputs = np.array(outputs, np.int64)
        self.dense_size = int(((self.inputs + 4) * self.outputs).sum())
        # Where the columns of a table, and the inputs of the first layer and of the head, stand in the kernel
        in_gmf, in_mlp = torch.arange(model.gmf_size), torch.arange(model.mlp_size)
        self.columns = torch.cat([mlp + in_gmf, in_mlp, torch.tensor([mlp + model.gmf_size])[: int(model.config.bias)]])
        places = [torch.cat([in_mlp, mlp + in_mlp]), *(torch.arange(each.in_features) for each in layers[1:])]
        of_head = torch.cat([after + in_gmf, torch.arange(model.head.in_features - model.gmf_size)])
        self.layers = list(zip([*layers, model.head], [*places[: len(layers)], of_head], strict=True))

    def steps(self, generator: torch.Generator, rates: Sequence[float]) -> Iterator[tuple[int, Tensor]]:
        """Take the steps of a pass with learning rates `rates`, and yield how many and their summed loss ()."""
        drawn, model = self.model.drawn(generator), self.model
        plays = drawn.listeners.numpy(), drawn.songs.numpy(), drawn.negatives.numpy()
        order = drawn.order.numpy()
        correction = np.zeros(0, np.float32) if drawn.correction is None else drawn.correction.numpy()
        size, before = min(model.config.batch_size, len(order)), self._step()
        oldest, last = before + 1, before + len(rates)
        at = np.arange(oldest, last + 1, dtype=np.float64)
        pace, root = np.array(rates) / (1 - lazy_adam.BETA1**at), 1 / np.sqrt(1 - lazy_adam.BETA2**at)
        powers = np.arange(len(rates) + 2, dtype=np.float64)[:, None]
        decays = (np.array([lazy_adam.BETA1, lazy_adam.BETA2]) ** powers).astype(np.float32)
        schedule, faded = (oldest, pace, root, decays), np.zeros((len(rates), 5))
        embeddings = (model.listener_table.weight, model.song_table.weight)
        tables = tuple(self._packed_table(each) for each in embeddings)
        dense = self._packed_dense()
        latest = tuple(np.full(len(each), before, np.int64) for each in (*tables, dense))
        shape = (model.gmf_size, _filled(model.mlp_size), bool(model.config.bias), self.inputs, self.outputs)
        together = size * max(1, _TOGETHER // size)
        total, done = 0.0, 0
        with ExitStack() as ends:
            # A pool for each, as each has its own notes of what it laid out
            others = [ends.enter_context(ThreadPoolExecutor(1)) for _ in range(threads() - 1)]
            crew = Crew(len(others))
            seen = [tuple(np.full((len(each), 2), -1, np.int32) for each in tables) for _ in range(1 + len(others))]
            for start in range(0, len(order), together):
                part = order[start : start + together]
                laid, room, counters = pair_steps.rooms_for(len(part), size, tables[0].shape[2], len(dense))
                losses = np.zeros(len(laid[-1]))
                work = partial(
                    pair_steps.take_steps, shape, tables, latest, dense, plays, part, size, correction, oldest + done,
                    schedule, faded, losses, laid,
                )  # fmt: skip
                begun, pools = time.perf_counter(), others[: crew.wanted()]
                helping = [pool.submit(work, own, room, counters) for pool, own in zip(pools, seen[1:], strict=False)]
                work(seen[0], room, counters)
                for each in helping:
                    each.result()
                crew.took(len(pools), len(part), time.perf_counter() - begun)
                total += float(losses.sum())
                done += len(losses)
                yield done, torch.tensor(total)
        for table, known, embedding in zip(tables, latest[:2], embeddings, strict=True):
            lazy_adam.bring_up_to_date(
                table, known, last, oldest, pace, root, decays, faded, np.zeros((lazy_adam.HORIZON + 1, 5))
            )
            self._unpack_table(embedding, table, last)
        self._unpack_dense(dense, last)

    def _step(self) -> int:
        state = self.optimizer.state.get(self.model.head.bias)
        return int(state["step"]) if state else 0

    def _three(self, parameter: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        # The weights and both moments
        state = self.optimizer.state[parameter]
        if not state:
            state["step"] = torch.zeros((), dtype=torch.float32)
            state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(parameter), torch.zeros_like(parameter)
        return parameter.detach(), state["exp_avg"], state["exp_avg_sq"]

    def _packed_table(self, weight: Tensor) -> Floats:
        packed = torch.zeros(len(weight), 3, _filled(int(self.columns.max()) + 1))
        for kind, values in enumerate(self._three(weight)):
            packed[:, kind, self.columns] = values
        return packed.numpy()

    def _unpack_table(self, weight: Tensor, table: Floats, step: int) -> None:
        for kind, values in enumerate(self._three(weight)):
            values.copy_(torch.from_numpy(table)[:, kind, self.columns])
        self.optimizer.state[weight]["step"].fill_(step)

    def _packed_dense(self) -> Floats:
        packed = torch.zeros(3, -(-self.dense_size // pair_gradients.PIECE) * pair_gradients.PIECE)
        for layer, places, rooms in self._rooms(packed):
            for weight, bias, room in zip(self._three(layer.weight), self._three(layer.bias), rooms, strict=True):
                room[places, : len(weight)] = weight.T
                room[-4, : len(bias)] = bias
        return packed.view(3, -1, pair_gradients.PIECE).transpose(0, 1).contiguous().numpy()

    def _unpack_dense(self, dense: Floats, step: int) -> None:
        for layer, places, rooms in self._rooms(torch.from_numpy(dense).transpose(0, 1).reshape(3, -1)):
            for weight, bias, room in zip(self._three(layer.weight), self._three(layer.bias), rooms, strict=True):
                weight.copy_(room[places, : len(weight)].T)
                bias.copy_(room[-4, : len(bias)])
            for parameter in (layer.weight, layer.bias):
                self.optimizer.state[parameter]["step"].fill_(step)

    def _rooms(self, packed: Tensor) -> Iterator[tuple[nn.Linear, Tensor, Tensor]]:
        # Each layer, the rows of its inputs, and its matrices (3, inputs + 4, outputs) in the dense parameters
        start = 0
        for (layer, places), inputs, outputs in zip(
            self.layers, self.inputs.tolist(), self.outputs.tolist(), strict=True
        ):
            end = start + (inputs + 4) * outputs
            yield layer, places, packed[:, start:end].view(3, inputs + 4, outputs)
            start = end


def _filled(width: int) -> int:
    return -(-width // 16) * 16
