"""Models of pairs trained by the compiled kernel: what goes in of a model and torch's Adam, and what comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from musicrec.core.kernels import lazy_adam, pair_gradients, pair_steps
from musicrec.core.models.mf import MF
from musicrec.core.models.ncf import NCF
from musicrec.core.threads import Crew, threads

_TOGETHER = 65_536  # pairs laid out at once, about: some hundredths of a second
_NOTES = 2**28  # bytes, at most, of the notes of all threads that help

Floats = NDArray[np.float32]


class FusedSteps:
    """The steps of a pass by `kernels.pair_steps`. Between passes model and optimiser are as torch would have them."""

    def __init__(self, model: NCF | MF, optimizer: torch.optim.Optimizer) -> None:
        self.model, self.optimizer, self.dot = model, optimizer, isinstance(model, MF)
        layers = [each for each in getattr(model, "hidden", ()) if isinstance(each, nn.Linear)]
        head: tuple[Tensor | None, Tensor]
        if isinstance(model, NCF):
            self.gmf_size, self.mlp_size, self.bias = model.gmf_size, model.mlp_size, bool(model.config.bias)
            head, last = (model.head.weight, model.head.bias), model.head.in_features
        else:
            self.gmf_size, self.mlp_size, self.bias = model.config.factors, 0, True
            head, last = (None, model.bias), model.config.factors
        mlp, gmf = _filled(self.mlp_size), _filled(self.gmf_size)
        after = _filled(layers[-1].out_features) if layers else 0
        outputs = [*(_filled(each.out_features) for each in layers), 16]
        self.inputs = np.array([2 * mlp, *outputs[:-2], after + gmf] if layers else [gmf], np.int64)
        self.outputs = np.array(outputs, np.int64)
        self.dense_size = int(((self.inputs + 4) * self.outputs).sum())
        # Where the columns of a table, and the inputs of the first layer and of the head, stand in the kernel
        in_gmf, in_mlp = torch.arange(self.gmf_size), torch.arange(self.mlp_size)
        self.columns = torch.cat([mlp + in_gmf, in_mlp, torch.tensor([mlp + self.gmf_size])[: int(self.bias)]])
        places = [torch.cat([in_mlp, mlp + in_mlp]), *(torch.arange(each.in_features) for each in layers[1:])]
        places[len(layers) :] = [torch.cat([after + in_gmf, torch.arange(last - self.gmf_size)])]
        weighed = [*((each.weight, each.bias) for each in layers), head]
        self.layers = [(weight, bias, where) for (weight, bias), where in zip(weighed, places, strict=True)]

    def steps(self, generator: torch.Generator, rate: Callable[[int], float]) -> Iterator[tuple[int, Tensor]]:
        """Take the steps of a pass, the i-th at learning rate `rate(i)`; yield how many and their summed loss ()."""
        drawn, model = self.model.drawn(generator), self.model
        plays = drawn.listeners.numpy(), model.rows_of(drawn.songs).numpy(), model.rows_of(drawn.negatives).numpy()
        order = drawn.order.numpy()
        correction = np.zeros(0, np.float32) if drawn.correction is None else model.by_row(drawn.correction).numpy()
        size, before = min(model.config.batch_size, len(order)), self._step()
        rates = np.array([rate(step) for step in range(-(-len(order) // size))])  # far fewer than what is drawn by now
        oldest, last = before + 1, before + len(rates)
        at = np.arange(oldest, last + 1, dtype=np.float64)
        pace, root = rates / (1 - lazy_adam.BETA1**at), 1 / np.sqrt(1 - lazy_adam.BETA2**at)
        powers = np.arange(len(rates) + 2, dtype=np.float64)[:, None]
        decays = (np.array([lazy_adam.BETA1, lazy_adam.BETA2]) ** powers).astype(np.float32)
        group = self.optimizer.param_groups[0]
        lost = rates * (group["weight_decay"] if isinstance(self.optimizer, torch.optim.AdamW) else 0)
        kept = np.concatenate([[0.0], np.cumsum(np.log1p(-lost))])
        schedule, faded = (oldest, pace, root, decays, kept), np.zeros((len(rates), 5))
        embeddings = (model.listener_table.weight, model.song_table.weight)
        tables = tuple(self._packed_table(each) for each in embeddings)
        dense = self._packed_dense()
        latest = tuple(np.full(len(each), before, np.int64) for each in (*tables, dense))
        shape = (self.gmf_size, _filled(self.mlp_size), self.bias, self.dot, self.inputs, self.outputs)
        together = size * max(1, _TOGETHER // size)
        total, done = 0.0, 0
        with ExitStack() as ends:
            # A pool for each, as each has its own notes of what it laid out
            most = min(threads() - 1, _NOTES // (8 * sum(map(len, tables))))
            others = [ends.enter_context(ThreadPoolExecutor(1)) for _ in range(most)]
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
                table, known, last, oldest, pace, root, decays, kept, faded, np.zeros((lazy_adam.HORIZON + 1, 5))
            )
            self._unpack_table(embedding, table, last)
        self._unpack_dense(dense, last)

    def _step(self) -> int:
        state = self.optimizer.state.get(self.layers[-1][1])
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
        for weight, bias, places, rooms in self._rooms(packed):
            for kind, room in enumerate(rooms):
                if weight is not None:
                    room[places, : len(weight)] = self._three(weight)[kind].T
                room[-4, : len(bias)] = self._three(bias)[kind]
        return packed.view(3, -1, pair_gradients.PIECE).transpose(0, 1).contiguous().numpy()

    def _unpack_dense(self, dense: Floats, step: int) -> None:
        for weight, bias, places, rooms in self._rooms(torch.from_numpy(dense).transpose(0, 1).reshape(3, -1)):
            for kind, room in enumerate(rooms):
                if weight is not None:
                    self._three(weight)[kind].copy_(room[places, : len(weight)].T)
                self._three(bias)[kind].copy_(room[-4, : len(bias)])
            for parameter in (weight, bias):
                if parameter is not None:
                    self.optimizer.state[parameter]["step"].fill_(step)

    def _rooms(self, packed: Tensor) -> Iterator[tuple[Tensor | None, Tensor, Tensor, Tensor]]:
        # Each layer's weight and bias, the rows of its inputs, and its matrices (3, inputs + 4, outputs) in `packed`
        start = 0
        for layer, inputs, outputs in zip(self.layers, self.inputs.tolist(), self.outputs.tolist(), strict=True):
            end = start + (inputs + 4) * outputs
            yield *layer, packed[:, start:end].view(3, inputs + 4, outputs)
            start = end


def _filled(width: int) -> int:
    return -(-width // 16) * 16
