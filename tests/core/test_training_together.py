"""Two processes train what one trains."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import load
from together import answers, together
from training_together import CASES, means
from worlds import World

from musicrec.core.distributed import Group
from musicrec.core.explorer import Explorer
from musicrec.core.models.batches import count_rows, pick_rows
from musicrec.core.models.configs import config_for, config_of_run
from musicrec.core.places import Places
from musicrec.core.ragged import Ragged
from musicrec.core.runs import WEIGHTS, read_card, read_history
from musicrec.core.training import resume, train


@dataclass(frozen=True)
class Shared:
    """Runs that two processes trained, and what they measured of them."""

    places: Places
    means: list[dict[str, float]]


@pytest.fixture(scope="module")
def shared(kkbox_world: World, tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """What two processes did together."""
    places = Places(kkbox_world.places.data, tmp_path_factory.mktemp("together"))
    script = Path(__file__).parent / "training_together.py"
    processes = together(2, str(script), str(places.data), str(places.checkpoints))
    written = answers(processes, 300)
    assert [process.returncode for process in processes] == [0, 0], written
    told = [json.loads(out.splitlines()[-1]) for out, _ in written]
    assert [each[:2] for each in told] == [[0, 2], [1, 2]]
    assert told[0][2:] == told[1][2:]  # what both decide by
    return Shared(places, told[0][3])


@pytest.mark.parametrize("case", CASES)
def test_losses_and_validation_are_those_of_one_process(
    case: str, shared: Shared, kkbox_world: World, tmp_path: Path
) -> None:
    model, settings = CASES[case]
    alone = Places(tmp_path, tmp_path)
    card = train(kkbox_world.data, model, config_for(model, "reference", settings), alone, case, "cpu")
    one, two = read_history(alone, case), read_history(shared.places, case)
    assert [each.loss for each in two] == pytest.approx([each.loss for each in one], rel=1e-4)
    assert [each.validation for each in two] == pytest.approx([each.validation for each in one], rel=1e-3)
    kept = read_card(shared.places, case)
    assert config_of_run(model, kept.config) == config_of_run(model, card.config)
    assert (kept.status, kept.epochs, kept.parameters) == (card.status, card.epochs, card.parameters)


def test_a_training_that_stops_and_goes_on_ends_where_one_that_never_stopped_does(shared: Shared) -> None:
    first, second = (load((shared.places.run(name) / WEIGHTS).read_bytes()) for name in ("straight", "halted"))
    assert all(torch.equal(first[name], second[name]) for name in first)
    losses = [[each.loss for each in read_history(shared.places, name)] for name in ("straight", "halted")]
    assert losses[0] == losses[1]
    assert len(losses[0]) == 3


def test_two_processes_measure_as_one_does(shared: Shared) -> None:
    explorer = Explorer.open(shared.places, None, "cpu")
    alone = means(explorer, list(CASES))
    explorer.close()
    assert len(alone) == len(shared.means) == len(CASES) + 2  # item-kNN and popularity stand beside them
    for one, two in zip(alone, shared.means, strict=True):
        assert two == pytest.approx(one, rel=1e-9, nan_ok=True)


def test_one_process_goes_on_with_what_two_began(shared: Shared, kkbox_world: World) -> None:
    card = resume(kkbox_world.data, shared.places, "ncf", 3, "cpu")
    assert (card.status, card.epochs) == ("finished", 3)


@pytest.mark.parametrize(("count", "size"), [(10, 3), (2, 4), (0, 2), (7, 1)])
def test_parts_follow_one_another_and_are_alike(count: int, size: int) -> None:
    parts = [Group(rank, size).part(count) for rank in range(size)]
    assert [at for first, end in parts for at in range(first, end)] == list(range(count))
    lengths = [end - first for first, end in parts]
    assert max(lengths) - min(lengths) <= 1


@dataclass(frozen=True)
class Batch:
    """A batch with a part of each kind."""

    ids: torch.Tensor
    plays: Ragged
    inner: Batch | None = None
    name: str = "batch"


def test_rows_are_picked_of_every_part() -> None:
    inner = Batch(torch.tensor([7, 8, 9]), Ragged.of([[1], [], [2, 3]]))
    batch = Batch(torch.tensor([4, 5, 6]), Ragged.of([[1, 2], [3], []]), inner)
    found = pick_rows(batch, torch.tensor([1, 2]))
    assert count_rows(batch) == 3
    assert (found.ids.tolist(), found.plays.values.tolist(), found.plays.offsets.tolist()) == ([5, 6], [3], [0, 1, 1])
    assert (found.inner.ids.tolist(), found.inner.plays.values.tolist()) == ([8, 9], [2, 3])
    with pytest.raises(ValueError, match="method `rows`"):
        pick_rows(
            Batch(torch.arange(3), Ragged.of([[1]] * 3), Batch(torch.arange(2), Ragged.of([[1]] * 2))),
            torch.tensor([0]),
        )
