"""NCF trained by the compiled kernel: what goes into it from a model and torch's Adam, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from musicrec.core.kernels import lazy_adam, pair_steps
from musicrec.core.models.ncf import NCF

_TOGETHER = 65_536  # pairs laid out at once, about: some hundredths of a second

Floats = NDArray[np.float32]


class FusedSteps:
    """The steps of a pass by `kernels.pair_steps`. Between passes model and optimiser are as torch would have them."""

    def __init__(self, model: NCF, optimizer: torch.optim.Optimizer) -> None:
        self.model, self.optimizer = model, optimizer
        layers = [each for each in model.hidden if isinstance(each, nn.Linear)]
        widths = [layers[0].in_features, *(each.out_features for each in layers)] if layers else [0]
        self.widths = np.array([_filled(each) for each in widths], np.int64)
        self.places = _places(model, layers, self.widths)
        self.dense_size = sum(_filled(int(np.prod(shape))) for _, shape, _ in self.places)

    def steps(self, generator: torch.Generator, rates: Sequence[float]) -> Iterator[tuple[int, Tensor]]:
        """Take the steps of a pass with learning rates `rates`, and yield how many and their summed loss ()."""
        drawn, model = self.model.drawn(generator), self.model
        listeners, songs, negatives, order = (
            each.numpy() for each in (drawn.listeners, drawn.songs, drawn.negatives, drawn.order)
        )
        empty = np.zeros(0, np.float32)
        correction = empty if drawn.correction is None else drawn.correction.numpy()
        size, before = min(model.config.batch_size, len(order)), self._step()
        oldest, last = before + 1, before + len(rates)
        at = np.arange(oldest, last + 1, dtype=np.float64)
        pace, root = np.array(rates) / (1 - lazy_adam.BETA1**at), 1 / np.sqrt(1 - lazy_adam.BETA2**at)
        powers = np.arange(len(rates) + 2, dtype=np.float64)[:, None]
        decays = (np.array([lazy_adam.BETA1, lazy_adam.BETA2]) ** powers).astype(np.float32)
        faded = np.zeros((len(rates), 5))
        embeddings = (model.listener_table.weight, model.song_table.weight)
        tables = tuple(self._packed_table(each) for each in embeddings)
        latest = tuple(np.full(len(each), before, np.int64) for each in tables)
        dense = self._packed_dense()
        most = min(size, max(map(len, tables)))
        sums = np.zeros((lazy_adam.HORIZON + 1, 5))
        room = (
            np.zeros((2, most, tables[0].shape[2]), np.float32),
            np.zeros(self.dense_size, np.float32),
            sums,
        )
        shape = (model.gmf_size, model.mlp_size, bool(model.config.bias), self.widths)
        together = size * max(1, _TOGETHER // size)
        seen = tuple(np.full((len(each), 2), -1, np.int64) for each in tables)
        total, done = 0.0, 0

        def lay_out(start: int) -> tuple[Any, ...]:
            part = order[start : start + together]
            batches = -(-len(part) // size)
            rows, slots = np.empty((2, len(part)), np.int32), np.empty((2, len(part)), np.int32)
            counts = np.empty((2, batches), np.int64)
            pair_steps.lay_out(part, listeners, songs, negatives, size, seen, start // size, rows, slots, counts)
            return part, rows, slots, counts

        with ThreadPoolExecutor(1) as pool:
            ahead = pool.submit(lay_out, 0)
            for start in range(0, len(order), together):
                part, rows, slots, counts = ahead.result()
                if start + together < len(order):
                    ahead = pool.submit(lay_out, start + together)
                total += pair_steps.take_steps(
                    shape, tables, latest, dense, part, len(songs), size, rows, slots, counts, correction,
                    oldest + done, oldest, pace, root, decays, faded, room,
                )  # fmt: skip
                done += counts.shape[1]
                yield done, torch.tensor(total)
        for table, known, embedding in zip(tables, latest, embeddings, strict=True):
            pair_steps.bring_up_to_date(table, known, last, oldest, pace, root, decays, faded, sums)
            self._unpack(embedding, table[:, :, : embedding.shape[1]].transpose(1, 0, 2), last)
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
        packed = torch.zeros(len(weight), 3, _filled(weight.shape[1]))
        for kind, values in enumerate(self._three(weight)):
            packed[:, kind, : weight.shape[1]] = values
        return packed.numpy()

    def _packed_dense(self) -> Floats:
        packed, start = torch.zeros(3, self.dense_size), 0
        for parameter, shape, part in self.places:
            end = start + _filled(int(np.prod(shape)))
            for kind, values in enumerate(self._three(parameter)):
                room = packed[kind, start : start + int(np.prod(shape))].view(shape)
                own = values[part] if values.dim() == 1 else values[:, part].T
                room[tuple(slice(each) for each in own.shape)] = own
            start = end
        return packed.numpy()

    def _unpack_dense(self, dense: Floats, step: int) -> None:
        packed, start = torch.from_numpy(dense), 0
        for parameter, shape, part in self.places:
            for kind, values in enumerate(self._three(parameter)):
                room = packed[kind, start : start + int(np.prod(shape))].view(shape)
                own = values[part] if values.dim() == 1 else values[:, part].T
                own.copy_(room[tuple(slice(each) for each in own.shape)])
            self.optimizer.state[parameter]["step"].fill_(step)
            start += _filled(int(np.prod(shape)))

    def _unpack(self, parameter: Tensor, values: Floats, step: int) -> None:
        for own, new in zip(self._three(parameter), values, strict=True):
            own.copy_(torch.from_numpy(new))
        self.optimizer.state[parameter]["step"].fill_(step)


def _filled(width: int) -> int:
    return -(-width // 16) * 16


def _places(
    model: NCF, layers: list[nn.Linear], widths: NDArray[np.int64]
) -> list[tuple[Tensor, tuple[int, ...], slice]]:
    # The dense parameters in the order of the kernel: each with its shape there, and which of its inputs are meant
    places: list[tuple[Tensor, tuple[int, ...], slice]] = []
    every = slice(None)
    for layer, inputs, outputs in zip(layers, widths[:-1], widths[1:], strict=True):
        places.append((layer.weight, (int(inputs), int(outputs)), every))
        places.append((layer.bias, (int(outputs),), every))
    head, gmf = model.head, model.gmf_size
    for part, size in ((slice(gmf), gmf), (slice(gmf, None), model.head.in_features - gmf)):
        if size:
            places.append((head.weight, (_filled(size), 1), part))
    places.append((head.bias, (1,), every))
    return places
