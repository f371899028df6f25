"""Several processes that work on one thing, as torchrun starts them. torch is imported where it is needed."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from musicrec.core.errors import MusicrecError, UsageError

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Group:
    """The processes that work together: this one is number `rank` of `size`, and number `local` on its machine."""

    rank: int = 0
    size: int = 1
    local: int = 0

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes and tells."""
        return self.rank == 0

    def part(self, count: int) -> tuple[int, int]:
        """Where this process's part of `count` things begins and ends: parts follow one another, alike in size."""
        return self.rank * count // self.size, (self.rank + 1) * count // self.size


def started() -> Group:
    """The group as torchrun tells of it in the environment; a process that it did not start is a group alone."""
    told = [os.environ.get(name, "") for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK")]
    if not all(map(str.isdecimal, told)) or "MASTER_ADDR" not in os.environ:
        return Group()
    return Group(*map(int, told))


def current() -> Group:
    """The group that this process has joined; alone where it joined none."""
    from torch import distributed

    if not (distributed.is_available() and distributed.is_initialized()):
        return Group()
    return Group(distributed.get_rank(), distributed.get_world_size(), started().local)


@contextmanager
def joined(device: str) -> Iterator[Group]:
    """Join the group that torchrun started, for work on `device`: by gloo on the CPU, by NCCL between CUDA devices.

    Raises UsageError where the processes of this machine do not have a device each.
    """
    group = started()
    if group.size == 1:
        yield group
        return
    import torch

    if device.partition(":")[0] == "mps" or (device == "auto" and torch.backends.mps.is_available()):
        raise UsageError("several processes train on the CPU or on CUDA devices: choose --device cpu or cuda")
    on_cuda = device != "cpu" and torch.cuda.is_available()
    if on_cuda:
        _take_device(device, group)
    torch.distributed.init_process_group("cpu:gloo,cuda:nccl" if on_cuda else "gloo")
    try:
        yield group
    finally:
        torch.distributed.destroy_process_group()


def _take_device(device: str, group: Group) -> None:
    import torch

    if ":" in device:
        raise UsageError(f"several processes take a CUDA device each: choose --device cuda, not {device}")
    there, here = torch.cuda.device_count(), int(os.environ.get("LOCAL_WORLD_SIZE") or group.size)
    if here > there:
        raise UsageError(f"{here} processes cannot share {there} CUDA devices: use --nproc-per-node {there}")
    torch.cuda.set_device(group.local)


_KEPT = (MusicrecError, OSError, RuntimeError)  # a full disk and a device without memory are among them


@contextmanager
def failing_together() -> Iterator[None]:
    """Let all processes fail where one does, with the one line: each of them comes to the end of this block.

    What the first of them raised, all raise as `MusicrecError`, each at the end of the block; within it nothing is
    exchanged between processes. A process alone raises its own at once.
    """
    if current().size == 1:
        yield
        return
    problem: Exception | None = None
    try:
        yield
    except _KEPT as error:
        problem = error
    fail_together(problem)


def fail_together(problem: Exception | None) -> None:
    """Raise the first problem in all processes where there is one in any; each of them calls this at the same point."""
    import torch

    group = current()
    if group.size == 1:
        if problem is not None:
            raise problem
        return
    told = _told(problem, group.rank) if problem is not None else b""
    counts = gathered(torch.tensor([len(told)])).tolist()
    if not any(counts):
        return
    flat = bytes(gathered(torch.tensor(list(told), dtype=torch.uint8)).tolist())
    first = flat[: next(filter(None, counts))]
    kind = UsageError if first[:1] == b"2" else MusicrecError
    raise kind(first[1:].decode("utf-8", errors="replace")) from problem


def _told(problem: Exception, rank: int) -> bytes:
    # The exit code, then the line
    if isinstance(problem, MusicrecError):
        return f"{problem.exit_code}{problem}".encode("utf-8", errors="replace")
    first = (str(problem).splitlines() or [type(problem).__name__])[0]
    return f"1process {rank} failed: {first}".encode("utf-8", errors="replace")


_interrupted = threading.Event()


@contextmanager
def interrupted_together() -> Iterator[None]:
    """Let no process end alone by Ctrl-C: `Gradients.add_up` raises KeyboardInterrupt in all at the same step."""
    before = signal.signal(signal.SIGINT, lambda *_: _interrupted.set())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        _interrupted.clear()


class Gradients:
    """The gradients of a model, of which each process has computed a part."""

    def __init__(self, model: nn.Module) -> None:
        sparse = {id(each.weight) for each in model.modules() if getattr(each, "sparse", False)}
        self.dense = [each for each in model.parameters() if id(each) not in sparse]
        self.sparse = [each for each in model.parameters() if id(each) in sparse]
        self._problem: Exception | None = None

    @contextmanager
    def keeping_problems(self) -> Iterator[None]:
        """Keep what is raised within for the next `add_up` or `fail`; a process alone raises it at once."""
        if current().size == 1:
            yield
            return
        try:
            yield
        except _KEPT as error:
            self._problem = self._problem or error

    def fail(self) -> None:
        """Raise in all processes the first problem that one of them kept."""
        problem, self._problem = self._problem, None
        fail_together(problem)

    def add_up(self, loss: Tensor) -> Tensor:
        """Put the sum over all processes in the place of each gradient, and return the sum of their losses ().

        A parameter that no process used keeps no gradient. Raises KeyboardInterrupt in all where one was interrupted,
        MusicrecError where one kept a problem.
        """
        import torch
        from torch import distributed

        used = loss.new_tensor([each.grad is not None for each in self.dense])
        asked = loss.new_tensor([_interrupted.is_set(), self._problem is not None])
        parts = [torch.zeros_like(each) if each.grad is None else each.grad for each in self.dense]
        flat = torch.cat([*(part.flatten() for part in parts), used, loss[None], asked])
        distributed.all_reduce(flat)
        *sums, used, loss, asked = torch.split(flat, [*(part.numel() for part in parts), len(parts), 1, 2])
        interrupted, failed = asked.tolist()
        if failed:
            self.fail()
        if interrupted:
            raise KeyboardInterrupt
        for parameter, total, any_used in zip(self.dense, sums, used.tolist(), strict=True):
            parameter.grad = total.view_as(parameter) if any_used else None
        for parameter in self.sparse:
            parameter.grad = _added_rows(parameter)
        return loss[0]


def _added_rows(parameter: Tensor) -> Tensor | None:
    import torch

    gradient = parameter.grad
    if gradient is None:
        rows, values = torch.empty(0, dtype=torch.int64), parameter.new_empty(0, parameter.shape[1])
    else:
        gradient = gradient.coalesce()
        rows, values = gradient.indices()[0], gradient.values()
    rows, values = gathered(rows.to(parameter.device)), gathered(values)
    if not len(rows):
        return None
    return torch.sparse_coo_tensor(rows[None], values, parameter.shape, check_invariants=False)


def gathered(rows: Tensor) -> Tensor:
    """Put together the rows (n, …) of all processes, which may differ in number, by rank; each gets all of them."""
    import torch
    from torch import distributed

    group = current()
    if group.size == 1:
        return rows
    counts = [torch.zeros(1, dtype=torch.int64, device=rows.device) for _ in range(group.size)]
    distributed.all_gather(counts, rows.new_tensor([len(rows)], dtype=torch.int64))
    most = max(int(each) for each in counts)
    padded = rows.new_zeros(most, *rows.shape[1:])
    padded[: len(rows)] = rows
    parts = [torch.empty_like(padded) for _ in range(group.size)]
    distributed.all_gather(parts, padded)
    return torch.cat([part[: int(count)] for part, count in zip(parts, counts, strict=True)])


def gathered_array(parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Put together the rows (n,) or (n, k) of all processes, each of which has them in any number of parts."""
    import numpy as np
    import torch

    if current().size == 1:
        return np.concatenate(parts)
    own = torch.from_numpy(np.concatenate(parts)) if parts else torch.empty(0, dtype=torch.int64)
    width = int(gathered(torch.tensor([own.shape[1] if own.dim() == 2 else 0])).max())
    flat = gathered(own.flatten())
    return (flat.view(-1, width) if width else flat).numpy()


def of_the_first(value: float, device: torch.device) -> float:
    """What the first process says in place of `value`: what all decide by must not differ by a rounding."""
    import torch

    if current().size == 1:  # on any device, also one without double precision
        return value
    told = torch.tensor([value], dtype=torch.float64, device=device)
    torch.distributed.broadcast(told, 0)
    return float(told)


def begin_alike(model: nn.Module, what: bytes, device: torch.device) -> None:
    """Give all processes the weights of the first one.

    Raises MusicrecError where they are not about the same: `what` (n,) describes it in as many bytes everywhere.
    """
    import torch

    told = gathered(torch.frombuffer(bytearray(what), dtype=torch.uint8).to(device)[None])
    if bool((told != told[0]).any()):
        raise MusicrecError("the processes have different datasets, models or parameters: give all of them the same")
    for each in model.state_dict().values():
        torch.distributed.broadcast(each, 0)


def unlike_seed(seed: int, rank: int) -> int:
    """A seed for what must differ between processes; that of the first one is the seed itself."""
    return seed + 1_000_003 * rank


def random_states(device: torch.device) -> list[tuple[Tensor, Tensor]]:
    """The states of torch's generators in all processes, by rank: of the CPU, and of the CUDA device or nothing."""
    import torch

    cpu = _rows(torch.random.get_rng_state())
    if device.type != "cuda":
        return [(each, torch.empty(0, dtype=torch.uint8)) for each in cpu]
    return list(zip(cpu, _rows(torch.cuda.get_rng_state(device)), strict=True))


def _rows(state: Tensor) -> list[Tensor]:
    return [each.clone() for each in gathered(state[None])]  # torch crashes on a state that lies within another tensor
